"""docs/errors.md: every code of the source is there, and each example fails as it says and is mended as it says."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

import archspec
from archspec.analysis import verdicts
from tests.diagnostics.codes import codes

PAGE = (Path(__file__).parent.parent.parent / "docs" / "errors.md").read_text("utf-8")
EXAMPLES = [
    pytest.param(*row, id=row[0])
    for row in re.findall(r"^\| `([a-z0-9-]+)` \| [^|]* \| (`[^|]*`) \| (`[^|]*`) \|$", PAGE, re.MULTILINE)
]
HEAD = {"archspec": "archspec: 1", "name": "name: net", "input": "input: [3, 32, 32]", "graph": "graph: [relu]"}


def found(cell: str, folder: Path) -> list[str]:
    """The codes that the spec of one cell gives."""
    lines = re.findall(r"`([^`]*)`", cell)
    missing = [line for key, line in HEAD.items() if not any(each.startswith(f"{key}:") for each in lines)]
    path = folder / "net.yaml"
    path.write_text("\n".join([*missing, *lines]) + "\n", "utf-8")
    try:
        architecture = archspec.read(path)
    except archspec.SpecError as error:
        return [item.code for item in error.diagnostics]
    return [item.code for item in (*architecture.warnings, *verdicts.diagnostics(architecture.figures))]


@pytest.mark.parametrize(("code", "fails", "fixed"), EXAMPLES)
def test_an_example_fails_as_it_says_and_is_mended(code: str, fails: str, fixed: str, tmp_path: Path) -> None:
    assert found(fails, tmp_path) == [code]
    assert found(fixed, tmp_path) == []


def test_every_code_of_the_source_is_on_the_page() -> None:
    rows = [row.split("|")[1] for row in PAGE.splitlines() if row.startswith("| `")]
    assert {code for row in rows for code in re.findall(r"`([^`]+)`", row)} == codes()
