"""Images listed in a table, each with its class."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar

from pydantic import Field

from archspec.language.diagnostics import did_you_mean
from archspec.language.pydantic_models import Expects
from archspec.training.data.network_inputs import Wanted
from archspec.training.data.sources.base import SPLIT_NAMES, SPLITS, Items, Source, Split, data_error, register
from archspec.training.data.sources.folders import named_classes
from archspec.training.data.sources.image_folder import ImageFiles

Column = Annotated[str, Expects("the name of a column")]


@dataclass(frozen=True)
class _Row:
    path: Path
    label: str
    split: Split


@register
class Csv(Source):
    """Images listed in a CSV file with a line of column names first: a column of paths and one of classes.

    `file` is taken from `root`, and so are the paths. A column `split` says `train`, `validation` or `test` where there
    is one. `classes` gives the classes' order where it is not that of their names.
    """

    name = "csv"
    example: ClassVar[str] = "{csv: {root: photos, file: labels.csv, path: path, label: label}}"

    file: Annotated[str, Expects("the path of a CSV file")] = "labels.csv"
    path: Column = "path"
    label: Column = "label"
    split: Column = "split"
    delimiter: Annotated[str, Field(min_length=1, max_length=1), Expects("one character")] = ","
    classes: Annotated[list[str], Expects("a list of words")] | None = None

    def open(self, root: Path, wanted: Wanted) -> Mapping[Split, Items]:
        rows = self._rows(root)
        classes = tuple(self.classes) if self.classes else named_classes(row.label for row in rows)
        numbers = {name: number for number, name in enumerate(classes)}
        strangers = sorted({row.label for row in rows} - set(classes))
        if strangers:
            message = f"`{self._table(root)}` has a class that `classes` does not name: `{strangers[0]}`"
            raise data_error("data-class-names", message, help=did_you_mean(strangers[0], classes))
        parts = {split: [row for row in rows if row.split == split] for split in SPLITS}
        if not parts["train"]:
            raise data_error("data-split", f"`{self._table(root)}` has no row for training")
        return {split: _items(part, classes, numbers, wanted.channels) for split, part in parts.items() if part}

    def _table(self, root: Path) -> Path:
        return root if root.is_file() else root / self.file

    def _rows(self, root: Path) -> list[_Row]:
        table = self._table(root)
        folder = root.parent if root.is_file() else root
        try:
            with table.open(newline="", encoding="utf-8-sig") as file:
                reader = csv.DictReader(file, delimiter=self.delimiter, strict=True)
                self._check_columns(table, list(reader.fieldnames or ()))
                return list(self._read(table, folder, reader))
        except FileNotFoundError:
            help_ = "name the file: `file: …`"
            raise data_error("data-missing", f"there is no file `{table}`", help=help_) from None
        except (OSError, UnicodeDecodeError, csv.Error) as error:
            reason = "it is not UTF-8" if isinstance(error, UnicodeDecodeError) else str(error)
            raise data_error("data-unreadable", f"`{table}` cannot be read as a table", found=reason) from None

    def _check_columns(self, table: Path, columns: list[str]) -> None:
        for field in ("path", "label"):
            name = getattr(self, field)
            if name not in columns:
                found = ", ".join(f"`{each}`" for each in columns) or "an empty file"
                near = did_you_mean(name, columns)
                help_ = f"{near} Write " if near and near.startswith("did") else "write "
                help_ += f"`{field}: …` with the name of the column"
                raise data_error("data-columns", f"`{table}` has no column `{name}`", found=found, help=help_)

    def _read(self, table: Path, folder: Path, reader: csv.DictReader[str]) -> Iterator[_Row]:
        for row in reader:
            place = f"line {reader.line_num} of `{table}`"
            path, label = ((row[name] or "").strip() for name in (self.path, self.label))
            if not path or not label:
                raise data_error("data-columns", f"{place} has no {'path' if not path else 'label'}")
            word = (row.get(self.split) or "train").strip().lower()
            if word not in SPLIT_NAMES:
                expected = ", ".join(f"`{split}`" for split in SPLITS)
                raise data_error("data-split", f"{place} belongs to an unknown split: `{word}`", expected=expected)
            yield _Row(folder / path, label, SPLIT_NAMES[word])


def _items(rows: list[_Row], classes: tuple[str, ...], numbers: Mapping[str, int], channels: int | None) -> Items:
    files = tuple(row.path for row in rows)
    labels = tuple(numbers[row.label] for row in rows)
    return Items(ImageFiles(files, labels, channels), classes, labels, files)
