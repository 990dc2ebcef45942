"""Texts with one word changed: the teacher tells how much the word mattered, which pairs found in the wild seldom show."""
from __future__ import annotations

from collections import Counter

import numpy as np
import regex

WORD = regex.compile(r"[a-z]{3,}")
COMMONEST = 120
"""Words this common are grammar; a swap of them makes nonsense."""


def swapped_texts(texts: list[str], limit: int, seed: int) -> list[tuple[int, str]]:
    """(index of the original, changed text), one for each of `limit` short English texts."""
    random = np.random.default_rng(seed)
    counts = Counter(word for text in texts for word in set(WORD.findall(text.lower())))
    ranked = [word for word, _ in sorted(counts.items(), key=lambda item: (-item[1], item[0]))]
    common = set(ranked[:COMMONEST])
    pool = [word for word in ranked[COMMONEST:] if counts[word] >= 3]
    chance = np.sqrt([counts[word] for word in pool])
    drawn = iter(random.choice(len(pool), limit * 2, p=chance / chance.sum()))
    found: list[tuple[int, str]] = []
    for index in random.permutation(len(texts)):
        text = texts[index].lower()
        places = [match.span() for match in WORD.finditer(text) if match.group() not in common]
        if not places or len(text) > 120:
            continue
        start, end = places[int(random.integers(len(places)))]
        other = "" if random.random() < 0.15 else pool[next(drawn)]
        found.append((int(index), text[:start] + other + text[end:]))
        if len(found) == limit:
            break
    return found
