"""Attention of random sizes against torch: what it refuses, what it gives, and what it counts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel

import archspec
from archspec.analysis.state_dict import tensors
from archspec.ops import OpError
from archspec.ops.shapes import Batch, Carried, Shape, shape_of, whole
from archspec.runtime.verify import verify

from .realising import BATCH, batch, counted, make, realise

MANY = settings(max_examples=200, deadline=None, suppress_health_check=list(HealthCheck))
SMALL = st.sampled_from([1, 2, 2, 3])


def sizes_of(shape: Shape) -> tuple[int, ...]:
    return tuple(BATCH * dim.count if type(dim) is Batch else dim for dim in whole(shape))


def agree(name: str, fields: dict[str, Any], *shapes: Shape) -> None:
    """Torch and the op say the same, the batch being where the shapes have it."""
    op, inputs = make(name, **fields), [batch(shape) for shape in shapes]
    try:
        inferred = op.infer(*shapes)
    except OpError:
        # torch's fused kernels for CPUs take values that are more or fewer than the keys without a word
        with sdpa_kernel(SDPBackend.MATH), pytest.raises(Exception):  # noqa: B017 - torch has no one error of its own
            realise(op, *shapes)(*inputs)
        return
    module = realise(op, *shapes)
    assert module(*inputs).shape == sizes_of(inferred[0])
    with counted() as macs:
        module(*inputs)
    assert op.macs(shapes, inferred) == macs()
    if isinstance(module, nn.Module):
        assert op.parameters(*shapes) == {key: tuple(each.shape) for key, each in module.named_parameters()}


@MANY
@given(st.data())
def test_attention(more: st.DataObject) -> None:
    heads, length, features, seen, values = (more.draw(SMALL) for _ in range(5))
    inside = more.draw(st.booleans())
    before = (heads,) if inside else ()
    others = (more.draw(SMALL),) if inside and more.draw(st.booleans()) else before
    key = (*others, seen, features if more.draw(st.integers(0, 5)) else 5)
    value = (*others, seen if more.draw(st.integers(0, 5)) else 5, values)
    mask = more.draw(st.sampled_from([None, "float32", "bool"]))
    masks = [Carried((length, seen), "whole", dtype=mask)] if mask else []
    fields = {
        "is_causal": more.draw(st.booleans()),
        "enable_gqa": inside and more.draw(st.booleans()),
        "scale": more.draw(st.sampled_from([None, 0.5])),
        "dropout_p": more.draw(st.sampled_from([0.0, 0.5])),
    }
    agree("attention", fields, (*before, length, features), key, value, *masks)


@pytest.mark.parametrize("fields", [{}, {"is_causal": True}, {"scale": 0.3}])
def test_attention_is_the_papers(fields: dict[str, Any]) -> None:
    q, k, v = torch.randn(2, 3, 5, 4), torch.randn(2, 3, 5, 4), torch.randn(2, 3, 5, 6)
    scores = q @ k.mT * fields.get("scale", 0.5)
    if "is_causal" in fields:
        scores = scores.masked_fill(torch.ones(5, 5).triu(1).bool(), -torch.inf)
    found = realise(make("attention", **fields), (3, 5, 4), (3, 5, 4), (3, 5, 6))(q, k, v)
    torch.testing.assert_close(found, scores.softmax(-1) @ v)


@MANY
@given(st.data())
def test_multihead_attention(more: st.DataObject) -> None:
    heads, features = more.draw(SMALL), more.draw(st.sampled_from([2, 4, 6]))
    length, seen = more.draw(SMALL), more.draw(SMALL)
    kinds = [(length, features)]
    if more.draw(st.booleans()):
        kinds.append((seen, more.draw(st.sampled_from([features, 3]))))
        if more.draw(st.booleans()):
            kinds.append((seen if more.draw(st.integers(0, 5)) else 5, more.draw(st.sampled_from([features, 5]))))
    else:
        seen = length
    masks: list[Shape] = []
    if more.draw(st.booleans()):
        masks.append(Carried((length, seen), "whole", dtype="bool"))
    if more.draw(st.booleans()):
        masks.append(Carried((seen,), dtype="bool"))
    names = ("bias", "add_bias_kv", "add_zero_attn")
    fields = {"num_heads": heads, **{name: more.draw(st.booleans()) for name in names}}
    agree("multihead_attention", fields, *kinds, *masks)


@pytest.mark.parametrize("count", [1, 4])
def test_a_batch_that_is_folded_attends_within_each_item(count: int) -> None:
    agree("multihead_attention", {"num_heads": 2}, shape_of((Batch(count), 5, 6)))
    agree("attention", {}, *[shape_of((3, Batch(count), 5, 6))] * 3)


def test_it_stands_in_a_row_of_modules_and_is_switched_off(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "archspec: 1\nname: net\ninput: [5, 8]\nblocks:\n  unit:\n    params: {on: bool}\n"
        "    graph: [{multihead_attention: 2, when: on}]\n"
        "graph:\n  a: [layer_norm, {multihead_attention: 2}, {linear: 8}]\n  b: {unit: true}\n  c: {unit: false}\n"
    )
    architecture = archspec.read(path)
    module = archspec.load(path)
    assert verify(architecture.graph, module) == []
    assert tensors(architecture.graph)["a.1.in_proj_weight"] == (24, 8)
    theirs = nn.MultiheadAttention(8, 2, batch_first=True)
    theirs.load_state_dict({name[4:]: each for name, each in module.state_dict().items() if name.startswith("a.1.")})
    x = torch.randn(2, 5, 8)
    y = module.a["0"](x) if isinstance(module.a, nn.ModuleDict) else module.a[0](x)
    assert torch.equal(module.a["1"](y, y, y, need_weights=False)[0], theirs(y, y, y, need_weights=False)[0])
    assert module(x).shape == (2, 5, 8)


def test_a_mask_of_the_network_goes_in_by_its_own_name(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(
        "archspec: 1\nname: net\ninput: {x: [5, 8], keep: {shape: [5], dtype: bool}}\ngraph:\n"
        "  mask: {buffer: [5, 5]}\n  y: {multihead_attention: 2, from: [x, mask, keep]}\n"
    )
    assert "self.y(x, x, x, attn_mask=self.mask, key_padding_mask=keep, need_weights=False)" in (
        archspec.read(path).source()
    )
