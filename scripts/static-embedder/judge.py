"""AUC and coverage of a similarity per judged set; nothing here is ever fitted to."""
from __future__ import annotations

import json

import numpy as np

import corpus


def judged_sets() -> dict[str, list[tuple[str, str, int]]]:
    sets: dict[str, list[tuple[str, str, int]]] = {}
    for line in (corpus.DATA / "quality" / "gold.jsonl").open():
        row = json.loads(line)
        sets.setdefault(f"{row['lang']}/gold", []).append((row["a"], row["b"], row["label"]))
    for name in corpus.HELD_APART:
        for family in corpus.families(name):
            texts = corpus.texts_of(family)[:4]
            rows = sets.setdefault(f"{name[:2]}/families {name}", [])
            rows += [(texts[i], texts[j], 1) for i in range(4) for j in range(i)]
            rows += [(text, other["t"], 0) for text in texts for other in family["diff"]]
    for line in (corpus.DATA / "quality" / "pairs.jsonl").open():
        row = json.loads(line)
        sets.setdefault(f"{row['lang']}/{row['src']}", []).append((row["a"], row["b"], row["label"]))
    return sets


def auc(scores: np.ndarray, labels: np.ndarray) -> float:
    """Mann-Whitney with ties counted half."""
    from scipy.stats import rankdata

    positive = int(labels.sum())
    negative = len(labels) - positive
    if positive == 0 or negative == 0:
        return float("nan")
    return float((rankdata(scores)[labels == 1].sum() - positive * (positive + 1) / 2) / (positive * negative))


def coverage(scores: np.ndarray, labels: np.ndarray, max_wrong: float) -> float:
    """Largest share of the true pairs served by one threshold while at most `max_wrong` of what is served is wrong."""
    order = np.argsort(-scores, kind="stable")
    served = np.arange(1, len(order) + 1)
    right = np.cumsum(labels[order])
    boundary = np.append(scores[order][1:] != scores[order][:-1], True)
    allowed = boundary & ((served - right) <= max_wrong * served)
    return float(right[allowed].max() / labels.sum()) if allowed.any() and labels.sum() else 0.0
