from __future__ import annotations

import json

import pytest
from rich.console import Console

from archspec.graph.labels import rounded_text
from archspec.reports.architecture_json import summary_data
from archspec.reports.summary import Summary, summarise
from archspec.reports.summary_table import render
from tests.samples import SPECS, golden, sample


def summary(name: str, depth: int | None = None) -> Summary:
    architecture = sample(name)
    return summarise(architecture.graph, depth, architecture.figures, audit=True)


@pytest.mark.parametrize("name", SPECS)
def test_text_is_as_recorded(name: str) -> None:
    text = str(summary(name)) + "\n"
    assert text == golden(f"{name}.txt", text)
    assert "\x1b" not in text


@pytest.mark.parametrize("name", SPECS)
def test_rows_of_one_level_add_up(name: str) -> None:
    shown = summary(name, 1)
    assert sum(row.counts.params for row in shown.rows) == shown.counts.params
    assert sum(row.counts.macs for row in shown.rows) == shown.counts.macs
    assert {row.indent for row in shown.rows} == {0}


def test_depth_folds() -> None:
    assert max(row.indent for row in summary("residual", 2).rows) == 1
    assert [row.name for row in summary("residual", 1).rows] == ["stem", "body", "pool", "flatten", "fc"]


def test_equal_neighbours_are_one_row() -> None:
    rows = [row for row in summary("residual", 2).rows if row.indent == 1]
    assert [(row.address, row.last, row.times) for row in rows] == [("body.0", "body.2", 3), ("body.3", "body.3", 1)]
    assert rows[0].counts.params == 3 * 4672


def test_marks() -> None:
    shared = {row.address: row for row in summary("shared", 1).rows}
    assert shared["other"].tied == "one"
    assert shared["one"].frozen
    assert [row.training for row in summary("mini_inception", 1).rows if row.name == "aux1"] == [True]


def test_a_share_of_a_symbolic_count_is_not_made_up() -> None:
    rows = summary("symbolic").rows
    assert all(row.macs_share is None for row in rows)
    assert json.dumps(summary_data(summary("symbolic")))


@pytest.mark.parametrize("name", SPECS)
def test_the_terminal_shows_every_row(name: str) -> None:
    console = Console(width=160, record=True, file=open("/dev/null", "w", encoding="utf-8"))  # noqa: PTH123, SIM115
    with console.file:
        console.print(render(summary(name)))
    shown = console.export_text()
    for row in summary(name).rows:
        assert row.what in shown


@pytest.mark.parametrize("name", SPECS)
def test_the_notebook_shows_every_row(name: str) -> None:
    html = summary(name)._repr_html_()
    assert html.count("<tr>") == len(summary(name).rows) + 1


@pytest.mark.parametrize("name", SPECS)
def test_json_has_every_row(name: str) -> None:
    shown = summary(name)
    data = json.loads(json.dumps(summary_data(shown), allow_nan=False))
    assert [row["address"] for row in data["rows"]] == [row.address for row in shown.rows]


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0"),
        (999, "999"),
        (1000, "1.00 k"),
        (9994, "9.99 k"),
        (9996, "10.0 k"),
        (999_499, "999 k"),
        (999_500, "1.00 M"),
        (10**13, "10.0 T"),
    ],
)
def test_rounded_counts(count: int, text: str) -> None:
    assert rounded_text(count) == text
