"""The shipped file: header, vocabulary, one 16-bit scale and `dimensions` int8 values per row."""
from __future__ import annotations

import json
import struct
from pathlib import Path

import numpy as np

MAGIC = 0x53505252
LAYOUT = 1


def quantise(table: np.ndarray) -> tuple[np.ndarray, np.ndarray, float]:
    largest = np.abs(table).max(axis=1)
    max_scale = float(largest.max()) / 127
    scales = np.maximum(1, np.ceil(largest / 127 / max_scale * 65535)).clip(max=65535).astype(np.uint16)
    values = np.rint(table / (scales.astype(np.float64) / 65535 * max_scale)[:, None]).clip(-127, 127).astype(np.int8)
    values[~values.any(axis=1), 0] = 1  # no row may be silent
    return values, scales, max_scale


def dequantise(values: np.ndarray, scales: np.ndarray, max_scale: float) -> np.ndarray:
    return values.astype(np.float32) * (scales.astype(np.float32) / 65535 * max_scale)[:, None]


def write_table(path: Path, units: list[str], table: np.ndarray) -> int:
    values, scales, max_scale = quantise(table)
    vocabulary = "\n".join(units).encode()
    header = json.dumps({
        "dimensions": table.shape[1], "units": len(units), "hashedRows": len(table) - len(units),
        "maxScale": max_scale, "vocabularyBytes": len(vocabulary),
    }).encode()
    content = struct.pack("<III", MAGIC, LAYOUT, len(header)) + header + vocabulary + scales.astype("<u2").tobytes() + values.tobytes()
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
    return len(content)


def read_table(path: Path) -> tuple[list[str], np.ndarray]:
    content = path.read_bytes()
    length = struct.unpack_from("<III", content)[2]
    header = json.loads(content[12 : 12 + length])
    start = 12 + length
    units = content[start : start + header["vocabularyBytes"]].decode().split("\n")
    start += header["vocabularyBytes"]
    rows = header["units"] + header["hashedRows"]
    scales = np.frombuffer(content, "<u2", rows, start)
    values = np.frombuffer(content, np.int8, offset=start + 2 * rows).reshape(rows, header["dimensions"])
    return units, dequantise(values, scales, header["maxScale"])
