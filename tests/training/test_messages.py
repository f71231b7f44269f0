"""Everything that can be said of a recipe before it is begun: `cases/<title>.yaml` gives exactly `cases/<title>.txt`.

A case that begins with `# set: name=value` lines is run with these. With ARCHSPEC_UPDATE_GOLDENS=1 the texts are
written anew: read the difference before you commit it.
"""

from __future__ import annotations

import re
import shutil
from collections.abc import Iterable
from pathlib import Path

import pytest

from archspec.cli.settings import parse_settings
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.training.run import train
from tests.diagnostics.test_cases import hold

CASES = sorted((Path(__file__).parent / "cases").glob("*.yaml"))


def outcome(name: str) -> str:
    """The errors of a recipe, or its warnings."""
    warnings: list[Diagnostic] = []

    def warned(found: Iterable[Diagnostic]) -> None:
        warnings.extend(found)

    settings = re.findall(r"^# set: (.*)$", Path(name).read_text(), re.MULTILINE)
    try:
        train.prepare(name, parse_settings(settings, dotted=True), None, None, train.Listener(warned=warned))
    except SpecError as error:
        return f"{error}\n"
    return "\n\n".join(map(str, warnings)) + "\n"


def cropped(text: str) -> str:
    """Without the rest of long lists of names, which grow with torch."""
    return re.sub(r"(= expected: `\w+`)(, `\w+`){8,}", r"\1, …", text)


@pytest.mark.parametrize("case", [pytest.param(case, id=case.stem) for case in CASES])
def test_the_message_is_the_whole_of_what_is_told(case: Path, place: Path) -> None:
    shutil.copy(case, place)
    text = cropped(outcome(case.name))
    assert text.strip(), "a case tells something"
    assert not Path("runs").exists(), "nothing is begun"
    hold(case.with_suffix(".txt"), text)


def test_a_recipe_without_fault_is_told_nothing_of(place: Path) -> None:
    assert outcome("small.yaml") == "\n"


def test_every_golden_has_its_case() -> None:
    assert {golden.stem for golden in CASES[0].parent.glob("*.txt")} == {case.stem for case in CASES}
