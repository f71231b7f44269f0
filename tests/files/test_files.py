from __future__ import annotations

from pathlib import Path

import pytest

from archspec.files.atomic import write_whole


def test_text_and_bytes(tmp_path: Path) -> None:
    write_whole(tmp_path / "a", "7×7")
    write_whole(str(tmp_path / "b"), b"\x00")
    assert (tmp_path / "a").read_text(encoding="utf-8") == "7×7"
    assert (tmp_path / "b").read_bytes() == b"\x00"
    assert len(list(tmp_path.iterdir())) == 2


def test_what_was_there_stays_where_writing_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "a").write_text("before", encoding="utf-8")

    def fail(self: Path, target: Path) -> Path:
        raise OSError("the disk is gone")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(OSError, match="the disk is gone"):
        write_whole(tmp_path / "a", "after")
    assert (tmp_path / "a").read_text(encoding="utf-8") == "before"
    assert [path.name for path in tmp_path.iterdir()] == ["a"]


def test_a_link_is_followed_and_the_mode_is_kept(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("before", encoding="utf-8")
    (tmp_path / "a").chmod(0o640)
    (tmp_path / "link").symlink_to(tmp_path / "a")
    write_whole(tmp_path / "link", "after")
    assert (tmp_path / "link").is_symlink()
    assert (tmp_path / "a").read_text(encoding="utf-8") == "after"
    assert (tmp_path / "a").stat().st_mode & 0o777 == 0o640


def test_a_folder_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        write_whole(tmp_path / "nowhere" / "a", "text")
