#!/usr/bin/env python3
"""Makes the small pictures of the kinds that our own encoder does not write: `pip install pillow && make.py`."""

import pathlib

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
