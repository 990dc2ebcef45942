"""Drops from scripts/judge/families what is too near to a text that measures: of families held apart, gold.jsonl, checklist, negation.

    python scripts/judge/apart.py --language en

Near: the same but for case and marks, or a cosine of --most or more between sentence vectors of bge-small.
"""
import argparse
import glob
import json
import os
import re

import numpy as np

import bases
import data


def plain(text):
    return re.sub(r'\W+', ' ', text).strip().lower()


p = argparse.ArgumentParser()
p.add_argument('--data', default=os.environ.get('REPRISE_DATA', '../shared/data'))
p.add_argument('--cache', default='.cache/judge')
p.add_argument('--language', choices=['en', 'zh'], required=True)
p.add_argument('--most', type=float, default=.96)
a = p.parse_args()
found = data.everything(a.data, a.language, a.cache)
measured = {t for name in data.HELD_APART for pairs in found['families'].get(name, {}).values() for q in pairs for t in q[:2]}
measured |= {t for name, pairs in found['judged'].items() if not name.startswith('rules-') for q in pairs for t in q[:2]}
measured = sorted(measured)
known, V = {plain(t) for t in measured}, bases.vectors(measured, f'bge-{a.language}')
for path in sorted(glob.glob(f'scripts/judge/families/{a.language}-*.jsonl')):
    rows = data.read(path)
    kept, seen = [], set()
    texts = [[r['q'], *r['same'], *(d['t'] for d in r['diff'])] for r in rows]
    W = bases.vectors([t for row in texts for t in row], f'bge-{a.language}').reshape(len(rows), 8, -1)
    for r, row, w in zip(rows, texts, W):
        nearest = w @ V.T
        at = np.unravel_index(nearest.argmax(), nearest.shape)
        if any(plain(t) in known for t in row) or nearest.max() >= a.most:
            print(f'{nearest.max():.3f}  {row[at[0]]}  |  {measured[at[1]]}')
        elif r['q'] not in seen:
            kept.append(r)
        seen.add(r['q'])
    print(path, len(rows), 'families,', len(kept), 'kept')
    with open(path, 'w', encoding='utf8') as out:
        out.writelines(json.dumps(r, ensure_ascii=False) + '\n' for r in kept)
