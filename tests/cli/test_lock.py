"""`archspec lock`, and `archspec check --locked`."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import archspec
from archspec.api.lock import read_lock
from archspec.graph.fingerprint import digest
from tests.cli.conftest import NET, Run


@pytest.fixture
def locked(run: Run, tmp_path: Path) -> Path:
    path = tmp_path / "net.yaml"
    path.write_text(NET)
    outcome = run("lock", "net.yaml")
    assert (outcome.code, outcome.out) == (0, "locked 2 networks in archspec.lock\n")
    assert run("check", "net.yaml", "--locked").code == 0
    return path


@pytest.mark.parametrize(
    ("old", "new", "code"),
    [
        ("width: 4,", "width: 4, # as in the paper\n ", 0),
        ("kernel_size: 3", "kernel_size: [3, 3]", 0),
        ("figures:", "about: a net\nfigures:", 0),
        ("linear: 2", "linear: 3", 1),
        ("net_wide: {width: 8}", "net_wide: {width: 16}", 1),
        ("default: relu", "default: gelu", 1),
        ("  fc:", "  head:", 1),
        ("net_wide:", "net_broad:", 1),
    ],
)
def test_a_network_that_changes_is_told_and_a_page_may(run: Run, locked: Path, old: str, new: str, code: int) -> None:
    text = NET[: NET.index("figures:")] + "figures:\n"
    locked.write_text(text)
    run("lock", "net.yaml")
    locked.write_text(text.replace(old, new))
    outcome = run("check", "net.yaml", "--locked")
    assert outcome.code == code
    assert ("error[lock]" in outcome.err) == bool(code)


def test_what_changed_is_said_in_numbers(run: Run, locked: Path) -> None:
    locked.write_text(NET.replace("linear: 2", "linear: 3"))
    told = run("check", "net.yaml", "--locked").err
    assert "`net` of `net.yaml` is not the network that was locked" in told
    assert "= expected: 402 parameters, " in told and "= found: 547 parameters, " in told
    assert "= help: `archspec lock net.yaml` takes it as it is now" in told


def test_a_lock_keeps_what_it_holds_of_others(run: Run, locked: Path) -> None:
    run("lock", "lenet")
    assert set(read_lock()) == {"lenet", "net.yaml"}
    assert run("check", "net.yaml", "lenet", "--locked").code == 0
    assert "is not in the lock" in run("check", "vgg11", "--locked").err


def test_a_variant_or_a_spec_that_is_gone_is_told(run: Run, locked: Path) -> None:
    text = NET[: NET.index("figures:")]
    locked.write_text(text.replace(", net_wide: {width: 8}", ""))
    outcome = run("check", "net.yaml", "--locked")
    assert outcome.code == 1 and "`net_wide` is in the lock, but `net.yaml` has it no more" in outcome.err
    assert run("check", "net.yaml", "--locked", "--variant", "net").code == 0
    locked.unlink()
    run("lock", "lenet")  # keeps what it holds of others
    outcome = run("check", "lenet", "--locked")
    assert outcome.code == 1 and "`net.yaml` is in the lock, but there is no such file" in outcome.err


@pytest.mark.parametrize(("taps", "code"), [("{C: conv}", 0), ("{C: act}", 1), ("{D: conv}", 1), ("{}", 1)])
def test_taps_are_locked(run: Run, locked: Path, taps: str, code: int) -> None:
    text = NET[: NET.index("figures:")]
    locked.write_text(text + "taps: {C: conv}\n")
    run("lock", "net.yaml")
    locked.write_text(text + f"taps: {taps}\n")
    outcome = run("check", "net.yaml", "--locked")
    assert outcome.code == code
    assert ("gives other taps than were locked" in outcome.err) == bool(code)


@pytest.mark.parametrize("text", ["", "{}", "[1]", '{"archspec": 2, "networks": {}}'])
def test_what_is_no_lock_is_told(run: Run, locked: Path, text: str) -> None:
    Path("archspec.lock").write_text(text)
    assert "error[lock]: `archspec.lock` is not a lock" in run("check", "net.yaml", "--locked").err
    assert "error[lock]" in run("lock", "net.yaml").err


def test_without_a_lock_and_with_a_spec_that_is_wrong(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(NET.replace("kernel_size", "kernal_size"))
    assert "error[file-not-found]" in run("check", "net.yaml", "--locked").err
    assert run("lock", "net.yaml").code == 1 and not Path("archspec.lock").exists()


def test_every_process_gives_the_same_digest() -> None:
    script = (
        "import archspec; from archspec.graph.fingerprint import digest; print(digest(archspec.read('lenet').graph))"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == digest(archspec.read("lenet").graph)
