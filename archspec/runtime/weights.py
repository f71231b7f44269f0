"""Weights from a file or from torchvision → a module, with every tensor accounted for."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from msgspec import Struct

from archspec.analysis.state_dict import fit
from archspec.graph.model import Graph, Leaf
from archspec.language.diagnostics import did_you_mean
from archspec.language.weights_map import Rules
from archspec.ops.shapes import Shape, shape_text
from archspec.runtime.weights_file import prefixes, unwrapped, weights_error
from archspec.runtime.weights_map import Named, mapped
from archspec.runtime.weights_mismatch import mismatch

if TYPE_CHECKING:
    from torch import Tensor, nn

_COUNTER = ".num_batches_tracked"
_OLD_NAMES: tuple[tuple[str, str | Callable[[re.Match[str]], str]], ...] = (
    (r"\.(norm|relu|conv)\.([12])\.", r".\1\2."),
    (r"\.(inner_blocks|layer_blocks)\.(\d+)\.(weight|bias)$", r".\1.\2.0.\3"),
    (r"^rpn\.head\.conv\.(weight|bias)$", r"rpn.head.conv.0.0.\1"),
    (r"\.mask_fcn(\d+)\.", lambda old: f".{int(old[1]) - 1}.0."),
    (r"\.mlp\.linear_([12])\.", lambda old: f".mlp.{3 * (int(old[1]) - 1)}."),
    (r"_head\.conv\.(\d+)\.(weight|bias)$", lambda old: f"_head.conv.{int(old[1]) // 2}.0.{old[2]}"),
)
"""How torchvision's published files spell tensors that its modules have renamed since.

In DenseNet attributes had dots in them; in the pyramids and heads of detectors convolutions have become blocks; in ViT
the layers of MLPs had names.
"""


FirstConv: TypeAlias = Literal["sum", "fresh"]
"""What becomes of the weights of the first convolutions where the input has other channels than these are made for."""


class Loaded(Struct, frozen=True):
    """What came of loading: the tensors that were loaded, those left as initialised, and those of the file not used.

    `summed` are those of the loaded ones that were summed, or repeated, over the channels of the input.
    """

    loaded: tuple[str, ...]
    fresh: tuple[str, ...]
    unused: tuple[str, ...]
    summed: tuple[str, ...] = ()

    def __str__(self) -> str:
        parts = [f"{len(self.loaded)} tensors loaded"]
        if self.summed:
            parts.append("summed over the channels of the input: " + ", ".join(self.summed))
        if self.fresh:
            parts.append("left as initialised: " + ", ".join(self.fresh))
        if self.unused:
            parts.append("not used: " + ", ".join(self.unused))
        return "; ".join(parts)


def torchvision_weights(builder: str, weights: Any) -> dict[str, Tensor]:
    """The tensors of one of torchvision's pre-trained weights, by its name (`DEFAULT`, `IMAGENET1K_V2`) or member."""
    from torchvision.models import get_model_weights, list_models

    if builder not in list_models():
        raise weights_error(
            "weights", f"torchvision has no weights for `{builder}`", help='give a file: `weights="model.safetensors"`'
        )
    members = get_model_weights(builder)
    if isinstance(weights, str):
        name = weights.rpartition(".")[2]
        if name not in members.__members__:
            known = list(members.__members__)
            raise weights_error("weights", f"`{builder}` has no weights `{weights}`", help=did_you_mean(name, known))
        weights = members[name]
    try:
        state: dict[str, Tensor] = weights.get_state_dict(progress=True, check_hash=True)
    except OSError as error:
        reason = _first_line(error).strip("<>").removeprefix("urlopen error ")
        raise weights_error(
            "weights-download",
            f"the weights `{weights}` could not be downloaded",
            found=reason,
            help="download them elsewhere, and give the file",
        ) from None
    return state


def load_weights(
    module: nn.Module,
    graph: Graph,
    state: Mapping[str, Tensor],
    head: Iterable[str] = (),
    optional: Iterable[str] = (),
    partial: bool = False,
    maps: Iterable[Rules] = (),
    summed: Iterable[str] = (),
) -> Loaded:
    """Copy tensors into a module, whatever wrapper's prefix stands before their names, and of `maps` by the best one.

    `head` are addresses of leaves whose tensors stay as initialised where they are absent from the file, or their
    shapes differ; `summed` are those of convolutions whose weights may be made for an input of other channels;
    `optional` are addresses of parts that may be absent from the file or from the graph. The numbers of batches that
    batch norms have seen may be absent too, and a frozen batch norm has no use for them. Of a `partial` module the file
    may have more. Any other missing, extra or misshapen tensor raises `SpecError` that tells them, and then nothing
    was loaded.
    """
    own = module.state_dict()
    named, others = _named(state, own, graph, tuple(maps) or ((),))
    state = {name: tensor for name, tensor in named.tensors.items() if name in own or not partial}
    weights = (f"{each}.weight" for each in summed)
    other = [name for name in weights if name in own and _is_made_for_others(name, own, state)]
    state |= {name: _over_channels(state[name], own[name].shape[1]) for name in other}
    heads, parts = tuple(head), tuple(optional)
    fits = fit(_shapes(own), _shapes(state))
    twins = _twins(module)
    missing = [
        name
        for name in fits.missing
        if not name.endswith(_COUNTER) and not any(each in state for each in twins.get(name, ()))
    ]
    extra = [name for name in fits.extra if not (name.endswith(_COUNTER) and f"{_owner(name)}.running_mean" in own)]
    left = {_owner(name) for name in fits.misshapen}
    fresh = [name for name in own if _owner(name) in left or name in missing]
    loaded = {name: state[name] for name in own if name in state and name not in fresh}
    faults = [
        *named.twice,
        *(_misshapen(name, own, named) for name in fits.misshapen if not _inside(name, heads)),
        *(_lacking("missing", name, own[name]) for name in missing if not _inside(name, (*parts, *heads))),
        *(_lacking("extra", named.label(name), state[name]) for name in extra if not _inside(name, parts)),
        *(f"unlike: {name} {fault}" for name, each in loaded.items() if (fault := _unlike(each, own[name]))),
    ]
    if faults:
        raise mismatch(graph, own, named, fits, faults)
    meta = any(tensor.is_meta for tensor in own.values())
    module.load_state_dict(loaded, strict=False, assign=meta)
    if meta:
        _tie_again(module, twins, loaded)
    return Loaded(tuple(loaded), tuple(fresh), (*fits.extra, *others, *named.left_out), tuple(other))


def _named(
    state: Mapping[str, Tensor], own: Mapping[str, Tensor], graph: Graph, maps: tuple[Rules, ...]
) -> tuple[Named, tuple[str, ...]]:
    """The tensors under the module's names, by the map by which most fit, and the file's names beside the network."""
    best: tuple[int, Named, tuple[str, ...]] | None = None
    for rules in maps:
        for named, others in _readings(state, own, graph, rules):
            fitting = len(fit(_shapes(own), _shapes(named.tensors)).fitting)
            if best is None or fitting > best[0]:
                best = fitting, named, others
    assert best is not None, "there is a map, if only one without rules"
    return best[1:]


def _readings(
    state: Mapping[str, Tensor], own: Mapping[str, Tensor], graph: Graph, rules: Rules
) -> Iterator[tuple[Named, tuple[str, ...]]]:
    """The tensors with a map done to them, with and without a wrapper's prefix in the file."""
    if not rules:
        state = {_current_name(name, own): tensor for name, tensor in state.items()}
        state, others = unwrapped(state, own)
        yield Named.of({_current_name(name, own): tensor for name, tensor in state.items()}), others
        return
    for prefix in prefixes(state):
        held = {name.removeprefix(prefix): tensor for name, tensor in state.items() if name.startswith(prefix)}
        others = tuple(name for name in state if not name.startswith(prefix))
        yield mapped(held, rules, own, graph.settings), others


def _twins(module: nn.Module) -> dict[str, tuple[str, ...]]:
    """For each name of a parameter that has several: all of them."""
    names: dict[int, list[str]] = defaultdict(list)
    for name, parameter in module.named_parameters(remove_duplicate=False):
        names[id(parameter)].append(name)
    return {name: tuple(each) for each in names.values() if len(each) > 1 for name in each}


def _tie_again(module: nn.Module, twins: Mapping[str, tuple[str, ...]], loaded: Mapping[str, Tensor]) -> None:
    """One parameter under all of its names, of which new ones were put in the place of some."""
    for names in dict.fromkeys(twins.values()):
        given = next((name for name in names if name in loaded), None)
        for name in names if given is not None else ():
            owner, _, own = name.rpartition(".")
            setattr(module.get_submodule(owner), own, module.get_parameter(str(given)))


def head_of(graph: Graph, documented: Graph) -> tuple[str, ...]:
    """The leaves whose tensors have other shapes than in the documented architecture: what `num_classes` changes."""
    before = {node.address: _weights(node) for node in documented.walk() if isinstance(node, Leaf)}
    return tuple(
        node.address
        for node in graph.walk()
        if isinstance(node, Leaf) and node.address in before and before[node.address] != _weights(node)
    )


def first_convolutions(graph: Graph, documented: Graph) -> tuple[str, ...]:
    """The convolutions that take the network's input itself, where that has other channels than is documented."""
    before = {node.address: node for node in documented.walk() if isinstance(node, Leaf)}
    channels = {shape[0] for shape in documented.root.input_shapes if shape}
    return tuple(
        node.address
        for node in graph.walk()
        if isinstance(node, Leaf)
        and node.op.name == "conv"
        and (old := before.get(node.address)) is not None
        and old.input_shapes[0][:1] != node.input_shapes[0][:1]
        and old.input_shapes[0][0] in channels
        and old.parameters["weight"][1] == old.input_shapes[0][0]
        and node.parameters["weight"][1] == node.input_shapes[0][0]
    )


def _is_made_for_others(name: str, own: Mapping[str, Tensor], state: Mapping[str, Tensor]) -> bool:
    """Whether a weight of the file differs from the network's in its input channels alone."""
    given, wanted = (list(each[name].shape) if name in each else [] for each in (state, own))
    return len(given) > 1 and given != wanted and given[:1] + given[2:] == wanted[:1] + wanted[2:]


def _over_channels(weight: Tensor, channels: int) -> Tensor:
    """A convolution's weight for another number of channels: summed for one, and else taken in turn and scaled."""
    given = weight.shape[1]
    if channels == 1:
        return weight.sum(1, keepdim=True)
    return weight[:, [number % given for number in range(channels)]] * (given / channels)


def _weights(leaf: Leaf) -> dict[str, Shape]:
    return {**leaf.parameters, **leaf.buffers}


def _shapes(state: Mapping[str, Tensor]) -> dict[str, Shape]:
    return {name: tuple(tensor.shape) for name, tensor in state.items()}


def _inside(name: str, addresses: tuple[str, ...]) -> bool:
    return any(name == address or name.startswith(f"{address}.") for address in addresses)


def _owner(name: str) -> str:
    return name.rpartition(".")[0]


def _misshapen(name: str, own: Mapping[str, Tensor], named: Named) -> str:
    given, wanted = (shape_text(tuple(each.shape)) for each in (named.tensors[name], own[name]))
    return f"misshapen: {named.label(name)} is {given}, not {wanted}"


def _lacking(what: str, name: str, tensor: Tensor) -> str:
    return f"{what}: {name} {shape_text(tuple(tensor.shape))}"


def _unlike(given: Tensor, own: Tensor) -> str | None:
    """Why a tensor's values cannot take another's place, though it has its shape."""
    if given.is_meta:
        return "has a shape, but no values"
    if given.layout != own.layout or given.is_quantized or given.is_complex() != own.is_complex():
        kind = "quantized" if given.is_quantized else str(given.dtype if given.layout == own.layout else given.layout)
        return f"is {kind.removeprefix('torch.')}, not {str(own.dtype).removeprefix('torch.')}"
    if own.is_floating_point() and not given.is_floating_point():
        return f"holds whole numbers ({str(given.dtype).removeprefix('torch.')})"
    return None


def _current_name(name: str, own: Mapping[str, Tensor]) -> str:
    if name in own:
        return name
    renamed = (re.sub(pattern, now, name) for pattern, now in _OLD_NAMES)
    return next((each for each in renamed if each in own), name)


def _first_line(error: Exception) -> str:
    return (str(error).strip().splitlines() or [type(error).__name__])[0]
