"""Makes test/support/tiny-onnx-model: a random sentence model that is small enough to commit.

It has what a real one has (WordPiece tokenizer, int64 inputs, last_hidden_state, an fp32 and an int8 graph, pooling and
sizes in side files, a tokenizer.json that asks for padding to 128) and means nothing: its embeddings are random. The
tests of onnxEmbedder load it everywhere; what only real weights can show is tested with those.

    python3 -m venv /tmp/onnx && /tmp/onnx/bin/pip install onnx==1.23.2 numpy==2.4.6
    /tmp/onnx/bin/python scripts/tiny-onnx-model/make.py && npx biome format --write test/support/tiny-onnx-model
"""
import json
import string
from pathlib import Path

import numpy as np
from onnx import TensorProto, checker, helper, numpy_helper, save

WIDTH = 32
POSITIONS = 64
OUT = Path(__file__).resolve().parents[2] / "test/support/tiny-onnx-model"
random = np.random.default_rng(20261126)

SPECIAL = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
WORDS = "how do i my what is the of a to me about password reset capital france convert dollars euros sing song sea".split()
CHINESE = "的一是不了在人有我他这中大来上国个到说们为子和你地出道也时年得就那要下以生会自着去之过家学对可她里后小么心多天而能好都然没日于起还发成事只作当想看文无开手十用主行方又如前所本见经头面公同三已老从动两长知民样现分将外但身些与高意进把法此实回二理美点月明其种声全工己话儿者向情部正名定女问力机给等几很业最间新什打便位因重被走电四第门相次东政海口使教西再平真听世气信北少关并内加化由却代军产入先山五太水万市眼体别处总才场师书比住员九笑性通目华报立马命张活难神数件安表原车白应路期叫死常提感金何更反合放做系计或司利受光王果亲界及今京务制解各任至清物台象记边共风战干接它许八特觉望直服毛林题建南度统色字请交爱让认算论百吃义科怎元社术结六功指思非流每青管夫连远资队跟带花快条院变联言权往展该领传近留红治决周保达办运武半候七必城父强步完革深区即求品士转量空甚众技轻程告江语英基派满式李息写呢识极令黄德收脸钱党倒未持取设始版双历越史商千片容研像找友孩站广改议形委早房音火际则首单据导影失拿网香似斯专石若兵弟谁校读志飞观争究包组造落视济喜离虽坏兴怕密码重置气歌唱"
CHARACTERS = list(string.ascii_lowercase + string.digits + "?!.,:;'\"()-+*/%$#@&=<>")
VOCABULARY = list(
    dict.fromkeys(SPECIAL + CHARACTERS + [f"##{c}" for c in string.ascii_lowercase + string.digits] + WORDS + list(CHINESE))
)


def tokenizer():
    special = lambda token: {
        "id": VOCABULARY.index(token), "content": token, "single_word": False, "lstrip": False,
        "rstrip": False, "normalized": False, "special": True,
    }
    piece = lambda kind, token, type_id: {kind: {"id": token, "type_id": type_id}}
    return {
        "version": "1.0",
        # As in real files, where it costs eight times the work for a short question.
        "truncation": {"direction": "Right", "max_length": 128, "strategy": "LongestFirst", "stride": 0},
        "padding": {
            "strategy": {"Fixed": 128}, "direction": "Right", "pad_to_multiple_of": None, "pad_id": 0,
            "pad_type_id": 0, "pad_token": "[PAD]",
        },
        "added_tokens": [special(token) for token in SPECIAL],
        # Lower-casing is missing on purpose, as in bge-small-zh: the vocabulary shows that it is needed.
        "normalizer": {
            "type": "BertNormalizer", "clean_text": True, "handle_chinese_chars": True, "strip_accents": True,
            "lowercase": False,
        },
        "pre_tokenizer": {"type": "BertPreTokenizer"},
        "post_processor": {
            "type": "TemplateProcessing",
            "single": [piece("SpecialToken", "[CLS]", 0), piece("Sequence", "A", 0), piece("SpecialToken", "[SEP]", 0)],
            "pair": [
                piece("SpecialToken", "[CLS]", 0), piece("Sequence", "A", 0), piece("SpecialToken", "[SEP]", 0),
                piece("Sequence", "B", 1), piece("SpecialToken", "[SEP]", 1),
            ],
            "special_tokens": {
                token: {"id": token, "ids": [VOCABULARY.index(token)], "tokens": [token]} for token in ["[CLS]", "[SEP]"]
            },
        },
        "decoder": {"type": "WordPiece", "prefix": "##", "cleanup": True},
        "model": {
            "type": "WordPiece", "unk_token": "[UNK]", "continuing_subword_prefix": "##",
            "max_input_chars_per_word": 100, "vocab": {token: i for i, token in enumerate(VOCABULARY)},
        },
    }


def graph(quantised):
    """Embedding of token and position, then one linear layer with tanh; in int8 that layer is quantised dynamically."""
    initializers, nodes = [], []

    def constant(name, values):
        initializers.append(numpy_helper.from_array(values, name))
        return name

    def node(kind, inputs, output, **attributes):
        nodes.append(helper.make_node(kind, inputs, [output], **attributes))
        return output

    constant("tokens", weights["tokens"])
    constant("positions", weights["positions"])
    node("Gather", ["tokens", "input_ids"], "token_states")
    # 0, 1, 2, … for each row: the running sum of the mask, less one.
    constant("axis", np.array(1, dtype=np.int64))
    constant("one", np.array(1, dtype=np.int64))
    node("CumSum", ["attention_mask", "axis"], "count")
    node("Sub", ["count", "one"], "position_ids")
    # Types are all 0 here; taking part keeps the input in the graph.
    node("Add", ["position_ids", "token_type_ids"], "typed_positions")
    node("Gather", ["positions", "typed_positions"], "position_states")
    node("Add", ["token_states", "position_states"], "states")
    if quantised:
        scale = np.float32(np.abs(weights["layer"]).max() / 127)
        constant("layer", np.clip(np.round(weights["layer"] / scale), -127, 127).astype(np.int8))
        constant("layer_zero", np.array(0, dtype=np.int8))
        constant("layer_scale", np.array(scale, dtype=np.float32))
        nodes.append(helper.make_node("DynamicQuantizeLinear", ["states"], ["q", "q_scale", "q_zero"]))
        node("MatMulInteger", ["q", "layer", "q_zero", "layer_zero"], "product_int")
        node("Cast", ["product_int"], "product_float", to=TensorProto.FLOAT)
        node("Mul", ["q_scale", "layer_scale"], "scale")
        node("Mul", ["product_float", "scale"], "product")
    else:
        constant("layer", weights["layer"])
        node("MatMul", ["states", "layer"], "product")
    node("Tanh", ["product"], "last_hidden_state")
    ints = lambda name: helper.make_tensor_value_info(name, TensorProto.INT64, ["batch_size", "sequence_length"])
    output = helper.make_tensor_value_info("last_hidden_state", TensorProto.FLOAT, ["batch_size", "sequence_length", WIDTH])
    model = helper.make_model(
        helper.make_graph(nodes, "tiny", [ints("input_ids"), ints("attention_mask"), ints("token_type_ids")], [output], initializers),
        opset_imports=[helper.make_opsetid("", 14)],
        # Read by onnxruntime 1.14 too, which @xenova/transformers brings.
        ir_version=8,
        producer_name="reprise tiny-onnx-model",
    )
    checker.check_model(model)
    return model


weights = {
    "tokens": random.normal(size=(len(VOCABULARY), WIDTH)).astype(np.float32),
    "positions": (random.normal(size=(POSITIONS, WIDTH)) * 0.2).astype(np.float32),
    "layer": (random.normal(size=(WIDTH, WIDTH)) * 0.3).astype(np.float32),
}
(OUT / "onnx").mkdir(parents=True, exist_ok=True)
(OUT / "1_Pooling").mkdir(exist_ok=True)
write = lambda name, value: (OUT / name).write_text(json.dumps(value, ensure_ascii=False, separators=(",", ":")) + "\n")
write("tokenizer.json", tokenizer())
write("tokenizer_config.json", {
    "tokenizer_class": "BertTokenizer", "do_lower_case": False, "unk_token": "[UNK]", "sep_token": "[SEP]", "pad_token": "[PAD]",
    "cls_token": "[CLS]", "mask_token": "[MASK]", "model_max_length": POSITIONS,
})
write("config.json", {
    "architectures": ["BertModel"], "model_type": "bert", "hidden_size": WIDTH, "num_hidden_layers": 1,
    "max_position_embeddings": POSITIONS, "vocab_size": len(VOCABULARY),
})
write("1_Pooling/config.json", {
    "word_embedding_dimension": WIDTH, "pooling_mode_cls_token": False, "pooling_mode_mean_tokens": True,
    "pooling_mode_max_tokens": False, "pooling_mode_mean_sqrt_len_tokens": False,
})
save(graph(False), OUT / "onnx/model.onnx")
save(graph(True), OUT / "onnx/model_quantized.onnx")
print(*(f"{path.stat().st_size:>8} {path.relative_to(OUT)}" for path in sorted(OUT.rglob("*")) if path.is_file()), sep="\n")
