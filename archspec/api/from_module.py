"""Any nn.Module as an architecture: `archspec.from_module`."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any

from msgspec import Struct
from msgspec.structs import replace

from archspec.api.architecture import Architecture, read_document
from archspec.api.time_and_memory import measured
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.document import written_document
from archspec.runtime.requirements import require_torch

if TYPE_CHECKING:
    from torch import nn

    from archspec.importing.name import Missing
    from archspec.importing.prove import Proof
    from archspec.importing.trace import Traced


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
    imported = import_module(module, inputs, keywords, name, proof)
    if wrong := faults(imported):
        raise SpecError(wrong)
    return imported.architecture


class Imported(Struct, frozen=True):
    """A module as an architecture, and what became of it on the way.

    `proof` is what came of holding the page's module against the module, `None` where it was not asked for or the page
    cannot be built for what is `missing`. `flops` are what torch's FlopCounterMode counts for one example. `seconds`
    and `memory`, in bytes, are what following the module took.
    """

    architecture: Architecture
    proof: Proof | None
    missing: tuple[Missing, ...]
    seconds: float
    memory: int
    flops: int | None = None

    @property
    def diagnostics(self) -> list[Diagnostic]:
        """What is to be told: each operation without a word, each tensor that no page has, and a proof that fails."""
        return [*self.architecture.warnings, *faults(self)]

    @property
    def fine(self) -> bool:
        """Whether nothing is known that keeps the page from being the module."""
        return not (self.missing or faults(self))


Doing = Callable[[str], None]
"""Is told what is being done."""


def import_module(
    module: nn.Module,
    inputs: tuple[Any, ...],
    keywords: Mapping[str, Any],
    name: str | None = None,
    proof: bool = True,
    doing: Doing = lambda what: None,
    follow: Callable[[str], Traced] | None = None,
) -> Imported:
    """As `from_module`, with all that is known of it; a proof that fails is in what comes back.

    `follow` traces a module that torch.export need not follow any more.
    """
    require_torch()
    doing(f"following {type(module).__name__}")
    from archspec.importing.page import write
    from archspec.importing.prove import flops, prove
    from archspec.importing.trace import trace
    from archspec.importing.untold import untold

    run = partial(trace, module, inputs, keywords, name) if follow is None else partial(follow, name or "")
    traced, seconds, memory = measured(lambda: _gathered(run))
    doing("writing its page")
    document = written_document(f"{traced.graph.name}.yaml", write(traced.graph, renames=True))
    if traced.missing:
        architecture = Architecture(document, None, {}, traced.graph, tuple(_without_words(traced.missing)))
        counted = flops(module, inputs, keywords) if proof else None
        return Imported(architecture, None, traced.missing, seconds, memory, counted)
    architecture = read_document(document, None, {})
    if traced.untrained:
        message = "the page shows the module in evaluation mode alone"
        left = Diagnostic("not-run", message, found=traced.untrained, severity="warning")
        architecture = replace(architecture, told=(*architecture.told, left))
    architecture = replace(architecture, told=(*architecture.told, *map(_left_out, untold(module))))
    proven = None
    if proof:
        doing("proving that the page is the module")
        made = architecture.build(device=_device(module))
        proven = prove(module, made, inputs, keywords, training=traced.untrained is None)
        architecture = replace(architecture, told=(*architecture.told, *_idle(proven)))
    return Imported(architecture, proven, (), seconds, memory, proven.flops if proven else None)


def _gathered(trace: Callable[[], Traced]) -> Traced:
    from archspec.importing.scopes import GatherError

    try:
        return trace()
    except GatherError as error:
        raise SpecError([Diagnostic("import", str(error))]) from error


def _device(module: nn.Module) -> str | None:
    """Where the page's module is made: on the meta device where the module's tensors are there."""
    return "meta" if any(each.is_meta for each in module.state_dict().values()) else None


def _without_words(missing: Sequence[Missing]) -> Iterator[Diagnostic]:
    for each in missing:
        where = f" (in `{each.module}`)" if each.module else ""
        message = f"archspec has no op for torch's `{each.function}`{where}"
        yield Diagnostic("no-word", message, found=each.place or None, severity="warning")


def _left_out(what: str) -> Diagnostic:
    """A warning of what a module does in training and its page does not say."""
    return Diagnostic("not-run", "the page trains otherwise than the module", found=what, severity="warning")


def _idle(proof: Proof) -> Iterator[Diagnostic]:
    """A warning where the module holds more than its page."""
    if proof.lacking:
        message = f"the module holds {len(proof.lacking)} tensors that it does not use in evaluation mode"
        yield Diagnostic("not-run", message, found=f"`{proof.lacking[0]}`", severity="warning")


def faults(imported: Imported) -> list[Diagnostic]:
    """The error for a page that is not the module, where it was proven that it is not."""
    proof = imported.proof
    if proof is None or proof.holds:
        return []
    message = f"the page of `{imported.architecture.name}` is not the module that it was written from"
    found = f"{proof}; {proof.first}" if proof.first else str(proof)
    return [Diagnostic("import", message, found=found, help="a bug in archspec")]
