"""Pictures drawn by program: a function for each kind of picture, from a size and a random number generator."""

import random

from .inside import altar, dome_inner, stained_glass, vault
from .others import (
    document,
    house,
    landscape,
    map_sheet,
    plan,
    portrait,
    score,
    still_life,
    texture,
)
from .outside import apse, bell_tower, column, dome_outer, flying_buttress, gargoyle

ELEMENTS = {
    "altar": altar, "apse": apse, "bell_tower": bell_tower, "column": column, "dome_inner": dome_inner, "dome_outer": dome_outer,
    "flying_buttress": flying_buttress, "gargoyle": gargoyle, "stained_glass": stained_glass, "vault": vault,
}
OTHERS = {
    "document": document, "map": map_sheet, "portrait": portrait, "still_life": still_life, "landscape": landscape,
    "score": score, "plan": plan, "house": house, "texture": texture,
}
KINDS = {**ELEMENTS, **OTHERS}


def draw(kind, seed, size=512):
    """The drawing of this kind with this seed."""
    return KINDS[kind](size, random.Random(f"{kind}/{seed}"))
