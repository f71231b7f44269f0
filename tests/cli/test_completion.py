"""What a shell is offered, asked as the scripts of bash, zsh and fish ask."""

from __future__ import annotations

import shutil
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from archspec.cli.app import main
from archspec.cli.completion import VARIABLE
from tests.cli.conftest import NET, Run

Offered = Callable[[str], list[str]]


@pytest.fixture
def offered(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Offered:
    """What bash is told of the last word of a line."""
    (tmp_path / "nets").mkdir()
    for place in (tmp_path, tmp_path / "nets"):
        (place / "net.yaml").write_text(NET)
    monkeypatch.chdir(tmp_path)

    def offered(line: str) -> list[str]:
        asks = {VARIABLE: "complete_bash", "COMP_WORDS": line, "COMP_CWORD": str(line.count(" "))}
        for name, value in asks.items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr("sys.argv", ["archspec"])
        with pytest.raises(SystemExit) as end:
            main()
        assert not end.value.code
        return capsys.readouterr().out.split()

    return offered


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("archspec dr", ["draw"]),
        ("archspec draw resnet18 --dep", ["--depth"]),
        ("archspec check convn", ["convnext", "convnext_base", "convnext_v2"]),
        ("archspec check n", ["net.yaml", "nets/"]),
        ("archspec check nets/n", ["nets/net.yaml"]),
        ("archspec summary net.yaml --variant ", ["net", "net_wide"]),
        ("archspec summary net.yaml --set ", ["act=", "width="]),
        ("archspec draw resnet18 --open layer1", ["layer1", "layer1.0", "layer1.1"]),
        ("archspec show lenet_m", ["lenet_mnist"]),
        ("archspec new my_net --from bottle", ["bottleneck"]),
        ("archspec blocks max_p", ["max_pool", "max_pool_with_indices"]),
        ("archspec summary none.yaml --set ", []),
    ],
)
def test_a_shell_is_offered_what_may_follow(line: str, words: list[str], offered: Offered) -> None:
    found = offered(line)
    assert set(words) <= set(found) and bool(words) == bool(found)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_each_shell_takes_its_script(run: Run, shell: str) -> None:
    script = run("completion", shell).out
    assert "_ARCHSPEC_COMPLETE" in script and "archspec" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)
