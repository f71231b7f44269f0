"""The values of a document's params: its defaults, a variant's settings, and the user's own."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from archspec.elaborate.arguments import argument
from archspec.elaborate.context import Context, Failed
from archspec.elaborate.scope import Scope
from archspec.language.diagnostics import did_you_mean
from archspec.language.document import Document, Variant
from archspec.language.source import Span
from archspec.language.tree import Tree


def resolve_settings(
    context: Context, document: Document, variant: str | None, given: Mapping[str, Tree]
) -> tuple[dict[str, Any], Scope]:
    """Every param's value, and the scope of params and `let` that the document's graph and blocks see.

    Raises `Failed` after reporting all that is wrong.
    """
    chosen = find_variant(context, document, variant)
    settings = dict(chosen.settings) if chosen else {}
    check_names(context, document, {name: key.span for name, key in chosen.keys.items()} if chosen else {}, "variant")
    check_names(context, document, {name: tree.span for name, tree in given.items()}, "setting")
    settings.update(given)
    values: dict[str, Any] = {}
    scope = Scope(values)
    failed = False
    for name, param in document.params.items():
        if param.required and name not in settings:
            context.report(
                "missing-setting",
                f"`{name}` has no default and must be set",
                param.span,
                expected=param.expects,
                help=_how_to_set(document, name),
            )
            failed = True
            continue
        try:
            values[name] = argument(context, param, settings.get(name), scope, scope, f"`{name}`", "")
        except Failed:
            failed = True
    if failed:
        raise Failed
    for name, tree in document.let.items():
        values[name] = context.value(tree, scope, f"`{name}`", "", words=True)
    return values, scope


def default_variant(document: Document) -> str | None:
    """The variant meant when none is named: the one called like the document, else the first without settings."""
    if document.name in document.variants:
        return document.name
    plain = (name for name, variant in document.variants.items() if not variant.settings)
    return next(plain, next(iter(document.variants), None))


def find_variant(context: Context, document: Document, name: str | None) -> Variant | None:
    """The variant of that name; the nearest ones are named where it does not exist."""
    if name is None:
        return None
    if name not in document.variants:
        context.fail(
            "unknown-variant",
            f"`{document.name}` has no variant `{name}`",
            None,
            help=did_you_mean(name, document.variants) or "the document has no variants",
        )
    return document.variants[name]


def check_names(context: Context, document: Document, names: Mapping[str, Span], what: str) -> None:
    """Report the names that are no params."""
    unknown = [name for name in names if name not in document.params]
    for name in unknown:
        context.report(
            "unknown-setting",
            f"{what} `{name}`: `{document.name}` has no such param",
            names[name],
            help=_known(name, document.params),
        )
    if unknown:
        raise Failed


def _known(name: str, params: Iterable[str]) -> str:
    return did_you_mean(name, params) or "its params are " + ", ".join(f"`{each}`" for each in params)


def _how_to_set(document: Document, name: str) -> str:
    variants = [each for each, variant in document.variants.items() if name in variant.settings]
    if variants:
        return f"choose a variant, for example `--variant {variants[0]}`"
    return f"give it with `--set {name}=…`, or a default in `params`"
