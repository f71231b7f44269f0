"""The modules that generated sources take along: each is found, whole, and runs where nothing of archspec is."""

from __future__ import annotations

import ast
import builtins
import inspect
import pkgutil
import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch
from torch import nn

from archspec.codegen.copied_classes import USUAL, Definition, definitions
from archspec.ops import Op, modules, ops

from .realising import data, example, others, written

CLASSES = [
    value
    for file in pkgutil.iter_modules(modules.__path__, f"{modules.__name__}.")
    for value in vars(import_module(file.name)).values()
    if inspect.isclass(value) and value.__module__ == file.name
]


def callee(op: type[Op]) -> str:
    """The class of the op's example; empty where it is an expression."""
    module = example(op).module(*op.example_inputs)
    return module.callee if module else ""


OTHERS = [module.callee for op, shapes in others() if (module := op.module(*shapes))]
MADE = {*map(callee, ops().values()), *OTHERS}


def path_of(made: type) -> str:
    return f"{made.__module__}.{made.__qualname__}"


@pytest.mark.parametrize("made", CLASSES, ids=lambda made: made.__name__)
def test_the_text_of_a_class_is_taken_whole(made: type) -> None:
    taken = definitions(path_of(made))
    assert taken[-1].text == inspect.getsource(made).rstrip()
    for each in taken:
        missing = used(each.text) - set(each.names) - USUAL - set(dir(builtins)) - bound(each.text)
        assert not missing, "a name that the text uses and the file would not have"
        assert all(path.startswith("torchvision.") or path == "math" for path in each.imports.values())


def used(text: str) -> set[str]:
    return {each.id for each in ast.walk(ast.parse(text)) if isinstance(each, ast.Name)}


def bound(text: str) -> set[str]:
    """What functions take and assign."""
    nodes = list(ast.walk(ast.parse(text)))
    stored = {each.id for each in nodes if isinstance(each, ast.Name) and isinstance(each.ctx, ast.Store)}
    return stored | {each.arg for each in nodes if isinstance(each, ast.arg)}


@pytest.mark.parametrize("made", CLASSES, ids=lambda made: made.__name__)
def test_every_class_is_one_that_an_op_makes_or_needs(made: type) -> None:
    needed = {each.path for path in MADE if path.startswith(modules.__name__) for each in definitions(path)}
    ranks = {path_of(made).replace(f"Conv{rank}d", "Conv2d") for rank in (1, 3)}
    connected = {each.path for each in definitions(f"{modules.__name__}.convolution.ConnectedConv2d")}
    assert {path_of(made), *ranks} & (needed | connected)


@pytest.mark.filterwarnings("ignore:`torch.jit")
@pytest.mark.parametrize("op", [op for op in ops().values() if callee(op).startswith(modules.__name__)], ids=str)
@pytest.mark.parametrize("training", [True, False], ids=["training", "evaluation"])
def test_torchscript_computes_what_the_class_does(op: type[Op], training: bool) -> None:
    made = real(op).train(training)
    inputs = {f"x{place}": each for place, each in enumerate(data(*op.example_inputs))}
    call = f"run({', '.join(example(op).arguments(*inputs))})"
    torch.manual_seed(0)
    expected = eval(call, {"run": made, **inputs})
    torch.manual_seed(0)
    torch.testing.assert_close(eval(call, {"run": torch.jit.script(made), **inputs}), expected, rtol=0, atol=0)


def real(op: type[Op]) -> nn.Module:
    """The module of the op's example, of the class as it is imported."""
    module = example(op).module(*op.example_inputs)
    assert module is not None
    package, _, name = module.callee.rpartition(".")
    given = {argument.name: argument.value for argument in module.arguments if written(argument)}
    return getattr(import_module(package), name)(**given)


def test_other_names_are_written_where_the_name_stands_alone() -> None:
    text = 'class A(B):\n    """A and B."""\n\n    def a(self) -> B:\n        return B(self.B, "×", B)'
    renamed = Definition("m.A", text, {}, {"B": "p.B"}).renamed({"A": "A1", "B": "Other"})
    assert renamed == (
        'class A1(Other):\n    """A and B."""\n\n    def a(self) -> Other:\n        return Other(self.B, "×", Other)'
    )


def test_no_torch_is_imported_for_them(tmp_path: Path) -> None:
    program = (
        "import sys, archspec\n"
        "assert 'class CapsuleRouting(nn.Module)' in archspec.read('capsnet').source()\n"
        "assert 'torch' not in sys.modules\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True)
