"""Conditions: what a modifier such as `when` comes to."""

from __future__ import annotations

from archspec.elaborate.call_plans import compiled, computed
from archspec.elaborate.scope import MISSING, truth_help
from archspec.elaborate.site import Site
from archspec.language.expressions import Attributes
from archspec.language.pydantic_models import value_text
from archspec.language.yaml_tree import Scalar, Tree


def truth(site: Site, tree: Tree, name: str) -> bool:
    """The truth value under a modifier's `name`; an input that may be left out is true where it is given."""
    text = tree.value if isinstance(tree, Scalar) else None
    run = compiled(tree)
    known = (
        computed(run, site.scope)
        if run is not None
        else site.scope.get(text, MISSING)
        if isinstance(text, str)
        else None
    )
    if type(known) is bool:
        return known
    if isinstance(known, Attributes) and known.truth is not None:
        return known.truth
    if isinstance(text, str) and text not in site.scope and (help_ := truth_help(text)):
        site.fail("unknown-name", f"`{name}`: there is no param `{text}` here", tree.span, help=help_)
    value = site.value(tree, f"`{name}`")
    if not isinstance(value, bool):
        message = f"`{name}` cannot be {value_text(value)}"
        site.fail("wrong-type", message, tree.span, expected="true or false, or a condition")
    return value
