"""What a part says of its weights, by `tie`, `share`, `parametrize`, `carry` and `init`, holds however it is taken."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import Tensor, nn

import archspec
from archspec.analysis.state_dict import tensors

CONV = "conv: 4, kernel_size: 1"
BARE = f"{CONV}, bias: false"
STEP = (
    f"{{step: {{inputs: [h, x], graph: {{y: {{{CONV}, from: x}}, z: {{{BARE}, from: h, tie: {{weight: y.weight}}}}, "
    "sum: {add: [z, y]}}, output: {h: sum}}}"
)
ENDS = f"c: {{{BARE}, from: a}}"
INSIDE = {
    "init": [f"a: {{{CONV}}}", f"b: {{{CONV}}}", ENDS],
    "tie": [
        f"a: {{{CONV}}}",
        f"b: {{{BARE}, tie: {{weight: a.weight}}}}",
        f"c: {{{CONV}, from: input, tie: {{weight: b.weight, bias: a.bias}}}}",
    ],
    "tie_into_a_block": [
        f"g: {{graph: {{a: {{{CONV}}}}}}}",
        f"b: {{{BARE}, tie: {{weight: g.a.weight}}}}",
        f"c: {{{BARE}, from: input, tie: {{weight: b.weight}}}}",
    ],
    "share": [f"a: {{{CONV}}}", f"b: {{{CONV}}}", "c: {share: a}"],
    "share_of_ties": [
        f"a: {{graph: {{u: {{{CONV}}}, v: {{{BARE}, tie: {{weight: u.weight}}}}}}}}",
        f"b: {{{CONV}}}",
        "c: {share: a}",
    ],
    "parametrize": [f"a: {{{CONV}, parametrize: weight_norm}}", f"b: {{{CONV}, parametrize: spectral_norm}}", ENDS],
    "carry": [f"a: {{{CONV}}}", f"b: {{{CONV}}}", "c: {step: , repeat: 3, carry: [h], from: [a, b]}"],
    "parts": ["a: {use: ./other.yaml}", "b: {use: ./other.yaml, within: w, taps: [w.y]}", ENDS],
}
WITHIN = "{use: ./part.yaml, within: body, taps: [body.c]"
WAYS = {
    "whole": "p: {use: ./part.yaml}",
    "tap": "p: {use: ./part.yaml, taps: [body.c]}",
    "taps": "p: {use: ./part.yaml, taps: [body.b, body.c]}\n  q: {add: ['p[0]', 'p[1]']}",
    "frozen": "p: {use: ./part.yaml, freeze: true, taps: [body.c]}",
    "in_a_frozen_group": "p: {graph: [{use: ./part.yaml, taps: [body.c]}], freeze: true}",
    "within": "p: {use: ./part.yaml, within: body, taps: [body.j]}",
    "within_tap": f"p: {WITHIN}}}",
    "over": '"p{i}": {use: ./part.yaml, over: [input, input]}\n  q: {add: [p0, p1]}',
    "over_within": '"p{i}": ' + WITHIN + ", over: [input, input]}\n  q: {add: [p0, p1]}",
    "repeat": '"p{i}": {use: ./part.yaml, repeat: 2}',
    "share": "p: {use: ./part.yaml, taps: [body.j]}\n  r: {share: p}",
    "block": "p: unit\n  q: unit",
    "group": "p: {nodes: {r: " + WITHIN + "}}}",
}
BLOCK = "{unit: {graph: {p: {use: ./part.yaml, taps: [body.j]}}}}"
OTHER = f"""\
archspec: 1
name: other
input: [4, 8, 8]
init: {{w.x: {{constant: 11}}}}
graph: {{w: {{graph: {{x: {{{CONV}}}, y: {{{BARE}, tie: {{weight: x.weight}}}}, z: {{{CONV}}}}}}}}}
"""


def part(kind: str, whole: bool) -> str:
    """The part, with layers before and after its `body` where it is not taken `within` that."""
    nodes = [*INSIDE[kind], "j: {add: [b, c]}"]
    lines = ["archspec: 1", "name: part", "input: [4, 8, 8]", f"blocks: {STEP}", "init:"]
    lines += ["  conv: {constant: 2, bias: {constant: 0.5}}", "  body: {linear: zeros, conv: {constant: 7}}"]
    lines += [] if "tie" in kind or kind == "parts" else ["  body.b: {constant: 3}"]
    lines += ["  head: {constant: 9}", "graph:", f"  stem: {{{CONV}}}" if whole else ""]
    lines += ["  body:", "    graph:", *(f"      {node}" for node in nodes), f"  head: {{{CONV}}}", ""]
    return "\n".join(lines)


@pytest.mark.parametrize("kind", INSIDE)
@pytest.mark.parametrize("way", WAYS)
def test_a_part_is_itself_in_whatever_way_it_is_taken(way: str, kind: str, tmp_path: Path) -> None:
    (tmp_path / "other.yaml").write_text(OTHER)
    (tmp_path / "part.yaml").write_text(part(kind, "within" not in WAYS[way]))
    (tmp_path / "net.yaml").write_text(
        f"archspec: 1\nname: net\ninput: [4, 8, 8]\nblocks: {BLOCK}\ninit: {{conv: zeros}}\ngraph:\n  {WAYS[way]}\n"
    )
    architecture = archspec.read(tmp_path / "net.yaml")
    module = architecture.build()  # which holds it against the graph, call by call
    assert list(tensors(architecture.graph)) == list(module.state_dict())
    alone = archspec.load(tmp_path / "part.yaml")
    for name, tensor in module.named_parameters(remove_duplicate=False):
        before = there(alone, name, "within" in WAYS[way])
        if tensor.unique().numel() == 1:
            assert torch.equal(before, tensor), name
        else:
            assert before.unique().numel() > 1, name
    assert ties(module) >= {pair for pair in ties(alone) if pair <= set(map(last, module.state_dict()))}


def there(alone: nn.Module, name: str, within: bool) -> Tensor:
    """The tensor of the part on its own that one of the network is."""
    names = name.split(".")[1:]
    known = dict(alone.named_parameters(remove_duplicate=False))
    full = [".".join(["body", *names] if within else names[start:]) for start in (0, 1)]
    return next(known[each] for each in full if each in known)


def ties(module: nn.Module) -> set[frozenset[str]]:
    """The pairs of tensors that are one, by the last two names of each."""
    found = list(module.named_parameters(remove_duplicate=False))
    return {frozenset((last(one), last(other))) for one, a in found for other, b in found if a is b and one != other}


def last(name: str) -> str:
    return ".".join(name.split(".")[-2:])
