"""torchvision's small data sets: their files as they lie, packed or not, and what is told where they are not."""

from __future__ import annotations

import gzip
import hashlib
import pickle
from pathlib import Path
from typing import Any
from urllib.error import URLError

import numpy as np
import pytest
import torch
from torchvision import datasets

from archspec.language.diagnostics import SpecError
from archspec.training.data import held_against
from tests.training.data.recipes import net, opened
from tests.training.digits import digits, held_out, write_idx


@pytest.fixture(scope="module")
def idx(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_idx(tmp_path_factory.mktemp("idx"))


@pytest.fixture
def offline(monkeypatch: pytest.MonkeyPatch) -> None:
    """No network, as torchvision meets it."""

    def fail(*_: Any, **__: Any) -> None:
        raise URLError("no way to any host")

    monkeypatch.setattr(datasets.mnist, "download_and_extract_archive", fail)
    monkeypatch.setattr(datasets.cifar, "download_and_extract_archive", fail)


def refused(text: str, folder: Path) -> str:
    with pytest.raises(SpecError) as caught:
        opened(text, net(folder))
    return str(caught.value)


@pytest.mark.parametrize("source", ["mnist", "fashion_mnist"])
@pytest.mark.parametrize("packed", [False, True])
@pytest.mark.parametrize("place", ["", "raw", "{dataset}/raw"])
def test_the_files_are_found_where_they_are(idx: Path, tmp_path: Path, source: str, packed: bool, place: str) -> None:
    folder = tmp_path / place.format(dataset={"mnist": "MNIST", "fashion_mnist": "FashionMNIST"}[source])
    folder.mkdir(parents=True, exist_ok=True)
    for file in idx.iterdir():
        content = file.read_bytes()
        (folder / (file.name + ".gz" * packed)).write_bytes(gzip.compress(content, 1) if packed else content)
    graph = net(tmp_path, num_classes=10)
    data = opened(f"{source}: {tmp_path}", graph)
    assert held_against(data, graph) == []
    assert {split: len(part) for split, part in data.parts.items()} == {"train": 3600, "validation": 400, "test": 1000}
    (image,), label = data.parts["test"][0]
    first = held_out(100)[1][0]
    assert label == digits()[1][first]
    assert torch.equal((image * 255).round().to(torch.uint8)[0], torch.from_numpy(digits()[0][first]))


def test_a_packed_file_that_is_torn(idx: Path, tmp_path: Path) -> None:
    for file in idx.iterdir():
        (tmp_path / f"{file.name}.gz").write_bytes(gzip.compress(file.read_bytes(), 1)[:-1000])
    assert refused(f"mnist: {tmp_path}", tmp_path).splitlines()[:1] == [
        f"error[data-unreadable]: `{tmp_path / 'train-images-idx3-ubyte.gz'}` cannot be read as an idx file"
    ]


def test_files_that_do_not_belong_together(idx: Path, tmp_path: Path) -> None:
    for file in idx.iterdir():
        (tmp_path / file.name).write_bytes(file.read_bytes())
    (tmp_path / "train-labels-idx1-ubyte").write_bytes((idx / "t10k-labels-idx1-ubyte").read_bytes())
    told = refused(f"mnist: {tmp_path}", tmp_path).splitlines()
    assert told[0] == "error[data-unreadable]: `train-images-idx3-ubyte` and `train-labels-idx1-ubyte` do not match"
    assert told[-1] == f"  = found: [4000, 28, 28] and [1000] in `{tmp_path}`"


@pytest.mark.usefixtures("offline")
def test_without_a_network_it_is_told_what_to_do(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    root = tmp_path / "empty"
    told = refused(f"mnist: {root}", tmp_path)
    (found,) = (line for line in told.splitlines() if line.startswith("  = found: "))
    assert found.startswith("  = found: Error downloading train-images-idx3-ubyte.gz: Tried https://")
    assert found.endswith("got: <urlopen error no way to any host>")
    assert told.replace(found + "\n", "") == (
        f"""\
error[data-download]: `mnist` is not in `{root}`, and could not be downloaded
  --> recipe.yaml:1:1
  |
1 | mnist: {root}
  | ^^^^^
  = expected: the files `train-images-idx3-ubyte`, `train-labels-idx1-ubyte`, and the same of `t10k`, plain or `.gz`
  = help: copy its files there, or name the folder that has them: `root: …`, or `--data PATH`"""
    )
    assert capsys.readouterr().out == "", "what torchvision prints is not the command's output"
    assert "found: <urlopen error no way to any host>" in refused(f"cifar10: {root}", tmp_path)


def test_nothing_is_downloaded_where_it_is_not_to_be(tmp_path: Path) -> None:
    for source in ("mnist", "fashion_mnist", "cifar10"):
        told = refused(f"{source}: {{root: {tmp_path / 'empty'}, download: false}}", tmp_path)
        assert told.startswith(f"error[data-missing]: `{source}` is not in `{tmp_path / 'empty'}`\n")


@pytest.fixture
def cifar(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in CIFAR10's form of a few coloured squares, and the checksums that go with it."""
    folder = tmp_path / "cifar" / datasets.CIFAR10.base_folder
    folder.mkdir(parents=True)

    def write(name: str, content: Any) -> tuple[str, str]:
        (folder / name).write_bytes(pickle.dumps(content))
        return name, hashlib.md5((folder / name).read_bytes()).hexdigest()

    images = np.zeros((20, 3, 32, 32), np.uint8)
    images[np.arange(20), np.arange(20) % 3] = 200
    batch = {"data": images.reshape(20, -1), "labels": [number % 10 for number in range(20)]}
    names = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
    meta, checksum = write("batches.meta", {"label_names": names})
    monkeypatch.setattr(datasets.CIFAR10, "train_list", [list(write("data_batch_1", batch))])
    monkeypatch.setattr(datasets.CIFAR10, "test_list", [list(write("test_batch", batch))])
    monkeypatch.setattr(datasets.CIFAR10, "meta", {"filename": meta, "key": "label_names", "md5": checksum})
    return tmp_path / "cifar"


@pytest.mark.parametrize(("shape", "channels"), [("[3, 32, 32]", 3), ("[1, 32, 32]", 1), ("[3, 224, 224]", 3)])
def test_photographs_come_as_the_spec_takes_them(cifar: Path, tmp_path: Path, shape: str, channels: int) -> None:
    graph = net(tmp_path, shape, num_classes=10)
    data = opened(f"cifar10: {cifar}\nbatch_size: 4\nvalidation: 0.5", graph)
    assert held_against(data, graph) == []
    assert (data.classes[0], data.classes[-1]) == ("airplane", "truck")
    (image,), label = data.parts["test"][1]
    colours = [0, 200 / 255, 0] if channels == 3 else [0.587 * 200 / 255]
    assert label == 1
    assert torch.allclose(image.mean((1, 2)), torch.tensor(colours), atol=0.01)


def test_a_folder_that_is_not_whole(cifar: Path, tmp_path: Path) -> None:
    folder = cifar / datasets.CIFAR10.base_folder
    (folder / "data_batch_1").write_bytes(b"torn")
    told = refused(f"cifar10: {cifar}", tmp_path).splitlines()
    assert told[0] == f"error[data-unreadable]: `{folder}` is not complete"
    assert told[-1] == "  = help: remove the folder to download it again, or copy the complete folder there"
