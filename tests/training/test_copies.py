"""What a run's folder holds of a spec: what it uses, and nothing that its text only mentions."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.training.run.run_files import spec_files

BLOCK = "block: {name}\nparams: {{out: int}}\ngraph: [{body}]\n"
SPEC = """\
archspec: 1
name: net
about: "as in notes and secrets, and in other.yaml; see passwords.yaml"
input: [3, 8, 8]
params: {notes: 4, kind: relu}
variants: {small: {notes: 2}}
blocks:
  idle: {params: {out: int}, graph: [{lonely: out}]}
graph:
  stem: {stemming: notes}
  part: {use: parts/tail.yaml}
  secrets: relu
  last: {conv: 8, kernel_size: 1}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "net.yaml").write_text(SPEC)
    (tmp_path / "stemming.yaml").write_text(BLOCK.format(name="stemming", body="{inner: out}, relu"))
    (tmp_path / "inner.yaml").write_text(BLOCK.format(name="inner", body="{conv: out, kernel_size: 1}"))
    (tmp_path / "lonely.yaml").write_text(BLOCK.format(name="lonely", body="relu"))
    (tmp_path / "parts").mkdir()
    tail = "archspec: 1\nname: tail\ninput: [4, 8, 8]\ngraph: [{tailing: 4}]\n"
    (tmp_path / "parts/tail.yaml").write_text(tail)
    (tmp_path / "parts/tailing.yaml").write_text(BLOCK.format(name="tailing", body="{conv: out, kernel_size: 1}"))
    for name in ("notes", "secrets", "other", "passwords", "relu", "conv", "last", "out", "net2", "small"):
        (tmp_path / f"{name}.yaml").write_text(f"password: {name}\n")
    (tmp_path / "parts/secrets.yaml").write_text("password: 1\n")
    return tmp_path


def test_only_what_a_spec_uses_is_copied(folder: Path) -> None:
    files = spec_files(archspec.read(folder / "net.yaml"))
    used = ["inner", "lonely", "net", "parts/tail", "parts/tailing", "stemming"]
    assert sorted(files) == [f"spec/{name}.yaml" for name in used]
    assert next(iter(files)) == "spec/net.yaml"
    assert not any("password:" in text for text in files.values())


def test_the_copies_are_all_that_it_needs(folder: Path, tmp_path: Path) -> None:
    architecture = archspec.read(folder / "net.yaml")
    for place, text in spec_files(architecture).items():
        (tmp_path / "copy" / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / "copy" / place).write_text(text)
    assert archspec.read(tmp_path / "copy/spec/net.yaml").graph.fingerprint == architecture.graph.fingerprint


@pytest.mark.parametrize("name", ["resnet50", "fasterrcnn_resnet50_fpn", "capsnet", "cnn_lstm"])
def test_a_bundled_spec_is_copied_alone(name: str) -> None:
    assert len(spec_files(archspec.read(name))) == 1


@pytest.mark.parametrize("out", ["link", "link/run", "loop"])
def test_a_run_is_not_written_through_a_dangling_link(out: str, tmp_path: Path) -> None:
    from archspec.training.run.run_files import new_run

    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    (tmp_path / "loop").symlink_to(tmp_path / "loop")
    with pytest.raises(archspec.SpecError, match=r"error\[dangling-link\]: .* is a link to"):
        new_run(tmp_path / out, "x")
    assert not (tmp_path / "elsewhere").exists()
