"""Measures a judge where it never learned, as it runs (one pair at a time), or calibrates it.

    python scripts/judge/evaluate.py --folder packages/reprise-judge/en --language en --calibrate --labels judge-labels-en.jsonl

Scores are kept beside --scores, so that a stopped run goes on and another table costs nothing. --torch judges with the weights before
export (batches, bf16), which is what the loss by quantisation is measured against.
"""
import argparse
import json
import math
import os
import random

import numpy as np

import data

RATES = (.005, .01, .02, .05, .1)


def key(a, b):
    return f'{a}\x00{b}'


def sorted_pair(a, b):
    return (a, b) if [ord(c) for c in a] <= [ord(c) for c in b] else (b, a)


class GraphJudge:
    def __init__(self, folder):
        import onnxruntime
        from tokenizers import Tokenizer
        self.settings = json.load(open(f'{folder}/judge.json'))
        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = 1
        options.inter_op_num_threads = 1
        self.session = onnxruntime.InferenceSession(f'{folder}/model.onnx', options)
        self.tokenizer = Tokenizer.from_file(f'{folder}/tokenizer.json')
        self.tokenizer.no_padding()
        self.tokenizer.enable_truncation(self.settings['maxTokens'], strategy='longest_first')

    def one(self, a, b):
        if self.settings['lowerCase']:
            a, b = a.lower(), b.lower()
        e = self.tokenizer.encode(a, b)
        feed = dict(input_ids=np.array([e.ids], np.int64), attention_mask=np.ones((1, len(e.ids)), np.int64), token_type_ids=np.array([e.type_ids], np.int64))
        return float(self.session.run(['logits'], feed)[0][0, 0])

    def many(self, pairs):
        return [self.one(a, b) for a, b in pairs]


class TorchJudge:
    def __init__(self, folder):
        import torch
        import bases
        import export
        self.torch, self.types_of = torch, bases.types_of
        torch.set_num_threads(1)
        self.judge, about = export.torch_judge(folder)
        _, self.tokenizer, self.lower = bases.load(about['base'])
        self.tokenizer.enable_truncation(256, strategy='longest_first')

    def many(self, pairs):
        torch, out = self.torch, [0.0] * len(pairs)
        texts = [(a.lower(), b.lower()) if self.lower else (a, b) for a, b in pairs]
        rows = sorted(enumerate(self.tokenizer.encode_batch(texts)), key=lambda r: len(r[1].ids))
        while rows:
            size = max(1, 3000 // len(rows[0][1].ids))
            now, rows = rows[:size], rows[size:]
            width = len(now[-1][1].ids)
            fill = lambda v, pad: torch.tensor([list(x) + [pad] * (width - len(x)) for x in v])
            feed = fill([e.ids for _, e in now], self.judge.config['padding']), fill([e.attention_mask for _, e in now], 0), fill([self.types_of(e) for _, e in now], 0)
            with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
                for (i, _), s in zip(now, self.judge(*feed)[:, 0].tolist()):
                    out[i] = s
        return out


def wilson(k, n):
    if n == 0:
        return 0.0, 1.0
    z, q = 1.96, k / n
    centre, half = (q + z * z / (2 * n)) / (1 + z * z / n), z / (1 + z * z / n) * math.sqrt(q * (1 - q) / n + z * z / (4 * n * n))
    return max(0, centre - half), min(1, centre + half)


def share(k, n):
    low, high = wilson(k, n)
    return f'{k}/{n} = {k / max(1, n):.4f} [{low:.4f}, {high:.4f}]'


def auc(score, y):
    order = np.argsort(score, kind='mergesort')
    s, ranks = score[order], np.empty(len(score))
    first = np.searchsorted(s, s, 'left')
    last = np.searchsorted(s, s, 'right')
    ranks[order] = (first + last + 1) / 2
    n = y.sum()
    return (ranks[y == 1].sum() - n * (n + 1) / 2) / (n * (len(y) - n))


def mix_weights(sets, y, family_share=.7):
    """The mix of scripts/calibration: 70 % pairs of the families, 30 % close rewordings and changes by rule; labels weigh alike."""
    family = np.array([s[:3] in ('en-', 'zh-') for s in sets])
    rule = np.array([s.startswith('rules-') for s in sets])
    weight = np.zeros(len(y))
    for label in (0, 1):
        for member, part in ((family, family_share), (rule, 1 - family_share)):
            m = member & (y == label)
            if m.any():
                weight[m] = part / m.sum()
    return weight


def limit_at(score, y, weight, rate):
    """The lowest score that keeps wrong among served at or below the rate."""
    use = weight > 0
    order = np.argsort(-score[use], kind='mergesort')
    s, w, wrong = score[use][order], weight[use][order], (weight * (y == 0))[use][order]
    rates = np.cumsum(wrong) / np.cumsum(w)
    good = np.where((rates <= rate) & (np.arange(len(s)) >= 40))[0]
    return float(s[good[-1]]) if len(good) else float('inf')


def platt(score, y, weight, rounds=200):
    """scale, bias that fit sigmoid(score·scale + bias) to the labels under the weights: Newton's steps, held short, from nothing."""
    mean, deviation, weight = score.mean(), score.std() + 1e-12, weight / weight.sum()
    x, a, b = (score - mean) / deviation, 0.0, 0.0
    for _ in range(rounds):
        p = 1 / (1 + np.exp(-(a * x + b)))
        g, h = weight * (p - y), weight * p * (1 - p)
        H = np.array([[(h * x * x).sum(), (h * x).sum()], [(h * x).sum(), h.sum()]]) + 1e-4 * np.eye(2)
        step = np.clip(np.linalg.solve(H, [(g * x).sum(), g.sum()]), -.5, .5)
        a, b = a - step[0], b - step[1]
        if abs(step).max() < 1e-8:
            break
    return float(a / deviation), float(b - a * mean / deviation)


def expected_calibration_error(p, y, weight, bins=10):
    at = np.minimum((p * bins).astype(int), bins - 1)
    return sum(abs((weight * (p - y))[at == b].sum()) for b in range(bins)) / weight.sum()


def report(rows, score, language, calibrate=None):
    sets, y = np.array([r[0] for r in rows]), np.array([r[3] for r in rows])
    kinds = np.array([r[4] for r in rows])
    held = [s for s in data.HELD_APART if s.startswith(language)]
    family, gold = np.isin(sets, held), np.array([s.startswith('gold') for s in sets])
    print(f'AUC families held apart: {auc(score[family], y[family]):.4f} ({", ".join(f"{h} {auc(score[sets == h], y[sets == h]):.4f}" for h in held)}); gold {auc(score[gold], y[gold]):.4f}')
    weight = mix_weights(sets, y)
    # Crosswise where there are two files: the limit of one judges the other.
    def crosswise(rate):
        if len(held) < 2:
            return None
        served = np.zeros(len(y), bool)
        for h in held:
            others = np.array([s.replace('rules-', '') in held and s.replace('rules-', '') != h for s in sets])
            limit = limit_at(score[others], y[others], mix_weights(sets[others], y[others]), rate)
            served |= (sets == h) & (score >= limit)
        return served
    for rate in RATES:
        limit = limit_at(score, y, weight, rate)
        served = score >= limit
        print(f'mix at {rate}: limit {limit:.3f}')
        for name, s in (('one limit', served), ('crosswise', crosswise(rate))):
            if s is not None:
                print(f'  families, {name}: look-alikes {share((s & family & (y == 0)).sum(), (family & (y == 0)).sum())}, true {share((s & family & (y == 1)).sum(), (family & (y == 1)).sum())}')
        print(f'  gold: covered {share((served & gold & (y == 1)).sum(), (gold & (y == 1)).sum())}, wrong among served {share((served & gold & (y == 0)).sum(), (served & gold).sum())}')
        for name in sorted(set(sets[~family & ~gold])):
            m = sets == name
            print(f'  {name}: different {share((served & m & (y == 0)).sum(), (m & (y == 0)).sum())}, true {share((served & m & (y == 1)).sum(), (m & (y == 1)).sum())}')
        if rate == .05:
            print('  by kind: ' + ', '.join(f'{k} {(served & family & (kinds == k)).sum()}/{(family & (kinds == k)).sum()}' for k in sorted(set(kinds[family & (y == 0)]))))
    for part in (.005, .01, .02):
        s0 = np.sort(score[family & (y == 0)])[::-1]
        limit = s0[int(part * len(s0))]
        served = score > limit
        print(f'at {part} of the look-alikes: true {share((served & family & (y == 1)).sum(), (family & (y == 1)).sum())}, gold covered {share((served & gold & (y == 1)).sum(), (gold & (y == 1)).sum())}, wrong {share((served & gold & (y == 0)).sum(), (served & gold).sum())}')
    mixed = weight > 0
    scale, bias = platt(score[mixed], y[mixed], weight[mixed])
    p = 1 / (1 + np.exp(-(scale * score + bias)))
    print(f'Platt: scale {scale:.4f}, bias {bias:.4f}; ECE on the mix {expected_calibration_error(p[mixed], y[mixed], weight[mixed]):.4f}')
    return scale, bias, p


if __name__ == '__main__':
    c = argparse.ArgumentParser()
    c.add_argument('--data', default=os.environ.get('REPRISE_DATA', '../shared/data'))
    c.add_argument('--cache', default='.cache/judge')
    c.add_argument('--folder', required=True)
    c.add_argument('--torch', action='store_true')
    c.add_argument('--language', choices=['en', 'zh'], required=True)
    c.add_argument('--order', choices=['both', 'sorted'])
    c.add_argument('--sample', type=float, default=1, help='of the pairs of families held apart')
    c.add_argument('--sets', default='', help='only sets whose name begins so, beside the families and gold')
    c.add_argument('--scores', default='')
    c.add_argument('--calibrate', action='store_true')
    c.add_argument('--labels', default='')
    a = c.parse_args()
    found = data.everything(a.data, a.language, a.cache)
    rows = [(name, *q) for name in data.HELD_APART if name in found['families'] for fam in found['families'][name].values() for q in fam]
    rows = random.Random(2).sample(rows, int(a.sample * len(rows)))
    rows += [(name, *q) for name, pairs in sorted(found['judged'].items()) if name.startswith(('gold', 'rules-')) or any(name.startswith(s) for s in a.sets.split(',') if s)
             for q in (random.Random(2).sample(pairs, min(len(pairs), 900)) if name.startswith('rules-') else pairs)]
    judge = TorchJudge(a.folder) if a.torch else GraphJudge(a.folder)
    order = a.order or ('sorted' if a.torch else judge.settings['order'])
    known = {}
    if a.scores and os.path.exists(a.scores):
        known = {key(r['a'], r['b']): r['logit'] for r in data.read(a.scores)}
    asked = {}
    for _, x, z, *_ in rows:
        for pair in [sorted_pair(x, z)] if order == 'sorted' else [(x, z), (z, x)]:
            if key(*pair) not in known:
                asked[key(*pair)] = pair
    todo = list(asked.values())
    keep = open(a.scores, 'a', encoding='utf8') if a.scores else None
    for at in range(0, len(todo), 512):
        now = todo[at:at + 512]
        for pair, logit in zip(now, judge.many(now)):
            known[key(*pair)] = logit
            if keep:
                keep.write(json.dumps(dict(a=pair[0], b=pair[1], logit=round(logit, 5)), ensure_ascii=False) + '\n')
        if keep:
            keep.flush()
    score = np.array([known[key(*sorted_pair(x, z))] if order == 'sorted' else (known[key(x, z)] + known[key(z, x)]) / 2 for _, x, z, *_ in rows])
    scale, bias, probability = report(rows, score, a.language)
    if a.calibrate:
        import export
        settings = {k: v for k, v in json.load(open(f'{a.folder}/judge.json')).items() if k != 'files'}
        export.describe(a.folder, {**settings, 'order': order, 'logitScale': round(scale, 5), 'logitBias': round(bias, 5)})
    if a.labels:
        with open(a.labels, 'w', encoding='utf8') as out:
            for (name, x, z, label, kind), q, s in zip(rows, probability, score):
                out.write(json.dumps(dict(set=name, a=x, b=z, p=round(float(q), 6), logit=round(float(s), 5), label=label, kind=kind), ensure_ascii=False) + '\n')
