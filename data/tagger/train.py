#!/usr/bin/env python3
"""Trains the demonstration's tagger of architectural elements, measures it, and writes its bundle.

    train.py --elements DIR --documents DIR --drawings N --out DIR [--seed S] [--epochs E] [--threads T]

`--elements` holds one folder of small photographs for each element, `--documents` scans of documents for
the reject class "other", and `--drawings` says how many drawings of each kind `draw.py` adds to the
training. What comes out is the bundle (network, label map, manifest, golden picture and scores) and the
measured figures, from which a person writes card.md. Wants torch, Pillow and numpy; `check.py` then
compares the exported network with what is written here.

The pictures are split by groups. Two pictures belong to one group when their 64-bit difference hashes (or
that of the mirrored picture) differ in at most eight bits, and groups are closed under that: so the same
photograph in two sizes never stands on both sides of a split.
"""

import argparse
import hashlib
import json
import math
import random
import sys
import time
from pathlib import Path

import numpy as np
import torch
import torch.nn.functional as F
from PIL import Image, ImageOps
from torch import nn

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))
import draw  # noqa: E402  (the neighbouring folder's script)

AAT = "http://vocab.getty.edu/aat/"
CLASSES = [  # folder, concept, label, mapping: in the order of the network's outputs
    ("altar", "300003725", "altar", "close"),
    ("apse", "300004607", "apse", "exact"),
    ("bell_tower", "300004848", "bell tower", "exact"),
    ("column", "300001571", "column", "exact"),
    ("dome(inner)", "300001280", "dome, inner", "broad"),
    ("dome(outer)", "300001280", "dome, outer", "broad"),
    ("flying_buttress", "300000905", "flying buttress", "exact"),
    ("gargoyle", "300002330", "gargoyle", "close"),
    ("stained_glass", "300263722", "stained glass", "exact"),
    ("vault", "300001324", "vault", "exact"),
    ("other", None, "other", "-"),
]
LABELS = [label for _, _, label, _ in CLASSES]
OTHER = len(CLASSES) - 1
KIND_TO_CLASS = {kind: row for row, kind in enumerate(draw.ELEMENTS)} | {kind: OTHER for kind in draw.OTHERS}
RESIZE, SIDE = 64, 56
MEAN, STD = [0.485, 0.456, 0.406], [0.229, 0.224, 0.225]
CROPS = 24          # views of each document in training
GOLDEN = ("gargoyle", 6, 160)


# --- pictures ---------------------------------------------------------------------------------


def shrink(picture):
    """The picture as the network's input starts: shortest edge 64, antialiased bilinear, middle square."""
    picture = picture.convert("RGB")
    scale = RESIZE / min(picture.size)
    size = [max(RESIZE, round(edge * scale)) for edge in picture.size]
    picture = picture.resize(size, Image.Resampling.BILINEAR)
    left, top = (size[0] - RESIZE) // 2, (size[1] - RESIZE) // 2
    return np.asarray(picture.crop((left, top, left + RESIZE, top + RESIZE)))


def views_of(picture, count, rng):
    """The whole picture, then `count` cut-outs of it at random."""
    picture = picture.convert("RGB")
    views = [shrink(picture)]
    for _ in range(count):
        share = rng.uniform(0.15, 0.95)
        width, height = (int(edge * math.sqrt(share)) for edge in picture.size)
        x, y = rng.randint(0, picture.width - width), rng.randint(0, picture.height - height)
        views.append(shrink(picture.crop((x, y, x + width, y + height))))
    return views


def hash_bits(picture):
    """The 64 bits of a difference hash, as -1 and 1."""
    grey = np.asarray(picture.convert("L").resize((9, 8), Image.Resampling.BILINEAR), np.int16)
    return np.where(grey[:, 1:] > grey[:, :-1], 1, -1).astype(np.float32).ravel()


def groups_of(pictures, most=8):
    """Gives each picture the number of its group of near-duplicates (see the top of this file)."""
    straight = np.stack([hash_bits(picture) for picture in pictures])
    mirrored = np.stack([hash_bits(ImageOps.mirror(picture.convert("RGB"))) for picture in pictures])
    parent = list(range(len(pictures)))

    def root(i):
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for start in range(0, len(pictures), 1000):
        block = straight[start:start + 1000]
        agree = np.maximum(block @ straight.T, block @ mirrored.T)
        for i, j in zip(*np.nonzero(agree >= 64 - 2 * most)):
            parent[root(start + int(i))] = root(int(j))
    return [root(i) for i in range(len(pictures))]


def split(groups, rng, shares=(80, 10, 10)):
    """Sends each group to training, validation or test, by these shares of a hundred."""
    fate = {group: rng.choices(["train", "validation", "test"], shares)[0] for group in sorted(set(groups))}
    return [fate[group] for group in groups]


class Set:
    """Small pictures with their class and what they are ("photograph", "document", "drawing")."""

    def __init__(self):
        self.pictures, self.classes, self.sources = [], [], []

    def add(self, picture, row, source):
        self.pictures.append(picture)
        self.classes.append(row)
        self.sources.append(source)

    def seal(self):
        """Turns the lists into arrays."""
        self.pictures = torch.from_numpy(np.stack(self.pictures)).permute(0, 3, 1, 2).contiguous()
        self.classes = torch.tensor(self.classes)
        self.sources = np.array(self.sources)
        return self


def gather(arguments):
    """Reads and draws all pictures, split into the three sets."""
    rng = random.Random(arguments.seed)
    sets = {name: Set() for name in ("train", "validation", "test")}
    paths, rows = [], []
    for row, (folder, *_) in enumerate(CLASSES[:OTHER]):
        found = sorted((arguments.elements / folder).iterdir())
        paths += found
        rows += [row] * len(found)
    photographs = [Image.open(path).convert("RGB") for path in paths]
    groups = groups_of(photographs)
    for picture, row, name in zip(photographs, rows, split(groups, rng)):
        sets[name].add(shrink(picture), row, "photograph")
    print(f"{len(paths)} photographs in {len(set(groups))} groups", flush=True)

    scans = [Image.open(path).convert("RGB") for path in sorted(arguments.documents.glob("*/*")) if path.suffix in (".jpg", ".jpeg", ".png")]
    fates = split(groups_of(scans), random.Random(arguments.seed + 1), (65, 10, 25))
    for picture, name in zip(scans, fates):
        for number, view in enumerate(views_of(picture, CROPS if name == "train" else 8, rng)):
            sets[name].add(view, OTHER, "document" if number == 0 else "cut-out")
    print(f"{len(scans)} documents: {fates.count('train')} to train, {fates.count('validation')} to validate, {fates.count('test')} to test", flush=True)

    plan = {"train": (1_000_000, arguments.drawings), "validation": (2_000_000, 12), "test": (3_000_000, 20)}
    for name, (first, count) in plan.items():
        for kind, row in KIND_TO_CLASS.items():
            for seed in range(first, first + count):
                sets[name].add(shrink(draw.draw(kind, seed, rng.choice([96, 128, 192]))), row, "drawing")
    return {name: part.seal() for name, part in sets.items()}


# --- the network ------------------------------------------------------------------------------


def layer(wide_in, wide_out, side=3, stride=1):
    """A convolution with its normalisation."""
    return nn.Sequential(nn.Conv2d(wide_in, wide_out, side, stride, side // 2, bias=False), nn.BatchNorm2d(wide_out), nn.ReLU(inplace=True))


class Network(nn.Module):
    """Five convolutions, two poolings, one linear layer."""

    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(
            layer(3, 32, 5, 2), layer(32, 48), nn.MaxPool2d(2), layer(48, 96), nn.MaxPool2d(2),
            layer(96, 128), layer(128, 224), nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.drop = nn.Dropout(0.2)
        self.head = nn.Linear(224, len(CLASSES))

    def forward(self, pixels):
        return self.head(self.drop(self.body(pixels)))


def normalise(pictures):
    """From bytes to the numbers that the network takes."""
    mean, std = (torch.tensor(values).view(1, 3, 1, 1) for values in (MEAN, STD))
    return (pictures.float() / 255 - mean) / std


def vary(pictures, generator):
    """Turns, cuts, mirrors and tints a batch, each picture in its own way, and cuts it to 56 pixels."""
    count = len(pictures)

    def uniform(low, high, *shape):
        return low + (high - low) * torch.rand(count, *shape, generator=generator)

    angle, zoom = uniform(-0.14, 0.14), uniform(0.62, 0.95)
    mirror = torch.where(torch.rand(count, generator=generator) < 0.5, -1.0, 1.0)
    slack = 1 - zoom
    stretch = uniform(0.9, 1.1)
    place = torch.zeros(count, 2, 3)
    place[:, 0, 0], place[:, 0, 1] = torch.cos(angle) * zoom * mirror * stretch, -torch.sin(angle) * zoom
    place[:, 1, 0], place[:, 1, 1] = torch.sin(angle) * zoom * mirror, torch.cos(angle) * zoom / stretch
    place[:, 0, 2], place[:, 1, 2] = uniform(-1, 1) * slack, uniform(-1, 1) * slack
    grid = F.affine_grid(place, (count, 3, SIDE, SIDE), align_corners=False)
    pixels = F.grid_sample(pictures.float() / 255, grid, padding_mode="reflection", align_corners=False)
    grey = pixels.mean(1, keepdim=True)
    faded = torch.where(torch.rand(count, generator=generator) < 0.2, torch.zeros(count), uniform(0.5, 1.4)).view(-1, 1, 1, 1)
    pixels = grey + (pixels - grey) * faded
    middle = pixels.mean((1, 2, 3), keepdim=True)
    pixels = (middle + (pixels - middle) * uniform(0.6, 1.35, 1, 1, 1)) * uniform(0.7, 1.3, 1, 1, 1) * uniform(0.92, 1.08, 3, 1, 1)
    return normalise(pixels.clamp(0, 1) * 255).contiguous(memory_format=torch.channels_last)


def train(part, arguments):
    """Fits the network, each epoch drawing as many pictures as there are: rare classes more often than
    their share, and documents too, for a tag on a manuscript is worse than a photograph without one."""
    generator = torch.Generator().manual_seed(arguments.seed)
    torch.manual_seed(arguments.seed)
    network = Network().to(memory_format=torch.channels_last)
    share = torch.bincount(part.classes, minlength=len(CLASSES)).float()
    weights = share.pow(-0.5)[part.classes]
    emphasis = {"photograph": 1.0, "drawing": 1.3, "cut-out": 1.6, "document": 5.0}
    weights = weights * torch.tensor([emphasis[source] for source in part.sources])
    steps = len(part.classes) // 64
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, 4e-3, arguments.epochs * steps, pct_start=0.25)
    started = time.time()
    for epoch in range(arguments.epochs):
        network.train()
        order = torch.multinomial(weights, steps * 64, replacement=True, generator=generator)
        total = 0.0
        for rows in order.split(64):
            loss = F.cross_entropy(network(vary(part.pictures[rows], generator)), part.classes[rows], label_smoothing=0.04)
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total / steps:.3f}, {time.time() - started:.0f} s", flush=True)
    return network.eval()


def logits_of(network, part):
    """The network's answers for the middle 56 pixels of each picture, as at inference."""
    edge = (RESIZE - SIDE) // 2
    with torch.no_grad():
        return torch.cat([network(normalise(batch[:, :, edge:edge + SIDE, edge:edge + SIDE])) for batch in part.pictures.split(256)])


def fold(network):
    """The same network with each normalisation taken into the convolution before it."""
    for part in network.body:
        if isinstance(part, nn.Sequential):
            part[0], part[1] = torch.nn.utils.fusion.fuse_conv_bn_eval(part[0], part[1]), nn.Identity()
    return network


# --- measuring --------------------------------------------------------------------------------


def temperature_of(logits, classes):
    """The temperature with the least log loss, by golden steps over a fine grid."""
    grid = np.exp(np.linspace(math.log(0.3), math.log(3), 300))
    losses = [F.cross_entropy(logits / t, classes).item() for t in grid]
    return float(grid[int(np.argmin(losses))])


def calibration_error(confidences, right, bins=15):
    """The expected calibration error of the most likely class."""
    where = np.minimum((confidences * bins).astype(int), bins - 1)
    return float(sum(abs(confidences[where == b].mean() - right[where == b].mean()) * (where == b).mean() for b in range(bins) if (where == b).any()))


def by_concept(confidences):
    """Adds up the rows that share a concept (inner and outer dome)."""
    merged = confidences.copy()
    merged[:, 4] += merged[:, 5]
    merged[:, 5] = 0
    return merged


def measure(network, sets):
    """All figures of the card."""
    answers = {name: logits_of(network, sets[name]) for name in ("validation", "test")}
    t = temperature_of(answers["validation"], sets["validation"].classes)
    test = sets["test"]
    confidences = F.softmax(answers["test"] / t, 1).numpy()
    raw = F.softmax(answers["test"], 1).numpy()
    classes, guess = test.classes.numpy(), confidences.argmax(1)
    right = guess == classes
    photograph, drawing = test.sources == "photograph", test.sources == "drawing"
    paper = classes == OTHER
    tagged = by_concept(confidences)[:, :OTHER].max(1)
    figures = {
        "temperature": t, "fitted_on": len(sets["validation"].classes),
        "train": {source: int((sets["train"].sources == source).sum()) for source in ("photograph", "document", "cut-out", "drawing")},
        "photographs": {"n": int(photograph.sum()), "accuracy": float(right[photograph].mean()),
                        "by_class": {LABELS[k]: (int((photograph & (classes == k)).sum()), float(right[photograph & (classes == k)].mean())) for k in range(OTHER)}},
        "sure": {str(level): (float((tagged[photograph] >= level).mean()),
                              float((by_concept(confidences)[photograph].argmax(1) == np.where(classes[photograph] == 5, 4, classes[photograph]))[tagged[photograph] >= level].mean()))
                 for level in (0.5, 0.9)},
        "drawings": {"n": int(drawing.sum()), "accuracy": float(right[drawing].mean()),
                     "other_tagged": (int((drawing & paper).sum()), float((tagged[drawing & paper] >= 0.5).mean()))},
        "calibration_error": {"before": calibration_error(raw.max(1), right), "after": calibration_error(confidences.max(1), right)},
    }
    for source in ("document", "cut-out"):
        here = test.sources == source
        figures[source] = {"n": int(here.sum()), "rejected": float((guess[here] == OTHER).mean()),
                           "tagged_half": float((tagged[here] >= 0.5).mean()), "tagged_nine": float((tagged[here] >= 0.9).mean()),
                           "any_half": float((confidences[here, :OTHER].sum(1) >= 0.5).mean()), "any_nine": float((confidences[here, :OTHER].sum(1) >= 0.9).mean())}
    return figures


# --- the bundle -------------------------------------------------------------------------------


def write_labels(path):
    """The label map: one row for each output, in order."""
    path.parent.mkdir(parents=True, exist_ok=True)
    rows = [f"{row}\t{AAT + concept if concept else '-'}\t{label}\t{mapping}" for row, (_, concept, label, mapping) in enumerate(CLASSES)]
    path.write_text("\n".join(["index\tiri\tlabel\tmapping", *rows]) + "\n", encoding="utf-8")


def write_golden(network, folder):
    """One drawn picture and the scores (softmax, not calibrated) that any runtime must reproduce."""
    kind, seed, size = GOLDEN
    draw.draw(kind, seed, size).save(folder / "golden.png", optimize=True)
    edge = (RESIZE - SIDE) // 2
    pixels = torch.from_numpy(shrink(Image.open(folder / "golden.png")).copy()).permute(2, 0, 1)[None, :, edge:-edge, edge:-edge]
    with torch.no_grad():
        scores = F.softmax(network(normalise(pixels)), 1)[0].tolist()
    rows = [{"index": row, "label": LABELS[row], "score": round(score, 6)} for row, score in enumerate(scores)]
    (folder / "golden.json").write_text(json.dumps({"subjects": {"scores": rows}}, indent=2) + "\n", encoding="utf-8")


def write_manifest(folder, figures):
    """bundle.toml, with the hash of the network and the temperature just fitted."""
    digest = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
    (folder / "bundle.toml").write_text(f'''\
# The demonstration's tagger: which picture it wants, what its outputs mean, how far to trust it.
# Written by train.py together with the network; card.md tells the whole story.
schema = 1
id = "glossator-demo-architecture"
version = "2026.11"
title = "Nine architectural elements, for the demonstration"
task = "tagging"
licence = "CC0-1.0"
status = "demo"
card = "card.md"

[source]
file = "model.onnx"
sha256 = "{digest}"

[image]
input = "pixel_values"
layout = "NCHW"
dtype = "f32"
color = "RGB"
resize = {{ mode = "shortest-edge", size = {RESIZE}, filter = "bilinear", antialias = true }}
crop = {{ mode = "center", size = [{SIDE}, {SIDE}] }}
rescale = {1 / 255!r}
mean = {MEAN}
std = {STD}

[[head]]
facet = "subjects"
output = "logits"
activation = "softmax"
labels = "labels/subjects.tsv"
decode = {{ closure = "sum-descendants", emit = "back-off", threshold = 0.5, max_tags = 3 }}
calibration = {{ kind = "temperature", t = {figures["temperature"]:.4f}, fitted_on = "validation split by groups of near-duplicates: photographs, documents, drawings", n = {figures["fitted_on"]} }}

[provenance]
trained_on = [
  "Architectural Heritage Elements, training pictures, 64 pixels (gathered from Flickr and Wikimedia Commons)",
  "document scans of the Bibliothèque nationale de France, class other",
  "drawings by draw.py, all elements and class other",
]
evaluated_on = [
  "photographs, documents and drawings held out from the same sources, by groups of near-duplicates",
]
limits = "Ten outputs for nine concepts, and a reject class that has seen few kinds of other things. For demonstrations; not for publication."

[golden]
picture = "golden.png"
scores = "golden.json"
tolerance = 1e-3
''', encoding="utf-8")


def write_network(network, path):
    """The network as ONNX, for any number of pictures at once."""
    torch.onnx.export(network, torch.zeros(1, 3, SIDE, SIDE), str(path), opset_version=13, input_names=["pixel_values"], output_names=["logits"],
                      dynamic_axes={"pixel_values": {0: "batch"}, "logits": {0: "batch"}})


def main():
    """Reads the command line, trains, measures, writes."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--elements", type=Path, required=True, help="folder with one folder of photographs for each element")
    parser.add_argument("--documents", type=Path, required=True, help="folder with folders of document scans")
    parser.add_argument("--drawings", type=int, default=100, help="how many drawings of each kind to train on")
    parser.add_argument("--out", type=Path, required=True, help="where the bundle goes")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument("--epochs", type=int, default=11)
    parser.add_argument("--threads", type=int, default=1)
    arguments = parser.parse_args()
    torch.set_num_threads(arguments.threads)
    sets = gather(arguments)
    network = fold(train(sets["train"], arguments))
    figures = measure(network, sets)
    arguments.out.mkdir(parents=True, exist_ok=True)
    write_network(network, arguments.out / "model.onnx")
    write_labels(arguments.out / "labels" / "subjects.tsv")
    write_golden(network, arguments.out)
    write_manifest(arguments.out, figures)
    (arguments.out / "figures.json").write_text(json.dumps(figures, indent=2) + "\n", encoding="utf-8")
    print(json.dumps(figures, indent=2))


if __name__ == "__main__":
    main()
