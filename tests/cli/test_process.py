"""The command as a shell meets it: a process of its own."""

from __future__ import annotations

import os
import pty
import re
import shlex
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import pytest

from .conftest import BROKEN, NET

COMMAND = [sys.executable, "-m", "archspec"]
COLOUR = re.compile("\x1b\\[[0-9;]+m")
ESCAPE = "\x1b["


def shell(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run([*COMMAND, *arguments], capture_output=True, text=True, check=False, **options)  # type: ignore[call-overload,no-any-return]


def on_terminal(*arguments: str, **variables: str) -> str:
    """What the command shows on a terminal, stdout and stderr together."""
    environment = {name: value for name, value in os.environ.items() if name not in ("NO_COLOR", "FORCE_COLOR")}
    ours, theirs = pty.openpty()
    with subprocess.Popen(
        [*COMMAND, *arguments], stdout=theirs, stderr=theirs, env={**environment, "TERM": "xterm-256color", **variables}
    ) as process:
        os.close(theirs)
        shown = b""
        while True:
            try:
                read = os.read(ours, 4096)
            except OSError:
                break
            if not read:
                break
            shown += read
    os.close(ours)
    assert process.returncode is not None
    return shown.decode().replace("\r\n", "\n")


@pytest.mark.parametrize("command", ["check", "summary", "diff"])
def test_heavy_packages_are_not_imported(command: str) -> None:
    script = (
        "import sys; sys.argv = ['archspec', sys.argv[1], 'resnet18'];"
        "from archspec.cli import main\n"
        "try: main()\n"
        "except SystemExit: pass\n"
        "heavy = ('torch', 'torchvision', 'graphviz', 'sympy', 'numpy', 'rich.console')\n"
        "print([name for name in heavy if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", script, command], capture_output=True, text=True, check=True)
    allowed = ["[]"] if command == "check" else ["[]", "['rich.console']"]
    assert done.stdout.splitlines()[-1] in allowed


def test_version_and_no_traceback_on_wrong_usage() -> None:
    assert shell("--version").stdout == f"archspec {metadata.version('archspec-nn')}\n"
    wrong = shell("buid")
    assert (wrong.returncode, wrong.stdout) == (2, "")
    assert "No such command 'buid'. Did you mean 'build'?" in wrong.stderr


@pytest.mark.parametrize(
    "arguments", [["list"], ["blocks"], ["check", "resnet", "--json"], ["summary", "resnet50", "--depth", "9"]]
)
def test_a_reader_that_goes_away_is_no_fault(arguments: list[str]) -> None:
    with subprocess.Popen([*COMMAND, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdout is not None and process.stderr is not None
        process.stdout.close()
        assert process.stderr.read() == b""
        assert process.wait() == 141


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
@pytest.mark.parametrize(
    "arguments", [["list"], ["--help"], ["--version"], ["draw", "resnet18", "--format", "dot", "--out", "-"]]
)
def test_a_full_disk_behind_stdout_is_said(arguments: list[str]) -> None:
    with Path("/dev/full").open("w") as full:
        done = subprocess.run([*COMMAND, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, check=False)
    assert (done.returncode, done.stderr) == (1, "error: no space left on device\n")


def test_a_closed_stdout_is_no_fault() -> None:
    done = subprocess.run(f"{shlex.join(COMMAND)} check resnet18 >&- 2>&-", shell=True, check=False)
    assert done.returncode == 0


def test_a_narrow_encoding_is_no_fault(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(NET.replace("a rumour", "a rumour — Übel"), encoding="utf-8")
    done = shell("build", "net.yaml", cwd=tmp_path, env={**os.environ, "PYTHONIOENCODING": "ascii"})
    assert (done.returncode, done.stderr) == (0, "")
    assert "? params 402" in done.stdout


def test_progress_is_shown_on_a_terminal(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    shown = on_terminal("build", str(path), "--out", str(tmp_path / "nets"))
    assert re.search("net: (importing|building|writing)", shown)
    assert "wrote " in shown
    assert "importing torch" not in shell("build", str(path), "--out", str(tmp_path / "nets")).stderr


def test_colour_on_a_terminal_only(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(BROKEN)
    plain = shell("check", str(path))
    shown = on_terminal("check", str(path))
    assert ESCAPE not in plain.stdout + plain.stderr
    assert COLOUR.search(shown)
    assert not COLOUR.search(on_terminal("check", str(path), NO_COLOR="1"))


def test_colours_change_no_word(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(BROKEN)
    message = shell("check", str(path)).stderr
    coloured = on_terminal("check", str(path))
    assert message in re.sub(r"\x1b\[[\d;]*m", "", coloured)


def test_the_module_is_the_command() -> None:
    done = subprocess.run(
        ["archspec", "--version"],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"},
    )
    assert done.stdout == shell("--version").stdout


def test_a_fault_of_archspec_itself_is_one_line_and_code_70() -> None:
    script = (
        "import sys, archspec.api.check; sys.argv = ['archspec', 'check', 'resnet18'];"
        "archspec.api.check.read_document = None\n"
        "from archspec.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 70
    assert done.stderr == (
        "error[internal]: TypeError: 'NoneType' object is not callable\n"
        "  = help: a bug in archspec; set ARCHSPEC_TRACEBACK=1 for a traceback\n\n"
    )


@pytest.mark.parametrize("command", [["build", "lenet"], ["build", "lenet", "--json"], ["train", "lenet_mnist"]])
def test_torch_that_is_missing(command: list[str]) -> None:
    script = (
        f"import sys; sys.argv = ['archspec', *{command}]; sys.modules['torch'] = None\n"
        "from archspec.cli import main; main()"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    told = done.stdout if "--json" in command else done.stderr
    for words in ("torch", "`torch` is not installed", "pip install torch torchvision"):
        assert words in told
    assert "internal" not in told


def test_what_needs_no_torch_goes_without_it() -> None:
    script = (
        "import sys; sys.argv = ['archspec', 'check', 'lenet']; sys.modules['torch'] = None\n"
        "from archspec.cli import main; main()"
    )
    assert subprocess.run([sys.executable, "-c", script], capture_output=True, check=False).returncode == 0
