"""The values of a document's params: its defaults, a variant's settings, and the user's own.

A param has its default, and what `let` makes of it is worked out:

>>> from archspec.elaborate.example import example
>>> graph = example('{c: {conv: w, kernel_size: 1}}', params='{width: 8}', let='{w: 2 * width}')
>>> graph.settings, graph.root.shapes
({'width': 8, 'w': 16}, ((16, 32, 32),))
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from archspec.elaborate.arguments import argument
from archspec.elaborate.context import Context
from archspec.elaborate.scope import Failed, Scope
from archspec.elaborate.site import Site
from archspec.language.diagnostics import did_you_mean
from archspec.language.document import Document
from archspec.language.params import Param
from archspec.language.source import Span
from archspec.language.variants import Variant, unknown_setting
from archspec.language.yaml_tree import Tree


def resolve_settings(
    context: Context,
    document: Document,
    variant: str | None,
    given: Mapping[str, Tree],
    places: Mapping[str, Span] | None = None,
) -> Scope:
    """The scope of params and `let` that the document's graph and blocks see.

    `places` are where the names of the given settings stand. What is wrong is reported.
    """
    chosen = _find_variant(context, document, variant)
    for name, tree in given.items():
        if name not in document.params:
            context.reporter.add(
                unknown_setting(document.name, name, (places or {}).get(name) or _named(name, tree), document.params)
            )
    settings = {**(chosen.settings if chosen else {}), **given}
    faulty = (chosen.faulty if chosen else frozenset()) - set(given)
    scope = Scope({})
    for name, param in document.params.items():
        try:
            if name in faulty:
                raise Failed
            scope[name] = _setting(context, document, param, settings.get(name), scope)
        except Failed:
            scope.faulty |= {name}
    for name, tree in document.let.items():
        try:
            scope[name] = Site(context, scope, "").computed(name, tree)
        except Failed:
            scope.faulty |= {name}
    return scope


def _named(name: str, tree: Tree) -> Span:
    """The name of a setting that has a text of its own, `name=value`; else its value."""
    alone = tree.span.source.text.startswith(f"{name}=")
    return Span(tree.span.source, 1, 1, 1, len(name) + 1) if alone else tree.span


def _setting(context: Context, document: Document, param: Param, given: Tree | None, scope: Scope) -> Any:
    if param.required and given is None:
        context.fail(
            "missing-setting",
            f"`{param.name}` has no default and must be set",
            param.span,
            expected=param.expects,
            help=_how_to_set(document, param.name),
        )
    return argument(Site(context, scope, ""), param, given, scope, f"`{param.name}`")


def default_variant(document: Document) -> str | None:
    """The variant meant when none is named: the one called like the document, else the first without settings."""
    if document.name in document.variants:
        return document.name
    plain = (name for name, variant in document.variants.items() if not variant.settings)
    return next(plain, next(iter(document.variants), None))


def _find_variant(context: Context, document: Document, name: str | None) -> Variant | None:
    """The variant of that name; the nearest ones are named where it does not exist."""
    if name is None:
        return None
    if name not in document.variants:
        context.fail(
            "unknown-variant",
            f"`{document.name}` has no variant `{name}`",
            None,
            help=did_you_mean(name, document.variants)
            or ("its variants are listed under `variants`" if document.variants else "the document has no variants"),
        )
    return document.variants[name]


def _how_to_set(document: Document, name: str) -> str:
    variants = [each for each, variant in document.variants.items() if name in variant.settings]
    if variants:
        return f"choose a variant, for example `--variant {variants[0]}`"
    return f"give it with `--set {name}=…`, or a default in `params`"
