"""Random fields and shapes: what torch refuses, the op refuses; what it takes has the inferred shapes and tensors."""

from typing import Any

import pytest
import torch
from hypothesis import HealthCheck, assume, event, given, settings
from hypothesis import strategies as st
from torch import nn

from archspec.ops import OpError, ops
from archspec.ops.shapes import Batch, Carried, Shape, shape_of, whole

from .realising import BATCH, counted, data, make, outputs, realise, sizes

MANY = settings(max_examples=250, deadline=None, suppress_health_check=list(HealthCheck))
RANKS = st.integers(1, 3)

Fields = dict[str, Any]
Case = tuple[Fields, Shape]


def agree(name: str, fields: Fields, *shapes: Shape) -> None:
    """Torch and the op's rules say the same of these fields and inputs."""
    op = make(name, **fields)
    try:
        inferred = op.infer(*shapes)
    except OpError as error:
        event(f"refused: {error.code}")
        with pytest.raises(Exception):  # noqa: B017 - torch has no one error of its own
            refused_by_torch(realise(op, *shapes)(*data(*shapes)))
        return
    event("taken")
    module = realise(op, *shapes)
    with counted() as macs:
        result = module(*data(*shapes))
    assert sizes(result) == inferred
    if "connections" not in fields:
        assert op.macs(shapes, inferred) == macs()
    learned = dict(module.named_parameters()) if isinstance(module, nn.Module) else {}
    assert op.parameters(*shapes) == {key: tuple(each.shape) for key, each in learned.items()}
    state = module.state_dict() if isinstance(module, nn.Module) else {}
    assert op.buffers(*shapes) == {key: tuple(each.shape) for key, each in state.items() if key not in learned}


def refused_by_torch(result: Any) -> None:
    """An output without elements or without its batch is no output: torch passes some on, no op here does."""
    assert all(each.numel() > 0 and each.shape[0] == BATCH for each in outputs(result))


def per_dim(values: st.SearchStrategy[Any], rank: int) -> st.SearchStrategy[Any]:
    return values | st.lists(values, min_size=rank, max_size=rank)


def image(draw: st.DrawFn, channels: st.SearchStrategy[int], rank: int, largest: int = 9) -> Shape:
    return (draw(channels), *(draw(st.integers(1, largest)) for _ in range(rank)))


@st.composite
def convolutions(draw: st.DrawFn) -> Case:
    rank = draw(RANKS)
    small = per_dim(st.integers(1, 3), rank)
    padding = per_dim(st.integers(0, 3), rank) | st.sampled_from(["same", "valid"])
    fields = {
        "out_channels": draw(st.sampled_from([1, 2, 4, 6])),
        "kernel_size": draw(per_dim(st.integers(1, 4), rank)),
        "stride": draw(st.just(1) | small),
        "padding": draw(padding),
        "dilation": draw(small),
        "groups": draw(st.sampled_from([1, 1, 1, 2, 3])),
        "bias": draw(st.booleans()),
        "padding_mode": draw(st.sampled_from(["zeros", "zeros", "reflect", "replicate", "circular"])),
    }
    return fields, image(draw, st.sampled_from([1, 2, 4, 6]), rank)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@MANY
@given(convolutions())
def test_conv(case: Case) -> None:
    agree("conv", *case)


@st.composite
def connected(draw: st.DrawFn) -> Case:
    rank, incoming = draw(RANKS), draw(st.integers(1, 4))
    maps = st.lists(st.integers(0, incoming - 1), min_size=1, unique=True)
    connections = draw(st.lists(maps, min_size=1, max_size=4))
    fields = {
        "out_channels": len(connections),
        "kernel_size": draw(per_dim(st.integers(1, 3), rank)),
        "stride": draw(st.just(1) | per_dim(st.integers(1, 3), rank)),
        "padding": draw(per_dim(st.integers(0, 2), rank) | st.sampled_from(["same", "valid"])),
        "dilation": draw(per_dim(st.integers(1, 2), rank)),
        "bias": draw(st.booleans()),
        "connections": connections,
    }
    return fields, image(draw, st.just(incoming), rank)


@pytest.mark.filterwarnings("ignore:Using padding='same' with even kernel lengths")
@MANY
@given(connected())
def test_conv_with_connections(case: Case) -> None:
    agree("conv", *case)


@pytest.mark.parametrize(
    "fields",
    [
        {"connections": [[0]]},
        {"connections": [[0], [4]]},
        {"connections": [[0], []]},
        {"connections": [[0], [1, 1]]},
        {"connections": [[0], [1]], "groups": 2},
        {"connections": [[0], [1]], "padding_mode": "reflect"},
    ],
)
def test_connections_that_cannot_be(fields: Fields) -> None:
    with pytest.raises(OpError) as caught:
        make("conv", out_channels=2, kernel_size=3, **fields).infer((4, 8, 8))
    assert caught.value.field == "connections"


@st.composite
def transposed(draw: st.DrawFn) -> Case:
    rank = draw(RANKS)
    small = per_dim(st.integers(1, 3), rank)
    fields = {
        "out_channels": draw(st.sampled_from([1, 2, 4, 6])),
        "kernel_size": draw(per_dim(st.integers(1, 4), rank)),
        "stride": draw(small),
        "padding": draw(per_dim(st.integers(0, 3), rank)),
        "output_padding": draw(st.just(0) | per_dim(st.integers(0, 3), rank)),
        "groups": draw(st.sampled_from([1, 1, 1, 2, 3])),
        "bias": draw(st.booleans()),
        "dilation": draw(small),
    }
    return fields, image(draw, st.sampled_from([1, 2, 4, 6]), rank, largest=5)


@MANY
@given(transposed())
def test_conv_transpose(case: Case) -> None:
    agree("conv_transpose", *case)


@st.composite
def pools(draw: st.DrawFn) -> tuple[str, Fields, Shape]:
    rank, name = draw(RANKS), draw(st.sampled_from(["max_pool", "avg_pool", "lp_pool"]))
    fields: Fields = {
        "kernel_size": draw(per_dim(st.integers(1, 5), rank)),
        "stride": draw(st.none() | per_dim(st.integers(1, 5), rank)),
        "ceil_mode": draw(st.booleans()),
    }
    if name != "lp_pool":
        fields["padding"] = draw(per_dim(st.integers(0, 3), rank))
    if name == "max_pool":
        fields["dilation"] = draw(st.just(1) | per_dim(st.integers(1, 3), rank))
    if name == "avg_pool":
        fields["count_include_pad"] = draw(st.booleans())
        fields["divisor_override"] = draw(st.none() | st.integers(1, 3))
    if name == "lp_pool":
        fields["norm_type"] = draw(st.sampled_from([0, 1, 2, 2.5, -1]))
    return name, fields, image(draw, st.integers(1, 3), rank, largest=12)


@MANY
@given(pools())
def test_pools(case: tuple[str, Fields, Shape]) -> None:
    agree(*case)


@st.composite
def adaptive(draw: st.DrawFn) -> tuple[str, Fields, Shape]:
    rank, name = draw(RANKS), draw(st.sampled_from(["adaptive_avg_pool", "adaptive_max_pool"]))
    size = draw(st.integers(1, 5) | st.lists(st.none() | st.integers(1, 5), min_size=rank, max_size=rank))
    return name, {"output_size": size}, image(draw, st.integers(1, 3), rank)


@MANY
@given(st.integers(1, 5), st.integers(1, 3), st.sampled_from(["reflect", "replicate", "constant"]), RANKS, st.data())
def test_blur_pool(kernel: int, stride: int, mode: str, rank: int, more: st.DataObject) -> None:
    shape = image(more.draw, st.integers(1, 3), rank)
    if rank == 2:  # torch's convolution reads another rank without its batch
        agree("blur_pool", {"kernel_size": kernel, "stride": stride, "padding_mode": mode}, shape)


@MANY
@given(adaptive())
def test_adaptive_pools(case: tuple[str, Fields, Shape]) -> None:
    agree(*case)


@st.composite
def paddings(draw: st.DrawFn) -> Case:
    rank = draw(RANKS)
    mode = draw(st.sampled_from(["constant", "reflect", "replicate", "circular"]))
    # torch crops in the mode `circular` too, but reads memory that it never wrote; `pad` refuses that
    side = st.integers(0 if mode == "circular" else -4, 6)
    fields = {
        "padding": draw(side | st.lists(side, min_size=2 * rank, max_size=2 * rank)),
        "mode": mode,
        "value": draw(st.sampled_from([0, 1.5])) if mode == "constant" else 0,
    }
    return fields, image(draw, st.integers(1, 3), rank, largest=6)


@MANY
@given(paddings())
def test_pad(case: Case) -> None:
    agree("pad", *case)


def test_pad_does_not_crop_in_a_circle() -> None:
    with pytest.raises(OpError, match="cannot crop"):
        make("pad", padding=[2, -1], mode="circular").infer((3, 8))


SHAPES = st.lists(st.integers(1, 6), max_size=4).map(tuple)
AXES = st.integers(-6, 5)


def not_the_batch(*dims: int, rank: int) -> bool:
    """Dimension 0 is refused everywhere, which torch does not do: a spec describes one example of the batch."""
    return all(dim != 0 and dim != -rank - 1 for dim in dims)


@MANY
@given(SHAPES, AXES, AXES)
def test_flatten(shape: Shape, start: int, end: int) -> None:
    if not_the_batch(start, end, rank=len(shape)):
        agree("flatten", {"start_dim": start, "end_dim": end}, shape)


SIZES = st.lists(st.sampled_from([-1, 1, 2, 2, 3, 3, 4, 6]), max_size=4)


@MANY
@given(SHAPES, AXES, SIZES)
def test_unflatten(shape: Shape, dim: int, new: list[int]) -> None:
    if not_the_batch(dim, rank=len(shape)):
        agree("unflatten", {"dim": dim, "unflattened_size": new}, shape)


@MANY
@given(SHAPES, SIZES)
def test_reshape(shape: Shape, new: list[int]) -> None:
    # an example without dimensions, `[]`, cannot be written as a shape
    if new:
        agree("reshape", {"shape": new}, shape)


@MANY
@given(SHAPES, st.permutations(range(5)), st.integers(1, 5), st.booleans())
def test_permute(shape: Shape, order: list[int], count: int, from_end: bool) -> None:
    rest = [dim - count if from_end else dim for dim in order if 0 < dim < count]
    agree("permute", {"dims": [0, *rest]}, shape)


@MANY
@given(SHAPES, AXES, AXES)
def test_transpose(shape: Shape, one: int, other: int) -> None:
    if not_the_batch(one, other, rank=len(shape)):
        agree("transpose", {"dim0": one, "dim1": other}, shape)


@MANY
@given(SHAPES, AXES, st.sampled_from(["squeeze", "unsqueeze", "softmax", "log_softmax", "glu", "mean", "squash"]))
def test_one_axis(shape: Shape, dim: int, name: str) -> None:
    rank = len(shape) + (name == "unsqueeze")
    if not not_the_batch(dim, rank=rank):
        return
    # torch leaves a dimension of another size than 1 as it is; `squeeze` refuses it, as it does nothing in silence
    if name == "squeeze" and -rank <= dim <= rank and shape[dim - (dim > 0)] != 1:
        return
    agree(name, {"dim": dim}, shape)


@MANY
@given(SHAPES, st.lists(AXES, min_size=1, max_size=3), st.booleans())
def test_mean(shape: Shape, dims: list[int], keepdim: bool) -> None:
    if not_the_batch(*dims, rank=len(shape)):
        agree("mean", {"dim": dims, "keepdim": keepdim}, shape)


@MANY
@given(SHAPES, AXES, st.integers(1, 6))
def test_chunk(shape: Shape, dim: int, chunks: int) -> None:
    made = (torch.empty(1, *shape).chunk(chunks, dim) if -len(shape) <= dim <= len(shape) else ()) or ()
    # torch makes fewer chunks than were asked for without a word; `chunk` refuses that, and a lone chunk
    if not_the_batch(dim, rank=len(shape)) and (not made or len(made) == chunks > 1):
        agree("chunk", {"chunks": chunks, "dim": dim}, shape)


@MANY
@given(SHAPES, AXES, st.integers(1, 6) | st.lists(st.integers(1, 4), min_size=2, max_size=3))
def test_split(shape: Shape, dim: int, sections: int | list[int]) -> None:
    if not not_the_batch(dim, rank=len(shape)):
        return
    # a lone part is refused, being no split
    if isinstance(sections, int) and -len(shape) <= dim <= len(shape) and sections >= shape[dim - (dim > 0)]:
        return
    agree("split", {"split_size_or_sections": sections, "dim": dim}, shape)


@st.composite
def upsamplings(draw: st.DrawFn) -> Case:
    rank = draw(RANKS)
    fields: Fields = {
        "mode": draw(
            st.sampled_from(["nearest", "nearest-exact", "area", "linear", "bilinear", "bicubic", "trilinear"])
        ),
        "antialias": draw(st.sampled_from([False, False, True])),
        "align_corners": draw(st.sampled_from([None, None, True, False])),
        "size": draw(st.none() | per_dim(st.integers(1, 9), rank)),
        "scale_factor": draw(st.none() | per_dim(st.floats(0.1, 4) | st.sampled_from([1, 2, 3, 0.5]), rank)),
    }
    return fields, image(draw, st.integers(1, 3), rank)


@MANY
@given(upsamplings())
def test_upsample(case: Case) -> None:
    agree("upsample", *case)


SHUFFLES = {"pixel_shuffle": "upscale_factor", "pixel_unshuffle": "downscale_factor", "channel_shuffle": "groups"}


@MANY
@given(st.sampled_from(sorted(SHUFFLES)), st.integers(1, 3), st.sampled_from([1, 4, 6, 8, 9, 12]), st.data())
def test_shuffles(name: str, factor: int, channels: int, more: st.DataObject) -> None:
    # torch's pixel shuffles take further dimensions in front as a batch; a spec's first dimension is the channels
    rank = more.draw(RANKS) if name == "channel_shuffle" else 2
    agree(name, {SHUFFLES[name]: factor}, image(more.draw, st.just(channels), rank, largest=6))


@MANY
@given(
    st.sampled_from(["batch_norm", "instance_norm"]),
    SHAPES.filter(len),
    st.booleans(),
    st.booleans(),
    st.none() | st.just(0.01),
)
def test_tracking_norms(name: str, shape: Shape, affine: bool, track: bool, momentum: float | None) -> None:
    # torch reads `[N, C]` as one example of C channels and L positions; a spec always has the batch
    if name == "instance_norm" and len(shape) == 1:
        return
    agree(name, {"affine": affine, "track_running_stats": track, "momentum": momentum}, shape)


@MANY
@given(SHAPES, st.integers(1, 4), st.booleans())
def test_group_norm(shape: Shape, groups: int, affine: bool) -> None:
    agree("group_norm", {"num_groups": groups, "affine": affine}, shape)


@MANY
@given(st.sampled_from(["layer_norm", "rms_norm"]), SHAPES, st.none() | st.integers(1, 3), st.booleans(), st.booleans())
def test_last_norms(name: str, shape: Shape, last: int | None, affine: bool, bias: bool) -> None:
    fields: Fields = {"elementwise_affine": affine} | ({"bias": bias} if name == "layer_norm" else {})
    wanted = [] if last is None else [list(shape[-last:]), [*shape[-last:], 7], 3]
    for normalized in wanted:
        if normalized:
            agree(name, fields | {"normalized_shape": normalized}, shape)
    if shape:
        agree(name, fields, shape)


@MANY
@given(SHAPES.filter(len), st.integers(-4, 4).filter(bool), st.booleans(), st.booleans())
def test_layer_norm_along_any_dimension(shape: Shape, dim: int, affine: bool, bias: bool) -> None:
    """As torch's own, with that dimension moved to the end."""
    op = make("layer_norm", dim=dim, elementwise_affine=affine, bias=bias)
    if not -len(shape) <= dim <= len(shape):
        with pytest.raises(OpError, match="`dim` of `layer_norm`"):
            op.infer(shape)
        return
    agree("layer_norm", {"dim": dim, "elementwise_affine": affine, "bias": bias}, shape)
    module, x = realise(op, shape), torch.randn(2, *shape)
    theirs = nn.LayerNorm(x.shape[dim], elementwise_affine=affine, bias=bias)
    theirs.load_state_dict(module.state_dict())
    torch.testing.assert_close(module(x), theirs(x.movedim(dim, -1)).movedim(-1, dim))


@MANY
@given(SHAPES, st.integers(1, 4))
def test_local_response_norm(shape: Shape, size: int) -> None:
    agree("local_response_norm", {"size": size}, shape)


@MANY
@given(SHAPES.filter(len), st.integers(1, 4), st.booleans())
def test_linear(shape: Shape, out_features: int, bias: bool) -> None:
    agree("linear", {"out_features": out_features, "bias": bias}, shape)


@MANY
@given(SHAPES.filter(len), st.integers(1, 4))
def test_prelu(shape: Shape, count: int) -> None:
    agree("prelu", {"num_parameters": count}, shape)


@MANY
@given(SHAPES, AXES, st.lists(st.integers(1, 3), max_size=3), st.booleans())
def test_concat(shape: Shape, dim: int, along: list[int], other: bool) -> None:
    if not not_the_batch(dim, rank=len(shape)):
        return
    place = dim - (dim > 0)
    inside = -len(shape) <= place < len(shape)
    shapes = [
        shape,
        *((*shape[: place % len(shape)], size, *shape[place % len(shape) + 1 :]) for size in along if inside),
    ]
    if other and shape:
        shapes.append((*shape[:-1], shape[-1] + 1))
    agree("concat", {"dim": dim}, *shapes)


DIMS = st.sampled_from([1, 1, 2, 3])


OPERATORS = ["add", "sub", "mul", "div", "pow", "maximum", "minimum"]


@MANY
@given(st.sampled_from(OPERATORS), st.lists(DIMS, max_size=3), st.lists(DIMS, max_size=3))
def test_arithmetic_broadcasts(name: str, one: list[int], other: list[int]) -> None:
    """As torch does: sizes are aligned at the last, so that of unlike ranks one would go across the batch."""
    op, shapes = make(name), (tuple(one), tuple(other))
    sizes = [(13, *each) for each in shapes]  # a batch that no size equals
    try:
        expected = torch.broadcast_shapes(*sizes)
        assert expected.count(13) < 2, "examples would be set against each other"
    except (RuntimeError, AssertionError):
        with pytest.raises(OpError, match=f"`{name}` cannot join"):
            op.infer(*shapes)
    else:
        assert op.infer(*shapes) == (tuple(expected[1:]),)
        agree(name, {}, *shapes)


@MANY
@given(st.sampled_from(["add", "mul", "matmul", "concat"]), st.lists(DIMS, max_size=4), st.lists(DIMS, max_size=4))
def test_values_without_a_batch_are_joined_as_torch_does(name: str, one: list[int], other: list[int]) -> None:
    assume(name != "matmul" or (one and len(other) > 1))  # torch also takes vectors
    op = make(name)
    dims: list[tuple[Any, ...]] = [(Batch(), *one), tuple(other)]
    shapes = [shape_of(each) for each in dims]
    values = [torch.randn([13 if type(dim) is Batch else dim for dim in each]) for each in dims]
    try:
        inferred = op.infer(*shapes)
    except OpError:
        event("refused")
        with pytest.raises((RuntimeError, IndexError)):
            realise(op, *shapes)(*values)
        return
    event("taken")
    (result,) = outputs(realise(op, *shapes)(*values))
    assert [tuple(result.shape)] == [
        tuple(13 if type(dim) is Batch else dim for dim in whole(each)) for each in inferred
    ]


@MANY
@given(st.lists(DIMS, max_size=2), st.lists(DIMS, max_size=2), DIMS, DIMS, DIMS, DIMS)
def test_matmul(one: list[int], other: list[int], n: int, k: int, k2: int, m: int) -> None:
    # as with `mul`, torch also broadcasts across the batch
    if len(one) == len(other):
        agree("matmul", {}, (*one, n, k), (*other, k2, m))


@MANY
@given(st.sampled_from(["dropout1d", "dropout2d", "dropout3d"]), SHAPES)
def test_channel_dropouts_take_one_rank(name: str, shape: Shape) -> None:
    """Torch warns of, or reads as unbatched, an input of another rank; the op refuses it."""
    if len(shape) == int(name[-2]) + 1:
        agree(name, {}, shape)
    else:
        with pytest.raises(OpError, match=f"`{name}` cannot take"):
            ops()[name]().infer(shape)


@st.composite
def recurrent(draw: st.DrawFn) -> tuple[str, Fields, tuple[Shape, ...]]:
    name = draw(st.sampled_from(["rnn", "gru", "lstm"]))
    layers, hidden = draw(st.integers(1, 3)), draw(st.integers(1, 4))
    fields: Fields = {
        "hidden_size": hidden,
        "num_layers": layers,
        "bias": draw(st.booleans()),
        "bidirectional": draw(st.booleans()),
        # With one layer torch has no place for it and warns, `dropout` is refused.
        "dropout": draw(st.sampled_from([0, 0.5])) if layers > 1 else 0,
    }
    if name == "rnn":
        fields["nonlinearity"] = draw(st.sampled_from(["tanh", "relu"]))
    if name == "lstm":
        fields["proj_size"] = draw(st.integers(0, 4))
    states: list[Shape] = []
    if draw(st.booleans()):
        rows = layers * (1 + fields["bidirectional"]) + draw(st.sampled_from([0, 0, 0, 1]))
        states.append((rows, fields.get("proj_size") or hidden))
        if name == "lstm":
            states.append((rows, hidden))
    shape = draw(st.lists(st.integers(1, 5), min_size=2, max_size=2).map(tuple))
    return name, fields, (shape, *states)


@MANY
@given(recurrent())
def test_recurrent_layers(case: tuple[str, Fields, tuple[Shape, ...]]) -> None:
    name, fields, shapes = case
    agree(name, fields, *shapes)


@pytest.mark.filterwarnings("ignore:LSTM with projections is not supported with oneDNN")
@settings(MANY, max_examples=100)
@given(recurrent(), st.integers(0, 2**16))
def test_recurrent_layers_are_torchs(case: tuple[str, Fields, tuple[Shape, ...]], seed: int) -> None:
    """The same numbers as torch.nn's class with the same weights, whose states have the batch second."""
    name, fields, shapes = case
    try:
        make(name, **fields).infer(*shapes)
    except OpError:
        return
    torch.manual_seed(seed)
    ours = realise(make(name, **fields), *shapes).eval()
    theirs = getattr(nn, name.upper())(shapes[0][1], batch_first=True, **fields).eval()
    theirs.load_state_dict(ours.state_dict())
    x, *states = data(*shapes)
    given_states = tuple(state.transpose(0, 1).contiguous() for state in states)
    start = (given_states if name == "lstm" else given_states[0]) if states else None
    output, last = theirs(x, start)
    expected = (output, *(each.transpose(0, 1) for each in (last if name == "lstm" else (last,))))
    assert all(map(torch.equal, ours(x, *states), expected))


@pytest.mark.parametrize("name", ["rnn", "gru", "lstm"])
@pytest.mark.parametrize(
    ("fields", "shapes", "code"),
    [
        ({"dropout": 0.5}, [(5, 4)], "dropout"),
        ({}, [(5,)], "rank"),
        ({}, [(5, 4, 3)], "rank"),
        ({"num_layers": 2}, [(5, 4), (1, 6)], "state"),
        ({}, [(5, 4), (1, 6), (1, 6), (1, 6)], "state"),
    ],
)
def test_recurrent_layers_that_cannot_be(name: str, fields: Fields, shapes: list[Shape], code: str) -> None:
    with pytest.raises(OpError) as caught:
        make(name, hidden_size=6, **fields).infer(*shapes)
    assert caught.value.code == code


@MANY
@given(SHAPES, st.integers(1, 5), st.integers(1, 4), st.none() | st.integers(-6, 6))
def test_embedding(shape: Shape, count: int, size: int, padding: int | None) -> None:
    agree(
        "embedding",
        {"num_embeddings": count, "embedding_dim": size, "padding_idx": padding},
        Carried(shape, dtype="int64"),
    )


@pytest.mark.parametrize("shape", [(3,), Carried((3,), dtype="int64", optional=True), Carried((3,), "list")])
def test_embedding_takes_whole_numbers_that_are_there(shape: Shape) -> None:
    with pytest.raises(OpError, match="`embedding` needs its input") as caught:
        make("embedding", num_embeddings=5, embedding_dim=2).infer(shape)
    assert caught.value.code == "inputs"


@MANY
@given(SHAPES)
def test_last_step(shape: Shape) -> None:
    agree("last_step", {}, shape)


@MANY
@given(SHAPES, st.lists(AXES, min_size=1, max_size=3), st.booleans(), st.sampled_from([1, 2, 2.5, 0, -1]))
def test_vector_norm(shape: Shape, dims: list[int], keepdim: bool, order: float) -> None:
    if not_the_batch(*dims, rank=len(shape)):
        agree("vector_norm", {"dim": dims, "keepdim": keepdim, "ord": order}, shape)


@MANY
@given(SHAPES.filter(len), st.integers(1, 4), st.integers(1, 4), st.integers(1, 4))
def test_capsule_routing(shape: Shape, count: int, features: int, iterations: int) -> None:
    # einsum does not multiply matrices where there is nothing to sum, so that torch's counter finds nothing
    if len(shape) != 2 or shape[1] > 1:
        agree("capsule_routing", {"out_capsules": count, "out_features": features, "iterations": iterations}, shape)


def test_capsule_routing_is_the_papers_procedure() -> None:
    """Procedure 1 of Sabour et al. 2017, word by word: for each capsule, and with the squash of equation 1."""
    module, u = realise(make("capsule_routing", out_capsules=3, out_features=4), (5, 2)), torch.randn(2, 5, 2)
    for example, found in zip(u, module(u)):
        predictions = {(i, j): example[i] @ module.weight[j, i] for i in range(5) for j in range(3)}
        b = {key: torch.tensor(0.0) for key in predictions}
        for _ in range(3):
            c = {i: torch.stack([b[i, j] for j in range(3)]).softmax(0) for i in range(5)}
            s = [sum(c[i][j] * predictions[i, j] for i in range(5)) for j in range(3)]
            v = [each.norm() ** 2 / (1 + each.norm() ** 2) * each / each.norm() for each in s]
            b = {(i, j): b[i, j] + predictions[i, j] @ v[j] for i, j in predictions}
        torch.testing.assert_close(found, torch.stack(v))


def test_capsule_routing_learns_through_every_iteration() -> None:
    """Its derivative by the input is that of the whole procedure, which a stopped gradient's is not."""
    module, u = realise(make("capsule_routing", out_capsules=3, out_features=4), (5, 2)), torch.randn(2, 5, 2)
    module, u = module.double(), u.double().requires_grad_()
    assert torch.autograd.gradcheck(module, u)


def test_squash_keeps_directions_and_shrinks_lengths() -> None:
    squash, x = realise(make("squash"), (6, 8)), torch.randn(2, 6, 8)
    x[0, 0] = 0
    x.requires_grad_()
    length, found = x.norm(dim=-1), squash(x)
    torch.testing.assert_close(found.norm(dim=-1), length**2 / (1 + length**2))
    torch.testing.assert_close(found * length.unsqueeze(-1), x * found.norm(dim=-1, keepdim=True))
    found.sum().backward()
    assert x.grad.isfinite().all() and not x.grad[0, 0].any()


def test_capsule_mask_keeps_the_longest_or_in_training_the_labelled() -> None:
    mask, x, label = realise(make("capsule_mask"), (3, 2)), torch.eye(3, 2).repeat(2, 1, 1), torch.tensor([2, 0])
    x[1, 1] *= 5
    longest = torch.tensor([0, 1])

    def kept(number: torch.Tensor) -> torch.Tensor:
        return x * torch.eye(3)[number].unsqueeze(-1)

    assert torch.equal(mask.train()(x, label), kept(label))
    assert torch.equal(mask.train()(x), kept(longest))
    assert torch.equal(mask.eval()(x, label), kept(longest))
    assert make("capsule_mask").infer((3, 2), Carried((), dtype="int64", optional=True)) == ((3, 2),)
    for wrong in ((), Carried((3,), dtype="int64")):
        with pytest.raises(OpError, match="label"):
            make("capsule_mask").infer((3, 2), wrong)


@MANY
@given(SHAPES.filter(len))
def test_frozen_batch_norm(shape: Shape) -> None:
    # torchvision's broadcasts over a missing height and width
    op = make("frozen_batch_norm")
    if len(shape) == 3:
        agree("frozen_batch_norm", {}, shape)
    else:
        with pytest.raises(OpError, match="cannot take"):
            op.infer(shape)
