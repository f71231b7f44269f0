"""What `archspec build` does: the module built, run once and held against the graph; its source, picture and report."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from msgspec import Struct

from archspec.analysis.opaque_nodes import without_words
from archspec.analysis.verdicts import Verdict, diagnostics
from archspec.api.architecture import Architecture
from archspec.files.outputs import refuse_foreign, write_all
from archspec.files.seal import sealed
from archspec.language.diagnostics import Diagnostic, SpecError

if TYPE_CHECKING:
    from torch import nn

    from archspec.pictures.displayable import Shown
    from archspec.runtime.weights import FirstConv, Loaded

Doing = Callable[[str], None]
"""Is told what is being done."""

FORMATS = ("py", "svg", "html", "json")
"""The files that a build gives: the module's source, its picture, its atlas, its report."""


class Built(Struct, frozen=True):
    """A build that came out right: its files by format, and what came of loading weights, if any were asked for."""

    architecture: Architecture
    verdicts: tuple[Verdict, ...]
    files: Mapping[str, bytes]
    loaded: Loaded | None


def build_all(
    architectures: Iterable[Architecture],
    weights: str | None = None,
    doing: Doing = lambda what: None,
    weights_map: Path | None = None,
    first_conv: FirstConv = "sum",
) -> list[Built]:
    """Build several architectures; the missed figures of all of them are told at once, before torch is imported."""
    given = list(architectures)
    wrong = [found for each in given for found in (*without_words(each.graph), *diagnostics(each.figures))]
    if wrong:
        raise SpecError(wrong)
    return [build(each, weights, doing, weights_map, first_conv) for each in given]


def build(
    architecture: Architecture,
    weights: str | None = None,
    doing: Doing = lambda what: None,
    weights_map: Path | None = None,
    first_conv: FirstConv = "sum",
) -> Built:
    """Build one architecture; nothing is written.

    Raises `SpecError` where a documented figure is missed, torch contradicts a shape or a count, or the weights do not
    fit.
    """
    name = architecture.name
    verdicts = tuple(architecture.figures)
    wrong = [*without_words(architecture.graph), *diagnostics(verdicts)]
    if wrong:
        raise SpecError(wrong)
    doing(f"{name}: importing torch")
    from archspec.api.load import load_into, with_weights_settings
    from archspec.runtime.weights_file import is_file

    if weights is not None and not is_file(weights):
        architecture = with_weights_settings(architecture)
    doing(f"{name}: building the module and running it once")
    module = _proven_module(architecture)
    loaded = None
    if weights is not None:
        doing(f"{name}: loading weights")
        loaded = load_into(module, architecture, weights, weights_map=weights_map, first_conv=first_conv)
    doing(f"{name}: writing its source, picture, atlas and report")
    return Built(architecture, verdicts, _files(architecture), loaded)


def paths(out: Path, name: str) -> dict[str, Path]:
    """Where the files of an architecture go, by format: `out/name/name.py` and so on."""
    return {format: out / name / f"{name}.{format}" for format in FORMATS}


def write(built: Iterable[Built], out: Path, force: bool = False) -> list[Path]:
    """Write the files of several builds, or none: not over what archspec did not write, unless forced."""
    files = {
        path: sealed(each.files[format], format)
        for each in built
        for format, path in paths(out, each.architecture.name).items()
    }
    if not force:
        refuse_foreign(files)
    write_all(files)
    return list(files)


def _proven_module(architecture: Architecture) -> nn.Module:
    from archspec.runtime.requirements import require_torch

    require_torch()
    from archspec.runtime.symbolic_size_trials import verify_sizes
    from archspec.runtime.torch_errors import RunError, refused
    from archspec.runtime.verify import contradiction, verify

    graph = architecture.graph
    try:
        module = architecture.build()
        mismatches = verify(graph, module) or verify_sizes(graph, module)
    except RunError as failed:
        raise SpecError([refused(graph, failed.error, failed.address)]) from failed.error
    except (RuntimeError, MemoryError) as error:  # of torch itself, before the module exists
        raise SpecError([refused(graph, error)]) from error
    if mismatches:
        raise SpecError(contradiction(graph, each) for each in mismatches)
    return module


def rendered(picture: Shown, format: str) -> bytes:
    """A picture in a format; raises `SpecError` where it cannot be drawn."""
    from archspec.pictures.displayable import RenderError

    try:
        return picture.bytes(format)
    except RenderError as error:
        raise SpecError([Diagnostic("picture", f"no picture of `{picture.name}`: {error}")]) from error


def _files(architecture: Architecture) -> dict[str, bytes]:
    from archspec.reports.architecture_json import report_json

    picture = architecture.draw()
    return {
        "py": architecture.source().encode(),
        "svg": rendered(picture, "svg"),
        "html": rendered(picture, "html"),
        "json": report_json(architecture).encode(),
    }
