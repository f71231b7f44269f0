"""A run's network on images or clips: what `archspec predict` does."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch
from torch import Tensor
from torch.utils.data import DataLoader, Dataset

from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.ops.shapes import Shape, known, shape_text
from archspec.training.data import eval_pipeline, read_image
from archspec.training.data.images import SUFFIXES, UnreadableError
from archspec.training.data.network_inputs import wanted_by
from archspec.training.data.preprocessing import Pipeline, TransformError
from archspec.training.data.sources.clips import Choice, Clips, clips_at, frames_of, read_clip
from archspec.training.run.fit import make_trainer, quiet
from archspec.training.run.loss_module import Judged
from archspec.training.use.reopen import Reopened
from archspec.training.use.results import Found

if TYPE_CHECKING:
    from lightning.pytorch import Trainer

BATCH = 32
"""How many images or clips go through the network at once, where they have one size."""
MANY = 64
"""From so many on, several processes read them."""


@dataclass(frozen=True)
class Guess:
    """A class, and how probable it is."""

    name: str
    probability: float


@dataclass(frozen=True)
class Predicted:
    """What came of one image or clip: the most probable classes, or the objects found, the surest first."""

    path: Path
    guesses: tuple[Guess, ...] = ()
    objects: tuple[Found, ...] = ()


def is_detector(reopened: Reopened) -> bool:
    """Whether a run's network finds objects, rather than telling classes apart."""
    return reopened.recipe.data.source.task == "detection"


def takes_clips(reopened: Reopened) -> bool:
    """Whether a run's network takes clips; raises `SpecError` where it takes neither these nor images."""
    graph = reopened.architecture.graph
    shape = graph.root.input_shapes[0]
    if len(shape) not in (3, 4):
        message = f"`{graph.name}` takes {shape_text(shape)}: neither an image nor a clip"
        help_ = "measure it on data of its kind with `archspec evaluate`"
        raise SpecError([Diagnostic("predict-input", message, help=help_)])
    return len(shape) == 4


def inputs_at(reopened: Reopened, paths: Sequence[Path]) -> list[Path]:
    """The images or clips named, and all in the folders named; raises `SpecError` where a folder holds none.

    A clip is a video, or a folder with frames right inside it.
    """
    what, find = ("clips", clips_at) if takes_clips(reopened) else ("images", _images_at)
    found = {path: find(path) for path in paths}
    empty = [Diagnostic("data-missing", f"there are no {what} in `{path}`") for path in paths if not found[path]]
    if empty:
        raise SpecError(empty)
    return [each for path in paths for each in found[path]]


def _images_at(place: Path) -> list[Path]:
    if not place.is_dir():
        return [place]
    return sorted(each for each in place.rglob("*") if each.suffix.lower() in SUFFIXES and each.is_file())


def predict(
    reopened: Reopened, paths: Sequence[Path], machine: Mapping[str, Any], *, top: int = 1, threshold: float = 0.5
) -> Iterator[Predicted | Diagnostic]:
    """What the network makes of each file, in their order; a `Diagnostic` for one that cannot be read or fitted.

    `top` is how many classes are told, `threshold` the least score of an object. `machine` are keywords of Lightning's
    Trainer. Raises `SpecError` where the network takes something else than images or clips.
    """
    graph = reopened.architecture.graph
    shape = None if is_detector(reopened) else graph.root.input_shapes[0]
    uniform = reopened.record["data"].get("uniform", False)
    pipeline = eval_pipeline(reopened.recipe.data, graph, reopened.preset, uniform=uniform)
    files = _Files(paths, _reader(reopened), pipeline, shape)
    workers = min(8, os.cpu_count() or 1) if len(paths) >= MANY else 0
    loader = DataLoader(files, BATCH, num_workers=workers, collate_fn=list)
    predictor = _Predictor(reopened, graph, top, threshold)
    trainer: Trainer = make_trainer(reopened.recipe, reopened.run, {"enable_progress_bar": False, **machine}, 1, [])
    with quiet():
        batches: Any = trainer.predict(predictor, loader)
    results = (result for batch in batches or () for result in batch)
    for path, result in zip(paths, results):
        if isinstance(result, _Failed):
            yield result.diagnostic
        elif is_detector(reopened):
            yield Predicted(path, objects=tuple(Found(*each) for each in result))
        else:
            yield Predicted(path, tuple(Guess(*each) for each in result))


def _reader(reopened: Reopened) -> Callable[[Path], Tensor]:
    """What reads a file as the network's images or clips are read."""
    wanted, source = wanted_by(reopened.architecture.graph), reopened.recipe.data.source
    if not takes_clips(reopened):
        return partial(read_image, channels=wanted.channels)
    choice = source.choice(wanted) if isinstance(source, Clips) else Choice(wanted.frames)
    return partial(_clip, channels=wanted.channels, choice=choice)


def _clip(path: Path, channels: int | None, choice: Choice) -> Tensor:
    clip: Tensor = read_clip(path, frames_of(path), channels, choice)
    return clip


class _Failed:
    """Stands for a file that could not be read; no dataclass, which Lightning would look into for tensors."""

    def __init__(self, diagnostic: Diagnostic) -> None:
        self.diagnostic = diagnostic


@dataclass(frozen=True)
class _Files(Dataset[Any]):
    """The images or clips as the network takes them, of `shape` where that is given."""

    paths: Sequence[Path]
    read: Callable[[Path], Tensor]
    pipeline: Pipeline
    shape: Shape | None

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, index: int) -> Tensor | _Failed:
        path = self.paths[index]
        try:
            image: Tensor = self.pipeline(self.read(path)).as_subclass(Tensor)
        except UnreadableError as error:
            return _Failed(Diagnostic(error.code, f"`{path}` {error.what}", found=error.reason))
        except TransformError as error:
            return _Failed(Diagnostic("transform", f"`{error.step}` cannot be done to `{path}`", found=error.reason))
        if self.shape is not None and not _fits(image.shape, self.shape):
            return _Failed(_misshapen(path, image.shape, self.shape))
        return image


def _fits(own: Sequence[int], wanted: Shape) -> bool:
    return len(own) == len(wanted) and all(not known(want) or want == size for size, want in zip(own, wanted))


def _misshapen(path: Path, own: Sequence[int], wanted: Shape) -> Diagnostic:
    message = f"`{path}` comes out of the transforms in a shape that the network does not take"
    help_ = "bring it to the size of what was trained on"
    return Diagnostic("data-shape", message, expected=shape_text(wanted), found=shape_text(tuple(own)), help=help_)


class _Predictor(Judged):
    """Reads off what the network says, batch by batch, as tuples: Lightning takes no frozen dataclasses."""

    def __init__(self, reopened: Reopened, graph: Graph, top: int, threshold: float) -> None:
        super().__init__(reopened.network, graph, reopened.recipe.terms)
        self._classes, self._detects = reopened.classes, is_detector(reopened)
        self._top, self._threshold = top, threshold

    def predict_step(self, batch: list[Any], batch_idx: int) -> list[Any]:
        images = [each for each in batch if isinstance(each, Tensor)]
        read = iter(self._objects(images) if self._detects else self._guesses(images))
        return [next(read) if isinstance(each, Tensor) else each for each in batch]

    def _guesses(self, images: list[Tensor]) -> Iterator[list[tuple[str, float]]]:
        for stack in _stacks(images):
            probable = self.probabilities(self.named_outputs((stack,))).float().cpu()
            for values, numbers in zip(*probable.topk(min(self._top, probable.shape[1]))):
                yield [(self._name(int(number)), float(value)) for value, number in zip(values, numbers)]

    def _objects(self, images: list[Tensor]) -> Iterator[list[tuple[str, float, tuple[float, ...]]]]:
        for found in self.network(images) if images else ():
            yield [
                (self._name(int(label)), float(score), tuple(map(float, box)))
                for box, label, score in zip(*(found[key].cpu() for key in ("boxes", "labels", "scores")))
                if score >= self._threshold
            ]

    def _name(self, number: int) -> str:
        return self._classes[number] if number < len(self._classes) else str(number)


def _stacks(images: list[Tensor]) -> Iterator[Tensor]:
    """The images in their order, neighbours of one size together."""
    begin = 0
    for end in range(1, len(images) + 1):
        if end == len(images) or images[end].shape != images[begin].shape:
            yield torch.stack(images[begin:end])
            begin = end
