"""Texts that nobody wrote and nobody labelled, near to those that somebody did: for a larger judge to say what a smaller one should.

As TinyBERT's data augmentation (https://arxiv.org/abs/1909.10351, algorithm 1): a word gives way to one that is used alike (a neighbour of its vector),
or goes, or changes places with another. Some variants mean the same and some do not; which is the larger judge's to say.
"""
import random
import re
from collections import Counter

import numpy as np

import bases

NEIGHBOURS = 10
LEAST_SIMILARITY = .6
WORD = re.compile(r"[A-Za-z]{2,}(?:'[a-z]+)?")
SMALL = frozenset('is are was were be do does did the of to in on at and or for with it its as by this that these those has have had my your'.split())


def neighbours(texts, base, most=16000):
    """{word: words used alike}, of the words that the texts hold often."""
    counts = Counter(w.lower() for t in texts for w in WORD.findall(t))
    words = sorted(w for w, n in counts.most_common(most) if n >= 3)
    V = bases.vectors(words, base)
    out = {}
    for begin in range(0, len(words), 1000):
        similar = V[begin:begin + 1000] @ V.T
        for row, s in enumerate(similar):
            s[begin + row] = -1
            near = np.argpartition(-s, NEIGHBOURS)[:NEIGHBOURS]
            out[words[begin + row]] = [words[n] for n in near if s[n] > LEAST_SIMILARITY]
    return out


def like(word, old):
    return word.upper() if old.isupper() and len(old) > 1 else word.capitalize() if old[0].isupper() else word


def variant(text, near, rng):
    """One text with a word or two changed, or None where nothing fits."""
    kind = rng.random()
    found = [m for m in WORD.finditer(text) if m.group().lower() not in SMALL]
    numbers = list(re.finditer(r'\d+', text))
    if numbers and kind < .12:
        m = rng.choice(numbers)
        n = int(m.group()[:9])
        return text[:m.start()] + str(rng.choice([n + 1, n * 2, n * 10, max(1, n - 1), n + rng.randrange(2, 40)])) + text[m.end():]
    if len(found) < 2:
        return None
    if kind < .62:
        for m in sorted(rng.sample(found, 1 if kind < .45 else 2), key=lambda m: -m.start()):
            words = near.get(m.group().lower())
            if not words:
                return None
            text = text[:m.start()] + like(rng.choice(words), m.group()) + text[m.end():]
        return text
    if kind < .8:
        # A word goes, or a word and the small one before it.
        m = rng.choice(found)
        begin = m.start()
        before = re.search(r'\b\w{1,4} $', text[:begin])
        if before and rng.random() < .5:
            begin = before.start()
        return re.sub(r'\s{2,}', ' ', text[:begin] + text[m.end():].lstrip()).strip()
    if kind < .92:
        first, second = sorted(rng.sample(found, 2), key=lambda m: m.start())
        return text[:first.start()] + like(second.group().lower(), first.group()) + text[first.end():second.start()] + like(first.group().lower(), second.group()) + text[second.end():]
    m = re.search(r"\b(?:is|are|was|can|should|will|do|does|did|to|i|you|have|has)\b", text, re.I)
    return text[:m.end()] + rng.choice([' not', ' never', ' only', ' also', ' still', ' already', ' always', ' first']) + text[m.end():] if m else None


def pairs(groups, near, count, seed):
    """At most `count` pairs: a text of a group (texts that mean the same) and a variant of it, or of another text of its group."""
    rng, out = random.Random(seed), set()
    for _ in range(20 * count):
        if len(out) == count:
            break
        group = rng.choice(groups)
        text, other = rng.choice(group), rng.choice(group)
        changed = variant(other, near, rng)
        if changed and changed not in group:
            if rng.random() < .25:
                changed = variant(changed, near, rng) or changed
            out.add((text, changed) if rng.random() < .5 else (changed, text))
    return sorted(out)
