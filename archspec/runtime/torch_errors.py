"""Errors of torch as a module is built or run, reported at the node where they occur."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from traceback import walk_tb

from torch import nn

from archspec.codegen import written
from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, SpecError

GENERATED = "archspec_generated_"
"""How the Python module of every compiled source is called."""


class RunError(Exception):
    """What failed while a module ran: within the module at an address, or at what a message says already."""

    def __init__(self, error: Exception, address: str | None = None, at: Diagnostic | None = None) -> None:
        super().__init__(str(error))
        self.error, self.address, self.at = error, address, at


@contextmanager
def watched(network: nn.Module) -> Iterator[None]:
    """Within it, what fails becomes a `RunError` with the address of the innermost module in which it did."""
    names = {module: name for name, module in network.named_modules()}
    inside: list[nn.Module] = []

    def left(*_: object) -> None:  # what a hook returns would stand for the output
        inside.pop()

    handles = [module.register_forward_pre_hook(lambda each, _: inside.append(each)) for module in names]
    handles += [module.register_forward_hook(left) for module in names]
    try:
        yield
    except SpecError:
        raise
    except Exception as error:  # torch's kernels refuse in their own ways
        raise RunError(error, names[inside[-1]] or None if inside else None) from error
    finally:
        for handle in handles:
            handle.remove()


def refused(graph: Graph, error: Exception, address: str | None = None) -> Diagnostic:
    """The message of what failed while the module of a graph was made, or ran within the module at an address."""
    within = node_of(graph, error, address or "")
    node = graph.nodes.get(within)
    message = f"torch could not build and run `{graph.name}`"
    return Diagnostic("torch", message, node.span if node else None, node=within or None, found=reason(error))


def node_of(graph: Graph, error: Exception, within: str = "") -> str:
    """The address of the node whose line of the source failed; `within` where the source tells no more."""
    prefix = f"{within}." if within else ""
    inside = {address: lines for address, lines in written(graph).lines.items() if address.startswith(prefix)}
    for line in reversed(_source_lines(error)):
        lengths = {
            address: last - first
            for address, lines in inside.items()
            for first, last in lines
            if address and first <= line <= last
        }
        if lengths:
            return min(lengths, key=lambda address: (lengths[address], address.count(".")))
    return within


def _source_lines(error: Exception) -> list[int]:
    """The lines of generated source that were being run, the outermost first."""
    frames = walk_tb(error.__traceback__)
    return [line for frame, line in frames if str(frame.f_globals.get("__name__", "")).startswith(GENERATED)]


def reason(error: Exception) -> str:
    """The first line of what torch says."""
    text = error.args[0] if isinstance(error, KeyError) and error.args else error  # of a KeyError, str() is a repr
    return (str(text).strip().splitlines() or [type(error).__name__])[0]
