#!/usr/bin/env python3
"""Makes the tiny networks, the bundle `tiny` and its golden sample, by which the tests see that we compute as Python does.

    pip install onnx onnxruntime numpy pillow && make.py

A 3x3 convolution, the average of each channel, and a matrix: 4 outputs. The same weights in every shape in which exports come.
"""

import hashlib
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from PIL import Image

HERE = pathlib.Path(__file__).parent
SIZE = 8
LABELS = [
    ("http://vocab.getty.edu/aat/300003725", "altar", "exact"),
    ("http://vocab.getty.edu/aat/300001280", "dome", "exact"),
    ("http://vocab.getty.edu/aat/300001324", "vault", "close"),
    ("-", "other", "-"),
]
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])

random = np.random.default_rng(7)
KERNEL = random.normal(0, 0.3, (6, 3, 3, 3)).astype(np.float32)
MATRIX = random.normal(0, 0.5, (6, 4)).astype(np.float32)


def model(name, input_type, input_shape, before, tail, outputs):
    """before: nodes from `pixel_values` to `x` [N,3,8,8]; tail: nodes from `features` [N,6] on."""
    body = [
        helper.make_node("Conv", ["x", "kernel"], ["convolved"], kernel_shape=[3, 3], strides=[2, 2]),
        helper.make_node("Relu", ["convolved"], ["positive"]),
        helper.make_node("GlobalAveragePool", ["positive"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["features"], axis=1),
        helper.make_node("MatMul", ["features", "matrix"], ["flat"]),
    ]
    constants = [
        numpy_helper.from_array(KERNEL, "kernel"), numpy_helper.from_array(MATRIX, "matrix"),
        numpy_helper.from_array(np.array([0], np.int64), "first"), numpy_helper.from_array(np.array([2, 3], np.int64), "last"),
        numpy_helper.from_array((MEAN * 255).astype(np.float32), "mean"), numpy_helper.from_array((STD * 255).astype(np.float32), "std"),
    ]
    nodes = before + body + tail
    used = {i for node in nodes for i in node.input}
    graph = helper.make_graph(
        nodes, name,
        [helper.make_tensor_value_info("pixel_values", input_type, input_shape)],
        [helper.make_tensor_value_info(o, TensorProto.FLOAT, shape) for o, shape in outputs],
        [c for c in constants if c.name in used],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="glossator")
    onnx.checker.check_model(made)
    path = HERE / f"{name}.onnx"
    path.write_bytes(made.SerializeToString())
    return path


def node(op, inputs, output, **attributes):
    return helper.make_node(op, inputs, [output], **attributes)


def make_models():
    same = [node("Identity", ["pixel_values"], "x")]
    logits = [node("Identity", ["flat"], "logits")]
    four = ["N", 3, SIZE, SIZE]
    # `grid` is the same answer as [N, 4, 1, 1], and not a number where asked for by name.
    grid = [node("Unsqueeze", ["flat", "last"], "grid")]
    model("free", TensorProto.FLOAT, four, same, logits + grid, [("logits", ["N", 4]), ("grid", ["N", 4, 1, 1])])
    model("fixed", TensorProto.FLOAT, [3, 3, SIZE, SIZE], same, logits, [("logits", [3, 4])])
    single = [node("Unsqueeze", ["pixel_values", "first"], "x")]
    flat = [node("Squeeze", ["flat", "first"], "logits")]
    model("single", TensorProto.FLOAT, [3, SIZE, SIZE], single, flat, [("logits", [4])])
    bytes_in = [
        node("Cast", ["pixel_values"], "number", to=TensorProto.FLOAT), node("Sub", ["number", "mean"], "centred"),
        node("Div", ["centred", "std"], "scaled"), node("Transpose", ["scaled"], "x", perm=[0, 3, 1, 2]),
    ]
    model("bytes", TensorProto.UINT8, ["N", SIZE, SIZE, 3], bytes_in, logits, [("logits", ["N", 4])])


def golden(bundle):
    """A picture that must be scaled and cut, and what Pillow and ONNX Runtime make of it."""
    y, x = np.mgrid[0:30, 0:44]
    pixels = np.stack([(x * 5) % 256, (y * 8 + x) % 256, ((x - 22) ** 2 + (y - 15) ** 2) % 256], -1).astype(np.uint8)
    picture = Image.fromarray(pixels)
    picture.save(bundle / "golden.png")
    scaled = picture.resize((int(12 * 44 / 30), 12), Image.BICUBIC)
    left, top = (scaled.width - SIZE) // 2, (scaled.height - SIZE) // 2
    cut = np.asarray(scaled.crop((left, top, left + SIZE, top + SIZE)), np.float64)
    numbers = ((cut / 255 - MEAN) / STD).astype(np.float32).transpose(2, 0, 1)[None]
    logits = onnxruntime.InferenceSession(str(bundle / "model.onnx")).run(["logits"], {"pixel_values": numbers})[0][0].astype(np.float64)
    powers = np.exp(logits - logits.max())
    scores = [{"index": i, "label": LABELS[i][1], "score": float(s)} for i, s in enumerate(powers / powers.sum())]
    (bundle / "golden.json").write_text(json.dumps({"subjects": {"scores": scores}}, indent=1) + "\n")


def make_bundle():
    bundle = HERE / "tiny"
    (bundle / "labels").mkdir(parents=True, exist_ok=True)
    network = (HERE / "free.onnx").read_bytes()
    (bundle / "model.onnx").write_bytes(network)
    (HERE / "free.onnx").unlink()
    rows = ["index\tiri\tlabel\tmapping"] + [f"{i}\t{iri}\t{label}\t{mapping}" for i, (iri, label, mapping) in enumerate(LABELS)]
    (bundle / "labels" / "subjects.tsv").write_text("\n".join(rows) + "\n")
    manifest = (HERE / "tiny.toml").read_text()
    (bundle / "bundle.toml").write_text(manifest.replace("SHA256", hashlib.sha256(network).hexdigest()))
    golden(bundle)


make_models()
make_bundle()
