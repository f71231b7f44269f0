"""The extra `train`: what training stands on beside what archspec always needs."""

from __future__ import annotations

from importlib.util import find_spec

from archspec.language.diagnostics import Diagnostic, SpecError

PACKAGES = ("lightning", "torchmetrics", "matplotlib", "jinja2")


def require_extra() -> None:
    """Raise `SpecError` where a package of the extra is not installed; nothing is imported."""
    missing = [f"`{name}`" for name in PACKAGES if find_spec(name) is None]
    if missing:
        message = f"training needs {', '.join(missing)}, which archspec alone does not"
        raise SpecError([Diagnostic("missing-extra", message, help='pip install "archspec-nn[train]"')])
