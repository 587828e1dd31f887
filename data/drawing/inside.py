"""Architectural elements as they are seen from within: dim rooms, and light that comes through glass."""

import math

from PIL import Image, ImageChops, ImageDraw, ImageFilter

from .canvas import GILDING, STONES, Canvas, arch, box, light, mix, ring
from .figures import robed_figure


def altar(size, rng):
    """A gilded retable above a table with a white cloth and candles, at the end of a dim chapel."""
    c = Canvas(size, rng)
    wall = rng.choice(STONES)
    warmth = rng.uniform(0.4, 0.75)
    c.fill(box(0, 0, 1000, 1000), light(mix(*wall, 0.55), warmth), light(mix(*wall, 0.3), warmth))
    c.masonry(box(0, 0, 1000, 760), 44, strength=0.16)
    niche = rng.uniform(330, 420)
    c.fill(arch(500 - niche, 500 + niche, 330, 800, rng.random() < 0.4), light(wall[1], 0.75), light(mix(*wall, 0.4), 0.8))
    for side in (-1, 1):  # tall windows
        if rng.random() < 0.5:
            c.fill(arch(500 + side * 440 - 30, 500 + side * 440 + 30, 220, 470), (236, 232, 214), (190, 196, 210))
            c.glow(500 + side * 440, 330, 180, (255, 246, 220), 0.5)
    floor = rng.choice([(120, 92, 70), (138, 128, 120), (110, 60, 50)])
    c.fill(box(0, 790, 1000, 1000), light(floor, 0.7), floor)
    for k in range(-12, 13):
        c.line([(500 + k * 40, 790), (500 + k * 130, 1000)], light(floor, 0.6), 3)
    for y in (800, 818, 846, 890, 950):
        c.line([(0, y), (1000, y)], light(floor, 0.6), 3)
    gold = GILDING if rng.random() < 0.75 else rng.choice(STONES)
    half, top, base = rng.uniform(210, 290), rng.uniform(250, 320), 640
    _retable(c, gold, half, top, base)
    table = rng.uniform(170, 240)
    for k, (w, y) in enumerate(((table + 120, 840), (table + 80, 815), (table + 40, 790))):
        c.fill(box(500 - w, y, 500 + w, y + 28), light(wall[0], 0.95 - 0.08 * k), light(wall[1], 1.1))
    c.shadow(box(500 - table - 20, 780, 500 + table + 20, 800), 0.5)
    marble = rng.choice(STONES)
    c.fill(box(500 - table, 660, 500 + table, 795), marble[0], marble[1])
    for k in range(5):
        x = 500 - table + (k + 0.5) * table * 2 / 5
        c.line(arch(x - table * 0.14, x + table * 0.14, 712, 785), light(marble[1], 0.9), 5)
    c.fill(box(500 - table - 16, 640, 500 + table + 16, 668), (250, 246, 236), (216, 208, 196))
    drop, teeth = rng.uniform(30, 90), 16
    edge = [(500 - table - 16 + (table * 2 + 32) * k / teeth, 668 + drop * (1.0 if k % 2 else 0.72)) for k in range(teeth + 1)]
    c.fill([(500 - table - 16, 666)] + edge + [(500 + table + 16, 666)], (250, 247, 238), (206, 198, 190))
    count = rng.choice([2, 3])
    for side in (-1, 1):
        for k in range(count):
            x, tall = 500 + side * (table * 0.92 - k * table * 0.26), rng.uniform(80, 110) - 10 * k
            c.fill(box(x - 5, 640 - tall * 0.45, x + 5, 640), *GILDING, axis="round")
            c.fill(box(x - 14, 632, x + 14, 642), *GILDING, axis="round")
            c.fill(box(x - 6, 640 - tall, x + 6, 640 - tall * 0.45), (252, 246, 226), (200, 184, 150), axis="round")
            c.disc(x, 640 - tall - 12, 5, 12, (255, 244, 190))
            c.glow(x, 640 - tall - 12, 90, (255, 206, 120), 0.7)
    c.fill(box(494, 540, 506, 640), *GILDING, axis="round")
    c.fill(box(468, 568, 532, 580), *GILDING)
    c.glow(500, 430, 460, (255, 204, 130), 0.35)
    return c.finish(vignette=0.6)


def _retable(c, gold, half, top, base):
    """The tall gilded screen behind an altar: columns, panels with figures, a gable."""
    rng = c.rng
    c.shadow(box(500 - half - 50, top - 80, 500 + half + 50, base + 60), 0.55, 30)
    c.fill(box(500 - half - 30, top, 500 + half + 30, base + 20), light(gold[0], 0.72), light(gold[1], 0.9))
    crown = rng.choice(["gable", "round", "steps"])
    if crown == "gable":
        gable = [(500 - half - 50, top), (500, top - half * 0.62), (500 + half + 50, top)]
    elif crown == "round":
        gable = arch(500 - half * 0.75, 500 + half * 0.75, top - 20, top)
    else:
        gable = arch(500 - half * 0.45, 500 + half * 0.45, top - half * 0.35, top, True)
    c.relief(gable, gold, 18)
    c.disc(500, top - half * 0.22, half * 0.17, half * 0.17, (120, 40, 44), (60, 20, 40))
    c.disc(500, top - half * 0.22, half * 0.10, half * 0.10, (240, 214, 160), (190, 120, 70))
    c.fill(box(500 - half - 55, top - 6, 500 + half + 55, top + 24), gold[0], gold[1])
    for k, middle in enumerate((-0.68, 0, 0.68)):
        wide = half * (0.40 if k == 1 else 0.24)
        x = 500 + middle * half
        opening = arch(x - wide, x + wide, top + 60 + wide * 0.9, base - 20, rng.random() < 0.3)
        ground = rng.choice([(46, 62, 116), (120, 36, 40), (44, 84, 70), (86, 50, 84), (54, 40, 34)])
        c.fill(opening, ground, light(ground, 0.55))
        robed_figure(c, x, base - 26, (base - top - 110) * (1.0 if k == 1 else 0.82), halo=True)
        c.line(opening, gold[0], 9)
    for x in (-1, -0.45, 0.45, 1):
        px = 500 + x * half
        c.fill(box(px - 17, top + 24, px + 17, base), *gold, axis="round")
        for y in range(int(top + 40), int(base), 26):  # the twist of the shaft
            c.line([(px - 15, y + 12), (px + 15, y)], light(gold[1], 1.1), 4)
        c.relief(box(px - 25, top + 22, px + 25, top + 48), gold, 10)
        c.relief(box(px - 25, base - 16, px + 25, base + 6), gold, 10)
    c.fill(box(500 - half - 50, base, 500 + half + 50, base + 26), gold[0], gold[1])


def dome_inner(size, rng):
    """A dome from below: rings of coffers that close around a bright opening."""
    c = Canvas(size, rng)
    stone = rng.choice(STONES + [GILDING])
    cx, cy = 500 + rng.uniform(-60, 60), 500 + rng.uniform(-90, 90)
    squash, reach = rng.uniform(0.82, 1.0), rng.uniform(420, 640)
    c.fill(box(0, 0, 1000, 1000), light(stone[1], 0.6), light(stone[1], 0.35))
    c.disc(cx, cy, reach * 1.12, reach * 1.12 * squash, mix(*stone, 0.4), mix(*stone, 0.7))
    rings, sectors = rng.randint(4, 7), rng.choice([16, 20, 24, 28, 32])
    eye = rng.uniform(0.12, 0.28)
    painted = rng.random() < 0.35
    dye = rng.choice([(60, 86, 150), (150, 52, 46), (70, 110, 90)])
    edges = [eye + (1 - eye) * (k / rings) ** 0.85 for k in range(rings + 1)]
    for k in range(rings):
        r0, r1 = edges[k] * reach, edges[k + 1] * reach
        for j in range(sectors):
            a0, a1 = 360 * j / sectors, 360 * (j + 1) / sectors
            facing = 0.5 - 0.5 * math.cos(math.radians((a0 + a1) / 2) - (0 if c.sun > 0 else math.pi))
            shade = 0.12 + 0.55 * facing * (k + 1) / rings + 0.15 * k / rings
            cell = ring(cx, cy, r1, r1 * squash, a0, a1, 4) + ring(cx, cy, r0, r0 * squash, a1, a0, 4)
            c.fill(cell, mix(*stone, shade))
            inset, pad = (r1 - r0) * 0.2, 360 / sectors * 0.17
            hollow = ring(cx, cy, r1 - inset, (r1 - inset) * squash, a0 + pad, a1 - pad, 4) + ring(cx, cy, r0 + inset, (r0 + inset) * squash, a1 - pad, a0 + pad, 4)
            c.fill(hollow, mix(dye, stone[1], shade * 0.7) if painted else mix(*stone, min(1, shade + 0.38)))
        c.line(ring(cx, cy, r1, r1 * squash), mix(*stone, 0.1), 5)
    if rng.random() < 0.6:  # windows at the foot
        for j in range(sectors):
            a = math.radians(360 * (j + 0.5) / sectors)
            x, y = cx + math.cos(a) * reach * 1.06, cy + math.sin(a) * reach * 1.06 * squash
            c.disc(x, y, 16, 16, (255, 252, 236))
            c.glow(x, y, 70, (255, 246, 220), 0.5)
    bright = rng.choice([(255, 254, 246), (206, 226, 250), (120, 170, 230)])
    c.disc(cx, cy, eye * reach, eye * reach * squash, bright, light(bright, 0.92))
    c.line(ring(cx, cy, eye * reach, eye * reach * squash), light(stone[0], 1.1), 12)
    c.glow(cx, cy, eye * reach * 2.6, bright, 0.5)
    return c.finish(vignette=0.55)
GLASS = [(206, 24, 38), (24, 66, 186), (240, 186, 42), (26, 132, 82), (120, 40, 140), (226, 232, 240), (40, 150, 206), (236, 120, 36)]


def stained_glass(size, rng):
    """A window that glows in a dark wall: a lancet with a figure, several lights, or a rose."""
    c = Canvas(size, rng)
    dark = rng.choice([(22, 20, 24), (36, 30, 28), (52, 46, 44), (14, 14, 20)])
    c.fill(box(0, 0, 1000, 1000), dark, light(dark, 0.7))
    c.masonry(box(0, 0, 1000, 1000), 60, colour=(0, 0, 0), strength=0.4)
    layout = rng.choice(["lancet", "lancet", "lights", "rose"])
    if layout == "rose":
        _rose(c, 500, 500, rng.uniform(370, 450))
    elif layout == "lancet":
        half = rng.uniform(220, 300)
        _lancet(c, 500 - half, 500 + half, rng.uniform(380, 430), 950, True)
    else:
        count = rng.choice([2, 3])
        wide = 860 / count
        for k in range(count):
            rise = 60 if count == 3 and k == 1 else 0
            _lancet(c, 70 + wide * k + 16, 70 + wide * (k + 1) - 16, 300 - rise, 940, rng.random() < 0.8)
    bloom = c.image.filter(ImageFilter.GaussianBlur(22 * c.scale))
    c.image = ImageChops.screen(c.image, bloom.point(lambda value: int(value * 0.32)))
    return c.finish(grain=0.6, vignette=0.3)


def _pane(c, points, colour, lead=6):
    """One piece of glass, unevenly lit, in its lead."""
    c.fill(points, light(colour, c.rng.uniform(0.95, 1.3)), light(colour, c.rng.uniform(0.6, 1.0)))
    c.line(points, (12, 10, 12), lead, closed=True)


def _lancet(c, x0, x1, spring, bottom, pointed):
    """A tall light: a border, a field of small panes, a standing figure or medallions."""
    rng = c.rng
    outline = arch(x0, x1, spring, bottom, pointed)
    stone = rng.choice(STONES)
    c.line(outline, light(stone[1], 0.75), 44, closed=True)
    field, contrast = rng.choice(GLASS), rng.choice(GLASS)
    c.fill(outline, field, light(field, 0.6))
    before = c.image.copy()
    wide = x1 - x0
    step = wide / rng.choice([6, 7, 8])
    lozenge = rng.random() < 0.5
    top = spring - wide * 0.9
    row = 0
    y = top
    while y < bottom:
        for k in range(-1, int(wide / step) + 2):
            x = x0 + k * step + (step / 2 if row % 2 else 0)
            tint = light(rng.choice([field, field, contrast, rng.choice(GLASS)]), rng.uniform(0.7, 1.2))
            pane = [(x, y - step / 2), (x + step / 2, y), (x, y + step / 2), (x - step / 2, y)] if lozenge else box(x - step / 2, y - step / 2, x + step / 2, y + step / 2)
            _pane(c, pane, tint, 4)
        y += step / 2 if lozenge else step
        row += 1
    middle = (x0 + x1) / 2
    if rng.random() < 0.6:
        _glass_figure(c, middle, bottom - wide * 0.12, min((bottom - spring) * 1.02, wide * 1.9))
    else:
        radius = wide * 0.34
        y = bottom - radius * 1.3
        while y > spring - radius * 0.5:
            base = rng.choice(GLASS)
            _pane(c, ring(middle, y, radius, radius), rng.choice(GLASS), 9)
            for k in range(6):
                a = 60 * k
                _pane(c, [(middle, y)] + ring(middle, y, radius * 0.86, radius * 0.86, a, a + 60, 6), rng.choice([base, rng.choice(GLASS)]), 5)
            _pane(c, ring(middle, y, radius * 0.36, radius * 0.36), rng.choice(GLASS), 6)
            y -= radius * 2.15
    border = wide * 0.085
    steps = int((bottom - spring) / (border * 1.6))
    for side in (x0, x1 - border):
        for k in range(steps):
            yy = bottom - (k + 1) * (bottom - spring) / steps
            _pane(c, box(side, yy, side + border, yy + (bottom - spring) / steps), (GLASS[0], GLASS[2], GLASS[1])[k % 3], 4)
    mask = Image.new("L", c.image.size)
    ImageDraw.Draw(mask).polygon(c._pixels(outline), fill=255)
    original = before.copy()
    original.paste(c.image, (0, 0), mask)
    c.image = original
    c.line(outline, (14, 12, 12), 12, closed=True)
    for k in range(1, 6):  # the iron bars
        y = bottom - k * (bottom - spring) / 5
        c.line([(x0, y), (x1, y)], (14, 12, 12), 6)


def _glass_figure(c, x, foot, tall):
    """A standing figure put together from coloured panes."""
    rng = c.rng
    w = tall * 0.19
    robe, cloak = rng.sample(GLASS[:5], 2)
    _pane(c, ring(x, foot - tall * 0.87, tall * 0.125, tall * 0.125), (246, 200, 60), 7)
    for k in range(4):  # folds of the robe
        xa, xb = x - w + 2 * w * k / 4, x - w + 2 * w * (k + 1) / 4
        ta, tb = (x + (v - x) * 0.62 for v in (xa, xb))
        _pane(c, [(ta, foot - tall * 0.74), (tb, foot - tall * 0.74), (xb, foot), (xa, foot)], light(robe, 0.8 + 0.14 * k), 5)
    _pane(c, [(x - w * 0.75, foot - tall * 0.76), (x - w * 0.1, foot - tall * 0.70), (x - w * 0.35, foot - tall * 0.08), (x - w * 1.3, foot - tall * 0.14)], cloak, 6)
    _pane(c, [(x + w * 0.75, foot - tall * 0.76), (x + w * 0.1, foot - tall * 0.70), (x + w * 0.45, foot - tall * 0.36), (x + w * 1.2, foot - tall * 0.3)], cloak, 6)
    _pane(c, ring(x, foot - tall * 0.87, tall * 0.062, tall * 0.078), (246, 214, 180), 5)
    _pane(c, ring(x, foot - tall * 0.915, tall * 0.064, tall * 0.05, 180, 360), (120, 70, 36), 4)
    c.line([(x - 9, foot - tall * 0.875), (x - 4, foot - tall * 0.875)], (40, 24, 20), 4)
    c.line([(x + 4, foot - tall * 0.875), (x + 9, foot - tall * 0.875)], (40, 24, 20), 4)
    _pane(c, ring(x + w * 0.2, foot - tall * 0.55, tall * 0.035, tall * 0.03), (246, 214, 180), 4)
    c.line([(x + w * 0.55, foot - tall * 0.98), (x + w * 0.35, foot - tall * 0.02)], (240, 196, 60), 9)


def _rose(c, cx, cy, radius):
    """A wheel window."""
    rng = c.rng
    stone = rng.choice(STONES)
    c.disc(cx, cy, radius * 1.1, radius * 1.1, light(stone[1], 0.8), light(stone[1], 0.4))
    petals = rng.choice([8, 10, 12, 16])
    turn = rng.uniform(0, 360)
    pair = rng.sample(GLASS, 3)
    for k in range(petals):
        a0, a1 = turn + 360 * k / petals, turn + 360 * (k + 1) / petals
        am = math.radians((a0 + a1) / 2)
        for j, (r0, r1) in enumerate(((0.26, 0.46), (0.46, 0.68), (0.68, 1.0))):
            _pane(c, ring(cx, cy, radius * r1, radius * r1, a0, a1, 6) + ring(cx, cy, radius * r0, radius * r0, a1, a0, 6),
                  pair[(k + j) % 2] if j < 2 else pair[2], 9)
        span = radius * math.sin(math.pi / petals)
        ox, oy = cx + math.cos(am) * radius * 0.83, cy + math.sin(am) * radius * 0.83
        _pane(c, ring(ox, oy, span * 0.66, span * 0.66), rng.choice(GLASS), 9)
        for q in range(4):
            _pane(c, [(ox, oy)] + ring(ox, oy, span * 0.6, span * 0.6, 90 * q, 90 * q + 90, 5), rng.choice(GLASS), 4)
        mx, my = cx + math.cos(am) * radius * 0.57, cy + math.sin(am) * radius * 0.57
        _pane(c, ring(mx, my, span * 0.34, span * 0.34), rng.choice(GLASS), 5)
    _pane(c, ring(cx, cy, radius * 0.26, radius * 0.26), rng.choice(GLASS), 10)
    for k in range(6):
        _pane(c, [(cx, cy)] + ring(cx, cy, radius * 0.2, radius * 0.2, 60 * k, 60 * k + 60, 5), rng.choice(GLASS), 5)
    for r, w in ((1.0, 18), (0.46, 8), (0.26, 8)):
        c.line(ring(cx, cy, radius * r, radius * r), (16, 14, 14), w)


def vault(size, rng):
    """A nave looked along and upwards: bays of ribbed vaulting that run into the distance."""
    c = Canvas(size, rng)
    web, ribs = rng.choice(STONES), rng.choice(STONES)
    half, spring, rise, bay = 1.0, rng.uniform(0.6, 1.2), rng.uniform(0.8, 1.25), rng.uniform(0.8, 1.15)
    pitch, focal = rng.uniform(0.25, 0.75), rng.uniform(520, 700)
    sway, bays = rng.uniform(-0.25, 0.25), 6
    sharp = rng.choice([1.0, 1.0, 1.35])
    warm = rng.choice([(255, 236, 200), (255, 255, 250), (255, 214, 150)])

    def see(x, y, z):
        """Where a point of the room lies on the sheet, for an eye at the origin that looks up by `pitch`."""
        x -= sway
        depth, up = z * math.cos(pitch) + y * math.sin(pitch), y * math.cos(pitch) - z * math.sin(pitch)
        depth = max(depth, 0.08)
        return (500 + focal * x / depth, 520 - focal * up / depth)

    def crown(t):
        """The height of an arch above its springing, at `t` from -1 to 1."""
        return rise * max(0.0, 1 - abs(t) ** (2 / sharp)) ** (0.5 * sharp)

    c.fill(box(0, 0, 1000, 1000), light(web[1], 0.5), light(web[1], 0.3))
    end = 0.2 + bays * bay
    back = [see(x, y, end) for x, y in [(-half, -1)] + [(-half + 2 * half * k / 16, spring + crown(-1 + k / 8)) for k in range(17)] + [(half, -1)]]
    c.fill(back, mix(*web, 0.35), mix(*web, 0.6))
    for k in (-0.45, 0, 0.45):
        c.fill([see(k + dx, y, end) for dx, y in [(-0.14, -0.1), (-0.14, spring * 0.7), (0, spring * 0.95), (0.14, spring * 0.7), (0.14, -0.1)]], warm)
    c.glow(*see(0, spring * 0.4, end), 240, warm, 0.7)
    for k in reversed(range(bays)):
        z0 = 0.2 + k * bay
        _bay(c, see, crown, z0, bay, half, spring, web, ribs, warm, 1 - 0.05 * k)
    return c.finish(vignette=0.5)


def _bay(c, see, crown, z0, bay, half, spring, web, ribs, warm, lit):
    """One bay: side walls with their windows, four webs, diagonal and transverse ribs, and the boss."""
    z1, zc = z0 + bay, z0 + bay / 2
    side_lit = {-1: 0.30 + 0.18 * c.sun, 1: 0.30 - 0.18 * c.sun}
    for side in (-1, 1):
        x = side * half
        edge = [(z0 + bay * t / 10, spring + crown(t / 5 - 1)) for t in range(11)]
        c.fill([see(x, -1.6, z0)] + [see(x, y, z) for z, y in edge] + [see(x, -1.6, z1)], mix(*web, side_lit[side]), mix(*web, 0.75))
        window = [(zc - bay * 0.22, spring * 0.35), (zc - bay * 0.22, spring * 0.95), (zc - bay * 0.1, spring + crown(0) * 0.45), (zc, spring + crown(0) * 0.62),
                  (zc + bay * 0.1, spring + crown(0) * 0.45), (zc + bay * 0.22, spring * 0.95), (zc + bay * 0.22, spring * 0.35)]
        c.fill([see(x, y, z) for z, y in window], warm, light(warm, 0.82))
        c.line([see(x, spring * 0.35, zc), see(x, spring + crown(0) * 0.62, zc)], mix(*web, 0.6), 5)
        opening = [(zc - bay * 0.36, -1.6), (zc - bay * 0.36, -0.2), (zc - bay * 0.2, 0.0), (zc, 0.08), (zc + bay * 0.2, 0.0), (zc + bay * 0.36, -0.2), (zc + bay * 0.36, -1.6)]
        c.fill([see(x, y, z) for z, y in opening], light(web[1], 0.6), light(web[1], 0.35))
    _webs(c, see, crown, zc, bay, half, spring, web, lit)
    width = 15 * 1.6 / max(0.6, zc)
    for sign in (-1, 1):
        rib = [see(u * half, spring + crown(u), zc + sign * u * bay / 2) for u in (k / 12 - 1 for k in range(25))]
        c.line([(x, y + width * 0.5) for x, y in rib], light(ribs[1], 0.8), width)
        c.line(rib, light(ribs[0], lit), width * 0.7)
    c.disc(*see(0, spring + crown(0), zc), width * 1.3, width * 1.1, *GILDING)
    front = [see(u * half, spring + crown(u), z0) for u in (k / 12 - 1 for k in range(25))]
    c.line([(x, y + width * 0.6) for x, y in front], light(ribs[1], 0.7), width * 1.7)
    c.line(front, light(ribs[0], lit * 0.98), width * 1.2)
    for side in (-1, 1):  # the shafts that carry the ribs
        foot, head = see(side * half * 0.98, -1.6, z0), see(side * half * 0.98, spring, z0)
        c.line([foot, head], light(ribs[1], 0.9), width * 2.6)
        c.line([(foot[0] - side * width * 0.3, foot[1]), (head[0] - side * width * 0.3, head[1])], mix(*ribs, 0.2), width * 1.5)
        c.disc(head[0], head[1], width * 1.8, width * 0.9, light(ribs[0], lit), mix(*ribs, 0.6))


def _webs(c, see, crown, zc, bay, half, spring, web, lit, cells=14):
    """The four curved surfaces of a bay, in small facets; those on a groin are cut along it."""
    for i in range(cells):
        for j in range(cells):
            u0, u1, v0, v1 = (2 * n / cells - 1 for n in (i, i + 1, j, j + 1))
            if i == j:
                facets = [((u0, v0), (u1, v0), (u1, v1)), ((u0, v0), (u0, v1), (u1, v1))]
            elif i + j == cells - 1:
                facets = [((u0, v0), (u1, v0), (u0, v1)), ((u1, v0), (u1, v1), (u0, v1))]
            else:
                facets = [((u0, v0), (u1, v0), (u1, v1), (u0, v1))]
            for facet in facets:
                um, vm = (sum(values) / len(facet) for values in zip(*facet))
                if abs(um) > abs(vm):  # a web over a window
                    shade = 0.18 + 0.22 * abs(vm)
                else:  # a web that crosses the nave
                    shade = 0.34 + 0.30 * abs(um) * (1.0 if um * c.sun < 0 else 0.6) + (0.12 if vm > 0 else 0)
                c.fill([see(u * half, spring + max(crown(u), crown(v)), zc + v * bay / 2) for u, v in facet],
                       light(mix(*web, min(1, shade)), lit))
