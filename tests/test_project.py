"""The project's own files: what the wheel holds, the continuous integration, the order of imports."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest
from hatchling.builders.wheel import WheelBuilder

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

ROOT = Path(__file__).parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
TOP = {"archspec", "specs", "tests", "docs", "pyproject.toml", "README.md", "LICENSE"} | {
    "CONTRIBUTING.md",
    "CHANGELOG.md",
    "CITATION.cff",
}


def tracked() -> list[str]:
    done = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        pytest.skip("not a checkout")
    return done.stdout.splitlines()


def test_no_name_that_a_package_hands_on_is_one_of_its_files() -> None:
    """Once the file is imported, the name would be the file."""
    handed = re.compile(r"^    from (archspec[\w.]*)\.\w+ import \w+ as (\w+)$", re.MULTILINE)
    for face in (ROOT / "archspec").rglob("__init__.py"):
        names = {name for _, name in handed.findall(face.read_text("utf-8"))}
        assert not names & {path.stem for path in face.parent.iterdir()}, face


def test_only_what_belongs_there_stands_at_the_top() -> None:
    top = {name.split("/")[0] for name in tracked()}
    assert {name for name in top if not name.startswith(".")} <= TOP


def test_the_names_are_as_the_readme_says() -> None:
    assert PROJECT["project"]["name"] == "archspec-nn"
    assert PROJECT["project"]["scripts"] == {"archspec": "archspec.cli:main"}
    assert {"test", "dev"} <= PROJECT["project"]["optional-dependencies"].keys()


def test_ci_can_be_run_and_knows_no_machine() -> None:
    script = ROOT / ".ci/run"
    text = script.read_text("utf-8")
    assert os.access(script, os.X_OK)
    assert not re.search(r"https?://|/root|/work|/home|index-url|find-links", text)
    for command in (
        'pip install --quiet ".[test]"',
        "ruff check",
        "ruff format --check",
        "mypy",
        "lint-imports",
        "pytest",
        "archspec build googlenet",
    ):
        assert command in text


def test_ci_is_in_groups_that_can_be_run_alone() -> None:
    text = (ROOT / ".ci/run").read_text("utf-8")
    for group in ("lint", "fast", "tests", "wheel"):
        assert f"\n{group}() {{\n" in text and f"#   {group} " in text
    done = subprocess.run([ROOT / ".ci/run", "typo"], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (2, "no group 'typo': lint, fast, tests or wheel\n")


def test_each_commit_is_held_to_what_ci_lints() -> None:
    hooks = (ROOT / ".pre-commit-config.yaml").read_text("utf-8")
    assert all(f"entry: {command}" in hooks for command in ("ruff check", "ruff format", "mypy", "lint-imports"))


def test_tests_stand_in_the_rooms_of_the_package_or_are_named_as_tests_of_the_whole() -> None:
    guide = (ROOT / "CONTRIBUTING.md").read_text("utf-8")
    apart = set(re.findall(r"`(\w+)`", re.findall(r"Only tests of the whole stand apart: ([^.]*)\.", guide)[0]))
    folders = {Path(name).parent.relative_to("tests") for name in tracked() if re.match(r"tests/.*test_\w+\.py$", name)}
    strange = {each for each in folders if not (ROOT / "archspec" / each).is_dir() and each.parts[0] not in apart}
    assert not strange
    assert apart <= {each.name for each in (ROOT / "tests").iterdir()}


def test_every_module_has_its_layer() -> None:
    contract = next(each for each in PROJECT["tool"]["importlinter"]["contracts"] if each["containers"] == ["archspec"])
    placed = set(re.findall(r"\w+", " ".join(contract["layers"]))) | set(contract["exhaustive_ignores"])
    there = {
        path.stem for path in (ROOT / "archspec").iterdir() if path.suffix == ".py" or (path / "__init__.py").exists()
    }
    assert there - {"__init__"} <= placed


def test_the_wheel_holds_specs_blocks_and_types(tmp_path: Path) -> None:
    wheel = next(WheelBuilder(str(ROOT)).build(directory=str(tmp_path), versions=["standard"]))
    names = set(ZipFile(wheel).namelist())
    assert {"archspec/py.typed", "archspec/api/starter.yaml", "archspec/cli/app.py"} <= names
    specs = (path.relative_to(ROOT) for path in (ROOT / "specs").rglob("*.yaml"))
    assert {f"archspec/{path.as_posix()}" for path in specs} <= names
    assert {f"archspec/blocks/{path.name}" for path in (ROOT / "archspec/blocks").glob("*.yaml")} <= names
    assert any(name.endswith("/licenses/LICENSE") for name in names)
    assert not any(name.startswith(("specs/", "tests/", "docs/")) for name in names)
