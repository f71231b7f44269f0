"""A network's inputs as a page says them."""

from __future__ import annotations

from archspec.graph.model import Graph
from archspec.importing.page.scalars import Tree, Word, value_tree
from archspec.ops.shapes import FLOAT, Carried, Shape


def inputs(graph: Graph) -> Tree:
    """A shape, or one for each input by its name."""
    root = graph.root
    if root.input_names == ("input",) and not isinstance(root.input_shapes[0], Carried):
        return _sizes(root.input_shapes[0])
    return {Word(name): _input(shape) for name, shape in zip(root.input_names, root.input_shapes)}


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
