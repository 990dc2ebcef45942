"""What the project's own judge (packages/reprise-judge) says of bare public questions; no label of theirs is read."""
from __future__ import annotations

import gzip
import json
import os
import sys
import time
from pathlib import Path

import numpy as np

import corpus
import settings
from features import Featuriser
from student import unit
from teach import CACHE

JUDGE = Path(os.environ.get("REPRISE_JUDGE", "packages/reprise-judge/en"))
CHUNK = 4_000


def public_rows() -> list[dict]:
    with gzip.open(corpus.DATA / "train" / "pairs.jsonl.gz", "rt") as lines:
        return [json.loads(line) for line in lines]


def bare_pairs(seed: int = 11) -> list[tuple[str, str]]:
    """QQP's pairs as they come, in a seeded order. The other sets stand in the order only because it was drawn with them: of
    definitions and of news the judge knows less than the table."""
    drawn_with = {"qqp", "parade", "mrpc", "apt", "stsb-en", "sick"}
    longest = settings.LONGEST_JUDGED
    rows = [r for r in public_rows() if r["src"] in drawn_with and max(len(r["a"]), len(r["b"])) <= longest and r["a"] != r["b"]]
    order = np.random.default_rng(seed).permutation(len(rows))
    return [(rows[i]["a"], rows[i]["b"]) for i in order if rows[i]["src"] == "qqp"][: settings.JUDGED_PAIRS]


def near_pairs(featuriser: Featuriser, table: np.ndarray, seed: int = 13) -> list[tuple[str, str]]:
    """Two of the eight nearest questions of many: what a search by this table would bring up."""
    texts = sorted({t for r in public_rows() if r["src"] == "qqp" for t in (r["a"], r["b"]) if 15 <= len(t) <= 120})
    vectors = unit(featuriser.matrix(texts) @ table)[0].astype(np.float32)
    random = np.random.default_rng(seed)
    anchors = random.permutation(len(texts))[: settings.NEAR_ANCHORS]
    found: list[tuple[str, str]] = []
    for start in range(0, len(anchors), 500):
        part = anchors[start : start + 500]
        similarity = vectors[part] @ vectors.T
        for anchor, near, similar in zip(part, np.argpartition(-similarity, 8, axis=1)[:, :9], similarity):
            others = [int(i) for i in near if i != anchor and similar[i] < 0.99]
            if len(others) >= 2:
                found += [(texts[anchor], texts[int(i)]) for i in random.choice(others, 2, replace=False)]
    return found


def judge_logits(pairs: list[tuple[str, str]]) -> np.ndarray:
    """One pair at a time, as the judge runs; what it said stays in the cache folder, so that a stopped run goes on."""
    file = CACHE / "judge-logits.json"
    known = {(a, b): logit for a, b, logit in json.loads(file.read_text())} if file.exists() else {}
    missing = [pair for pair in dict.fromkeys(pairs) if pair not in known]
    if missing:
        sys.path.append(str(Path(__file__).resolve().parents[1] / "judge"))
        from evaluate import GraphJudge, sorted_pair

        judge = GraphJudge(str(JUDGE))
    for start in range(0, len(missing), CHUNK):
        began = time.monotonic()
        part = missing[start : start + CHUNK]
        for pair in part:
            known[pair] = judge.one(*sorted_pair(*pair))
        file.parent.mkdir(parents=True, exist_ok=True)
        file.with_suffix(".part").write_text(json.dumps([[a, b, logit] for (a, b), logit in known.items()], ensure_ascii=False))
        file.with_suffix(".part").rename(file)
        print(f"judge: {start + len(part)} of {len(missing)} pairs, {len(part) / (time.monotonic() - began):.0f} a second", flush=True)
    return np.array([known[pair] for pair in pairs], np.float32)
