"""What a judge says of the pairs that have no label, and of public ones made by rule: for `fit.py`.

    python3 scripts/calibration/judge-logits.py --pairs all.jsonl --judge packages/reprise-judge --out logits.jsonl

One pair at a time, as it runs in the product. Verdicts that stand in --out already are kept: delete it for another judge.
"""
import argparse
import json
import os
import sys
import time

sys.path.insert(0, os.path.join(os.path.dirname(__file__), '..', 'judge'))
import evaluate

p = argparse.ArgumentParser()
p.add_argument('--pairs', required=True)
p.add_argument('--judge', default='packages/reprise-judge')
p.add_argument('--out', required=True)
p.add_argument('--languages', default='en,zh')
a = p.parse_args()
known = set()
if os.path.exists(a.out):
    with open(a.out, encoding='utf8') as lines:
        known = {tuple(json.loads(line)[:2]) for line in lines}
with open(a.pairs, encoding='utf8') as lines:
    rows = [r for r in map(json.loads, lines) if r['set'] in ('bare', 'public-rules')]
started, made = time.time(), 0
with open(a.out, 'a', encoding='utf8') as out:
    for lang in a.languages.split(','):
        judge = evaluate.GraphJudge(f'{a.judge}/{lang}')
        for r in rows:
            pair = evaluate.sorted_pair(r['a'], r['b'])
            if r['lang'] != lang or pair in known:
                continue
            known.add(pair)
            out.write(json.dumps([*pair, round(judge.one(*pair), 4)], ensure_ascii=False) + '\n')
            made += 1
            if made % 5000 == 0:
                print(made, 'pairs', round(time.time() - started), 's', flush=True)
print(made, 'pairs', round(time.time() - started), 's')
