"""Several modules of a family as one page with variants: `archspec.from_modules`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from archspec.api.architecture import Architecture, read_document
from archspec.api.from_module import import_module
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.document import written_document

if TYPE_CHECKING:
    from torch import nn


def from_modules(
    modules: Mapping[str, nn.Module], *inputs: Any, name: str | None = None, proof: bool = True, **keywords: Any
) -> Architecture:
    """One page for several modules of a family, a variant for each; the first is the one that comes back.

    Each is taken as `from_module` takes it, and each variant of the page is held to be the network that its module is.
    `name` is the page's, what the variants' names have in common where it is left out.

    Raises `SpecError` where one of them cannot be followed or has no word for what it does.
    """
    from archspec.importing.page import write_family

    found = {each: import_module(module, inputs, keywords, each, proof) for each, module in modules.items()}
    for each, imported in found.items():
        if not imported.fine:
            raise SpecError([Diagnostic("import", f"`{each}` cannot be written as a page; import it alone to see why")])
    graphs = {each: imported.architecture.graph for each, imported in found.items()}
    document = written_document(f"{next(iter(graphs))}.yaml", write_family(graphs, name))
    members = {each: read_document(document, each, {}) for each in graphs}
    for each, graph in graphs.items():
        if members[each].graph.fingerprint != graph.fingerprint:
            message = f"variant `{each}` of the family's page is not the network that its module is"
            raise SpecError([Diagnostic("import", message, help="a bug in archspec")])
    return next(iter(members.values()))
