"""The tensors of a network's state_dict by name and shape, and how those of one network fit another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from msgspec import Struct

from archspec.graph.model import Block, Graph
from archspec.ops.shapes import Shape


def tensors(graph: Graph) -> dict[str, Shape]:
    """Every entry of the module's state_dict, parameters and buffers, in its order; tied weights stand there once.

    >>> import archspec
    >>> tensors(archspec.read("lenet").graph)["C3.weight"]
    (16, 6, 5, 5)
    """
    return dict(_tensors(graph.root, ""))


def _tensors(block: Block, prefix: str) -> Iterator[tuple[str, Shape]]:
    for child in block.children:
        if child.tied is not None:
            continue
        if isinstance(child, Block):
            yield from _tensors(child, f"{prefix}{child.name}.")
        else:
            for name, shape in (child.parameters | child.buffers).items():
                yield key(f"{prefix}{child.name}", name), shape


def key(address: str, tensor: str) -> str:
    """The state_dict's name of a tensor; one that a module holds under the node's own name has none beside it.

    >>> key("conv1", "weight"), key("class_token", "")
    ('conv1.weight', 'class_token')
    """
    return f"{address}.{tensor}" if tensor else address


class TensorFit(Struct, frozen=True):
    """What becomes of the tensors of one state_dict when it is loaded into another.

    `fitting` have the same name and shape in both, `misshapen` the same name only; `missing` are those that the module
    has alone, `extra` those that the file has alone.
    """

    fitting: tuple[str, ...]
    misshapen: tuple[str, ...]
    missing: tuple[str, ...]
    extra: tuple[str, ...]


def fit(own: Mapping[str, Shape], given: Mapping[str, Shape]) -> TensorFit:
    """How the tensors `given` fit a module that has its `own`.

    >>> fit({"a": (2,), "b": (3,), "c": ()}, {"a": (2,), "b": (4,), "d": ()})
    TensorFit(fitting=('a',), misshapen=('b',), missing=('c',), extra=('d',))
    """
    shared = [name for name in own if name in given]
    return TensorFit(
        fitting=tuple(name for name in shared if own[name] == given[name]),
        misshapen=tuple(name for name in shared if own[name] != given[name]),
        missing=tuple(name for name in own if name not in given),
        extra=tuple(name for name in given if name not in own),
    )
