#!/usr/bin/env python3
"""The usual pipeline in Python: Pillow decodes and scales on threads, onnxruntime computes. Prints one JSON object.

    pip install onnxruntime pillow numpy && peer.py MODEL.onnx PICTURES [--batch 8] [--threads 2] [--repeat 1] [--draft]

`--draft` lets Pillow decode JPEG at a part of its size, which most pipelines do not.
"""

import argparse
import collections
import concurrent.futures
import json
import pathlib
import time

import numpy as np
import onnxruntime
from PIL import Image

MEAN, STD = np.array([0.485, 0.456, 0.406], np.float32), np.array([0.229, 0.224, 0.225], np.float32)


def prepare(path, draft):
    picture = Image.open(path)
    if draft:
        picture.draft("RGB", (512, 512))
    picture = picture.convert("RGB")
    by = 256 / min(picture.size)
    picture = picture.resize((max(256, int(picture.width * by)), max(256, int(picture.height * by))), Image.Resampling.BILINEAR)
    left, top = (picture.width - 224) // 2, (picture.height - 224) // 2
    pixels = np.asarray(picture.crop((left, top, left + 224, top + 224)), np.float32) / 255
    return ((pixels - MEAN) / STD).transpose(2, 0, 1)


def main():
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("model")
    arguments.add_argument("pictures", type=pathlib.Path)
    arguments.add_argument("--batch", type=int, default=8)
    arguments.add_argument("--threads", type=int, default=2)
    arguments.add_argument("--repeat", type=int, default=1, help="how many times the pictures are gone through")
    arguments.add_argument("--draft", action="store_true")
    given = arguments.parse_args()
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = given.threads
    session = onnxruntime.InferenceSession(given.model, options, providers=["CPUExecutionProvider"])
    files = sorted(given.pictures.glob("*.jpg")) * given.repeat
    session.run(None, {"pixel_values": np.zeros((given.batch, 3, 224, 224), np.float32)})
    begun, batch, done = time.perf_counter(), [], 0
    with concurrent.futures.ThreadPoolExecutor(given.threads) as pool:
        waiting, left = collections.deque(), iter(files)
        for path in left:
            waiting.append(pool.submit(prepare, path, given.draft))
            if len(waiting) >= 4 * given.batch:
                break
        while waiting:
            batch.append(waiting.popleft().result())
            path = next(left, None)
            if path is not None:
                waiting.append(pool.submit(prepare, path, given.draft))
            if len(batch) == given.batch or not waiting:
                session.run(None, {"pixel_values": np.stack(batch)})
                done += len(batch)
                batch = []
    print(json.dumps({"pictures": done, "per_second": done / (time.perf_counter() - begun)}))


main()
