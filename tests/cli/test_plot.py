from __future__ import annotations

from pathlib import Path

import pytest

from .conftest import BROKEN, Run

SIGNS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}


@pytest.mark.parametrize("format", SIGNS)
def test_the_files_name_says_the_format(run: Run, net: Path, tmp_path: Path, format: str) -> None:
    outcome = run("plot", "net.yaml", "--out", f"plots/net.{format}")
    assert (outcome.code, outcome.out, outcome.err) == (0, f"wrote plots/net.{format}\n", "")
    assert (tmp_path / f"plots/net.{format}").read_bytes().startswith(SIGNS[format])


def test_one_spec_is_plotted_by_stage_and_several_as_a_family(run: Run, net: Path, tmp_path: Path) -> None:
    assert run("plot", "net.yaml", "--variant", "net_wide").out == "wrote net_wide_plot.svg\n"
    assert "Net (net_wide), input 3×8×8" in (tmp_path / "net_wide_plot.svg").read_text()
    assert run("plot", "net.yaml", "--of", "family").out == "wrote net_plot.svg\n"
    shown = (tmp_path / "net_plot.svg").read_text()
    assert ">net</text>" in shown and ">net_wide</text>" in shown
    assert run("plot", "net.yaml", "lenet_1998", "vgg11").out == "wrote net_lenet_1998_vgg11_plot.svg\n"
    shown = (tmp_path / "net_lenet_1998_vgg11_plot.svg").read_text()
    assert ">net_wide</text>" in shown and ">lenet_1998</text>" in shown and ">lenet</text>" not in shown


def test_a_variant_alone_is_plotted_among_its_family(run: Run, tmp_path: Path) -> None:
    assert run("plot", "lenet_1998", "--of", "family").out == "wrote lenet_1998_plot.svg\n"
    shown = (tmp_path / "lenet_1998_plot.svg").read_text()
    assert ">lenet_1998</text>" in shown and ">lenet</text>" in shown


def test_settings_are_plotted(run: Run, net: Path, tmp_path: Path) -> None:
    assert run("plot", "net.yaml", "--set", "width=8").code == 0
    assert "parameters: 802" in (tmp_path / "net_plot.svg").read_text()


def test_a_dash_is_stdout(run: Run, net: Path, tmp_path: Path) -> None:
    assert run("plot", "net.yaml", "--out", "-").out.startswith("<?xml")
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]


def test_its_own_plot_is_overwritten_and_no_other(run: Run, net: Path, tmp_path: Path) -> None:
    assert [run("plot", "net.yaml").code for _ in range(2)] == [0, 0]
    path = tmp_path / "net_plot.svg"
    path.write_text("mine")
    outcome = run("plot", "net.yaml")
    assert outcome.code == 1 and "error[foreign-file]: `net_plot.svg` exists" in outcome.err
    assert path.read_text() == "mine"
    assert run("plot", "net.yaml", "--force").code == 0


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (["--out", "net.gif"], "'net.gif' ends with none of svg, png, pdf; say which with --format"),
        (["--out", "net.svg", "--format", "png"], "png does not fit the name 'net.svg'"),
        (["lenet", "--of", "stages"], "takes one SPEC"),
        (["--theme", "blue"], "blue"),
    ],
)
def test_wrong_usage(run: Run, net: Path, tmp_path: Path, options: list[str], message: str) -> None:
    outcome = run("plot", "net.yaml", *options)
    assert (outcome.code, outcome.out) == (2, "")
    assert message in outcome.err
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]


def test_a_wrong_spec_plots_nothing(run: Run, tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text(BROKEN)
    assert run("plot", "net.yaml").code == 1
    assert run("plot", "ntes").code == 1
    assert [path.name for path in tmp_path.iterdir()] == ["net.yaml"]
