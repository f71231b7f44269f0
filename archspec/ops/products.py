"""Products and distances of several values."""

from collections.abc import Iterator, Sequence
from typing import Annotated, ClassVar, NamedTuple

from archspec.ops.arithmetic import join_error
from archspec.ops.base import Argument, Expects, Module, Op, OpError, register
from archspec.ops.field_types import Axis, Flag, Positive, PositiveReal, Real, at_least, differ, number
from archspec.ops.shapes import Batch, Count, Dim, Shape, per_example, product, shape_of, shape_text, whole
from archspec.ops.whole_tensors import Dims, WholeOp, broadcast, inside


class _Terms(NamedTuple):
    """An equation of einsum: the letters of each input, and those of the output."""

    inputs: tuple[str, ...]
    output: str


@register
class Einsum(WholeOp):
    """Sums of products over named dimensions: torch.einsum.

    `equation` has a letter for each dimension, the batch's among them: `bhld,bhsd->bhls`; what the output does not name
    is summed over. A letter stands for one size, or 1. MACs: those of the products, taken from left to right, that sum
    something. Errors: letters that do not fit the inputs, a sum over the batch.
    """

    name = "einsum"
    main = "equation"
    kind = "other"
    inputs: ClassVar[tuple[int, int | None]] = (1, None)
    shares_memory = True
    text_fields = ("equation",)
    example = '{einsum: "blc,bsc->bls", from: [queries, keys]}'
    example_inputs = ((196, 64), (49, 64))

    equation: Annotated[str, Expects("letters for each input and, after `->`, for the output")]

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        terms = self._terms(inputs)
        sizes = self._sizes(terms, inputs)
        for letter, size in sizes.items():
            if type(size) is Batch and letter not in terms.output:
                raise self._fault("the batch, which cannot be summed over, in the output", terms, inputs)
        if sum(type(sizes[letter]) is Batch for letter in terms.output) > 1:
            raise self._fault("one letter for the batch", terms, inputs)
        return (tuple(sizes[letter] for letter in terms.output),)

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        dims = [*map(whole, inputs)]
        terms = self._terms(dims)
        return sum(map(per_example, self._products(terms, self._sizes(terms, dims))))

    def expression(self, *names: str) -> str:
        return f'torch.einsum("{self.equation}", {", ".join(names)})'

    def _products(self, terms: _Terms, sizes: dict[str, Dim]) -> Iterator[Count]:
        """What each product of two costs, from left to right."""
        letters = set(terms.inputs[0])
        for place in range(1, len(terms.inputs)):
            other = set(terms.inputs[place])
            needed = {*terms.output, *"".join(terms.inputs[place + 1 :])}
            if summed := letters & other - needed:
                yield product(sizes[letter] for letter in sorted((letters | other) & needed | summed))
            letters = (letters | other) & needed

    def _terms(self, inputs: Sequence[Dims]) -> _Terms:
        """What the equation says; an error where it does not fit the inputs."""
        before, arrow, output = self.equation.replace(" ", "").partition("->")
        terms = _Terms(tuple(before.split(",")), output)
        every = "".join(terms.inputs)
        plain_letters = all(letter.isascii() and letter.isalpha() for letter in every + output)
        if not arrow or not plain_letters or set(output) - set(every) or len(set(output)) != len(output):
            raise self._fault("letters, `,` between inputs, and `->` before those of the output", terms, inputs)
        if [*map(len, terms.inputs)] != [*map(len, inputs)]:
            raise self._fault("a letter for each dimension, the batch's among them", terms, inputs)
        return terms

    def _sizes(self, terms: _Terms, inputs: Sequence[Dims]) -> dict[str, Dim]:
        """The size that each letter stands for."""
        sizes: dict[str, Dim] = {}
        for letters, dims in zip(terms.inputs, inputs):
            within: dict[str, Dim] = {}
            for letter, dim in zip(letters, dims):
                common = broadcast((sizes.get(letter, 1),), (dim,))
                if common is None or differ(within.setdefault(letter, dim), dim):
                    raise self._fault(f"one size for `{letter}`", terms, inputs)
                sizes[letter] = common[0]
        return sizes

    def _fault(self, expected: str, terms: _Terms, inputs: Sequence[Dims]) -> OpError:
        found = ", ".join(shape_text(shape_of(dims)) or "()" for dims in inputs)
        message = f"`{self.equation}` does not go with {found}"
        return OpError("equation", message, field="equation", expected=expected)


@register
class CosineSimilarity(WholeOp):
    """The cosine of the angle between two values' vectors along `dim`: torch.nn.CosineSimilarity.

    Sizes are broadcast as in `add`; output as both without `dim`. Errors: sizes that differ where neither is 1.
    """

    name = "cosine_similarity"
    main = "dim"
    kind = "other"
    unlabelled = ("eps",)
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)
    commutative = True
    example = "{cosine_similarity: 1, from: [one, other]}"
    example_inputs = ((512,), (512,))

    dim: Axis = 1
    eps: PositiveReal = 1e-8

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        one, other = inputs
        common = broadcast(one, other)
        if common is None:
            raise join_error(self.name, one, other, 2, "the same sizes, or 1 in their place,")
        at = inside(self.name, "dim", self.dim, common)
        return ((*common[:at], *common[at + 1 :]),)

    def module(self, *inputs: Shape) -> Module:
        return Module("nn.CosineSimilarity", self.settings())


@register
class PairwiseDistance(WholeOp):
    """The distance of two values' vectors along the last dimension: torch.nn.PairwiseDistance.

    `norm` says in which sense: 2 for Euclid's. Sizes are broadcast as in `add`; output as both without the last, or
    with 1 in its place under `keepdim`. Errors: sizes that differ where neither is 1.
    """

    name = "pairwise_distance"
    main = "norm"
    kind = "other"
    unlabelled = ("eps",)
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)
    saves_output = True
    example = "{pairwise_distance: 2, from: [one, other]}"
    example_inputs = ((512,), (512,))

    norm: Real = 2.0
    eps: PositiveReal = 1e-6
    keepdim: Flag = False

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        one, other = inputs
        common = broadcast(one, other)
        if common is None:
            raise join_error(self.name, one, other, 2, "the same sizes, or 1 in their place,")
        inside(self.name, "norm", -1, common)
        return ((*common[:-1], 1) if self.keepdim else common[:-1],)

    def module(self, *inputs: Shape) -> Module:
        p, eps, keepdim = (Argument(name, value, default) for name, value, default in self._arguments())
        return Module("nn.PairwiseDistance", (p, eps, keepdim))

    def _arguments(self) -> Iterator[tuple[str, object, object]]:
        yield "p", self.norm, 2.0
        yield "eps", self.eps, 1e-6
        yield "keepdim", self.keepdim, False


@register
class Bilinear(Op):
    """A form of two values, learned for each output: torch.nn.Bilinear.

    Inputs `[*, in1]` and `[*, in2]`, output `[*, out_features]`. MACs: output elements × (in1 + 1) × in2. Errors:
    inputs that differ but in their last dimension.
    """

    name = "bilinear"
    main = "out_features"
    kind = "linear"
    field_labels = {"out_features": "{}D"}
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)
    weighted = True
    example = "{bilinear: 40, from: [one, other]}"
    example_inputs = ((20,), (30,))

    out_features: Positive
    bias: Flag = True

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        one, other = inputs
        self._features(one, other)
        if len(one) != len(other) or any(map(differ, one[:-1], other[:-1])):
            raise OpError(
                "join-shapes",
                f"`bilinear` cannot take {shape_text(one)} and {shape_text(other)}",
                expected="the same sizes but for the last",
            )
        return ((*one[:-1], self.out_features),)

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        weights: dict[str, Shape] = {"weight": (self.out_features, *self._features(*inputs))}
        return weights | ({"bias": (self.out_features,)} if self.bias else {})

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        one, other = self._features(*inputs)
        return product(outputs[0]) * (one + 1) * other

    def module(self, *inputs: Shape) -> Module:
        one, other = self._features(*inputs)
        sizes = {"in1_features": one, "in2_features": other, "out_features": self.out_features}
        arguments = [Argument(name, size, positional=True) for name, size in sizes.items()]
        return Module("nn.Bilinear", (*arguments, Argument("bias", self.bias, True)))

    def _features(self, *inputs: Shape) -> tuple[int, int]:
        for shape in inputs:
            at_least(self.name, shape, 1)
        one, other = (number(self.name, shape[-1], "the last dimension") for shape in inputs)
        return one, other
