"""Plots of what architectures cost: one by its stages, or the variants of families beside each other."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from archspec.api.architecture import Architecture, read_document
from archspec.api.documents import open_document, variants_of
from archspec.language.diagnostics import Diagnostic, SpecError

if TYPE_CHECKING:
    from archspec.pictures.displayable import Shown
    from archspec.pictures.render.themes import Theme

Of = Literal["stages", "family"]


def plot(*specs: str | Path | Architecture, of: Of | None = None, theme: Theme = "light") -> Shown:
    """The plot of what architectures cost: `save` it, or let a notebook show it.

    Of one, parameters, MACs and the bytes of activations by stage; of several, or as a `"family"`, parameters against
    MACs, in which a spec stands for all of its variants. Raises `SpecError` where a spec is wrong, a count depends on a
    symbolic size, or matplotlib is missing.

    >>> import archspec
    >>> archspec.plot("lenet")
    <Plot of lenet>
    >>> archspec.plot("lenet", of="family")
    <Plot of lenet, lenet_1998>
    """
    from archspec.pictures.displayable import chosen
    from archspec.pictures.plots.plot import Plot

    if of is not None:
        chosen(of, "plot", ["stages", "family"])
    family = of == "family" or (of is None and len(specs) > 1)
    if not specs or (len(specs) > 1 and not family):
        raise SpecError([Diagnostic("picture", f"a plot of stages is of one architecture, found {len(specs)}")])
    return Plot([each.graph for spec in specs for each in _of(spec, family, len(specs) == 1)], family, theme)


def _of(spec: str | Path | Architecture, family: bool, alone: bool) -> Sequence[Architecture]:
    """What a spec stands for: itself, or in the plot of a family its variants, as a variant's name does `alone`."""
    if isinstance(spec, Architecture):
        return [spec]
    document, chosen = open_document(spec, None)
    names = variants_of(document) if family and (alone or chosen is None) else [chosen]
    return [read_document(document, name, {}) for name in names]
