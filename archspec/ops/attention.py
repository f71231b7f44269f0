"""Attention: values mixed by how alike queries and keys are."""

from collections.abc import Sequence
from typing import Any, NoReturn

from archspec.ops.base import Argument, Module, OpError, register
from archspec.ops.collected_conditions import possible
from archspec.ops.conditions import divisible_by
from archspec.ops.field_types import Flag, Positive, PositiveReal, Probability, certain, differ, divisible, number
from archspec.ops.shapes import FLOAT, Batch, Count, Dim, Shape, known, per_example, product, shape_text, whole
from archspec.ops.whole_tensors import Dims, WholeOp, broadcast, refused, tensor_fault

MASKS = (FLOAT, "bool")
"""What a mask is made of: numbers that are added to the scores, or truths, where `false` leaves a pair out."""


@register
class Attention(WholeOp):
    """Scaled dot-product attention: torch.nn.functional.scaled_dot_product_attention (Vaswani et al. 2017).

    Inputs: queries `[*, L, E]`, keys `[*, S, E]` and values `[*, S, V]`, and if you like a mask `[*, L, S]`, either a
    bias that is added or truths that say which pairs take part; the dimensions before, such as the heads, are
    broadcast. Output `[*, L, V]`. Under `enable_gqa` each head of the keys serves a group of the queries'. `scale` is
    1/√E where it is not given, and `dropout_p` acts in training alone. MACs: those of both products, the whole square
    under `is_causal` too. Errors: sizes that do not fit each other, a mask beside `is_causal`.
    """

    name = "attention"
    kind = "other"
    unlabelled = ("scale",)
    inputs = (3, 4)
    saves_output = True
    uncounted = ("dropout_p",)
    example = "{attention: , from: [queries, keys, values]}"
    example_inputs = ((12, 196, 64), (12, 196, 64), (12, 196, 64))

    is_causal: Flag = False
    dropout_p: Probability = 0.0
    scale: PositiveReal | None = None
    enable_gqa: Flag = False

    def dtype(self, *inputs: Shape) -> str:
        super().dtype(*inputs[:3])
        for mask in inputs[3:]:
            _check_mask(self.name, mask)
        return FLOAT

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        query, key, value, *masks = inputs
        for dims in inputs:
            if len(dims) < 2 or any(type(dim) is Batch for dim in dims[-2:]):
                _misfit(self.name, "positions and features as the last two dimensions", *inputs)
        if differ(query[-1], key[-1]):
            _misfit(self.name, "queries and keys of as many features", *inputs)
        if differ(key[-2], value[-2]):
            _misfit(self.name, "as many values as keys", *inputs)
        before = broadcast(*self._before(query, key, value))
        if before is None:
            _misfit(self.name, "queries, keys and values of as many heads", *inputs)
        self._check_masks(masks, (*before, query[-2], key[-2]), inputs)
        return ((*before, query[-2], value[-1]),)

    def _before(self, query: Dims, key: Dims, value: Dims) -> list[Dims]:
        """The dimensions before the positions, with the heads of keys and values as many as the queries'."""
        before = [query[:-2], key[:-2], value[:-2]]
        if not self.enable_gqa:
            return before
        if not all(before):
            _misfit(self.name, "the heads before the positions", query, key, value)
        heads = query[-3]
        for dims in before[1:]:
            if _leaves_over(heads, dims[-1]):
                _misfit(self.name, "heads of the queries that those of keys and values divide", query, key, value)
        return [before[0], *((*dims[:-1], heads) for dims in before[1:])]

    def _check_masks(self, masks: Sequence[Dims], scores: Dims, inputs: Sequence[Dims]) -> None:
        if masks and self.is_causal:
            message = "`is_causal` is a mask itself, and cannot stand beside another"
            raise OpError("mask", message, field="is_causal", expected="a mask, or `is_causal`")
        for mask in masks:
            if broadcast(mask, scores) != scores:
                _misfit(self.name, f"a mask that goes with {shape_text(scores)}", *inputs)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        (query, key, *_), output = map(whole, inputs), whole(outputs[0])
        pairs = product(output[:-1]) * key[-2]
        return per_example(pairs * (certain(query[-1], key[-1]) + output[-1]))

    def call(self, names: Sequence[str], shapes: Sequence[Shape]) -> str:
        given = [*names[:3], *(f"attn_mask={mask}" for mask in names[3:])]
        if self.dropout_p:
            given.append(f"dropout_p={self.dropout_p} if self.training else 0.0")
        given += ["is_causal=True"] * self.is_causal
        given += [] if self.scale is None else [f"scale={self.scale}"]
        given += ["enable_gqa=True"] * self.enable_gqa
        return f"F.scaled_dot_product_attention({', '.join(given)})"


@register
class MultiheadAttention(WholeOp):
    """Attention of several heads with learned projections: torch.nn.MultiheadAttention (Vaswani et al. 2017).

    Inputs: a sequence `[L, E]` that attends to itself; or queries and a memory `[S, K]` that is keys and values; or
    queries, keys and values. After them, if you like, a mask `[L, S]` without a batch, and truths `[S]` for each
    example that say which keys to leave out. In masks of truths `true` leaves a pair out, as in torch. Output `[L, E]`.
    MACs: those of the projections and of both products. Errors: heads that do not divide E, sizes that do not fit.
    """

    name = "multihead_attention"
    main = "num_heads"
    kind = "linear"
    label = "multi-head attention"
    field_labels = {"num_heads": "{} heads"}
    inputs = (1, 5)
    weighted = True
    uncounted = ("dropout",)
    contains = ("nn.Linear",)
    example = "{multihead_attention: 12}"
    example_inputs = ((197, 768),)

    num_heads: Positive
    dropout: Probability = 0.0
    bias: Flag = True
    add_bias_kv: Flag = False
    add_zero_attn: Flag = False

    @property
    def weighted_layers(self) -> int:
        return 2

    def dtype(self, *inputs: Shape) -> str:
        count = _count_of_values(inputs)
        super().dtype(*inputs[:count])
        for mask in inputs[count:]:
            _check_mask(self.name, mask)
        return FLOAT

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        values = [dims for dims in inputs if len(dims) == 3]
        query, key, value = _three(values or inputs)
        if not 1 <= len(values) <= 3 or inputs[: len(values)] != tuple(values):
            _misfit(self.name, "one to three sequences `[L, E]`, and masks after them", *inputs)
        if any(type(dim) is Batch for dims in values for dim in dims[1:]):
            _misfit(self.name, "the batch before the positions", *inputs)
        if differ(query[0], key[0]) or differ(query[0], value[0]):
            _misfit(self.name, "sequences of one batch", *inputs)
        if differ(key[1], value[1]):
            _misfit(self.name, "as many values as keys", *inputs)
        divisible("embed_dim", number(self.name, query[2], "the features"), "num_heads", self.num_heads)
        self._check_masks(inputs, len(values), query, key)
        return (query,)

    def _check_masks(self, inputs: Sequence[Dims], count: int, query: Dims, key: Dims) -> None:
        masks = inputs[count:]
        expected = [(query[0], key[1]) if _for_each(mask) else (query[1], key[1]) for mask in masks]
        for mask, sizes in zip(masks, expected):
            if len(mask) != 2 or any(map(differ, mask, sizes)):
                _misfit(self.name, f"a mask of {shape_text(sizes)}", *inputs)
        if len(masks) > len({*map(_for_each, masks)}):
            _misfit(self.name, "one mask of each kind", *inputs)

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        size, keys, values = self._features(inputs)
        weights: dict[str, Shape] = {"in_proj_weight": (3 * size, size)}
        if (keys, values) != (size, size):
            sizes = {"q": size, "k": keys, "v": values}
            weights = {f"{name}_proj_weight": (size, features) for name, features in sizes.items()}
        weights |= {"in_proj_bias": (3 * size,)} if self.bias else {}
        weights |= {"bias_k": (1, 1, size), "bias_v": (1, 1, size)} if self.add_bias_kv else {}
        weights |= {"out_proj.weight": (size, size)}
        return weights | ({"out_proj.bias": (size,)} if self.bias else {})

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        query, key, _ = _three([whole(shape) for shape in inputs[: _count_of_values(inputs)]])
        size, keys, values = self._features(inputs)
        attended = key[1] + self.add_bias_kv + self.add_zero_attn
        projections = 2 * size * size * query[1] + size * (keys + values) * key[1]
        return per_example(query[0] * (projections + 2 * size * query[1] * attended))

    def module(self, *inputs: Shape) -> Module:
        size, keys, values = self._features(inputs)
        others = [argument for argument in self.settings() if argument.name != self.main]
        arguments = (
            Argument("embed_dim", size, positional=True),
            Argument("num_heads", self.num_heads, positional=True),
            *others,
            Argument("kdim", None if keys == size else keys, None),
            Argument("vdim", None if values == size else values, None),
            Argument("batch_first", True),
        )
        return Module("nn.MultiheadAttention", arguments)

    def passed(self, names: Sequence[str], shapes: Sequence[Shape]) -> tuple[str, ...]:
        count = _count_of_values(shapes)
        masks = [
            f"{'key_padding_mask' if _for_each(whole(shape)) else 'attn_mask'}={name}"
            for name, shape in zip(names[count:], shapes[count:])
        ]
        return (*_three(names[:count]), *masks, "need_weights=False")

    def targets(self, *names: str) -> str:
        return f"{names[0]}, _"

    def outputs_of(self, result: Any) -> tuple[Any, ...]:
        return (result[0],)

    def _features(self, inputs: Sequence[Shape]) -> tuple[int, int, int]:
        """The features of queries, keys and values."""
        count = _count_of_values(inputs)
        if not count:
            _misfit(self.name, "a sequence `[L, E]`", *map(whole, inputs))
        given = _three([whole(shape) for shape in inputs[:count]])
        query, key, value = (number(self.name, dims[2], "the features") for dims in given)
        return query, key, value


def _count_of_values(shapes: Sequence[Shape]) -> int:
    """How many of the inputs are sequences, and no masks."""
    return sum(len(whole(shape)) == 3 for shape in shapes)


def _three(values: Sequence[Any]) -> Sequence[Any]:
    """Queries, keys and values: one sequence is all of them, the second of two is keys and values."""
    return (values[0], values[min(1, len(values) - 1)], values[-1])


def _for_each(mask: Dims) -> bool:
    """Whether a mask is another for each example."""
    return any(type(dim) is Batch for dim in mask)


def _check_mask(op: str, mask: Shape) -> None:
    if fault := tensor_fault(mask, MASKS):
        raise refused(op, fault, mask)


def _leaves_over(heads: Dim, divisor: Dim) -> bool:
    """Whether the heads of the queries are certainly no multiple of those of the keys."""
    if type(heads) is Batch or type(divisor) is Batch or not known(divisor):
        return differ(heads, divisor)
    return not possible(divisible_by(heads, divisor)) if not known(heads) else bool(heads % divisor)


def _misfit(op: str, expected: str, *inputs: Dims) -> NoReturn:
    message = f"`{op}` cannot take {', '.join(shape_text(dims) or '()' for dims in inputs)}"
    batched = [type(dims[0]) is Batch for dims in inputs if len(dims) > 2]
    each = "`{expand: [batch, -1, -1], from: [a, b]}` gives each example of `b` an `a` that has no batch"
    raise OpError("attention", message, expected=expected, help=each if True in batched and False in batched else None)
