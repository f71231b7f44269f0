"""A run on data: what `archspec evaluate` does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.training.data import Data, eval_pipeline, held_against, open_apart, open_data
from archspec.training.data.relabelling import relabelled
from archspec.training.data.sources import SPLITS, Split
from archspec.training.evaluation import Evaluated, evaluate
from archspec.training.fitting import make_trainer, quiet
from archspec.training.reopening import Reopened

FOR_TRAINING = ("data-batch", "data-empty-class", "data-class-names")
"""What data is held against for training alone."""


@dataclass(frozen=True)
class Measured:
    """What came of a run on data: on each part of it, and which data it was."""

    source: str
    root: str
    whole: bool
    """Whether all of it was measured, as it came in no splits."""
    evaluated: list[Evaluated]

    def data(self) -> dict[str, Any]:
        """The same as plain JSON values."""
        results = {each.split: each.data() for each in self.evaluated}
        return {"data": {"source": self.source, "root": self.root}, "results": results}


def measure(reopened: Reopened, root: Path | None, split: Split | None, machine: Mapping[str, Any]) -> Measured:
    """Evaluate a run's network on what was held out of its own data, or on data that lies elsewhere.

    Other data is measured whole, or where it comes in splits, by those that are not for training; with `split` it is
    divided as the run's own, and that part measured. `machine` are keywords of Lightning's Trainer. Raises `SpecError`
    where the data is not there or does not fit.
    """
    recipe, graph = reopened.recipe, reopened.architecture.graph
    chosen: list[Split]
    own = Path(reopened.record["data"]["root"])
    if split is None and root is not None and root.expanduser().resolve() != own:
        data = open_apart(recipe.data, graph, root=root, preset=reopened.preset)
        chosen = [each for each in data.parts if each != "train"] or ["train"]
    else:
        data = open_data(recipe.data, graph, root=root or own, seed=recipe.section.seed, preset=reopened.preset)
        chosen = [split] if split else [each for each in SPLITS[1:] if each in data.parts]
    _check(data, chosen, reopened)
    if split == "train":
        part = data.parts[split]
        steps = eval_pipeline(recipe.data, graph, reopened.preset, uniform=part.items.uniform)
        data.parts[split] = replace(part, split="test", pipeline=steps)
    data = relabelled(data, reopened.classes)
    trainer = make_trainer(recipe, reopened.run, {"enable_progress_bar": False, **machine}, 1, [])
    with quiet():
        done = [evaluate(reopened.network, graph, recipe.terms, data, each, trainer) for each in chosen]
    return Measured(recipe.data.source.name, str(data.root), split is None and chosen == ["train"], done)


def _check(data: Data, chosen: list[Split], reopened: Reopened) -> None:
    empty = [split for split in chosen if not len(data.parts.get(split, ()))]
    if empty or not chosen:
        names = " or ".join(f"`{split}`" for split in empty) or "validation or test"
        found = ", ".join(f"`{name}`: {len(part)}" for name, part in data.parts.items())
        raise SpecError([Diagnostic("data-split", f"the data has no items for {names}", found=found)])
    data.parts = {split: part for split, part in data.parts.items() if split in chosen or split == "train"}
    strange = set(data.classes) - set(reopened.classes)
    problems = [each for each in held_against(data, reopened.architecture.graph) if each.code not in FOR_TRAINING]
    if strange or len(data.classes) != len(reopened.classes):
        problems = [each for each in problems if each.code != "data-classes"]
    errors = [each for each in problems if each.severity == "error"]
    if strange:
        errors.insert(0, _strange(strange, reopened))
    if errors:
        raise SpecError(errors)


def _strange(names: set[str], reopened: Reopened) -> Diagnostic:
    told = ", ".join(f"`{name}`" for name in sorted(names)[:10]) + (", …" if len(names) > 10 else "")
    known = ", ".join(f"`{name}`" for name in reopened.classes[:10]) + (", …" if len(reopened.classes) > 10 else "")
    message = f"the data has classes that `{reopened.run.folder}` was not trained on"
    return Diagnostic("data-classes", message, expected=known, found=told)
