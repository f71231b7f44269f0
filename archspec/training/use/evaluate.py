"""A run on data: what `archspec evaluate` does."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from msgspec import structs

from archspec.language.diagnostics import Diagnostic, Findings, SpecError, did_you_mean
from archspec.language.source import Source
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar
from archspec.training.data import Data, DataSettings, eval_pipeline, held_against, open_apart, open_data, parse_data
from archspec.training.data.relabelling import relabelled
from archspec.training.data.sources import SPLITS, Split, sources
from archspec.training.run.fit import make_trainer, quiet
from archspec.training.run.network import check_against
from archspec.training.use.reopen import Reopened
from archspec.training.use.results import Evaluated, evaluate

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


def measure(
    reopened: Reopened,
    root: Path | None,
    split: Split | None,
    machine: Mapping[str, Any],
    settings: DataSettings | None = None,
) -> Measured:
    """Evaluate a run's network on what was held out of its own data, or on data that lies elsewhere.

    Other data is measured whole, or where it comes in splits, by those that are not for training; with `split` it is
    divided as the run's own, and that part measured. `settings` say how it lies there, where that is otherwise than the
    run's own. `machine` are keywords of Lightning's Trainer. Raises `SpecError` where the data is not there or does not
    fit.
    """
    recipe, graph = reopened.recipe, reopened.architecture.graph
    check_against(recipe, reopened.architecture)
    chosen: list[Split]
    own = Path(reopened.record["data"]["root"])
    given = settings or recipe.data
    if given is not recipe.data or root is not None:
        root = given.source.place(root)
    if split is None and root is not None and (given is not recipe.data or root.resolve() != own):
        uniform = reopened.record["data"].get("uniform", False)
        given = given.model_copy(update={"source": given.source.elsewhere()})
        with _told_of_kinds(settings is None):
            data = open_apart(given, graph, root=root, preset=reopened.preset, uniform=uniform)
        chosen = [each for each in data.parts if each != "train"] or ["train"]
    else:
        data = open_data(given, graph, root=root or own, seed=recipe.section.seed, preset=reopened.preset)
        chosen = [split] if split else [each for each in SPLITS[1:] if each in data.parts]
    _check(data, chosen, reopened)
    if split == "train":
        part = data.parts[split]
        steps = eval_pipeline(given, graph, reopened.preset, uniform=part.items.uniform)
        data.parts[split] = replace(part, split="test", pipeline=steps)
    data = relabelled(data, reopened.classes)
    trainer = make_trainer(recipe, reopened.run, {"enable_progress_bar": False, **machine}, 1, [])
    with quiet():
        done = [evaluate(reopened.network, graph, recipe.terms, data, each, trainer) for each in chosen]
    return Measured(given.source.name, str(data.root), split is None and chosen == ["train"], done)


@contextmanager
def _told_of_kinds(as_its_own: bool) -> Iterator[None]:
    """Data that does not exist may only be of another kind than the run's own."""
    try:
        yield
    except SpecError as error:
        help_ = "if it is data of another kind, name that: `--source csv`"
        raise SpecError(
            structs.replace(each, help=help_) if as_its_own and each.code == "data-missing" else each
            for each in error.diagnostics
        ) from None


def other_source(reopened: Reopened, text: str) -> DataSettings:
    """The run's `data:` with another source in it, as a recipe writes one: `image_folder`, `{csv: {file: table.csv}}`.

    What says how the run's own data was divided is left out. Raises `SpecError` with what is wrong in the text.
    """
    findings = Findings()
    tree = parse(Source("--source", text))
    if isinstance(tree, Scalar):
        tree = MappingTree(((tree, Scalar(None, tree.span)),), tree.span)
    if not isinstance(tree, MappingTree) or not all(key.value in sources() for key, _ in tree.entries):
        expected = ", ".join(f"`{name}`" for name in sources())
        help_ = did_you_mean(text.strip(), sources())
        message = f"there is no source `{text.strip()}`"
        raise SpecError([Diagnostic("unknown-name", message, tree.span, expected=expected, help=help_)])
    own = reopened.recipe.tree.get("data")
    assert isinstance(own, MappingTree), "the recipe was read"
    kept = tuple(entry for entry in own.entries if entry[0].value in ("batch_size", "workers", "transforms"))
    settings = parse_data(MappingTree((*tree.entries, *kept), tree.span), findings)
    findings.check()
    assert settings is not None, "what is wrong was told"
    if settings.source.task != reopened.recipe.data.source.task:
        message = (
            f"`{settings.source.name}` is for {settings.source.task}, which is not the task of `{reopened.run.folder}`"
        )
        raise SpecError([Diagnostic("data-inputs", message, tree.span)])
    return settings


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
