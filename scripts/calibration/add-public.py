"""Adds bare public pairs to the labelled ones, and lists the texts that need vectors.

    python3 scripts/calibration/add-public.py --pairs pairs.jsonl --out all.jsonl --texts texts.json

Families teach to distrust close wordings; in public questions most close wordings mean the same. Their pairs are added without labels
(set `bare`, y null: `fit.py` puts there what judge and similarity say), and so are look-alikes and rewordings made by rule from their
questions (set `public-rules`). No label of those sets is read, and no text of gold.jsonl or of the judged sets is in them. Of the pairs
by rule from the families' questions a part is kept: they are many and easy. Seeded.
"""
import argparse
import json
import os
import random
import re
import sys

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'judge'))
import data

SOURCES = {'en': ('qqp',), 'zh': ('afqmc', 'lcqmc', 'bq', 'atec', 'covid-qp')}
RULES_KEPT = .35

p = argparse.ArgumentParser()
p.add_argument('--data', default=os.environ.get('REPRISE_DATA', '../shared/data'))
p.add_argument('--pairs', required=True)
p.add_argument('--out', required=True)
p.add_argument('--texts', required=True)
p.add_argument('--bare', type=int, default=15000, help='bare pairs of each language')
p.add_argument('--ruled', type=int, default=3000, help='questions of each language that pairs by rule are made from')
p.add_argument('--seed', type=int, default=9)
a = p.parse_args()
with open(a.pairs, encoding='utf8') as lines:
    rows = [json.loads(line) for line in lines]
judged = {t for r in rows if not r['fit'] for t in (r['a'], r['b'])}
train = data.read(f'{a.data}/train/pairs.jsonl.gz')
made = data.made_pairs(a.data, a.seed)
out = []
for lang in ('en', 'zh'):
    rules = sorted({(r['set'], r['fam']) for r in rows if r['lang'] == lang and r['set'].startswith('rules-')})
    random.Random(1).shuffle(rules)
    kept = set(rules[:int(len(rules) * RULES_KEPT)])
    out += [r for r in rows if r['lang'] == lang and (not r['set'].startswith('rules-') or (r['set'], r['fam']) in kept)]
    # Sorted and shuffled before the length is asked for, so that more pairs are the same ones and some.
    bare = sorted({(r['a'], r['b']) for r in train if r['lang'] == lang and r['src'] in SOURCES[lang] and r['a'] != r['b'] and '***' not in r['a'] + r['b']
                   and max(len(r['a']), len(r['b'])) < 200 and r['a'] not in judged and r['b'] not in judged})
    random.Random(a.seed).shuffle(bare)
    bare = bare[:a.bare]
    out += [dict(lang=lang, set='bare', fam=i, kind='bare', y=None, a=x, b=z, fit=True) for i, (x, z) in enumerate(bare)]
    rng = random.Random(a.seed + 1)
    for i, (q, _) in enumerate(bare[:a.ruled]):
        same, other = (made['same_en'](q), made['other_en'](q, made['names_of']['en'])) if lang == 'en' else (made['same_zh'](q), made['other_zh'](q, made['names_of']['zh']))
        for t in rng.sample(same, min(1, len(same))):
            if t.strip() and t != q:
                out.append(dict(lang=lang, set='public-rules', fam=i, kind='rule-same', y=1, a=q, b=t, fit=True))
        for kind, t in rng.sample(other, min(2, len(other))):
            if t and t.strip() and t != q:
                out.append(dict(lang=lang, set='public-rules', fam=i, kind=f'rule-{kind}', y=0, a=q, b=t, fit=True))
texts = {'en': {}, 'zh': {}}
for r in sorted(out, key=lambda r: not re.match(r'(en|zh)-\d|gold', r['set'])):
    if r['fit'] or r['set'].startswith('gold'):
        texts[r['lang']].update({r['a']: 1, r['b']: 1})
with open(a.out, 'w', encoding='utf8') as f:
    for r in out:
        f.write(json.dumps(r, ensure_ascii=False) + '\n')
with open(a.texts, 'w', encoding='utf8') as f:
    json.dump({l: list(t) for l, t in texts.items()}, f, ensure_ascii=False)
print(len(out), 'pairs', {l: len(t) for l, t in texts.items()}, 'texts')
