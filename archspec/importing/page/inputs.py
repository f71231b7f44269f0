"""A network's inputs as a page says them."""

from __future__ import annotations

from archspec.graph.model import Block, Graph
from archspec.importing.page.scalars import Tree, Word, value_tree
from archspec.ops.shapes import FLOAT, Carried, Shape


def inputs(graph: Graph) -> Tree:
    """A shape, or one for each input by its name."""
    names, shapes = names_of(graph.root), graph.root.input_shapes
    return _sizes(shapes[0]) if names == ("input",) else {Word(name): _input(each) for name, each in zip(names, shapes)}


def names_of(block: Block) -> tuple[str, ...]:
    """The names of a block's inputs on a page: a lone one has none, unless more than its shape is to be said."""
    said = not block.address and any(isinstance(shape, Carried) for shape in block.input_shapes)
    return block.input_names if said or len(block.input_names) != 1 else ("input",)


def _input(shape: Shape) -> Tree:
    """The sizes, and what else there is to say of it."""
    if not isinstance(shape, Carried):
        return _sizes(shape)
    if shape.form == "records":
        what: dict[str, Tree] = {Word("fields"): {Word(name): _input(each) for name, each in shape.fields}}
    else:
        what = {Word("shape"): _sizes(shape)}
    more = {
        "dtype": shape.dtype if shape.dtype != FLOAT else None,
        "list": "true" if shape.form == "list" else None,
        "optional": "true" if shape.optional else None,
    }
    return what | {Word(name): Word(text) for name, text in more.items() if text}


def _sizes(shape: Shape) -> Tree:
    return value_tree(tuple(shape))
