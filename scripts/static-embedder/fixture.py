"""What the table gives for some texts, computed here: the test of the package compares its own vectors with these."""
from __future__ import annotations

import json
import sys
from pathlib import Path

from features import Featuriser
from student import unit
from table_file import read_table

TEXTS = [
    "How do I reset my password?", "CAN'T log-in!!", "Can’t log in", "Convert 1,250.50 USD to €", "naïve café Zażółć",
    "怎么重置密码？", "Docker容器怎么restart", "我想买iPhone 15 Pro手机", "第１２章 ＡＢＣ", "kuberntes deploymant fails",
    "👩‍👩‍👧‍👦 ok", "ما هي عاصمة فرنسا؟", "क्या आप मेरी मदद कर सकते हैं?", "ᚠᚢᚦ", "東京タワーの高さは？", "서울 날씨", "𠮷野家", "rock'n'roll o'clock",
    "x", "a b c 1 2 3", "not bad, isn't it", "人民币对美元汇率是多少",
]

units, table, correction = read_table(Path(sys.argv[1]))
matrix = Featuriser({name: row for row, name in enumerate(units)}, len(table) - len(units)).matrix(TEXTS)
vectors = correction.apply(unit(matrix @ table)[0])
rows = [{"text": text, "start": [round(float(value), 5) for value in vector[:12]]} for text, vector in zip(TEXTS, vectors)]
Path(sys.argv[2]).write_text(json.dumps(rows, ensure_ascii=False, indent=2) + "\n")
