"""The phases of a recipe: stretches of epochs, each with an optimizer, a schedule and what is frozen in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field as PydanticField

from archspec.language.diagnostics import Diagnostic, Findings
from archspec.language.pydantic_models import Expects, Section, shown, validate
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree
from archspec.training.recipe import vocabulary
from archspec.training.recipe.calls import Call, parse_arguments, parse_call
from archspec.training.recipe.schedule import Stage, read_schedule

Patterns = Annotated[list[str], Expects('a list of addresses, such as `["features.*"]`')]


class PhaseSection(Section):
    """A stretch of epochs; what a phase leaves out, the recipe says for all of them."""

    epochs: Annotated[int, PydanticField(ge=1), Expects("a whole number from 1")]
    optimizer: Any
    param_groups: Any = None
    schedule: Any = None
    freeze: Patterns | None = None
    train: Patterns | None = None


@dataclass(frozen=True, slots=True)
class Group:
    """An optimizer's own settings for a part of the network."""

    pattern: str
    span: Span
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Phase:
    """A stretch of epochs under one optimizer; `freeze` and `train` are patterns of addresses with their places.

    What `freeze` names does not train; where `train` is not empty, nothing else does.
    """

    name: str
    epochs: int
    optimizer: Call
    groups: tuple[Group, ...]
    schedule: tuple[Stage, ...]
    freeze: tuple[tuple[str, Span], ...]
    train: tuple[tuple[str, Span], ...]


_RAW = frozenset(name for name, info in PhaseSection.model_fields.items() if info.annotation is Any)
_SHARED = tuple(PhaseSection.model_fields)
"""What a recipe may say for all its phases."""
_EXCLUSIVE = ("freeze", "train")


def read_phases(recipe: MappingTree, findings: Findings) -> tuple[Phase, ...]:
    """The phases in order; a recipe that names none is one itself."""
    given = recipe.get("phases")
    if given is None or (isinstance(given, Scalar) and given.value is None):
        own = MappingTree(_shared(recipe, ()), recipe.span)
        return tuple(filter(None, [_phase(own, "train", "a recipe", findings)]))
    if not isinstance(given, MappingTree) or not given.entries:
        message = "`phases` is a mapping of names to phases"
        findings.add(Diagnostic("wrong-type", message, given.span, found=shown(given)))
        return ()
    _report_idle(recipe, given, findings)
    read = (
        _phase(_completed(phase, recipe), str(key.value), f"phase `{key.value}`", findings)
        for key, phase in given.entries
    )
    return tuple(phase for phase in read if phase)


def _report_idle(recipe: MappingTree, phases: MappingTree, findings: Findings) -> None:
    """Report what the recipe says for all phases, and each of them says otherwise."""
    for key, _ in _shared(recipe, ()):
        if all(isinstance(phase, MappingTree) and key.value in phase.names for _, phase in phases.entries):
            first = phases.names[0]
            message = f"`{key.value}` has no effect: each phase says its own"
            help_ = f"set it there: `phases.{first}.{key.value}`"
            findings.add(Diagnostic("recipe-keys", message, key.span, help=help_))


def _completed(tree: Tree, recipe: MappingTree) -> Tree:
    """A phase with what the recipe says for all of them."""
    if not isinstance(tree, MappingTree):
        return tree
    return MappingTree((*tree.entries, *_shared(recipe, tree.names)), tree.span)


def _shared(recipe: MappingTree, own: tuple[str, ...]) -> tuple[tuple[Scalar, Tree], ...]:
    left_out = {*own, *(_EXCLUSIVE if any(name in own for name in _EXCLUSIVE) else ())}
    return tuple((key, value) for key, value in recipe.entries if key.value in _SHARED and key.value not in left_out)


def _phase(tree: Tree, name: str, what: str, findings: Findings) -> Phase | None:
    section = validate(PhaseSection, tree, what, findings, _RAW)
    if section is None:
        return None
    assert isinstance(tree, MappingTree)
    if section.freeze is not None and section.train is not None:
        key = tree.key("train")
        message = f"{what} says what trains by `freeze` or by `train`, not by both"
        findings.add(Diagnostic("recipe-keys", message, key.span if key else tree.span))
    optimizer = parse_call(section.optimizer, vocabulary.optimizers(), "optimizer", findings)
    schedule = read_schedule(section.schedule, section.epochs, findings)
    if optimizer is None:
        return None
    groups = _groups(section.param_groups, optimizer, findings)
    frozen, trained = (_located(tree.get(key)) for key in _EXCLUSIVE)
    return Phase(name, section.epochs, optimizer, groups, schedule, frozen, trained)


def _groups(tree: Tree | None, optimizer: Call, findings: Findings) -> tuple[Group, ...]:
    if tree is None:
        return ()
    if not isinstance(tree, MappingTree):
        message = "`param_groups` is a mapping of addresses to settings of the optimizer"
        findings.add(Diagnostic("wrong-type", message, tree.span, found=shown(tree)))
        return ()
    what = f"`{optimizer.name}`"
    return tuple(
        Group(str(key.value), key.span, parse_arguments(value, optimizer.callee, what, findings))
        for key, value in tree.entries
    )


def _located(tree: Tree | None) -> tuple[tuple[str, Span], ...]:
    items = tree.items if isinstance(tree, Sequence) else ()
    return tuple((str(item.value), item.span) for item in items if isinstance(item, Scalar))
