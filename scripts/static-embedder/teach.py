"""What the teachers say of every text, kept in a cache folder: the slow part, an hour of one core the first time."""
from __future__ import annotations

import json
import os
from pathlib import Path

import numpy as np

import corpus
import settings
from features import count_units
from swaps import swapped_texts
from teacher import Teacher
from vocabulary import MODELS, choose_units, kind
from wordnet import wordnet_texts

CACHE = Path(os.environ.get("STATIC_EMBEDDER_CACHE", ".cache/static-embedder"))
TEACHERS = {"en": "Xenova/bge-small-en-v1.5", "zh": "Xenova/bge-small-zh-v1.5"}
CHUNK = 10_000


def teacher_of(language: str) -> Teacher:
    folder = MODELS / TEACHERS[language]
    return Teacher(folder / "onnx/model_quantized.onnx", folder / "tokenizer.json", "cls")


class Cache:
    """Append-only: vectors and their texts, so that a stopped run goes on where it was."""

    def __init__(self, language: str):
        self.language = language
        self.folder = CACHE / language
        self.folder.mkdir(parents=True, exist_ok=True)
        self.known: dict[str, np.ndarray] = {}
        for file in sorted(self.folder.glob("*.json")):
            self.known.update(zip(json.loads(file.read_text()), np.load(file.with_suffix(".npy"))))

    def add(self, texts: list[str], vectors: np.ndarray) -> None:
        name = self.folder / f"{len(list(self.folder.glob('*.json'))):05d}"
        np.save(name.with_suffix(".npy"), vectors)
        name.with_suffix(".json").write_text(json.dumps(texts, ensure_ascii=False))
        self.known.update(zip(texts, vectors))

    def vectors(self, texts: list[str]) -> np.ndarray:
        missing = [text for text in dict.fromkeys(texts) if text not in self.known]
        if missing:
            teacher = teacher_of(self.language)
            for start in range(0, len(missing), CHUNK):
                part = missing[start : start + CHUNK]
                self.add(part, teacher.encode(part))
                print(f"{self.language}: {start + len(part)} of {len(missing)} texts read by the teacher", flush=True)
        return np.stack([self.known[text] for text in texts])


def bridge_texts(language: str) -> list[str]:
    rows = [line.rstrip("\n").split("\t") for line in (Path(__file__).parent / "bridge.tsv").open(encoding="utf-8")]
    return [row[0 if language == "en" else 1] for row in rows]


def taught_vectors(language: str) -> tuple[list[str], np.ndarray, int, np.ndarray]:
    """Sentences followed by single units, their vectors, how many are sentences, and the vectors of bridge.tsv."""
    cache = Cache(language)
    sentences = corpus.unlabelled_texts(language, settings.SENTENCES[language])
    kinds = ("word", "pair") if language == "en" else ("han1", "han2", "han3", "han4")
    seen = set(sentences)
    units = choose_units(count_units(sentences))
    alone = [unit for unit in units if kind(unit) in kinds and unit not in seen and any(map(str.isalnum, unit))]
    texts = sentences + alone
    return texts, cache.vectors(texts), len(sentences), cache.vectors(bridge_texts(language))


def taught_swaps(sentences: list[str]) -> tuple[list[int], list[str], np.ndarray]:
    """Which English sentence was changed, the changed text, its vector."""
    swaps = swapped_texts(sentences, settings.SWAPPED_TEXTS, seed=1)
    texts = [text for _, text in swaps]
    return [original for original, _ in swaps], texts, Cache("en").vectors(texts)


def taught_wordnet() -> tuple[list[str], np.ndarray]:
    texts = wordnet_texts(settings.WORDNET_TEXTS)
    return texts, Cache("en").vectors(texts)
