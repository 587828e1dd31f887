#!/usr/bin/env python3
"""Makes pictures of the sizes in which they come: derivatives of 512 pixels, and scans of 12 megapixels with the grain of a scanner.

    pip install pillow numpy && pictures.py FOLDER --from PICTURES [--count 100]
"""

import argparse
import pathlib

import numpy as np
from PIL import Image


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--from", dest="source", type=pathlib.Path, required=True, help="JPEG files, in folders")
    arguments.add_argument("--count", type=int, default=100)
    given = arguments.parse_args()
    sources = sorted(given.source.rglob("*.jpg"))
    sources = sources[:: max(1, len(sources) // given.count)][: given.count]
    random = np.random.default_rng(7)
    for name in ("512", "12mp"):
        (given.folder / name).mkdir(parents=True, exist_ok=True)
    for index, path in enumerate(sources):
        picture = Image.open(path).convert("RGB")
        small = picture.copy()
        small.thumbnail((512, 512), Image.Resampling.LANCZOS)
        if max(small.size) < 512:
            by = 512 / max(small.size)
            small = picture.resize((round(picture.width * by), round(picture.height * by)), Image.Resampling.LANCZOS)
        small.save(given.folder / "512" / f"{index:04}.jpg", quality=85)
        size = (4000, 3000) if picture.width >= picture.height else (3000, 4000)
        large = np.asarray(picture.resize(size, Image.Resampling.BICUBIC), np.int16)
        grain = random.normal(0, 4, large.shape[:2] + (1,)).astype(np.int16)
        Image.fromarray(np.clip(large + grain, 0, 255).astype(np.uint8)).save(given.folder / "12mp" / f"{index:04}.jpg", quality=88)
    for name in ("512", "12mp"):
        files = list((given.folder / name).glob("*.jpg"))
        print(name, len(files), "pictures of", sum(f.stat().st_size for f in files) // max(1, len(files)) // 1000, "kB")


main()
