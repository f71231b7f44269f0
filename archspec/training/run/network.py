"""The network of a recipe: its architecture, and the module with the weights that it starts from."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec.structs import replace

from archspec.api import zoo
from archspec.api.architecture import Architecture, read_document
from archspec.api.load import load_into, with_weights_settings
from archspec.language.diagnostics import Diagnostic, Findings, SpecError, nearest
from archspec.language.source import Span
from archspec.language.yaml_tree import Scalar
from archspec.runtime.weights import Loaded
from archspec.runtime.weights_file import is_file
from archspec.training.recipe.loss_terms import check_terms
from archspec.training.recipe.recipe import KEYS, Recipe
from archspec.training.recipe.softmax_twice import warn_softmax_twice
from archspec.training.run.optimizers import check_phase

if TYPE_CHECKING:
    from torch import nn


@dataclass(frozen=True)
class Model:
    """A network ready to train.

    `loaded` says which tensors came from a file and which start fresh; `frozen` are those that the spec freezes.
    """

    architecture: Architecture
    module: nn.Module
    loaded: Loaded | None
    frozen: frozenset[str]


def open_architecture(recipe: Recipe) -> Architecture:
    """The architecture that a recipe names, under its settings and those that belong to torchvision's weights."""
    spec = _scalar(recipe, "model")
    with _told_at(spec.span):
        document, named = zoo.open_spec(_beside(spec) if _is_path(str(spec.value)) else str(spec.value))
    chosen = _scalar(recipe, "variant") if recipe.section.variant else spec
    with _told_at(chosen.span), _told_of_keys(recipe):
        architecture = read_document(document, recipe.section.variant or named, recipe.settings)
    weights = weights_of(recipe)
    return with_weights_settings(architecture) if isinstance(weights, str) else architecture


@contextmanager
def _told_of_keys(recipe: Recipe) -> Iterator[None]:
    """What is no param of the spec may be meant for a key of the recipe: `--set epoch=3`."""
    meant = {tree.span: near for name, tree in recipe.settings.items() if (near := nearest(name, KEYS))}
    try:
        yield
    except SpecError as error:
        raise SpecError(
            replace(each, help=f"did you mean the recipe's `{meant[each.span]}`?")
            if each.code == "unknown-setting" and each.span in meant
            else each
            for each in error.diagnostics
        ) from None


def check_against(recipe: Recipe, architecture: Architecture) -> Findings:
    """What the recipe says of parts and outputs that the network does not have; errors raise, warnings are given."""
    findings = Findings()
    for phase in recipe.phases:
        check_phase(phase, architecture.graph, findings)
    check_terms(recipe.terms, architecture.graph, _scalar(recipe, "model").span, findings)
    warn_softmax_twice(recipe.terms, architecture.graph, findings)
    findings.check()
    return findings


def weights_of(recipe: Recipe) -> Path | str | None:
    """The weights to start from: a file's path, or torchvision's name for them."""
    if recipe.section.weights is None:
        return None
    given = _scalar(recipe, "weights")
    return path if is_file(str(path := _beside(given))) else str(given.value)


def build_model(recipe: Recipe, architecture: Architecture, weights: Path | str | None) -> Model:
    """The module, initialised by the recipe's seed, and then with the weights, if it is to have any."""
    import torch

    torch.manual_seed(recipe.section.seed)
    module = architecture.build()
    if recipe.section.channels_last:
        module.to(memory_format=torch.channels_last)
    if recipe.section.compile:
        module.compile()
    frozen = frozenset(name for name, parameter in module.named_parameters() if not parameter.requires_grad)
    if weights is None:
        return Model(architecture, module, None, frozen)
    with _told_at(_scalar(recipe, "weights").span):
        loaded = load_into(module, architecture, weights)
        check_finite(module, weights)
    return Model(architecture, module, loaded, frozen)


def check_finite(module: nn.Module, weights: Path | str) -> None:
    """Raise `SpecError` with the tensors of a module that are not finite, which came from `weights`."""
    wrong = [name for name, tensor in module.state_dict().items() if not tensor.isfinite().all()]
    if wrong:
        found = ", ".join(f"`{name}`" for name in wrong)
        raise SpecError(
            [Diagnostic("weights-not-finite", f"`{weights}` holds values that are not finite", found=found)]
        )


def _scalar(recipe: Recipe, key: str) -> Scalar:
    value = recipe.tree.get(key)
    assert isinstance(value, Scalar), f"`{key}` was found to be a word"
    return value


def _is_path(text: str) -> bool:
    return text.endswith((".yaml", ".yml")) or "/" in text


def _beside(value: Scalar) -> Path:
    """A path as taken from the file that it is written in, or from here where it was set on the command line."""
    written_in = value.span.source.path
    return (written_in.parent if written_in else Path()) / Path(str(value.value)).expanduser()


@contextmanager
def _told_at(span: Span) -> Iterator[None]:
    """Gives a place to what is said without one."""
    try:
        yield
    except SpecError as error:
        raise SpecError(replace(each, span=each.span or span) for each in error.diagnostics) from None
