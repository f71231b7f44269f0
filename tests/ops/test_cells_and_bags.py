"""Cells, bags of embeddings and pools drawn by chance, of random sizes against torch."""

from __future__ import annotations

from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

from archspec.ops import OpError
from archspec.ops.shapes import Carried, Shape

from .realising import data, make, outputs, realise
from .test_properties import agree, image, per_dim

MANY = settings(max_examples=100, deadline=None, suppress_health_check=list(HealthCheck))
SIZE = st.integers(1, 4)


@MANY
@given(
    st.sampled_from(["rnn_cell", "gru_cell", "lstm_cell"]), SIZE, SIZE, st.booleans(), st.integers(0, 2), st.booleans()
)
def test_cells(name: str, features: int, hidden: int, bias: bool, states: int, wrong: bool) -> None:
    given_states: list[Shape] = [(hidden + wrong,)] * min(states, 2 if name == "lstm_cell" else 1)
    if name == "lstm_cell" and len(given_states) == 1:
        with pytest.raises(OpError, match="cannot start from"):
            make(name, hidden_size=hidden).infer((features,), *given_states)
        return
    agree(name, {"hidden_size": hidden, "bias": bias}, (features,), *given_states)


@pytest.mark.parametrize("name", ["rnn", "gru", "lstm"])
def test_a_cell_is_one_step_of_its_layer(name: str) -> None:
    shapes: tuple[Shape, ...] = ((5,), *[(6,)] * (2 if name == "lstm" else 1))
    cell = realise(make(f"{name}_cell", hidden_size=6), *shapes)
    layer = getattr(nn, name.upper())(5, 6, batch_first=True)
    layer.load_state_dict({f"{key}_l0": value for key, value in cell.state_dict().items()})
    x, *states = data(*shapes)
    start = tuple(state.unsqueeze(0) for state in states)
    _, last = layer(x.unsqueeze(1), start if name == "lstm" else start[0])
    wanted = last if name == "lstm" else (last,)
    for found, expected in zip(outputs(cell(x, *states)), wanted):
        torch.testing.assert_close(found, expected[0])


@MANY
@given(st.lists(SIZE, max_size=2), SIZE, st.sampled_from(["mean", "sum", "max"]), st.none() | st.integers(-5, 5))
def test_embedding_bag(shape: list[int], count: int, mode: str, padding: int | None) -> None:
    fields = {"num_embeddings": count, "embedding_dim": 3, "mode": mode, "padding_idx": padding}
    if len(shape) == 1:
        agree("embedding_bag", fields, Carried(shape, dtype="int64"))
    else:
        with pytest.raises(OpError):
            make("embedding_bag", **fields).infer(Carried(shape, dtype="int64"))


@MANY
@given(st.data())
def test_fractional_max_pool(more: st.DataObject) -> None:
    rank = more.draw(st.sampled_from([2, 2, 3]))
    fields: dict[str, Any] = {
        "kernel_size": more.draw(per_dim(st.integers(1, 3), rank)),
        "output_size": more.draw(st.none() | per_dim(st.integers(1, 5), rank)),
        "output_ratio": more.draw(st.none() | per_dim(st.floats(0.1, 0.9), rank)),
    }
    shape = image(more.draw, st.integers(1, 2), rank)
    try:
        inferred = make("fractional_max_pool", **fields).infer(shape)
    except OpError:
        return  # torch takes a window that stands everywhere at once, and reads beyond a map of one place
    assert inferred == (tuple(realise(make("fractional_max_pool", **fields), shape)(*data(shape)).shape[1:]),)
