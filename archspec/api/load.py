"""From a spec to a module with its weights: `archspec.load`."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from archspec.api.architecture import Architecture, read
from archspec.api.run_folder import Run, is_run
from archspec.elaborate.given_input import INPUT
from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.plain_values import tree_of
from archspec.language.read_text import read_source
from archspec.language.source import Source, Span
from archspec.language.weights_map import Rules, parse_maps
from archspec.language.yaml_parser import parse
from archspec.runtime.requirements import require_torch
from archspec.runtime.weights import (
    FirstConv,
    Loaded,
    first_convolutions,
    head_of,
    load_weights,
    torchvision_weights,
)
from archspec.runtime.weights_file import is_file, read_weights

if TYPE_CHECKING:
    from torch import nn

_LOG = logging.getLogger("archspec")


def load(
    spec: str | Path,
    variant: str | None = None,
    weights: Any = None,
    device: Any = None,
    dtype: Any = None,
    taps: Sequence[str] | None = None,
    weights_map: Any = None,
    first_conv: FirstConv = "sum",
    **params: Any,
) -> nn.Module:
    """The module that a spec describes.

    `spec` is a path, or the name of a bundled architecture or variant; or the folder of a run that `archspec train`
    made, whose network comes with its trained weights. `weights` is a `.pt` or `.safetensors` file, or
    one of torchvision's names (`"DEFAULT"`, `"IMAGENET1K_V2"`); what torchvision switches on with its weights is
    switched on with them. With another `num_classes` the head stays as initialised, and the log (`archspec`, level
    warning) says exactly which tensors did. `taps` are node addresses: the module then returns a dict of their
    activations, and what lies beyond the last of them is left out. `device="meta"` builds without memory. `weights_map`
    is a list of rules from the file's names to the network's, or a YAML file with one, in the place of the page's own.
    `input=[1, 64, 64]` puts another shape in the place of the spec's, as a setting. Where it has other channels than
    the weights were made for, `first_conv` says what becomes of the convolutions that take it: `"sum"` gives one
    channel the sum of their weights, and more the same weights in turn, scaled; `"fresh"` leaves them as initialised.

    Raises `SpecError` where the spec, a setting, a tap or the weights are wrong.

    >>> module = load("lenet", num_classes=5, device="meta")
    >>> sum(parameter.numel() for parameter in module.parameters())
    61281
    """
    require_torch()
    if is_run(spec):
        architecture, weights = _trained(Run(Path(spec)), variant, weights, params)
    else:
        architecture = read(spec, variant, **params)
    if weights is not None and not is_file(weights):
        architecture = with_weights_settings(architecture)
    from archspec.graph.taps import tap
    from archspec.runtime.build import build

    graph = tap(architecture.graph, taps) if taps else architecture.graph
    module = build(graph, device=device, dtype=dtype)
    if weights is not None:
        report = load_into(module, architecture, weights, bool(taps), weights_map, first_conv)
        if report.fresh or report.summed:
            _LOG.warning("%s: %s", architecture.name, report)
    return module


def _trained(run: Run, variant: str | None, weights: Any, params: dict[str, Any]) -> tuple[Architecture, Any]:
    """What a run trained, and the weights that came of it."""
    if variant or params:
        names = ", ".join(f"`{name}`" for name in (["variant"] if variant else []) + list(params))
        message = f"`{run.folder}` is a run, whose network is as it was trained: {names} cannot be set"
        raise SpecError([Diagnostic("run-settings", message)])
    return run.architecture(), run.weights if weights is None else weights


def with_weights_settings(architecture: Architecture) -> Architecture:
    """The architecture with the settings that belong to torchvision's weights; the user's own come first."""
    belonging = architecture.document.weights.set
    settings = {name: value for name, value in belonging.items() if name not in architecture.given}
    return architecture.with_settings(**settings) if settings else architecture


def load_into(
    module: nn.Module,
    architecture: Architecture,
    weights: Any,
    tapped: bool = False,
    weights_map: Any = None,
    first_conv: FirstConv = "sum",
) -> Loaded:
    """Load weights into a module built from an architecture; what a tapped module left out may stay unused."""
    source = architecture.document.weights
    maps = [*maps_given(weights_map, architecture).values()] if weights_map is not None else [*source.maps.values(), ()]
    state = read_weights(Path(weights)) if is_file(weights) else torchvision_weights(architecture.name, weights)
    head, first = _changed(architecture)
    summed = first if first_conv == "sum" else ()
    return load_weights(module, architecture.graph, state, head, source.optional, tapped, maps, summed)


def maps_given(weights_map: Any, architecture: Architecture) -> dict[str, Rules]:
    """The rules that are given from outside: written in Python, or in a YAML file."""
    if isinstance(weights_map, (str, Path)):
        tree = parse(read_source(Path(weights_map)))
    else:
        tree = tree_of(weights_map, Span(Source("weights_map", str(weights_map)), 1, 1, 1, 1))
    findings = Findings()
    maps = parse_maps(tree, architecture.graph.settings, findings)
    findings.check()
    return maps


def _changed(architecture: Architecture) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The leaves to which other classes and another input gave other shapes, and the first convolutions of them."""
    if not {"num_classes", INPUT} & architecture.given.keys():
        return (), ()
    documented = architecture.without("num_classes", INPUT).graph
    return head_of(architecture.graph, documented), first_convolutions(architecture.graph, documented)
