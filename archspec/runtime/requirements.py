"""The extra `torch`: what running a module stands on, beside what reading a spec needs."""

from __future__ import annotations

from importlib.util import find_spec

from archspec.language.diagnostics import Diagnostic, SpecError

PACKAGES = ("torch", "torchvision")


def require_torch() -> None:
    """Raise `SpecError` where torch or torchvision is not installed; nothing is imported."""
    missing = [name for name in PACKAGES if not is_installed(name)]
    if missing:
        raise SpecError([missing_torch(missing[0])])


def is_installed(package: str) -> bool:
    """Whether a package could be imported; nothing is."""
    try:
        return find_spec(package) is not None
    except (ImportError, ValueError):
        return False


def missing_torch(package: str) -> Diagnostic:
    """The error for one of these packages that is not installed."""
    message = f"`{package}` is not installed, which building and running a module needs"
    own = f"`pip install {' '.join(PACKAGES)}`"
    return Diagnostic("torch", message, help=f'`pip install "archspec-nn[torch]"`, or {own} for a build of your choice')
