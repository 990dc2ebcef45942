"""Small changes that leave a question's answer as it was: articles, fillers, slips of grammar, common synonyms, particles.

The look-alikes made by rule change one word; without as many one-word changes that mean nothing, a judge learns that any change does.
"""
import re

SYNONYMS = '''start/begin buy/purchase fix/repair large/big quickly/fast get/obtain help/assist choose/select movie/film show/display learn/study create/make
remove/delete kids/children photo/picture ill/sick cheap/inexpensive smart/intelligent difficult/hard easy/simple often/frequently answer/reply error/mistake
doctor/physician car/automobile shop/store wealthy/rich website/site mobile/phone find/locate need/require use/utilize stop/quit scared/afraid main/primary
meaning/definition benefits/advantages drawbacks/disadvantages famous/well-known purpose/aim ways/methods tips/advice amazing/interesting surprising/amazing
less_than/below less_than/under more_than/over more_than/above about/around approximately/about best/top best/good great/good job/position job/work
teacher/instructor trip/journey illness/disease whole/entire happen/occur ask/inquire build/construct under/below error/problem issue/problem salary/pay
reason/cause explain/describe try/attempt receive/get quick/fast effective/good safe/secure right/correct wrong/incorrect hurt/injure beautiful/pretty
especially/particularly maybe/perhaps instead_of/rather_than such_as/like for_example/e.g. should_I_do/can_I_do a_lot_of/many lots_of/many'''
PAIRS = [tuple(w.replace('_', ' ') for w in p.split('/')) for p in SYNONYMS.split()]
FILLERS = ['really', 'actually', 'exactly', 'ever', 'generally', 'just', 'in general', 'basically', 'possibly']
SLIPS = [('in', 'on'), ('on', 'in'), ('at', 'in'), ('of', 'for'), ('for', 'of'), ('with', 'to'), ('about', 'on'), ('is', 'are'), ('are', 'is'), ('does', 'do'), ('do', 'does'), ('has', 'have'),
         ('their', 'there'), ("it's", 'its'), ('than', 'then'), ('to', 'for'), ('my', 'the'), ('the', 'my'), ('an', 'a'), ('a', 'an'), ('will', 'would'), ('can', 'could'), ('which', 'that'), ('which', 'what')]
ZH_PAIRS = [p.split('/') for p in '账/帐 如何/怎么 怎样/怎么 是什么/是啥 有哪些/有什么 该怎么/怎么 应该/该 类似/类似于 好看/漂亮 图片/照片 下一句/后一句 电脑/计算机 最/特别 知道/晓得 叫什么/叫啥 推荐/介绍 无法/没法 想要/想 时候/时 为何/为什么 哪个/哪一个 哪里/哪 多少钱/什么价 一下/下 需要/要 现在/如今 老婆/妻子 爸爸/父亲 妈妈/母亲 办法/方法 能够/能 或者/或 使用/用 还款/还钱 手机号/手机号码 告诉/告知 的话/'.split()]


def swap(text, old, new):
    m = re.search(r'(?<![\w\'])' + re.escape(old) + r'(?![\w\'])', text, re.I)
    return text[: m.start()] + (new.capitalize() if m.group()[0].isupper() else new) + text[m.end():] if m else None


def english(text, rng):
    kind = rng.randrange(9)
    if kind == 0:
        found = list(re.finditer(r'(?<!\w)(?:the|an?|some|some of the) ', text))
        if found:
            m = rng.choice(found)
            return text[: m.start()] + text[m.end():]
    if kind == 1:
        found = list(re.finditer(r' (?=[a-z]{4,})', text))
        if found:
            m = rng.choice(found)
            return text[: m.start()] + rng.choice([' the ', ' a ', ' some ', ' any ', ' very ']) + text[m.end():]
    if kind == 2:
        m = re.search(r'\b(?:is|are|do|does|can|i|you|to|people) ', text)
        if m:
            return text[: m.end()] + rng.choice(FILLERS) + ' ' + text[m.end():]
    if kind == 3 and "'" in text:
        return text.replace("'", '', 1)
    if kind == 4:
        m = re.search(r'\b(how|why|where|when) (can|do|should|does|did|is|are) (\w+)', text, re.I)
        if m:
            return text[: m.start()] + (f'{m[1]} {m[3]} {m[2]}' if m[2] not in ('do', 'does', 'did') else f'{m[1]} {m[3]}') + text[m.end():]
    if kind == 5:
        found = [m for m in re.finditer(r'[a-z]{4,}', text) if not m.group().endswith(('ss', 'us', 'is', 'this'))]
        if found:
            m = rng.choice(found)
            return text[: m.start()] + (m.group()[:-1] if m.group().endswith('s') else m.group() + 's') + text[m.end():]
    if kind == 6:
        m = re.search(r'\b(?:difference|differences|relationship|similarities) between ((?:an? |the )?[\w-]+) and ((?:an? |the )?[\w-]+)(?=\W*$)', text)
        if m:
            return text[: m.start(1)] + f'{m[2]} and {m[1]}' + text[m.end():]
    if kind == 7:
        old, new = rng.choice(SLIPS)
        return swap(text, old, new)
    for old, new in rng.sample(PAIRS, len(PAIRS)):
        for x, y in rng.sample([(old, new), (new, old)], 2):
            changed = swap(text, x, y)
            if changed:
                return changed
    return None


def chinese(text, rng):
    kind = rng.randrange(6)
    if kind == 0:
        found = list(re.finditer('[的了呢吗啊呀吧就还都也会]', text))
        if found:
            m = rng.choice(found)
            return text[: m.start()] + text[m.end():]
    if kind == 1:
        return re.sub('[?？。呢吗]*$', rng.choice(['呢', '啊', '呀', '', '?', '？', '求解答']), text, count=1)
    if kind == 2 and text[:1] == '我':
        return text[2:] if text[1:2] == '的' else text[1:]
    if kind == 3:
        return rng.choice(['请问', '我', '想问下', '那', '大家知道', '急，', '就是']) + text
    if kind == 4:
        m = re.match(r'^(.{3,}?)[，, ](.{3,}?)([?？]?)$', text)
        if m:
            return m[2] + '，' + m[1] + m[3]
    for x, y in rng.sample(ZH_PAIRS, len(ZH_PAIRS)):
        if x in text:
            return text.replace(x, y, 1)
        if y and y in text:
            return text.replace(y, x, 1)
    return None


def edited(text, language, rng):
    """The text after one to three such changes, or None."""
    one, out = (english if language == 'en' else chinese), text
    for _ in range(rng.choice([1, 1, 2, 3])):
        for _ in range(4):
            changed = one(out, rng)
            if changed and changed.strip() and changed != out:
                out = changed
                break
    return out if out != text else None
