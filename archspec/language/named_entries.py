"""Mappings of plain names to what stands under them: `let`, `params`, `variants`, `taps`."""

from __future__ import annotations

from collections.abc import Mapping

from archspec.language.diagnostics import Diagnostic, Findings, Note
from archspec.language.identifiers import NAME_RULE, is_identifier
from archspec.language.params import Param
from archspec.language.pydantic_models import shown
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Tree


def is_no_mapping(tree: Tree | None) -> bool:
    """Whether something stands where a mapping should."""
    return tree is not None and not isinstance(tree, MappingTree) and not is_empty(tree)


def is_empty(tree: Tree | None) -> bool:
    """Whether nothing stands there."""
    return tree is None or (isinstance(tree, Scalar) and tree.value is None)


def parse_let(tree: Tree | None, params: Mapping[str, Param], findings: Findings) -> dict[str, Tree]:
    """The names for computed values; none may hide a param."""
    named = {}
    for key, value in named_entries(tree, "`let`", findings):
        name = str(key.value)
        if name in params:
            note = Note("the param is here", params[name].span)
            findings.add(Diagnostic("name-twice", f"`{name}` is a param already", key.span, notes=(note,)))
        else:
            named[name] = value
    return named


def named_entries(tree: Tree | None, what: str, findings: Findings) -> list[tuple[Scalar, Tree]]:
    """The entries of a mapping whose keys are plain names; `what` it is for is said where it is none."""
    if tree is None or is_empty(tree):
        return []
    if not isinstance(tree, MappingTree):
        findings.add(Diagnostic("wrong-type", f"{what} is a mapping of names to values", tree.span, found=shown(tree)))
        return []
    for key, _ in tree.entries:
        if not is_identifier(str(key.value)):
            findings.add(Diagnostic("name", f"`{key.value}` is not a plain name", key.span, expected=NAME_RULE))
    return [(key, value) for key, value in tree.entries if is_identifier(str(key.value))]
