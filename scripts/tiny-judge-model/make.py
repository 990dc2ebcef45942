"""Makes test/support/tiny-judge-model: a random judge that is small enough to commit.

It has what a real one has (the files and the graph of docs/judge.md) and means nothing: its verdicts are random, though
always the same, and differ with the order of the two texts. The tests of localJudge load it everywhere.

    python3 -m venv /tmp/onnx && /tmp/onnx/bin/pip install onnx==1.23.2 numpy==2.4.6
    /tmp/onnx/bin/python scripts/tiny-judge-model/make.py && npx biome format --write test/support/tiny-judge-model
"""
import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

WIDTH = 16
KINDS = ["none", "number", "negation"]
SUPPORT = Path(__file__).resolve().parents[2] / "test/support"
OUT = SUPPORT / "tiny-judge-model"
random = np.random.default_rng(20261127)


def graph(vocabulary):
    """Embeddings of token and type, one layer with tanh, the mean over the tokens, and a linear head for each output."""
    initializers, nodes = [], []

    def constant(name, values):
        initializers.append(numpy_helper.from_array(values, name))
        return name

    def node(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    floats = lambda *shape: random.normal(size=shape).astype(np.float32)
    node("Gather", [constant("tokens", floats(vocabulary, WIDTH)), "input_ids"], "token_states")
    node("Gather", [constant("types", floats(2, WIDTH)), "token_type_ids"], "type_states")
    node("Add", ["token_states", "type_states"], "states")
    node("MatMul", ["states", constant("layer", floats(WIDTH, WIDTH))], "product")
    node("Tanh", ["product"], "activated")
    node("Cast", ["attention_mask"], "mask", to=TensorProto.FLOAT)
    node("Unsqueeze", ["mask", constant("last", np.array([2], dtype=np.int64))], "mask_column")
    node("Mul", ["activated", "mask_column"], "masked")
    node("ReduceMean", ["masked"], "pooled", axes=[1], keepdims=0)
    node("MatMul", ["pooled", constant("head", floats(WIDTH, 1))], "logits")
    node("MatMul", ["pooled", constant("kinds_head", floats(WIDTH, len(KINDS)))], "kinds")
    ints = lambda name: helper.make_tensor_value_info(name, TensorProto.INT64, [1, "sequence_length"])
    given = lambda name, width: helper.make_tensor_value_info(name, TensorProto.FLOAT, [1, width])
    model = helper.make_model(
        helper.make_graph(
            nodes, "tiny judge", [ints("input_ids"), ints("attention_mask"), ints("token_type_ids")],
            [given("logits", 1), given("kinds", len(KINDS))], initializers,
        ),
        opset_imports=[helper.make_opsetid("", 14)],
        ir_version=8,
        producer_name="reprise tiny-judge-model",
    )
    checker.check_model(model)
    return model


OUT.mkdir(exist_ok=True)
shutil.copy(SUPPORT / "tiny-onnx-model/tokenizer.json", OUT / "tokenizer.json")
vocabulary = json.loads((OUT / "tokenizer.json").read_text())["model"]["vocab"]
save(graph(len(vocabulary)), OUT / "model.onnx")
digest = lambda name: hashlib.sha256((OUT / name).read_bytes()).hexdigest()
(OUT / "judge.json").write_text(json.dumps({
    "format": 1, "name": "tiny", "version": "0.0.1", "languages": ["en", "zh"], "order": "both", "maxTokens": 32,
    "lowerCase": True, "logitScale": 1.5, "logitBias": -0.2, "kinds": KINDS,
    "files": {name: digest(name) for name in ["model.onnx", "tokenizer.json"]},
}, indent=2) + "\n")
print(*(f"{path.stat().st_size:>8} {path.name}" for path in sorted(OUT.iterdir())), sep="\n")
