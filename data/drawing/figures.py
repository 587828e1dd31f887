"""Small figures that stand in a retable or a gable."""

from .canvas import GILDING, light, ring, smooth


def robed_figure(c, x, foot, height, halo=False):
    """A robed figure, seen from the front."""
    rng = c.rng
    robe = rng.choice([(178, 44, 46), (54, 84, 160), (226, 214, 190), (84, 120, 72), (150, 96, 50)])
    skin = rng.choice([(224, 180, 146), (198, 148, 112), (150, 106, 80)])
    w, head = height * 0.22, height * 0.09
    if halo:
        c.disc(x, foot - height + head, head * 1.8, head * 1.8, *GILDING)
    c.relief(smooth([(x - w, foot), (x - w * 0.9, foot - height * 0.45), (x - w * 0.75, foot - height * 0.74),
                     (x, foot - height * 0.84), (x + w * 0.75, foot - height * 0.74), (x + w * 0.9, foot - height * 0.45),
                     (x + w, foot)], 6), (light(robe, 1.2), light(robe, 0.45)), height * 0.05)
    cloak = rng.choice([(44, 66, 130), (160, 40, 40), (210, 170, 80)])
    c.relief([(x - w * 0.8, foot - height * 0.72), (x + w * 0.1, foot - height * 0.5), (x - w * 0.1, foot), (x - w * 1.05, foot)],
             (light(cloak, 1.2), light(cloak, 0.45)), height * 0.04)
    c.relief(ring(x, foot - height + head, head * 0.8, head, steps=20), (skin, light(skin, 0.5)), head * 0.4)
