"""Files looked at: within a time, and each whole one only once."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.training.data import file_scan
from archspec.training.data.file_scan import AT_ONCE, Looked, look_at, memory_of
from archspec.training.data.images import load
from tests.training.digits import write_folders


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    return sorted(write_folders(tmp_path / "photos", each=4).rglob("*.png"))


@pytest.fixture
def loaded(monkeypatch: pytest.MonkeyPatch) -> list[Path]:
    """The files that are read."""
    read: list[Path] = []
    monkeypatch.setattr(file_scan, "load", lambda file, channels: (read.append(file), load(file, channels)))
    return read


def test_whole_files_are_read_once(files: list[Path], loaded: list[Path], tmp_path: Path) -> None:
    files[2].write_bytes(b"no image")
    for turn in range(2):
        looked = look_at(files, 60, memory_of(tmp_path))
        assert [(fault.path, fault.reason) for fault in looked.faults] == [(files[2], "it is not an image")]
        assert sorted(loaded) == sorted([*files, files[2]][: 8 + turn])


def test_a_changed_file_is_read_again(files: list[Path], loaded: list[Path], tmp_path: Path) -> None:
    look_at(files, 60, memory_of(tmp_path))
    loaded.clear()
    files[0].write_bytes(files[0].read_bytes()[:-40])
    files[1].unlink()
    looked = look_at(files, 60, memory_of(tmp_path))
    assert {(fault.path, fault.reason) for fault in looked.faults} == {
        (files[0], "image file is truncated"),
        (files[1], "it does not exist"),
    }
    assert loaded == [files[0]]


def test_it_stops_in_time_and_goes_on_the_next_time(
    files: list[Path], loaded: list[Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    many = (files * (AT_ONCE // len(files)))[:AT_ONCE] + files
    clock = iter([0.0, 0.0, 100.0, *[200.0] * 9])
    monkeypatch.setattr(file_scan.time, "monotonic", lambda: next(clock))
    assert look_at(many, 60, memory_of(tmp_path)) == Looked([], len(files))
    loaded.clear()
    assert look_at(many, 60, memory_of(tmp_path)) == Looked([], 0)
    assert not loaded


def test_a_memory_of_no_use_is_made_anew(files: list[Path], loaded: list[Path], tmp_path: Path) -> None:
    place = memory_of(tmp_path)
    assert place is not None
    place.parent.mkdir(parents=True)
    place.write_bytes(b"no array")
    look_at(files, 60, place)
    look_at(files, 60, place)
    assert len(loaded) == len(files)


def test_without_a_place_to_remember_it_does_without(files: list[Path], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    assert look_at(files, 60, tmp_path / "file" / "memory.npy") == Looked([], 0)
