"""Ops, sizes and places in the words of papers: `7×7 conv, 64, /2`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

from archspec.graph.model import Block, Leaf, NodeType
from archspec.language.source import Span
from archspec.language.symbolic import Monomial, monomial_text
from archspec.ops.base import Op
from archspec.ops.shapes import Carried, Count, Shape, form_of, is_plain, known, shape_text
from archspec.ops.value_text import value_text

_TOLD = {"kernel_size", "stride", "padding", "output_padding", "groups", "connections", "output_size"}
"""Fields that have words of their own, or that the shape tells."""


def node_words(node: NodeType) -> str:
    """What a node is: an op in the words of its paper, a block by its title; empty for a nested graph without one."""
    return op_words(node.op, *node.input_shapes) if isinstance(node, Leaf) else node.title or ""


def op_words(op: Op, *inputs: Shape, symbols: Mapping[str, Any] = MappingProxyType({})) -> str:
    """An op as a paper's figure says it; `symbols` stand in place of the values of fields.

    >>> from archspec.ops import ops
    >>> op_words(ops()["conv"](out_channels=64, kernel_size=7, stride=2, padding=3), (3, 224, 224))
    '7×7 conv, 64, /2'
    >>> op_words(ops()["conv"](out_channels=64, kernel_size=3), (3, 224, 224), symbols={"kernel_size": "k"})
    'k×k conv, 64'
    """
    fields = {name: symbols.get(name, getattr(op, name)) for name in op.field_names()}
    return ", ".join([_head(op, fields, inputs), *_details(op, fields, inputs)])


def layer_words(op: Op, *inputs: Shape) -> str:
    """An op as it is said where the number of channels or features that it gives stands beside.

    >>> from archspec.ops import ops
    >>> layer_words(ops()["conv"](out_channels=64, kernel_size=7, stride=2, padding=3), (3, 224, 224))
    '7×7 conv, /2'
    >>> layer_words(ops()["linear"](out_features=10), (84,))
    'fc'
    """
    words = op_words(op, *inputs)
    if not op.weighted:
        return words
    size = value_text(getattr(op, op.main or ""))
    return words.replace(f", {size}", "", 1) if f", {size}" in words else words.replace(f" {size}", "", 1)


def short_words(op: Op) -> str:
    """An op that goes along with a layer, in a word or two.

    >>> from archspec.ops import ops
    >>> short_words(ops()["batch_norm"]()), short_words(ops()["dropout"](p=0.5))
    ('BN', 'dropout 0.5')
    """
    if op.abbreviation:
        return op.abbreviation
    if op.kind == "regularization" and op.main in op.field_names():
        return f"{op.name.replace('_', ' ')} {value_text(getattr(op, op.main or ''))}"
    return op.called()


def count_text(count: Count) -> str:
    """A count in full.

    >>> count_text(25557032)
    '25,557,032'
    """
    return f"{count:,}" if known(count) else _terms_text(count, count_text)


def rounded_text(count: Count) -> str:
    """A count to three digits.

    >>> rounded_text(4_089_184_256), rounded_text(640)
    ('4.09 G', '640')
    """
    if not known(count):
        return _terms_text(count, rounded_text)
    for scale, unit in ((10**12, "T"), (10**9, "G"), (10**6, "M"), (10**3, "k")):
        if count >= 0.9995 * scale:
            value = float(f"{count / scale:.3g}")
            return f"{value:.{2 if value < 10 else 1 if value < 100 else 0}f} {unit}"
    return str(count)


def _terms_text(count: Count, number_text: Callable[[int], str]) -> str:
    """A count that depends on symbolic sizes, its numbers written by `number_text`: `148 M·T + 640`."""
    terms = count.ordered()
    (factor, sizes), *others = terms[:_MOST_TERMS]
    first = _term_text(factor, sizes, number_text)
    signed = [
        f" {'-' if factor < 0 else '+'} {_term_text(abs(factor), sizes, number_text)}" for factor, sizes in others
    ]
    if len(terms) > _MOST_TERMS:
        signed.append(f" + {len(terms) - _MOST_TERMS:,} more terms")
    return first + "".join(signed)


_MOST_TERMS = 12
"""So many terms of a count are written out: networks whose sizes are rounded in many ways have hundreds."""


def _term_text(factor: Any, sizes: Monomial, number_text: Callable[[int], str]) -> str:
    text = monomial_text(sizes).replace("**2", "²").replace("**3", "³").replace("*", "·")
    if not sizes:
        return number_text(int(factor))
    if factor.denominator != 1:
        return f"{factor}·{text}"
    return text if factor == 1 else f"{number_text(int(factor))}·{text}"


def shapes_text(shapes: tuple[Shape, ...]) -> str:
    """The shapes of several values."""
    return ", ".join(shape_text(shape) or "scalar" for shape in shapes)


def inputs_text(node: NodeType) -> str:
    """The shapes of what a node takes; several inputs of a block with their names."""
    return _named_text(node.input_names if isinstance(node, Block) else (), node.input_shapes)


def outputs_text(node: NodeType) -> str:
    """The shapes of what a node gives, with the names of several that have some."""
    return _named_text(
        [each.name for each in node.results] if isinstance(node, Block) else node.op.outputs, node.shapes
    )


def _named_text(names: Sequence[str | None], shapes: tuple[Shape, ...]) -> str:
    if len(shapes) < 2 or len(names) != len(shapes):
        return shapes_text(shapes)
    texts = (shapes_text((shape,)) for shape in shapes)
    return ", ".join(f"{name} {text}" if name else text for name, text in zip(names, texts))


def are_alike(one: Shape, other: Shape) -> bool:
    """Whether two values are alike but for the sizes after the first: maps of as many channels, as a pyramid has."""
    plain = is_plain(one) and is_plain(other)
    return one == other or (plain and len(one) == len(other) > 1 and one[0] == other[0])


def range_text(shapes: Sequence[Shape]) -> str:
    """The shapes of several values that belong together, from the first to the last.

    >>> range_text([(256, 100, 100), (256, 50, 50), (256, 25, 25)]), range_text([(8, 7, 7), (8, 7, 7)])
    ('256×100×100 … 25×25', '8×7×7')
    >>> range_text([(256, 56, 56), (512, 28, 28)])
    '256×56×56 … 512×28×28'
    """
    first, last = shapes[0], shapes[-1]
    if all(shape == first for shape in shapes):
        return shapes_text((first,))
    rest = last[1:] if all(are_alike(shape, first) for shape in shapes) else last
    return f"{shapes_text((first,))} … {shapes_text((rest,))}"


def shown_shapes(shapes: Sequence[Shape], of_blocks: bool) -> str:
    """What is told of the shapes of values that share a place and have a name there; nothing where those `of_blocks`
    differ. The fields of a record stand on a line each.

    >>> shown_shapes([(8, 7, 7), (8, 5, 5)], of_blocks=False), shown_shapes([(8, 7, 7), (8, 5, 5)], of_blocks=True)
    ('8×7×7 … 5×5', '')
    """
    first = shapes[0]
    if any(shape != first for shape in shapes):
        return "" if of_blocks else range_text(shapes)
    if isinstance(first, Carried) and first.fields:
        return "\n".join(f"{name} {shape_text(each)}".rstrip() for name, each in first.fields)
    return shape_text(tuple(first)) if form_of(first) == "sizes" else shapes_text((first,))


def place_text(span: Span) -> str:
    """The file and line a node comes from, without the folders, so that it reads alike everywhere.

    >>> from archspec.language.source import Source
    >>> place_text(Span(Source("/tmp/net.yaml", ""), 3, 1, 3, 2))
    'net.yaml line 3'
    """
    return f"{file_name(span)} line {span.line}"


def file_name(span: Span) -> str:
    """The name of the file a node comes from; standard blocks keep their folder."""
    name = span.source.name
    return name if span.source.standard else Path(name).name


def tied_address(node: NodeType, block: Block) -> str | None:
    """The address of the node whose weights a node of `block` uses again."""
    return None if node.tied is None else block.children[node.tied].address


def _head(op: Op, fields: dict[str, Any], inputs: tuple[Shape, ...]) -> str:
    headline = op.headline(fields, len(inputs))
    if headline is not None:
        return headline
    name = op.called()
    rank = max(map(len, inputs), default=1) - 1
    if "kernel_size" in fields:
        return f"{_window(fields['kernel_size'], rank)} {_depthwise(fields, inputs)}{name}"
    if "output_size" in fields:
        return _adaptive(name.removeprefix("adaptive "), fields["output_size"], rank)
    main = fields.get(op.main) if op.main else None
    if op.main and main not in (None, ()) and op.main not in op.unlabelled and not _is_default(op, op.main, main):
        if op.main in ("dim", "dims"):
            return f"{name} {_dims(main, inputs[0], over=op.kind != 'shape')}"
        if isinstance(main, tuple) and isinstance(main[0], tuple):
            return f"{name} {len(main)}"
        many = isinstance(main, (list, tuple)) and len(main) > 4
        return f"{name} {value_text(main[0])} … {value_text(main[-1])}" if many else f"{name} {value_text(main)}"
    return name


def _dims(dims: int | str | tuple[int, ...], shape: Shape, *, over: bool) -> str:
    """The dimensions that an op goes over, or their new order; one of a symbolic size is called by it."""
    numbers = dims if isinstance(dims, tuple) else (dims,)
    texts = [value_text(number) for number in numbers]
    if not over and len(numbers) > 1:
        return ", ".join(texts)
    sizes = {number: each for at, each in enumerate(shape) for number in (at + 1, at - len(shape))}
    called = [str(sizes[number]) for number in numbers if number in sizes and not isinstance(sizes[number], int)]
    if over and len(called) == len(numbers):
        text = ", ".join(called)
    elif numbers == (-1,):
        text = "the last dim"
    else:
        text = f"dim{'s' if len(numbers) > 1 else ''} {', '.join(texts)}"
    return f"over {text}" if over else text


def _details(op: Op, fields: dict[str, Any], inputs: tuple[Shape, ...]) -> Iterator[str]:
    if "kernel_size" in fields and op.main != "kernel_size":
        yield value_text(fields[op.main or ""])
    yield from _stride(fields)
    if fields.get("groups", 1) != 1 and op.main != "groups" and not _depthwise(fields, inputs):
        yield f"{fields['groups']} groups"
    if fields.get("connections") is not None:
        yield "by a table"
    told = _TOLD.union(op.unlabelled, op.internal, (op.main,))
    for name, value in fields.items():
        without = name == "bias" and value is False
        if name not in told and not without and not _is_default(op, name, value):
            words = name.replace("_", " ")
            if name in op.field_labels:
                yield op.field_labels[name].format(value)
            else:
                yield words if value is True else f"{words} {value_text(value)}"


def _window(size: int | str | tuple[int, ...], rank: int) -> str:
    sizes = size if isinstance(size, tuple) else (size,) * rank
    return "×".join(map(str, sizes)) if len(sizes) != 1 else f"size-{sizes[0]}"


def _depthwise(fields: dict[str, Any], inputs: tuple[Shape, ...]) -> str:
    groups = fields.get("groups", 1)
    return "depthwise " if groups != 1 and groups == inputs[0][0] else ""


def _adaptive(name: str, size: Any, rank: int) -> str:
    sizes = (size,) * rank if not isinstance(size, tuple) else size
    return f"global {name}" if all(each == 1 for each in sizes) else f"{name} to {'×'.join(map(value_text, sizes))}"


def _stride(fields: dict[str, Any]) -> Iterator[str]:
    stride = fields.get("stride", 1)
    stride = fields["kernel_size"] if stride is None else stride
    if isinstance(stride, tuple) and len(set(stride)) == 1:
        stride = stride[0]
    if stride != 1:
        sign = "↑" if "output_padding" in fields else "/"
        yield sign + ("×".join(map(str, stride)) if isinstance(stride, tuple) else str(stride))


def _is_default(op: Op, name: str, value: Any) -> bool:
    info = type(op).model_fields[name]
    return not info.is_required() and bool(info.default == value)
