"""A sample of docs/import_ledger.md, and what is no row of it."""

from __future__ import annotations

import time

import pytest

from tests.importing.ledger import COLUMNS, EXACT, PAGE, apart, page, read, row

SAMPLE = ("torchvision.squeezenet1_1", "timm.test_convnext")


@pytest.mark.parametrize("name", SAMPLE)
def test_a_row_says_what_the_table_says(name: str) -> None:
    found, told = dict(zip(COLUMNS[1:], row(name))), dict(zip(COLUMNS[1:], read()[name]))
    assert found["page"] == EXACT
    assert found | {"lines": ""} == told | {"lines": ""}  # a page may become shorter before the table is made anew


def test_the_table_is_what_its_command_writes() -> None:
    assert page(read()) == PAGE.read_text("utf-8")
    assert all(len(cells) == len(COLUMNS) - 1 for cells in read().values())


def test_what_fails_takes_long_or_dies_is_told() -> None:
    def fails() -> list[str]:
        raise ValueError("no such | model\nat all")

    def waits() -> list[str]:
        time.sleep(20)
        return []

    assert apart(fails) == ["no such / model"]
    assert apart(waits, seconds=1) == ["took more than 1 s"]
