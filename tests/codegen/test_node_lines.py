"""Where each node stands in the source, and that a build writes it once."""

from __future__ import annotations

import ast
import re
from typing import Any

import pytest

import archspec
from archspec.api.build import build
from archspec.codegen import module_source, written
from archspec.codegen.formatting import Group, Marked, keys_of, laid_out
from archspec.codegen.inplace import with_inplace
from archspec.graph.model import Leaf

from .samples import NAMES, graph_of

COPIED = ("SquashModule", "CapsuleRouting", "CapsuleMask", "ScaledTanh")
"""Classes that are taken along: of no node."""


@pytest.mark.parametrize("name", NAMES)
def test_a_node_with_a_module_is_made_by_a_call_of_its_class(name: str) -> None:
    graph = graph_of(name)
    found = written(graph)
    lines, module_of = found.text.splitlines(), with_inplace(graph)
    assert found.lines.keys() - {""} == graph.nodes.keys()
    for address, node in graph.nodes.items():
        shown = ["\n".join(lines[first - 1 : last]) for first, last in found.lines[address]]
        module = module_of(node) if isinstance(node, Leaf) else None
        if module is not None:
            called = module.callee.rpartition(".")[2]
            given = re.search(r"\bact\b", shown[0])  # a module that the class is given
            assert called in shown[0] or node.name in shown[0] or given, (address, shown)


@pytest.mark.parametrize("name", NAMES)
def test_every_assignment_in_a_forward_is_of_some_node(name: str) -> None:
    found = written(graph_of(name))
    spans = [each for address, lines in found.lines.items() if address for each in lines]
    covered = {number for first, last in spans for number in range(first, last + 1)}
    for made in ast.parse(found.text).body:
        for method in made.body if isinstance(made, ast.ClassDef) and made.name not in COPIED else ():
            if isinstance(method, ast.FunctionDef) and method.name == "forward":
                computed = [each for each in ast.walk(method) if isinstance(each, ast.Assign) and not stands_in(each)]
                assert covered.issuperset(each.lineno for each in computed)


def stands_in(statement: ast.Assign) -> bool:
    """Whether it sets a value where a child does not run."""
    return isinstance(statement.value, (ast.Name, ast.Constant))


def test_the_lines_of_a_text_that_is_broken_are_told() -> None:
    inner = Marked(Group("second(", tuple(f"argument{number}" for number in range(20)), ")"), ("b",))
    lines = laid_out(Marked(Group("f(", (Marked("first", ("a",)), inner), ")"), ("f",)), 4)
    assert [keys_of(line) for line in lines[:3]] == [{"f"}, {"a", "f"}, {"b", "f"}]
    assert all(keys_of(line) == {"b", "f"} for line in lines[2:-1])
    assert keys_of(laid_out(Group("f(", (Marked("first", ("a",)),), ")"), 4)[0]) == {"a"}


def test_a_build_folds_and_writes_the_source_once(monkeypatch: pytest.MonkeyPatch) -> None:
    counted: list[str] = []

    def counting(name: str) -> None:
        call = getattr(module_source, name)

        def counted_call(*given: Any) -> Any:
            counted.append(name)
            return call(*given)

        monkeypatch.setattr(module_source, name, counted_call)

    counting("fold")
    counting("standard_header")
    files = build(archspec.read("lenet")).files
    assert b"class LeNet(nn.Module)" in files["py"]
    assert sorted(counted) == ["fold", "standard_header"]
