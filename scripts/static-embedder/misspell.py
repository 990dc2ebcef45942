"""One slip of the finger: teaches the hashed rows that a misspelt word still means the word."""
from __future__ import annotations

import numpy as np


def misspelt(text: str, random: np.random.Generator) -> str:
    words = text.split(" ")
    long = [i for i, word in enumerate(words) if len(word) >= 4 and word.isalpha()]
    for i in random.permutation(long)[:2]:
        word = words[i]
        at = int(random.integers(0, len(word) - 1))
        other = chr(97 + int(random.integers(26)))
        words[i] = (
            word[:at] + word[at + 1] + word[at] + word[at + 2 :],
            word[:at] + word[at + 1 :],
            word[:at] + word[at] + word[at:],
            word[:at] + other + word[at + 1 :],
        )[int(random.integers(4))]
    return " ".join(words)
