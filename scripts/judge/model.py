"""The judge's network: a BERT (or MPNet) encoder that reads two texts at once and says how surely they may share an answer.

Written out here, small, because it has to be trained in bf16, exported without tricks, and takes one input a stock BERT lacks:
each token is marked by whether the other text holds it too, and beside the same neighbours. What differs is what decides; six layers
should not have to find that first.
"""
import math

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

BERT = dict(kind='bert', padding=0, epsilon=1e-12, first_position=0)
MPNET = dict(kind='mpnet', padding=1, epsilon=1e-5, first_position=2)


class Layer(nn.Module):
    def __init__(self, width, inner, heads, epsilon):
        super().__init__()
        self.heads = heads
        self.qkv = nn.Linear(width, 3 * width)
        self.out = nn.Linear(width, width)
        self.norm1 = nn.LayerNorm(width, eps=epsilon)
        self.up = nn.Linear(width, inner)
        self.down = nn.Linear(inner, width)
        self.norm2 = nn.LayerNorm(width, eps=epsilon)

    def forward(self, x, bias, dropout):
        rows, length, width = x.shape
        q, k, v = self.qkv(x).view(rows, length, 3, self.heads, width // self.heads).permute(2, 0, 3, 1, 4).unbind(0)
        # By hand: torch's own attention spends half of a training step in its backward at these lengths on a CPU.
        scores = q @ k.transpose(2, 3) * (1 / math.sqrt(width // self.heads)) + bias
        attended = (scores.softmax(3).to(v.dtype) @ v).transpose(1, 2).reshape(rows, length, width)
        x = self.norm1(x + dropped(self.out(attended), dropout, self.training))
        return self.norm2(x + dropped(self.down(F.gelu(self.up(x))), dropout, self.training))


def dropped(x, rate, training):
    """Dropout with one mask for all tokens of a row: a fortieth of the random numbers."""
    if not training or rate == 0:
        return x
    mask = torch.rand(x.shape[0], 1, x.shape[2], device=x.device) >= rate
    return x * (mask.to(x.dtype) / (1 - rate))


class Judge(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        width = config['width']
        self.words = nn.Embedding(config['vocabulary'], width)
        self.positions = nn.Embedding(config['positions'], width)
        self.types = nn.Embedding(2, width)
        self.shared = nn.Embedding(4, width)
        self.norm = nn.LayerNorm(width, eps=config['epsilon'])
        self.layers = nn.ModuleList(Layer(width, config['inner'], config['heads'], config['epsilon']) for _ in range(config['layers']))
        if config['kind'] == 'mpnet':
            self.relative = nn.Embedding(32, config['heads'])
        self.pool = nn.Linear(2 * width, width)
        self.head = nn.Linear(width, 1)
        nn.init.normal_(self.pool.weight, std=.02)
        nn.init.zeros_(self.pool.bias)
        nn.init.normal_(self.head.weight, std=.02)
        nn.init.zeros_(self.head.bias)
        nn.init.zeros_(self.shared.weight)

    def hidden(self, input_ids, attention_mask, token_type_ids):
        dropout = self.config['dropout']
        real = attention_mask.bool()
        # Not -inf: a row of padding alone would give NaN, and int8 graphs dislike it.
        bias = torch.where(real, 0.0, -1e4)[:, None, None, :]
        other = (token_type_ids[:, :, None] != token_type_ids[:, None, :]) & real[:, None, :]
        shared = marks((input_ids[:, :, None] == input_ids[:, None, :]) & other)
        length = input_ids.shape[1]
        place = torch.arange(length, device=input_ids.device)
        x = self.words(input_ids) + self.positions(place + self.config['first_position'])[None] + self.types(token_type_ids) + self.shared(shared)
        x = dropped(self.norm(x), dropout, self.training)
        if self.config['kind'] == 'mpnet':
            bias = bias + self.relative(relative_bucket(place[None, :] - place[:, None])).permute(2, 0, 1)[None]
        bias = bias.to(torch.bfloat16 if torch.is_autocast_enabled('cpu') else x.dtype)
        for layer in self.layers:
            x = layer(x, bias, dropout)
        return x, real, shared

    def forward(self, input_ids, attention_mask, token_type_ids, with_hidden=False):
        x, real, shared = self.hidden(input_ids, attention_mask, token_type_ids)
        # The first token's vector, and the mean over the tokens the other text does not hold.
        weight = (real & (shared == 0)).to(x.dtype)[:, :, None]
        mean = (x * weight).sum(1) / weight.sum(1).clamp(min=1)
        pooled = torch.tanh(self.pool(torch.cat([x[:, 0], mean], 1)))
        logit = self.head(F.dropout(pooled, self.config['dropout'], self.training)).float()
        return (logit, x) if with_hidden else logit


def marks(equal):
    """Of each token: 0 the other text lacks it; else 1, + 1 if it follows the same token there, + 1 if the same token follows it."""
    after = equal[:, 1:, 1:] & equal[:, :-1, :-1]
    left = F.pad(after.any(2).long(), (1, 0))
    right = F.pad(after.any(2).long(), (0, 1))
    return equal.any(2).long() + left + right


def relative_bucket(distance, buckets=32, farthest=128):
    """MPNet's buckets of relative position."""
    n = -distance
    half = buckets // 2
    side = (n < 0).long() * half
    n = n.abs()
    exact = half // 2
    large = exact + (torch.log(n.float().clamp(min=1) / exact) / math.log(farthest / exact) * (half - exact)).long()
    return side + torch.where(n < exact, n, large.clamp(max=half - 1))


def config_of(base, words, inner, layers, heads, positions, dropout=.1):
    return dict(base, vocabulary=words.shape[0], width=words.shape[1], inner=inner, layers=layers, heads=heads, positions=positions, dropout=dropout)


def from_tensors(tensors, base, heads, keep=None):
    """A judge with an encoder's weights. `keep`: which layers to take, in order (all by default)."""
    def find(*names):
        for name in names:
            for prefix in ('', 'bert.', 'mpnet.'):
                if prefix + name in tensors:
                    return torch.tensor(np.array(tensors[prefix + name]), dtype=torch.float32)
        raise KeyError(names[0])

    words = find('embeddings.word_embeddings.weight')
    count = 1 + max(int(n.split('layer.')[1].split('.')[0]) for n in tensors if 'encoder.layer.' in n)
    keep = list(range(count)) if keep is None else keep
    inner = find('encoder.layer.0.intermediate.dense.bias').shape[0]
    positions = find('embeddings.position_embeddings.weight')
    judge = Judge(config_of(base, words, inner, len(keep), heads, positions.shape[0]))
    with torch.no_grad():
        judge.words.weight.copy_(words)
        judge.positions.weight.copy_(positions)
        judge.norm.weight.copy_(find('embeddings.LayerNorm.weight'))
        judge.norm.bias.copy_(find('embeddings.LayerNorm.bias'))
        if base['kind'] == 'bert':
            judge.types.weight.copy_(find('embeddings.token_type_embeddings.weight'))
        else:
            judge.types.weight.zero_()
            judge.relative.weight.copy_(find('encoder.relative_attention_bias.weight'))
        for to, at in enumerate(keep):
            layer, name = judge.layers[to], f'encoder.layer.{at}.'
            if base['kind'] == 'bert':
                parts = [name + f'attention.self.{p}' for p in ('query', 'key', 'value')]
                out, norm = name + 'attention.output.dense', name + 'attention.output.LayerNorm'
            else:
                parts = [name + f'attention.attn.{p}' for p in 'qkv']
                out, norm = name + 'attention.attn.o', name + 'attention.LayerNorm'
            for side in ('weight', 'bias'):
                getattr(layer.qkv, side).copy_(torch.cat([find(f'{p}.{side}') for p in parts]))
                getattr(layer.out, side).copy_(find(f'{out}.{side}'))
                getattr(layer.norm1, side).copy_(find(f'{norm}.{side}'))
                getattr(layer.up, side).copy_(find(f'{name}intermediate.dense.{side}'))
                getattr(layer.down, side).copy_(find(f'{name}output.dense.{side}'))
                getattr(layer.norm2, side).copy_(find(f'{name}output.LayerNorm.{side}'))
    return judge
