"""Goes on from a finished table: what the local judge says of close English questions, pairs made by rule, negations and the families
move its rows a little, and a small network is learned that corrects the sum.

Usage: python refine.py FROM.bin TO.bin
"""
from __future__ import annotations

import json
import os
import sys
from pathlib import Path

import numpy as np
import torch
from scipy import sparse

import corpus
import settings
from features import Featuriser
from labels import LEFT, RIGHT, TRUE, WEIGHT
from soft_labels import bare_pairs, judge_logits, near_pairs
from table_file import Correction, read_table, write_table

JUDGE_SCRIPTS = Path(__file__).resolve().parents[1] / "judge"
PAIRS_CACHE = os.environ.get("JUDGE_CACHE", ".cache/judge")
binary_loss = torch.nn.functional.binary_cross_entropy_with_logits


class Student(torch.nn.Module):
    """The table with one factor a row, and the correction behind the sum, which begins with doing nothing."""

    def __init__(self, table: np.ndarray):
        super().__init__()
        self.start = torch.tensor(table)
        self.rows = torch.nn.Parameter(torch.tensor(table))
        self.gains = torch.nn.Parameter(torch.zeros(len(table)))
        self.cuts = torch.nn.Parameter(torch.full((2,), settings.REFINE_CUT))
        self.up = torch.nn.Linear(table.shape[1], settings.HIDDEN)
        self.down = torch.nn.Linear(settings.HIDDEN, table.shape[1], bias=False)
        torch.nn.init.normal_(self.up.weight, std=0.3)
        torch.nn.init.zeros_(self.up.bias)
        torch.nn.init.zeros_(self.down.weight)

    def forward(self, part: sparse.csr_matrix) -> torch.Tensor:
        index = torch.from_numpy(part.indices.astype(np.int64))
        starts = torch.from_numpy(part.indptr[:-1].astype(np.int64))
        weights = torch.from_numpy(part.data) * self.gains[index].exp()
        sums = torch.nn.functional.embedding_bag(index, self.rows, starts, mode="sum", per_sample_weights=weights)
        vectors = torch.nn.functional.normalize(sums, dim=1)
        return torch.nn.functional.normalize(vectors + self.down(torch.relu(self.up(vectors))), dim=1)

    def correction(self) -> Correction:
        return Correction(*(parameter.detach().numpy() for parameter in (self.up.weight, self.up.bias, self.down.weight)))

    def table(self) -> np.ndarray:
        with torch.no_grad():
            return (self.rows * self.gains.exp()[:, None]).numpy()


class Material:
    """Texts by number, and the pairs of every source as numbers with what is wanted of them."""

    def __init__(self) -> None:
        self.number: dict[str, int] = {}
        self.pairs: dict[str, tuple[np.ndarray, np.ndarray]] = {}

    def numbers(self, texts: list[str]) -> list[int]:
        return [self.number.setdefault(text, len(self.number)) for text in texts]

    def add(self, name: str, pairs: list[tuple[str, str]], wanted: np.ndarray | list[float]) -> None:
        self.pairs[name] = np.array([self.numbers([a, b]) for a, b in pairs]), np.array(wanted, np.float32)


def rule_pairs() -> dict[str, list[list]]:
    """The judge's pairs by rule, PAWS-X and CANNOT, of which scripts/judge/README.md tells."""
    sys.path.append(str(JUDGE_SCRIPTS))
    from data import everything

    pools = everything(str(corpus.DATA), "en", PAIRS_CACHE)["pools"]
    longest = settings.LONGEST_REFINED
    return {name: [row for row in pools[name] if max(len(row[0]), len(row[1])) < longest] for name in settings.REFINE_SIZES if name != "soft"}


def soft_odds(similarity: np.ndarray, logits: np.ndarray) -> np.ndarray:
    """Similarity and the judge's logit, each by its own spread, count alike."""
    total = (similarity - np.median(similarity)) / similarity.std() + (logits - np.median(logits)) / logits.std()
    return total / total.std() * settings.SOFT_SPREAD + settings.SOFT_SHIFT


def main() -> None:
    source, target = Path(sys.argv[1]), Path(sys.argv[2])
    torch.set_num_threads(1)
    torch.manual_seed(settings.SEED)
    random = np.random.default_rng(settings.SEED)
    units, table, correction = read_table(source)
    assert len(correction.bias) == 0, "begin with what train.py wrote, not with what was refined"
    featuriser = Featuriser({name: row for row, name in enumerate(units)}, len(table) - len(units))
    student = Student(table)

    material = Material()
    families = {}
    for language in ("en", "zh"):
        own = [corpus.texts_of(f) for name in corpus.training_families(language) for f in corpus.families(name)]
        families[language] = np.array([material.numbers(texts) for texts in own if len(texts) == 8])
    for name, rows in rule_pairs().items():
        material.add(name, [(a, b) for a, b, *_ in rows], [label for _, _, label, *_ in rows])
    judged = bare_pairs() + near_pairs(featuriser, table)
    logits = judge_logits(judged)
    material.add("soft", judged, np.zeros(len(judged)))
    kept = {}
    for language in ("en", "zh"):
        close = corpus.public_pairs(language, without=("cannot",))
        close = [close[i] for i in random.permutation(len(close))[: settings.REFINE_KEPT_PAIRS[language]]]
        kept[language] = np.array([material.numbers([a, b]) for a, b in close])
    matrix = featuriser.matrix(list(material.number))
    with torch.no_grad():
        before = torch.cat([student(matrix[at : at + 20_000]) for at in range(0, matrix.shape[0], 20_000)])
    soft = material.pairs["soft"][0]
    odds = soft_odds((before[soft[:, 0]] * before[soft[:, 1]]).sum(1).numpy(), logits)
    material.pairs["soft"] = soft, (1 / (1 + np.exp(-odds))).astype(np.float32)
    print(f"{matrix.shape[0]} texts", {name: len(rows) for name, (rows, _) in material.pairs.items()}, flush=True)

    rates = [settings.REFINE_RATE, settings.REFINE_GAIN_RATE, settings.REFINE_CUT_RATE, settings.NETWORK_RATE]
    moved = [[student.rows], [student.gains], [student.cuts], [*student.up.parameters(), *student.down.parameters()]]
    adam = torch.optim.Adam([{"params": some, "lr": rate} for some, rate in zip(moved, rates)], betas=(0.9, 0.99), fused=True)
    true, weight = torch.tensor(TRUE), torch.tensor(WEIGHT, dtype=torch.float32)
    for step in range(settings.REFINE_STEPS):
        slower = max(0.03, 1 - step / settings.REFINE_STEPS)
        for group, rate in zip(adam.param_groups, rates):
            group["lr"] = rate * slower
        drawn = [families[lang][random.integers(0, len(families[lang]), n)].ravel() for lang, n in settings.REFINE_FAMILIES.items()]
        picks = {name: random.integers(0, len(material.pairs[name][0]), size) for name, size in settings.REFINE_SIZES.items()}
        replayed = [kept[lang][random.integers(0, len(kept[lang]), n)] for lang, n in settings.REFINE_REPLAYED.items()]
        drawn += [material.pairs[name][0][pick].T.ravel() for name, pick in picks.items()] + [rows.T.ravel() for rows in replayed]
        parts = list(student(matrix[np.concatenate(drawn)]).split([len(part) for part in drawn]))

        loss = torch.zeros(())
        for part in parts[:2]:
            grouped = part.view(-1, 8, part.shape[1])
            similarity = (grouped[:, LEFT] * grouped[:, RIGHT]).sum(-1)
            score = settings.LABEL_SLOPE * (similarity - student.cuts[0])
            share = len(grouped) / sum(settings.REFINE_FAMILIES.values())
            loss = loss + settings.REFINE_FAMILY_WEIGHT * share * binary_loss(score, true.expand_as(score), weight=weight.expand_as(score))
        total = sum(settings.REFINE_SIZES.values())
        for (name, pick), part in zip(picks.items(), parts[2:]):
            left, right = part.chunk(2)
            score = settings.LABEL_SLOPE * ((left * right).sum(1) - student.cuts[1 if name == "cannot" else 0])
            wanted = torch.from_numpy(material.pairs[name][1][pick])
            loss = loss + settings.REFINE_WEIGHTS.get(name, 1.0) * len(pick) / total * binary_loss(score, wanted)
        for part, rows in zip(parts[-2:], replayed):
            left, right = part.chunk(2)
            gap = (left * right).sum(1) - (before[rows[:, 0]] * before[rows[:, 1]]).sum(1)
            turned = 1 - (left * before[rows[:, 0]]).sum(1)
            loss = loss + settings.REFINE_KEEP_WEIGHT * (gap.square().mean() + settings.REFINE_STAY_WEIGHT * turned.mean())
        adam.zero_grad()
        loss.backward()
        adam.step()
        with torch.no_grad():
            student.rows += (student.start - student.rows) * (settings.REFINE_RATE * slower * settings.REFINE_PULL)
        if step % 25 == 24:
            print(f"step {step + 1}: loss {loss.item():.4f}, cuts {student.cuts.tolist()}", flush=True)
    size = write_table(target, units, student.table(), student.correction())
    print(f"{target}: {size} bytes")
    if size > settings.MAX_FILE_BYTES:
        raise SystemExit(f"the file must have at most {settings.MAX_FILE_BYTES} bytes")


if __name__ == "__main__":
    main()
