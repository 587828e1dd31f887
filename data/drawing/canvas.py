"""The sheet that the drawings are made on: its colours, its shapes, its brushes.

Coordinates run from 0 to 1000 in both directions, from the top left corner, whatever the size in pixels.
"""

import math

import numpy as np
from PIL import Image, ImageChops, ImageDraw, ImageFilter

STONES = [  # a lit colour and the tint of its shadow
    ((226, 208, 170), (104, 84, 66)),
    ((214, 206, 194), (92, 92, 98)),
    ((198, 178, 150), (86, 70, 58)),
    ((190, 188, 186), (74, 76, 84)),
    ((214, 178, 146), (104, 68, 54)),
    ((196, 132, 100), (92, 50, 40)),
    ((232, 226, 212), (128, 122, 122)),
]
SKIES = [  # zenith, horizon
    ((48, 106, 178), (190, 214, 232)),
    ((88, 142, 200), (226, 232, 232)),
    ((30, 76, 150), (128, 178, 222)),
    ((150, 162, 176), (222, 224, 224)),
    ((206, 212, 218), (240, 240, 238)),
    ((84, 88, 132), (244, 190, 140)),
    ((28, 36, 74), (120, 116, 150)),
]
ROOFS = [(150, 84, 58), (112, 76, 62), (84, 92, 100), (92, 142, 124), (122, 60, 46)]
GILDING = ((246, 206, 104), (118, 72, 22))


def mix(a, b, t):
    """The colour that lies at `t` (0 to 1) between `a` and `b`."""
    return tuple(int(round(x + (y - x) * t)) for x, y in zip(a, b))


def light(colour, factor):
    """The colour made brighter (factor over 1) or darker."""
    return tuple(max(0, min(255, int(channel * factor))) for channel in colour)


def box(x0, y0, x1, y1):
    """The four corners of an upright rectangle."""
    return [(x0, y0), (x1, y0), (x1, y1), (x0, y1)]


def arch(x0, x1, spring, bottom, pointed=False, rise=None):
    """The outline of an opening: two jambs and a round or pointed head above the springing line."""
    middle, half = (x0 + x1) / 2, (x1 - x0) / 2
    height = rise if rise is not None else half * (1.7 if pointed else 1.0)
    left = []
    for step in range(13):
        t = step / 12
        if pointed:  # an arc struck from the far jamb, scaled to the rise
            angle = math.radians(60 * t)
            left.append((x1 - 2 * half * math.cos(angle), spring - height * math.sin(angle) / math.sin(math.pi / 3)))
        else:
            angle = math.pi / 2 * t
            left.append((middle - half * math.cos(angle), spring - height * math.sin(angle)))
    right = [(2 * middle - x, y) for x, y in reversed(left)]
    return [(x0, bottom)] + left + right + [(x1, bottom)]


def smooth(points, steps=10):
    """A closed curve through the points (Catmull-Rom)."""
    curve, count = [], len(points)
    for i in range(count):
        p0, p1, p2, p3 = (points[(i + k - 1) % count] for k in range(4))
        for step in range(steps):
            t = step / steps
            curve.append(tuple(
                0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t * t + (3 * b - a - 3 * c + d) * t ** 3)
                for a, b, c, d in zip(p0, p1, p2, p3)))
    return curve


def ring(cx, cy, rx, ry, start=0.0, end=360.0, steps=48):
    """Points along an ellipse, from one angle to another (degrees, clockwise from the right)."""
    return [(cx + rx * math.cos(math.radians(start + (end - start) * i / steps)),
             cy + ry * math.sin(math.radians(start + (end - start) * i / steps))) for i in range(steps + 1)]


class Canvas:
    """A sheet to draw on, at twice the wanted size, with the few kinds of brushes that the drawings need."""

    def __init__(self, size, rng):
        self.size, self.rng = size, rng
        self.noise = np.random.default_rng(rng.getrandbits(32))
        self.scale = 2 * size / 1000
        self.image = Image.new("RGB", (2 * size, 2 * size))
        self.sun = rng.choice([-1, 1])  # the light comes from the left (-1) or from the right (1)

    def _pixels(self, points):
        return [(x * self.scale, y * self.scale) for x, y in points]

    def _stencil(self, points):
        """The mask of a polygon, cut to its bounding box, and where that box lies."""
        pixels = self._pixels(points)
        side = self.image.width
        x0 = max(0, math.floor(min(x for x, _ in pixels)))
        y0 = max(0, math.floor(min(y for _, y in pixels)))
        x1 = min(side, math.ceil(max(x for x, _ in pixels)) + 1)
        y1 = min(side, math.ceil(max(y for _, y in pixels)) + 1)
        if x1 <= x0 or y1 <= y0:
            return None, (0, 0, 0, 0)
        mask = Image.new("L", (x1 - x0, y1 - y0))
        ImageDraw.Draw(mask).polygon([(x - x0, y - y0) for x, y in pixels], fill=255)
        return mask, (x0, y0, x1, y1)

    def fill(self, points, colour, to=None, axis="y", alpha=1.0):
        """Paints a polygon: flat, or shaded from `colour` to `to` downwards ("y"), to the right ("x"), or
        as a round body seen from the side ("round": lit towards the sun, dark at the far edge)."""
        mask, where = self._stencil(points)
        if mask is None:
            return
        width, height = where[2] - where[0], where[3] - where[1]
        if to is None:
            paint = Image.new("RGB", (width, height), tuple(colour))
        else:
            length = height if axis == "y" else width
            t = np.linspace(0, 1, max(length, 2))
            if axis == "round":
                across = (t * 2 - 1) * self.sun
                normal = np.clip(across * 0.62 + np.sqrt(np.clip(1 - across ** 2, 0, 1)) * 0.78, 0, 1)
                t = 1 - np.clip(normal + 0.12 * np.clip(-across - 0.7, 0, 1), 0, 1)
            strip = np.asarray(colour)[None] * (1 - t[:, None]) + np.asarray(to)[None] * t[:, None]
            strip = strip.clip(0, 255).astype(np.uint8)
            strip = strip[:, None] if axis == "y" else strip[None]
            paint = Image.fromarray(strip).resize((width, height), Image.Resampling.BILINEAR)
        if alpha < 1:
            mask = mask.point(lambda value: int(value * alpha))
        self.image.paste(paint, where[:2], mask)

    def line(self, points, colour, width, closed=False):
        """Draws along the points."""
        pixels = self._pixels(list(points) + ([points[0]] if closed else []))
        ImageDraw.Draw(self.image).line(pixels, fill=tuple(colour), width=max(1, round(width * self.scale)), joint="curve")

    def disc(self, cx, cy, rx, ry, colour, to=None, axis="y"):
        """Paints an ellipse."""
        self.fill(ring(cx, cy, rx, ry), colour, to, axis)

    def relief(self, points, stone, depth=26.0):
        """Paints a polygon as if carved: its edge falls away from the light like that of a sculpture."""
        mask, where = self._stencil(points)
        if mask is None:
            return
        pad = int(depth * self.scale) + 2
        wide = Image.new("L", (mask.width + 2 * pad, mask.height + 2 * pad))
        wide.paste(mask, (pad, pad))
        height = sum(np.asarray(wide.filter(ImageFilter.GaussianBlur(depth * self.scale * k)), np.float32) * k
                     for k in (0.25, 0.6, 1.0))
        gy, gx = np.gradient(height * depth / 255)
        gain = 1.1
        shade = (1.0 - self.sun * gx * gain + gy * gain) / np.sqrt(1 + (gx * gain) ** 2 + (gy * gain) ** 2)
        shade = np.clip(shade * 0.62 + 0.05, 0, 1)[pad:-pad, pad:-pad, None]
        lit, dark = (np.asarray(colour, np.float32) for colour in stone)
        paint = dark * 0.8 + (lit * 1.08 - dark * 0.8) * shade
        self.image.paste(Image.fromarray(paint.clip(0, 255).astype(np.uint8)), where[:2], mask)

    def masonry(self, points, course=26, colour=(40, 30, 24), strength=0.28):
        """Draws the joints of the stones over a polygon."""
        mask, where = self._stencil(points)
        if mask is None:
            return
        joints = Image.new("L", mask.size)
        pen = ImageDraw.Draw(joints)
        step, thin = max(3, course * self.scale), max(1, round(2 * self.scale))
        for row in range(int(mask.height / step) + 2):
            y = row * step
            pen.line([(0, y), (mask.width, y)], fill=255, width=thin)
            x = -self.rng.random() * step
            while x < mask.width:
                x += step * self.rng.uniform(1.2, 2.6)
                pen.line([(x, y), (x, y + step)], fill=255, width=thin)
                if self.rng.random() < 0.3:  # a stone of its own colour
                    pen.rectangle([x, y, x + step * 1.5, y + step], fill=self.rng.randint(20, 110))
        joints = ImageChops.multiply(joints, mask).point(lambda value: int(value * strength))
        self.image.paste(Image.new("RGB", mask.size, colour), where[:2], joints)

    def shadow(self, points, strength=0.5, blur=14):
        """Darkens a polygon softly."""
        veil = Image.new("L", self.image.size)
        ImageDraw.Draw(veil).polygon(self._pixels(points), fill=int(255 * strength))
        veil = veil.filter(ImageFilter.GaussianBlur(blur * self.scale))
        self.image.paste(Image.new("RGB", self.image.size, (18, 16, 26)), (0, 0), veil)

    def glow(self, cx, cy, radius, colour, strength=0.8):
        """Adds a soft light."""
        reach = radius * self.scale
        side = self.image.width
        x0, y0 = int(max(0, cx * self.scale - reach)), int(max(0, cy * self.scale - reach))
        x1, y1 = int(min(side, cx * self.scale + reach)), int(min(side, cy * self.scale + reach))
        if x1 <= x0 or y1 <= y0:
            return
        yy, xx = np.mgrid[y0:y1, x0:x1]
        distance = np.hypot(xx - cx * self.scale, yy - cy * self.scale) / max(reach, 1)
        gain = (np.clip(1 - distance, 0, 1) ** 2 * strength)[..., None]
        part = np.asarray(self.image.crop((x0, y0, x1, y1)), np.float32)
        part = 255 - (255 - part) * (1 - gain * np.asarray(colour) / 255)
        self.image.paste(Image.fromarray(part.clip(0, 255).astype(np.uint8)), (x0, y0))

    def clouds(self, horizon=1000):
        """A sky down to the horizon, with or without clouds."""
        zenith, low = self.rng.choice(SKIES)
        self.fill(box(0, 0, 1000, horizon), zenith, low)
        if self.rng.random() < 0.75:
            side = self.image.width
            cloud = sum(np.asarray(Image.fromarray((self.noise.random((n, n)) * 255).astype(np.uint8))
                                   .resize((side, side // 2), Image.Resampling.BICUBIC), np.float32) / n
                        for n in (4, 8, 17, 37, 80))
            cloud = (cloud - cloud.min()) / (cloud.max() - cloud.min())
            cover = np.clip((cloud - self.rng.uniform(0.42, 0.6)) * 3.2, 0, 0.85)
            cover = Image.fromarray((cover * 255).astype(np.uint8)).resize((side, int(horizon * self.scale) or 1))
            self.image.paste(Image.new("RGB", cover.size, mix(low, (255, 255, 255), 0.75)), (0, 0), cover)

    def ground(self, horizon, colour=None):
        """Grass, sand or paving from the horizon down."""
        colour = colour or self.rng.choice([(104, 128, 66), (86, 110, 60), (176, 160, 126), (142, 136, 128), (120, 124, 78)])
        self.fill(box(0, horizon, 1000, 1000), light(colour, 0.8), light(colour, 1.1))

    def tree(self, x, foot, height):
        """A leafy tree in the distance."""
        green = self.rng.choice([(92, 118, 58), (70, 98, 56), (112, 124, 62), (58, 82, 58)])
        self.fill(box(x - height * 0.03, foot - height * 0.4, x + height * 0.03, foot), (70, 52, 40))
        for _ in range(9):
            angle, reach = self.rng.uniform(0, 6.3), self.rng.uniform(0, 0.24) * height
            self.relief(ring(x + math.cos(angle) * reach, foot - height * 0.62 + math.sin(angle) * reach,
                             height * 0.18, height * 0.16, steps=18), (light(green, 1.25), light(green, 0.5)), height * 0.06)

    def finish(self, grain=1.0, vignette=0.35):
        """The photograph of the drawing: mottled surfaces, darker corners, a cast, grain; in its final size."""
        pixels = np.asarray(self.image, np.float32)
        side = self.image.width
        mottle = sum(np.asarray(Image.fromarray((self.noise.random((n, n)) * 255).astype(np.uint8))
                                .resize((side, side), Image.Resampling.BICUBIC), np.float32) / 255 - 0.5
                     for n in (9, 40, 160)) * 0.05 * grain
        yy, xx = np.mgrid[-1:1:side * 1j, -1:1:side * 1j]
        dark = 1 - vignette * np.clip((xx ** 2 + yy ** 2) / 2, 0, 1) ** 1.3
        slant = 1 + 0.10 * self.sun * xx
        pixels = pixels * ((1 + mottle) * dark * slant)[..., None]
        pixels *= 1 + self.noise.normal(0, 0.02, 3)
        picture = Image.fromarray(pixels.clip(0, 255).astype(np.uint8)).resize((self.size, self.size), Image.Resampling.LANCZOS)
        picture = picture.filter(ImageFilter.GaussianBlur(0.35 * self.size / 512))
        grains = self.noise.normal(0, 4.0 * grain, (self.size, self.size, 1))
        return Image.fromarray((np.asarray(picture, np.float32) + grains).clip(0, 255).astype(np.uint8))
