"""Everything that README.md shows runs as shown. `python tests/test_readme.py` writes the outputs anew."""

from __future__ import annotations

import doctest
import os
import re
import shlex
import subprocess
import sys
from collections.abc import Iterator
from html import unescape
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from typer.testing import CliRunner

from archspec import read
from archspec.api import zoo
from archspec.api.check import check
from archspec.cli.app import application
from archspec.cli.verdicts import tally
from archspec.files.seal import is_ours
from archspec.pictures.picture import Picture
from tests.training.digits import write_folders, write_idx

ROOT = Path(__file__).parents[2]
README = ROOT / "README.md"
TEXT = README.read_text("utf-8")
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
BY_CI = ("pip install", "pytest")
"""What a test cannot run: .ci/run does."""


def blocks(text: str) -> Iterator[tuple[str, str]]:
    """The language and the content of each fenced block."""
    return ((match[1], match[2]) for match in FENCE.finditer(text))


def run(command: str, folder: Path) -> str:
    """What a command prints, stdout and then stderr."""
    scripts = str(Path(sys.executable).parent)
    environment = {**os.environ, "PATH": f"{scripts}{os.pathsep}{os.environ['PATH']}", "COLUMNS": "100"}
    done = subprocess.run(command, shell=True, cwd=folder, capture_output=True, text=True, env=environment, check=False)
    return done.stdout + done.stderr.rstrip("\n") + "\n" * bool(done.stderr)


def transcript(block: str, folder: Path) -> str:
    """A console block with the outputs that its commands have now."""
    commands = [line for line in block.splitlines() if line.startswith("$ ")]
    return "".join(f"{command}\n{run(command[2:], folder)}" for command in commands)


def prepared(text: str, folder: Path) -> Path:
    """A folder with the specs, and with the files that the text tells its reader to save."""
    (folder / "specs").symlink_to(ROOT / "specs")
    for language, content in blocks(text):
        if language == "yaml" or content.startswith("# my_"):
            (folder / content.split("\n")[0].removeprefix("# ")).write_text(content, encoding="utf-8")
    return folder


def architectures_table() -> str:
    """The bundled specs with their architectures, and what their figures come to."""
    rows = ["| spec | architectures | documented figures |", "|---|---|---|"]
    for name in zoo.documents():
        results = list(check(f"specs/{name}.yaml"))
        verdicts = sorted((verdict for result in results for verdict in result.verdicts), key=lambda each: each.status)
        figures = "".join(part if isinstance(part, str) else part[0] for part in tally(verdicts))
        rows.append(
            f"| [{name}](specs/{name}.yaml) | {', '.join(str(result.variant) for result in results)} | {figures} |"
        )
    return "\n".join(rows)


def with_table(text: str) -> str:
    return re.sub(
        r"(?<=<!-- architectures -->\n).*?(?=<!-- end -->)",
        lambda _: f"{architectures_table()}\n",
        text,
        flags=re.DOTALL,
    )


def rewritten(text: str, folder: Path) -> str:
    """The text with every output as it is now."""
    place = prepared(text, folder)

    def fresh(match: re.Match[str]) -> str:
        return f"```console\n{transcript(match[2], place)}```" if match[1] == "console" else match[0]

    return FENCE.sub(fresh, with_table(text))


def test_the_shell_commands_run(tmp_path: Path) -> None:
    folder = prepared(TEXT, tmp_path)
    lines = [line for language, content in blocks(TEXT) if language == "sh" for line in content.splitlines()]
    shown = ['pip install ".[torch]" && archspec build specs/googlenet.yaml', 'pip install ".[test]" && pytest']
    assert lines == [*shown, 'pip install ".[train]"', *QUICKLY]
    for line in shown:
        for command in line.split(" && "):
            if not command.startswith(BY_CI):
                assert run(command, folder).splitlines()[-1].startswith("wrote build/googlenet/googlenet.py")


QUICKLY = {
    "archspec train lenet_mnist": ["epochs=1", "data.limit=64"],
    "archspec train resnet_two_class --data photos": [
        *("model=resnet18", "weights=", "data.batch_size=2", "data.workers=0"),
        *("phases.head.epochs=1", "phases.all.epochs=1"),
    ],
}
"""The commands that train, and what makes them short."""


def test_the_trainings_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_idx(tmp_path / "data")
    write_folders(tmp_path / "photos", each=3, mode="RGB")
    for line, settings in QUICKLY.items():
        words = [*shlex.split(line)[1:], *(word for each in settings for word in ("--set", each))]
        done = CliRunner().invoke(application(), words, catch_exceptions=False)
        assert done.exit_code == 0, done.output
        assert done.stdout.splitlines()[-1] == f"wrote runs/{words[1]}/report.html"
    images = [str(each) for each in sorted((tmp_path / "photos/seven").iterdir())]
    for name in ("lenet_mnist", "resnet_two_class"):
        done = CliRunner().invoke(application(), ["predict", f"runs/{name}", *images], catch_exceptions=False)
        assert (done.exit_code, len(done.stdout.splitlines())) == (0, 3)
        classes = {str(digit) for digit in range(10)} if name == "lenet_mnist" else {"three", "seven"}
        assert {line.split()[1] for line in done.stdout.splitlines()} <= classes


def test_the_console_shows_what_is_shown(tmp_path: Path) -> None:
    folder = prepared(TEXT, tmp_path)
    for language, content in blocks(TEXT):
        if language == "console":
            assert transcript(content, folder) == content


def test_the_python_session_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(prepared(TEXT, tmp_path))
    session = "\n".join(content for language, content in blocks(TEXT) if language == "python")
    test = doctest.DocTestParser().get_doctest(session, {}, "README.md", "README.md", 0)
    report: list[str] = []
    doctest.DocTestRunner().run(test, out=report.append)
    assert test.examples and not report, "".join(report)


def test_the_table_of_architectures_holds(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(ROOT)
    assert with_table(TEXT) == TEXT


@pytest.mark.parametrize("link", re.findall(r"\]\((?!http)([^)#]+)\)", TEXT))
def test_a_link_leads_somewhere(link: str) -> None:
    assert (ROOT / link).exists()


def test_the_picture_is_of_the_page_of_yaml(tmp_path: Path) -> None:
    picture = ROOT / "docs/images/fire.svg"
    picture_now = read(prepared(TEXT, tmp_path) / "fire.yaml").draw()
    assert isinstance(picture_now, Picture)
    boxes = picture_now.drawing.boxes()
    assert is_ours(picture)
    svg = unescape(picture.read_text("utf-8"))
    assert [box.id for box in boxes if f'id="{box.id}"' not in svg] == []


def test_the_picture_of_a_module_is_what_is_drawn_of_it(tmp_path: Path) -> None:
    folder = prepared(TEXT, tmp_path)
    run("archspec draw my_net.py:Net --input 3x32x32 --out my_net.svg", folder)
    assert (folder / "my_net.svg").read_bytes() == (ROOT / "docs/images/my_net.svg").read_bytes()


def test_it_can_fail(tmp_path: Path) -> None:
    (tmp_path / "specs").mkdir()
    wrong = "$ archspec check nowhere.yaml\nfine\n"
    assert transcript(wrong, tmp_path) != wrong


if __name__ == "__main__":
    os.chdir(ROOT)
    with TemporaryDirectory() as folder:
        README.write_text(rewritten(TEXT, Path(folder)), encoding="utf-8")
