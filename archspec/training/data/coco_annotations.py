"""COCO's JSON of annotations, held against what is expected of it."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, ValidationError

from archspec.training.data.sources.base import data_error

Real = Annotated[float, Field(allow_inf_nan=False)]


class _Lenient(BaseModel):
    """Files have many keys of their own."""

    model_config = ConfigDict(extra="ignore", frozen=True)


class _Image(_Lenient):
    id: int
    file_name: str
    width: int | None = None
    height: int | None = None


class _Runs(_Lenient):
    size: tuple[int, int]
    counts: list[int] | str


class _Object(_Lenient):
    id: int | None = None
    image_id: int
    category_id: int
    bbox: tuple[Real, Real, Real, Real]
    iscrowd: int = 0
    segmentation: list[Annotated[list[Real], Field(min_length=6)]] | _Runs | None = None
    keypoints: list[Real] | None = None


class _Category(_Lenient):
    id: int
    name: str


@dataclass(frozen=True)
class Thing:
    """One object: its category, its box `(x, y, width, height)`, and its outline and keypoints, if it has them."""

    number: int
    category: int
    box: tuple[float, float, float, float]
    crowd: bool
    outline: Any
    points: tuple[float, ...] | None


@dataclass(frozen=True)
class Picture:
    """One image: its number, its file, its width and height if they are told, and the objects in it."""

    number: int
    file: str
    size: tuple[int, int] | None
    things: tuple[Thing, ...]


@dataclass(frozen=True)
class Annotations:
    """What a file of annotations says."""

    file: Path
    categories: dict[int, str]
    pictures: tuple[Picture, ...]


def read_annotations(file: Path, *, outlines: bool = True) -> Annotations:
    """A file of annotations; raises `SpecError` where it is none, or contradicts itself.

    Without `outlines` they are not kept: in COCO's own files they are most of what there is.
    """
    tree = _tree(file)
    images = _list(file, tree, "images", _Image)
    categories = {each.id: each.name for each in _list(file, tree, "categories", _Category)}
    things: dict[int, list[Thing]] = defaultdict(list)
    known = {image.id for image in images}
    for place, each in enumerate(_list(file, tree, "annotations", _Object)):
        for what, number, numbers in (("image", each.image_id, known), ("category", each.category_id, categories)):
            if number not in numbers:
                raise _wrong(file, f"annotations[{place}]", f"there is no {what} {number}")
        things[each.image_id].append(_thing(each, place, outlines))
    if not images or not categories:
        raise _wrong(file, "images" if not images else "categories", "there are none")
    return Annotations(file, categories, tuple(_picture(image, things[image.id]) for image in images))


def _picture(image: _Image, things: list[Thing]) -> Picture:
    size = (image.width, image.height) if image.width and image.height else None
    return Picture(image.id, image.file_name, size, tuple(things))


def _thing(each: _Object, place: int, outlines: bool) -> Thing:
    given = each.segmentation if outlines else None
    outline = given.model_dump() if isinstance(given, _Runs) else given or None
    points = tuple(each.keypoints) if each.keypoints is not None else None
    number = each.id if each.id is not None else place
    return Thing(number, each.category_id, each.bbox, bool(each.iscrowd), outline, points)


def _tree(file: Path) -> dict[str, Any]:
    try:
        tree = json.loads(file.read_bytes())
    except OSError as error:
        raise data_error("data-unreadable", f"`{file}` cannot be read", found=error.strerror) from None
    except (UnicodeDecodeError, ValueError, RecursionError) as error:
        raise data_error("data-unreadable", f"`{file}` is not JSON", found=str(error).splitlines()[0]) from None
    if not isinstance(tree, dict):
        raise _wrong(file, "the file", "it is not a mapping with `images`, `annotations` and `categories`")
    return tree


_Entry = TypeVar("_Entry", bound=_Lenient)


def _list(file: Path, tree: dict[str, Any], key: str, model: type[_Entry]) -> list[_Entry]:
    if key not in tree:
        raise _wrong(file, f"`{key}`", "it does not exist")
    try:
        return TypeAdapter(list[model]).validate_python(tree[key])  # type: ignore[valid-type]
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in first["loc"])
        raise _wrong(file, f"{key}{place}", first["msg"][:1].lower() + first["msg"][1:]) from None


def _wrong(file: Path, place: str, reason: str) -> Exception:
    return data_error("data-annotations", f"`{file}` is not in COCO's form", found=f"{place}: {reason}")
