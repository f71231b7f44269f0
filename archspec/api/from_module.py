"""Any nn.Module as an architecture: `archspec.from_module`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec.structs import replace

from archspec.api.architecture import Architecture, read_document
from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.document import parse_document
from archspec.language.source import Source
from archspec.runtime.requirements import require_torch

if TYPE_CHECKING:
    from torch import nn

    from archspec.importing.name import Missing


def from_module(
    module: nn.Module, *inputs: Any, name: str | None = None, proof: bool = True, **keywords: Any
) -> Architecture:
    """The architecture of a module that exists, as it runs on inputs like these in evaluation mode.

    `inputs` and `keywords` are what the module is called with; the first dimension of each tensor is the batch. `name`
    is the page's name, that of the module's class where it is left out; `to_yaml()` of what comes back is the page.
    Unless `proof` is false the page is read again, built, given the module's weights by name and run on the inputs.
    What has no word in archspec is told by warnings; such a network is drawn and counted, but not built.

    Raises `SpecError` where torch.export cannot follow the module, and where the proof fails.

    >>> from torch import nn, zeros
    >>> module = nn.Sequential(nn.Conv2d(3, 8, 3), nn.ReLU(), nn.Flatten(), nn.Linear(288, 10))
    >>> print(from_module(module, zeros(1, 3, 8, 8), name="small").to_yaml())
    archspec: 1
    name: small
    title: Sequential
    input: [3, 8, 8]
    graph: [{conv: 8, kernel_size: 3}, relu, flatten, {linear: 10}]
    <BLANKLINE>
    """
    require_torch()
    from archspec.importing.export import ExportError
    from archspec.importing.page import write
    from archspec.importing.scopes import GatherError
    from archspec.importing.trace import trace

    try:
        traced = trace(module, inputs, keywords, name)
    except ExportError as error:
        message = f"torch.export cannot follow `{type(module).__name__}`"
        raise SpecError([Diagnostic("import", message, found=error.reason, help=error.help)]) from error
    except GatherError as error:
        raise SpecError([Diagnostic("import", str(error))]) from error
    source = Source(f"{traced.graph.name}.yaml", write(traced.graph))
    document = parse_document(source, Findings())
    if traced.missing:
        return Architecture(document, None, {}, traced.graph, tuple(_without_words(traced.missing)))
    architecture = read_document(document, None, {})
    return _proven(architecture, module, inputs, keywords) if proof else architecture


def _without_words(missing: Sequence[Missing]) -> Iterator[Diagnostic]:
    for each in missing:
        where = f" (in `{each.module}`)" if each.module else ""
        message = f"archspec has no word for torch's `{each.function}`{where}"
        yield Diagnostic("no-word", message, found=each.place or None, severity="warning")


def _proven(architecture: Architecture, module: nn.Module, inputs: tuple[Any, ...], keywords: Any) -> Architecture:
    from archspec.importing.prove import prove

    proof = prove(module, architecture.build(), inputs, keywords)
    if proof.added or proof.misshapen or proof.difference:
        message = f"the page of `{architecture.name}` is not the module that it was written from"
        raise SpecError([Diagnostic("import", message, found=str(proof), help="a bug in archspec")])
    if proof.lacking:
        message = f"the module holds {len(proof.lacking)} tensors that it does not use in evaluation mode"
        idle = Diagnostic("not-run", message, found=f"`{proof.lacking[0]}`", severity="warning")
        return replace(architecture, warnings=(*architecture.warnings, idle))
    return architecture
