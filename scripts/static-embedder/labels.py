"""The families say what a bag of words cannot learn from a teacher: which small difference needs another answer."""
from __future__ import annotations

import numpy as np
from scipy import sparse

import corpus
import settings
from features import Featuriser
from student import Adam, through_unit, unit

# q and three `same` (0..3) against each other: true; against the four `diff` (4..7): not. diff against diff is unknown.
LEFT, RIGHT = np.triu_indices(8, 1)
LEFT, RIGHT = LEFT[LEFT < 4], RIGHT[LEFT < 4]
TRUE = (RIGHT < 4).astype(np.float32)
WEIGHT = np.where(TRUE == 1, 16 / 6, 1.0)
WEIGHT /= WEIGHT.mean()


def family_gradient(vectors: np.ndarray, cut: float) -> tuple[np.ndarray, float, float]:
    grouped = vectors.reshape(-1, 8, vectors.shape[1])
    similarity = (grouped[:, LEFT] * grouped[:, RIGHT]).sum(-1)
    probability = 1 / (1 + np.exp(-settings.LABEL_SLOPE * (similarity - cut)))
    loss = -(WEIGHT * np.log(np.where(TRUE == 1, probability, 1 - probability) + 1e-9)).mean()
    slope = settings.LABEL_SLOPE * WEIGHT * (probability - TRUE) / probability.size
    gradient = np.zeros_like(grouped)
    for pair, (i, j) in enumerate(zip(LEFT, RIGHT)):
        gradient[:, i] += slope[:, pair, None] * grouped[:, j]
        gradient[:, j] += slope[:, pair, None] * grouped[:, i]
    return gradient.reshape(vectors.shape), float(-slope.sum()), float(loss)


def replay_gradient(vectors: np.ndarray, wanted: np.ndarray) -> np.ndarray:
    """Keeps what was distilled, so that the families move only what they speak about."""
    half = len(vectors) // 2
    gradient = -wanted / len(vectors)
    gap = (vectors[:half] * vectors[half:]).sum(1) - (wanted[:half] * wanted[half:]).sum(1)
    pull = (2 * settings.PAIR_WEIGHT / half) * gap[:, None]
    gradient[:half] += pull * vectors[half:]
    gradient[half:] += pull * vectors[:half]
    return gradient


def correct_by_families(
    table: np.ndarray, featuriser: Featuriser, matrix: sparse.csr_matrix, targets: np.ndarray, pairs: np.ndarray,
    random: np.random.Generator,
) -> None:
    families = [f for lang in ("en", "zh") for name in corpus.training_families(lang) for f in corpus.families(name)]
    families = [family for family in families if len(corpus.texts_of(family)) == 8]
    family_matrix = featuriser.matrix([text for family in families for text in corpus.texts_of(family)])
    cut = np.array([0.65], dtype=np.float32)
    gains = np.zeros(len(table), dtype=np.float32)
    row_adam = Adam(table, settings.LABEL_RATE, table.copy(), settings.LABEL_PULL)
    gain_adam, cut_adam = Adam(gains, settings.GAIN_RATE), Adam(cut, 5e-3)
    per_step = settings.FAMILIES_PER_STEP
    per_epoch = len(families) // per_step
    for epoch in range(settings.LABEL_EPOCHS):
        order = random.permutation(len(families))
        total = 0.0
        for step in range(per_epoch):
            rows = (order[step * per_step : (step + 1) * per_step, None] * 8 + np.arange(8)).ravel()
            part = family_matrix[rows]
            gained = table * np.exp(gains)[:, None]
            vectors, norms = unit(part @ gained)
            gradient, cut_gradient, loss = family_gradient(vectors, float(cut[0]))
            change = np.asarray(part.T @ through_unit(gradient, vectors, norms))
            chosen = pairs[random.integers(0, len(pairs), 2048)]
            replayed = np.concatenate([chosen[:, 0], chosen[:, 1]])
            part = matrix[replayed]
            vectors, norms = unit(part @ gained)
            change += np.asarray(part.T @ through_unit(replay_gradient(vectors, targets[replayed]), vectors, norms))
            slower = max(0.05, 1 - (epoch * per_epoch + step) / (per_epoch * settings.LABEL_EPOCHS))
            gain_change = (change * gained).sum(axis=1)
            row_adam.step(change * np.exp(gains)[:, None], settings.LABEL_RATE * slower)
            gain_adam.step(gain_change, settings.GAIN_RATE * slower)
            cut_adam.step(np.array([cut_gradient], dtype=np.float32))
            total += loss
        print(f"families, epoch {epoch}: loss {total / per_epoch:.4f}, cut {cut[0]:.3f}", flush=True)
    table *= np.exp(gains)[:, None]
