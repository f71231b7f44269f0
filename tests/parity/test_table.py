"""docs/networks.md says what is measured: a sample of it, since all of it takes long."""

from __future__ import annotations

import pytest

from .lines import lines_of_code
from .table import CASES, HEAD, PAGE, row, rows


@pytest.mark.parametrize("name", ["squeezenet1_1"])
def test_a_row_is_what_is_measured(name: str) -> None:
    assert rows()[name] == row(name)


def test_the_page_holds_nothing_else() -> None:
    lines = rows()
    assert set(lines) <= set(CASES)
    assert PAGE.read_text("utf-8") == HEAD + "".join(f"{lines[name]}\n" for name in CASES if name in lines)


def test_lines_of_code_are_no_others() -> None:
    source = 'def f(x):\n    """Twice\n\n    of it."""\n    # or more\n    return (\n        2 * x\n    )\n\n'
    assert lines_of_code(source) == 4
