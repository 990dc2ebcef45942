"""Writes a judge's folder: int8 graph, tokenizer, judge.json with checksums.

    python scripts/judge/export.py --from .cache/judge/en --to packages/reprise-judge/en --version 0.1.0

The logit's scale and bias are set by evaluate.py --calibrate, which needs the exported graph.
"""
import argparse
import hashlib
import json
import os
import warnings

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from onnxruntime.quantization import QuantType, quantize_dynamic

import bases
import model as model_file

NAMES = ['input_ids', 'attention_mask', 'token_type_ids']


def torch_judge(folder):
    with open(f'{folder}/judge-config.json') as file:
        about = json.load(file)
    judge = model_file.Judge(about['config'])
    judge.load_state_dict(torch.load(f'{folder}/judge.pt', weights_only=True))
    judge.eval()
    return judge, about


def export(folder, to, version, order):
    judge, about = torch_judge(folder)
    _, tokenizer, lower = bases.load(about['base'])
    os.makedirs(to, exist_ok=True)
    full = f'{folder}/full.onnx'
    ids = torch.tensor([[101, 2129, 2079, 102, 2129, 2064, 102]])
    example = (ids, torch.ones_like(ids), torch.tensor([[0, 0, 0, 0, 1, 1, 1]]))
    with warnings.catch_warnings():
        warnings.simplefilter('ignore')
        torch.onnx.export(judge, example, full, input_names=NAMES, output_names=['logits'], opset_version=17, dynamo=False,
                          dynamic_axes={n: {1: 'sequence'} for n in NAMES})
    graph = onnx.load(full).graph
    held = [n.name for n in graph.node if '/pool' in n.name or '/head' in n.name or any('shared' in i for i in n.input)]
    # 7 bits would do without VNNI; with it the full range is exact, and without it saturation costs more than it gains here: see README.
    quantize_dynamic(full, f'{to}/model.onnx', per_channel=True, reduce_range=False, weight_type=QuantType.QInt8, nodes_to_exclude=held)
    tokenizer.save(f'{to}/tokenizer.json', pretty=False)
    with open(f'{to}/tokenizer_config.json', 'w') as out:
        json.dump(dict(tokenizer_class='BertTokenizer', do_lower_case=True, tokenize_chinese_chars=True, strip_accents=None, unk_token='[UNK]',
                       sep_token='[SEP]', pad_token='[PAD]', cls_token='[CLS]', mask_token='[MASK]', model_max_length=512), out, indent=2)
        out.write('\n')
    describe(to, dict(format=1, name=f'reprise-judge-{about["language"]}', version=version, languages=[about['language']], order=order, maxTokens=256,
                      lowerCase=lower, logitScale=1, logitBias=0))
    print(to, os.path.getsize(f'{to}/model.onnx'), 'bytes,', about['seen'], 'pairs seen')


def describe(folder, settings):
    files = {name: hashlib.sha256(open(f'{folder}/{name}', 'rb').read()).hexdigest() for name in ('model.onnx', 'tokenizer.json', 'tokenizer_config.json')}
    with open(f'{folder}/judge.json', 'w') as out:
        json.dump({**settings, 'files': files}, out, indent=2)
        out.write('\n')


if __name__ == '__main__':
    p = argparse.ArgumentParser()
    p.add_argument('--from', dest='source', required=True)
    p.add_argument('--to', required=True)
    p.add_argument('--version', default='0.1.0')
    p.add_argument('--order', choices=['both', 'sorted'], default='sorted')
    a = p.parse_args()
    torch.set_num_threads(1)
    export(a.source, a.to, a.version, a.order)
