"""The report of a run in one HTML page that needs no network: pictures, styles and all stand in it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from archspec.graph.labels import count_text, rounded_text, shapes_text
from archspec.language.diagnostics import SpecError
from archspec.pictures.displayable import svg_uri
from archspec.pictures.plots import Theme
from archspec.pictures.volumes import volumes
from archspec.training.recipe.recipe import Recipe
from archspec.training.report.confusion import confusion
from archspec.training.report.curves import curves
from archspec.training.report.data_uris import png_uri, scene_uri
from archspec.training.run.metrics_log import Row
from archspec.training.run.network import Model
from archspec.training.run.optimizers import trainable
from archspec.training.use.metric_text import measure_text, measure_words, precision_text
from archspec.training.use.results import Evaluated, Scene, foremost

_THEMES: tuple[Theme, ...] = ("light", "dark")
PAIRS = 10
"""How many of the most frequent confusions are listed."""


@dataclass(frozen=True)
class Content:
    """What a report tells: a run's recipe and its text, network, epochs, results, record and folder."""

    recipe: Recipe
    model: Model
    rows: Sequence[Row]
    evaluated: Sequence[Evaluated]
    record: Mapping[str, Any]
    recipe_text: str
    folder: str

    @property
    def title(self) -> str:
        """What was trained on what."""
        architecture = self.model.architecture
        name = architecture.title
        if architecture.name != name.lower():
            name = f"{name} ({architecture.name})"
        source = self.recipe.data.source
        own = source.default_root is None and Path(self.record["data"]["root"]).name
        return f"{name} on {own or source.name}"

    def caption(self, evaluated: Evaluated) -> str:
        """The words above a confusion matrix."""
        return f"{self.title}: {count_text(evaluated.items)} of {evaluated.split}"


@dataclass(frozen=True)
class Plot:
    """A picture for light ground and for dark, as addresses that hold it; without a dark one it is for both."""

    words: str
    light: str
    dark: str | None = None


def page(content: Content) -> str:
    """The page as text."""
    environment = Environment(
        loader=PackageLoader("archspec.training.report", "."),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "count": count_text,
        "rounded": rounded_text,
        "measure": measure_text,
        "long": duration,
        "precision": precision_text,
    }
    main = foremost(content.evaluated)
    return environment.get_template("page.html").render(
        content=content,
        record=content.record,
        data=content.record["data"],
        graph=content.model.architecture.graph,
        main=main,
        measures=list(dict.fromkeys(name for each in content.evaluated for name in each.measures)),
        words=measure_words,
        begun=datetime.fromisoformat(content.record["begun"]).strftime("%Y-%m-%d %H:%M UTC"),
        input=shapes_text(content.model.architecture.graph.root.input_shapes),
        trained=trainable(content.recipe.phases, content.model.module, content.model.frozen),
        trained_on=content.record["data"]["items_by_class"]["train"],
        curves=_curves(content),
        confusion=_confusion(content),
        pairs=main.confused[:PAIRS] if main else [],
        mistakes=_mistakes(main),
        scenes=[(scene_uri(each), _scene_words(each)) for each in main.scenes] if main else [],
        masks=main is not None and any(each.mask_precision is not None for each in main.sought),
        pictures=list(_pictures(content)),
        summary=Markup(content.model.architecture.summary()._repr_html_()),
    )


def duration(seconds: float) -> str:
    """A time as one says it.

    >>> duration(42.3), duration(150), duration(7384)
    ('42 s', '2 min 30 s', '2 h 3 min')
    """
    minutes, rest = divmod(round(seconds), 60)
    if not minutes:
        return f"{rest} s"
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _curves(content: Content) -> Plot | None:
    if not content.rows:
        return None
    light, dark = (svg_uri(curves(content.rows, None, theme, "svg")) for theme in _THEMES)
    return Plot("Losses, measures and the learning rate, epoch by epoch", light, dark)


def _confusion(content: Content) -> Plot | None:
    main = foremost(content.evaluated)
    if not main or not main.confusion:
        return None
    light, dark = (svg_uri(confusion(main, None, theme, "svg")) for theme in _THEMES)
    return Plot(f"Confusion matrix: {content.caption(main)}", light, dark)


def _mistakes(evaluated: Evaluated | None) -> list[tuple[str, str, str, float]]:
    """The mistakes that the network was surest of: picture, class, what it was taken for, and how sure it was."""
    if not evaluated:
        return []
    return [
        (png_uri(each.image), evaluated.classes[each.truth], evaluated.classes[each.guess], each.sureness)
        for each in evaluated.mistakes
        if each.image.ndim == 3 and each.image.shape[0] in (1, 3)
    ]


def _scene_words(scene: Scene) -> str:
    """What a picture of found objects shows, for those who do not see it."""
    counts = Counter(each.name for each in scene.found)
    told = ", ".join(f"{count} {name}" for name, count in counts.items()) or "nothing"
    return f"found: {told}; there: {len(scene.there)}"


def _pictures(content: Content) -> Iterator[Plot]:
    """The network's pictures; it may be too large to draw, or have no volumes."""
    architecture = content.model.architecture
    with suppress(SpecError):
        light, dark = (svg_uri(volumes(architecture.graph, theme).encode()) for theme in _THEMES)
        yield Plot("Feature maps as volumes", light, dark)
    with suppress(SpecError):
        yield Plot("The network, block by block", svg_uri(architecture.draw().svg().encode()))
