"""The schemas take every bundled page, and refuse what is wrong with a page's structure."""

from __future__ import annotations

import json
import re
from functools import cache
from pathlib import Path
from typing import Any

import jsonschema_rs
import pytest
from typer.testing import CliRunner

import archspec
from archspec.api import zoo
from archspec.cli.app import application
from archspec.editor.schema import FILE, KINDS, MODELINE, schema
from archspec.editor.schema.sections import key_docs
from archspec.editor.schema.words import NODE_KEYS
from archspec.language.nodes import BODIES, MODIFIERS
from archspec.language.read_text import read_source
from archspec.language.sections import BlockSection, DocumentSection
from archspec.language.source import Source
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import plain

BLOCKS = Path(archspec.__file__).parent / "blocks"
PAGES = [
    *(("spec", path) for path in sorted(zoo.folder().glob("*.yaml"))),
    *(("recipe", path) for path in sorted((zoo.folder() / "recipes").glob("*.yaml"))),
    *(("block", path) for path in sorted(BLOCKS.glob("*.yaml"))),
]
GOOD = "archspec: 1\nname: x\ninput: [3, 8, 8]\n"
FAULTS = {
    "a key that is unknown": GOOD + "graph: [relu]\ngrpah: [relu]",
    "a key that is missing": "archspec: 1\nname: x\ngraph: [relu]",
    "another version": "archspec: 2\nname: x\ninput: [3]\ngraph: [relu]",
    "a name that is none": "archspec: 1\nname: My Net\ninput: [3]\ngraph: [relu]",
    "a graph that is a word": GOOD + "graph: relu",
    "a graph without nodes": GOOD + "graph: {}",
    "a node that is a number": GOOD + "graph: [7]",
    "a node that is nothing": GOOD + "graph: {a: }",
    "a node without a name of an op": GOOD + "graph: [{from: input}]",
    "an `else` without `when`": GOOD + "graph: [{conv: 8, kernel_size: 1, else: relu}]",
    "a group with a field": GOOD + "graph: [{nodes: [relu], stride: 2}]",
    "a field of the wrong type": GOOD + "graph: [{conv: 8, kernel_size: {a: 1}}]",
    "a number out of range": GOOD + "graph: [{conv: 8, kernel_size: 0}]",
    "a field that is missing": GOOD + "graph: [{conv: 8}]",
    "fields under an op's name": GOOD + "graph: [{conv: {out_channels: 8}, kernel_size: 1}]",
    "a value after an op that takes none": GOOD + "graph: [{relu: 3}]",
    "a fault in a nested graph": GOOD + "graph: {a: {graph: [{nodes: [{conv: true, kernel_size: 1}]}]}}",
    "a fault in a block": GOOD + "graph: [b]\nblocks: {b: {graph: [relu], parms: {}}}",
    "a figure without a source": GOOD + "graph: [relu]\nfigures: [{params: 3}]",
    "a param's unknown key": GOOD + "graph: [relu]\nparams: {a: {type: int, defualt: 3}}",
    "a param's unknown type": GOOD + "graph: [relu]\nparams: {a: {type: integer}}",
    "taps that are no addresses": GOOD + "graph: [relu]\ntaps: {C2: [1]}",
    "an input without sizes": "archspec: 1\nname: x\ninput: []\ngraph: [relu]",
    "an input's unknown key": "archspec: 1\nname: x\ninput: {a: {shape: [3], optinal: true}}\ngraph: [relu]",
    "an input of two sorts": "archspec: 1\nname: x\ninput: {a: {shape: [3], fields: {b: [3]}}}\ngraph: [relu]",
    "a reference without a year": GOOD + "graph: [relu]\nreferences: [{authors: A, title: T}]",
}
CASES = Path(__file__).parents[1] / "diagnostics" / "cases"
STRUCTURAL = {"missing-key", "unknown-key", "graph", "node", "from", "join", "over", "figure"}
"""The codes of faults that show in a page's structure alone, whatever its words mean."""


@cache
def validator(kind: str) -> Any:
    return jsonschema_rs.validator_for(schema(kind))


def faults(kind: str, text: str) -> list[str]:
    return [each.message[:200] for each in validator(kind).iter_errors(plain(parse(Source("page", text))))]


@pytest.mark.parametrize("kind", KINDS)
def test_a_schema_is_one_and_is_json(kind: str) -> None:
    jsonschema_rs.meta.validate(schema(kind))
    json.dumps(schema(kind), allow_nan=False)


@pytest.mark.parametrize(("kind", "page"), [pytest.param(*each, id=f"{each[0]}-{each[1].stem}") for each in PAGES])
def test_every_bundled_page_is_right_by_its_schema(kind: str, page: Path) -> None:
    assert faults(kind, read_source(page).text) == []


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_of_structure_is_refused(fault: str) -> None:
    assert faults("spec", FAULTS[fault])


def structural() -> list[Path]:
    told = {case: set(re.findall(r"^error\[([\w-]+)\]", case.read_text("utf-8"), re.M)) for case in CASES.glob("*.txt")}
    pages = [case.with_suffix(".yaml") for case, codes in told.items() if codes & STRUCTURAL]
    return sorted(page for page in pages if page.exists() and not page.stem.startswith(("block_file", "part_")))


@pytest.mark.parametrize("page", [pytest.param(page, id=page.stem) for page in structural()])
def test_a_fault_of_structure_that_has_a_message_is_refused(page: Path) -> None:
    assert faults("spec", page.read_text("utf-8"))


def test_a_new_page_names_the_schema_that_lies_beside_it(tmp_path: Path) -> None:
    CliRunner().invoke(application(["new", "list"]), ["new", str(tmp_path / "net.yaml")], catch_exceptions=False)
    assert (tmp_path / "net.yaml").read_text("utf-8").startswith(f"{MODELINE}\n")
    assert json.loads((tmp_path / FILE).read_text("utf-8")) == schema()


def test_an_expression_may_stand_for_a_value_and_a_blocks_field_may_be_called_like_an_op() -> None:
    page = GOOD + "graph: [{conv: w, kernel_size: '[k, 3]', bias: not b}, {own: 64, dropout: [1], relu: {a: 1}}]"
    assert faults("spec", page) == []


def test_every_key_is_described() -> None:
    assert set(NODE_KEYS) == MODIFIERS | set(BODIES)
    for section in (DocumentSection, BlockSection):
        assert all(key_docs(section).values())
