"""Inputs that are written with their channels last, or with a batch."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from msgspec.structs import replace

from archspec.graph.dataflow import Flow, Origin
from archspec.graph.model import ENCLOSING
from archspec.language.diagnostics import Diagnostic, Note
from archspec.language.document import Document
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping, Tree, plain
from archspec.ops import Op
from archspec.ops.kinds import KINDS
from archspec.ops.shapes import Shape, is_plain, known, shape_text

COLOURS = (1, 3, 4)
"""The channels that images come with."""
SMALL = 4
"""No image is so small, or smaller."""
OF_SIZES = ("rank", "window", "join-shapes", "size")
"""The faults that an input of another layout ends in."""


def channels_last(document: Document, flow: Flow) -> Iterator[Diagnostic]:
    """Tell of an input such as `[224, 224, 3]` that goes into a convolution."""
    for shape, span in _read_by(document, flow, _reads_channels_first):
        if _is_channels_last(shape):
            first = [shape[-1], *shape[:-1]]
            yield Diagnostic(
                "channels-last",
                _channels_come_first(shape),
                span,
                help=f"for channels last write `{first}`; `# allow: channels-last` says that it is meant",
                severity="warning",
            )


def batched(document: Document, flow: Flow) -> Iterator[Diagnostic]:
    """Tell of an input such as `[1, 3, 32, 32]`, or of `[1, 784]` that goes into a linear layer."""
    images = (each for each in _read_by(document, flow, _reads_channels_first) if _is_batch_of_images(each[0]))
    vectors = (each for each in _read_by(document, flow, _is_linear) if len(each[0]) == 2 and each[0][0] == 1)
    for shape, span in (*images, *vectors):
        yield Diagnostic(
            "batched-input",
            _without_batch(shape),
            span,
            help=f"without a batch it is `{list(shape[1:])}`; `# allow: batched-input` says that it is meant",
            severity="warning",
        )


def explained(faults: Iterable[Diagnostic], document: Document) -> list[Diagnostic]:
    """Faults of a document, the first of sizes with a note on an input that it may come from."""
    told = list(faults)
    place = next((place for place, fault in enumerate(told) if fault.code in OF_SIZES), None)
    note = next(_odd_shapes(document), None)
    if place is not None and note is not None:
        told[place] = replace(told[place], notes=(*told[place].notes, note))
    return told


def _odd_shapes(document: Document) -> Iterator[Note]:
    """The inputs whose shape alone looks like a batch or like channels last."""
    for tree in _shapes(document.input):
        shape = plain(tree)
        if not isinstance(shape, list) or not all(isinstance(size, int) for size in shape):
            continue
        if _is_batch_of_images(tuple(shape)):
            yield Note(_without_batch(tuple(shape)), tree.span)
        elif _is_channels_last(tuple(shape)):
            yield Note(_channels_come_first(tuple(shape)), tree.span)


def _without_batch(shape: Shape) -> str:
    return f"the first size of {shape_text(shape)} looks like a batch: shapes are written without it"


def _channels_come_first(shape: Shape) -> str:
    return f"the input is read as {shape[0]} channels of {shape_text(shape[1:])}: channels come first"


def _is_channels_last(shape: Shape) -> bool:
    return len(shape) >= 3 and shape[-1] in COLOURS and all(size > SMALL for size in shape[:-1])


def _is_batch_of_images(shape: Shape) -> bool:
    return len(shape) == 4 and shape[1] in COLOURS[:2] and all(size > SMALL for size in shape[2:])


def _reads_channels_first(op: Op) -> bool:
    return KINDS[op.kind].spatial or op.channels_first


def _is_linear(op: Op) -> bool:
    return op.name == "linear"


def _read_by(document: Document, flow: Flow, reads: Callable[[Op], bool]) -> Iterator[tuple[Shape, Span]]:
    """The inputs of known size that some op of a kind takes first, each with the place of its shape."""
    for number, tree in enumerate(_shapes(document.input)):
        for call in flow.readers_of(Origin(ENCLOSING, number)):
            shape = call.leaf.input_shapes[call.inputs.index(Origin(ENCLOSING, number))]
            if reads(call.leaf.op) and is_plain(shape) and known(*shape):
                yield shape, tree.span
                break


def _shapes(tree: Tree) -> Iterator[Tree]:
    """The shape of each input as written."""
    if not isinstance(tree, Mapping):
        yield tree
        return
    for _, value in tree.entries:
        shape = value.get("shape") if isinstance(value, Mapping) else None
        yield shape if shape is not None else value
