"""Every op's example against the torch module that its own source makes; a new op is tested with no edit."""

import copy
import inspect
import pickle
from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch import nn

from archspec.codegen.copied_classes import is_copied
from archspec.ops import Op, OpError, ops
from archspec.ops.base import REQUIRED
from archspec.ops.shapes import Shape, form_of, symbol

from .realising import (
    callee,
    counted,
    data,
    example,
    make,
    names_of,
    others,
    outputs,
    realise,
    sizes,
    with_dims,
    without_onednn,
)

CALLED = [op for op in ops().values() if not op.held and op.name != "compute"]
"""Those that are called; the others are in `test_held.py` and `test_equation.py`."""
EVERY = pytest.mark.parametrize("op", CALLED, ids=[op.name for op in CALLED])
PLAIN = [
    op
    for op in CALLED
    if all(
        form_of(shape) in ("tensor", "folded") for shape in (*op.example_inputs, *example(op).infer(*op.example_inputs))
    )
]
"""Those that take tensors with the batch first; the others are in `test_carried.py` and `test_any_tensor.py`."""
EVERY_PLAIN = pytest.mark.parametrize("op", PLAIN, ids=[op.name for op in PLAIN])
HELPED = pytest.mark.parametrize(
    "op",
    [op for op in PLAIN if (module := example(op).module(*op.example_inputs)) and is_copied(module.callee)],
    ids=str,
)
CONNECTED = make("conv", out_channels=3, kernel_size=3, padding=1, connections=[[0, 1], [1, 2, 3], [0]])


def tensors(module: object) -> tuple[dict[str, Shape], dict[str, Shape]]:
    """The shapes of a module's parameters and of the rest of its state_dict."""
    if not isinstance(module, nn.Module):
        return {}, {}
    learned = {name: tuple(each.shape) for name, each in module.named_parameters()}
    state = {name: tuple(each.shape) for name, each in module.state_dict().items()}
    return learned, {name: shape for name, shape in state.items() if name not in learned}


@EVERY_PLAIN
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_shapes(op: type[Op], training: bool) -> None:
    module = realise(example(op), *op.example_inputs)
    if isinstance(module, nn.Module):
        module.train(training)
    assert sizes(module(*data(*op.example_inputs))) == example(op).infer(*op.example_inputs)


@EVERY
def test_parameters_and_buffers(op: type[Op]) -> None:
    learned, kept = tensors(realise(example(op), *op.example_inputs))
    assert example(op).parameters(*op.example_inputs) == learned
    assert example(op).buffers(*op.example_inputs) == kept


@EVERY
def test_macs(op: type[Op]) -> None:
    run = realise(example(op), *op.example_inputs)
    if isinstance(run, nn.Bilinear):  # torch does not count it: as the two products that it is
        weight = run.weight
        run = lambda x, y: torch.einsum("boj,bj->bo", torch.einsum("bi,oij->boj", x, weight), y)  # noqa: E731
    with counted() as macs:
        run(*data(*op.example_inputs))
    outputs = example(op).infer(*op.example_inputs)
    assert example(op).macs(op.example_inputs, outputs) == macs()


@EVERY
def test_defaults_are_torchs(op: type[Op]) -> None:
    module = example(op).module(*op.example_inputs)
    if module is None:
        return
    made = eval(callee(module), names_of(module))
    signature = inspect.signature(made).parameters
    for argument in module.arguments:
        if argument.default is not REQUIRED and argument.name != "inplace":
            theirs = (
                signature[argument.name].default if argument.name in signature else getattr(made(1, 1), argument.name)
            )
            assert theirs == argument.default, argument.name
    assert ("inplace" in signature) == op.in_place == ("inplace" in {each.name for each in module.arguments})


def backward_survives_overwriting(op: type[Op], **given: bool) -> bool:
    """Whether the gradient can be had after the outputs were overwritten."""
    inputs = [each.clone() for each in data(*op.example_inputs, requires_grad=True)]
    results = [
        each for each in outputs(realise(example(op), *op.example_inputs, **given)(*inputs)) if each.requires_grad
    ]
    try:
        for output in results:
            output.relu_()
            output.sum().backward(retain_graph=True)
    except RuntimeError as error:
        assert "modified by an inplace operation" in str(error) or "refers to a single memory" in str(error)
        return False
    return True


@EVERY_PLAIN
def test_saves_output(op: type[Op]) -> None:
    if len(example(op).infer(*op.example_inputs)) > 1:
        assert op.shares_memory or op.saves_output, "torch refuses to overwrite one of several views"
        return
    ways = [{"inplace": False}, {"inplace": True}] if op.in_place else [{}]
    assert op.saves_output == (not all(backward_survives_overwriting(op, **way) for way in ways))


@EVERY_PLAIN
def test_shares_memory(op: type[Op]) -> None:
    shared = False
    for training in (True, False):
        inputs, module = data(*op.example_inputs), realise(example(op), *op.example_inputs)
        if isinstance(module, nn.Module):
            module.train(training)
        places = {each.untyped_storage().data_ptr() for each in outputs(module(*inputs))}
        shared |= any(each.untyped_storage().data_ptr() in places for each in inputs)
    if len(op.example_inputs) == 1:
        assert shared == op.shares_memory


@EVERY_PLAIN
def test_keeps_order(op: type[Op]) -> None:
    inputs = data(*op.example_inputs)
    values, *more = outputs(realise(example(op), *op.example_inputs)(*inputs))
    if op.keeps_order:
        assert not more and len(inputs) == 1 and torch.equal(values.flatten(), inputs[0].flatten())


@EVERY_PLAIN
def test_symbolic_dimensions_come_out_as_the_numbers_do(op: type[Op]) -> None:
    inputs = op.example_inputs
    unknown = [
        with_dims(shape, (*shape[:1], *(symbol(f"S{size}") if size > 1 else size for size in shape[1:])))
        for shape in inputs
    ]
    values = {symbol(f"S{size}"): size for shape in inputs for size in shape}

    def number(dim: object) -> object:
        return dim.subs(values) if hasattr(dim, "subs") else dim

    try:
        inferred = example(op).infer(*unknown)
    except OpError as error:
        assert error.code == "symbolic" or op.name == "reshape" or op.name == "squeeze"
        return
    assert [with_dims(shape, map(number, shape)) for shape in inferred] == [*example(op).infer(*inputs)]
    assert number(example(op).macs(unknown, inferred)) == example(op).macs(inputs, example(op).infer(*inputs))


@EVERY
def test_says_what_it_is(op: type[Op]) -> None:
    assert op.__doc__ and op.__doc__.splitlines()[0].endswith((".", "."))
    assert not op.__subclasses__(), "an op is final"
    for field in op.field_names():
        assert op.expects(field) != "another value", field
    assert hash(example(op)) == hash(example(op))
    least, most = op.inputs
    assert least <= len(op.example_inputs) <= (most or 99)


@EVERY
def test_input_without_dimensions(op: type[Op]) -> None:
    """Nothing but an `OpError` comes out of an input that has the batch alone."""
    inputs = [with_dims(shape, ()) for shape in op.example_inputs]
    try:
        example(op).infer(*inputs)
    except OpError as error:
        assert error.message
    else:
        assert sizes(realise(example(op), *inputs)(*data(*inputs))) == example(op).infer(*inputs)


@pytest.mark.filterwarnings("ignore:The tensor attributes? self._flat_weights")
@HELPED
def test_helpers_compile_export_and_copy(op: type[Op]) -> None:
    check_helper(example(op), *op.example_inputs)


@pytest.mark.parametrize(("op", "shapes"), others(), ids=str)
def test_modules_of_other_fields_compile_export_and_copy(op: Op, shapes: tuple[Shape, ...]) -> None:
    check_helper(op, *shapes)


@pytest.mark.parametrize("rank", [1, 2, 3])
def test_connected_compiles_exports_and_copies(rank: int) -> None:
    check_helper(CONNECTED, (4, *(5,) * rank))


def check_helper(op: Op, *shapes: Shape) -> None:
    module, inputs = realise(op, *shapes), data(*shapes)
    # In training, dropout between recurrent layers differs from call to call.
    module.eval()

    def equal(other: Callable[..., Any]) -> bool:
        mine, theirs = outputs(module(*inputs)), outputs(other(*inputs))
        return len(mine) == len(theirs) and all(map(torch.equal, mine, theirs))

    # Export takes recurrent layers apart, so that the order of their sums is another.
    exported = torch.export.export(module, tuple(inputs)).module()
    torch.testing.assert_close(outputs(exported(*inputs)), outputs(module(*inputs)), rtol=1e-5, atol=1e-5)

    with without_onednn():
        assert equal(torch.compile(module, fullgraph=True, backend="aot_eager"))
    assert equal(copy.deepcopy(module))
    with torch.device("meta"):
        hollow = realise(op, *shapes)
    hollow = hollow.to_empty(device="cpu")
    if hasattr(hollow, "reset_parameters"):
        hollow.reset_parameters()
    hollow.load_state_dict(module.state_dict())
    assert equal(hollow.eval())
    assert pickle.loads(pickle.dumps(module.state_dict())).keys() == module.state_dict().keys()


def test_connected_sees_only_its_maps() -> None:
    module, x = realise(CONNECTED, (4, 8, 8)), torch.randn(2, 4, 8, 8)
    dense = nn.Conv2d(4, 3, kernel_size=3, padding=1)
    with torch.no_grad():
        dense.weight.zero_()
        dense.bias.copy_(module.bias)
        pairs = [(o, i) for o, maps in enumerate(CONNECTED.connections) for i in maps]
        for (o, i), kernel in zip(pairs, module.weight):
            dense.weight[o, i] = kernel
    assert torch.equal(module(x), dense(x))
    assert CONNECTED.parameters((4, 8, 8)) == {"weight": (6, 3, 3), "bias": (3,)} == tensors(module)[0]
    assert CONNECTED.macs([(4, 8, 8)], CONNECTED.infer((4, 8, 8))) == 8 * 8 * 6 * 9
    assert module.state_dict().keys() == {"weight", "bias"}


def test_connected_starts_within_torchs_bounds() -> None:
    """torch.nn.Conv2d draws from ±1/√fan_in; here each map has its own fan-in."""
    module = realise(make("conv", out_channels=2, kernel_size=5, connections=[[0], [0, 1, 2, 3]]), (4, 8, 8))
    largest = torch.zeros(4)
    for _ in range(20):
        module.reset_parameters()
        drawn = (module.weight[0], module.weight[1:], module.bias[0], module.bias[1])
        largest = largest.maximum(torch.stack([each.detach().abs().max() for each in drawn]))
    bounds = torch.tensor([1 / 5, 1 / 10, 1 / 5, 1 / 10])
    assert (largest <= bounds).all() and (largest > 0.7 * bounds).all()


def test_channel_affine_is_torchvisions_transform_input_to_the_bit() -> None:
    mean, std = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)
    scale, shift = [s / 0.5 for s in std], [(m - 0.5) / 0.5 for m in mean]
    module, x = realise(make("channel_affine", scale=scale, shift=shift), (3, 64, 64)), torch.randn(2, 3, 64, 64)
    theirs = torch.stack([x[:, c] * scale[c] + shift[c] for c in range(3)], dim=1)
    assert torch.equal(module(x), theirs)
    assert not module.state_dict()


@pytest.mark.parametrize("dim", [1, -1, 2])
def test_scale(dim: int) -> None:
    op, x = make("scale", init_value=0.5, bias=True, dim=dim), torch.randn(2, 6, 4, 4)
    module = realise(op, (6, 4, 4))
    with torch.no_grad():
        module.bias.normal_()
    assert torch.equal(module(x), (x.movedim(dim, -1) * 0.5 + module.bias).movedim(-1, dim))
    assert op.parameters((6, 4, 4)) == tensors(module)[0]


def test_rbf_is_the_squared_distance() -> None:
    op, x = make("rbf", centers=[[1, -1, 0.5], [0, 0, 0]]), torch.randn(2, 3)
    expected = torch.cdist(x, torch.tensor([[1, -1, 0.5], [0, 0, 0]])) ** 2
    torch.testing.assert_close(realise(op, (3,))(x), expected)


def test_scaled_tanh_is_lecuns() -> None:
    torch.testing.assert_close(
        realise(make("scaled_tanh"), (1,))(torch.ones(2, 1)), torch.ones(2, 1), atol=1e-4, rtol=0
    )
