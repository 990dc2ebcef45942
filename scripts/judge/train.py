"""Trains a judge: reads pairs in both orders, keeps a moving average of the weights, goes on from its checkpoint.

    python scripts/judge/train.py --base minilm --language en --pairs 90000 --out .cache/judge/en

A round is one draw of data.round_of(); pairs of like length share a batch, of about --tokens tokens. The learning rate rises over the
first pairs, stays, and falls to nothing over the last --fall of --pairs: to end a run sooner, stop it and give a smaller --pairs.
"""
import argparse
import json
import math
import os
import random
import time

import numpy as np
import torch
from torch.nn import functional as F

import bases
import data
import model as model_file

p = argparse.ArgumentParser()
p.add_argument('--data', default=os.environ.get('REPRISE_DATA', '../shared/data'))
p.add_argument('--cache', default='.cache/judge')
p.add_argument('--base', required=True)
p.add_argument('--language', choices=['en', 'zh'], required=True)
p.add_argument('--out', required=True)
p.add_argument('--start', default='', help='the folder of a training whose weights to begin with, instead of those of the base')
p.add_argument('--pairs', type=int, default=90000)
p.add_argument('--fall', type=float, default=.35)
p.add_argument('--tokens', type=int, default=1400)
p.add_argument('--longest', type=int, default=180)
p.add_argument('--rate', type=float, default=1e-4)
p.add_argument('--head-rate', type=float, default=6e-4)
p.add_argument('--smoothing', type=float, default=.02)
p.add_argument('--seed', type=int, default=9)
p.add_argument('--threads', type=int, default=1)
p.add_argument('--check-seconds', type=float, default=420)
p.add_argument('--leave-kinds', default='', help='kinds of difference to leave out, to measure unseen ones: tense,role')
p.add_argument('--all-files', action='store_true', help='train on the files held apart as well')
p.add_argument('--freeze', type=int, default=0, help='how many of the lowest layers stay as they are')
p.add_argument('--draw', default='3,5,1', help='true pairs and look-alikes of a family in a round, and the share of the other sources')
p.add_argument('--distilled', type=int, default=0, help='how many pairs of distil.py a round holds, instead of the families')
p.add_argument('--state-weight', type=float, default=1.0, help="weight of the larger judge's hidden states in the loss")
p.add_argument('--own', default='', help='JSON lines {a, b, label} of your own, in every round')
a = p.parse_args()

torch.set_num_threads(a.threads)
torch.manual_seed(a.seed)
os.makedirs(a.out, exist_ok=True)
draw = [float(n) for n in a.draw.split(',')]
leave = tuple(k for k in a.leave_kinds.split(',') if k)
found = data.everything(a.data, a.language, a.cache, leave_kinds=leave)
taught, taught_states = data.distilled(a.cache, a.language) if a.distilled else ([], None)
own = [[r['a'], r['b'], r['label'], 'own'] for r in data.read(a.own)] if a.own else []
judge, tokenizer, lower = bases.load(a.base)
if a.distilled:
    # Only training needs it: the larger judge's states, from ours.
    to_states = torch.nn.Linear(judge.config['width'], taught_states.shape[1])
if a.start:
    judge.load_state_dict(torch.load(f'{a.start}/judge.pt', weights_only=True))
# The words' vectors stay: a third of the work for rows that most pairs never touch.
judge.words.weight.requires_grad_(False)
judge.positions.weight.requires_grad_(False)
for layer in judge.layers[:a.freeze]:
    layer.requires_grad_(False)
fresh = {n for n, _ in judge.named_parameters() if n.split('.')[0] in ('pool', 'head', 'shared')}
trained = {n: q for n, q in judge.named_parameters() if q.requires_grad}
if a.distilled:
    trained.update({f'to_states.{n}': q for n, q in to_states.named_parameters()})
    fresh |= {n for n in trained if n.startswith('to_states.')}
groups = [
    dict(params=[q for n, q in trained.items() if n not in fresh and q.ndim > 1], weight_decay=.01, top=a.rate),
    dict(params=[q for n, q in trained.items() if n not in fresh and q.ndim == 1], weight_decay=0, top=a.rate),
    dict(params=[q for n, q in trained.items() if n in fresh], weight_decay=0, top=a.head_rate),
]
optimizer = torch.optim.AdamW(groups, lr=a.rate, betas=(.9, .98), fused=True)
average = {n: q.detach().clone() for n, q in trained.items()}
state = dict(seen=0, round=0, batch=0, step=0, loss=None)
checkpoint = f'{a.out}/checkpoint.pt'
if os.path.exists(checkpoint):
    saved = torch.load(checkpoint, weights_only=True)
    judge.load_state_dict(saved['model'], strict=False)
    if a.distilled:
        to_states.load_state_dict(saved['to_states'])
    optimizer.load_state_dict(saved['optimizer'])
    average, state = saved['average'], saved['state']
    torch.manual_seed(a.seed + state['step'])
    print('goes on at', state, flush=True)


def encoded(rows):
    texts = [(x.lower(), y.lower()) if lower else (x, y) for x, y, *_ in rows]
    return [(e.ids, bases.types_of(e), *r[2:]) for e, r in zip(tokenizer.encode_batch(texts), rows) if len(e.ids) <= a.longest]


def batches(rows, rng):
    rows = sorted(rows, key=lambda r: (len(r[0]), rng.random()))
    out, now = [], []
    for r in rows:
        if now and (len(now) + 1) * len(r[0]) > a.tokens:
            out.append(now)
            now = []
        now.append(r)
    out.append(now)
    rng.shuffle(out)
    return out


def tensors(rows):
    width = max(len(r[0]) for r in rows)
    pad = judge.config['padding']
    ids = torch.tensor([r[0] + [pad] * (width - len(r[0])) for r in rows])
    mask = torch.tensor([[1] * len(r[0]) + [0] * (width - len(r[0])) for r in rows])
    types = torch.tensor([r[1] + [0] * (width - len(r[1])) for r in rows])
    return ids, mask, types


def loss_of(batch):
    label = torch.tensor([float(r[2]) for r in batch]) * (1 - 2 * a.smoothing) + a.smoothing
    with torch.autocast('cpu', torch.bfloat16):
        logits, hidden = judge(*tensors(batch), with_hidden=True)
    logits = logits[:, 0]
    loss = F.binary_cross_entropy_with_logits(logits, label)
    # A pair of distil.py carries its number; where both tokenizers cut alike, its states are ours to meet.
    known = [(i, taught[r[4]]) for i, r in enumerate(batch) if len(r) > 4]
    if known:
        at = torch.tensor([i for i, _ in known])
        said = torch.tensor([t[3] for _, t in known]).clamp(-6, 6)
        loss = loss + .1 * F.mse_loss(logits[at], said) * len(known) / len(batch)
        same = [(i, t) for i, t in known if t[5] == len(batch[i][0])]
        if same:
            want = torch.from_numpy(np.concatenate([taught_states[t[4]:t[4] + t[5]] for _, t in same])).float()
            got = to_states(torch.cat([hidden[i, :t[5]] for i, t in same]).float())
            loss = loss + a.state_weight * F.mse_loss(got, want) * len(same) / len(batch)
    return loss


def taught_round(rng):
    """Pairs of distil.py in the order in which they will be asked: [a, b, label and the larger judge's word, kind, number]."""
    rows = []
    for n in rng.sample(range(len(taught)), min(a.distilled, len(taught))):
        x, z, label, logit, *_ = taught[n]
        word = 1 / (1 + math.exp(-logit))
        rows.append((x, z, word if label is None else .5 * label + .5 * word, 'distilled', n))
    return rows


def rate_at(seen):
    rise, fall = min(1, (seen + 64) / 3000), min(1, max(0, (a.pairs - seen) / (a.fall * a.pairs)))
    return rise * fall


def glance():
    """AUC of the averaged weights on a sample of the families held apart."""
    rows = [q for name in data.HELD_APART if name in found['families'] for fam in found['families'][name].values() for q in fam]
    rows = random.Random(1).sample(rows, 500)
    live = {n: q.detach().clone() for n, q in trained.items()}
    judge.load_state_dict(average, strict=False)
    judge.eval()
    scores, labels = [], []
    with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
        for batch in batches(encoded(rows), random.Random(0)):
            scores += judge(*tensors(batch))[:, 0].tolist()
            labels += [r[2] for r in batch]
    judge.load_state_dict(live, strict=False)
    judge.train()
    true = [s for s, y in zip(scores, labels) if y]
    false = [s for s, y in zip(scores, labels) if not y]
    return sum((t > f) + .5 * (t == f) for t in true for f in false) / (len(true) * len(false))


def save(name='checkpoint.pt'):
    frozen = {'words.weight', 'positions.weight'}
    torch.save(dict(to_states=to_states.state_dict() if a.distilled else None, model={n: v for n, v in judge.state_dict().items() if n not in frozen}, optimizer=optimizer.state_dict(), average=average, state=state), f'{checkpoint}.new')
    os.replace(f'{checkpoint}.new', checkpoint)
    torch.save({**judge.state_dict(), **{n: v for n, v in average.items() if not n.startswith('to_states.')}}, f'{a.out}/judge.pt.new')
    os.replace(f'{a.out}/judge.pt.new', f'{a.out}/judge.pt')
    json.dump(dict(base=a.base, language=a.language, lowerCase=lower, seen=state['seen'], arguments=vars(a), config=judge.config), open(f'{a.out}/judge-config.json', 'w'), indent=1)


judge.train()
started, checked, begun = time.time(), time.time(), state['seen']
while state['seen'] < a.pairs:
    rng = random.Random(f'{a.seed}-{state["round"]}')
    todo = batches(encoded(data.round_of(found, a.language, state['round'], a.seed, leave, a.all_files, own, draw) + taught_round(rng)), rng)
    for batch in todo[state['batch']:]:
        scale = rate_at(state['seen'])
        for group in optimizer.param_groups:
            group['lr'] = group['top'] * scale
        loss = loss_of(batch)
        loss.backward()
        torch.nn.utils.clip_grad_norm_(trained.values(), 2.0)
        optimizer.step()
        optimizer.zero_grad()
        state['seen'] += len(batch)
        state['step'] += 1
        state['batch'] += 1
        state['loss'] = loss.item() if state['loss'] is None else .98 * state['loss'] + .02 * loss.item()
        if state['step'] % 4 == 0:
            keep = min(.985, state['step'] / (state['step'] + 40))
            torch._foreach_lerp_([average[n] for n in trained], [q.detach() for q in trained.values()], 1 - keep)
        if state['step'] % 50 == 0:
            spent = time.time() - started
            print(f"{spent:.0f} s, round {state['round']}, {state['seen']} pairs, {(state['seen'] - begun) / spent:.1f}/s, loss {state['loss']:.4f}, rate x{scale:.2f}", flush=True)
        if time.time() - checked > a.check_seconds:
            save()
            print(f"checkpoint at {state['seen']}: AUC on a sample held apart {glance():.4f}", flush=True)
            checked = time.time()
        if state['seen'] >= a.pairs:
            break
    else:
        state['round'] += 1
        state['batch'] = 0
save()
print(f"done: {state['seen']} pairs, AUC on a sample held apart {glance():.4f}", flush=True)
