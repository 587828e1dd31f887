"""Drawings of other things, for which a tagger of architecture must keep silent."""

import math

from PIL import Image, ImageDraw

from .canvas import GILDING, ROOFS, Canvas, box, light, mix, ring, smooth

PAPERS = [(236, 224, 194), (246, 240, 224), (222, 204, 166), (240, 236, 230), (214, 196, 160)]
INKS = [(52, 36, 26), (30, 28, 34), (74, 50, 30), (40, 40, 60)]


def document(size, rng):
    """A written leaf: columns of script, an initial, rubrics, perhaps a seal."""
    c = Canvas(size, rng)
    paper, (x0, y0, x1, y1) = _sheet(c)
    ink, red = rng.choice(INKS), rng.choice([(160, 36, 30), (40, 70, 140), (150, 90, 30)])
    margin, height = rng.uniform(50, 90), rng.uniform(16, 28)
    columns = rng.choice([1, 2])
    gutter = 50
    wide = (x1 - x0 - 2 * margin - gutter * (columns - 1)) / columns
    initial = rng.random() < 0.7
    for column_number in range(columns):
        left = x0 + margin + column_number * (wide + gutter)
        y = y0 + margin + height
        while y < y1 - margin:
            start = left + (height * 5.4 if initial and column_number == 0 and y < y0 + margin + height * 9 else 0)
            stop = left + wide * (rng.uniform(0.4, 0.9) if rng.random() < 0.12 else 1)
            _script(c, start, stop, y, height, red if rng.random() < 0.08 else ink)
            y += height * 1.9
    if initial:
        side = height * 4.6
        ix, iy = x0 + margin, y0 + margin
        c.fill(box(ix, iy, ix + side, iy + side * 1.6), red, light(red, 0.7))
        c.line(box(ix, iy, ix + side, iy + side * 1.6), GILDING[0], 6, closed=True)
        c.line(ring(ix + side / 2, iy + side * 0.8, side * 0.3, side * 0.5, 40, 320), (244, 232, 200), side * 0.14)
        vine = [(ix - 22 + 14 * math.sin(k / 3), iy + side * 1.7 + k * 9) for k in range(40)]
        c.line(vine, red, 5)
        for k in range(0, 40, 4):
            c.disc(vine[k][0] + (10 if k % 8 else -10), vine[k][1], 9, 6, rng.choice([(70, 110, 70), GILDING[0], (50, 80, 140)]))
    if rng.random() < 0.35:
        sx, sy = rng.uniform(x0 + 150, x1 - 150), y1 - 90
        c.relief(smooth([(sx + 62 * math.cos(a) * rng.uniform(0.9, 1.1), sy + 62 * math.sin(a) * rng.uniform(0.9, 1.1)) for a in (k * 0.63 for k in range(10))]), ((186, 40, 40), (80, 12, 16)), 14)
    return c.finish(grain=0.8)


def map_sheet(size, rng):
    """A chart: a coast, hills, rivers, towns, rhumb lines, a compass and a scale."""
    c = Canvas(size, rng)
    paper, (x0, y0, x1, y1) = _sheet(c)
    ink = rng.choice(INKS)
    sea = mix(paper, rng.choice([(110, 160, 180), (140, 170, 150), (150, 180, 200)]), rng.uniform(0.3, 0.8))
    land = mix(paper, rng.choice([(196, 190, 120), (222, 190, 140), (170, 190, 130)]), rng.uniform(0.3, 0.8))
    frame = box(x0 + 10, y0 + 10, x1 - 10, y1 - 10)
    c.fill(frame, sea, light(sea, 0.95))
    inside = c.image.copy()
    rx, ry = rng.uniform(x0 + 150, x1 - 150), rng.uniform(y0 + 150, y1 - 150)
    for k in range(16):
        a = k * math.pi / 8
        c.line([(rx, ry), (rx + 1400 * math.cos(a), ry + 1400 * math.sin(a))], mix(sea, (150, 60, 50), 0.35), 2)
    for _ in range(rng.randint(2, 4)):
        ix, iy, reach = rng.uniform(x0, x1), rng.uniform(y0, y1), rng.uniform(130, 330)
        coast = smooth([(ix + reach * math.cos(a) * rng.uniform(0.6, 1.15), iy + reach * math.sin(a) * rng.uniform(0.6, 1.15)) for a in (2 * math.pi * k / 16 for k in range(16))], 6)
        for wide in (34, 24, 14):
            c.line(coast, mix(sea, (70, 110, 140), 0.5 - wide / 90), wide, closed=True)
        c.fill(coast, land, light(land, 0.94))
        c.line(coast, ink, 4, closed=True)
        for _ in range(int(reach / 22)):  # hills, towns, woods
            a, r = rng.uniform(0, 6.3), reach * rng.uniform(0.05, 0.5)
            px, py = ix + r * math.cos(a), iy + r * math.sin(a)
            sign = rng.random()
            if sign < 0.5:
                c.fill([(px - 20, py + 12), (px, py - 18), (px + 20, py + 12)], light(land, 0.82))
                c.line([(px - 20, py + 12), (px, py - 18), (px + 20, py + 12)], ink, 3)
            elif sign < 0.8:
                c.disc(px, py, 7, 7, (176, 40, 36))
                _script(c, px + 14, px + 14 + rng.uniform(50, 90), py + 5, 11, ink)
            else:
                c.disc(px, py, 10, 12, (104, 134, 80))
        river = [(ix, iy)]
        a = rng.uniform(0, 6.3)
        while math.dist(river[-1], (ix, iy)) < reach * 0.9:
            a += rng.uniform(-0.5, 0.5)
            river.append((river[-1][0] + 24 * math.cos(a), river[-1][1] + 24 * math.sin(a)))
            if len(river) > 60:
                break
        c.line(river, (84, 124, 160), 5)
    for k in range(16):  # the compass
        a = k * math.pi / 8
        r = 80 if k % 4 == 0 else 54 if k % 2 == 0 else 34
        b = math.pi / 16
        c.fill([(rx, ry), (rx + 22 * math.cos(a - b), ry + 22 * math.sin(a - b)), (rx + r * math.cos(a), ry + r * math.sin(a))], ink)
        c.fill([(rx, ry), (rx + 22 * math.cos(a + b), ry + 22 * math.sin(a + b)), (rx + r * math.cos(a), ry + r * math.sin(a))], (190, 60, 46) if k % 4 == 0 else paper)
    mask = Image.new("L", c.image.size)
    ImageDraw.Draw(mask).polygon(c._pixels(frame), fill=255)
    inside.paste(c.image, (0, 0), mask)
    c.image = inside
    c.line(frame, ink, 8, closed=True)
    for k in range(20):
        c.line([(x0 + 10 + (x1 - x0 - 20) * k / 20, y0 + 3), (x0 + 10 + (x1 - x0 - 20) * (k + 0.5) / 20, y0 + 3)], ink, 8)
    tx, ty = x0 + 50, y1 - 150
    c.fill(box(tx, ty, tx + 260, ty + 105), paper, light(paper, 0.93))
    c.line(box(tx, ty, tx + 260, ty + 105), ink, 4, closed=True)
    _script(c, tx + 24, tx + 240, ty + 42, 22, (150, 40, 34))
    for k in range(5):
        c.fill(box(tx + 26 + 40 * k, ty + 70, tx + 66 + 40 * k, ty + 82), ink if k % 2 else paper)
    return c.finish(grain=0.8)


def portrait(size, rng):
    """A head and shoulders before a dark ground."""
    c = Canvas(size, rng)
    ground = rng.choice([(60, 50, 42), (44, 52, 50), (78, 60, 52), (38, 36, 46), (120, 108, 92)])
    c.fill(box(0, 0, 1000, 1000), light(ground, 1.3), light(ground, 0.6))
    c.glow(500 + c.sun * 220, 330, 520, light(ground, 2.0), 0.4)
    skin = rng.choice([(234, 190, 158), (212, 164, 128), (168, 120, 90), (120, 84, 64)])
    tone = (light(skin, 1.12), light(skin, 0.35))
    dress = rng.choice([(40, 36, 40), (120, 34, 38), (40, 60, 110), (70, 84, 60), (150, 110, 60)])
    hair = rng.choice([(40, 28, 22), (90, 60, 36), (150, 120, 80), (180, 176, 170)])
    x, y, s = rng.uniform(460, 540), rng.uniform(380, 430), rng.uniform(0.9, 1.15)

    def around(points):
        return smooth([(x + px * s, y + py * s) for px, py in points])

    long_hair = rng.random() < 0.5
    c.relief(around([(-150, -40), (-110, -190), (0, -230), (110, -190), (150, -40), (150, 220 if long_hair else 40), (-150, 220 if long_hair else 40)]), (light(hair, 1.3), light(hair, 0.4)), 40)
    c.relief(around([(-60, 90), (60, 90), (90, 330), (-90, 330)]), (light(skin, 0.95), light(skin, 0.3)), 34)
    c.relief(around([(-420, 760), (-380, 400), (-200, 290), (-60, 270), (0, 330), (60, 270), (200, 290), (380, 400), (420, 760)]), (light(dress, 1.5), light(dress, 0.35)), 60)
    if rng.random() < 0.6:  # a collar
        for k in range(-4, 5):
            c.relief(ring(x + k * 34 * s, y + (262 - 5 * abs(k)) * s, 30 * s, 38 * s, steps=16), ((246, 242, 234), (150, 146, 146)), 10)
    c.relief(around([(-118, -60), (-100, -150), (0, -185), (100, -150), (118, -60), (104, 60), (50, 150), (0, 168), (-50, 150), (-104, 60)]), tone, 60)
    c.relief(around([(-120, -70), (-100, -170), (0, -215), (100, -170), (120, -70), (60, -130), (-40, -135)]), (light(hair, 1.3), light(hair, 0.4)), 24)
    for side in (-1, 1):
        ex, ey = x + side * 46 * s, y - 28 * s
        c.disc(ex, ey, 22 * s, 10 * s, (240, 234, 226), (200, 190, 180))
        c.disc(ex, ey, 9 * s, 9 * s, (50, 40, 36))
        c.line([(ex - 26 * s, ey - 22 * s), (ex, ey - 30 * s), (ex + 26 * s, ey - 22 * s)], light(hair, 0.8), 7)
    c.relief(around([(-10, -30), (10, -30), (24, 44), (0, 56), (-24, 44)]), tone, 16)
    c.fill(around([(-38, 94), (-14, 86), (0, 90), (14, 86), (38, 94), (0, 112)]), mix(skin, (150, 40, 44), 0.6), mix(skin, (110, 30, 34), 0.6))
    if rng.random() < 0.5:  # a painted oval or a frame
        for k in range(3):
            c.line(box(14 + 16 * k, 14 + 16 * k, 986 - 16 * k, 986 - 16 * k), light(GILDING[k % 2], 0.9), 15, closed=True)
    return c.finish(vignette=0.6)


def still_life(size, rng):
    """A vase of flowers on a cloth, with fruit."""
    c = Canvas(size, rng)
    wall = rng.choice([(96, 84, 70), (60, 64, 62), (176, 164, 146), (80, 60, 54), (120, 134, 130)])
    cloth = rng.choice([(46, 70, 130), (140, 44, 40), (210, 204, 190), (60, 92, 76)])
    c.fill(box(0, 0, 1000, 1000), light(wall, 1.15), light(wall, 0.6))
    c.glow(500 + c.sun * 300, 200, 620, light(wall, 1.8), 0.35)
    edge = rng.uniform(700, 770)
    c.fill(box(0, edge, 1000, 1000), light(cloth, 1.15), light(cloth, 0.55))
    for _ in range(7):  # folds
        x = rng.uniform(0, 1000)
        c.shadow([(x, edge + 60), (x + 30, edge + 60), (x + rng.uniform(-60, 90), 1000), (x - 60, 1000)], 0.3, 14)
    x, w = rng.uniform(430, 570), rng.uniform(110, 160)
    foot, neck = edge + 90, rng.uniform(460, 520)
    c.shadow(ring(x - c.sun * 120, foot, w * 1.5, 34), 0.6, 14)
    glaze = rng.choice([(70, 110, 170), (226, 224, 214), (176, 96, 60), (70, 120, 100), (60, 50, 50)])
    for _ in range(16):  # stems and leaves
        a = rng.uniform(-2.7, -0.45)
        r = rng.uniform(140, 300)
        tip = (x + r * math.cos(a), neck + r * math.sin(a) * 0.9)
        c.line([(x, neck + 20), ((x + tip[0]) / 2, tip[1] + 60), tip], (62, 92, 50), 7)
        lx, ly = (x + tip[0] * 2) / 3, (neck + tip[1] * 2) / 3
        c.relief(smooth([(lx - 50, ly), (lx, ly - 18), (lx + 50, ly - 8), (lx, ly + 18)], 6), ((110, 146, 76), (34, 60, 36)), 10)
    for _ in range(rng.randint(9, 14)):
        a, r = rng.uniform(-2.9, -0.25), rng.uniform(60, 310)
        fx, fy = x + r * math.cos(a), neck - 20 + r * math.sin(a) * 0.85
        _flower(c, fx, fy, rng.uniform(42, 72))
    body = smooth([(x - w * 0.45, neck), (x - w * 0.38, neck + 40), (x - w, neck + (foot - neck) * 0.45), (x - w * 0.55, foot), (x + w * 0.55, foot),
                   (x + w, neck + (foot - neck) * 0.45), (x + w * 0.38, neck + 40), (x + w * 0.45, neck)])
    c.fill(body, light(glaze, 1.3), light(glaze, 0.3), axis="round")
    for k in range(3):
        y = neck + (foot - neck) * (0.34 + 0.12 * k)
        c.line(ring(x, y, w * (0.86 + 0.06 * k), 20, 170, 10), light(glaze, 0.5 if sum(glaze) > 300 else 1.8), 6)
    c.glow(x + c.sun * w * 0.4, neck + (foot - neck) * 0.4, 46, (255, 255, 250), 0.8)
    for _ in range(rng.randint(2, 5)):
        fx, fy, r = x + rng.choice([-1, 1]) * rng.uniform(w * 1.2, 330), edge + rng.uniform(80, 170), rng.uniform(44, 66)
        fruit = rng.choice([(206, 62, 44), (226, 170, 50), (140, 160, 60), (226, 120, 50), (96, 50, 90)])
        c.shadow(ring(fx - c.sun * 40, fy + r * 0.8, r * 1.1, r * 0.3), 0.55, 8)
        c.relief(ring(fx, fy, r, r * 0.94), (light(fruit, 1.25), light(fruit, 0.3)), r * 0.7)
        c.glow(fx + c.sun * r * 0.35, fy - r * 0.4, r * 0.4, (255, 250, 240), 0.6)
    return c.finish(vignette=0.5)


def _flower(c, x, y, radius):
    """One blossom."""
    rng = c.rng
    colour = rng.choice([(226, 70, 80), (244, 226, 214), (240, 190, 70), (190, 90, 160), (240, 150, 140), (110, 100, 190)])
    turn = rng.uniform(0, 6)
    for layer, size in ((8, 1.0), (6, 0.62)):
        for k in range(layer):
            a = turn + k * 2 * math.pi / layer
            px, py = x + math.cos(a) * radius * size * 0.58, y + math.sin(a) * radius * size * 0.58
            c.relief(ring(px, py, radius * 0.40 * size, radius * 0.36 * size, steps=16), (light(colour, 1.15), light(colour, 0.5)), radius * 0.12)
    c.relief(ring(x, y, radius * 0.2, radius * 0.2, steps=14), ((250, 214, 90), (120, 74, 20)), radius * 0.08)


def landscape(size, rng):
    """Hills, fields and trees, or the open sea."""
    c = Canvas(size, rng)
    horizon = rng.uniform(380, 620)
    c.clouds(horizon + 20)
    if rng.random() < 0.3:
        sea = rng.choice([(50, 96, 120), (70, 110, 110), (40, 70, 110)])
        c.fill(box(0, horizon, 1000, 1000), light(sea, 1.3), light(sea, 0.6))
        for _ in range(60):
            y = rng.uniform(horizon, 1000)
            x, reach = rng.uniform(0, 1000), (y - horizon) * 0.3 + 12
            c.line([(x, y), (x + reach, y)], light(sea, rng.uniform(1.2, 2.0)), 3)
    else:
        for k in range(4):
            y = horizon + k * (1000 - horizon) / 4
            green = mix((150, 170, 180), rng.choice([(96, 124, 60), (150, 146, 80), (70, 104, 60)]), 0.35 + 0.2 * k)
            hill = [(0, 1000)] + [(x, y + 50 * math.sin(x / rng.uniform(120, 240) + k) * (1 - k / 6)) for x in range(0, 1001, 50)] + [(1000, 1000)]
            c.fill(hill, light(green, 1.1), light(green, 0.7))
            for _ in range(rng.randint(0, 4)):
                c.tree(rng.uniform(0, 1000), y + 40, 60 + 60 * k)
    return c.finish()


def score(size, rng):
    """A sheet of music."""
    c = Canvas(size, rng)
    _, (x0, y0, x1, y1) = _sheet(c)
    ink = rng.choice(INKS)
    y = y0 + 90
    while y < y1 - 90:
        for k in range(5):
            c.line([(x0 + 30, y + 11 * k), (x1 - 30, y + 11 * k)], ink, 2)
        x = x0 + 70
        while x < x1 - 50:
            ny = y + 5.5 * rng.randint(-1, 9)
            c.disc(x, ny, 9, 6, ink)
            c.line([(x + 8, ny), (x + 8, ny - 38)], ink, 3)
            x += rng.uniform(24, 60)
            if rng.random() < 0.12:
                c.line([(x - 12, y), (x - 12, y + 44)], ink, 3)
        y += 100
    return c.finish(grain=0.8)


def plan(size, rng):
    """A measured ground plan in ink."""
    c = Canvas(size, rng)
    _, (x0, y0, x1, y1) = _sheet(c)
    ink = rng.choice(INKS + [(150, 60, 60)])

    def divide(a, b, p, q, depth):
        c.line(box(a, b, p, q), ink, 7, closed=True)
        if depth == 0 or min(p - a, q - b) < 110:
            if rng.random() < 0.4:
                _script(c, a + 16, min(p - 10, a + 120), (b + q) / 2, 13, ink)
            return
        t = rng.uniform(0.3, 0.7)
        if p - a > q - b:
            m = a + (p - a) * t
            divide(a, b, m, q, depth - 1)
            divide(m, b, p, q, depth - 1)
        else:
            m = b + (q - b) * t
            divide(a, b, p, m, depth - 1)
            divide(a, m, p, q, depth - 1)

    divide(x0 + 60, y0 + 70, x1 - 60, y1 - 140, 4)
    _script(c, x0 + 80, x1 - 200, y1 - 70, 24, ink)
    return c.finish(grain=0.8)


def house(size, rng):
    """A plain house front with rows of square windows."""
    c = Canvas(size, rng)
    c.clouds(900)
    c.ground(880, (126, 122, 118))
    x, wide = 0.0, 0.0
    while x < 1000:
        wide, top = rng.uniform(240, 420), rng.uniform(160, 380)
        wall = rng.choice([(226, 206, 160), (206, 128, 100), (190, 196, 200), (236, 230, 220), (160, 90, 70)])
        c.fill(box(x, top, x + wide, 890), wall, light(wall, 0.82))
        roof = rng.choice(ROOFS)
        c.fill([(x - 8, top), (x + 40, top - 90), (x + wide - 40, top - 90), (x + wide + 8, top)], light(roof, 1.1), light(roof, 0.8))
        columns, rows = max(2, int(wide / 100)), int((860 - top) / 150)
        for i in range(columns):
            for j in range(rows):
                wx, wy = x + wide * (i + 0.5) / columns, top + 50 + 150 * j
                c.fill(box(wx - 28, wy, wx + 28, wy + 84), (236, 232, 224))
                c.fill(box(wx - 22, wy + 6, wx + 22, wy + 78), (50, 60, 74), (96, 110, 124))
                c.line([(wx, wy), (wx, wy + 84)], (236, 232, 224), 5)
        x += wide
    return c.finish()


def texture(size, rng):
    """No thing at all: a plain or mottled surface, stripes, or shapes at random."""
    c = Canvas(size, rng)
    colour = tuple(rng.randint(10, 250) for _ in range(3))
    grey = rng.random() < 0.5
    colour = (colour[0],) * 3 if grey else colour
    c.fill(box(0, 0, 1000, 1000), colour, light(colour, rng.uniform(0.5, 1.3)), axis=rng.choice(["x", "y"]))
    for _ in range(rng.choice([0, 0, 6, 40])):
        tint = tuple(rng.randint(0, 255) for _ in range(3))
        x, y, r = rng.uniform(0, 1000), rng.uniform(0, 1000), rng.uniform(20, 260)
        kind = rng.random()
        if kind < 0.4:
            c.disc(x, y, r, r * rng.uniform(0.3, 1), tint, light(tint, 0.5))
        elif kind < 0.7:
            c.line([(x, y), (rng.uniform(0, 1000), rng.uniform(0, 1000))], tint, r * 0.1)
        else:
            c.fill([(x + rng.uniform(-r, r), y + rng.uniform(-r, r)) for _ in range(4)], tint, light(tint, 0.6), axis="x")
    return c.finish(grain=rng.uniform(0.5, 3), vignette=rng.uniform(0, 0.7))


def _sheet(c):
    """Lays a sheet of paper on a dark or light table, and gives its colour and edges."""
    rng = c.rng
    table = rng.choice([(44, 38, 34), (70, 60, 52), (150, 146, 140), (24, 26, 30), (96, 74, 54)])
    paper = rng.choice(PAPERS)
    c.fill(box(0, 0, 1000, 1000), table, light(table, 0.8))
    x0, y0 = rng.uniform(40, 170), rng.uniform(30, 80)
    x1, y1 = 1000 - rng.uniform(40, 170), 1000 - rng.uniform(30, 80)
    skew = rng.uniform(-14, 14)
    page = [(x0 + skew, y0), (x1 + skew, y0 + skew), (x1 - skew, y1), (x0 - skew, y1 - skew)]
    c.shadow([(x + 16, y + 18) for x, y in page], 0.6, 14)
    c.fill(page, paper, light(paper, 0.9))
    for _ in range(rng.randint(2, 8)):  # stains
        c.glow(rng.uniform(x0, x1), rng.uniform(y0, y1), rng.uniform(40, 160), light(paper, 0.6), rng.uniform(0.05, 0.2))
    return paper, (x0 + 20, y0 + 20, x1 - 20, y1 - 20)


def _script(c, x0, x1, y, height, ink):
    """A line of writing that nobody can read."""
    rng, x = c.rng, x0
    while x < x1 - height:
        word = min(rng.uniform(1.5, 6) * height, x1 - x)
        stroke = x
        while stroke < x + word:
            up = rng.choice([0.5, 0.5, 0.5, 1.0, -0.4])
            c.line([(stroke, y), (stroke + height * 0.2, y - height * up)], ink, height * 0.13)
            if rng.random() < 0.5:
                c.line(ring(stroke + height * 0.25, y - height * 0.25, height * 0.22, height * 0.24, 90, rng.uniform(200, 420), 8), ink, height * 0.12)
            stroke += height * rng.uniform(0.34, 0.6)
        x += word + height * 0.7
