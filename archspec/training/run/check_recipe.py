"""A recipe and the network that it trains, checked without data."""

from __future__ import annotations

from archspec.api.check import Checked
from archspec.language.diagnostics import SpecError
from archspec.training.recipe.bundled import open_recipe
from archspec.training.recipe.recipe import parse_recipe
from archspec.training.run.network import check_against, open_architecture


def check_recipe(name: str) -> Checked:
    """What is wrong with a recipe, as far as it can be known before its data is read."""
    try:
        recipe = parse_recipe(open_recipe(name))
        architecture = open_architecture(recipe)
        warnings = check_against(recipe, architecture)
    except SpecError as error:
        return Checked(name, None, None, (), error.diagnostics)
    return Checked(name, recipe.name, architecture, (), (*architecture.warnings, *warnings))
