"""Soft labels for bare public pairs: what a sentence model's similarity and a first judge say of them together.

    python scripts/judge/soften.py --language en --judge .cache/judge/en --cache .cache/judge

Families teach a judge to distrust close wordings; in public questions most close wordings do mean the same. No label of those sets is
read. Similarity becomes odds by a curve fitted on free labels (redis-langcache in English; in Chinese, pairs by rule); the first judge's
logit moves them, and another number, or a negation in one text alone, settles it.
"""
import argparse
import json
import os
import random
import re

import numpy as np
import torch

import bases
import data
import evaluate

TEACHER = {'en': 'bge-en', 'zh': 'bge-zh'}
SOURCES = {'en': ('qqp',), 'zh': ('afqmc', 'lcqmc', 'bq', 'atec', 'covid-qp')}
NEGATION = {'en': re.compile(r"\b(?:not|no|never|without|cannot)\b|n't\b", re.I), 'zh': re.compile('[不没无未别]')}
JUDGE_WEIGHT = .6
# What redis-langcache gave for bge-small-en, and the median similarity of the English pairs.
CURVE = dict(scale=19.7, middle=.900, median=0.821)


def vectors(texts, name):
    encoder, tokenizer, lower = bases.load(name)
    encoder.eval()
    tokenizer.enable_truncation(64)
    rows = sorted(enumerate(tokenizer.encode_batch([t.lower() if lower else t for t in texts])), key=lambda r: len(r[1].ids))
    out = np.zeros((len(texts), encoder.config['width']), np.float32)
    while rows:
        size = max(1, 4000 // len(rows[0][1].ids))
        now, rows = rows[:size], rows[size:]
        width = len(now[-1][1].ids)
        ids = torch.tensor([e.ids + [0] * (width - len(e.ids)) for _, e in now])
        mask = torch.tensor([e.attention_mask + [0] * (width - len(e.ids)) for _, e in now])
        with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
            first = encoder.hidden(ids, mask, torch.zeros_like(ids))[0][:, 0].float()
        out[[i for i, _ in now]] = torch.nn.functional.normalize(first, dim=1).numpy()
    return out


def similarities(pairs, name):
    texts = sorted({t for p in pairs for t in p[:2]})
    at, V = {t: i for i, t in enumerate(texts)}, vectors(texts, name)
    return np.array([V[at[p[0]]] @ V[at[p[1]]] for p in pairs])


p = argparse.ArgumentParser()
p.add_argument('--data', default=os.environ.get('REPRISE_DATA', '../shared/data'))
p.add_argument('--cache', default='.cache/judge')
p.add_argument('--language', choices=['en', 'zh'], required=True)
p.add_argument('--judge', required=True, help='the folder of a training, or an exported one')
p.add_argument('--pairs', type=int, default=9000)
p.add_argument('--seed', type=int, default=9)
a = p.parse_args()
torch.set_num_threads(1)
rng = random.Random(a.seed)
found = data.everything(a.data, a.language, a.cache)
bare = sorted({(r['a'], r['b']) for r in data.read(f'{a.data}/train/pairs.jsonl.gz') if r['lang'] == a.language and r['src'] in SOURCES[a.language]
               and '***' not in r['a'] + r['b'] and max(len(r['a']), len(r['b'])) < 200})
pairs = rng.sample(bare, min(a.pairs, len(bare)))
cosine = similarities(pairs, TEACHER[a.language])
scale, bias = CURVE['scale'], -CURVE['scale'] * CURVE['middle']
if found['pools'].get('redis-langcache'):
    free = found['pools']['redis-langcache']
    scale, bias = evaluate.platt(similarities(free, TEACHER[a.language]), np.array([q[2] for q in free]), np.ones(len(free)))
else:
    # No free labels of close pairs in Chinese: the English curve, moved to the middle of these similarities.
    bias -= scale * (np.median(cosine) - CURVE['median'])
print(f'similarity to odds: {scale:.1f} * (similarity - {-bias / scale:.3f}), median {np.median(cosine):.3f}', flush=True)
first = evaluate.GraphJudge(a.judge) if os.path.exists(f'{a.judge}/judge.json') else evaluate.TorchJudge(a.judge)
logit = np.array(first.many([evaluate.sorted_pair(*q) for q in pairs]))
np.savez(f'{a.cache}/soft-{a.language}.npz', cosine=cosine, logit=logit)
soft = 1 / (1 + np.exp(-(scale * cosine + bias + JUDGE_WEIGHT * (logit - logit.mean()))))
rows = []
for (x, z), s, c in zip(pairs, soft, cosine):
    if sorted(re.findall(r'\d+', x)) != sorted(re.findall(r'\d+', z)) or bool(NEGATION[a.language].search(x)) != bool(NEGATION[a.language].search(z)):
        s = min(s, .05)
    if c > .6:
        rows.append([x, z, round(float(s), 3), 'soft'])
with open(f'{a.cache}/soft-{a.language}.json', 'w', encoding='utf8') as out:
    json.dump(rows, out, ensure_ascii=False)
values = np.array([r[2] for r in rows])
print(len(rows), 'pairs, mean', values.mean().round(3), 'tenths', np.histogram(values, 10, (0, 1))[0].tolist())
