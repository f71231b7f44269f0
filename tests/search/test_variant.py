"""A setting as a variant of its page: a line more, and every other character as it was."""

from __future__ import annotations

from pathlib import Path

import pytest
from typer.testing import CliRunner

import archspec
from archspec.api import zoo
from archspec.api.documents import open_document
from archspec.cli.app import application
from archspec.search.variant import with_variant

HEAD = "archspec: 1\nname: net\ninput: [3, 8, 8]\nparams: {width: 4, act: {type: op, default: relu}}\n"
TAIL = "graph:   # the layers\n  conv: {conv: width, kernel_size: 3}\n  act: {use: act}\n"
VARIANTS = {
    "none": "",
    "flow": "variants: {net: {}, wide: {width: 8}}  # two\n",
    "block": "variants:   # as published\n  net: {}\n  wide: {width: 8}   # the wide one\n\n# then\n",
    "deep": "variants:\n    net: {}\n    wide:\n        width: 8\n        act: gelu   # smooth\n",
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("form", VARIANTS)
def test_a_variant_is_added_and_the_rest_stays(form: str, ends: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    text = f"{HEAD}{VARIANTS[form]}{TAIL}".replace("\n", ends)
    path.write_bytes(text.encode())
    document, _ = open_document(path, None)
    before = archspec.read(path).params
    path.write_bytes(with_variant(document, "net_new", {"width": 6}, "wide").encode())
    new = path.read_bytes().decode()
    left = iter(new)
    assert all(char in left for char in text)
    assert archspec.read(path).params == before
    assert archspec.read(path, "net_new").params == archspec.read(path, width=6).params
    if form == "deep":
        assert archspec.read(path, "net_new").graph.settings["act"] == "gelu"


FIGURES = {
    "flow": "figures:\n  - {params: 112, source: counted}  # by hand\n  - { depth: 1, source: counted }\n",
    "block": "figures:   # all\n  - params: 112\n    source: counted\n  -\n    source: counted\n    macs: 4.03k\n",
    "one_line": "figures: [{params: 112, source: counted}, {source: counted, depth: 1}]\n",
    "in_front": "figures:\n- {params: 112, source: counted}\n",
}


@pytest.mark.parametrize("ends", ["\n", "\r\n"], ids=["lf", "crlf"])
@pytest.mark.parametrize("variants", ["", "variants: {net: {}}\n"], ids=["none", "one"])
@pytest.mark.parametrize("form", FIGURES)
def test_a_figure_stays_that_of_what_it_was_documented_for(form: str, variants: str, ends: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    figures = FIGURES[form]
    text = HEAD + (figures + variants + TAIL if form == "in_front" else variants + TAIL + figures)
    path.write_bytes(text.replace("\n", ends).encode())
    before = [each.status for each in archspec.read(path).figures]
    path.write_bytes(with_variant(open_document(path, None)[0], "net_new", {"width": 6}).encode())
    assert [each.status for each in archspec.read(path, "net").figures] == before
    assert archspec.read(path, "net_new").figures == []
    assert "# by hand" in path.read_text("utf-8") or form != "flow"


def test_a_figure_of_several_variants_is_not_claimed_for_another(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(f"{HEAD}{VARIANTS['flow']}{TAIL}{FIGURES['flow']}", "utf-8")
    with pytest.raises(archspec.SpecError, match="documented for every variant"):
        with_variant(open_document(path, None)[0], "net_new", {"width": 6})


@pytest.mark.parametrize("name", ["wide", "net", "no name", ""])
def test_a_name_that_is_taken_or_none_is_refused(name: str, tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(f"{HEAD}{VARIANTS['flow']}{TAIL}", "utf-8")
    with pytest.raises(archspec.SpecError, match="cannot name a new variant"):
        with_variant(open_document(path, None)[0], name, {"width": 6})


def test_the_command_prints_the_setting_and_writes_it(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text(f"{HEAD}{VARIANTS['block']}{TAIL}", "utf-8")
    asked = ["fit", str(path), "--vary", "width=1:64", "--target", "params<=300", "--write", "net_small"]
    outcome = CliRunner().invoke(application(["fit", "check"]), asked, catch_exceptions=False)
    assert outcome.exit_code == 0, outcome.output
    assert outcome.stdout == "--set width=10\n"
    assert "  net_small: {width: 10}\n" in path.read_text("utf-8")
    assert archspec.read(path, "net_small").params == 280


@pytest.mark.parametrize("spec", ["lenet", str(zoo.folder() / "lenet.yaml")])
def test_a_bundled_spec_is_not_written_to(spec: str) -> None:
    before = zoo.folder().joinpath("lenet.yaml").read_bytes()
    asked = ["fit", spec, "--vary", "num_classes=2:20", "--target", "params<=61.1k", "--write", "lenet_small"]
    outcome = CliRunner().invoke(application(["fit", "check"]), asked)
    assert zoo.folder().joinpath("lenet.yaml").read_bytes() == before
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "a bundled spec is not written to" in outcome.output
