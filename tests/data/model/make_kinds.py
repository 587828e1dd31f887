#!/usr/bin/env python3
"""Makes a small bundle of every kind of tagger, with random or hand-made weights, and what Python says of its golden sample.

    pip install onnx onnxruntime numpy pillow tokenizers && make_kinds.py

Heads: four sigmoid facets, a hierarchical softmax by nodes and one by levels, two networks of which one judges the digital picture, an
embedding. Texts: a CLIP of six numbers. Detectors: networks that find the one red and the one blue thing in what they are shown, with outputs
in the shape of each export. A captioner whose next word follows from the last one.
"""

import hashlib
import json
import pathlib

import numpy as np
import onnx
import onnxruntime
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from tokenizers import Regex, Tokenizer, models, normalizers, pre_tokenizers, processors

HERE = pathlib.Path(__file__).parent
OUT = HERE / "kinds"
SIZE, FEATURES, WIDTH = 8, 6, 5
MEAN, STD = np.array([0.485, 0.456, 0.406]), np.array([0.229, 0.224, 0.225])
random = np.random.default_rng(11)


def weights(*shape):
    return random.normal(0, 0.8, shape).astype(np.float32)


def node(op, inputs, output, **attributes):
    return helper.make_node(op, inputs, [output] if isinstance(output, str) else output, **attributes)


def info(name, kind, shape):
    return helper.make_tensor_value_info(name, kind, shape)


def save(path, nodes, inputs, outputs, constants, metadata=None):
    graph = helper.make_graph(nodes, "made", inputs, outputs, [numpy_helper.from_array(v, k) for k, v in constants.items()])
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)], ir_version=8, producer_name="glossator")
    if metadata:
        helper.set_model_props(made, metadata)
    onnx.checker.check_model(made)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(made.SerializeToString())
    return hashlib.sha256(path.read_bytes()).hexdigest()


KERNEL = weights(FEATURES, 3, 3, 3)


def backbone():
    """From `pixel_values` [N,3,8,8] to `features` [N,6]."""
    nodes = [
        node("Conv", ["pixel_values", "kernel"], "convolved", kernel_shape=[3, 3], strides=[2, 2]),
        node("Relu", ["convolved"], "positive"),
        node("GlobalAveragePool", ["positive"], "pooled"),
        node("Flatten", ["pooled"], "features", axis=1),
    ]
    return nodes, {"kernel": KERNEL}, [info("pixel_values", TensorProto.FLOAT, ["N", 3, SIZE, SIZE])]


def heads(path, sizes, half=(), metadata=None):
    """A network with an output of each size; those in `half` come in half precision."""
    nodes, constants, inputs = backbone()
    outputs = []
    for name, size in sizes.items():
        constants[f"{name}_matrix"] = weights(FEATURES, size) * 3
        full = f"{name}_full" if name in half else name
        nodes.append(node("MatMul", ["features", f"{name}_matrix"], full))
        if name in half:
            nodes.append(node("Cast", [full], name, to=TensorProto.FLOAT16))
        outputs.append(info(name, TensorProto.FLOAT16 if name in half else TensorProto.FLOAT, ["N", size]))
    return save(path, nodes, inputs, outputs, constants, metadata)


def golden_picture():
    """As high as pictures are scaled to, so that two libraries' ways of scaling, which differ by a shade, do not come into the comparison."""
    y, x = np.mgrid[0:12, 0:17]
    pixels = np.stack([(x * 15) % 256, (y * 21 + x) % 256, ((x - 8) ** 2 * 3 + (y - 6) ** 2) % 256], -1).astype(np.uint8)
    return Image.fromarray(pixels)


def prepared(picture):
    scaled = picture.resize((int(12 * picture.width / picture.height), 12), Image.BICUBIC)
    left, top = (scaled.width - SIZE) // 2, (scaled.height - SIZE) // 2
    cut = np.asarray(scaled.crop((left, top, left + SIZE, top + SIZE)), np.float64)
    return ((cut / 255 - MEAN) / STD).astype(np.float32).transpose(2, 0, 1)[None]


def run(path, outputs, inputs):
    return [np.asarray(v, np.float64) for v in onnxruntime.InferenceSession(str(path)).run(outputs, inputs)]


def sigmoid(x):
    return 1 / (1 + np.exp(-x))


def softmax(x):
    powers = np.exp(x - x.max())
    return powers / powers.sum()


IMAGE = """[image]
input = "pixel_values"
layout = "NCHW"
dtype = "f32"
color = "RGB"
resize = { mode = "shortest-edge", size = 12, filter = "bicubic", antialias = true }
crop = { mode = "center", size = [8, 8] }
rescale = 0.00392156862745098
mean = [0.485, 0.456, 0.406]
std = [0.229, 0.224, 0.225]
"""
GOLDEN = """
[golden]
picture = "golden.png"
scores = "golden.json"
tolerance = 1e-4
"""


def head_of(name, task, sha256, status="candidate"):
    return f"""schema = 1
id = "{name}"
version = "1"
title = "A small {name} for tests"
task = "{task}"
licence = "CC0-1.0"
status = "{status}"

[source]
file = "model.onnx"
sha256 = "{sha256}"

"""


def label_map(path, names):
    rows = ["index\tiri\tlabel\tmapping"]
    for index, name in enumerate(names):
        iri = "-" if name.startswith("-") else f"http://vocab.example/{name.replace(' ', '-')}"
        rows.append(f"{index}\t{iri}\t{name.lstrip('-')}\t{'-' if iri == '-' else 'exact'}")
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(rows) + "\n")


def write_golden(folder, picture, expected):
    picture.save(folder / "golden.png")
    (folder / "golden.json").write_text(json.dumps(expected, indent=1) + "\n")


def scores(names, values):
    return {"scores": [{"index": i, "label": n.lstrip("-"), "score": float(v)} for i, (n, v) in enumerate(zip(names, values))]}


FACETS = {
    "materials": ["oak", "silver", "paper"],
    "object-types": ["lute", "chair", "print", "coin"],
    "subjects": ["knight", "horse"],
    "disciplines": ["painting", "music"],
}


def make_facets():
    folder = OUT / "facets"
    sizes = {name.replace("-", "_"): len(labels) for name, labels in FACETS.items()}
    sha256 = heads(folder / "model.onnx", sizes, half=("subjects",))
    text = head_of("facets", "tagging", sha256) + IMAGE
    expected = {}
    values = run(folder / "model.onnx", list(sizes), {"pixel_values": prepared(golden_picture())})
    for (facet, labels), value in zip(FACETS.items(), values):
        label_map(folder / "labels" / f"{facet}.tsv", labels)
        expected[facet] = scores(labels, sigmoid(value[0]))
        text += f"""
[[head]]
facet = "{facet}"
output = "{facet.replace('-', '_')}"
activation = "sigmoid"
labels = "labels/{facet}.tsv"
decode = {{ closure = "max-descendant", emit = "most-specific", threshold = 0.3, max_tags = 8 }}
"""
    (folder / "bundle.toml").write_text(text + GOLDEN)
    write_golden(folder, golden_picture(), expected)


# Objects; below the first: instruments; below those: lute, harp. Below the second: chair, table.
TREE = ["instruments", "furniture", "strings", "winds", "chair", "table", "lute", "harp"]
GROUPS = [("-", 0, 2), ("http://vocab.example/instruments", 2, 2), ("1", 4, 2), ("http://vocab.example/strings", 6, 2)]


def products(raw):
    values = np.zeros(len(TREE))
    names = {f"http://vocab.example/{n}": i for i, n in enumerate(TREE)}
    for parent, first, count in GROUPS:
        above = 1.0 if parent == "-" else values[names[parent] if parent in names else int(parent)]
        values[first:first + count] = above * softmax(raw[first:first + count])
    return values


def make_hierarchies():
    folder = OUT / "nodes"
    sha256 = heads(folder / "model.onnx", {"nodes": len(TREE)})
    label_map(folder / "labels" / "objects.tsv", TREE)
    (folder / "labels" / "groups.tsv").write_text("parent\tfirst\tcount\n" + "".join(f"{p}\t{f}\t{c}\n" for p, f, c in GROUPS))
    common = """
[[head]]
facet = "object-types"
output = {output}
activation = "hierarchical-softmax"
labels = "labels/objects.tsv"
{groups}
decode = {{ closure = "path-product", emit = "back-off", threshold = 0.4, max_tags = 3 }}
"""
    text = common.format(output='"nodes"', groups='groups = "labels/groups.tsv"')
    (folder / "bundle.toml").write_text(head_of("nodes", "tagging", sha256) + IMAGE + text + GOLDEN)
    raw = run(folder / "model.onnx", ["nodes"], {"pixel_values": prepared(golden_picture())})[0][0]
    write_golden(folder, golden_picture(), {"object-types": scores(TREE, products(raw))})

    folder = OUT / "levels"
    sha256 = heads(folder / "model.onnx", {"level_1": 2, "level_2": 4, "level_3": 2})
    label_map(folder / "labels" / "objects.tsv", TREE)
    parents = ["-", "-", "0", "0", "1", "1", "2", "http://vocab.example/strings"]
    (folder / "labels" / "parents.tsv").write_text("index\tparent\n" + "".join(f"{i}\t{p}\n" for i, p in enumerate(parents)))
    text = common.format(output='["level_1", "level_2", "level_3"]', groups='parents = "labels/parents.tsv"')
    (folder / "bundle.toml").write_text(head_of("levels", "tagging", sha256) + IMAGE + text + GOLDEN)
    raw = np.concatenate([v[0] for v in run(folder / "model.onnx", ["level_1", "level_2", "level_3"], {"pixel_values": prepared(golden_picture())})])
    write_golden(folder, golden_picture(), {"object-types": scores(TREE, products(raw))})


def make_two():
    """Two networks: one says what is shown, the other whether there is a watermark."""
    folder = OUT / "two"
    names, quality = ["knight", "horse", "-nothing"], ["watermark"]
    sha256 = heads(folder / "model.onnx", {"logits": 3})
    second = heads(folder / "watermark.onnx", {"flag": 1})
    label_map(folder / "labels" / "subjects.tsv", names)
    label_map(folder / "labels" / "quality.tsv", quality)
    text = head_of("two", "tagging", sha256) + f"""[[network]]
name = "watermark"
file = "watermark.onnx"
sha256 = "{second}"

""" + IMAGE + """
[[head]]
facet = "subjects"
output = "logits"
activation = "softmax"
labels = "labels/subjects.tsv"
decode = { closure = "sum-descendants", emit = "most-specific", threshold = 0.2, max_tags = 2 }
calibration = { file = "calibration/subjects.toml" }

[[head]]
facet = "watermarks"
network = "watermark"
output = "flag"
activation = "sigmoid"
about = "web-resource"
labels = "labels/quality.tsv"
decode = { closure = "none", emit = "all", threshold = 0.0, max_tags = 1 }
"""
    (folder / "calibration").mkdir(exist_ok=True)
    (folder / "calibration" / "subjects.toml").write_text(
        'kind = "isotonic"\nfitted_on = "a made-up split"\nn = 40\npoints = [[0.0, 0.0], [0.5, 0.25], [1.0, 0.9]]\n')
    (folder / "bundle.toml").write_text(text + GOLDEN)
    numbers = {"pixel_values": prepared(golden_picture())}
    logits, flag = run(folder / "model.onnx", ["logits"], numbers)[0][0], run(folder / "watermark.onnx", ["flag"], numbers)[0][0]
    write_golden(folder, golden_picture(), {"subjects": scores(names, softmax(logits)), "watermarks": scores(quality, sigmoid(flag))})


WORDS = ["[UNK]", "<|startoftext|>", "<|endoftext|>", "a", "photo", "of", "an", "image", "object", "made", "knight", "horse", "oak", "silver",
         "paper", "lute", "chair", "wood", "metal", "materials", "rides", "the", "red", "blue", "thing", "une", "photographie", "de", "chêne",
         "argent", "papier", ","]
LENGTH = 12


def tokenizer(path):
    made = Tokenizer(models.WordLevel({w: i for i, w in enumerate(WORDS)}, unk_token="[UNK]"))
    made.normalizer = normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()])
    # CLIP's own way of cutting words.
    pattern = Regex(r"<\|startoftext\|>|<\|endoftext\|>|'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+")
    made.pre_tokenizer = pre_tokenizers.Split(pattern, behavior="removed", invert=True)
    made.add_special_tokens(["<|startoftext|>", "<|endoftext|>"])
    made.post_processor = processors.TemplateProcessing(
        single="<|startoftext|> $A <|endoftext|>", special_tokens=[("<|startoftext|>", 1), ("<|endoftext|>", 2)])
    path.parent.mkdir(parents=True, exist_ok=True)
    made.save(str(path))
    return made, hashlib.sha256(path.read_bytes()).hexdigest()


CANDIDATES = ["oak", "silver", "paper"]


def make_clip():
    folder = OUT / "clip"
    nodes, constants, inputs = backbone()
    constants["projection"] = weights(FEATURES, WIDTH)
    nodes.append(node("MatMul", ["features", "projection"], "image_embeds"))
    sha256 = save(folder / "model.onnx", nodes, inputs, [info("image_embeds", TensorProto.FLOAT, ["N", WIDTH])], constants)
    # The mean of its words' vectors, the end and the padding counted as one word.
    text_nodes = [
        node("Gather", ["table", "input_ids"], "vectors", axis=0),
        node("ReduceMean", ["vectors"], "text_embeds", axes=[1], keepdims=0),
    ]
    text_sha = save(folder / "text_model.onnx", text_nodes, [info("input_ids", TensorProto.INT64, ["N", LENGTH])],
                    [info("text_embeds", TensorProto.FLOAT, ["N", WIDTH])], {"table": weights(len(WORDS), WIDTH) * 2})
    made, tokenizer_sha = tokenizer(folder / "tokenizer.json")
    (folder / "preprocessor_config.json").write_text(json.dumps({
        "crop_size": {"height": SIZE, "width": SIZE}, "do_center_crop": True, "do_normalize": True, "do_rescale": True, "do_resize": True,
        "image_mean": list(MEAN), "image_std": list(STD), "resample": 3, "rescale_factor": 1 / 255, "size": {"shortest_edge": 12}}, indent=1))
    # The manifest says nothing of [image]: that stands in preprocessor_config.json and in the network.
    text = head_of("clip", "zero-shot", sha256) + f"""[embedding]
output = "image_embeds"
normalize = true

[text]
file = "text_model.onnx"
sha256 = "{text_sha}"
output = "text_embeds"
tokenizer = "tokenizer.json"
tokenizer_sha256 = "{tokenizer_sha}"
length = {LENGTH}
pad_id = 2

[[head]]
facet = "materials"
activation = "softmax"
candidates = {{ under = ["http://vocab.example/materials"], limit = 1000 }}
prompts = {{ en = "an image of an object made of {{tag}}" }}
score = {{ logit_scale = 10.0 }}
decode = {{ closure = "sum-descendants", emit = "back-off", threshold = 0.3, max_tags = 3 }}
"""
    (folder / "bundle.toml").write_text(text + GOLDEN)
    made.enable_padding(length=LENGTH, pad_id=2)
    ids = np.array([made.encode(f"an image of an object made of {c}").ids for c in CANDIDATES], np.int64)
    texts = run(folder / "text_model.onnx", ["text_embeds"], {"input_ids": ids})[0]
    image = run(folder / "model.onnx", ["image_embeds"], {"pixel_values": prepared(golden_picture())})[0][0]
    unit = lambda v: v / np.linalg.norm(v, axis=-1, keepdims=True)
    likeness = unit(texts) @ unit(image)
    write_golden(folder, golden_picture(), {"materials": scores(CANDIDATES, softmax(10 * likeness)), "embedding": {"values": list(unit(image))}})


SIDE = 64


def finder(side=SIDE):
    """From `pixel_values` [N,3,side,side], 0 to 1, the corners and the presence of the red and of the blue thing.

    A thing reaches from the first to the last column and row that have its colour. All by products and maxima, which every runtime knows.
    """
    constants = {
        "half": np.array(0.5, np.float32), "one": np.array(1, np.float32), "side": np.array(side, np.float32),
        "up": np.arange(1, side + 1, dtype=np.float32), "down": np.arange(side, 0, -1, dtype=np.float32),
    }
    for index in range(3):
        constants[f"c{index}"] = np.array([index], np.int64)
        constants[f"e{index}"] = np.array([index + 1], np.int64)
    constants["axis1"] = np.array([1], np.int64)
    nodes = []
    for index, name in enumerate(["r", "g", "b"]):
        nodes.append(node("Slice", ["pixel_values", f"c{index}", f"e{index}", "axis1"], f"{name}4"))
        nodes.append(node("Squeeze", [f"{name}4", "axis1"], name))
    for colour, own, other in [("red", "r", "b"), ("blue", "b", "r")]:
        c = lambda n: f"{colour}_{n}"
        nodes += [
            node("Sub", [own, other], c("more")), node("Sub", [c("more"), "half"], c("over")), node("Sign", [c("over")], c("sign")),
            node("Relu", [c("sign")], c("mask")),
            node("ReduceMax", [c("mask")], c("columns"), axes=[1], keepdims=0), node("ReduceMax", [c("mask")], c("rows"), axes=[2], keepdims=0),
            node("ReduceMax", [c("columns")], c("there"), axes=[1], keepdims=1),
        ]
        for axis, marks in [("x", "columns"), ("y", "rows")]:
            nodes += [
                node("Mul", [c(marks), "up"], c(f"{axis}_up")), node("ReduceMax", [c(f"{axis}_up")], c(f"{axis}1"), axes=[1], keepdims=1),
                node("Mul", [c(marks), "down"], c(f"{axis}_down")), node("ReduceMax", [c(f"{axis}_down")], c(f"{axis}_most"), axes=[1], keepdims=1),
                # Nothing there: from 0 to 0.
                node("Sub", ["side", c(f"{axis}_most")], c(f"{axis}_first")), node("Mul", [c(f"{axis}_first"), c("there")], c(f"{axis}0")),
                node("Add", [c(f"{axis}0"), c(f"{axis}1")], c(f"{axis}_sum")), node("Mul", [c(f"{axis}_sum"), "half"], c(f"c{axis}")),
                node("Sub", [c(f"{axis}1"), c(f"{axis}0")], c(f"s{axis}")),
            ]
    return nodes, constants, [info("pixel_values", TensorProto.FLOAT, ["N", 3, side, side])]


def rows(colour, names, nodes, into):
    """Numbers [N,1] each, side by side as [N,1,count]."""
    nodes.append(node("Concat", [n if n in ("zero", "first") else f"{colour}_{n}" for n in names], f"{into}_flat", axis=1))
    nodes.append(node("Unsqueeze", [f"{into}_flat", "axis1"], into))


LETTERBOX = """[image]
input = "{input}"
layout = "NCHW"
dtype = "f32"
color = "RGB"
resize = {{ mode = "longest-edge", size = 64, filter = "nearest", antialias = false }}
crop = {{ mode = "center", size = [64, 64], fill = [114, 114, 114] }}
rescale = 0.00392156862745098
mean = [0.0, 0.0, 0.0]
std = [1.0, 1.0, 1.0]
"""
THINGS = ["knight", "horse"]
RED, BLUE = (20, 10, 90, 60), (120, 40, 180, 90)


def scene():
    pixels = np.full((100, 200, 3), 200, np.uint8)
    for (x0, y0, x1, y1), colour in [(RED, (250, 20, 20)), (BLUE, (20, 20, 250))]:
        pixels[y0:y1, x0:x1] = colour
    return Image.fromarray(pixels)


def boxes_of(values):
    return [{"label": label, "score": float(score), "xywh": [x0, y0, x1 - x0, y1 - y0]}
            for label, (x0, y0, x1, y1), score in zip(THINGS, [RED, BLUE], values)]


def detector(name, nodes, constants, inputs, outputs, detect, activation, output, golden, metadata=None, more=""):
    folder = OUT / name
    sha256 = save(folder / "model.onnx", nodes, inputs, outputs, constants, metadata)
    label_map(folder / "labels" / "things.tsv", THINGS)
    text = head_of(name, "detection", sha256) + more + f"""
[[head]]
facet = "subjects"
output = "{output}"
activation = "{activation}"
labels = "labels/things.tsv"
detect = {detect}
""" + GOLDEN.replace("1e-4", "1e-2")
    (folder / "bundle.toml").write_text(text)
    write_golden(folder, scene(), {"subjects": {"boxes": boxes_of(golden)}})


def make_detectors():
    scale = {"p9": np.array(0.9, np.float32), "p8": np.array(0.8, np.float32)}

    # yolo-v8: [N, 4 + 2, 2], here with Ultralytics' notes in place of [image].
    nodes, constants, inputs = finder()
    constants |= scale | {"zeros": np.array(0, np.float32)}
    for colour, factor in [("red", "p9"), ("blue", "p8")]:
        nodes.append(node("Mul", [f"{colour}_there", factor], f"{colour}_score"))
        nodes.append(node("Mul", [f"{colour}_there", "zeros"], f"{colour}_none"))
    rows("red", ["cx", "cy", "sx", "sy", "score", "none"], nodes, "red_row")
    rows("blue", ["cx", "cy", "sx", "sy", "none", "score"], nodes, "blue_row")
    nodes += [node("Concat", ["red_row", "blue_row"], "rows", axis=1), node("Transpose", ["rows"], "output0", perm=[0, 2, 1])]
    rename = [helper.make_node(n.op_type, ["images" if i == "pixel_values" else i for i in n.input], n.output) for n in nodes]
    for made, original in zip(rename, nodes):
        made.attribute.extend(original.attribute)
    detector("yolo", rename, constants, [info("images", TensorProto.FLOAT, ["N", 3, SIDE, SIDE])],
             [info("output0", TensorProto.FLOAT, ["N", 6, 2])], '{ kind = "yolo-v8", threshold = 0.25 }', "none", "output0", [0.9, 0.8],
             metadata={"imgsz": "[64, 64]", "names": "{0: 'knight', 1: 'horse'}", "stride": "32", "task": "detect"})

    # yolo-end2end: [N, 2, 6].
    nodes, constants, inputs = finder()
    constants |= scale | {"zeros": np.array(0, np.float32)}
    for colour, factor, index in [("red", "p9", "zeros"), ("blue", "p8", "one")]:
        nodes.append(node("Mul", [f"{colour}_there", factor], f"{colour}_score"))
        nodes.append(node("Mul", [f"{colour}_there", "zeros"], f"{colour}_zero"))
        nodes.append(node("Add", [f"{colour}_zero", index], f"{colour}_class"))
        rows(colour, ["x0", "y0", "x1", "y1", "score", "class"], nodes, f"{colour}_row")
    nodes.append(node("Concat", ["red_row", "blue_row"], "output0", axis=1))
    detector("end2end", nodes, constants, inputs, [info("output0", TensorProto.FLOAT, ["N", 2, 6])],
             '{ kind = "yolo-end2end", threshold = 0.25 }', "none", "output0", [0.9, 0.8], more=LETTERBOX.format(input="pixel_values"))

    # detr, with a mask as DETR's exports have it, and relations as RelTR's.
    nodes, constants, inputs = finder()
    constants |= {"four": np.array(4, np.float32), "eight": np.array(8, np.float32), "zeros": np.array(0, np.float32)}
    nodes += [node("Cast", ["pixel_mask"], "mask_number", to=TensorProto.FLOAT),
              node("ReduceMax", ["mask_number"], "mask_most3", axes=[1, 2], keepdims=0), node("Unsqueeze", ["mask_most3", "axis1"], "mask_most")]
    for colour in ["red", "blue"]:
        for part in ["cx", "cy", "sx", "sy"]:
            nodes.append(node("Div", [f"{colour}_{part}", "side"], f"{colour}_part_{part}"))
        # Sure where the thing is there and the mask says that a picture is: 8, else 0 against 4 for no object.
        nodes += [node("Mul", [f"{colour}_there", "mask_most"], f"{colour}_seen"), node("Mul", [f"{colour}_seen", "eight"], f"{colour}_logit"),
                  node("Mul", [f"{colour}_there", "zeros"], f"{colour}_nil"), node("Add", [f"{colour}_nil", "four"], f"{colour}_no")]
        rows(colour, ["part_cx", "part_cy", "part_sx", "part_sy"], nodes, f"{colour}_box")
    rows("red", ["logit", "nil", "no"], nodes, "red_logits")
    rows("blue", ["nil", "logit", "no"], nodes, "blue_logits")
    rows("red", ["nil", "logit", "no"], nodes, "rel_logits")
    nodes += [node("Concat", ["red_logits", "blue_logits"], "logits", axis=1), node("Concat", ["red_box", "blue_box"], "pred_boxes", axis=1),
              node("Identity", ["red_logits"], "sub_logits"), node("Identity", ["blue_logits"], "obj_logits"),
              node("Identity", ["red_box"], "sub_boxes"), node("Identity", ["blue_box"], "obj_boxes")]
    out = lambda name, *shape: info(name, TensorProto.FLOAT, ["N", *shape])
    inputs.append(info("pixel_mask", TensorProto.INT64, ["N", 16, 16]))
    sure = float(softmax(np.array([8.0, 0, 4]))[0])
    detect = ('{ kind = "detr", boxes = "pred_boxes", threshold = 0.5, relations = { output = "rel_logits", subjects = "sub_logits", '
              'subject_boxes = "sub_boxes", objects = "obj_logits", object_boxes = "obj_boxes", labels = "labels/relations.tsv", threshold = 0.5 } }')
    detector("detr", nodes, constants, inputs,
             [out("logits", 2, 3), out("pred_boxes", 2, 4), out("rel_logits", 1, 3), out("sub_logits", 1, 3), out("obj_logits", 1, 3),
              out("sub_boxes", 1, 4), out("obj_boxes", 1, 4)],
             detect, "softmax", "logits", [sure, sure],
             more=LETTERBOX.format(input="pixel_values").replace('input = "pixel_values"', 'input = "pixel_values"\nmask = "pixel_mask"'))
    label_map(OUT / "detr" / "labels" / "relations.tsv", ["near", "riding"])

    # owl: the classes go in as texts; a box belongs to the text that names its colour.
    nodes, constants, inputs = finder()
    constants |= {"sixteen": np.array(16, np.float32), "eight": np.array(8, np.float32), "axis0": np.array([0], np.int64),
                  "red_id": np.array(WORDS.index("knight"), np.int64), "blue_id": np.array(WORDS.index("horse"), np.int64)}
    nodes.append(node("Cast", ["attention_mask"], "attends", to=TensorProto.FLOAT))
    for colour in ["red", "blue"]:
        for part in ["cx", "cy", "sx", "sy"]:
            nodes.append(node("Div", [f"{colour}_{part}", "side"], f"{colour}_part_{part}"))
        rows(colour, ["part_cx", "part_cy", "part_sx", "part_sy"], nodes, f"{colour}_box")
        nodes += [
            node("Equal", ["input_ids", f"{colour}_id"], f"{colour}_same"), node("Cast", [f"{colour}_same"], f"{colour}_number", to=TensorProto.FLOAT),
            node("Mul", [f"{colour}_number", "attends"], f"{colour}_heard"), node("ReduceMax", [f"{colour}_heard"], f"{colour}_named", axes=[1], keepdims=0),
            node("Unsqueeze", [f"{colour}_named", "axis0"], f"{colour}_query"), node("Mul", [f"{colour}_query", f"{colour}_there"], f"{colour}_both"),
            node("Mul", [f"{colour}_both", "sixteen"], f"{colour}_scaled"), node("Sub", [f"{colour}_scaled", "eight"], f"{colour}_logit"),
            node("Unsqueeze", [f"{colour}_logit", "axis1"], f"{colour}_logits"),
        ]
    nodes += [node("Concat", ["red_logits", "blue_logits"], "logits", axis=1), node("Concat", ["red_box", "blue_box"], "pred_boxes", axis=1)]
    inputs += [info("input_ids", TensorProto.INT64, ["Q", LENGTH]), info("attention_mask", TensorProto.INT64, ["Q", LENGTH])]
    _, tokenizer_sha = tokenizer(OUT / "owl" / "tokenizer.json")
    more = LETTERBOX.format(input="pixel_values") + f"""
[text]
mask = "attention_mask"
tokenizer = "tokenizer.json"
tokenizer_sha256 = "{tokenizer_sha}"
length = {LENGTH}
pad_id = 2
"""
    detector("owl", nodes, constants, inputs, [info("logits", TensorProto.FLOAT, ["N", 2, "Q"]), out("pred_boxes", 2, 4)],
             '{ kind = "owl", boxes = "pred_boxes", threshold = 0.5, prompt = "a photo of a {tag}" }', "sigmoid", "logits",
             [float(sigmoid(8))] * 2, more=more)


def make_captioner():
    """The next word follows from the last one: a knight rides the horse."""
    folder = OUT / "captioner"
    nodes, constants, inputs = backbone()
    constants["axis1"] = np.array([1], np.int64)
    nodes += [node("Unsqueeze", ["features", "axis1"], "last_hidden_state")]
    sha256 = save(folder / "model.onnx", nodes, inputs, [info("last_hidden_state", TensorProto.FLOAT, ["N", 1, FEATURES])], constants)
    table = np.zeros((len(WORDS), len(WORDS)), np.float32)
    said = ["<|startoftext|>", "a", "knight", "rides", "the", "horse", "<|endoftext|>"]
    for before, after in zip(said, said[1:]):
        table[WORDS.index(before), WORDS.index(after)] = 7
    decoder = [
        node("Gather", ["table", "input_ids"], "words", axis=0),
        node("ReduceMean", ["encoder_hidden_states"], "state", axes=[1, 2], keepdims=1),
        node("Mul", ["state", "nothing"], "silent"), node("Add", ["words", "silent"], "logits"),
    ]
    decoder_sha = save(folder / "decoder.onnx", decoder,
                       [info("input_ids", TensorProto.INT64, [1, "L"]), info("encoder_hidden_states", TensorProto.FLOAT, [1, "S", FEATURES])],
                       [info("logits", TensorProto.FLOAT, [1, "L", len(WORDS)])], {"table": table, "nothing": np.array(0, np.float32)})
    _, tokenizer_sha = tokenizer(folder / "tokenizer.json")
    text = head_of("captioner", "captioning", sha256) + IMAGE + f"""
[caption]
facet = "captions"
states = "last_hidden_state"
file = "decoder.onnx"
sha256 = "{decoder_sha}"
tokenizer = "tokenizer.json"
tokenizer_sha256 = "{tokenizer_sha}"
begin_id = 1
end_id = 2
length = 10
language = "en"
"""
    (folder / "bundle.toml").write_text(text + GOLDEN)
    write_golden(folder, golden_picture(), {"captions": {"caption": "a knight rides the horse"}})


VOCABULARY = """# A made-up vocabulary for the small taggers beside it.
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix v: <http://vocab.example/> .

v:scheme a skos:ConceptScheme .
"""


def make_vocabulary():
    above = {"oak": "wood", "wood": "materials", "silver": "metal", "metal": "materials", "paper": "materials", "lute": "strings", "harp": "strings",
             "strings": "instruments", "winds": "instruments", "chair": "furniture", "table": "furniture"}
    french = {"oak": "chêne", "silver": "argent", "paper": "papier"}
    names = sorted(set(above) | set(above.values()) | {"knight", "horse", "print", "coin", "painting", "music", "riding", "near"})
    text = VOCABULARY
    for name in names:
        text += f'v:{name} a skos:Concept ; skos:inScheme v:scheme ; skos:prefLabel "{name}"@en'
        if name in french:
            text += f' ; skos:prefLabel "{french[name]}"@fr'
        if name in above:
            text += f" ; skos:broader v:{above[name]}"
        text += " .\n"
    (OUT / "vocabulary.ttl").write_text(text)


make_facets()
make_hierarchies()
make_two()
make_clip()
make_detectors()
make_captioner()
make_vocabulary()
