#!/usr/bin/env python3
"""The pictures of the demonstration, drawn by program.

Each drawing shows one architectural element (an altar, an apse, a bell tower ...) or, so that a tagger
can also learn to keep silent, something else (a manuscript page, a map, a portrait, a vase of flowers).
A drawing is a function of a random number generator alone: the same seed gives the same picture. The
seed chooses the stone, the light, the weather, the proportions and the point of view. The drawings
themselves stand in the folder `drawing`. Wants Pillow and numpy.

    draw.py demo OUT             the twelve pictures of the demonstration, 512 pixels wide
    draw.py sheet OUT.png [N]    a contact sheet, N drawings of each kind in a row
    draw.py one KIND SEED OUT    a single drawing
"""

import sys
from pathlib import Path

from PIL import Image

from drawing import ELEMENTS, KINDS, OTHERS, draw

__all__ = ["DEMO", "ELEMENTS", "KINDS", "OTHERS", "draw"]

# What the twelve pictures of the demonstration show, and the seed of each.
DEMO = {
    "altar-with-three-saints": ("altar", 3),
    "apse-of-grey-stone": ("apse", 4),
    "bell-tower-with-red-cupola": ("bell_tower", 5),
    "column-under-a-beam": ("column", 2),
    "dome-of-blue-tiles": ("dome_outer", 7),
    "flying-buttresses-of-the-choir": ("flying_buttress", 3),
    "gargoyle-at-the-cornice": ("gargoyle", 6),
    "lancet-with-standing-figure": ("stained_glass", 4),
    "vault-of-the-nave": ("vault", 5),
    "leaf-with-red-initial": ("document", 2),
    "chart-of-the-drawn-sea": ("map", 3),
    "vase-on-a-white-cloth": ("still_life", 5),
}


def _demo(folder):
    folder.mkdir(parents=True, exist_ok=True)
    for name, (kind, seed) in DEMO.items():
        picture = draw(kind, seed)
        if kind == "document":  # one picture of another format
            picture.quantize(192).save(folder / f"{name}.png", optimize=True)
        else:
            picture.save(folder / f"{name}.jpg", quality=86, optimize=True)


def _sheet_of(path, count):
    side = 160
    sheet = Image.new("RGB", (count * side, len(KINDS) * side))
    for row, kind in enumerate(KINDS):
        for seed in range(count):
            sheet.paste(draw(kind, seed, side), (seed * side, row * side))
    sheet.save(path)


def main(arguments):
    """Reads the command line."""
    if len(arguments) == 2 and arguments[0] == "demo":
        _demo(Path(arguments[1]))
    elif len(arguments) in (2, 3) and arguments[0] == "sheet":
        _sheet_of(arguments[1], int(arguments[2]) if len(arguments) == 3 else 10)
    elif len(arguments) == 4 and arguments[0] == "one":
        draw(arguments[1], int(arguments[2])).save(arguments[3])
    else:
        sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])


if __name__ == "__main__":
    main(sys.argv[1:])
