"""A graph → its page → the same graph, for every bundled network; no torch is needed."""

from __future__ import annotations

import pytest
from _pytest.mark import ParameterSet

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


NO_PAGE = {
    "ddpm": "a sinusoid of numbers",
    "dit": "a sinusoid of numbers",
    "stable_diffusion_v1": "a sinusoid of numbers",
    "mistral": "positions as long as a value",
    "t5": "positions as long as a value",
    "transformer": "positions as long as a value",
    "gpt2": "tied weights",
    "whisper": "tied weights",
    "mvit": "starts of some tensors",
}
"""The documents that have no written page yet, and what it cannot say."""
ROUNDED = {
    "convnext_small", "convnext_base", "convnext_large", "efficientnet_b6", "efficientnet_b7", "efficientnet_v2_s"
}  # fmt: skip
"""Those whose rising drop rates are not the same to the last bit on a written page."""


def known(name: str, document: str) -> ParameterSet:
    """A network, to which the gap that is known of it stands."""
    reason = NO_PAGE.get(document) or ("drop rates to the last bit" if name in ROUNDED else None)
    return pytest.param(name, marks=pytest.mark.xfail(strict=False, reason=reason) if reason else ())


@pytest.mark.parametrize("name", [known(name, document.name) for name, document in zoo.variants()])
def test_the_page_of_a_bundled_network_is_that_network(name: str) -> None:
    graph = archspec.read(name).graph
    page = read_again(write(graph))
    assert page.graph.fingerprint == graph.fingerprint
    assert page.graph.counts == graph.counts


def test_under_other_settings_the_page_says_these() -> None:
    small = archspec.read("resnet34", num_classes=10)
    assert read_again(small.to_yaml()).graph.fingerprint == small.graph.fingerprint
    assert archspec.read("resnet50").to_yaml() == zoo.bundled("resnet").source.text


def test_a_page_that_would_be_another_network_is_refused() -> None:
    with pytest.raises(archspec.SpecError, match="no page can be written of `gpt2_medium`"):
        archspec.read("gpt2_medium").to_yaml()
