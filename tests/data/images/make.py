#!/usr/bin/env python3
"""Makes the small pictures of the kinds that our own encoder does not write: `pip install pillow && make.py`."""

import io
import pathlib
import struct

from PIL import Image

HERE = pathlib.Path(__file__).parent
RED, WIDE = (200, 20, 20), (24, 16)


def half(left, right):
    """A picture whose left half has one colour and whose right half another."""
    picture = Image.new("RGB", WIDE, left)
    picture.paste(right, (WIDE[0] // 2, 0, *WIDE))
    return picture


picture = half(RED, (20, 20, 200))
picture.convert("CMYK").save(HERE / "cmyk.jpg", quality=95)
picture.save(HERE / "progressive.jpg", quality=95, progressive=True)
exif = Image.Exif()
exif[0x0112] = 6  # to be turned clockwise: what is stored on the left is to be seen at the top
picture.save(HERE / "turned.jpg", quality=95, exif=exif)
picture.save(HERE / "lossless.webp", lossless=True)
picture.save(HERE / "deflated.tif", compression="tiff_adobe_deflate")
others = [Image.new("RGB", WIDE, (0, 255, 0))] * 3
picture.save(HERE / "moving.gif", save_all=True, append_images=others)
picture.save(HERE / "moving.webp", save_all=True, append_images=others, lossless=True)


def inks():
    """A colour profile for printer's inks, as small as can be: two steps an ink, into Lab."""
    def lab(lightness, a, b):
        return bytes((round(lightness * 2.55), round(a) + 128, round(b) + 128))

    # Lightness and hue of the paper under each ink alone; several darken and mix.
    full = [(55, -37, -50), (48, 74, -3), (89, -5, 93)]
    table = b""
    for corner in range(16):
        c, m, y, k = (corner >> 3) & 1, (corner >> 2) & 1, (corner >> 1) & 1, corner & 1
        lightness, a, b = 100.0, 0.0, 0.0
        for ink, on in zip(full, (c, m, y)):
            if on:
                lightness, a, b = lightness * ink[0] / 100, a + ink[1], b + ink[2]
        if k:
            lightness, a, b = 0, 0, 0
        table += lab(lightness, max(-127, min(127, a)), max(-127, min(127, b)))
    straight = bytes(range(256))
    matrix = struct.pack(">9i", 65536, 0, 0, 0, 65536, 0, 0, 0, 65536)
    lut = b"mft1" + bytes(4) + bytes((4, 3, 2, 0)) + matrix + straight * 4 + table + straight * 3
    text = b"inks"
    description = b"desc" + bytes(4) + struct.pack(">I", len(text) + 1) + text + b"\0" + bytes(4 + 4 + 2 + 1 + 67)
    tags = [
        (b"desc", description),
        (b"cprt", b"text" + bytes(4) + b"CC0\0"),
        (b"wtpt", b"XYZ " + bytes(4) + struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)),
        (b"A2B0", lut),
    ]
    at, directory, body = 128 + 4 + 12 * len(tags), b"", b""
    for name, data in tags:
        directory += name + struct.pack(">II", at + len(body), len(data))
        body += data + bytes(-len(data) % 4)
    rest = struct.pack(">I", len(tags)) + directory + body
    header = struct.pack(">I4sI4s4s4s", 128 + len(rest), bytes(4), 0x02400000, b"prtr", b"CMYK", b"Lab ")
    header += struct.pack(">6H", 2026, 11, 21, 0, 0, 0) + b"acsp" + bytes(4 + 4 + 4 + 4 + 8 + 4)
    header += struct.pack(">3i", 0xF6D6, 0x10000, 0xD32D)
    return (header + bytes(128 - len(header)) + rest)


cyan = Image.new("CMYK", WIDE, (255, 0, 0, 0))
cyan.paste((0, 0, 0, 0), (WIDE[0] // 2, 0, *WIDE))
cyan.save(HERE / "inks.jpg", quality=95, icc_profile=inks())
picture.convert("CMYK").save(HERE / "cmyk.tif", compression="tiff_lzw")
picture.save(HERE / "lossless.jp2", irreversible=False)
large = half(RED, (20, 20, 200)).resize((1200, 800), Image.Resampling.NEAREST)
large.save(HERE / "large.jp2", irreversible=True, quality_layers=[80], num_resolutions=6)
Image.new("L", WIDE, 77).save(HERE / "grey.jp2")
deep = Image.new("I;16", WIDE, 0x4D4D)
deep.save(HERE / "deep.tif")
turned = large.copy()
turned.save(HERE / "large.jpg", quality=80, exif=exif)
turned.save(HERE / "large-progressive.jpg", quality=80, progressive=True, subsampling=0)
large.convert("L").save(HERE / "large-grey.jpg", quality=80)
large.convert("CMYK").save(HERE / "large-cmyk.jpg", quality=80)
# What calls itself something else, and what is two things at once.
page = b"<html><body>not a picture</body></html>"
(HERE / "page.jpg").write_bytes(page)
kept = io.BytesIO()
picture.save(kept, "PNG")
(HERE / "polyglot.png").write_bytes(kept.getvalue() + b"PK\x03\x04" + page)
