"""A recipe's `data:` and a spec's graph → the data of a run."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.training.data.dataset import Part
from archspec.training.data.module import Data
from archspec.training.data.network_inputs import wanted_by
from archspec.training.data.preprocessing import Pipeline, pipeline
from archspec.training.data.presets import preset_of
from archspec.training.data.settings import DataSettings, located
from archspec.training.data.sources import Items, Split
from archspec.training.data.splits import divided, limited

KEPT = 0.1
"""The share of the training items that is kept for validation where nothing else is said."""


def open_data(
    settings: DataSettings, graph: Graph, *, root: Path | None = None, seed: int = 0, preset: Any = None
) -> Data:
    """The data of a run, its splits made and its transforms fitted to the graph's input; no image is read yet.

    `root` takes the place of the recipe's own folder. `preset` are the torchvision weights that the network starts
    from, by name or member: what belongs to them is done to the images. Raises `SpecError` where the data is not there.
    """
    try:
        place = settings.source.place(root)
        wanted = wanted_by(graph)
        splits = settings.source.open(place, wanted)
        own = preset_of(settings.transforms.preset or preset, graph.name, settings.source.task)
        parts = {}
        for split, (items, chosen) in _divided(splits, settings, seed).items():
            steps = settings.transforms.train if split == "train" else settings.transforms.eval
            made = pipeline(steps, own, wanted, items.uniform)
            parts[split] = Part(split, items, chosen, made, settings.source.task, seed)
    except SpecError as error:
        raise SpecError(located(each, settings) for each in error.diagnostics) from None
    return Data(settings, parts, wanted, str(place), seed)


def open_apart(settings: DataSettings, graph: Graph, *, root: Path, preset: Any = None, uniform: bool = False) -> Data:
    """Data that a run was not trained on, in the splits that it comes in, all of each, as outside of training.

    `uniform` says that the images which it was trained on had one size: others are then brought to the network's size
    in the same way.
    """
    wanted = wanted_by(graph)
    try:
        splits = settings.source.open(root.expanduser(), wanted)
        parts = {}
        for split, items in splits.items():
            made = eval_pipeline(settings, graph, preset, uniform=uniform)
            parts[split] = Part("test", items, range(len(items)), made, settings.source.task, 0)
    except SpecError as error:
        raise SpecError(located(each, settings) for each in error.diagnostics) from None
    return Data(settings, parts, wanted, str(root), 0)


def eval_pipeline(settings: DataSettings, graph: Graph, preset: Any = None, *, uniform: bool = False) -> Pipeline:
    """What is done to one image outside of training, for an image that is in no data set."""
    own = preset_of(settings.transforms.preset or preset, graph.name, settings.source.task)
    return pipeline(settings.transforms.eval, own, wanted_by(graph), uniform)


def _divided(splits: Mapping[Split, Items], settings: DataSettings, seed: int) -> dict[Split, tuple[Items, list[int]]]:
    """Which items of which of the source's splits each part has."""
    train = splits["train"]
    left = list(range(len(train)))
    parts: dict[Split, tuple[Items, list[int]]] = {}
    asked: tuple[tuple[Split, str | float | None], ...]
    asked = (("test", settings.test), ("validation", settings.validation))
    for split, given in asked:
        share = given if given is not None else _default(split, splits)
        if isinstance(share, str):
            items = _named(share, splits, settings)
            parts[split] = (items, list(range(len(items))))
        elif share is not None:
            labels = [train.labels[item] for item in left] if train.labels is not None else None
            kept, taken = divided(len(left), labels, share, seed)
            parts[split] = (train, [left[number] for number in taken])
            left = [left[number] for number in kept]
    parts["train"] = (train, left)
    return {split: (items, _few(items, chosen, settings.limit, seed)) for split, (items, chosen) in parts.items()}


def _default(split: Split, splits: Mapping[Split, Items]) -> str | float | None:
    if split in splits:
        return split
    return KEPT if split == "validation" else None


def _named(split: str, splits: Mapping[Split, Items], settings: DataSettings) -> Items:
    items = next((items for name, items in splits.items() if name == split), None)
    if items is None:
        message = f"`{settings.source.name}` has no split `{split}` here"
        found = ", ".join(f"`{name}`" for name in splits)
        raise SpecError([Diagnostic("data-split", message, found=found, help="give a fraction, such as `0.1`")])
    return items


def _few(items: Items, chosen: list[int], limit: int | None, seed: int) -> list[int]:
    labels = [items.labels[item] for item in chosen] if items.labels is not None else None
    return [chosen[number] for number in limited(len(chosen), labels, limit, seed)]
