"""The extra `search`: what trains the networks of a study beside what training needs."""

from __future__ import annotations

from importlib.util import find_spec

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.training.requirements import require_extra


def require_search() -> None:
    """Raise `SpecError` where a package of the extras is not installed; nothing is imported."""
    require_extra()
    if find_spec("optuna") is None:
        message = "a search that trains needs `optuna`, which archspec alone does not"
        raise SpecError([Diagnostic("missing-extra", message, help='pip install "archspec-nn[search]"')])
