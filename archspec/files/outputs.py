"""Output files: written together, and never over files that archspec did not write."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from pathlib import Path

from archspec.files.atomic import write_whole
from archspec.files.seal import is_ours
from archspec.language.diagnostics import Diagnostic, SpecError


def refuse_foreign(paths: Iterable[Path], format: str | None = None) -> None:
    """Raise `SpecError` that names every file that exists and that archspec did not write, or that was edited since."""
    foreign = [path for path in paths if path.is_file() and not is_ours(path, format)]
    if foreign:
        raise SpecError(map(_foreign, foreign))


def refuse_dangling(path: Path) -> None:
    """Raise `SpecError` where a path leads through a link to what is not there: to write would make that."""
    for each in (path, *path.parents):
        if each.is_symlink() and not each.exists():
            message = f"`{each}` is a link to `{each.readlink()}`, which does not exist"
            raise SpecError([Diagnostic("dangling-link", message, help="remove the link, or `--out` elsewhere")])


def write_all(files: Mapping[Path, bytes]) -> None:
    """Write files, with the folders that they need; where one cannot be written, none that is new is left behind."""
    for path in files:
        refuse_dangling(path)
    new: list[Path] = []
    try:
        for path, content in files.items():
            new.extend(_make_folders(path.parent))
            if not path.exists():
                new.append(path)
            write_whole(path, content)
    except BaseException:
        for path in reversed(new):
            _remove(path)
        raise


def _foreign(path: Path) -> Diagnostic:
    message = f"`{path}` exists, and was not written by archspec or was edited since"
    return Diagnostic("foreign-file", message, help="`--force` overwrites it, `--out` writes elsewhere")


def _make_folders(folder: Path) -> list[Path]:
    missing = [each for each in (folder, *folder.parents) if not each.exists()][::-1]
    for each in missing:
        each.mkdir(exist_ok=True)
    return missing


def _remove(path: Path) -> None:
    """Take away what was begun; what cannot be taken away is no new fault to report."""
    try:
        if path.is_dir():
            path.rmdir()
        else:
            path.unlink(missing_ok=True)
    except OSError:
        return
