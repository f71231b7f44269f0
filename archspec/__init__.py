"""Write the network as a page of YAML; get exactly that network: a PyTorch module, proven counts, a picture.

>>> import archspec
>>> archspec.read("resnet50").params
25557032
"""

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from archspec.api.architecture import Architecture as Architecture
    from archspec.api.architecture import diff as diff
    from archspec.api.architecture import read as read
    from archspec.api.from_module import from_module as from_module
    from archspec.api.from_modules import from_modules as from_modules
    from archspec.api.load import load as load
    from archspec.language.diagnostics import Diagnostic as Diagnostic
    from archspec.language.diagnostics import SpecError as SpecError

_HOMES = {
    "Architecture": "api.architecture",
    "Diagnostic": "language.diagnostics",
    "SpecError": "language.diagnostics",
    "diff": "api.architecture",
    "from_module": "api.from_module",
    "from_modules": "api.from_modules",
    "load": "api.load",
    "read": "api.architecture",
}
"""Where each public name is defined: it is imported when it is first asked for."""

__all__ = ["Architecture", "Diagnostic", "SpecError", "diff", "from_module", "from_modules", "load", "read"]


def __getattr__(name: str) -> Any:
    if name not in _HOMES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    value = globals()[name] = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
