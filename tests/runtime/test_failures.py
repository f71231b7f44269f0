"""Whatever torch raises when a module is made or run is told at the node, and never a traceback."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from torch import nn

import archspec
from archspec.api.build import build
from archspec.language.diagnostics import Diagnostic, SpecError

KINDS: tuple[type[Exception], ...] = (
    ValueError,
    IndexError,
    TypeError,
    AssertionError,
    KeyError,
    RuntimeError,
    ZeroDivisionError,
    OverflowError,
    AttributeError,
    NotImplementedError,
    MemoryError,
    LookupError,
)

NET = """\
archspec: 1
name: net
input: [3, 8, 8]
blocks:
  unit:
    graph:
      a: {conv: 3, kernel_size: 1}
      s: {maximum: [a, input]}
      r: gelu
graph:
  first: {conv: 3, kernel_size: 1}
  body: [{unit: , repeat: 3}]
"""
SIZES = "archspec: 1\nname: net\ninput: [3, W]\ngraph:\n  p: {max_pool: 2}\n  r: gelu\n"


def faults(tmp_path: Path, page: str) -> tuple[Diagnostic, ...]:
    (tmp_path / "net.yaml").write_text(page)
    with pytest.raises(SpecError) as raised:
        build(archspec.read(tmp_path / "net.yaml"))
    return raised.value.diagnostics


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("method", ["__init__", "forward"])
def test_a_module_that_torch_refuses_is_told_at_its_node(
    kind: type[Exception], method: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*given: object, **named: object) -> None:
        raise kind("no such luck\nsecond line")

    monkeypatch.setattr(nn.GELU, method, refuses)
    (told,) = faults(tmp_path, NET)
    assert (told.code, told.node) == ("torch", "body.0.r")
    assert told.span is not None and told.span.line == 9
    assert told.found is not None and told.found.startswith("no such luck")


@pytest.mark.parametrize("kind", KINDS)
def test_a_function_that_torch_refuses_is_told_at_its_node(
    kind: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuses(*given: object, **named: object) -> None:
        raise kind

    monkeypatch.setattr(torch, "maximum", refuses)
    (told,) = faults(tmp_path, NET)
    assert (told.code, told.node, told.found) == ("torch", "body.0.s", kind.__name__)


@pytest.mark.parametrize("kind", KINDS)
def test_a_size_at_which_torch_fails_is_told_at_the_node(
    kind: type[Exception], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    works = nn.GELU.forward

    def refuses_odd_sizes(self: nn.GELU, x: torch.Tensor) -> torch.Tensor:
        if x.shape[-1] % 2:
            raise kind("odd")
        return works(self, x)

    monkeypatch.setattr(nn.GELU, "forward", refuses_odd_sizes)
    every = faults(tmp_path, SIZES)
    assert {(each.code, each.node) for each in every} == {("verify", "r")}


def test_what_only_the_meta_device_refuses_is_run_with_memory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    works = nn.GELU.forward

    def refuses_meta(self: nn.GELU, x: torch.Tensor) -> torch.Tensor:
        if x.is_meta:
            raise RuntimeError("no such kernel")
        return works(self, x)

    monkeypatch.setattr(nn.GELU, "forward", refuses_meta)
    (tmp_path / "net.yaml").write_text(SIZES)
    assert build(archspec.read(tmp_path / "net.yaml")).architecture.name == "net"
