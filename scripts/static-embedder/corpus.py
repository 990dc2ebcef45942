"""Texts the student sees. Labels are read from the project's own families only; public pairs enter as bare texts."""
from __future__ import annotations

import gzip
import json
import os
from pathlib import Path

import numpy as np

DATA = Path(os.environ.get("REPRISE_DATA", "../shared/data"))
ENGLISH_FAMILIES = [f"en-{number}" for number in range(1, 9)]
CHINESE_FAMILIES = [f"zh-{number}" for number in range(1, 5)]
HELD_APART = ("en-4", "en-8", "zh-2", "zh-4")


def families(name: str) -> list[dict]:
    return [json.loads(line) for line in (DATA / "families" / f"{name}.jsonl").open()]


def texts_of(family: dict) -> list[str]:
    return [family["q"], *family["same"], *(other["t"] for other in family["diff"])]


def training_families(language: str) -> list[str]:
    """Files held apart are seen neither with labels nor without, so that what they show is true of the shipped file."""
    names = ENGLISH_FAMILIES if language == "en" else CHINESE_FAMILIES
    return [name for name in names if name not in HELD_APART]


def public_pairs(language: str, without: tuple[str, ...] = ()) -> list[tuple[str, str]]:
    """Close text pairs without their labels: which pairs are near tells the student where to look, not what is right."""
    with gzip.open(DATA / "train" / "pairs.jsonl.gz", "rt") as lines:
        rows = (json.loads(line) for line in lines)
        return [(row["a"], row["b"]) for row in rows if row["lang"] == language and row["src"] not in without]


def unlabelled_texts(language: str, limit: int) -> list[str]:
    """The families' texts, then those of public pairs in a seeded order."""
    own = [text for name in training_families(language) for family in families(name) for text in texts_of(family)]
    pairs = public_pairs(language)
    order = np.random.default_rng(7).permutation(len(pairs))
    return list(dict.fromkeys([*own, *(text for index in order for text in pairs[index])]))[:limit]
