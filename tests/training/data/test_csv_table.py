"""Images listed in a table."""

from __future__ import annotations

from pathlib import Path

import pytest

from archspec.language.diagnostics import SpecError
from archspec.training.data import held_against
from tests.training.data.recipes import net, opened
from tests.training.digits import write_table


@pytest.fixture
def photos(tmp_path: Path) -> Path:
    return write_table(tmp_path / "photos")


def refused(text: str, folder: Path) -> str:
    with pytest.raises(SpecError) as caught:
        opened(text, net(folder))
    (problem,) = caught.value.diagnostics
    return "\n".join(str(problem).splitlines()[:1] + str(problem).splitlines()[5:])


@pytest.mark.parametrize("form", ["csv: {root}", "csv: {root}/labels.csv", "csv: {{root: {root}, file: labels.csv}}"])
def test_a_table_has_classes_and_splits(photos: Path, tmp_path: Path, form: str) -> None:
    data = opened(form.format(root=photos) + "\nbatch_size: 2", net(tmp_path))
    assert data.classes == ("seven", "three")
    assert {split: data.counts(split) for split in data.parts} == {  # type: ignore[comparison-overlap]
        "train": (7, 7),
        "validation": (1, 1),
        "test": (2, 2),
    }
    assert held_against(data, net(tmp_path)) == []


def test_numbers_are_sorted_as_numbers(photos: Path, tmp_path: Path) -> None:
    text = (photos / "labels.csv").read_text().replace(",three,", ",10,").replace(",seven,", ",9,")
    (photos / "labels.csv").write_text(text)
    assert opened(f"csv: {photos}", net(tmp_path)).classes == ("9", "10")


def test_the_order_of_classes_may_be_given(photos: Path, tmp_path: Path) -> None:
    text = f"csv: {{root: {photos}, classes: [three, seven]}}"
    assert opened(text, net(tmp_path)).classes == ("three", "seven")
    assert refused(f"csv: {{root: {photos}, classes: [tree, seven]}}", tmp_path) == (
        f"error[data-class-names]: `{photos}/labels.csv` has a class that `classes` does not name: `three`\n"
        "  = help: did you mean `tree`?"
    )


def test_a_missing_column_is_named(photos: Path, tmp_path: Path) -> None:
    assert refused(f"csv: {{root: {photos}, path: paths}}", tmp_path) == (
        f"error[data-columns]: `{photos}/labels.csv` has no column `paths`\n"
        "  = found: `path`, `label`, `split`\n"
        "  = help: did you mean `path`? Write `path: …` with the name of the column"
    )


@pytest.mark.parametrize(
    ("row", "message"),
    [
        ("three/00.png", "error[data-columns]: line 22 of `{table}` has no label"),
        (",three,train", "error[data-columns]: line 22 of `{table}` has no path"),
        (
            "three/00.png,three,tain",
            "error[data-split]: line 22 of `{table}` belongs to an unknown split: `tain`\n"
            "  = expected: `train`, `validation`, `test`",
        ),
        (
            "three/00.png,\udcff,train",
            "error[data-unreadable]: `{table}` cannot be read as a table\n  = found: it is not UTF-8",
        ),
    ],
)
def test_a_faulty_row_is_named(photos: Path, tmp_path: Path, row: str, message: str) -> None:
    table = photos / "labels.csv"
    with table.open("a", encoding="utf-8", errors="surrogateescape") as file:
        file.write(row)
    assert refused(f"csv: {photos}", tmp_path) == message.format(table=table)


def test_images_that_are_not_there_are_listed(photos: Path, tmp_path: Path) -> None:
    (photos / "three" / "01.png").unlink()
    (problem,) = held_against(opened(f"csv: {photos}\nbatch_size: 2", net(tmp_path)), net(tmp_path))
    assert problem.found == f"`{photos / 'three' / '01.png'}`: it does not exist"


def test_no_table(tmp_path: Path) -> None:
    assert refused(f"csv: {tmp_path}", tmp_path) == (
        f"error[data-missing]: there is no file `{tmp_path / 'labels.csv'}`\n  = help: name the file: `file: …`"
    )
