"""Maps from a file's names to a network's: files as their publishers write them, and random renamings."""

from __future__ import annotations

import random
import textwrap
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor

import archspec
from archspec.api.load import load_into
from tests.elaborate.reading import read

GPT = """\
archspec: 1
name: gpt
input: {words: {shape: [T], dtype: int64}}
params: {width: 32, heads: 4, depth: 2}
blocks:
  layer:
    graph:
      norm1: layer_norm
      mask: {causal_mask: , from: norm1, additive: true}
      mixer: {multihead_attention: heads, from: [norm1, mask]}
      add1: {add: [mixer, input]}
      norm2: layer_norm
      up: {linear: 4 * width}
      act: {gelu: , approximate: tanh}
      down: {linear: width}
      add2: {add: [down, add1]}
graph:
  wte: {embedding: 99, embedding_dim: width}
  number: {positions: , from: words}
  wpe: {embedding: 40, embedding_dim: width}
  embedded: {add: [wte, wpe]}
  layers: {graph: {"{i + 1}": {layer: , repeat: depth}}}
  norm: layer_norm
weights:
  map:
    - {h: layers}
    - {"layers.{i}": "layers.{i + 1}"}
    - {"*.ln_{n}": "*.norm{n}"}
    - {from: "*.attn.c_attn.{kind}", to: "*.mixer.in_proj_{kind}", transpose: true}
    - {from: "*.attn.c_proj", to: "*.mixer.out_proj", transpose: true}
    - {from: "*.mlp.c_fc", to: "*.up", transpose: true}
    - {from: "*.mlp.c_proj", to: "*.down", transpose: true}
    - {ln_f: norm}
"""
PAIR = """\
archspec: 1
name: pair
input: [8, 5, 5]
params: {width: 6, base: 3}
graph:
  stem: {conv: width, kernel_size: 1}
  q: {conv: 4, kernel_size: 1}
  k: {conv: 2, kernel_size: 1, from: stem}
  joined: {concat: [q, k]}
  scale: {parameter: [6, 1, 1]}
  scaled: {mul: [joined, scale]}
  head: {conv: 12, kernel_size: 1}
"""


def saved(state: dict[str, Tensor], folder: Path) -> Path:
    save_file({name: each.contiguous().clone() for name, each in state.items()}, path := folder / "w.safetensors")
    return path


def told(folder: Path, text: str, state: dict[str, Tensor], **given: Any) -> str:
    (folder / "net.yaml").write_text(text)
    with pytest.raises(archspec.SpecError) as error:
        archspec.load(folder / "net.yaml", weights=saved(state, folder), **given)
    return str(error.value)


@pytest.mark.parametrize("prefix", ["", "transformer.", "model."])
def test_a_file_of_hugging_face_loads_by_the_page_s_map(prefix: str, tmp_path: Path) -> None:
    transformers = pytest.importorskip("transformers")
    config = transformers.GPT2Config(
        vocab_size=99, n_positions=40, n_embd=32, n_layer=2, n_head=4, resid_pdrop=0, embd_pdrop=0, attn_pdrop=0
    )
    peer = transformers.GPT2Model(config).eval()
    names = f"- {{{prefix}: ''}}\n    - {{h: layers}}" if prefix == "transformer." else "- {h: layers}"
    (tmp_path / "net.yaml").write_text(GPT.replace("- {h: layers}", names))
    weights = saved({f"{prefix}{name}": each for name, each in peer.state_dict().items()}, tmp_path)
    module = archspec.load(tmp_path / "net.yaml", weights=weights).eval()
    words = torch.randint(0, 99, (2, 7))
    torch.testing.assert_close(module(words), peer(words).last_hidden_state, rtol=1e-5, atol=1e-5)


def test_a_file_of_timm_loads_by_a_map_from_outside(tmp_path: Path) -> None:
    timm = pytest.importorskip("timm")
    peer = timm.models.vision_transformer.Block(32, 4, qkv_bias=True).eval()
    text = """\
    archspec: 1
    name: block
    input: [9, 32]
    graph:
      ln_1: {layer_norm: , eps: 1e-6}
      attention: {multihead_attention: 4}
      add1: {add: [attention, input]}
      ln_2: {layer_norm: , eps: 1e-6}
      mlp: [{linear: 128}, gelu, {linear: 32}]
      add2: {add: [mlp, add1]}
    """
    (tmp_path / "net.yaml").write_text(textwrap.dedent(text).replace("1e-6", "1e-5"))
    rules = [
        {"norm{n}": "ln_{n}"},
        {"attn.qkv.{kind}": "attention.in_proj_{kind}"},
        {"attn.proj": "attention.out_proj"},
        {"mlp.fc{n}": "mlp.{2 * (n - 1)}"},
    ]
    weights = saved(peer.state_dict(), tmp_path)
    module = archspec.load(tmp_path / "net.yaml", weights=weights, weights_map=rules).eval()
    x = torch.randn(2, 9, 32)
    torch.testing.assert_close(module(x), peer(x), rtol=1e-5, atol=1e-5)


@pytest.mark.parametrize("seed", range(8))
def test_any_renaming_is_undone_by_its_map(seed: int, tmp_path: Path) -> None:
    chance = random.Random(seed)
    architecture = read(PAIR, tmp_path)
    own = architecture.build().state_dict()
    owners = sorted({name.rpartition(".")[0] or name for name in own})
    theirs = [f"{chance.choice('abc')}.{chance.choice(['blocks', 'h'])}.{number}" for number in range(len(owners))]
    chance.shuffle(theirs)
    names = dict(zip(owners, theirs))
    file = {
        names[name.rpartition(".")[0] or name] + name[name.rfind(".") :] * ("." in name): each
        for name, each in own.items()
    }
    module = architecture.build()
    report = load_into(
        module, architecture, saved(file, tmp_path), weights_map=[{their: our} for our, their in names.items()]
    )
    assert set(report.loaded) == set(own) and not report.fresh
    assert all(torch.equal(each, own[name]) for name, each in module.state_dict().items())


def test_tensors_are_put_together_shared_out_turned_and_reshaped(tmp_path: Path) -> None:
    own = read(PAIR, tmp_path).build().state_dict()
    file = {
        "block.stem.w": own["stem.weight"].flatten(1).t(),
        "block.stem.b": own["stem.bias"],
        "qk.weight": torch.cat([own["q.weight"], own["k.weight"]]),
        "qk.bias": torch.cat([own["q.bias"], own["k.bias"]]),
        "gamma": own["scale"].flatten(),
        **{
            f"head{part}.{kind}": own[f"head.{kind}"][6 * part : 6 * part + 6]
            for part in (0, 1)
            for kind in ("weight", "bias")
        },
        "steps": torch.zeros(1),
    }
    rules = """
    - {from: block.stem.w, to: stem.weight, transpose: true, reshape: true}
    - {block.stem.b: stem.bias}
    - {from: "qk.{kind}", to: ["q.{kind}", "k.{kind}"]}
    - {from: gamma, to: scale, reshape: true}
    - {from: ["head0.{kind}", "head1.{kind}"], to: "head.{kind}"}
    - {steps: }
    """
    (tmp_path / "map.yaml").write_text(textwrap.dedent(rules))
    page = f"{PAIR}weights: {{map: {{theirs: [{{none: of}}], ours:{textwrap.indent(textwrap.dedent(rules), '    ')}}}}}"
    page = (
        PAIR
        + "weights:\n  map:\n    theirs: [{none: of}]\n    ours:"
        + textwrap.indent(textwrap.dedent(rules), "      ")
    )
    for text, given in ((PAIR, {"weights_map": tmp_path / "map.yaml"}), (page, {})):
        (tmp_path / "net.yaml").write_text(text)
        module = archspec.load(tmp_path / "net.yaml", weights=saved(file, tmp_path), **given)
        assert all(torch.equal(each, own[name]) for name, each in module.state_dict().items())
        mine = archspec.load(tmp_path / "net.yaml", weights=saved(dict(own), tmp_path)).state_dict()
        assert all(torch.equal(each, own[name]) for name, each in mine.items()), "a page's own names need no map"


def test_a_target_sees_the_params(tmp_path: Path) -> None:
    own = read(PAIR, tmp_path).build().state_dict()
    file = {name.replace("q.", f"layer{3 + 4}.") if name.startswith("q.") else name: each for name, each in own.items()}
    rules = [{"layer{n}": "{'q' if n == base + 4 else 'k'}"}]
    module = archspec.load(tmp_path / "net.yaml", weights=saved(file, tmp_path), weights_map=rules)
    assert torch.equal(module.q.weight, own["q.weight"])


def test_a_map_that_does_not_fit_shows_both_sides(tmp_path: Path) -> None:
    own = read(PAIR, tmp_path).build().state_dict()
    file = {f"theirs.{name}": each for name, each in own.items()}
    page = PAIR + "weights:\n  map:\n    - {theirs.stem: stam}\n    - {thiers: ''}\n    - {theirs: ''}\n"
    assert told(tmp_path, page, file) == (
        "error[weights-mismatch]: the weights do not fit `pair`\n"
        "  = found: missing: stem.weight 6×8×1×1\n"
        "      missing: stem.bias 6\n"
        "      extra: stam.bias (from theirs.stem.bias) 6\n"
        "      extra: stam.weight (from theirs.stem.weight) 6×8×1×1\n"
        f"  = note: no tensor of the file is one of `thiers → ` ({tmp_path}/net.yaml:16:7)"
    )
    few = told(tmp_path, PAIR + "weights: {map: [{theirs.head: k}]}\n", file)
    assert (
        "  = expected: 9 tensors: scale 6×1×1, stem.weight" in few
        and "found: 9 tensors: k.bias (from theirs.head.bias) 12" in few
    )
    twice = told(tmp_path, PAIR + "weights: {map: [{theirs.q: theirs.k}, {theirs: ''}]}\n", file)
    assert "twice: theirs.k.weight (from theirs.k.weight and theirs.q.weight)" in twice


@pytest.mark.parametrize(
    ("rules", "message"),
    [
        ("{a: b}", "`map` is a list of rules, or several lists by name"),
        ("[a]", "a rule is a mapping of a file's name to the network's"),
        ("[{a: b, c: d}]", "a rule has no key `a`"),
        ("[{from: a, two: b}]", "a rule has no key `two`"),
        ("[{from: a, transpose: true}]", "a rule needs `from` and `to`"),
        ("[{from: [a, b], to: [c, d]}]", "a rule joins several tensors or splits one, not both"),
        ('[{from: ["a.{i}", "b.{j}"], to: c}]', "`b.{j}` has other placeholders than `a.{i}`"),
        ('[{"a.{i}.{i}": b}]', "a placeholder cannot be called `i`"),
        ('[{"a.{i}": "b.{j}"}]', "`j` is neither a placeholder of `a.{i}` nor a param"),
        ('[{"a.{i}": "b.{i +}"}]', "in the name `{i +}`: `i +` is not an expression"),
        ('[{a: "b.*"}]', "`b.*` has more `*` than `a`"),
        ('[{"*.*.*.*.*.*.*": b}]', "`*.*.*.*.*.*.*` has too many placeholders"),
        ("[{from: a, to: b, transpose: 1}]", "`transpose` of a rule cannot be `1`"),
        ("[{from: a, to: b, dim: true}]", "`dim` of a rule cannot be `true`"),
        ("[{a: [b, {c: d}]}]", "a tensor's name in the network is a text"),
        ("[{from: [], to: b}]", "a rule names at least one tensor on each side"),
    ],
)
def test_a_wrong_rule_is_told_at_its_place(rules: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(archspec.SpecError) as error:
        read(f"{PAIR}weights: {{map: {rules}}}\n", tmp_path)
    (found,) = error.value.diagnostics
    assert (found.code, found.message) == ("weights-map", message)
    assert found.span is not None and found.span.line == 13


def test_a_rule_that_tensors_do_not_bear_is_told(tmp_path: Path) -> None:
    own = dict(read(PAIR, tmp_path).build().state_dict())
    page = PAIR + "weights: {map: [{from: [q.weight, k.weight], to: q.weight, dim: 9}]}\n"
    message = told(tmp_path, page, {**own, "stem.weight": own["stem.weight"][:3]})
    assert "error[weights-map]: this rule cannot be done to `q.weight` and `k.weight`" in message
    assert "--> " in message and "Dimension out of range" in message
