"""Images with the objects in them, annotated in COCO's JSON."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, ClassVar

from archspec.language.diagnostics import Diagnostic
from archspec.language.plural import plural
from archspec.language.pydantic_models import Expects
from archspec.training.data.coco_annotations import Annotations, Picture, read_annotations
from archspec.training.data.images import UnreadableError, load
from archspec.training.data.network_inputs import Wanted
from archspec.training.data.sources.base import SPLIT_NAMES, SPLITS, Flag, Items, Source, Split, data_error, register
from archspec.training.data.sources.folders import existing

if TYPE_CHECKING:
    from PIL.Image import Image as PillowImage
    from torch import Tensor
    from torchvision.tv_tensors import Image

BACKGROUND, UNUSED = "__background__", "N/A"
"""What torchvision calls class 0, and a number that no category has."""
MOST_CLASSES = 10_000
SHOWN = 10
File = Annotated[str, Expects("the path of a file of annotations")]


class AnotherSizeError(UnreadableError):
    """An image was changed after it was annotated."""

    code = "data-annotations"
    what = "differs in size from what its annotations say"
    help = "annotate the image as it is, or take the image that was annotated"


@dataclass(frozen=True)
class CocoImages:
    """Images and the objects in them; `crowds` are left out where a network learns."""

    folder: Path
    pictures: tuple[Picture, ...]
    numbers: Mapping[int, int]
    wanted: Wanted
    crowds: bool = True

    def __len__(self) -> int:
        return len(self.pictures)

    def __getitem__(self, index: int) -> tuple[Image, dict[str, Any]]:
        from torchvision.transforms.v2 import functional
        from torchvision.tv_tensors import Image

        picture = self.pictures[index]
        image = Image(functional.pil_to_tensor(self._read(picture)))
        return image, self._target(picture, (image.shape[-2], image.shape[-1]))

    def _read(self, picture: Picture) -> PillowImage:
        """The image as it was annotated: as it lies in its file, or upright."""
        path = self.folder / picture.file
        image = load(path, self.wanted.channels, upright=False)
        if picture.size not in (None, image.size):
            lying, image = image, load(path, self.wanted.channels)
            if picture.size != image.size:
                found, told = ("×".join(map(str, size)) for size in (lying.size, picture.size or ()))
                raise AnotherSizeError(path, f"{found}, not {told}")
        return image

    def _target(self, picture: Picture, size: tuple[int, int]) -> dict[str, Any]:
        import torch
        from torchvision.tv_tensors import BoundingBoxes, BoundingBoxFormat, KeyPoints, Mask

        things = [thing for thing in picture.things if self.crowds or not thing.crowd]
        boxes = torch.tensor([thing.box for thing in things], dtype=torch.float32).reshape(-1, 4)
        boxes[:, 2:] += boxes[:, :2]
        target: dict[str, Any] = {
            "boxes": BoundingBoxes(boxes, format=BoundingBoxFormat.XYXY, canvas_size=size),
            "labels": torch.tensor([self.numbers[thing.category] for thing in things], dtype=torch.int64),
            "iscrowd": torch.tensor([thing.crowd for thing in things], dtype=torch.int64),
            "image_id": picture.number,
        }
        if "masks" in self.wanted.fields:
            target["masks"] = Mask(_masks([thing.outline for thing in things], size))
        if "keypoints" in self.wanted.fields:
            points = torch.tensor([thing.points for thing in things], dtype=torch.float32)
            points = points.reshape(len(things), -1, 3) if things else points.reshape(0, _points(self.wanted) or 0, 3)
            target["keypoints"] = KeyPoints(points[..., :2], canvas_size=size)
            target["visibility"] = points[..., 2]
        return target


def _masks(outlines: Sequence[Any], size: tuple[int, int]) -> Tensor:
    """The outlines, polygons or run lengths, as masks `[N, H, W]` of zeros and ones."""
    import torch
    from pycocotools import mask

    masks = torch.zeros((len(outlines), *size), dtype=torch.uint8)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "__array__ implementation doesn't accept a copy keyword")  # pycocotools'
        for number, outline in enumerate(outlines):
            runs = outline
            if isinstance(outline, list):
                runs = mask.merge(mask.frPyObjects(outline, *size))
            elif isinstance(outline["counts"], list):
                runs = mask.frPyObjects(outline, *size)
            masks[number] = torch.from_numpy(mask.decode(runs))
    return masks


@register
class CocoDetection(Source):
    """Images with boxes, and masks or keypoints where the network takes them, in COCO's JSON.

    The files of annotations are found where COCO has them (`annotations/instances_train2017.json`), as `train.json`, or
    as `train/_annotations.coco.json`; or `train`, `validation` and `test` name them. `images` is the folder of images,
    where they are in none of the usual ones. A category's number is its class, and class 0 is the background;
    with `renumber: true` categories are numbered from 1 in the order of their own numbers. Crowds are not learned.
    """

    name = "coco_detection"
    task = "detection"
    example: ClassVar[str] = "{coco_detection: {root: coco}}"

    train: File | None = None
    validation: File | None = None
    test: File | None = None
    images: Annotated[str, Expects("the path of a folder")] | None = None
    renumber: Flag = False

    def open(self, root: Path, wanted: Wanted) -> Mapping[Split, Items]:
        existing(root)
        files = {split: file for split in SPLITS if (file := self._file(root, split, wanted))}
        if "train" not in files:
            raise data_error(
                "data-missing",
                f"there are no annotations for training in `{root}`",
                expected="`annotations/instances_train*.json`, `train.json` or `train/_annotations.coco.json`",
                help="name the file: `train: …`",
            )
        read = {split: read_annotations(file, outlines="masks" in wanted.fields) for split, file in files.items()}
        for split, other in read.items():
            _check_equal(read["train"], other, split)
        numbers, classes = self._classes(read["train"])
        return {split: self._items(root, split, each, numbers, classes, wanted) for split, each in read.items()}

    def _file(self, root: Path, split: Split, wanted: Wanted) -> Path | None:
        """The file of annotations of a split, if there is one."""
        given: str | None = getattr(self, split)
        if given is not None:
            file = root / given
            if not file.is_file():
                raise data_error("data-missing", f"there is no file `{file}`")
            return file
        found = list(dict.fromkeys(_usual_files(root, split, "keypoints" in wanted.fields)))
        if len(found) > 1:
            told = ", ".join(f"`{file.relative_to(root)}`" for file in found)
            help_ = f"say which: `{split}: {found[0].relative_to(root)}`"
            raise data_error("data-split", f"several files may be the annotations for {split}", found=told, help=help_)
        return found[0] if found else None

    def _classes(self, annotations: Annotations) -> tuple[dict[int, int], tuple[str, ...]]:
        """The class's number for each category's, and the classes."""
        categories = dict(sorted(annotations.categories.items()))
        numbers = {category: place for place, category in enumerate(categories, 1)} if self.renumber else {}
        numbers = numbers or {category: category for category in categories}
        if wrong := next((each for each in numbers.values() if not 0 < each < MOST_CLASSES), None):
            _refuse(annotations, wrong)
        if 0 in numbers.values():
            _refuse(annotations, 0)
        names = {number: categories[category] for category, number in numbers.items()}
        return numbers, (BACKGROUND, *(names.get(number, UNUSED) for number in range(1, max(names) + 1)))

    def _items(
        self,
        root: Path,
        split: Split,
        annotations: Annotations,
        numbers: dict[int, int],
        classes: tuple[str, ...],
        wanted: Wanted,
    ) -> Items:
        folder = self._folder(root, annotations, split)
        drawn = CocoImages(folder, annotations.pictures, numbers, wanted)
        files = tuple(folder / picture.file for picture in annotations.pictures)
        problems = tuple(_problems(annotations, wanted))
        return Items(drawn, classes, None, files, in_training=replace(drawn, crowds=False), problems=problems)

    def _folder(self, root: Path, annotations: Annotations, split: Split) -> Path:
        """The folder of the images: the first of the usual ones that has the first of them."""
        file, first = annotations.file, annotations.pictures[0].file
        names = [file.stem.rpartition("_")[2], *_names(split)]
        above = [root / self.images] if self.images else [file.parent, root, root / "images", file.parent / "images"]
        places = dict.fromkeys([*above, *(folder / name for folder in above for name in names)])
        found = next((place for place in places if (place / first).is_file()), None)
        if found is None:
            raise data_error(
                "data-missing",
                f"the images of `{file}` do not exist",
                expected=f"`{first}` in one of " + ", ".join(f"`{place}`" for place in places if place.is_dir()),
                help="name their folder: `images: …`",
            )
        return found


def _names(split: Split) -> list[str]:
    """What a split is called."""
    return [name for name, of in SPLIT_NAMES.items() if of == split]


def _usual_files(root: Path, split: Split, keypoints: bool) -> Iterator[Path]:
    kind = "person_keypoints" if keypoints else "instances"
    for name in _names(split):
        usual = (f"annotations/{kind}_{name}*.json", f"annotations/{name}.json", f"{name}.json")
        for pattern in (*usual, f"{name}/_annotations.coco.json", f"{name}/annotations.json"):
            yield from sorted(root.glob(pattern))


def _refuse(annotations: Annotations, category: int) -> None:
    name = annotations.categories[category]
    what = "and 0 stands for the background" if category == 0 else f"and classes are numbered up to {MOST_CLASSES}"
    raise data_error(
        "data-categories",
        f"category `{name}` of `{annotations.file}` has the number {category}, {what}",
        help="write `renumber: true`: the categories are then numbered from 1",
    )


def _check_equal(train: Annotations, other: Annotations, split: Split) -> None:
    for number in sorted({*train.categories, *other.categories}):
        own, theirs = train.categories.get(number), other.categories.get(number)
        if own != theirs:
            raise data_error(
                "data-class-names",
                f"training and {split} have different categories",
                expected=f"{number}: {f'`{own}`' if own else 'none'} (`{train.file}`)",
                found=f"{number}: {f'`{theirs}`' if theirs else 'none'} (`{other.file}`)",
            )


def _problems(annotations: Annotations, wanted: Wanted) -> Iterator[Diagnostic]:
    """Objects that no network can learn or that lack what the network takes."""
    every = [(picture, thing) for picture in annotations.pictures for thing in picture.things]
    flat = [(picture, thing) for picture, thing in every if not _has_area(picture, thing.box)]
    if flat:
        lines = [f"object {thing.number} in `{picture.file}`: {list(thing.box)}" for picture, thing in flat[:SHOWN]]
        lines += [f"and {len(flat) - SHOWN} more"] * (len(flat) > SHOWN)
        boxes = "1 box" if len(flat) == 1 else f"{len(flat)} boxes"
        yield Diagnostic(
            "data-boxes",
            f"{boxes} of `{annotations.file}` lie outside their images or have no area",
            expected="[x, y, width, height] with a positive width and height",
            found="\n".join(lines),
            help="fix these annotations, or remove them",
        )
    for field, given in (("masks", "outline"), ("keypoints", "points")):
        lacking = [thing for _, thing in every if not thing.crowd and getattr(thing, given) is None]
        if field in wanted.fields and lacking:
            lack = f"{plural(len(lacking), 'object')} of `{annotations.file}` {'has' if len(lacking) == 1 else 'have'}"
            key = "segmentation" if field == "masks" else field
            message = f"{lack} no `{key}`, and the network takes `{field}`"
            yield Diagnostic("data-targets", message, found=f"object {lacking[0].number} is the first")
    counts = {len(thing.points) // 3 for _, thing in every if thing.points is not None}
    expected = _points(wanted)
    if expected is not None and counts and counts != {expected}:
        message = f"the objects of `{annotations.file}` have other keypoints than the network finds"
        told = " or ".join(map(str, sorted(counts)))
        help_ = f"set `num_keypoints` to {told}: `--set num_keypoints={told}`" if len(counts) == 1 else None
        yield Diagnostic("data-targets", message, expected=f"{expected} for each", found=told, help=help_)
    if not every:
        yield Diagnostic("data-targets", f"there are no objects in `{annotations.file}`")


def _has_area(picture: Picture, box: Sequence[float]) -> bool:
    x, y, width, height = box
    within = picture.size is None or (x < picture.size[0] and y < picture.size[1] and x + width > 0 and y + height > 0)
    return width > 0 and height > 0 and within


def _points(wanted: Wanted) -> int | None:
    """How many keypoints the network finds of each object, if it finds any."""
    shape = wanted.field_shapes.get("keypoints")
    return shape[1] if shape and len(shape) == 3 and isinstance(shape[1], int) else None
