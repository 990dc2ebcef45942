"""Writes the table of docs/embedders.md: every judged set by similarity alone, best threshold in hindsight.

Usage: python quality.py [report.json]   (the teacher's vectors come out of the cache folder, read once)
"""
from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import numpy as np
from scipy import sparse
from sklearn.feature_extraction.text import TfidfVectorizer

from features import fold
from judge import auc, coverage, judged_sets
from teach import CACHE, TEACHERS, teacher_of

PROJECT = Path(__file__).resolve().parents[2]


def package_matrix(texts: list[str], name: str) -> np.ndarray:
    """What src/embeddings itself gives, not a copy of it in Python."""
    command = ["node_modules/.bin/tsx", "scripts/static-embedder/embed-texts.ts", name]
    done = subprocess.run(command, input=json.dumps(texts).encode(), stdout=subprocess.PIPE, cwd=PROJECT, check=True)
    return np.frombuffer(done.stdout, np.float32).reshape(len(texts), -1)


def teacher_matrix(texts: list[str], language: str) -> np.ndarray:
    """One text at a time: the int8 graphs give a text another vector in a batch."""
    stored = CACHE / f"judged-{language}"
    if stored.with_suffix(".npy").exists() and json.loads(stored.with_suffix(".json").read_text()) == texts:
        return np.load(stored.with_suffix(".npy"))
    vectors = teacher_of(language).encode(texts, batch_tokens=1)
    stored.parent.mkdir(parents=True, exist_ok=True)
    np.save(stored.with_suffix(".npy"), vectors)
    stored.with_suffix(".json").write_text(json.dumps(texts, ensure_ascii=False))
    return vectors


def tfidf_matrix(texts: list[str]) -> sparse.csr_matrix:
    """Frequencies are taken from the judged texts themselves, which flatters this baseline a little."""
    return TfidfVectorizer(analyzer="char", ngram_range=(2, 4), sublinear_tf=True, dtype=np.float32).fit_transform(map(fold, texts))


def similarities(matrix, left: list[int], right: list[int]) -> np.ndarray:
    if sparse.issparse(matrix):
        return np.asarray(matrix[left].multiply(matrix[right]).sum(axis=1)).ravel()
    matrix = matrix.astype(np.float32)
    matrix = matrix / np.maximum(np.linalg.norm(matrix, axis=1, keepdims=True), 1e-9)
    return (matrix[left] * matrix[right]).sum(axis=1)


def main() -> None:
    everything = judged_sets()
    report: dict[str, dict[str, list[float]]] = {}
    for language in ("en", "zh"):
        sets = {name: rows for name, rows in everything.items() if name.startswith(language)}
        texts = list(dict.fromkeys(text for rows in sets.values() for a, b, _ in rows for text in (a, b)))
        index = {text: i for i, text in enumerate(texts)}
        systems = {
            "static": package_matrix(texts, "static"), "hashing": package_matrix(texts, "hashing"),
            "TF-IDF": tfidf_matrix(texts), "teacher": teacher_matrix(texts, language),
        }
        print(f"\n**{'English' if language == 'en' else 'Chinese'}** (teacher {TEACHERS[language]}); AUC · coverage at ≤ 1 % · at ≤ 5 % false hits\n")
        print("| set | pairs | " + " | ".join(systems) + " |\n|---|---|" + "---|" * len(systems))
        pooled: dict[str, list[np.ndarray]] = {name: [] for name in systems}
        means: dict[str, list[float]] = {name: [] for name in systems}
        all_labels = np.concatenate([[label for *_, label in rows] for rows in sets.values()])
        for name, rows in sets.items():
            labels = np.array([label for *_, label in rows])
            cells = []
            for system, matrix in systems.items():
                scores = similarities(matrix, [index[a] for a, _, _ in rows], [index[b] for _, b, _ in rows])
                pooled[system].append(scores)
                if labels.min() == labels.max():
                    cells.append("–")
                    continue
                figures = [auc(scores, labels), coverage(scores, labels, 0.01), coverage(scores, labels, 0.05)]
                means[system].append(figures[0])
                report.setdefault(name, {})[system] = figures
                cells.append(" · ".join(f"{figure:.3f}" for figure in figures))
            print(f"| {name[3:]} | {len(rows)} | " + " | ".join(cells) + " |")
        mean = {system: float(np.mean(values)) for system, values in means.items()}
        whole = {system: auc(np.concatenate(scores), all_labels) for system, scores in pooled.items()}
        for label, row in (("mean AUC of the sets", mean), ("AUC of all pairs together", whole)):
            way = (row["static"] - row["hashing"]) / (row["teacher"] - row["hashing"])
            cells = " | ".join(f"{value:.3f}" for value in row.values())
            print(f"| **{label}** | | {cells} |\n| *way from hashing to teacher* | | {way:.1%} | | | |")
            report[f"{language}: {label}"] = {**{system: [value] for system, value in row.items()}, "way": [way]}
    if len(sys.argv) > 1:
        Path(sys.argv[1]).write_text(json.dumps(report, indent=1, ensure_ascii=False))


if __name__ == "__main__":
    main()
