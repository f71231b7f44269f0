"""torchvision's small data sets, held in memory: MNIST, FashionMNIST, CIFAR10."""

from __future__ import annotations

import gzip
import sys
from abc import abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, redirect_stdout, suppress
from dataclasses import dataclass
from pathlib import Path
from shutil import copyfileobj
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, ClassVar

from archspec.training.data.colour_channels import with_channels
from archspec.training.data.network_inputs import Wanted
from archspec.training.data.sources.base import Flag, Items, Source, Split, data_error, register

if TYPE_CHECKING:
    from torch import Tensor
    from torchvision.tv_tensors import Image


@dataclass(frozen=True)
class Arrays:
    """Images of one size in one tensor `[N, C, H, W]`, and the class of each."""

    images: Tensor
    labels: tuple[int, ...]

    def __len__(self) -> int:
        return len(self.labels)

    def __getitem__(self, index: int) -> tuple[Image, int]:
        from torchvision.tv_tensors import Image

        return Image(self.images[index]), self.labels[index]


class _Arrays(Source):
    """A source that is read as a whole, and downloaded if it is missing and there is a network."""

    default_root: ClassVar[str | None] = "data"

    download: Flag = True

    def open(self, root: Path, wanted: Wanted) -> Mapping[Split, Items]:
        return {"train": self._items(root, True, wanted.channels), "test": self._items(root, False, wanted.channels)}

    def elsewhere(self) -> Source:
        return self.model_copy(update={"download": False})

    def _items(self, root: Path, train: bool, channels: int | None) -> Items:
        images, labels, classes = self._read(root, train)
        arrays = Arrays(with_channels(images, channels), tuple(labels.tolist()))
        return Items(arrays, classes, arrays.labels, uniform=True)

    @abstractmethod
    def _read(self, root: Path, train: bool) -> tuple[Tensor, Tensor, tuple[str, ...]]:
        """The images `[N, C, H, W]`, their labels and the classes."""

    @contextmanager
    def _fetching(self, root: Path) -> Iterator[None]:
        """What torchvision says goes to stderr, and what it cannot do becomes a message."""
        before = set(root.rglob("*"))
        try:
            with redirect_stdout(sys.stderr):
                yield
        except (OSError, RuntimeError) as error:
            for folder in sorted(set(root.rglob("*")) - before, reverse=True):
                with suppress(OSError):  # what has something in it stays
                    folder.rmdir()
            raise self._missing(root, reason=" ".join(str(error).split())) from None

    def _missing(self, root: Path, reason: str | None = None) -> Exception:
        if reason is None:
            return data_error("data-missing", f"`{self.name}` is not in `{root}`", expected=self._expected())
        return data_error(
            "data-download",
            f"`{self.name}` is not in `{root}`, and could not be downloaded",
            expected=self._expected(),
            found=reason,
            help="copy its files there, or name the folder that has them: `root: …`, or `--data PATH`",
        )

    @abstractmethod
    def _expected(self) -> str:
        """The files that are looked for."""


class _Idx(_Arrays):
    """Images and labels in the four idx files that MNIST came in."""

    dataset: ClassVar[str]
    """torchvision's class."""

    def _read(self, root: Path, train: bool) -> tuple[Tensor, Tensor, tuple[str, ...]]:
        from torchvision import datasets

        source: Any = getattr(datasets, self.dataset)
        if self._find(root, train, "images") is None and self.download:
            with self._fetching(root):
                source(str(root), train=train, download=True)
        images, labels = self._find(root, train, "images"), self._find(root, train, "labels")
        if images is None or labels is None:
            raise self._missing(root)
        classes = tuple(str(each).partition(" - ")[0] for each in source.classes)
        pixels, numbers = _idx(images), _idx(labels)
        if pixels.ndim != 3 or numbers.ndim != 1 or len(pixels) != len(numbers):
            raise _contradictory(images, labels, pixels, numbers)
        return pixels.unsqueeze(1), numbers, classes

    def _find(self, root: Path, train: bool, what: str) -> Path | None:
        """The file of images or labels, beside others or where torchvision puts it, packed or not."""
        stem = f"{'train' if train else 't10k'}-{what}"
        suffix = "idx3-ubyte" if what == "images" else "idx1-ubyte"
        folders = (root, root / "raw", root / self.dataset / "raw")
        names = [f"{stem}{mark}{suffix}{packed}" for packed in ("", ".gz") for mark in "-."]
        return next((folder / name for folder in folders for name in names if (folder / name).is_file()), None)

    def _expected(self) -> str:
        return "the files `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, and the same of `t10k`, plain or `.gz`"


def _idx(path: Path) -> Tensor:
    """The tensor in an idx file; torchvision reads it, but not packed ones."""
    from torchvision.datasets.mnist import read_sn3_pascalvincent_tensor

    try:
        if path.suffix != ".gz":
            return read_sn3_pascalvincent_tensor(str(path), strict=False)  # type: ignore[no-any-return]
        with TemporaryDirectory() as folder, gzip.open(path) as packed:
            plain = Path(folder) / path.stem
            with plain.open("wb") as file:
                copyfileobj(packed, file)
            return read_sn3_pascalvincent_tensor(str(plain), strict=False)  # type: ignore[no-any-return]
    except Exception as error:  # a wrong file fails in many ways there
        reason = str(error).strip() or type(error).__name__
        raise data_error("data-unreadable", f"`{path}` cannot be read as an idx file", found=reason) from None


def _whole(read: Callable[[], Any], folder: Path) -> Any:
    """What is read of a folder; torchvision holds its files against their checksums."""
    try:
        return read()
    except (OSError, RuntimeError) as error:
        help_ = "remove the folder to download it again, or copy the complete folder there"
        reason = str(error).strip().splitlines()[0]
        raise data_error("data-unreadable", f"`{folder}` is not complete", found=reason, help=help_) from None


def _contradictory(images: Path, labels: Path, pixels: Tensor, numbers: Tensor) -> Exception:
    return data_error(
        "data-unreadable",
        f"`{images.name}` and `{labels.name}` do not match",
        expected="images [N, H, W] and as many labels [N]",
        found=f"{list(pixels.shape)} and {list(numbers.shape)} in `{images.parent}`",
    )


@register
class Mnist(_Idx):
    """Handwritten digits, 28×28, grey, ten classes: the idx files, or torchvision's folder, fetched if need be."""

    name = "mnist"
    dataset = "MNIST"
    example = "{mnist: {root: data}}"


@register
class FashionMnist(_Idx):
    """Clothes, 28×28, grey, ten classes: the idx files, or torchvision's folder, fetched if need be."""

    name = "fashion_mnist"
    dataset = "FashionMNIST"
    example = "{fashion_mnist: {root: data}}"


@register
class Cifar10(_Arrays):
    """Photographs, 32×32, colour, ten classes: torchvision's folder, fetched if need be."""

    name = "cifar10"
    example = "{cifar10: {root: data}}"

    def _read(self, root: Path, train: bool) -> tuple[Tensor, Tensor, tuple[str, ...]]:
        import torch
        from torchvision.datasets import CIFAR10

        folder = root / CIFAR10.base_folder
        if folder.is_dir():
            dataset = _whole(lambda: CIFAR10(str(root), train=train), folder)
        elif self.download:
            with self._fetching(root):
                dataset = CIFAR10(str(root), train=train, download=True)
        else:
            raise self._missing(root)
        return torch.from_numpy(dataset.data).permute(0, 3, 1, 2), torch.tensor(dataset.targets), tuple(dataset.classes)

    def _expected(self) -> str:
        return "the folder `cifar-10-batches-py`"
