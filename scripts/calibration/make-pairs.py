"""Makes the labelled pairs the calibrated policy is fitted on and judged by.

    python3 scripts/calibration/make-pairs.py --data ../shared/data --out pairs.jsonl

Fitted on: the project's own question families, the free public pairs (redis-langcache MIT, checklist MIT, PAWS-X free; pairs
with a text of gold.jsonl are left out), and pairs made by rule from the families' own questions: look-alikes that
change one number, name, unit, negation, role, time, quantity, question word or condition, and true pairs that change
typing, politeness, spelling or the frame of a question. Only judged by (`"fit": false`): gold.jsonl and every other set.
Standard library only, seeded.
"""
import argparse, glob, gzip, json, os, random, re

p = argparse.ArgumentParser()
p.add_argument('--data', default='../shared/data')
p.add_argument('--out', required=True)
p.add_argument('--seed', type=int, default=9)
a = p.parse_args()
rng = random.Random(a.seed)
rows = []


def add(lang, group, family, kind, label, x, y, fit=True):
    if x.strip() and y.strip() and x != y:
        rows.append(dict(lang=lang, set=group, fam=family, kind=kind, y=label, a=x, b=y, fit=fit))


def read(path):
    opener = gzip.open if path.endswith('.gz') else open
    return [json.loads(line) for line in opener(path, mode='rt', encoding='utf8')]


gold = read(f'{a.data}/quality/gold.jsonl')
gold_texts = {t for r in gold for t in (r['a'], r['b'])}
families = [(os.path.basename(f)[:-6], i, r) for f in sorted(glob.glob(f'{a.data}/families/*.jsonl')) for i, r in enumerate(read(f))]

# ---- rules -----------------------------------------------------------------------------------------------------------
OPPOSITES = {}
for path in ('english-opposites', 'chinese-opposites'):
    source = open(f'scripts/calibration/lexicons/{path}.generated.ts', encoding='utf8').read()
    for line in source.split('`')[1].split('\n'):
        word, *others = line.split(' ')
        OPPOSITES.setdefault(word, []).extend(others)
        for o in others:
            OPPOSITES.setdefault(o, []).append(word)
UNITS = [['km', 'miles', 'm'], ['kg', 'lbs', 'g'], ['minutes', 'hours', 'seconds'], ['days', 'weeks', 'months', 'years'], ['dollars', 'euros', 'pounds'], ['Celsius', 'Fahrenheit'],
         ['cm', 'inches', 'mm'], ['GB', 'MB', 'TB'], ['grams', 'ounces'], ['litres', 'gallons'], ['USD', 'EUR', 'GBP'], ['$', '€', '£'], ['km/h', 'mph']]
ZH_UNITS = [['公里', '米', '英里'], ['公斤', '斤', '克'], ['分钟', '小时', '秒'], ['天', '周', '个月', '年'], ['元', '美元', '欧元'], ['厘米', '米', '毫米'], ['毫升', '升'], ['万', '千']]
FRAMES = [['how do i ', 'how can i ', 'how to ', 'how do you ', 'what is the best way to ', 'how should i ', 'how does one ', 'what is the way to ', 'how could i ', 'how would i ', 'what are the steps to ', 'can you tell me how to '],
          ['what is the difference between ', "what's the difference between ", 'difference between ', 'what are the differences between ', 'how do you explain the difference between '],
          ['what is ', "what's ", 'what exactly is ', 'can you tell me what is ', 'tell me what is '], ['what are ', 'can you tell me what are ', 'which are ', 'what exactly are '],
          ['why is ', 'why exactly is ', 'how come ', 'what is the reason '], ['can i ', 'is it possible to ', 'am i able to ', 'could i ', 'can you ', 'can we '],
          ['should i ', 'would you recommend to ', 'ought i to '], ['do i need to ', 'do i have to ', 'must i ', 'is it necessary to ', 'is it required to '],
          ['how much does it cost to ', 'what does it cost to ', 'what is the price to ', 'how much is it to '], ['how long does it take to ', 'how much time does it take to ', 'how many hours does it take to ']]
OTHER_FRAMES = {'how do i ': ['why do i ', 'when do i ', 'where do i ', 'should i ', 'can i ', 'how often do i ', 'what happens if i ', 'do i have to ', 'how did you '], 'how can i ': ['why can i ', 'when can i ', 'where can i ', 'who can ', 'should i '],
                'what is ': ['where is ', 'who is ', 'why is ', 'when is ', 'what was ', 'how is ', 'what is not ', 'what is an alternative to '], 'what are ': ['where are ', 'why are ', 'what were ', 'who are '], 'why is ': ['how is ', 'when is ', 'where is ', 'is '],
                'why does ': ['how does ', 'when does ', 'does ', 'where does '], 'how much ': ['how long ', 'how often ', 'how fast '], 'how long ': ['how much ', 'how often ', 'how far '], 'when ': ['where ', 'why ', 'how '], 'where ': ['when ', 'why ', 'how '],
                'can i ': ['should i ', 'must i ', 'how can i ', 'why can i ', 'when can i '], 'should i ': ['can i ', 'must i ', 'when should i ', 'why should i '], 'how to ': ['when to ', 'why ', 'where to ', 'whether to ', 'who has to '], 'is ': ['was ', 'why is ', 'when is ', 'how is '], 'do ': ['did ', 'why do ', 'how do ', 'when do ']}
SWAPS = {'quantifier': [('all', 'some'), ('every', 'any'), ('at least', 'at most'), ('more than', 'less than'), ('only', 'also'), ('most', 'few'), ('both', 'neither'), ('minimum', 'maximum'), ('always', 'sometimes'), ('everyone', 'someone'), ('and', 'or')],
         'order': [('before', 'after'), ('first', 'last'), ('previous', 'next'), ('earlier', 'later'), ('until', 'since'), ('with', 'without'), ('inside', 'outside'), ('above', 'below')],
         'tense': [('is', 'was'), ('are', 'were'), ('do', 'did'), ('does', 'did'), ('will', 'did'), ('have', 'had'), ('still', 'no longer'), ('already', 'not yet'), ('is', 'will be'), ('is', 'used to be'), ('is', 'is becoming')],
         'modality': [('can', 'should'), ('can', 'must'), ('should', 'must'), ('may', 'must'), ('have to', 'can'), ('need to', 'can'), ('should', 'could'), ('want to', 'have to')],
         'pronoun': [('my', "my wife's"), ('i', 'my son'), ('i', 'they'), ('my', 'her'), ('my', 'their'), ('we', 'they'), ('you', 'i'), ('his', 'her'), ('he', 'she'), ('me', 'my friend'), ('my', "my neighbour's")],
         'date': [('today', 'yesterday'), ('tomorrow', 'yesterday'), ('last week', 'next week'), ('this year', 'last year'), ('monday', 'friday'), ('january', 'june'), ('march', 'may'), ('morning', 'evening'), ('july', 'august'), ('sunday', 'saturday')]}
ZH_SWAPS = {'question-type': [('怎么', '为什么'), ('怎么', '什么时候'), ('如何', '为何'), ('多少钱', '多久'), ('为什么', '怎么'), ('哪里', '什么时候'), ('多久', '多少钱'), ('怎么', '要不要'), ('怎么', '能不能'), ('是什么', '有什么用'), ('怎么办', '怎么回事')],
            'quantifier': [('至少', '最多'), ('所有', '部分'), ('超过', '不到'), ('只', '也'), ('以上', '以下'), ('最大', '最小'), ('最高', '最低'), ('全部', '一半'), ('每', '某'), ('和', '或'), ('都', '有的')],
            'order': [('之前', '之后'), ('以前', '以后'), ('前', '后'), ('上', '下'), ('先', '后')], 'tense': [('已经', '还没'), ('正在', '已经'), ('要', '已经'), ('想', '已经'), ('还没', '已经'), ('会', '曾'), ('现在', '以前')],
            'modality': [('可以', '必须'), ('能', '要'), ('应该', '可以'), ('必须', '可以'), ('要不要', '能不能'), ('能不能', '该不该'), ('需要', '可以')],
            'pronoun': [('我', '他'), ('我', '我妈'), ('我', '我朋友'), ('我们', '他们'), ('孩子', '老人'), ('自己', '别人'), ('本人', '他人')],
            'date': [('今天', '昨天'), ('明天', '昨天'), ('上周', '下周'), ('今年', '去年'), ('周一', '周五'), ('上个月', '下个月'), ('早上', '晚上'), ('周末', '工作日')],
            'negation': [('能', '不能'), ('可以', '不可以'), ('会', '不会'), ('有', '没有'), ('要', '不要'), ('是', '不是'), ('没有', '有'), ('不能', '能'), ('需要', '不需要'), ('想', '不想')],
            'direction': [('买', '卖'), ('开', '关'), ('借', '还'), ('存', '取'), ('开通', '取消'), ('安装', '卸载'), ('添加', '删除'), ('导入', '导出'), ('上传', '下载'), ('增加', '减少'), ('打开', '关闭')]}
ZH_SAME = [('怎么', '如何'), ('如何', '怎样'), ('怎么', '咋'), ('为什么', '为何'), ('为什么', '为啥'), ('什么', '啥'), ('多少钱', '什么价格'), ('怎么办', '如何处理'), ('能不能', '可不可以'), ('能不能', '能否'), ('可以吗', '行吗'), ('多久', '多长时间'), ('哪里', '哪儿'), ('是什么意思', '什么含义'),
           ('需要', '要'), ('应该怎么', '该如何'), ('元', '块'), ('哪里', '什么地方'), ('什么时候', '何时'), ('有哪些', '有什么'), ('是否', '是不是'), ('购买', '买'), ('区别', '不同'), ('孩子', '小孩'), ('手机', '移动电话'), ('现在', '目前'), ('推荐', '介绍'), ('方法', '办法'), ('无法', '不能'), ('原因是什么', '是什么原因')]


def word(w):
    return re.compile(r'(?<![A-Za-z])' + re.escape(w) + r'(?![A-Za-z\'])', re.I)


def replace_once(text, x, y):
    m = list(word(x).finditer(text))
    if not m:
        return None
    m = rng.choice(m)
    return text[: m.start()] + y + text[m.end():]


def typo(text):
    spots = [m for m in re.finditer(r'[a-zA-Z]{5,}', text)]
    if not spots:
        return None
    m = rng.choice(spots)
    w, i = m.group(), rng.randrange(1, len(m.group()) - 2)
    w = rng.choice([w[:i] + w[i + 1] + w[i] + w[i + 2:], w[:i] + w[i + 1:], w[:i] + w[i] + w[i:]])
    return text[: m.start()] + w + text[m.end():]


CONTRACT = [('what is', "what's"), ('do not', "don't"), ('does not', "doesn't"), ('can not', "can't"), ('cannot', "can't"), ('it is', "it's"), ('i am', "i'm"), ('is not', "isn't"), ('i have', "i've"), ('how is', "how's"), ('did not', "didn't"), ('will not', "won't"),
            ('are not', "aren't"), ('kilometres', 'km'), ('percent', '%'), ('organise', 'organize'), ('colour', 'color'), ('centre', 'center'), ('photo', 'picture'), ('phone', 'mobile phone'), ('buy', 'purchase'), ('fix', 'repair'), ('big', 'large'), ('start', 'begin'), ('help', 'assist'),
            ('children', 'kids'), ('movie', 'film'), ('quickly', 'fast'), ('car', 'automobile'), ('delete', 'erase'), ('get', 'obtain'), ('show', 'display'), ('choose', 'select'), ('shop', 'store'), ('job', 'work'), ('sick', 'ill'), ('bike', 'bicycle'), ('doctor', 'physician')]
NUMBER_WORDS = 'zero one two three four five six seven eight nine ten eleven twelve'.split()


def same_en(q):
    low, out = q.lower(), []
    out.append(typo(q))
    out.append(rng.choice([low, re.sub(r'[?.!,]', '', q), low.rstrip('?.! ')]))
    out.append(rng.choice(['please: ', 'hi, ', 'hello! ', 'quick question: ', 'can you help? ', 'hey ']) + (q if rng.random() < .5 else low))
    out.append(q.rstrip() + rng.choice([' thanks', ' please', ' Thank you!', ' pls', ' Any help is welcome.', ' (asking for advice)']))
    for frames in FRAMES:
        for f in frames:
            if low.startswith(f):
                rest = q[len(f):]
                for g in rng.sample([g for g in frames if g != f], min(3, len(frames) - 1)):
                    out.append(g[0].upper() + g[1:] + rest if rng.random() < .6 else (g + rest).lower())
    for x, y in rng.sample(CONTRACT, len(CONTRACT)):
        for u, v in ((x, y), (y, x)):
            r = replace_once(q, u, v)
            if r:
                out.append(r)
        if len(out) > 9:
            break
    sentences = re.findall(r'[^.?!]+[.?!]+', q)
    if len(sentences) == 2 and not re.search(r"['\":]", q):
        out.append(sentences[1].strip() + ' ' + sentences[0].strip())
    m = re.search(r'(?<![\d.])([2-9]|1[0-2])(?![\d.,:%/-])', q)
    if m:
        out.append(q[: m.start()] + NUMBER_WORDS[int(m.group())] + q[m.end():])
    return [o for o in out if o]


def other_en(q, names):
    low, out = q.lower(), []
    m = list(re.finditer(r'(?<![\w.])\d+(?![\w])', q))
    if m:
        k = rng.choice(m)
        n = int(k.group())
        new = rng.choice([n + 1, n * 2 + 1, n * 10, max(2, n // 2 + 3), n + 7])
        out.append(('number', q[: k.start()] + str(new) + q[k.end():]))
    for group in UNITS:
        for u in group:
            r = replace_once(q, u, rng.choice([v for v in group if v != u])) if u.isalpha() else (q.replace(u, rng.choice([v for v in group if v != u]), 1) if u in q else None)
            if r:
                out.append(('unit', r))
    found = [m for m in re.finditer(r'(?<=[a-z,] )[A-Z][a-zA-Z]+', q)]
    if found and names:
        k = rng.choice(found)
        new = rng.choice(names)
        if new.lower() != k.group().lower():
            out.append(('entity', q[: k.start()] + new + q[k.end():]))
    m = re.search(r'\b(is|are|was|do|does|did|can|could|should|would|will|must|has|have)\b( (?:i|you|we|it|they|he|she|my \w+|the \w+|this|that|a \w+))?', q, re.I)
    if re.search(r"\b(not|no|never|without)\b|n't\b", q, re.I):
        r = re.sub(r"\b(?:not|never) |n't\b", '', q, count=1)
        r2 = re.sub(r'\bwithout\b', 'with', q, count=1)
        out += [('negation', x) for x in (r, r2) if x != q]
    elif m:
        out.append(('negation', q[: m.end()] + ' not' + q[m.end():]))
    m = re.search(r'\bfrom (\w+) to (\w+)', q)
    if m:
        out.append(('role', q[: m.start()] + f'from {m.group(2)} to {m.group(1)}' + q[m.end():]))
    m = re.search(r'\b([A-Z]\w+|\w{5,}) (than|to|by|with|into|against|over|for|as) (the |a |my )?([A-Z]\w+|\w{5,})', q)
    if m and m.group(2) not in ('with',) and m.group(1).lower() != m.group(4).lower():
        out.append(('role', q[: m.start()] + f'{m.group(4)} {m.group(2)} {m.group(3) or ""}{m.group(1)}' + q[m.end():]))
    for kind, swaps in SWAPS.items():
        options = []
        for x, y in swaps:
            for u, v in ((x, y), (y, x)):
                r = replace_once(q, u, v)
                if r:
                    options.append(r)
        if options:
            out.append((kind, rng.choice(options)))
    for f in sorted(OTHER_FRAMES, key=len, reverse=True):
        if low.startswith(f):
            g = rng.choice(OTHER_FRAMES[f])
            out.append(('question-type', g[0].upper() + g[1:] + q[len(f):]))
            break
    words = [w for w in re.findall(r"[a-z]+", low) if w in OPPOSITES and len(w) > 2]
    if words:
        w = rng.choice(words)
        out.append(('opposite', replace_once(q, w, rng.choice(OPPOSITES[w])) or ''))
    m = re.search(r'(.{15,}?),? (?:if|unless|without|except|when|after|before|because|in case|while|using|with) [^,.?!]{6,}(?=[.?!]?$)', q)
    if m:
        out.append(('constraint', m.group(1) + '?'))
    return out


def same_zh(q):
    out = [re.sub(r'[,。?!，？！、“”"]', '', q), rng.choice(['请问', '请教一下,', '你好,', '想问一下', '麻烦问下', '求助:']) + q, q.rstrip('?？。!') + rng.choice(['?', '呢', '呢?', ',谢谢', ',求解', ',急'])]
    pairs = [(u, v) for x, y in ZH_SAME for u, v in ((x, y), (y, x)) if u in q and not (u == '要' or u == '什么') ]
    for u, v in rng.sample(pairs, min(3, len(pairs))):
        out.append(q.replace(u, v, 1))
    m = re.search(r'(?<!\d)([2-9])(?![\d.%:])(?=[个天月年人次块元小])', q)
    if m:
        out.append(q[: m.start()] + '〇一二三四五六七八九'[int(m.group())] + q[m.end():])
    parts = re.split(r'[,，]', q)
    return out


def other_zh(q, names):
    out = []
    m = list(re.finditer(r'\d+', q))
    if m:
        k = rng.choice(m)
        n = int(k.group()[:9])
        out.append(('number', q[: k.start()] + str(rng.choice([n + 1, n * 2 + 1, n * 10, n // 2 + 3])) + q[k.end():]))
    m = list(re.finditer(r'[二三四五六七八九]', q))
    if m:
        k = rng.choice(m)
        out.append(('number', q[: k.start()] + rng.choice([c for c in '二三四五六七八九' if c != k.group()]) + q[k.end():]))
    for group in ZH_UNITS:
        for u in group:
            if re.search(r'[\d一二三四五六七八九十百几]' + u, q):
                out.append(('unit', re.sub(r'(?<=[\d一二三四五六七八九十百几])' + u, rng.choice([v for v in group if v != u]), q, count=1)))
    latin = list(re.finditer(r'[A-Za-z][A-Za-z0-9]+', q))
    if latin and names:
        k = rng.choice(latin)
        out.append(('entity', q[: k.start()] + rng.choice(names) + q[k.end():]))
    for kind, swaps in ZH_SWAPS.items():
        options = [q.replace(u, v, 1) for x, y in swaps for u, v in ((x, y), (y, x)) if u in q]
        if options:
            out.append((kind, rng.choice(options)))
    grams = [q[i:i + n] for n in (2, 1) for i in range(len(q) - n + 1) if q[i:i + n] in OPPOSITES]
    if grams:
        g = grams[0] if len(grams[0]) == 2 else rng.choice(grams)
        out.append(('opposite', q.replace(g, rng.choice(OPPOSITES[g]), 1)))
    m = re.search(r'从(\w{1,4}?)[到转换](\w{1,4})', q)
    if m:
        out.append(('role', q[: m.start(1)] + m.group(2) + q[m.end(1):m.start(2)] + m.group(1) + q[m.end(2):]))
    return out


ASKING = ['什么', '怎么', '谁', '哪里', '哪个', '为什么', '多少', '如何', '怎样', '几']


def turned_zh(q, others):
    """Look-alikes of short Chinese questions: the asking word elsewhere, two parts in each other's place, a part more or less."""
    body = re.sub(r'[?？。!！]+$', '', q)
    out = []
    found = [w for w in ASKING if w in body]
    if found and len(body) <= 24:
        w = rng.choice(found)
        rest = body.replace(w, '', 1)
        places = [i for i in range(0, len(rest) + 1, 2) if abs(i - body.index(w)) >= 3]
        if places:
            i = rng.choice(places)
            out.append(('order', rest[:i] + w + rest[i:]))
        others_words = [v for v in ASKING if v != w and not (w in ('怎么', '如何', '怎样') and v in ('怎么', '如何', '怎样')) and not (w in ('多少', '几') and v in ('多少', '几'))]
        out.append(('question-type', body.replace(w, rng.choice(others_words), 1)))
    parts = re.findall(r'[一-鿿]{2}', body)
    if len(parts) >= 4:
        x, y = sorted(rng.sample(range(len(parts)), 2))
        x, y = parts[x], parts[y]
        if x != y and '和' not in body and '与' not in body:
            out.append(('role', body.replace(x, '\0', 1).replace(y, x, 1).replace('\0', y, 1)))
    more = re.findall(r'[一-鿿]{2,3}', rng.choice(others))
    if more and len(body) <= 24:
        i = rng.randrange(0, len(body) // 2 + 1)
        out.append(('part', body[:i] + rng.choice(more) + body[i:]))
    if 8 <= len(body) <= 30:
        i = rng.randrange(0, len(body) - 4)
        out.append(('part', body[:i] + body[i + rng.choice([2, 3]):]))
    return out


# ---- families --------------------------------------------------------------------------------------------------------
names_of = {}
for name, i, r in families:
    for t in [r['q'], *r['same']]:
        pattern = r'[A-Za-z][A-Za-z0-9]+' if name[0] == 'z' else r'(?<=[a-z,] )[A-Z][a-zA-Z]+'
        names_of.setdefault(name[:2], []).extend(re.findall(pattern, t))
for name, i, r in families:
    lang = name[:2]
    same = [r['q'], *r['same']]
    for x in range(4):
        for y in range(x + 1, 4):
            add(lang, name, i, 'same', 1, same[x], same[y])
    for x in range(4):
        for d in r['diff']:
            add(lang, name, i, d['why'], 0, same[x], d['t'])
    for q in rng.sample(same, 2):
        for t in (same_en(q) if lang == 'en' else same_zh(q)):
            if re.sub(r'\W', '', t.lower()) != re.sub(r'\W', '', q.lower()) or rng.random() < .3:
                add(lang, f'rules-{name}', i, 'rule-same', 1, q, t)
        for kind, t in (other_en if lang == 'en' else other_zh)(q, names_of[lang]):
            add(lang, f'rules-{name}', i, f'rule-{kind}', 0, q, t)

chinese = [r['q'] for name, _, r in families if name[0] == 'z']
for name, i, r in families:
    if name[0] == 'z':
        for q in [r['q'], *r['same']]:
            for kind, t in turned_zh(q, chinese):
                add('zh', f'rules-{name}', i, f'rule-{kind}', 0, q, t)

# ---- public pairs ----------------------------------------------------------------------------------------------------
for i, r in enumerate(gold):
    add(r['lang'], 'gold-' + r['src'], i, 'gold', r['label'], r['a'], r['b'], fit=False)
FREE = {'redis-langcache', 'checklist', 'checklist-swaps', 'pawsx-zh', 'negation'}
for i, r in enumerate(read(f'{a.data}/quality/pairs.jsonl')):
    if r['src'] in ('mrpc', 'parade') or r['a'] in gold_texts or r['b'] in gold_texts:
        continue
    add(r['lang'], r['src'], i, r['cat'], r['label'], r['a'], r['b'], fit=r['src'] in FREE)
for i, r in enumerate(read(f'{a.data}/train/pairs.jsonl.gz')):
    if r['src'] == 'pawsx-en-dev':
        add('en', 'pawsx-en', i, 'pawsx', r['label'], r['a'].replace(' ,', ',').replace(' .', '.'), r['b'].replace(' ,', ',').replace(' .', '.'))
with open(a.out, 'w', encoding='utf8') as f:
    for r in rows:
        f.write(json.dumps(r, ensure_ascii=False) + '\n')
print(len(rows), 'pairs')
