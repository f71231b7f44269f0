"""The pictures and the page of a finished run, written to its folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from archspec.api.run_folder import Run
from archspec.files.atomic import write_whole
from archspec.training.recipe.recipe import Recipe
from archspec.training.report.confusion import confusion
from archspec.training.report.curves import curves
from archspec.training.report.page import Content, page
from archspec.training.run.metrics_log import Row
from archspec.training.run.network import Model
from archspec.training.use.results import Evaluated, foremost


def write_report(
    run: Run,
    recipe: Recipe,
    model: Model,
    rows: Sequence[Row],
    evaluated: Sequence[Evaluated],
    record: Mapping[str, Any],
) -> None:
    """Write curves.png, confusion.png where there are classes, and report.html, which needs neither of them."""
    content = Content(recipe, model, rows, evaluated, record, run.recipe.read_text("utf-8"), str(run.folder))
    if rows:
        write_whole(run.curves, curves(rows, content.title))
    main = foremost(evaluated)
    if main and main.confusion:
        write_whole(run.confusion, confusion(main, content.caption(main)))
    write_whole(run.report, page(content))
