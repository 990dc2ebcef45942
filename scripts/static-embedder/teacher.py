"""Sentence vectors of the teachers: fp32 ONNX graphs, batches of equal length only (no padding ever enters)."""
from __future__ import annotations

import unicodedata
from pathlib import Path

import numpy as np
import onnxruntime
from tokenizers import Tokenizer


def normalise(text: str) -> str:
    return unicodedata.normalize("NFKC", text).strip().lower()


class Teacher:
    def __init__(self, graph: Path, tokenizer: Path, pooling: str, threads: int = 1, max_tokens: int = 128):
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads
        self.session = onnxruntime.InferenceSession(str(graph), options, providers=["CPUExecutionProvider"])
        self.inputs = {value.name for value in self.session.get_inputs()}
        self.tokenizer = Tokenizer.from_file(str(tokenizer))
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(max_tokens)
        self.pooling = pooling

    def _run(self, ids: np.ndarray) -> np.ndarray:
        feed = {"input_ids": ids, "attention_mask": np.ones_like(ids), "token_type_ids": np.zeros_like(ids)}
        hidden = self.session.run(None, {name: value for name, value in feed.items() if name in self.inputs})[0]
        pooled = hidden[:, 0] if self.pooling == "cls" else hidden.mean(axis=1)
        return pooled / np.linalg.norm(pooled, axis=1, keepdims=True)

    def encode(self, texts: list[str], batch_tokens: int = 2048, report: bool = False) -> np.ndarray:
        ids = [encoding.ids for encoding in self.tokenizer.encode_batch([normalise(text) for text in texts])]
        order = sorted(range(len(ids)), key=lambda index: len(ids[index]))
        vectors: np.ndarray | None = None
        start = 0
        while start < len(order):
            length = len(ids[order[start]])
            end = start
            while end < len(order) and len(ids[order[end]]) == length and (end - start) * length < batch_tokens:
                end += 1
            chosen = order[start:end]
            output = self._run(np.array([ids[index] for index in chosen], dtype=np.int64))
            if vectors is None:
                vectors = np.zeros((len(texts), output.shape[1]), dtype=np.float16)
            vectors[chosen] = output
            if report and start // 20000 != end // 20000:
                print(f"  {end}/{len(order)}", flush=True)
            start = end
        assert vectors is not None
        return vectors
