"""Data sets of installed packages: any torch `Dataset` under the name of its entry point."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Mapping
from functools import cache
from importlib import metadata
from pathlib import Path
from typing import Annotated, Any, ClassVar, cast, get_type_hints

from pydantic import Field, create_model

from archspec.language.diagnostics import Diagnostic
from archspec.language.pydantic_models import Expects
from archspec.training.data.adapters import Foreign, classes_of, labels_of
from archspec.training.data.network_inputs import Wanted
from archspec.training.data.sources.base import SPLIT_NAMES, SPLITS, Flag, Items, Source, Split, Task, data_error

GROUP = "archspec.datasets"
_KINDS: Mapping[Any, Any] = {
    bool: Flag,
    int: Annotated[int, Expects("a whole number")],
    float: Annotated[float, Field(allow_inf_nan=False), Expects("a number")],
    str: Annotated[str, Expects("a word")],
}
_TRANSFORMS = ("transform", "target_transform", "transforms")
"""The keywords that torchvision's data sets have for what a recipe says under `transforms`."""


def installed_names() -> list[str]:
    """The names of the installed packages' sources; none is loaded for that."""
    return list(_entries())


@cache
def installed(name: str) -> type[Source]:
    """A package's own source; raises `KeyError` where there is none, `SpecError` where it cannot be loaded."""
    entry = _entries()[name]
    try:
        loaded = entry.load()
    except Exception as error:  # a package fails in its own ways
        raise data_error(
            "data-source", f"`{name}` cannot be loaded from `{entry.value}`", found=_told(error)
        ) from error
    if inspect.isclass(loaded) and issubclass(loaded, Source):
        return loaded
    if not callable(loaded):
        raise data_error(
            "data-source", f"`{entry.value}` is not a data set", expected="a function that gives a `Dataset`"
        )
    return _source(name, loaded)


def _entries() -> dict[str, metadata.EntryPoint]:
    return {entry.name: entry for entry in metadata.entry_points(group=GROUP)}


class Installed(Source):
    """A data set of an installed package, whose fields are the keywords of the function that gives it.

    Of these, `train` or `split` are filled in for each split, and a recipe's folder is its `root`.
    """

    make: ClassVar[Callable[..., Any]]
    example = ""

    def place(self, given: Path | None) -> Path:
        takes = "root" in _parameters(self.make)
        if not takes and (given or self.root):
            raise data_error("data-missing", f"`{self.name}` takes no folder: leave `root` and `--data` out")
        if takes and not _is_required(_parameters(self.make)["root"]) and not given and not self.root:
            return Path()
        return super().place(given) if takes else Path()

    def open(self, root: Path, wanted: Wanted) -> Mapping[Split, Items]:
        given = {name: getattr(self, name) for name in type(self).model_fields if name != "root"}
        keywords = {name: value for name, value in given.items() if name in self.model_fields_set}
        if root != Path():
            keywords["root"] = str(root)
        made = {split: self._made(split, keywords) for split in SPLITS}
        return {
            split: _items(self.name, split, dataset, self.task, wanted)
            for split, dataset in made.items()
            if dataset is not None
        }

    def _made(self, split: Split, keywords: dict[str, Any]) -> Any:
        """The data set of a split; `None` where there is none."""
        parameters = _parameters(self.make)
        if "train" in parameters:
            return None if split == "validation" else self._call({**keywords, "train": split == "train"})
        if "split" not in parameters:
            return self._call(keywords) if split == "train" else None
        refused: ValueError | None = None
        for word in (name for name, of in SPLIT_NAMES.items() if of == split):
            try:
                return self._call({**keywords, "split": word}, ValueError)
            except ValueError as error:
                refused = refused or error
        if split == "train":
            raise data_error("data-source", f"`{self.name}` cannot be opened", found=_told(cast(Exception, refused)))
        return None

    def _call(self, keywords: dict[str, Any], passed: type[Exception] | tuple[()] = ()) -> Any:
        try:
            return type(self).make(**keywords)
        except passed:
            raise
        except Exception as error:  # a package fails in its own ways
            raise data_error("data-source", f"`{self.name}` cannot be opened", found=_told(error)) from error


def _source(name: str, make: Callable[..., Any]) -> type[Source]:
    """A source with a function's keywords for fields."""
    parameters = _parameters(make)
    filled = "train" if "train" in parameters else "split"
    hints = _hints(make)
    fields: dict[str, Any] = {
        each.name: (_kind(hints.get(each.name)), ... if _is_required(each) else each.default)
        for each in parameters.values()
        if each.name not in ("root", filled, *_TRANSFORMS)
    }
    source = create_model(name, __base__=Installed, __doc__=inspect.getdoc(make) or f"`{name}`.", **fields)
    source.name, source.make, source.task = name, staticmethod(make), _task(make)
    source.main = next((each for each in fields if "root" not in parameters), "root")
    return source


def _task(make: Callable[..., Any]) -> Task:
    return "detection" if getattr(make, "task", None) == "detection" else "classification"


def _kind(hint: Any) -> Any:
    return _KINDS.get(hint, Any)


def _hints(make: Callable[..., Any]) -> dict[str, Any]:
    try:
        return get_type_hints(make.__init__ if inspect.isclass(make) else make)
    except Exception:  # annotations may name what is not there
        return {}


@cache
def _parameters(make: Callable[..., Any]) -> dict[str, inspect.Parameter]:
    named = (inspect.Parameter.POSITIONAL_OR_KEYWORD, inspect.Parameter.KEYWORD_ONLY)
    every = inspect.signature(make).parameters.values()
    return {each.name: each for each in every if each.kind in named}


def _is_required(parameter: inspect.Parameter) -> bool:
    return parameter.default is inspect.Parameter.empty


def _items(name: str, split: Split, dataset: Any, task: Task, wanted: Wanted) -> Items:
    if not hasattr(dataset, "__len__") or not hasattr(dataset, "__getitem__"):
        help_ = "items are drawn by index, so that a run can be resumed: give it `__len__` and `__getitem__`"
        raise data_error(
            "data-source", f"`{name}` is not a data set with a length", found=type(dataset).__name__, help=help_
        )
    labels = labels_of(dataset) if task == "classification" else None
    classes = classes_of(dataset, labels)
    return Items(Foreign(dataset, wanted, task), classes, labels, problems=_problems(name, split, classes, labels))


def _problems(name: str, split: Split, classes: tuple[str, ...], labels: Any) -> tuple[Diagnostic, ...]:
    wrong = sorted({label for label in labels or () if not 0 <= label < len(classes)})
    if not wrong:
        return ()
    message = f"`{name}` has items for {split} of classes that it does not name"
    expected = f"whole numbers from 0 to {len(classes) - 1}"
    return (Diagnostic("data-labels", message, expected=expected, found=", ".join(map(str, wrong[:10]))),)


def _told(error: Exception) -> str:
    text = (str(error).strip() or "no words").splitlines()[0]
    return f"{type(error).__name__}: {text}"
