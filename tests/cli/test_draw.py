from __future__ import annotations

from pathlib import Path
from typing import get_args

import pytest

import archspec
from archspec.cli import draw
from archspec.files.seal import is_sealed, sealed

from .conftest import BROKEN, Run

SIGNS = {"svg": b"<?xml", "png": b"\x89PNG", "dot": b"digraph"}


@pytest.mark.parametrize("format", SIGNS)
def test_the_files_name_says_the_format(run: Run, net: Path, tmp_path: Path, format: str) -> None:
    outcome = run("draw", "net.yaml", "--out", f"a picture.{format}")
    assert (outcome.code, outcome.out, outcome.err) == (0, f"wrote a picture.{format}\n", "")
    assert (tmp_path / f"a picture.{format}").read_bytes().lstrip().startswith(SIGNS[format])


def test_by_default_an_svg_named_as_the_variant(run: Run, net: Path, tmp_path: Path) -> None:
    assert run("draw", "net.yaml", "--variant", "net_wide").out == "wrote net_wide.svg\n"
    assert (tmp_path / "net_wide.svg").read_bytes().startswith(SIGNS["svg"])


def test_a_dash_is_stdout(run: Run, net: Path, tmp_path: Path) -> None:
    outcome = run("draw", "net.yaml", "--format", "dot", "--out", "-")
    assert outcome.out.startswith("digraph")
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]


def test_depth_closes_blocks(run: Run) -> None:
    closed = run("draw", "resnet18", "--depth", 1, "--format", "dot", "--out", "-").out
    opened = run("draw", "resnet18", "--depth", 9, "--format", "dot", "--out", "-").out
    assert "layer1.0.conv1" not in closed
    assert "layer1.0.conv1" in opened


@pytest.mark.parametrize("format", SIGNS)
def test_its_own_picture_is_overwritten_and_no_other(run: Run, net: Path, tmp_path: Path, format: str) -> None:
    path = tmp_path / f"net.{format}"
    assert [run("draw", "net.yaml", "--out", path.name).code for _ in range(2)] == [0, 0]
    path.write_bytes(path.read_bytes() + b"\n")
    outcome = run("draw", "net.yaml", "--out", path.name)
    assert (outcome.code, outcome.err) == (
        1,
        f"error[foreign-file]: `net.{format}` exists, and was not written by archspec or was edited since\n"
        "  = help: `--force` overwrites it, `--out` writes elsewhere\n\n",
    )
    assert run("draw", "net.yaml", "--out", path.name, "--force").code == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (
            ["--out", "net.gif"],
            "'net.gif' ends with none of svg, png, pdf, html, dot, mermaid",
        ),
        (["--out", "net.svg", "--format", "png"], "png does not fit the name 'net.svg'"),
        (["--format", "gif"], "gif"),
        (["--depth", "0"], "greater than or equal to 1"),
    ],
)
def test_wrong_usage(run: Run, net: Path, tmp_path: Path, options: list[str], message: str) -> None:
    outcome = run("draw", "net.yaml", *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]


def test_a_folder_that_is_missing_is_made(run: Run, net: Path, tmp_path: Path) -> None:
    assert run("draw", "net.yaml", "--out", "docs/images/net.svg").code == 0
    assert (tmp_path / "docs/images/net.svg").is_file()


def test_a_place_that_cannot_be_written(run: Run, net: Path, tmp_path: Path) -> None:
    (tmp_path / "net.svg").mkdir()
    outcome = run("draw", "net.yaml")
    assert (outcome.code, outcome.err) == (1, "error: net.svg: is a directory\n")


def test_a_wrong_spec_draws_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(BROKEN)
    assert run("draw", "net.yaml").code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]


def test_a_picture_that_cannot_be_rendered_is_an_error(
    run: Run, net: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archspec.pictures.displayable import RenderError
    from archspec.pictures.layout import graphviz

    def fail(*arguments: object, **options: object) -> str:
        raise RenderError("it took too long")

    monkeypatch.setattr(graphviz, "run", fail)
    outcome = run("draw", "net.yaml")
    assert (outcome.code, outcome.err) == (1, "error[picture]: no picture of `net`: it took too long\n\n")
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]


def test_blocks_are_opened_by_address(run: Run) -> None:
    opened = run("draw", "resnet18", "--open", "layer3.1", "--format", "dot", "--out", "-").out
    assert "layer3.1.conv1" in opened
    assert "layer3.0.conv1" not in opened


def test_an_unknown_address_gives_the_nearest(run: Run, tmp_path: Path) -> None:
    outcome = run("draw", "resnet18", "--open", "layer3.l")
    assert (outcome.code, outcome.out) == (1, "")
    assert "`resnet18` has no block `layer3.l` to open\n  = help: did you mean `layer3.1`?" in outcome.err
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("option", "value"), [("--view", "figur"), ("--theme", "drak"), ("--colour", "flops")])
def test_an_unknown_choice_says_what_there_is(run: Run, net: Path, option: str, value: str) -> None:
    outcome = run("draw", "net.yaml", option, value)
    assert (outcome.code, outcome.out) == (2, "")
    assert f"'{value}' is not one of" in outcome.err


def test_mermaid_has_its_own_ending(run: Run, net: Path, tmp_path: Path) -> None:
    assert run("draw", "net.yaml", "--format", "mermaid").out == "wrote net.mmd\n"
    assert run("draw", "net.yaml", "--out", "net.mmd").code == 0
    assert "flowchart TB" in (tmp_path / "net.mmd").read_text(encoding="utf-8")


def test_what_is_drawn_in_place_of_too_much_is_said(
    run: Run, net: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from archspec.pictures.layout import graphviz, graphviz_process

    honest, tried = graphviz_process.run, []

    def slow(dot: str, *options: str, time_limit: float) -> str:
        tried.append(dot)
        if len(tried) == 1:
            raise graphviz_process.LayoutTimeoutError("too slow")
        return honest(dot, *options)

    monkeypatch.setattr(graphviz, "run", slow)
    outcome = run("draw", "net.yaml", "--view", "detail")
    assert outcome.code == 0
    assert outcome.err == "note: the detail was not laid out in 20 s, so this is the figure\n"


def test_volumes(run: Run, net: Path, tmp_path: Path) -> None:
    assert run("draw", "net.yaml", "--view", "volumes", "--out", "maps.svg").code == 0
    drawn = (tmp_path / "maps.svg").read_text(encoding="utf-8")
    assert 'id="input-input" class="node"' in drawn and "square root of the sizes" in drawn
    assert run("draw", "net.yaml", "--view", "volumes", "--theme", "print", "--out", "maps.pdf").code == 0
    assert (tmp_path / "maps.pdf").read_bytes().startswith(b"%PDF")
    assert "has no --depth" in run("draw", "net.yaml", "--view", "volumes", "--depth", 2).err
    refused = run("draw", "net.yaml", "--view", "volumes", "--format", "mermaid")
    assert refused.err == (
        "error[picture]: no picture of `net`: there is no format `mermaid` of this picture; there are svg, png, pdf\n\n"
    )


def test_the_command_knows_every_format_of_a_picture_and_each_has_a_seal() -> None:
    formats = get_args(draw.Format)
    assert [*formats] == [*archspec.read("lenet").draw().writers]
    assert all(is_sealed(sealed(b"a file" * 9, each), each) for each in formats)
