"""A graph → its page → the same graph, for every bundled network; no torch is needed."""

from __future__ import annotations

import pytest

import archspec
from archspec.api import zoo
from archspec.api.architecture import Architecture, read_document
from archspec.importing.page import write
from archspec.language.diagnostics import Findings
from archspec.language.document import parse_document
from archspec.language.source import Source


def read_again(text: str) -> Architecture:
    findings = Findings()
    document = parse_document(Source("page.yaml", text), findings)
    findings.check()
    return read_document(document, None, {})


@pytest.mark.parametrize("name", [name for name, _ in zoo.variants()])
def test_the_page_of_a_bundled_network_is_that_network(name: str) -> None:
    graph = archspec.read(name).graph
    page = read_again(write(graph))
    assert page.graph.fingerprint == graph.fingerprint
    assert page.graph.counts == graph.counts


def test_under_other_settings_the_page_says_these() -> None:
    small = archspec.read("resnet34", num_classes=10)
    assert read_again(small.to_yaml()).graph.fingerprint == small.graph.fingerprint
    assert archspec.read("resnet50").to_yaml() == zoo.bundled("resnet").source.text
