"""The shipped file: header, vocabulary, one 16-bit scale and `dimensions` int8 values per row, then the correction in float32."""
from __future__ import annotations

import json
import struct
from pathlib import Path
from typing import NamedTuple

import numpy as np

MAGIC = 0x53505252
LAYOUT = 2


class Correction(NamedTuple):
    """A small network behind the sum: unit vector u becomes the direction of u + down · max(0, up · u + bias)."""

    up: np.ndarray
    bias: np.ndarray
    down: np.ndarray

    def apply(self, vectors: np.ndarray) -> np.ndarray:
        corrected = vectors + np.maximum(0, vectors @ self.up.T + self.bias) @ self.down.T
        return corrected / (np.linalg.norm(corrected, axis=1, keepdims=True) + 1e-8)

    def packed(self) -> bytes:
        # By hidden unit: its row of `up`, its bias, its column of `down`, as it is read.
        return np.concatenate([self.up, self.bias[:, None], self.down.T], axis=1).astype("<f4").tobytes()


def no_correction(dimensions: int) -> Correction:
    return Correction(np.zeros((0, dimensions), np.float32), np.zeros(0, np.float32), np.zeros((dimensions, 0), np.float32))


def quantise(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    largest = np.abs(table).max(axis=1)
    max_scale = float(largest.max()) / 127
    scales = np.maximum(1, np.ceil(largest / 127 / max_scale * 65535)).clip(max=65535).astype(np.uint16)
    values = np.rint(table / (scales.astype(np.float64) / 65535 * max_scale)[:, None]).clip(-127, 127).astype(np.int8)
    values[~values.any(axis=1), 0] = 1  # no row may be silent
    return values, scales, max_scale


def dequantise(values: np.ndarray, scales: np.ndarray, max_scale: float) -> np.ndarray:
    return values.astype(np.float32) * (scales.astype(np.float32) / 65535 * max_scale)[:, None]


def write_table(path: Path, units: list[str], table: np.ndarray, correction: Correction | None = None) -> int:
    values, scales, max_scale = quantise(table)
    correction = correction or no_correction(table.shape[1])
    vocabulary = "\n".join(units).encode()
    header = json.dumps({
        "dimensions": table.shape[1], "units": len(units), "hashedRows": len(table) - len(units),
        "maxScale": max_scale, "vocabularyBytes": len(vocabulary), "hidden": len(correction.bias),
    }).encode()
    content = struct.pack("<III", MAGIC, LAYOUT, len(header)) + header + vocabulary + scales.astype("<u2").tobytes() + values.tobytes() + correction.packed()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return len(content)


def read_table(path: Path) -> tuple[list[str], np.ndarray, Correction]:
    content = path.read_bytes()
    length = struct.unpack_from("<III", content)[2]
    header = json.loads(content[12 : 12 + length])
    start = 12 + length
    units = content[start : start + header["vocabularyBytes"]].decode().split("\n")
    start += header["vocabularyBytes"]
    rows = header["units"] + header["hashedRows"]
    scales = np.frombuffer(content, "<u2", rows, start)
    dimensions, hidden = header["dimensions"], header.get("hidden", 0)  # layout 1 had none
    start += 2 * rows
    values = np.frombuffer(content, np.int8, rows * dimensions, start).reshape(rows, dimensions)
    packed = np.frombuffer(content, "<f4", offset=start + rows * dimensions).reshape(hidden, 2 * dimensions + 1)
    correction = Correction(packed[:, :dimensions], packed[:, dimensions], packed[:, dimensions + 1 :].T)
    return units, dequantise(values, scales, header["maxScale"]), correction
