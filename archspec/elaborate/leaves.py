"""An op with its fields and its inputs → a leaf of the graph.

An op and the shapes that it takes give a leaf with shapes and counts:

>>> from archspec.elaborate.example import example
>>> [conv] = example('{conv: {conv: 8, kernel_size: 3}}').root.children
>>> conv.shapes, conv.counts.params, conv.counts.macs
(((8, 30, 30),), 224, 194400)
"""

from __future__ import annotations

from collections.abc import Sequence

from msgspec.structs import replace

from archspec.elaborate.block_builder import Body, Effects, Value, refs_of, shapes_of
from archspec.elaborate.bounds import MAX_ELEMENTS, MAX_LAYERS, MAX_PARAMETERS, MAX_RANK
from archspec.elaborate.mistaken_input_channels import other_channels
from archspec.elaborate.placement import Place
from archspec.elaborate.site import Site
from archspec.graph.model import Counts, Leaf, Ref
from archspec.language.budget import SpentError
from archspec.language.diagnostics import Note
from archspec.language.nodes import NodeDef
from archspec.language.source import Span
from archspec.language.symbolic import Symbolic, TooComplexError
from archspec.language.yaml_tree import Scalar
from archspec.ops import Op, OpError, lifting
from archspec.ops.shapes import Dim, Shape, known, one_example, product, shape_text, symbolic_dims


def add_leaf(site: Site, body: Body, op: Op, node: NodeDef, values: list[Value], place: Place) -> Value:
    """Infer the op's shapes and counts, and add it; raises `Failed` after reporting what it refuses."""
    context, effects = site.context, place.effects
    shapes, inputs = shapes_of(values), refs_of(values)
    known = context.memo.leaf(op, shapes, effects)
    if known is None:
        leaf = _first(site, op, shapes, inputs, node, place)
        context.memo.keep_leaf(leaf, effects)
    else:
        leaf = replace(
            known,
            name=place.name,
            address=place.address,
            inputs=inputs,
            slot=place.slot,
            span=place.span,
            training=place.training,
            frozen=place.frozen,
        )
    context.bounds.count_parameters(place.span, leaf.counts.params)
    if len(leaf.shapes) > 1 or op.weighted_layers > 1:
        context.bounds.count_nodes(place.span, max(len(leaf.shapes), op.weighted_layers) - 1)
    return body.add(leaf, op.outputs, main=op.has_main_output)


def _first(
    site: Site,
    op: Op,
    shapes: tuple[Shape, ...],
    inputs: tuple[Ref, ...],
    node: NodeDef,
    place: Place,
) -> Leaf:
    """The first leaf of an op that takes these shapes."""
    try:
        outputs = infer(op, shapes)
        counts = _counts(op, shapes, outputs, place.effects)
    except SpentError:
        site.context.bounds.spent(place.span)
    except OpError as error:
        given = node.fields.get(error.field) if error.field else None
        site.fail(
            error.code,
            error.message,
            given.value.span if given else _culprit(op, node, shapes) or place.span,
            expected=error.expected,
            found=error.found,
            help=error.help
            or (other_channels(node, given, site.scope, shapes[0]) if given is not None and shapes else None),
            notes=_operand_notes(node, shapes),
        )
    return Leaf(
        name=place.name,
        address=place.address,
        inputs=inputs,
        input_shapes=shapes,
        shapes=outputs,
        slot=place.slot,
        span=place.span,
        training=place.training,
        frozen=place.frozen,
        tied=None,
        counts=counts,
        op=op,
    )


def _counts(op: Op, shapes: tuple[Shape, ...], outputs: tuple[Shape, ...], effects: Effects) -> Counts:
    """What is counted of an op that takes these shapes; raises `OpError` where it is too much."""
    params = sum(map(product, op.parameters(*shapes).values()))
    buffers = sum(map(product, op.buffers(*shapes).values()))
    if params > MAX_PARAMETERS:
        raise OpError(
            "too-large", f"`{op.name}` would have {params:,} parameters", expected=f"at most {MAX_PARAMETERS:,}"
        )
    try:
        macs = 0 if effects.training else lifting.macs(op, shapes, outputs)
    except TooComplexError:
        raise _too_complex(op) from None
    return Counts(params, params if effects.frozen else 0, buffers, macs)


def infer(op: Op, shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """The op's output shapes, bounded; raises `OpError` where it cannot take these inputs."""
    _check_arity(op, shapes)
    if op.weighted_layers > MAX_LAYERS:
        message = f"`{op.name}` has too many layers"
        expected, found = f"at most {MAX_LAYERS:,}", f"{op.weighted_layers:,}"
        raise OpError("too-large", message, field="num_layers", expected=expected, found=found)
    try:
        outputs = lifting.infer(op, shapes)
        for shape in outputs:
            _check_size(op, shape)
    except TooComplexError:
        raise _too_complex(op) from None
    return outputs


def _check_size(op: Op, shape: Shape) -> None:
    if len(shape) > MAX_RANK:
        message = f"the output of `{op.name}` has too many dimensions"
        raise OpError("too-large", message, expected=f"at most {MAX_RANK}", found=str(len(shape)))
    shape = one_example(shape)
    least: Sequence[float] = shape
    if not known(*shape):
        if any(dim.complexity > _MOST_TERMS for dim in symbolic_dims(shape)):
            raise TooComplexError
        product(shape)  # what is counted of it stays within bounds too
        least = [*map(_least, shape)]
    if product(least) > MAX_ELEMENTS:
        bound = f"at most {MAX_ELEMENTS:,} values"
        raise OpError("too-large", f"the output of `{op.name}` is too large", expected=bound)


def _least(dim: Dim) -> float:
    """The least that a dimension can be."""
    return max(1, float(dim.lower)) if isinstance(dim, Symbolic) else dim


def _too_complex(op: Op) -> OpError:
    message = f"the symbolic sizes of `{op.name}` are too complex"
    return OpError("too-large", message, help="give the input sizes as numbers")


_MOST_TERMS = 100
"""Real networks stay far below."""


def _check_arity(op: Op, shapes: Sequence[Shape]) -> None:
    least, most = op.inputs
    count = len(shapes) + len(getattr(op, "numbers", None) or ())
    if count < least or (most is not None and count > most):
        wanted = f"{least}" if least == most else f"at least {least}" if most is None else f"{least} to {most}"
        raise OpError(
            "inputs",
            f"`{op.name}` takes {wanted} input{'s' if wanted != '1' else ''}, found {count}",
            expected=wanted,
            found=", ".join(map(shape_text, shapes)) or "none",
        )


def _culprit(op: Op, node: NodeDef, shapes: Sequence[Shape]) -> Span | None:
    """The first operand of a join that does not go with those before it."""
    operands = _operands(node)
    if len(operands) != len(shapes):
        return None  # a name that stands for several values, or a branch that is copied
    for count in range(max(2, op.inputs[0]), len(operands) + 1):
        try:
            lifting.infer(op, shapes[:count])
        except OpError:
            return operands[count - 1].span
    return None


def _operands(node: NodeDef) -> list[Scalar]:
    """The names that a join takes, or those of its branches."""
    if node.branches is None:
        return [taken.name for taken in node.operands or ()]
    names = [entry.name for entry in node.branches.entries]
    return [name for name in names if name is not None]


def _operand_notes(node: NodeDef, shapes: Sequence[Shape]) -> tuple[Note, ...]:
    """Which operand has which shape."""
    names = _operands(node)
    if not 2 <= len(names) <= 8 or len(names) != len(shapes):
        return ()
    return (Note(", ".join(f"`{name.value}` is {shape_text(shape)}" for name, shape in zip(names, shapes))),)
