"""The student: one table, a sum of rows, a unit vector. Plain numpy, because a bag needs no framework."""
from __future__ import annotations

import numpy as np
from scipy import sparse


def unit(rows: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    norms = np.sqrt((rows * rows).sum(axis=1, keepdims=True)) + 1e-8
    return rows / norms, norms


def through_unit(gradient: np.ndarray, vectors: np.ndarray, norms: np.ndarray) -> np.ndarray:
    """Gradient before the normalisation from the gradient after it."""
    return (gradient - vectors * (gradient * vectors).sum(axis=1, keepdims=True)) / norms


class Adam:
    """Dense Adam with decoupled decay towards an anchor (the start), so that rare rows keep what they know."""

    def __init__(self, table: np.ndarray, rate: float, anchor: np.ndarray | None = None, pull: float = 0.0):
        self.table, self.rate, self.anchor, self.pull = table, rate, anchor, pull
        self.first = np.zeros_like(table)
        self.second = np.zeros_like(table)
        self.steps = 0

    def step(self, gradient: np.ndarray, rate: float | None = None) -> None:
        self.steps += 1
        rate = self.rate if rate is None else rate
        self.first *= 0.9
        self.first += 0.1 * gradient
        np.multiply(gradient, gradient, out=gradient)
        self.second *= 0.99
        self.second += 0.01 * gradient
        np.multiply(self.second, 1 / (1 - 0.99**self.steps), out=gradient)
        np.sqrt(gradient, out=gradient)
        gradient += 1e-8
        np.divide(self.first, gradient, out=gradient)
        gradient *= rate / (1 - 0.9**self.steps)
        self.table -= gradient
        if self.pull:
            self.table -= (rate * self.pull) * (self.table - self.anchor)


def context_start(matrix: sparse.csr_matrix, targets: np.ndarray, smoothing: float = 3.0) -> np.ndarray:
    """Each row starts as the mean teacher vector of the texts it occurs in, rarer rows longer."""
    counts = np.asarray((matrix != 0).sum(axis=0)).ravel().astype(np.float32)
    sums = (matrix != 0).astype(np.float32).T @ targets
    rare = 1e-3 / (1e-3 + counts / matrix.shape[0])
    centred = sums / (counts + smoothing)[:, None] - targets.mean(axis=0) * (counts / (counts + smoothing))[:, None] * 0.7
    return (centred * rare[:, None]).astype(np.float32)
