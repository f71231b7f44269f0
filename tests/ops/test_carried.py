"""The examples of ops on lists, mappings and folded items against what their own source gives."""

from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
import torch
from torch import Tensor

from archspec.ops import Op, OpError
from archspec.ops.shapes import Carried, Shape, form_of, is_plain, symbol

from .realising import BATCH, data, example, make, realise
from .test_against_torch import CALLED

TENSORS = ("tensor", "folded", "whole")
CARRIED = [op for op in CALLED if any(form_of(shape) not in TENSORS for shape in op.example_inputs)]
EVERY = pytest.mark.parametrize("op", CARRIED, ids=[op.name for op in CARRIED])


@EVERY
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_outputs_are_what_was_inferred(op: type[Op], training: bool) -> None:
    inferred = example(op).infer(*op.example_inputs)
    given = given_outputs(op, training)
    assert len(given) == len(inferred)
    for value, shape in zip(given, inferred):
        check(value, shape, training)


@EVERY
def test_symbolic_sizes_come_through(op: type[Op]) -> None:
    """Nothing but an `OpError` comes of a symbolic size."""
    unknown = [
        Carried((*shape[:-2], symbol("H"), symbol("W")), "list") if len(shape) == 3 else shape
        for shape in op.example_inputs
    ]
    try:
        inferred = example(op).infer(*unknown)
    except OpError as error:
        assert error.message
    else:
        assert len(inferred) == len(example(op).infer(*op.example_inputs))


@EVERY
def test_modules_are_copied_and_pickled(op: type[Op]) -> None:
    module = realise(example(op), *op.example_inputs)
    inputs = data(*op.example_inputs)
    mine = [module.eval()(*copy.deepcopy(inputs)) for module in (module, copy.deepcopy(module))]
    assert repr(mine[0]) == repr(mine[1])
    assert not pickle.loads(pickle.dumps(module.state_dict()))


@EVERY
def test_inputs_stay_as_they_are(op: type[Op]) -> None:
    """What other nodes take as well is not changed."""
    module = realise(example(op), *op.example_inputs)
    for training in (True, False):
        inputs = data(*op.example_inputs)
        before = repr(inputs)
        module.train(training)(*inputs)
        assert repr(inputs) == before


@EVERY
@pytest.mark.parametrize("place", range(7))
def test_another_kind_of_input_is_refused(op: type[Op], place: int) -> None:
    inputs = list(op.example_inputs)
    if place >= len(inputs):
        return
    inputs[place] = (3, 5, 7, 9)
    with pytest.raises(OpError) as raised:
        example(op).infer(*inputs)
    assert raised.value.expected


def given_outputs(op: type[Op], training: bool) -> tuple[Any, ...]:
    module = realise(example(op), *op.example_inputs)
    torch.manual_seed(0)
    given = module.train(training)(*data(*op.example_inputs))
    return given if len(example(op).infer(*op.example_inputs)) > 1 else (given,)


def check(value: Any, shape: Shape, training: bool) -> None:
    """Hold a value against its shape; the number of boxes is the most there can be, in evaluation."""
    if isinstance(shape, Carried) and training and shape.in_training is not None:
        check(value, shape.in_training, training)
    elif isinstance(shape, Carried) and shape.optional and value is None:
        assert not training
    elif form_of(shape) == "records" and not (training and value == []):
        check_records(value, shape, training)
    elif form_of(shape) == "list":
        assert len(value) == BATCH
        for each in value:
            check_item(each, shape, training)
    elif form_of(shape) == "folded":
        check_item(value, (BATCH * shape.count, *shape), training)
    elif form_of(shape) == "scalars":
        assert list(value) == ([name for name, _ in shape.fields] if training else [])
        assert all(each.dim() == 0 and each.isfinite() for each in value.values())
    elif form_of(shape) == "sizes":
        assert value == [tuple(shape)] * BATCH
    elif is_plain(shape):
        assert tuple(value.shape) == (BATCH, *shape)


def check_records(value: list[dict[str, Tensor]], shape: Carried, training: bool) -> None:
    assert len(value) == BATCH
    for record in value:
        assert list(record) == [name for name, _ in shape.fields]
        for name, each in shape.fields:
            check_item(record[name], each, training)


def check_item(value: Tensor, shape: Shape, training: bool) -> None:
    assert value.dim() == len(shape)
    assert tuple(value.shape[1:]) == tuple(shape[1:])
    assert training or len(value) <= shape[0]


def test_a_sampled_batch_is_no_larger_than_it_says() -> None:
    op = make("sample_proposals", batch_size_per_image=16)
    proposals, samples = realise(op, *type(op).example_inputs).train()(*data(*type(op).example_inputs))
    assert [len(each) for each in proposals] == [16] * BATCH
    assert all(len(each["labels"]) == 16 for each in samples)
