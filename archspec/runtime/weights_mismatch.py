"""Weights that do not fit a network: what the file has, what the network wants, and how far they go together."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from archspec.analysis.state_dict import TensorFit
from archspec.graph.model import Graph
from archspec.language.diagnostics import SpecError
from archspec.ops.shapes import shape_text
from archspec.runtime.weights_file import weights_error
from archspec.runtime.weights_map import Named

if TYPE_CHECKING:
    from torch import Tensor

SHOWN = 20
"""How many tensors at fault are told one by one."""
FIRST = 5
"""How many tensors of either side are shown where most have no counterpart."""
_COUNTER = ".num_batches_tracked"


def mismatch(graph: Graph, own: Mapping[str, Tensor], named: Named, fits: TensorFit, faults: list[str]) -> SpecError:
    """The error: tensor by tensor where most are those of the network, and both sides where they are not."""
    message = f"the weights do not fit `{graph.name}`"
    if 2 * len(fits.fitting) >= len(own):
        more = [f"and {len(faults) - SHOWN} more"] if len(faults) > SHOWN else []
        return weights_error(
            "weights-mismatch",
            message,
            found="\n".join([*faults[:SHOWN], *more]),
            help=_help(graph, own, fits),
            notes=named.notes,
        )
    wanted, there = _counted(own), _counted(named.tensors)
    return weights_error(
        "weights-mismatch",
        message,
        expected=_listed(wanted),
        found=_listed({named.label(name): shape for name, shape in there.items()}),
        help=_in_order(list(wanted.items()), list(there.items())),
        notes=named.notes,
    )


def _help(graph: Graph, own: Mapping[str, Tensor], fits: TensorFit) -> str | None:
    """What a file needs that fits but for its last layer."""
    last = [name.rpartition(".")[0] for name in own][-1:]
    wrong = {name.rpartition(".")[0] for name in (*fits.misshapen, *fits.missing)}
    if wrong == set(last) and not fits.extra and "num_classes" in graph.settings:
        return "set the network's number of classes (`num_classes`): its last layer then starts fresh where it differs"
    return None


def _counted(state: Mapping[str, Tensor]) -> dict[str, tuple[int, ...]]:
    """The shapes that say something: every batch norm counts its batches."""
    return {name: tuple(tensor.shape) for name, tensor in state.items() if not name.endswith(_COUNTER)}


def _listed(shapes: Mapping[str, tuple[int, ...]]) -> str:
    first = (f"{name} {shape_text(shape)}" for name, shape in list(shapes.items())[:FIRST])
    return f"{len(shapes)} tensors: {', '.join(first)}{', …' if len(shapes) > FIRST else ''}"


def _in_order(own: list[tuple[str, tuple[int, ...]]], given: list[tuple[str, tuple[int, ...]]]) -> str:
    """Whether the shapes are the same one after another, or up to where they are."""
    alike = _length(one == other for (_, one), (_, other) in zip(own, given))
    if alike == len(own) == len(given):
        return f"all {alike} shapes are the same, one after another: only the names differ, so map them under `weights`"
    if alike == min(len(own), len(given)):
        return f"the first {alike} shapes are the same, one after another; then one side has no more"
    (name, wanted), (other, found) = own[alike], given[alike]
    texts = f"`{other}` {shape_text(found)} in place of `{name}` {shape_text(wanted)}"
    if not alike:
        return f"the shapes differ from the first on: {texts}"
    return f"the first {alike} shapes are the same, one after another; then the file has {texts}"


def _length(truths: Iterable[bool]) -> int:
    count = 0
    for each in truths:
        if not each:
            break
        count += 1
    return count
