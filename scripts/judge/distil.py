"""What a larger judge makes of the pairs a smaller one will learn from: its logit, and its last hidden states.

    python scripts/judge/distil.py --language en --teacher .cache/judge/teacher-en --cache .cache/judge

A label is one bit a pair, and 1,400 families are soon known by heart; the states of each token say how the larger one reads. Pairs: those of the
families that teach, two look-alikes of one family (nobody labelled those), pairs by rule, bare public pairs, and texts with a word changed, of which
nobody knows whether they still mean the same (variants.py): most of what the smaller one lacks is examples. Writes distilled-en.json
(a, b, label or null, logit, first token, tokens) and distilled-en.f16 (tokens x WIDTH float16: the states without their mean, on their first
principal components, brought to a mean square of 1). Both tokenizers cut words alike; of MPNet's two separators one is left out.
"""
import argparse
import json
import os
import random

import numpy as np
import torch

import bases
import data
import evaluate
import variants

WIDTH = 192
SEED_PAIRS = 1500


def pairs_of(found, bare, counts, rng, base):
    labelled, beside, groups = [], [], []
    for name, families in found['families'].items():
        if name in data.HELD_APART:
            continue
        for pairs in families.values():
            labelled += [(q[0], q[1], q[2]) for q in pairs]
            same = sorted({t for q in pairs if q[2] for t in q[:2]})
            other = sorted({t for q in pairs for t in q[:2]} - set(same))
            beside += [(x, z, None) for i, x in enumerate(other) for z in other[i + 1:]]
            groups += [same, *([t] for t in other)]
    rows = rng.sample(labelled, min(counts['labelled'], len(labelled))) + rng.sample(beside, min(counts['beside'], len(beside)))
    # A label by rule is right nearly always, one of CANNOT too; the teacher's word stands beside it.
    for pool in ('verdicts', 'public-other', 'public-same', 'public-edit', 'rules-other', 'rules-same', 'cannot'):
        there = found['pools'].get(pool, [])
        rows += [(q[0], q[1], q[2]) for q in rng.sample(there, min(counts['verdicts' if pool == 'verdicts' else 'rule'], len(there)))]
    rows += [(x, z, None) for x, z in bare]
    groups += [[t] for t in sorted({t for q in bare for t in q})] + [q[:2] for q in found['pools']['verdicts'] if q[2] > .9]
    near = variants.neighbours([t for g in groups for t in g], base)
    rows += [(x, z, None) for x, z in variants.pairs(groups, near, counts['variants'], 9)]
    return list({evaluate.key(*evaluate.sorted_pair(*q[:2])): (*evaluate.sorted_pair(*q[:2]), q[2]) for q in rows if q[0] != q[1]}.values())


def states(judge, tokenizer, rows, longest):
    """(row, logit, states of its tokens without the second of two separators), pairs of like length together."""
    todo = sorted(((e, i) for i, e in enumerate(tokenizer.encode_batch([(r[0], r[1]) for r in rows])) if len(e.ids) <= longest), key=lambda r: len(r[0].ids))
    pad = judge.config['padding']
    while todo:
        size = max(1, 3000 // len(todo[0][0].ids))
        now, todo = todo[:size], todo[size:]
        width = len(now[-1][0].ids)
        ids = torch.tensor([e.ids + [pad] * (width - len(e.ids)) for e, _ in now])
        mask = torch.tensor([[1] * len(e.ids) + [0] * (width - len(e.ids)) for e, _ in now])
        types = torch.tensor([bases.types_of(e) + [0] * (width - len(e.ids)) for e, _ in now])
        with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
            logits, hidden = judge(ids, mask, types, with_hidden=True)
        for (e, i), logit, h in zip(now, logits[:, 0].tolist(), hidden.float()):
            second = e.sequence_ids.index(1)
            double = e.sequence_ids[second - 2:second] == [None, None]
            keep = [j for j in range(len(e.ids)) if not (double and j == second - 1)]
            yield i, logit, h[keep].numpy()


if __name__ == '__main__':
    p = argparse.ArgumentParser()
    p.add_argument('--data', default=os.environ.get('REPRISE_DATA', '../shared/data'))
    p.add_argument('--cache', default='.cache/judge')
    p.add_argument('--language', choices=['en'], default='en')
    p.add_argument('--teacher', required=True)
    p.add_argument('--labelled', type=int, default=52000)
    p.add_argument('--beside', type=int, default=13000)
    p.add_argument('--public', type=int, default=9000, help='bare public pairs')
    p.add_argument('--verdicts', type=int, default=10000)
    p.add_argument('--variants', type=int, default=26000)
    p.add_argument('--base', default='bge-en', help='whose vectors say which words are used alike')
    p.add_argument('--rule', type=int, default=1000, help='of each source by rule')
    p.add_argument('--longest', type=int, default=120)
    p.add_argument('--threads', type=int, default=1)
    p.add_argument('--seed', type=int, default=9)
    a = p.parse_args()
    rng = random.Random(a.seed)
    teacher = evaluate.TorchJudge(a.teacher)
    torch.set_num_threads(a.threads)
    judge, tokenizer = teacher.judge, teacher.tokenizer
    tokenizer.no_truncation()
    rows = pairs_of(data.everything(a.data, a.language, a.cache), data.bare_pairs(a.data, a.public), dict(labelled=a.labelled, beside=a.beside, verdicts=a.verdicts, variants=a.variants, rule=a.rule), rng, a.base)
    rng.shuffle(rows)
    sample = np.concatenate([h for _, _, h in states(judge, tokenizer, rows[:SEED_PAIRS], a.longest)])
    mean = sample.mean(0)
    values, vectors = np.linalg.eigh(np.cov((sample - mean).T))
    basis = vectors[:, ::-1][:, :WIDTH]
    basis = basis / np.sqrt(((sample - mean) @ basis).var(0).mean())
    print(f'{len(rows)} pairs; {values[::-1][:WIDTH].sum() / values.sum():.3f} of the variance in {WIDTH} components', flush=True)
    out, at, tokens = [], 0, 0
    with open(f'{a.cache}/distilled-{a.language}.f16', 'wb') as file:
        for begin in range(0, len(rows), 2000):
            for i, logit, h in states(judge, tokenizer, rows[begin:begin + 2000], a.longest):
                file.write(((h - mean) @ basis).astype(np.float16).tobytes())
                out.append([*rows[begin + i], round(logit, 3), tokens, len(h)])
                tokens += len(h)
            print(len(out), 'of', len(rows), flush=True)
    # Last: that it is there says that all is.
    with open(f'{a.cache}/distilled-{a.language}.json', 'w', encoding='utf8') as index:
        json.dump(out, index, ensure_ascii=False)
