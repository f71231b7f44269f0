"""Each kind of module that others write: module → page → module, the same tensors and outputs equal to the last bit."""

from __future__ import annotations

import pytest
import torch

import archspec
from archspec.importing.prove import prove
from tests.importing.kinds import KINDS


@pytest.mark.parametrize("name", KINDS)
def test_a_module_of_a_kind_is_the_module_of_its_page(name: str) -> None:
    torch.manual_seed(0)
    made, example = KINDS[name]
    module = made()
    inputs, keywords = example()
    page = archspec.from_module(module, *inputs, proof=False, **keywords)
    assert not page.warnings, page.warnings
    proof = prove(module, page.build(), inputs, keywords)
    assert proof.exact, f"{proof}; {proof.first}\n{page.to_yaml()}"
    assert proof.parameters == page.params == sum(each.numel() for each in module.parameters())
