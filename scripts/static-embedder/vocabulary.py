"""Which units get a row."""
from __future__ import annotations

import json
import os
from collections import Counter
from importlib.util import find_spec
from pathlib import Path

import regex

import settings

MODELS = Path(os.environ.get("REPRISE_MODELS", "../shared/models"))
HAN = regex.compile(r"\p{Script=Han}+")


def kind(unit: str) -> str:
    if " " in unit:
        return "pair"
    return f"han{len(unit)}" if HAN.fullmatch(unit) else "word"


def parts(unit: str) -> list[str]:
    if " " in unit:
        return unit.split(" ")
    return [unit[:-1], unit[1:]] if len(unit) > 2 and HAN.fullmatch(unit) else []


def english_words(limit: int, known: set[str]) -> list[str]:
    """BERT's vocabulary is ordered by frequency; whole words only."""
    model = json.loads((MODELS / "Xenova/bge-small-en-v1.5/tokenizer.json").read_text())["model"]
    ordered = sorted(model["vocab"], key=model["vocab"].get)
    return [word for word in ordered if regex.fullmatch(r"[a-z]{3,}", word) and word not in known][:limit]


def chinese_words(limit: int, known: set[str]) -> list[str]:
    """jieba's dictionary (MIT) comes with frequencies. Read as a file: importing jieba is slow and not needed."""
    spec = find_spec("jieba")
    assert spec is not None and spec.origin is not None
    rows = [line.split(" ") for line in (Path(spec.origin).parent / "dict.txt").open(encoding="utf-8")]
    words = [(word, int(count)) for word, count, *_ in rows if 2 <= len(word) <= 4 and HAN.fullmatch(word)]
    return [word for word, _ in sorted(words, key=lambda row: -row[1]) if word not in known][:limit]


def choose_units(counts: Counter[str]) -> list[str]:
    chosen: list[str] = []
    for unit, count in counts.items():
        if len(unit.encode()) > 40 or count < settings.LEAST_COUNTS[kind(unit)]:
            continue
        if any(counts[part] <= settings.REDUNDANT * count for part in parts(unit)):
            continue
        chosen.append(unit)
    known = set(chosen)
    chosen += english_words(settings.OUTSIDE_WORDS["en"], known) + chinese_words(settings.OUTSIDE_WORDS["zh"], known)
    return sorted(set(chosen))
