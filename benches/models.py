#!/usr/bin/env python3
"""Makes networks of the sizes that the field uses, with random weights, as bundles: for speed alone.

    pip install onnx numpy && models.py FOLDER [--labels ../data/tagger/labels/subjects.tsv]
"""

import argparse
import hashlib
import pathlib
import shutil

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

HERE = pathlib.Path(__file__).parent


class Net:
    """An ONNX graph that grows node by node."""

    def __init__(self):
        self.nodes, self.weights, self.count, self.random = [], [], 0, np.random.default_rng(7)

    def constant(self, array):
        self.count += 1
        name = f"w{self.count}"
        self.weights.append(numpy_helper.from_array(np.ascontiguousarray(array), name))
        return name

    def weight(self, *shape, scale=0.02):
        return self.constant((self.random.standard_normal(shape) * scale).astype(np.float32))

    def add(self, kind, *inputs, **attributes):
        self.count += 1
        name = f"t{self.count}"
        self.nodes.append(helper.make_node(kind, list(inputs), [name], **attributes))
        return name

    def conv(self, x, channels, out, size, stride=1, pad=0, group=1):
        w = self.weight(out, channels // group, size, size, scale=(2 / (channels // group * size * size)) ** 0.5)
        b = self.constant(np.zeros(out, np.float32))
        return self.add("Conv", x, w, b, kernel_shape=[size] * 2, strides=[stride] * 2, pads=[pad] * 4, group=group)

    def linear(self, x, inner, outer):
        return self.add("Add", self.add("MatMul", x, self.weight(inner, outer)), self.constant(np.zeros(outer, np.float32)))

    def norm(self, x, width):
        one, none = self.constant(np.ones(width, np.float32)), self.constant(np.zeros(width, np.float32))
        return self.add("LayerNormalization", x, one, none, axis=-1, epsilon=1e-6)

    def shape(self, x, *sizes):
        return self.add("Reshape", x, self.constant(np.array(sizes, np.int64)))

    def save(self, path, x, width):
        pictures = helper.make_tensor_value_info("pixel_values", TensorProto.FLOAT, ["batch", 3, 224, 224])
        logits = helper.make_tensor_value_info("logits", TensorProto.FLOAT, ["batch", width])
        self.nodes[-1].output[0] = "logits"
        graph = helper.make_graph(self.nodes, path.parent.name, [pictures], [logits], self.weights)
        onnx.save(helper.make_model(graph, opset_imports=[helper.make_opsetid("", 20)], ir_version=9), path)


def convnext_base(net, width):
    x, channels = "pixel_values", 3
    for depth, out in zip((3, 3, 27, 3), (128, 256, 512, 1024)):
        if channels == 3:
            x = net.conv(x, 3, out, 4, 4)
            x = net.add("Transpose", net.norm(net.add("Transpose", x, perm=[0, 2, 3, 1]), out), perm=[0, 3, 1, 2])
        else:
            x = net.add("Transpose", net.norm(net.add("Transpose", x, perm=[0, 2, 3, 1]), channels), perm=[0, 3, 1, 2])
            x = net.conv(x, channels, out, 2, 2)
        for _ in range(depth):
            y = net.add("Transpose", net.conv(x, out, out, 7, pad=3, group=out), perm=[0, 2, 3, 1])
            y = net.linear(net.add("Gelu", net.linear(net.norm(y, out), out, out * 4)), out * 4, out)
            y = net.add("Mul", y, net.constant(np.full(out, 0.1, np.float32)))
            x = net.add("Add", x, net.add("Transpose", y, perm=[0, 3, 1, 2]))
        channels = out
    x = net.shape(net.add("GlobalAveragePool", x), -1, channels)
    return net.linear(net.norm(x, channels), channels, width)


def vit_b16(net, width):
    wide, heads, each = 768, 12, 64
    x = net.conv("pixel_values", 3, wide, 16, 16)
    x = net.add("Transpose", net.shape(x, 0, wide, 196), perm=[0, 2, 1])
    x = net.add("Add", x, net.weight(1, 196, wide))
    for _ in range(12):
        y = net.norm(x, wide)
        part = lambda: net.add("Transpose", net.shape(net.linear(y, wide, wide), 0, 196, heads, each), perm=[0, 2, 1, 3])
        query, key, value = part(), net.add("Transpose", part(), perm=[0, 1, 3, 2]), part()
        scores = net.add("Mul", net.add("MatMul", query, key), net.constant(np.array(each**-0.5, np.float32)))
        y = net.add("MatMul", net.add("Softmax", scores, axis=-1), value)
        y = net.shape(net.add("Transpose", y, perm=[0, 2, 1, 3]), 0, 196, wide)
        x = net.add("Add", x, net.linear(y, wide, wide))
        y = net.linear(net.add("Gelu", net.linear(net.norm(x, wide), wide, wide * 4)), wide * 4, wide)
        x = net.add("Add", x, y)
    x = net.add("ReduceMean", net.norm(x, wide), net.constant(np.array([1], np.int64)), keepdims=0)
    return net.linear(x, wide, width)


def mobilenet_v2(net, width):
    clip = lambda x: net.add("Clip", x, net.constant(np.array(0, np.float32)), net.constant(np.array(6, np.float32)))
    x, channels = clip(net.conv("pixel_values", 3, 32, 3, 2, 1)), 32
    for expand, out, times, first in ((1, 16, 1, 1), (6, 24, 2, 2), (6, 32, 3, 2), (6, 64, 4, 2), (6, 96, 3, 1), (6, 160, 3, 2), (6, 320, 1, 1)):
        for index in range(times):
            stride, inner = first if index == 0 else 1, channels * expand
            y = x if expand == 1 else clip(net.conv(x, channels, inner, 1))
            y = net.conv(clip(net.conv(y, inner, inner, 3, stride, 1, group=inner)), inner, out, 1)
            x = net.add("Add", x, y) if stride == 1 and channels == out else y
            channels = out
    x = clip(net.conv(x, channels, 1280, 1))
    x = net.shape(net.add("GlobalAveragePool", x), -1, 1280)
    return net.linear(x, 1280, width)


MANIFEST = """schema = 1
id = "bench-{name}"
version = "1"
title = "{name}, with random weights"
task = "tagging"
licence = "CC0-1.0"
status = "demo"

[source]
file = "model.onnx"
sha256 = "{checksum}"

[image]
input = "pixel_values"
layout = "NCHW"
dtype = "f32"
color = "RGB"
resize = {{ mode = "shortest-edge", size = 256, filter = "bilinear", antialias = true }}
crop = {{ mode = "center", size = [224, 224] }}
rescale = 0.00392156862745098
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]

[[head]]
facet = "subjects"
output = "logits"
activation = "softmax"
labels = "labels/subjects.tsv"
decode = {{ closure = "sum-descendants", emit = "back-off", threshold = 0.5, max_tags = 3 }}

[provenance]
limits = "Random weights: it sees nothing, as fast as a trained one."
"""


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("folder", type=pathlib.Path)
    arguments.add_argument("--labels", type=pathlib.Path, default=HERE.parent / "data/tagger/labels/subjects.tsv")
    given = arguments.parse_args()
    width = sum(1 for line in given.labels.read_text().splitlines() if line and line[0].isdigit())
    for name, build in (("mobilenet-v2", mobilenet_v2), ("vit-b16", vit_b16), ("convnext-base", convnext_base)):
        folder = given.folder / name
        (folder / "labels").mkdir(parents=True, exist_ok=True)
        net = Net()
        net.save(folder / "model.onnx", build(net, width), width)
        shutil.copy(given.labels, folder / "labels/subjects.tsv")
        checksum = hashlib.sha256((folder / "model.onnx").read_bytes()).hexdigest()
        (folder / "bundle.toml").write_text(MANIFEST.format(name=name, checksum=checksum))
        print(folder, (folder / "model.onnx").stat().st_size // 2**20, "MiB")


main()
