"""Construct: a target and its settings → the module. The user's own Python is run here."""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, nullcontext
from importlib import import_module
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType
from typing import Any

import torch
from torch import nn

from archspec.importing.targets import Target
from archspec.importing.user_code import in_words, place_of_error
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.read_text import is_file


def construct(target: Target, settings: Mapping[str, Any], meta: bool = False) -> nn.Module:
    """The module that a target makes, called with these settings; on the meta device it has shapes but no memory.

    What a target names may be a class, a function that gives a module, or a module that is made already. Raises
    `SpecError` where the Python cannot be imported, has nothing of the name, or what is made is no module.
    """
    with _beside(target):
        found = _attribute(target, _imported(target))
        made = found if isinstance(found, nn.Module) else _called(target, found, settings, meta)
    if not isinstance(made, nn.Module):
        message = f"`{target}` gives no torch module"
        found_words = f"{_article(type(made).__name__)} `{type(made).__name__}`"
        help_ = "name a class derived from `torch.nn.Module`, or a function that returns one"
        raise SpecError([Diagnostic("target", message, found=found_words, help=help_)])
    return made


@contextmanager
def _beside(target: Target) -> Iterator[None]:
    """Imports find what lies beside the user's file, and in the folder that they stand in."""
    before = [*sys.path]
    sys.path[:0] = [str(Path(target.place).resolve().parent)] if target.in_file else [str(Path.cwd())]
    try:
        yield
    finally:
        sys.path[:] = before


def _imported(target: Target) -> ModuleType:
    if target.in_file and not is_file(Path(target.place)):
        raise SpecError([Diagnostic("target", f"there is no file `{target.place}`")])
    try:
        return _from_file(Path(target.place)) if target.in_file else import_module(target.place)
    except ModuleNotFoundError as error:
        if error.name and not target.in_file and f"{target.place}.".startswith(f"{error.name}."):
            message = f"there is no Python module `{error.name}`"
            help_ = f"install it, or name a file: `{target.place.replace('.', '/')}.py:{target.attribute}`"
            raise SpecError([Diagnostic("target", message, help=help_)]) from None
        raise _failed(target, "imported", error) from error
    except Exception as error:  # whatever the user's own code raises
        raise _failed(target, "imported", error) from error
    except SystemExit as error:
        message = f"`{target.place}` ends the program as it is imported"
        help_ = 'put what it does as a program under `if __name__ == "__main__":`'
        raise SpecError([Diagnostic("target", message, place_of_error(error), help=help_)]) from None


def _from_file(path: Path) -> ModuleType:
    """A file as a module that pickle and inspect find, under its own name where that is free."""
    name = path.stem if path.stem.isidentifier() and path.stem not in sys.modules else f"_archspec_{path.stem}"
    spec = spec_from_file_location(name, path.resolve())
    assert spec is not None and spec.loader is not None, "a file of Python has a loader"
    module = module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module


def _attribute(target: Target, module: ModuleType) -> Any:
    found: Any = module
    for name in target.attribute.split("."):
        if not hasattr(found, name):
            known = [each for each in (classes_in(module) if found is module else vars(found)) if each[0] != "_"]
            message = f"`{target.place}` has no `{target.attribute}`"
            raise SpecError([Diagnostic("target", message, help=did_you_mean(name, known))])
        found = getattr(found, name)
    return found


def classes_in(module: ModuleType) -> list[str]:
    """The names in a module of what makes networks: its classes of modules, and its functions."""
    own = {name: each for name, each in vars(module).items() if callable(each)}
    modules = [name for name, each in own.items() if isinstance(each, type) and issubclass(each, nn.Module)]
    return modules + [name for name, each in own.items() if inspect.isfunction(each)]


def _called(target: Target, found: Any, settings: Mapping[str, Any], meta: bool) -> Any:
    if not callable(found):
        message = f"`{target}` is not a class, a function or a torch module"
        words = f"{_article(type(found).__name__)} `{type(found).__name__}`"
        raise SpecError([Diagnostic("target", message, found=words)])
    _check_settings(target, found, settings)
    try:
        with torch.device("meta") if meta else nullcontext():
            return found(**settings)
    except Exception as error:  # whatever the user's own code raises
        help_ = "it may compute with values, which the meta device has none of: leave out `--meta`" if meta else None
        raise _failed(target, "made", error, help_) from error


def _check_settings(target: Target, found: Any, settings: Mapping[str, Any]) -> None:
    """Raise where an argument is missing, or one is set that there is not."""
    named = arguments_of(found)
    missing = [each for each in named.values() if each.default is each.empty and each.name not in settings]
    faults = [_missing(target, each) for each in missing]
    if not _takes_more(found):
        faults += [_unknown(target, name, [*named]) for name in settings if name not in named]
    if faults:
        raise SpecError(faults)


def arguments_of(callable_: Any) -> Mapping[str, inspect.Parameter]:
    """What can be given by name, in order; nothing of a built-in function, which does not tell."""
    return {
        each.name: each
        for each in _parameters(callable_) or ()
        if each.kind in (each.POSITIONAL_OR_KEYWORD, each.KEYWORD_ONLY)
    }


def _takes_more(callable_: Any) -> bool:
    """Whether names may be given that are not told."""
    parameters = _parameters(callable_)
    return parameters is None or any(each.kind is each.VAR_KEYWORD for each in parameters)


def _parameters(callable_: Any) -> list[inspect.Parameter] | None:
    try:
        return [*inspect.signature(callable_).parameters.values()]
    except (TypeError, ValueError):
        return None


def _missing(target: Target, parameter: inspect.Parameter) -> Diagnostic:
    annotation = parameter.annotation
    kind = "" if annotation is parameter.empty else f", of type `{getattr(annotation, '__name__', annotation)}`"
    message = f"`{target}` needs the argument `{parameter.name}`{kind}"
    return Diagnostic("target", message, help=f"add `--set {parameter.name}=…`")


def _unknown(target: Target, name: str, known: list[str]) -> Diagnostic:
    return Diagnostic("target", f"`{target}` has no argument `{name}`", help=did_you_mean(name, known))


def _failed(target: Target, what: str, error: BaseException, help: str | None = None) -> SpecError:
    found = in_words(error) if isinstance(error, SpecError | ImportError | SyntaxError) else _named(error)
    message = f"`{target}` cannot be {what}"
    return SpecError([Diagnostic("target", message, place_of_error(error), found=found, help=help)])


def _named(error: BaseException) -> str:
    """What an exception of the user's own says, after its kind."""
    words = in_words(error)
    return words if words.startswith(type(error).__name__) else f"{type(error).__name__}: {words}"


def _article(word: str) -> str:
    return "an" if word[:1].lower() in "aeiou" else "a"
