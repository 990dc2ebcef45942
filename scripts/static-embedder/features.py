"""From text to table rows. The TypeScript in src/embeddings/static-tokenizer.ts does the same, and a test compares both."""
from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

import numpy as np
import regex
from scipy import sparse

MAX_HAN_UNIT = 4
GRAM_SIZES = (3, 4, 5)
SEGMENT = regex.compile(
    r"(?P<han>\p{Script=Han}+)|(?P<number>\p{Nd}+(?:[.,]\p{Nd}+)*)"
    r"|(?P<word>(?:(?!\p{Script=Han})[\p{L}\p{M}])+(?:'(?:(?!\p{Script=Han})[\p{L}\p{M}])+)*)"
    r"|(?P<symbol>[^\s\p{L}\p{M}\p{Nd}])"
)


def fold(text: str) -> str:
    """NFKC, lower case, Latin accents off, one apostrophe."""
    text = unicodedata.normalize("NFKC", text).lower().replace("\u2019", "'")
    return unicodedata.normalize("NFC", regex.sub(r"[\u0300-\u036f]", "", unicodedata.normalize("NFD", text)))


def segments(text: str) -> list[tuple[str, str]]:
    return [(match.lastgroup, match.group()) for match in SEGMENT.finditer(fold(text))]


def han_units(run: str) -> Iterable[str]:
    for size in range(1, MAX_HAN_UNIT + 1):
        for start in range(len(run) - size + 1):
            yield run[start : start + size]


def hash_row(text: str, seed: int, rows: int) -> int:
    """FNV-1a over UTF-16 code units, so that JavaScript's charCodeAt gives the same."""
    value = (0x811C9DC5 ^ seed) & 0xFFFFFFFF
    units = text.encode("utf-16-le")
    for index in range(0, len(units), 2):
        value = ((value ^ (units[index] | units[index + 1] << 8)) * 0x01000193) & 0xFFFFFFFF
    value ^= value >> 15
    return value % rows


def grams(word: str) -> list[str]:
    marked = f"<{word}>"
    found = [marked[i : i + n] for n in GRAM_SIZES for i in range(len(marked) - n + 1)]
    return found or [marked]


def candidate_units(text: str) -> list[str]:
    """Every unit a vocabulary could hold for this text, with repetitions."""
    units: list[str] = []
    before: str | None = None
    for kind, piece in segments(text):
        if kind == "han":
            units.extend(han_units(piece))
            before = None
        elif kind == "symbol":
            units.append(piece)
            before = None
        else:
            units.append(piece)
            if before is not None:
                units.append(f"{before} {piece}")
            before = piece
    return units


class Featuriser:
    def __init__(self, vocabulary: dict[str, int], hashed_rows: int):
        self.vocabulary = vocabulary
        self.first_hashed = len(vocabulary)
        self.hashed_rows = hashed_rows
        self.rows = len(vocabulary) + hashed_rows
        self._words: dict[str, list[tuple[int, float]]] = {}

    def _hashed(self, text: str, seed: int = 0) -> int:
        return self.first_hashed + hash_row(text, seed, self.hashed_rows)

    def unknown(self, kind: str, piece: str) -> list[tuple[int, float]]:
        if kind != "word":
            return [(self._hashed(piece, 1), 1.0), (self._hashed(piece, 2), 1.0)]
        parts = grams(piece)
        return [(self._hashed(part), 1.0 / len(parts)) for part in parts]

    def word(self, piece: str) -> list[tuple[int, float]]:
        row = self.vocabulary.get(piece)
        if row is not None:
            return [(row, 1.0)]
        known = self._words.get(piece)
        if known is None:
            if "'" in piece:
                known = [pair for part in piece.split("'") for pair in self.word(part)]
            else:
                known = self.unknown("word", piece)
            self._words[piece] = known
        return known

    def features(self, text: str) -> list[tuple[int, float]]:
        found: list[tuple[int, float]] = []
        before: str | None = None
        for kind, piece in segments(text):
            if kind == "han":
                for unit in han_units(piece):
                    row = self.vocabulary.get(unit)
                    if row is not None:
                        found.append((row, 1.0))
                    elif len(unit) == 1:
                        found.extend(self.unknown("han", unit))
                before = None
            elif kind == "symbol":
                row = self.vocabulary.get(piece)
                found.extend([(row, 1.0)] if row is not None else self.unknown("symbol", piece))
                before = None
            else:
                if kind == "word":
                    found.extend(self.word(piece))
                else:
                    row = self.vocabulary.get(piece)
                    found.extend([(row, 1.0)] if row is not None else self.unknown("number", piece))
                if before is not None:
                    row = self.vocabulary.get(f"{before} {piece}")
                    if row is not None:
                        found.append((row, 1.0))
                before = piece
        return found

    def matrix(self, texts: list[str]) -> sparse.csr_matrix:
        pointer = [0]
        columns: list[int] = []
        values: list[float] = []
        for text in texts:
            for row, value in self.features(text):
                columns.append(row)
                values.append(value)
            pointer.append(len(columns))
        shape = (len(texts), self.rows)
        matrix = sparse.csr_matrix((np.array(values, np.float32), np.array(columns, np.int32), np.array(pointer)), shape)
        matrix.sum_duplicates()
        return matrix


def count_units(texts: Iterable[str]) -> Counter[str]:
    counts: Counter[str] = Counter()
    for text in texts:
        counts.update(set(candidate_units(text)))
    return counts
