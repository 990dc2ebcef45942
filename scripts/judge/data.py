"""The pairs a judge learns from and is measured on.

Learned from: the families but for the files held apart, the families of scripts/judge/families, pairs made by rule from their questions and from
bare public questions (unlabelled), verdicts of our own about bare public pairs (scripts/judge/verdicts), and small free labelled sets:
redis-langcache (MIT), PAWS-X (free), CANNOT (CC BY-SA 4.0).
Never: gold.jsonl, checklist, checklist-swaps, and labels of research-only sets.
"""
import contextlib
import glob
import gzip
import hashlib
import io
import json
import os
import random
import runpy
import sys
import tempfile

import edits
import numpy as np

HELD_APART = ('en-4', 'en-8', 'zh-4')
# How many pairs of each source one round holds; families are drawn per family.
ROUND = {
    'en': {'rules-same': 2000, 'rules-other': 3500, 'public-same': 1200, 'public-other': 2500, 'redis-langcache': 440, 'pawsx': 700, 'cannot': 500, 'random': 250, 'public-edit': 2800, 'rules-edit': 1200, 'verdicts': 4000},
    'zh': {'rules-same': 1200, 'rules-other': 2000, 'public-same': 1000, 'public-other': 1500, 'redis-langcache': 0, 'pawsx': 500, 'cannot': 0, 'random': 150, 'public-edit': 2000, 'rules-edit': 800, 'verdicts': 3000},
}


# What a verdict's grade (3 = surely the same, 0 = surely not) is worth as a label.
GRADES = {'3': .97, '2': .8, '1': .2, '0': .02}


def sign(text):
    """A text of a set that may not be copied, by its checksum."""
    return hashlib.sha256(text.encode()).hexdigest()[:16]


def own_families(language):
    """{file: {line: pairs}} of scripts/judge/families, in the form of the pairs of ../shared/data/families."""
    out = {}
    for path in sorted(glob.glob(f'scripts/judge/families/{language}-*.jsonl')):
        families = out[f'own-{os.path.basename(path)[:-6]}'] = {}
        for number, r in enumerate(read(path)):
            same = [r['q'], *r['same']]
            families[str(number)] = [[x, z, 1, 'same'] for i, x in enumerate(same) for z in same[i + 1:]] + [[x, d['t'], 0, d['why']] for x in same for d in r['diff']]
    return out


def verdicts(data, language):
    """Our own verdicts about public pairs, whose texts are found in the data by their checksums."""
    path = f'scripts/judge/verdicts/{language}.jsonl'
    if not os.path.exists(path):
        return []
    texts = {sign(t): t for r in read(f'{data}/train/pairs.jsonl.gz') if r['lang'] == language for t in (r['a'], r['b'])}
    return [[texts[r['a']], texts[r['b']], GRADES[r['grade']], 'verdict'] for r in read(path) if r['a'] in texts and r['b'] in texts]


def bare_pairs(data, count, seed=9):
    """English pairs as the public sets pair them, without their labels."""
    pairs = sorted({(r['a'], r['b']) for r in read(f'{data}/train/pairs.jsonl.gz') if r['src'] == 'qqp' and max(len(r['a']), len(r['b'])) < 200})
    return random.Random(seed).sample(pairs, min(count, len(pairs)))


def made_pairs(data, seed=9):
    """The rows of scripts/calibration/make-pairs.py, and its rules."""
    with tempfile.TemporaryDirectory() as folder, contextlib.redirect_stdout(io.StringIO()):
        before, sys.argv = sys.argv, ['make-pairs.py', '--data', data, '--out', f'{folder}/pairs.jsonl', '--seed', str(seed)]
        try:
            made = runpy.run_path('scripts/calibration/make-pairs.py')
        finally:
            sys.argv = before
    return made


def read(path):
    with (gzip.open if path.endswith('.gz') else open)(path, mode='rt', encoding='utf8') as lines:
        return [json.loads(line) for line in lines]


def read_whole(path):
    with open(path, encoding='utf8') as file:
        return json.load(file)


def everything(data, language, cache, seed=9, leave_kinds=()):
    """{pools by source, families, judged sets}: made once, kept in the cache as JSON."""
    path = f'{cache}/pairs-{language}.json'
    if not os.path.exists(path):
        os.makedirs(cache, exist_ok=True)
        rng = random.Random(seed)
        made = made_pairs(data, seed)
        pools = {name: [] for name in ROUND[language]}
        families, judged = {}, {}
        for r in made['rows']:
            if r['lang'] != language:
                continue
            group, pair = r['set'], [r['a'], r['b'], r['y'], r['kind']]
            if group.startswith('rules-'):
                if group[6:] in HELD_APART:
                    judged.setdefault(group, []).append(pair)
                else:
                    pools['rules-same' if r['y'] else 'rules-other'].append(pair)
            elif group[:3] in ('en-', 'zh-'):
                families.setdefault(group, {}).setdefault(str(r['fam']), []).append(pair)
            else:
                # PAWS-X: half of the Chinese pairs teach, half measure; the English ones only teach.
                if group == 'redis-langcache' and 'redis-langcache' in pools:
                    pools['redis-langcache'].append(pair)
                elif group == 'pawsx-en' or (group == 'pawsx-zh' and r['fam'] % 2):
                    pools['pawsx'].append(pair)
                else:
                    judged.setdefault(group, []).append(pair)
        public = sorted({t for r in read(f'{data}/train/pairs.jsonl.gz') if r['lang'] == language and r['src'] in ('qqp', 'afqmc', 'lcqmc', 'atec', 'bq', 'covid-qp')
                         for t in (r['a'], r['b']) if '***' not in t and len(t) < (160 if language == 'en' else 60)})
        rng.shuffle(public)
        for q in public[:9000]:
            same, other = (made['same_en'](q), made['other_en'](q, made['names_of']['en'])) if language == 'en' else (made['same_zh'](q), made['other_zh'](q, made['names_of']['zh']))
            for t in rng.sample(same, min(1, len(same))):
                if t != q:
                    pools['public-same'].append([q, t, 1, 'rule-same'])
            for kind, t in rng.sample(other, min(2, len(other))):
                if t and t != q:
                    pools['public-other'].append([q, t, 0, f'rule-{kind}'])
        if language == 'en':
            pools['cannot'] = [[r['a'], r['b'], r['label'], 'negation'] for r in read(f'{data}/train/pairs.jsonl.gz') if r['src'] == 'cannot']
        own = sorted({t for name, fams in families.items() if name not in HELD_APART for pairs in fams.values() for p in pairs if p[2] for t in p[:2]})
        for name, texts in (('public-edit', public[9000:18000]), ('rules-edit', own)):
            pools[name] = [[q, t, 1, 'edit'] for q in texts for t in [edits.edited(q, language, rng)] if t]
        with open(path, 'w', encoding='utf8') as out:
            json.dump(dict(pools=pools, families=families, judged=judged), out, ensure_ascii=False)
    with open(path, encoding='utf8') as file:
        found = json.load(file)
    found['pools']['verdicts'] = verdicts(data, language)
    added = own_families(language)
    found['families'].update(added)
    rng = random.Random(seed)
    texts = [t for families in added.values() for pairs in families.values() for t in dict.fromkeys(p for q in pairs if q[2] for p in q[:2])]
    found['pools']['rules-edit'] += [[q, t, 1, 'edit'] for q in texts for t in [edits.edited(q, language, rng)] if t]
    if leave_kinds:
        drop = set(leave_kinds) | {f'rule-{k}' for k in leave_kinds}
        found['pools'] = {n: [p for p in pool if p[3] not in drop] for n, pool in found['pools'].items()}
    return found


def distilled(cache, language):
    """What distil.py wrote: its rows, and the states of their tokens one after the other."""
    rows = read_whole(f'{cache}/distilled-{language}.json')
    width = os.path.getsize(f'{cache}/distilled-{language}.f16') // 2 // (rows[-1][4] + rows[-1][5])
    return rows, np.memmap(f'{cache}/distilled-{language}.f16', np.float16, 'r').reshape(-1, width)


def round_of(found, language, number, seed, leave_kinds=(), all_files=False, own=(), draw=(3, 5, 1)):
    """One round of training pairs, shuffled: another draw from every source in each round."""
    rng = random.Random(f'{seed}-{number}')
    rows, questions = [], []
    for name, families in found['families'].items():
        if name in HELD_APART and not all_files:
            continue
        for pairs in families.values():
            true = [p for p in pairs if p[2] == 1]
            false = [p for p in pairs if p[2] == 0 and p[3] not in leave_kinds]
            rows += rng.sample(true, min(int(draw[0]), len(true))) + rng.sample(false, min(int(draw[1]), len(false)))
            questions.append(true[0][0])
    for name, count in ROUND[language].items():
        pool = found['pools'][name]
        rows += rng.sample(pool, min(round(count * draw[2]), len(pool)))
    rows += [[rng.choice(questions), rng.choice(questions), 0, 'random'] for _ in range(ROUND[language]['random'])]
    rows += own
    rows = [p for p in rows if p[0] != p[1]]
    rng.shuffle(rows)
    return [(a, b, y, k) if rng.random() < .5 else (b, a, y, k) for a, b, y, k in rows]
