"""A `.pt2` file: a program that `torch.export.save` wrote, with its weights and the modules that each call ran in.

The program is run once more without values for a batch that cannot be mistaken, and read as if it had been exported
just now. Of the modules that it came from only the addresses, the classes' names and the tensors are told; those with
tensors that are layers of torch's are made anew of the calls that use these.
"""

from __future__ import annotations

import pickle
import warnings
from collections.abc import Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import torch
from torch import nn
from torch._subclasses.fake_tensor import FakeTensorMode
from torch.export import ExportedProgram
from torch.fx import Interpreter, Node

from archspec.importing.calls import operation
from archspec.importing.export import BATCH
from archspec.importing.failures import quietly
from archspec.importing.formats import Described
from archspec.importing.layers import HELD, layer_of
from archspec.importing.read import arguments_by_name
from archspec.importing.read import read as read_program
from archspec.importing.rebatch import rebatched
from archspec.importing.targets import page_name
from archspec.importing.trace import Traced, traced
from archspec.language.diagnostics import Diagnostic, SpecError

ENDING = ".pt2"
ABOUT = "a torch.export program"


def read(path: Path, settings: Mapping[str, Any]) -> Described:
    """The network of a program; it has no settings, and its inputs are those that it was exported with."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            program = torch.export.load(path)
    except (RuntimeError, OSError, ValueError, KeyError, BadZipFile, pickle.UnpicklingError, EOFError) as error:
        message = f"`{path}` is not a program that this version of torch can read"
        help_ = "save it with `torch.export.save(torch.export.export(module, inputs), path)`"
        raise SpecError([Diagnostic("model-file", message, found=str(error).split("\n")[0], help=help_)]) from error
    inputs, keywords = program.example_inputs or ((), {})
    examples = (*inputs, *keywords.values())
    if not examples:
        raise SpecError([Diagnostic("model-file", f"`{path}` tells no example of its inputs")])
    return Described(_Program(program), page_name(path.stem), examples=examples, follow=partial(_follow, program))


class _Program(nn.Module):
    """A program as a module that can be run, and whose tensors are those of the program."""

    def __init__(self, program: ExportedProgram) -> None:
        super().__init__()
        self._runs = (program.module(check_guards=False),)  # in a tuple, since it cannot be told to evaluate
        self._tensors = dict(program.state_dict)

    def forward(self, *inputs: Any) -> Any:
        """As the module that was exported, for a batch of as many examples."""
        return self._runs[0](*inputs)

    def state_dict(self, *arguments: Any, **keywords: Any) -> dict[str, Any]:  # type: ignore[override]
        """The program's tensors by their names."""
        return self._tensors


def _follow(program: ExportedProgram, called: str) -> Traced:
    held = _modules(program, called)
    with_batch(program)
    for node in [*_layers(program)]:
        _rebuild(node, program, held)
    return traced(read_program(program, held), called, "a program is exported in one of its modes")


def with_batch(program: ExportedProgram) -> None:
    """Give each value of a program the shape that it has for the batch of `BATCH`; sizes become numbers."""
    runner = _Runner(program)
    try:
        with runner.mode, torch.no_grad(), quietly():
            runner.run(*runner.inputs())
    except RuntimeError as error:
        message = "the program was exported for one batch alone, which cannot be told from its other sizes"
        help_ = "export it with a batch of any size: `dynamic_shapes=({0: torch.export.Dim('batch')},)`"
        raise SpecError([Diagnostic("model-file", message, help=help_)]) from error
    for node in program.graph.nodes:
        if node.op == "call_function" and isinstance(node.meta["val"], (int, bool, float)):
            for user in [*node.users]:
                user.args = torch.fx.node.map_arg(user.args, partial(_number, node))
    program.graph_module.graph.eliminate_dead_code()


def _number(node: Node, each: Node) -> Any:
    return node.meta["val"] if each is node else each


class _Runner(Interpreter):
    """Runs a program on tensors without values."""

    def __init__(self, program: ExportedProgram) -> None:
        super().__init__(program.graph_module, garbage_collect_values=True)
        self.program = program
        self.mode = FakeTensorMode(allow_non_fake_inputs=True)
        self.given = frozenset(program.graph_signature.user_inputs)

    def inputs(self) -> list[Any]:
        """The values of the placeholders."""
        return [self._input(node) for node in self.program.graph.nodes if node.op == "placeholder"]

    def _input(self, node: Node) -> Any:
        value = node.meta.get("val")
        if not isinstance(value, torch.Tensor):
            return value
        sizes = [int(size) if isinstance(size, int) else 1 for size in value.shape]
        if node.name in self.given and sizes:
            sizes[0] = BATCH
        return torch.empty(sizes, dtype=value.dtype, device=value.device)

    def run_node(self, n: Node) -> Any:
        """Each node with its new shape noted."""
        if n.op == "output":
            return super().run_node(n)
        n.meta["val"] = super().run_node(n)
        return n.meta["val"]

    def call_function(self, target: Any, args: Any, kwargs: Any) -> Any:
        """A function; sizes and joins that were written for another batch are those of this one."""
        name = operation(target)
        if name in ("view", "reshape", "_unsafe_view") and isinstance(args[1], (list, tuple)):
            args = (args[0], rebatched(args[0].shape, args[1], BATCH), *args[2:])
        elif name == "expand":
            args = (args[0], _expanded(args[0].shape, args[1]), *args[2:])
        elif name == "cat":
            args = (_of_one_batch(args[0]), *args[1:])
        elif name == "split_with_sizes" and sum(args[1]) != args[0].shape[args[2] if len(args) > 2 else 0]:
            args = (args[0], [size * BATCH for size in args[1]], *args[2:])
        return super().call_function(target, args, kwargs)


def _expanded(taken: Any, sizes: Any) -> list[int]:
    """The sizes to which a tensor is expanded: none that it has already is made smaller."""
    new = len(sizes) - len(taken)
    return [
        taken[at - new] if at >= new and taken[at - new] not in (1, size) else size for at, size in enumerate(sizes)
    ]


def _of_one_batch(tensors: list[torch.Tensor]) -> list[torch.Tensor]:
    """Tensors that are to be joined, each with the batch where one of them has it."""
    if not any(each.shape and each.shape[0] == BATCH for each in tensors):
        return tensors
    return [each if each.shape[0] == BATCH else each.expand(BATCH, *each.shape[1:]) for each in tensors]


def _modules(program: ExportedProgram, called: str) -> nn.Module:
    """Modules of the addresses in a program, each of a class called as it was, with the tensors that it held."""
    root = _named(called)
    titles = {path: title for node in program.graph.nodes for path, title in _stack(node)}
    for path in sorted(titles):
        if path:
            _add(root, path, titles)
    for key, tensor in program.state_dict.items():
        owner, _, name = key.rpartition(".")
        holder = _add(root, owner, titles) if owner else root
        if isinstance(tensor, nn.Parameter):
            holder.register_parameter(name, tensor)
        else:
            holder.register_buffer(name, tensor)
    return root.eval()


def _stack(node: Node) -> Iterator[tuple[str, str]]:
    for path, title in (node.meta.get("nn_module_stack") or {}).values():
        name = title if isinstance(title, str) else f"{title.__module__}.{title.__qualname__}"
        yield path.removeprefix("L['self']").removeprefix("L__self__").lstrip("."), name.split("@")[0]


def _named(title: str) -> nn.Module:
    """A module that is called like a class; containers are torch's own."""
    *_, name = title.split(".")
    if title.startswith("torch.nn.modules.container."):
        made: nn.Module = getattr(nn, name)()
        return made
    return type(name, (nn.Module,), {})()  # type: ignore[no-any-return]


def _add(root: nn.Module, path: str, titles: Mapping[str, str]) -> nn.Module:
    """The module at an address, made with those around it where they do not exist."""
    module, at = root, ""
    for name in path.split("."):
        at = f"{at}.{name}" if at else name
        if name not in module._modules:
            module.add_module(name, _named(titles.get(at, "torch.nn.modules.container.Sequential")))
        module = module._modules[name]  # type: ignore[assignment]
    return module


def _layers(program: ExportedProgram) -> Iterator[Node]:
    """The calls that take tensors of the program's own."""
    signature = program.graph_signature
    held = {*signature.inputs_to_parameters, *signature.inputs_to_buffers}
    for node in program.graph.nodes:
        if node.op == "call_function" and any(each.name in held for each in node.all_input_nodes):
            yield node


def _rebuild(node: Node, program: ExportedProgram, root: nn.Module) -> None:
    """Put torch's own layer in the place of the module whose tensors a call takes, where it is one."""
    signature = program.graph_signature
    keys = {**signature.inputs_to_parameters, **signature.inputs_to_buffers}
    arguments = arguments_by_name(node)
    own = {name: keys[each.name] for name, each in arguments.items() if isinstance(each, Node) and each.name in keys}
    owners = {key.rpartition(".")[0] for key in own.values()}
    if len(owners) != 1 or any(name not in HELD or key.rpartition(".")[2] != name for name, key in own.items()):
        return
    (path,) = owners
    tensors = {name: program.state_dict[key] for name, key in own.items() if key in program.state_dict}
    taken = next(each for each in node.args if isinstance(each, Node) and each.name not in keys)
    layer = layer_of(operation(node.target), {**arguments, **tensors}, taken.meta["val"].dim())
    if layer is not None and path and {*root.get_submodule(path).state_dict()} <= {*layer.state_dict()}:
        holder, _, name = path.rpartition(".")
        (root.get_submodule(holder) if holder else root)._modules[name] = layer
