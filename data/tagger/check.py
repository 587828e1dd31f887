#!/usr/bin/env python3
"""Runs a tagger's bundle in ONNX Runtime, apart from the program that trained it.

    check.py BUNDLE [PICTURE ...]

First the golden picture: the scores must be those of the bundle, within its tolerance, alone and in a
batch. Then a table of the pictures: the two most likely concepts of each with their calibrated confidence,
after rows that share a concept have been added up. Wants onnxruntime, Pillow, numpy and Python 3.11.
"""

import hashlib
import json
import sys
import tomllib
from pathlib import Path

import numpy as np
import onnxruntime
from PIL import Image


class Bundle:
    """The manifest, its label map and its network."""

    def __init__(self, folder):
        self.folder = Path(folder)
        self.manifest = tomllib.loads((self.folder / "bundle.toml").read_text(encoding="utf-8"))
        self.image, self.head = self.manifest["image"], self.manifest["head"][0]
        lines = (self.folder / self.head["labels"]).read_text(encoding="utf-8").splitlines()[1:]
        self.labels = [line.split("\t") for line in lines]
        source = self.manifest["source"]
        network = (self.folder / source["file"]).read_bytes()
        if hashlib.sha256(network).hexdigest() != source["sha256"]:
            sys.exit("the network is not the one that the manifest names")
        self.session = onnxruntime.InferenceSession(network, providers=["CPUExecutionProvider"])

    def pixels(self, path):
        """The picture as the manifest wants it."""
        picture = Image.open(path).convert("RGB")
        edge, (high, wide) = self.image["resize"]["size"], self.image["crop"]["size"]
        scale = edge / min(picture.size)
        picture = picture.resize([max(edge, round(side * scale)) for side in picture.size], Image.Resampling.BILINEAR)
        left, top = (picture.width - wide) // 2, (picture.height - high) // 2
        values = np.asarray(picture.crop((left, top, left + wide, top + high)), np.float32) * np.float32(self.image["rescale"])
        values = (values - np.array(self.image["mean"], np.float32)) / np.array(self.image["std"], np.float32)
        return values.transpose(2, 0, 1)

    def scores(self, batch, temperature=1.0):
        """Softmax over the outputs, one row for each picture."""
        logits = self.session.run([self.head["output"]], {self.image["input"]: np.stack(batch).astype(np.float32)})[0] / temperature
        powers = np.exp(logits - logits.max(1, keepdims=True))
        return powers / powers.sum(1, keepdims=True)

    def concepts(self, row):
        """The confidences by concept, most likely first; a row without a concept stands under its label."""
        sums = {}
        for (_, iri, label, _), value in zip(self.labels, row):
            name = label if iri == "-" else label.split(",")[0]
            sums[name] = sums.get(name, 0.0) + float(value)
        return sorted(sums.items(), key=lambda pair: -pair[1])


def main(arguments):
    """Reads the command line."""
    if not arguments:
        sys.exit(__doc__)
    bundle = Bundle(arguments[0])
    golden = bundle.manifest["golden"]
    wanted = json.loads((bundle.folder / golden["scores"]).read_text(encoding="utf-8"))[bundle.head["facet"]]["scores"]
    pixels = bundle.pixels(bundle.folder / golden["picture"])
    for batch in ([pixels], [pixels * 0, pixels, pixels]):
        apart = max(abs(float(bundle.scores(batch)[-1][row["index"]]) - row["score"]) for row in wanted)
        print(f"golden picture in a batch of {len(batch)}: at most {apart:.1e} apart")
        if apart > golden["tolerance"]:
            sys.exit("the golden scores are not reproduced")
    temperature = bundle.head["calibration"]["t"]
    for path in arguments[1:]:
        ranked = bundle.concepts(bundle.scores([bundle.pixels(path)], temperature)[0])
        print(f"{Path(path).name:40} " + "   ".join(f"{name:16} {value:.3f}" for name, value in ranked[:2]))


if __name__ == "__main__":
    main(sys.argv[1:])
