"""Architectural elements as they are seen from outside, under the sky."""

import math

from PIL import Image

from .canvas import GILDING, ROOFS, STONES, Canvas, arch, box, light, mix, ring, smooth
from .figures import robed_figure


def apse(size, rng):
    """The round east end of a Romanesque church from outside: a half cylinder with narrow windows under a half cone."""
    c = Canvas(size, rng)
    horizon = rng.uniform(800, 880)
    c.clouds(horizon)
    stone, roof = rng.choice(STONES), rng.choice(ROOFS)
    for _ in range(rng.randint(0, 3)):
        c.tree(rng.choice([rng.uniform(0, 150), rng.uniform(850, 1000)]), horizon + 5, rng.uniform(160, 330))
    c.ground(horizon)
    cx, radius = rng.uniform(450, 550), rng.uniform(240, 310)
    eaves, foot = rng.uniform(390, 460), horizon + 20
    bow = radius * rng.uniform(0.10, 0.2)
    nave, gable = radius * rng.uniform(1.05, 1.3), eaves - rng.uniform(190, 260)
    choir = [(cx - nave, foot - 20), (cx - nave, eaves - 60), (cx, gable - 60), (cx + nave, eaves - 60), (cx + nave, foot - 20)]
    c.fill(choir, mix(*stone, 0.25), mix(*stone, 0.55))
    c.masonry(choir, 24)
    c.line([(cx - nave - 25, eaves - 44), (cx, gable - 64), (cx + nave + 25, eaves - 44)], light(roof, 0.8), 22)
    c.fill(arch(cx - 22, cx + 22, gable + 50, gable + 110), (38, 34, 40))
    c.shadow(box(cx - radius, eaves - 80, cx + radius, eaves + 30), 0.35, 30)
    cone = [(cx - radius - 16, eaves)] + ring(cx, eaves, radius + 16, bow, 180, 0) + [(cx + 20, gable + 130), (cx - 20, gable + 130)]
    c.fill(cone, light(roof, 1.25), light(roof, 0.45), axis="round")
    for k in range(-9, 10):
        angle = math.radians(k * 9.6)
        c.line([(cx + k * 2, gable + 130), (cx + (radius + 16) * math.sin(angle), eaves + bow * math.cos(angle))], light(roof, 0.6), 3)
    body = [(cx - radius, eaves)] + ring(cx, eaves, radius, bow, 180, 0) + list(reversed(ring(cx, foot, radius, bow, 180, 0)))
    c.fill(body, light(stone[0], 1.05), light(stone[1], 0.75), axis="round")
    for row in range(1, int((foot - eaves) / 25) + 1):  # courses that follow the curve
        y = eaves + row * 25
        c.line(ring(cx, y, radius, bow, 178, 2), mix(*stone, 0.62), 2)
        for _ in range(9):
            angle = math.radians(rng.uniform(-85, 85))
            x = cx + radius * math.sin(angle)
            c.line([(x, y + bow * math.cos(angle)), (x, y + 25 + bow * math.cos(angle))], mix(*stone, 0.66), 2)
    c.line(ring(cx, eaves + 8, radius + 8, bow, 180, 0), light(stone[0], 0.9), 16)
    _apse_openings(c, cx, eaves, radius, bow, foot, stone)
    c.line(ring(cx, foot - 14, radius + 7, bow, 180, 0), mix(*stone, 0.4), 26)
    c.shadow(ring(cx + c.sun * -70, foot + bow, radius + 60, 22), 0.4, 12)
    return c.finish()


def _apse_openings(c, cx, eaves, radius, bow, foot, stone):
    """The windows, pilasters and hanging arches of an apse, turned with its curve."""
    rng = c.rng
    pointed = rng.random() < 0.3
    count = rng.choice([3, 5, 5])
    spread = 62 if count == 5 else 45
    tall = rng.uniform(120, 200)
    for k in range(count):  # windows
        angle = math.radians((k - (count - 1) / 2) * 2 * spread / (count - 1))
        x, turn, sag = cx + radius * math.sin(angle), math.cos(angle), bow * math.cos(angle)
        wide, top = 30 * turn, eaves + rng.uniform(108, 112) + sag
        c.fill(arch(x - wide * 1.7, x + wide * 1.7, top, top + tall + 16, pointed), light(stone[0], 0.95), mix(*stone, 0.5))
        c.fill(arch(x - wide, x + wide, top + 12, top + tall, pointed), (26, 24, 32), (58, 54, 62))
    for k in range(count + 1):  # pilasters between them
        angle = math.radians((k - count / 2) * 2 * spread / (count - 1))
        x, turn, sag = cx + radius * math.sin(angle), math.cos(angle), bow * math.cos(angle)
        c.fill(box(x - 13 * turn, eaves + 20 + sag, x + 13 * turn, foot + sag), light(stone[0], 1.05), mix(*stone, 0.8), axis="round")
    for k in range(-10, 11):  # the arched frieze under the eaves
        angle = math.radians(k * 8.2)
        x, turn, sag = cx + radius * math.sin(angle), math.cos(angle), bow * math.cos(angle)
        c.fill(arch(x - 14 * turn, x + 14 * turn, eaves + 40 + sag, eaves + 56 + sag), mix(*stone, 0.85), mix(*stone, 0.6))


def bell_tower(size, rng):
    """A tower in storeys, its bells showing in the openings of the topmost."""
    c = Canvas(size, rng)
    horizon = rng.uniform(850, 960)
    c.clouds(horizon)
    stone, roof = rng.choice(STONES), rng.choice(ROOFS)
    c.ground(horizon)
    for _ in range(rng.randint(0, 4)):
        c.tree(rng.uniform(0, 1000), horizon + 5, rng.uniform(120, 260))
    cx, half = rng.uniform(420, 580), rng.uniform(95, 140)
    top, foot = rng.uniform(250, 330), horizon + 10
    if rng.random() < 0.65:  # the church that it belongs to
        side = rng.choice([-1, 1])
        wall = [(cx, horizon - 200), (cx + side * 420, horizon - 200), (cx + side * 420, foot), (cx, foot)]
        c.fill(wall, mix(*stone, 0.2), mix(*stone, 0.5))
        c.masonry(wall, 24)
        c.fill([(cx, horizon - 330), (cx + side * 380, horizon - 330), (cx + side * 450, horizon - 195), (cx, horizon - 195)],
               light(roof, 1.1), light(roof, 0.7))
        for k in range(3):
            x = cx + side * (210 + 80 * k)
            c.fill(arch(x - 16, x + 16, horizon - 140, horizon - 60), (34, 32, 40))
    lean, depth = rng.uniform(0.80, 0.98), half * rng.uniform(0.35, 0.7)
    dark_side = -c.sun
    storeys = rng.choice([3, 4, 4])
    for k in range(storeys):
        y0, y1 = top + (foot - top) * k / storeys, top + (foot - top) * (k + 1) / storeys
        w0, w1 = (half * (lean + (1 - lean) * (y - top) / (foot - top)) for y in (y0, y1))
        front = [(cx - w0, y0), (cx + w0, y0), (cx + w1, y1), (cx - w1, y1)]
        flank = [(cx + dark_side * w0, y0), (cx + dark_side * (w0 + depth), y0 + 8), (cx + dark_side * (w1 + depth), y1 - 6), (cx + dark_side * w1, y1)]
        c.fill(flank, mix(*stone, 0.75), stone[1])
        c.fill(front, light(stone[0], 1.03), mix(*stone, 0.28))
        c.masonry(front, 20, strength=0.22)
        c.masonry(flank, 20, strength=0.22)
        c.fill(box(cx - w0 - 10, y0 - 6, cx + w0 + 10, y0 + 10), light(stone[0], 1.1), mix(*stone, 0.5))
        _tower_openings(c, k, cx, w0, y0, y1 - y0, stone, dark_side, depth)
    _tower_roof(c, cx, half * lean, depth * dark_side, top, roof, stone)
    return c.finish()


def _tower_openings(c, storey, cx, half, top, tall, stone, dark_side, depth):
    """The openings of one storey: bells in the first, a clock or small windows below."""
    rng = c.rng
    if storey == 0:
        for k in (-0.45, 0.45):
            x, wide = cx + k * half, half * 0.30
            opening = arch(x - wide, x + wide, top + 40 + wide, top + tall - 18)
            c.fill(opening, (28, 26, 34), (70, 62, 60))
            by, bell = top + 50 + wide * 0.6, wide * 0.72
            c.line([(x - wide, by), (x + wide, by)], (70, 50, 36), 8)
            c.relief(smooth([(x, by), (x + bell * 0.5, by + bell * 0.4), (x + bell * 0.62, by + bell), (x + bell, by + bell * 1.6),
                             (x - bell, by + bell * 1.6), (x - bell * 0.62, by + bell), (x - bell * 0.5, by + bell * 0.4)], 6),
                     ((214, 164, 88), (66, 42, 24)), bell * 0.3)
            c.disc(x, by + bell * 1.75, bell * 0.16, bell * 0.2, (60, 44, 34))
            c.line(opening, light(stone[0], 1.08), 7)
        x = cx + dark_side * (half + depth / 2)
        c.fill(arch(x - depth * 0.22, x + depth * 0.22, top + 60, top + tall - 22), (24, 22, 30))
    elif storey == 1 and rng.random() < 0.5:
        radius = half * 0.42
        c.disc(cx, top + tall / 2, radius * 1.15, radius * 1.15, mix(*stone, 0.6))
        c.disc(cx, top + tall / 2, radius, radius, (244, 238, 220), (216, 206, 184))
        for hour in range(12):
            a = hour * math.pi / 6
            c.line([(cx + math.cos(a) * radius * 0.78, top + tall / 2 + math.sin(a) * radius * 0.78),
                    (cx + math.cos(a) * radius * 0.93, top + tall / 2 + math.sin(a) * radius * 0.93)], (40, 34, 34), 4)
        for reach, a in ((0.5, rng.uniform(0, 6)), (0.75, rng.uniform(0, 6))):
            c.line([(cx, top + tall / 2), (cx + math.cos(a) * radius * reach, top + tall / 2 + math.sin(a) * radius * reach)], (40, 34, 34), 5)
    else:
        wide = half * 0.13
        for k in ((-0.25, 0.25) if rng.random() < 0.5 else (0,)):
            x = cx + k * half
            c.fill(arch(x - wide, x + wide, top + tall * 0.38, top + tall * 0.72), (34, 32, 40))


def _tower_roof(c, cx, half, flank, top, roof, stone):
    """What closes the tower: a pyramid, a spire, an onion, or battlements."""
    rng = c.rng
    kind = rng.choice(["pyramid", "spire", "onion", "cupola"])
    left, right = min(cx - half, cx - half + flank) - 12, max(cx + half, cx + half + flank) + 12
    middle = (left + right) / 2
    tip = top - {"pyramid": 130, "spire": 225, "onion": 200, "cupola": 150}[kind]
    ridge = cx - half if flank < 0 else cx + half
    if kind in ("pyramid", "spire"):
        lit = [(left, top), (right, top), (middle, tip)]
        c.fill(lit, light(roof, 1.2), light(roof, 0.95))
        c.fill([(ridge, top), (right if flank > 0 else left, top), (middle, tip)], light(roof, 0.6))
    elif kind == "onion":
        c.fill(box(left + 20, top - 24, right - 20, top), *stone, axis="round")
        w = (right - left) / 2
        bulb = smooth([(middle - w * 0.62, top - 20), (middle - w * 0.86, top - 66), (middle - w * 0.4, top - 128), (middle - 8, top - 196),
                       (middle + 8, top - 196), (middle + w * 0.4, top - 128), (middle + w * 0.86, top - 66), (middle + w * 0.62, top - 20)])
        c.fill(bulb, light(roof, 1.35), light(roof, 0.4), axis="round")
    else:
        w = (right - left) / 2
        c.fill(ring(middle, top, w * 0.85, 118, 180, 360), light(roof, 1.3), light(roof, 0.45), axis="round")
        c.fill(box(middle - 18, top - 160, middle + 18, top - 110), *stone, axis="round")
    c.line([(middle, tip + 10), (middle, tip - 46)], (60, 52, 50), 6)
    c.line([(middle - 14, tip - 28), (middle + 14, tip - 28)], (60, 52, 50), 6)


def column(size, rng):
    """A fluted column with its capital, alone, in a temple front, or in a row that runs into the distance."""
    c = Canvas(size, rng)
    stone = rng.choice(STONES)
    order = rng.choice(["doric", "ionic", "corinthian"])
    layout = rng.choice(["single", "single", "front", "row"])
    horizon = rng.uniform(820, 900)
    c.clouds(horizon)
    c.ground(horizon, rng.choice([None, (176, 164, 140)]))
    if layout == "single":
        for _ in range(rng.randint(1, 3)):
            c.tree(rng.choice([rng.uniform(0, 260), rng.uniform(740, 1000)]), horizon + 5, rng.uniform(120, 260))
        bearing = rng.random() < 0.55
        if bearing:
            _entablature(c, -20, 1020, rng.uniform(60, 90), stone)
        _column(c, rng.uniform(440, 560), 170 if bearing else rng.uniform(90, 170), 950, rng.uniform(66, 105), order, stone)
    elif layout == "front":
        count = rng.choice([3, 4, 5])
        c.fill(box(60, 250, 940, 880), light(stone[1], 0.75), mix(*stone, 0.8))
        c.fill(arch(430, 570, 520, 880), (40, 32, 30), (70, 56, 48))
        _entablature(c, 20, 980, 180, stone, gable=True)
        for k in range(count):
            _column(c, 120 + 760 * k / (count - 1), 285, 890, 300 / (count + 3), order, stone)
        for k in range(3):
            c.fill(box(30 - 15 * k, 885 + 24 * k, 970 + 15 * k, 912 + 24 * k), light(stone[0], 1 - 0.06 * k), mix(*stone, 0.5))
    else:
        flip = rng.random() < 0.5
        for k in reversed(range(6)):  # from far to near
            s = 0.80 ** k
            x = 160 + (1 - s) * 900
            x = 1000 - x if flip else x
            shade = (mix(stone[0], (200, 206, 214), 0.07 * k), mix(stone[1], (170, 176, 188), 0.07 * k))
            _column(c, x, 620 - 480 * s, 620 + 330 * s, 88 * s, order, shade)
            nxt = 0.80 ** (k + 1)
            x2 = 160 + (1 - nxt) * 900
            x2 = 1000 - x2 if flip else x2
            c.fill([(x - (120 if not flip else -120) * s, 620 - 560 * s), (x2, 620 - 560 * nxt), (x2, 620 - 478 * nxt),
                    (x - (120 if not flip else -120) * s, 620 - 478 * s)], shade[0], mix(*shade, 0.5))
    return c.finish()


def _entablature(c, x0, x1, y, stone, gable=False):
    """The beam that columns carry, with or without a gable."""
    if gable:
        c.fill([(x0 - 20, y + 4), (500, y - 150), (x1 + 20, y + 4)], light(stone[0], 1.02), mix(*stone, 0.4))
        c.fill([(x0 + 110, y - 6), (500, y - 112), (x1 - 110, y - 6)], mix(*stone, 0.7), mix(*stone, 0.45))
        robed_figure(c, 500, y - 6, 90)
    c.fill(box(x0 - 14, y, x1 + 14, y + 24), light(stone[0], 1.08), mix(*stone, 0.35))
    c.fill(box(x0, y + 24, x1, y + 70), light(stone[0], 0.96), mix(*stone, 0.3))
    for k in range(int((x1 - x0) / 62)):
        for j in range(3):
            x = x0 + 20 + 62 * k + 9 * j
            c.fill(box(x, y + 28, x + 5, y + 68), mix(*stone, 0.7))
    c.fill(box(x0, y + 70, x1, y + 106), light(stone[0], 1.0), mix(*stone, 0.5))


def _column(c, x, top, foot, half, order, stone):
    """One column, from the top of its capital to the foot of its base."""
    head = half * {"doric": 0.7, "ionic": 0.8, "corinthian": 1.5}[order]
    shaft_top, shaft_foot = top + head, foot - half * 0.75
    slim, swell = half * 0.84, half * 1.0
    c.shadow([(x + half * 0.4, shaft_foot + half * 0.4), (x - c.sun * half * 4, foot), (x - half, foot + half * 0.4), (x + half, foot + half * 0.4)], 0.35, half * 0.12)
    shaft = [(x - slim, shaft_top), (x + slim, shaft_top), (x + swell * 0.98, (shaft_top + shaft_foot) / 2), (x + swell, shaft_foot),
             (x - swell, shaft_foot), (x - swell * 0.98, (shaft_top + shaft_foot) / 2)]
    c.fill(shaft, light(stone[0], 1.1), light(stone[1], 0.62), axis="round")
    flutes = 9
    for k in range(-flutes + 1, flutes):  # thin dark hollows, closer towards the edges
        s = math.sin(math.pi / 2 * k / flutes)
        dim = 0.45 + 0.4 * (s * c.sun < 0)
        c.line([(x + s * slim, shaft_top + half * 0.12), (x + s * swell, shaft_foot - half * 0.1)], mix(*stone, min(1, dim)), half * 0.05 * max(0.35, math.cos(math.asin(s))))
    for k, (w, h) in enumerate(((1.14, 0.2), (1.02, 0.12), (1.26, 0.23), (1.4, 0.22))):  # the base
        y = shaft_foot + half * sum((0.2, 0.12, 0.23, 0.22)[:k])
        c.fill(box(x - half * w, y, x + half * w, y + half * h + 1), light(stone[0], 1.1 - 0.06 * (k % 2)), light(stone[1], 0.85), axis="round")
        c.line([(x - half * w, y + half * h), (x + half * w, y + half * h)], light(stone[1], 0.9), half * 0.03)
    _capital(c, x, top, head, half, order, stone)


def _capital(c, x, top, head, half, order, stone):
    """The head of a column, after its order."""
    neck = top + head
    slab = half * 0.24
    if order == "doric":
        c.relief([(x - half * 0.86, neck), (x - half * 1.22, top + slab), (x + half * 1.22, top + slab), (x + half * 0.86, neck)], stone, half * 0.16)
    elif order == "ionic":
        c.relief(box(x - half * 1.1, top + slab, x + half * 1.1, neck + half * 0.06), stone, half * 0.12)
        for side in (-1, 1):
            vx, vy = x + side * half * 1.08, top + slab + half * 0.40
            c.relief(ring(vx, vy, half * 0.46, half * 0.46), stone, half * 0.14)
            spiral = [(vx - side * math.cos(t / 7) * half * 0.44 * (1 - t / 80), vy - math.sin(t / 7) * half * 0.44 * (1 - t / 80)) for t in range(80)]
            c.line(spiral, light(stone[1], 0.9), half * 0.06)
    else:
        c.fill([(x - half * 0.84, neck), (x - half * 1.2, top + slab), (x + half * 1.2, top + slab), (x + half * 0.84, neck)], mix(*stone, 0.45), stone[1], axis="round")
        for count, y, tall in ((5, neck, 0.75), (4, neck - head * 0.3, 0.75)):
            for k in range(count):  # acanthus leaves
                lx, lean = x + (k - (count - 1) / 2) * half * 0.42, (k - (count - 1) / 2) * half * 0.06
                leaf = smooth([(lx - half * 0.16, y), (lx - half * 0.22 + lean, y - half * tall * 0.6), (lx + lean, y - half * tall),
                               (lx + half * 0.22 + lean, y - half * tall * 0.6), (lx + half * 0.16, y)], 6)
                c.relief(leaf, stone, half * 0.09)
        for side in (-1, 1):
            c.relief(ring(x + side * half * 1.0, top + slab + half * 0.2, half * 0.2, half * 0.2, steps=20), stone, half * 0.08)
    c.fill(box(x - half * 1.36, top, x + half * 1.36, top + slab), light(stone[0], 1.1), mix(*stone, 0.55))
    c.line([(x - half * 1.36, top + slab), (x + half * 1.36, top + slab)], light(stone[1], 0.8), half * 0.05)


def dome_outer(size, rng):
    """A dome against the sky: drum with windows, ribs, lantern and cross."""
    c = Canvas(size, rng)
    horizon = rng.uniform(880, 980)
    c.clouds(horizon)
    c.ground(horizon)
    stone = rng.choice(STONES)
    skin = rng.choice([(92, 150, 130), (108, 116, 126), (214, 168, 70), (176, 92, 62), (226, 224, 216), (64, 104, 168)])
    cx, radius = rng.uniform(450, 550), rng.uniform(210, 300)
    rise, spring = radius * rng.uniform(0.92, 1.25), rng.uniform(470, 540)
    drum = rng.uniform(110, 160)
    base = spring + drum
    body = box(cx - radius * 1.5, base + 20, cx + radius * 1.5, horizon + 10)
    for _ in range(rng.randint(0, 4)):
        c.tree(rng.choice([rng.uniform(0, 160), rng.uniform(840, 1000)]), horizon + 5, rng.uniform(140, 300))
    c.fill(body, light(stone[0], 0.95), mix(*stone, 0.5))
    c.masonry(body, 26, strength=0.18)
    for k in range(-3, 4):
        x = cx + k * radius * 0.42
        c.fill(arch(x - 26, x + 26, base + 110, horizon - 20), (60, 54, 56), (36, 32, 38))
        c.fill(box(x + radius * 0.21 - 9, base + 60, x + radius * 0.21 + 9, horizon), *stone, axis="round")
    c.fill(box(cx - radius * 1.58, base + 10, cx + radius * 1.58, base + 44), light(stone[0], 1.06), mix(*stone, 0.45))
    c.fill(box(cx - radius * 1.03, spring, cx + radius * 1.03, base + 14), light(stone[0], 1.06), light(stone[1], 0.7), axis="round")
    for k in range(-5, 6):  # windows of the drum, then the columns between
        angle = math.radians(k * 17)
        x, turn = cx + radius * 1.0 * math.sin(angle), math.cos(angle)
        c.fill(arch(x - 20 * turn, x + 20 * turn, spring + 48, base - 12), (44, 42, 52), (80, 78, 86))
        angle = math.radians(k * 17 + 8.5)
        x, turn = cx + radius * 1.02 * math.sin(angle), math.cos(angle)
        c.fill(box(x - 10 * turn, spring + 18, x + 10 * turn, base), light(stone[0], 1.1), stone[1], axis="round")
    for y, w in ((spring - 4, 1.10), (base - 2, 1.12)):
        c.fill(box(cx - radius * w, y, cx + radius * w, y + 20), light(stone[0], 1.12), light(stone[1], 0.8), axis="round")
    shell = ring(cx, spring, radius, rise, 180, 360)
    c.fill(shell, light(skin, 1.28), light(skin, 0.30), axis="round")
    for k in range(-4, 5):  # ribs: half ellipses that meet under the lantern
        s = math.sin(math.pi / 2 * (k + 0.001) / 5)
        rib = [(cx + s * radius * math.cos(a), spring - rise * math.sin(a)) for a in (math.pi / 2 * t / 16 for t in range(17))]
        c.line(rib, light(skin, 0.62 if s * c.sun < 0 else 0.85), 8)
        c.line([(x + 5 * c.sun, y) for x, y in rib], light(skin, 1.25 if s * c.sun > -0.3 else 0.75), 3)
    if rng.random() < 0.5:
        c.glow(cx + c.sun * radius * 0.42, spring - rise * 0.55, radius * 0.5, (255, 250, 230), 0.45)
    _lantern(c, cx, spring - rise, radius * 0.16, stone, skin)
    return c.finish()


def _lantern(c, cx, foot, half, stone, skin):
    """The small turret that crowns a dome."""
    tall = half * 2.1
    c.fill(box(cx - half * 1.5, foot - 6, cx + half * 1.5, foot + 14), light(stone[0], 1.1), stone[1], axis="round")
    c.fill(box(cx - half, foot - tall, cx + half, foot - 4), *stone, axis="round")
    for k in (-0.6, 0, 0.6):
        c.fill(arch(cx + k * half - half * 0.2, cx + k * half + half * 0.2, foot - tall * 0.68, foot - 10), (48, 46, 56))
    c.fill(box(cx - half * 1.2, foot - tall - 8, cx + half * 1.2, foot - tall + 4), light(stone[0], 1.1), stone[1], axis="round")
    c.fill(ring(cx, foot - tall - 6, half, half * 1.1, 180, 360), light(skin, 1.2), light(skin, 0.4), axis="round")
    peak = foot - tall - half * 1.1
    c.disc(cx, peak - 8, 9, 9, *GILDING)
    c.line([(cx, peak - 8), (cx, peak - 62)], GILDING[0], 6)
    c.line([(cx - 16, peak - 44), (cx + 16, peak - 44)], GILDING[0], 6)


def flying_buttress(size, rng):
    """The flank of a Gothic choir: half arches that leap from pinnacled piers to the high wall."""
    c = Canvas(size, rng)
    c.clouds(1000)
    stone, roof = rng.choice(STONES[:5]), rng.choice(ROOFS)
    wall_right = rng.uniform(400, 480)
    roof_top, wall_top = rng.uniform(40, 110), rng.uniform(190, 250)
    c.fill([(0, roof_top), (wall_right - 90, roof_top + 20), (wall_right + 10, wall_top + 5), (0, wall_top + 5)], light(roof, 1.05), light(roof, 0.7))
    wall = box(0, wall_top, wall_right, 1000)
    c.fill(wall, mix(*stone, 0.3), mix(*stone, 0.6))
    c.masonry(wall, 22, strength=0.2)
    for k in range(9):  # the parapet
        c.fill(arch(k * wall_right / 9 + 6, (k + 1) * wall_right / 9 - 6, wall_top - 18, wall_top + 8, True), light(stone[0], 0.9), mix(*stone, 0.6))
    for k in range(3):  # clerestory windows
        x = wall_right * (k + 0.5) / 3
        c.fill(arch(x - 50, x + 50, wall_top + 170, wall_top + 400, True), light(stone[0], 0.95), mix(*stone, 0.4))
        c.fill(arch(x - 38, x + 38, wall_top + 180, wall_top + 392, True), (36, 40, 58), (70, 76, 96))
        c.line([(x, wall_top + 140), (x, wall_top + 392)], light(stone[0], 0.9), 6)
    aisle = rng.uniform(760, 830)
    c.fill([(0, aisle - 60), (wall_right - 30, aisle - 60), (wall_right + 210, aisle + 40), (0, aisle + 40)], light(roof, 0.95), light(roof, 0.6))
    low = box(0, aisle + 40, wall_right + 210, 1000)
    c.fill(low, mix(*stone, 0.35), mix(*stone, 0.6))
    c.masonry(low, 22, strength=0.2)
    count, double = rng.choice([2, 3, 3]), rng.random() < 0.5
    for k in reversed(range(count)):  # from far to near, each larger and further out
        s = 1 - 0.17 * k
        haze = 0.10 * k
        shade = (mix(stone[0], (190, 196, 206), haze), mix(stone[1], (150, 156, 170), haze))
        start = wall_right - (count - 1 - k) * rng.uniform(70, 90) - 40
        _flyer(c, start, wall_top + 60 + 36 * k, 760 + 30 - 150 * k - (count - 3) * 60, s, shade, double)
    picture = c.finish()
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else picture


def _flyer(c, x0, top, x1, s, stone, double):
    """One half arch with its pier: `x0` where it meets the wall, `x1` the inner face of the pier."""
    drop, thick, pier = 150 * s, 54 * s, 92 * s
    for tier in ((260 * s, 0) if double else (0,)):
        y0, y1 = top + tier, top + drop + tier
        under = [(x0 + (x1 - x0) * math.sin(t), y1 + 170 * s - (y1 - y0 + 170 * s - thick) * math.cos(t)) for t in (math.pi / 2 * k / 14 for k in range(15))]
        shape = [(x0, y0), (x1, y1)] + list(reversed(under))
        c.shadow([(x - 26 * c.sun, y + 30) for x, y in shape], 0.35, 10)
        c.fill(shape, light(stone[0], 1.05), mix(*stone, 0.65))
        c.masonry(shape, 18, strength=0.22)
        c.line(under, stone[1], 9 * s)
        c.line([(x0, y0), (x1, y1)], light(stone[0], 1.15), 16 * s)
        span = x1 - x0
        for k in range(3):  # pierced tracery
            px = x0 + span * (0.62 + 0.13 * k)
            py = y0 + (y1 - y0) * (0.62 + 0.13 * k) + 40 * s
            c.disc(px, py, 14 * s, 14 * s, stone[1])
    body = box(x1, top + drop - 40 * s, x1 + pier, 1000)
    flank = [(x1 + pier, top + drop - 40 * s), (x1 + pier * 1.35, top + drop - 30 * s), (x1 + pier * 1.35, 1000), (x1 + pier, 1000)]
    c.fill(body, light(stone[0], 1.05), mix(*stone, 0.35))
    c.masonry(body, 20, strength=0.24)
    c.fill(flank, mix(*stone, 0.75), stone[1])
    for y in range(int(top + drop + 120 * s), 1000, max(60, int(190 * s))):  # weathered set-offs
        c.fill([(x1 - 8 * s, y), (x1 + pier * 1.4, y), (x1 + pier * 1.5, y + 26 * s), (x1 - 14 * s, y + 26 * s)], light(stone[0], 1.1), mix(*stone, 0.5))
    blind = arch(x1 + pier * 0.25, x1 + pier * 0.75, top + drop + 20 * s, top + drop + 110 * s, True)
    c.fill(blind, mix(*stone, 0.8), mix(*stone, 0.55))
    _pinnacle(c, x1 + pier * 0.62, top + drop - 40 * s, pier * 0.62, 230 * s, stone)


def _pinnacle(c, x, foot, half, tall, stone):
    """A small spire with crockets on a gabled shaft."""
    c.fill(box(x - half, foot - tall * 0.28, x + half, foot), light(stone[0], 1.05), stone[1], axis="round")
    c.fill([(x - half * 1.15, foot - tall * 0.26), (x, foot - tall * 0.48), (x + half * 1.15, foot - tall * 0.26)], light(stone[0], 1.1), mix(*stone, 0.4))
    spire = [(x - half * 0.78, foot - tall * 0.30), (x, foot - tall), (x + half * 0.78, foot - tall * 0.30)]
    c.fill(spire, light(stone[0], 1.08), light(stone[1], 0.8), axis="round")
    for k in range(5):
        y, w = foot - tall * (0.38 + 0.11 * k), half * 0.78 * (1 - (0.08 + 0.157 * k))
        for side in (-1, 1):
            c.relief(ring(x + side * (w + 4), y, half * 0.17, half * 0.15, steps=12), stone, half * 0.06)
    c.relief(ring(x, foot - tall - 4, half * 0.2, half * 0.26, steps=12), stone, half * 0.08)


def gargoyle(size, rng):
    """A stone beast that leans out from a cornice, mouth open, wings folded."""
    c = Canvas(size, rng)
    c.clouds(1000)
    stone = rng.choice(STONES[:5])
    shade = (light(stone[0], 0.95), light(stone[1], 0.7))
    edge = rng.uniform(330, 420)
    ledge = rng.uniform(610, 690)
    wall = box(0, ledge + 50, edge - 40, 1000)
    c.fill(wall, mix(*stone, 0.3), mix(*stone, 0.65))
    c.masonry(wall, 44, strength=0.3)
    if rng.random() < 0.6:
        upper = box(0, 0, edge - rng.uniform(130, 200), ledge)
        c.fill(upper, mix(*stone, 0.2), mix(*stone, 0.5))
        c.masonry(upper, 44, strength=0.3)
    c.fill(box(0, ledge, edge, ledge + 34), light(stone[0], 1.08), mix(*stone, 0.4))
    c.fill(box(0, ledge + 34, edge - 22, ledge + 62), mix(*stone, 0.4), mix(*stone, 0.8))
    tilt, scale = rng.uniform(-0.32, 0.08), rng.uniform(0.92, 1.12)

    def at(x, y):
        """A place on the beast, from its own measures (0 at the wall, 1 at the muzzle) to the sheet's."""
        x, y = x * 560 * scale, y * 560 * scale
        return (edge - 150 + x * math.cos(tilt) - y * math.sin(tilt), ledge - 40 + x * math.sin(tilt) + y * math.cos(tilt))

    def carve(points, depth, tone=shade):
        c.relief(smooth([at(x, y) for x, y in points]), tone, depth)

    far = (light(shade[0], 0.7), light(shade[1], 0.8))
    if rng.random() < 0.8:  # the wing behind
        carve([(0.20, -0.10), (0.10, -0.50), (0.30, -0.40), (0.42, -0.46), (0.46, -0.28), (0.50, -0.10)], 16, far)
    carve([(0.36, 0.08), (0.48, 0.24), (0.60, 0.27), (0.62, 0.33), (0.48, 0.33), (0.34, 0.22)], 14, far)
    carve([(-0.05, -0.12), (0.20, -0.20), (0.45, -0.17), (0.62, -0.26), (0.74, -0.26), (0.76, -0.10), (0.62, 0.02), (0.48, 0.14), (0.20, 0.16), (-0.05, 0.16)], 36)
    carve([(0.02, 0.02), (0.18, -0.06), (0.28, 0.04), (0.24, 0.16), (0.34, 0.22), (0.32, 0.28), (0.14, 0.27), (0.06, 0.18)], 22)  # haunch
    carve([(0.42, 0.02), (0.54, 0.02), (0.52, 0.16), (0.60, 0.22), (0.58, 0.28), (0.44, 0.26), (0.40, 0.14)], 18)  # foreleg
    horned = rng.random() < 0.6
    carve([(0.66, -0.36), (0.60, -0.50), (0.56, -0.60), (0.66, -0.54), (0.72, -0.40)] if horned
          else [(0.66, -0.34), (0.58, -0.42), (0.56, -0.50), (0.68, -0.46), (0.74, -0.36)], 9)
    gape = rng.uniform(0.0, 0.06)
    carve([(0.64, -0.18), (0.80, -0.10 + gape), (0.94, -0.02 + gape), (0.92, 0.03 + gape), (0.76, 0.0 + gape), (0.64, -0.06)], 12)  # lower jaw
    c.fill(smooth([at(x, y) for x, y in [(0.72, -0.22), (0.96, -0.16), (0.88, -0.04 + gape), (0.74, -0.10)]]), (26, 22, 24))
    carve([(0.60, -0.26), (0.66, -0.38), (0.78, -0.39), (0.88, -0.31), (1.00, -0.26), (1.00, -0.18), (0.88, -0.18), (0.76, -0.16), (0.66, -0.14)], 18)  # skull
    for x in (0.84, 0.90, 0.95):
        c.fill([at(x, -0.19), at(x + 0.03, -0.19), at(x + 0.015, -0.14)], (226, 220, 204))
    for k in range(2):
        c.fill([at(0.83 + 0.05 * k, -0.05 + gape), at(0.86 + 0.05 * k, -0.04 + gape), at(0.845 + 0.05 * k, -0.09 + gape)], (226, 220, 204))
    eye = at(0.79, -0.305)
    c.disc(*eye, 15 * scale, 12 * scale, (30, 26, 28))
    c.disc(eye[0] + 3, eye[1] - 3, 5 * scale, 4 * scale, (214, 206, 190))
    c.line([at(0.72, -0.36), at(0.80, -0.345), at(0.86, -0.31)], light(shade[1], 0.8), 8)
    if rng.random() < 0.75:  # the near wing with its fingers
        carve([(0.16, 0.00), (0.04, -0.30), (0.10, -0.56), (0.22, -0.40), (0.30, -0.44), (0.34, -0.28), (0.44, -0.26), (0.42, -0.04)], 20)
        for tip in ((0.10, -0.52), (0.29, -0.40), (0.41, -0.24)):
            c.line([at(0.20, -0.04), at(*tip)], light(shade[1], 1.1), 6)
    for k in range(5):  # scales along the neck
        c.relief(ring(*at(0.50 + 0.045 * k, -0.20 - 0.018 * k), 12 * scale, 15 * scale, steps=12), shade, 5)
    picture = c.finish(grain=1.6)
    return picture.transpose(Image.Transpose.FLIP_LEFT_RIGHT) if rng.random() < 0.5 else picture
