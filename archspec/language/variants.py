"""Named settings of a document's params."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from msgspec import Struct

from archspec.language.diagnostics import Diagnostic, Findings, did_you_mean, nearest
from archspec.language.named_entries import named_entries
from archspec.language.params import WORD, Param
from archspec.language.pydantic_models import value_text
from archspec.language.source import Span
from archspec.language.yaml_tree import Scalar, Sequence, Tree, plain


class Variant(Struct, frozen=True):
    """A named setting of a document's params."""

    name: str
    span: Span
    settings: Mapping[str, Tree]
    faulty: frozenset[str]
    """Params whose value here is wrong, which is already reported."""


def parse_variants(
    tree: Tree | None, document: str, params: Mapping[str, Param], findings: Findings
) -> dict[str, Variant]:
    """A spec's variants by name."""
    return {
        str(key.value): _variant(key, value, document, params, findings)
        for key, value in named_entries(tree, "`variants`", findings)
    }


def _variant(key: Scalar, tree: Tree, document: str, params: Mapping[str, Param], findings: Findings) -> Variant:
    name = str(key.value)
    settings: dict[str, Tree] = {}
    faulty: set[str] = set()
    for param, value in named_entries(tree, f"variant `{name}`", findings):
        known = params.get(str(param.value))
        if known is None:
            findings.add(unknown_setting(document, str(param.value), param.span, params))
            faulty.update(filter(None, [nearest(str(param.value), params)]))
        elif known.type != WORD and _is_written_out(value) and not known.accepts(plain(value)):
            faulty.add(known.name)
            message = f"`{known.name}` of variant `{name}` cannot be {value_text(plain(value))}"
            findings.add(Diagnostic("wrong-type", message, value.span, expected=known.expects))
        else:
            settings[known.name] = value
    return Variant(name, key.span, settings, frozenset(faulty - set(settings)))


def unknown_setting(document: str, name: str, span: Span, params: Iterable[str]) -> Diagnostic:
    """The error for a setting of a param that a spec does not have."""
    help_ = did_you_mean(name, params) or ("its params are listed under `params`" if params else "it has no params")
    return Diagnostic("unknown-setting", f"`{document}` has no param `{name}`", span, help=help_)


def _is_written_out(tree: Tree) -> bool:
    """Whether a value holds no text, which could be an expression."""
    if isinstance(tree, Sequence):
        return all(map(_is_written_out, tree.items))
    return isinstance(tree, Scalar) and not isinstance(tree.value, str)
