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
    from archspec.api.plot import plot as plot
    from archspec.language.diagnostics import Diagnostic as Diagnostic
    from archspec.language.diagnostics import SpecError as SpecError
    from archspec.pictures.displayable import RenderError as RenderError
    from archspec.search.fit import fit as fit

    __version__: str

_HOMES = {
    "Architecture": "api.architecture",
    "Diagnostic": "language.diagnostics",
    "RenderError": "pictures.displayable",
    "SpecError": "language.diagnostics",
    "diff": "api.architecture",
    "fit": "search.fit",
    "from_module": "api.from_module",
    "from_modules": "api.from_modules",
    "load": "api.load",
    "plot": "api.plot",
    "read": "api.architecture",
}
"""Where each public name is defined: it is imported when it is first asked for."""

__all__ = [
    "Architecture",
    "Diagnostic",
    "RenderError",
    "SpecError",
    "__version__",
    "diff",
    "fit",
    "from_module",
    "from_modules",
    "load",
    "plot",
    "read",
]


def __getattr__(name: str) -> Any:
    if name == "__version__":
        value: Any = _version()
    elif name in _HOMES:
        value = getattr(import_module(f"{__name__}.{_HOMES[name]}"), name)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = value
    return value


def _version() -> str:
    """The version that is installed; of a copy that is not, `0+unknown`."""
    from importlib import metadata

    try:
        return metadata.version("archspec-nn")
    except metadata.PackageNotFoundError:
        return "0+unknown"


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
