"""A TARGET → its architecture: what `archspec import` does, and every command that is given one in place of a spec."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from archspec.api.architecture import Architecture
from archspec.api.check import Checked
from archspec.api.from_module import Doing, Imported, import_module
from archspec.files.outputs import write_all
from archspec.importing.example_inputs import ExampleInput, parse_inputs, tensors_of
from archspec.importing.formats import Described, format_of, formats
from archspec.importing.targets import Target, is_python_file, page_name, target_of
from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.read_text import is_file
from archspec.language.yaml_tree import Tree, plain
from archspec.runtime.requirements import require_torch

if TYPE_CHECKING:
    from torch import nn


class Asked(Struct, frozen=True):
    """How a target is imported: the settings of what it calls, its inputs as text, the page's name.

    With `meta` it is made without weights.
    """

    settings: Mapping[str, Tree] = {}
    inputs: tuple[str, ...] = ()
    name: str | None = None
    meta: bool = False
    proof: bool = True


def page_path(name: str, force: bool = False) -> Path:
    """Where a page goes; raises `SpecError` for a name that no page has, or that is taken."""
    path = Path(name)
    if path.suffix not in (".yaml", ".yml"):
        message = f"`{path}` is not a file name for a page"
        raise SpecError([Diagnostic("name", message, expected="a name that ends with `.yaml`")])
    if path.exists() and not force:
        help_ = "`--out` names another, `--force` overwrites it"
        raise SpecError([Diagnostic("file-exists", f"`{path}` exists already", help=help_)])
    return path


def write_page(architecture: Architecture, path: Path) -> None:
    """Write the page of an architecture, whole or not at all."""
    write_all({path: architecture.to_yaml().encode()})


def is_target(spec: str | Path) -> bool:
    """Whether a text names something in Python or the file of a model, and no spec."""
    text = str(spec)
    return target_of(text) is not None or is_python_file(text) or format_of(text) is not None


def import_target(text: str, asked: Asked, doing: Doing = lambda what: None) -> Imported:
    """The architecture of what a target makes; the user's own Python is run.

    Raises `SpecError` where it cannot be made or followed; a proof that fails is in what comes back.
    """
    inputs = parse_inputs(asked.inputs)
    require_torch()
    doing("importing torch")
    made = _described(text, asked, doing)
    if not (inputs or made.inputs or made.examples):
        raise SpecError([_without_inputs(text, made.module)])
    ordered, named = (made.examples, {}) if made.examples else _tensors(inputs or made.inputs, made.module)
    return import_module(made.module, ordered, named, asked.name or made.name, asked.proof, doing, made.follow)


def _described(text: str, asked: Asked, doing: Doing) -> Described:
    """What a target makes: of Python by calling it, of a file by reading it."""
    settings = {name: plain(tree) for name, tree in asked.settings.items()}
    if format := format_of(text):
        doing(f"reading {format.about}")
        with _meta(asked.meta):
            return format.read(Path(text), settings)
    target = target_of(text)
    if target is None:
        raise SpecError([_no_target(text)])
    from archspec.importing.constructing import construct

    doing(f"making {text}")
    return Described(construct(target, settings, asked.meta), _named(target, settings))


def _meta(asked: bool) -> AbstractContextManager[Any]:
    """Where a network's tensors are made."""
    import torch

    return torch.device("meta") if asked else nullcontext()


def checked_target(text: str, asked: Asked, doing: Doing = lambda what: None) -> list[Checked]:
    """A target's page, held against the module that it was written from."""
    try:
        imported = import_target(text, asked, doing)
    except SpecError as error:
        return [Checked(text, None, None, (), error.diagnostics)]
    architecture = imported.architecture
    return [Checked(text, architecture.name, architecture, (), tuple(imported.diagnostics))]


def _tensors(inputs: Iterable[ExampleInput], module: nn.Module) -> tuple[tuple[Any, ...], Mapping[str, Any]]:
    """The inputs, on the device where the module is."""
    device = next((each.device for each in module.state_dict().values()), None)
    return tensors_of(inputs, device)


def _named(target: Target, settings: Mapping[str, Any]) -> str:
    """What a page is called: a factory's is named by what it was asked for, `model_name=resnet18`."""
    asked = [value for name, value in settings.items() if isinstance(value, str) and name.endswith("name")]
    return page_name(asked[0] if asked else target.attribute)


def _without_inputs(text: str, module: nn.Module) -> Diagnostic:
    from archspec.importing.constructing import arguments_of

    taken = ", ".join(f"`{name}`" for name in arguments_of(module.forward))
    message = f"`{text}` cannot be traced without inputs"
    help_ = "give the size of each example, without the batch: `--input 3x224x224`, or by name `--input ids=16:int64`"
    return Diagnostic("example-input", message, expected=f"a size for {taken}" if taken else None, help=help_)


def _no_target(text: str) -> Diagnostic:
    message = f"`{text}` is not something that can be imported"
    kinds = ", ".join(f"{each.about} ({each.ending})" for each in formats())
    expected = f"`package.module:callable`, `file.py:Class`, or a file: {kinds}"
    return Diagnostic("target", message, expected=expected, help=_colon(text))


def _colon(text: str) -> str | None:
    """What was meant by a name without a colon."""
    if is_python_file(text):
        names = _classes(Path(text))
        return f"for example `{text}:{names[0]}`" if names else f"say which class of it: `{text}:Net`"
    place, dot, attribute = text.rpartition(".")
    return f"for example `{place}:{attribute}`" if dot and target_of(f"{place}:{attribute}") else None


def _classes(path: Path) -> list[str]:
    """The classes of a file, as its text has them; it is not run."""
    import ast

    if not is_file(path):
        return []
    try:
        tree = ast.parse(path.read_text("utf-8"))
    except (SyntaxError, ValueError):
        return []
    return [node.name for node in tree.body if isinstance(node, ast.ClassDef)]
