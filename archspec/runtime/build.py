"""A graph as a running module: its source, compiled once and kept where tracebacks and torch.compile find it."""

from __future__ import annotations

import copyreg
import hashlib
import linecache
import sys
from collections import OrderedDict
from collections.abc import Iterator
from contextlib import AbstractContextManager, ExitStack, nullcontext
from threading import Lock
from types import ModuleType
from typing import Any
from weakref import WeakSet

import torch
from torch import nn
from torch.overrides import TorchFunctionMode
from torch.utils._pytree import _deregister_pytree_node, _register_namedtuple

from archspec.codegen.module_source import source
from archspec.graph.model import Graph
from archspec.language.diagnostics import SpecError
from archspec.runtime.torch_errors import GENERATED, refused
from archspec.runtime.verify import contradiction, verify_tensors

KEPT = 256
"""So many compiled sources are kept beyond those in use."""


class Generated(ModuleType):
    """A compiled source. `instances` are the modules made of its classes that are alive."""

    def __init__(self, name: str, text: str) -> None:
        super().__init__(name, "Written by archspec.")
        self.text = text
        self.instances: WeakSet[nn.Module] = WeakSet()


_FILLS = frozenset({"normal_", "uniform_", "zero_", "fill_", "erfinv_", "mul_", "add_", "clamp_", "copy_"})

_compiled: OrderedDict[str, Generated] = OrderedDict()
_lock = Lock()


def build(graph: Graph, device: torch.device | str | None = None, dtype: torch.dtype | None = None) -> nn.Module:
    """The module of a graph, freshly initialised.

    On `device="meta"` it has shapes but no memory. `dtype` is what the weights are cast to once they are initialised.
    The module can be copied, pickled, exported and compiled like one written by hand; it can be unpickled where
    archspec is installed. `torch.export.load` finds the classes of outputs with names once the graph has been built in
    the process. Raises `SpecError` where torch refuses to make it, or its tensors are not those
    inferred.
    """
    generated = compiled(source(graph))
    made = getattr(generated, graph.class_name)
    try:
        with _placed(device):
            module: nn.Module = made()
    except Exception as error:  # torch's classes refuse in their own ways
        raise SpecError([refused(graph, error)]) from error
    if contradicted := verify_tensors(graph, module):
        raise SpecError(contradiction(graph, each) for each in contradicted)
    generated.instances.update(each for each in module.modules() if type(each).__module__ == generated.__name__)
    return module if dtype is None else module.to(dtype)


def _placed(device: torch.device | str | None) -> AbstractContextManager[Any]:
    """Where new tensors stand; on the meta device nothing fills them."""
    if device is None:
        return nullcontext()
    context = ExitStack()
    context.enter_context(torch.device(device))
    if torch.device(device).type == "meta":
        context.enter_context(_Unfilled())
    return context


class _Unfilled(TorchFunctionMode):
    """Skips what fills a tensor: without memory it has no effect, but would import torch's reference kernels."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        if getattr(func, "__module__", None) == "torch.nn.init" or getattr(func, "__name__", None) in _FILLS:
            return args[0] if args else kwargs["tensor"]
        return func(*args, **(kwargs or {}))


def compiled(text: str) -> Generated:
    """The Python module of a source; the same object for the same text."""
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    name = f"{GENERATED}{digest}"
    with _lock:
        if name not in _compiled:
            _compiled[name] = _compile(name, text)
            _forget()
        _compiled.move_to_end(name)
        return _compiled[name]


def _compile(name: str, text: str) -> Generated:
    generated = Generated(name, text)
    generated.__file__ = f"<{name}>"
    linecache.cache[generated.__file__] = (len(text), None, text.splitlines(keepends=True), generated.__file__)
    sys.modules[name] = generated
    try:
        # The annotations are types, as where the file is imported, and not text as in this file.
        exec(compile(text, generated.__file__, "exec", dont_inherit=True), generated.__dict__)
    except BaseException:
        _drop(generated)
        raise
    for made in _classes(generated):
        copyreg.pickle(made, _reduce)
        if issubclass(made, tuple):
            _register_namedtuple(made, serialized_type_name=f"{name}.{made.__name__}")
    return generated


def _classes(generated: Generated) -> Iterator[type]:
    for value in vars(generated).values():
        if isinstance(value, type) and value.__module__ == generated.__name__:
            yield value


def _forget() -> None:
    """Let go of the oldest sources that no living module needs."""
    idle = [generated for generated in _compiled.values() if not generated.instances]
    for generated in idle[: max(0, len(idle) - KEPT)]:
        del _compiled[generated.__name__]
        _drop(generated)
        for made in _classes(generated):
            copyreg.dispatch_table.pop(made, None)
            if issubclass(made, tuple):
                _deregister_pytree_node(made)


def _drop(generated: Generated) -> None:
    sys.modules.pop(generated.__name__, None)
    linecache.cache.pop(str(generated.__file__), None)


def _reduce(instance: Any) -> tuple[Any, ...]:
    """How pickle and copy take an instance of a generated class: by its source, not by a module to import."""
    made = type(instance)
    text = sys.modules[made.__module__].text
    if isinstance(instance, tuple):
        return rebuild, (text, made.__qualname__, tuple(instance))
    return rebuild, (text, made.__qualname__), instance.__reduce_ex__(2)[2]


def rebuild(text: str, class_name: str, values: tuple[Any, ...] | None = None) -> Any:
    """An instance of a generated class: a named tuple of `values`, or a module that is yet to be given its state."""
    generated = compiled(text)
    made = getattr(generated, class_name)
    if values is not None:
        return made(*values)
    instance = made.__new__(made)
    nn.Module.__init__(instance)
    generated.instances.add(instance)
    return instance
