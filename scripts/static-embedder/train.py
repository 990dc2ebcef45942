"""Distils the teachers' sentence spaces into one table, then lets the project's own families correct it."""
from __future__ import annotations

import pickle
import sys
from collections import Counter
from pathlib import Path

import numpy as np

import corpus
import settings
from features import Featuriser, count_units
from labels import correct_by_families
from misspell import misspelt
from student import Adam, context_start, through_unit, unit
from table_file import write_table
from teach import taught_swaps, taught_vectors, taught_wordnet
from vocabulary import choose_units, kind

OUTPUT = Path(sys.argv[1] if len(sys.argv) > 1 else "src/embeddings/static-model/table.bin")
OUTPUT.parent.mkdir(parents=True, exist_ok=True)


class Space:
    """One teacher's vectors brought down to the student's dimensions."""

    def __init__(self, vectors: np.ndarray):
        self.shift = (1 - settings.MEAN_KEPT) * vectors.mean(axis=0)
        moved = vectors - self.shift
        _, directions = np.linalg.eigh(moved.T @ moved)
        self.directions = directions[:, ::-1][:, : settings.DIMENSIONS]

    def project(self, vectors: np.ndarray) -> np.ndarray:
        return unit((vectors.astype(np.float32) - self.shift) @ self.directions)[0]


def turn(source: np.ndarray, target: np.ndarray) -> np.ndarray:
    """Orthogonal map that brings the Chinese space nearest to the English one over bridge.tsv (Procrustes)."""
    left, _, right = np.linalg.svd((source - source.mean(0)).T @ (target - target.mean(0)))
    return (left @ right).astype(np.float32)


def training_pairs(language: str, index: dict[str, int], random: np.random.Generator) -> list[tuple[int, int]]:
    pairs = [(index[a], index[b]) for a, b in corpus.public_pairs(language) if a in index and b in index]
    for name in corpus.training_families(language):
        for family in corpus.families(name):
            texts = [index[text] for text in corpus.texts_of(family) if text in index]
            pairs += [tuple(random.choice(texts, 2, replace=False)) for _ in range(8)]
    return pairs


def predicted_rows(table: np.ndarray, featuriser: Featuriser, counts: Counter[str], alone: dict[str, np.ndarray]) -> np.ndarray:
    """What a row should be by the teacher's vector of its unit alone, learned from the rows seen often: rare rows, whose
    few contexts say little, are held near it. Rows without such a vector are held near zero."""
    predicted = np.zeros_like(table)
    for name in ("word", "pair", "han1", "han2", "han3", "han4"):
        units = [unit_ for unit_ in featuriser.vocabulary if kind(unit_) == name and unit_ in alone]
        rows = np.array([featuriser.vocabulary[unit_] for unit_ in units], dtype=np.int64)
        seen = np.array([counts[unit_] for unit_ in units])
        often = seen >= settings.WELL_SEEN
        if often.sum() < 200:
            continue
        inputs = np.stack([alone[unit_] for unit_ in units])
        inputs = np.concatenate([inputs, np.ones((len(units), 1), np.float32)], axis=1)
        directions, lengths = unit(table[rows])
        gram = inputs[often].T @ inputs[often] + 5 * np.eye(inputs.shape[1])
        guess = inputs @ np.linalg.solve(gram, inputs[often].T @ directions[often])
        frequency = np.log(np.maximum(seen, 1))
        line = np.polyfit(frequency[often], np.log(lengths[often, 0]), 1)
        predicted[rows] = guess * np.exp(np.polyval(line, frequency))[:, None]
    return predicted


def distil(
    table: np.ndarray, matrix, targets: np.ndarray, pairs: np.ndarray, random: np.random.Generator, anchor: np.ndarray, epochs: int
) -> None:
    """Each text towards its teacher vector, and each close pair towards the teacher's similarity of the pair."""
    adam = Adam(table, settings.DISTILL_RATE, anchor, settings.PULL)
    size = settings.PAIRS_PER_STEP
    steps = epochs * (len(pairs) // size)
    for epoch in range(epochs):
        order = random.permutation(len(pairs))
        losses = np.zeros(2)
        for start in range(0, len(pairs) - size + 1, size):
            chosen = pairs[order[start : start + size]]
            rows = np.concatenate([chosen[:, 0], chosen[:, 1]])
            part = matrix[rows]
            vectors, norms = unit(part @ table)
            wanted = targets[rows]
            gradient = -wanted / len(rows)
            gap = (vectors[:size] * vectors[size:]).sum(1) - (wanted[:size] * wanted[size:]).sum(1)
            pull = (2 * settings.PAIR_WEIGHT / size) * gap[:, None]
            gradient[:size] += pull * vectors[size:]
            gradient[size:] += pull * vectors[:size]
            rate = settings.DISTILL_RATE * max(0.03, 1 - adam.steps / steps)
            adam.step(np.asarray(part.T @ through_unit(gradient, vectors, norms)), rate)
            losses += [1 - (vectors * wanted).sum(1).mean(), (gap**2).mean()]
        print(f"epoch {epoch}: distance {losses[0] * size / len(pairs):.4f}, pair gap² {losses[1] * size / len(pairs):.5f}", flush=True)


def main() -> None:
    random = np.random.default_rng(settings.SEED)
    texts: list[str] = []
    targets: list[np.ndarray] = []
    pairs: list[tuple[int, int]] = []
    counts: Counter[str] = Counter()
    alone_vectors: dict[str, np.ndarray] = {}
    rotation = np.eye(settings.DIMENSIONS, dtype=np.float32)
    for language in ("en", "zh"):
        own, vectors, sentences, bridge = taught_vectors(language)
        space = Space(vectors[:sentences].astype(np.float32))
        if language == "en":
            bridge_target = space.project(bridge)
        else:
            rotation = turn(space.project(bridge), bridge_target)
        offset = len(texts)
        pairs += training_pairs(language, {text: offset + i for i, text in enumerate(own[:sentences])}, random)
        counts.update(count_units(own[:sentences]))
        projected = space.project(vectors) @ rotation
        alone_vectors.update(zip(own[sentences:], projected[sentences:]))
        texts += own[:sentences]
        targets.append(projected[:sentences])
        if language == "en":
            originals, changed, changed_vectors = taught_swaps(own[:sentences])
            pairs += [(original, len(texts) + i) for i, original in enumerate(originals)]
            definitions, definition_vectors = taught_wordnet()
            first = len(texts) + len(changed)
            pairs += [(first + i, first + i + 1) for i in range(0, len(definitions) - 1, 2)]
            texts += changed + definitions
            targets += [space.project(changed_vectors), space.project(definition_vectors)]
    target = np.concatenate(targets)

    units = choose_units(counts)
    featuriser = Featuriser({name: row for row, name in enumerate(units)}, settings.HASHED_ROWS)
    english = [i for i, text in enumerate(texts) if text.isascii() and len(text) > 15]
    chosen = random.choice(english, min(settings.MISSPELT_TEXTS, len(english)), replace=False)
    pairs += [(len(texts) + i, original) for i, original in enumerate(chosen)]
    texts += [misspelt(texts[i], random) for i in chosen]
    target = np.concatenate([target, target[chosen]]).astype(np.float32)
    matrix = featuriser.matrix(texts)
    print(f"{len(texts)} texts, {len(pairs)} pairs, {featuriser.rows} rows, {matrix.nnz / len(texts):.1f} rows a text", flush=True)

    table = context_start(matrix, target)
    table += random.normal(size=table.shape).astype(np.float32) * 3e-3
    distil(table, matrix, target, np.array(pairs), random, np.zeros_like(table), settings.FIRST_EPOCHS)
    anchor = predicted_rows(table, featuriser, counts, alone_vectors)
    table = np.where(anchor.any(axis=1, keepdims=True), anchor, table).astype(np.float32)
    distil(table, matrix, target, np.array(pairs), random, anchor, settings.DISTILL_EPOCHS)
    if "--keep" in sys.argv:  # so that the second stage can be tried again without the first
        OUTPUT.with_suffix(".pickle").write_bytes(pickle.dumps((table, featuriser, matrix, target, np.array(pairs), units)))
    correct_by_families(table, featuriser, matrix, target, np.array(pairs), random)
    size = write_table(OUTPUT, units, table)
    print(f"{OUTPUT}: {size} bytes")
    if size > settings.MAX_FILE_BYTES:
        raise SystemExit(f"the file must have at most {settings.MAX_FILE_BYTES} bytes")


if __name__ == "__main__":
    main()
