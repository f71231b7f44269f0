"""Every failure's whole message: `cases/<title>.yaml` gives exactly `cases/<title>.txt`.

A case may begin with `# variant: name` and `# set: name=value` lines; the files of `beside/` lie beside each. With
ARCHSPEC_UPDATE_GOLDENS=1 the texts are written anew: read the difference before you commit it.
"""

from __future__ import annotations

import os
import re
import shutil
from pathlib import Path

import pytest

import archspec
from archspec.analysis import verdicts
from archspec.language.yaml_scalars import resolve

HERE = Path(__file__).parent
CASES = sorted((HERE / "cases").glob("*.yaml"))


def outcome(path: str) -> str:
    """All that a user is told about a spec: its errors, or its warnings and the figures that are not fine."""
    text = Path(path).read_text("utf-8")
    variant = re.search(r"^# variant: (.*)$", text, re.MULTILINE)
    settings = {name: resolve(value) for name, value in re.findall(r"^# set: (\w+)=(.*)$", text, re.MULTILINE)}
    try:
        architecture = archspec.read(path, variant[1] if variant else None, **settings)
        found = [*architecture.warnings, *verdicts.diagnostics(architecture.figures)]
    except archspec.SpecError as error:
        return f"{error}\n"
    return "\n\n".join(map(str, found)) + "\n"


def hold(golden: Path, text: str) -> None:
    """Hold a text against its golden file, or write that anew."""
    if os.environ.get("ARCHSPEC_UPDATE_GOLDENS"):
        golden.write_text(text, "utf-8")
    assert text == golden.read_text("utf-8")


@pytest.mark.parametrize("case", [pytest.param(case, id=case.stem) for case in CASES])
def test_the_message_is_the_whole_of_what_is_told(case: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in (HERE / "beside").iterdir():
        shutil.copy(file, tmp_path)
    shutil.copy(case, tmp_path)
    monkeypatch.chdir(tmp_path)
    text = outcome(case.name)
    assert text.strip(), "a case tells something"
    hold(case.with_suffix(".txt"), text)


def test_every_golden_has_its_case() -> None:
    from tests.diagnostics.test_unreadable_files import FILES

    stems = {case.stem for case in CASES} | set(FILES)
    assert {golden.stem for golden in (HERE / "cases").glob("*.txt")} == stems
