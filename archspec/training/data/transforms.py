"""torchvision.transforms.v2 by name: the steps as written, held against what torchvision has."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Collection, Iterable, Mapping
from dataclasses import replace
from enum import Enum
from functools import cache
from typing import Any

from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.pydantic_models import shown, value_text
from archspec.language.yaml_tree import Sequence, Tree, plain
from archspec.training.recipe.argument_types import argument_value
from archspec.training.recipe.calls import Call, Callee, Reader, parse_call
from archspec.training.recipe.signature_index import Kind
from archspec.training.recipe.signatures import Words
from archspec.training.recipe.vocabulary import snake

PRESET = "preset"
"""The step that stands for what belongs to the weights, or else follows from the spec's input."""
_ELSEWHERE = {
    "to_tensor": "write `{to_dtype: float32, scale: true}`",
    "convert_image_dtype": "write `{to_dtype: float32, scale: true}`",
    "compose": "write the steps in the list itself",
    "mix_up": "it mixes a batch, not an image",
    "cut_mix": "it mixes a batch, not an image",
    "five_crop": "it makes several images of one",
    "ten_crop": "it makes several images of one",
    "lambda": "a recipe is plain data",
    "linear_transformation": "it takes a matrix, which a recipe does not hold",
}
"""What torchvision has and a recipe has not, with what to do."""
_DTYPES = ("uint8", "float16", "bfloat16", "float32", "float64")
_NESTED = "transforms"
"""The argument of those that hold other transforms."""
_OF_SEVERAL_KINDS = (("random_erasing", "value"), ("gaussian_blur", "sigma"))
"""Arguments that accept more than their defaults tell."""


@cache
def transforms() -> Mapping[str, Callee]:
    """torchvision's transforms of one image, by their names in snake_case."""
    given = frozenset({"labels_getter", "inplace"})
    return {name: Callee(each, given, reads=_readers(name, each)) for name, each in TRANSFORMS.functions().items()}


def _transforms() -> dict[str, Callable[..., Any]]:
    from torchvision.transforms import v2

    every = ((snake(name), each) for name, each in sorted(vars(v2).items()) if inspect.isclass(each))
    own = {name: each for name, each in every if issubclass(each, v2.Transform) and each is not v2.Transform}
    return {name: each for name, each in own.items() if name not in _ELSEWHERE}


TRANSFORMS = Kind("transforms", "torchvision.transforms.v2", _transforms)


@cache
def _vocabulary() -> Mapping[str, Callee]:
    def preset() -> None: ...

    return {**transforms(), PRESET: Callee(preset)}


def parse_steps(tree: Tree, what: str, findings: Findings, *, inside: str | None = None) -> tuple[Call, ...]:
    """A list of transforms: `[random_horizontal_flip, {random_resized_crop: 224, scale: [0.5, 1]}, preset]`."""
    if not isinstance(tree, Sequence):
        findings.add(Diagnostic("wrong-type", f"{what} is a list of transforms", tree.span, found=shown(tree)))
        return ()
    steps = [parse_call(item, _vocabulary(), "transform", findings, _ELSEWHERE) for item in tree.items]
    return tuple(step for step in steps if step and _may_stand(step, inside, findings))


def _may_stand(step: Call, inside: str | None, findings: Findings) -> bool:
    if step.name == PRESET and inside:
        findings.add(Diagnostic("transform", f"`{PRESET}` cannot stand inside `{inside}`", step.span))
        return False
    return True


def check_made(steps: Iterable[Call], findings: Findings) -> None:
    """Report the steps whose arguments torchvision refuses, which it has to be imported for."""
    for step in steps:
        try:
            if step.name != PRESET:
                made(step)
        except SpecError as error:
            for each in error.diagnostics:
                findings.add(each)


def step(name: str, **arguments: Any) -> Call:
    """A transform that no recipe wrote."""
    return Call(name, transforms()[name], None, arguments)


def made(step: Call) -> Callable[..., Any]:
    """torchvision's transform for a step; `SpecError` where it refuses its arguments."""
    arguments = {name: _meant(step, name, value) for name, value in step.arguments.items()}
    transform: Callable[..., Any] = replace(step, arguments=arguments)()
    return transform


def _meant(step: Call, name: str, value: Any) -> Any:
    """An argument as torchvision takes it: the dtype or the member of an enumeration that a word stands for."""
    if name == _NESTED:
        return [made(each) for each in value]
    if name == "dtype" and isinstance(value, str):
        import torch

        return getattr(torch, value)
    if isinstance(step.callee.parameters[name].default, Words) and isinstance(value, str):
        return _enumeration(step, name)(value)
    return value


def _enumeration(step: Call, name: str) -> type[Enum]:
    from torchvision.transforms import v2

    made_by = getattr(v2, step.callee.make.__name__)
    return type(inspect.signature(made_by).parameters[name].default)


def step_text(step: Call) -> str:
    """A step as a reader sees it.

    >>> step_text(step("resize", size=(32, 32)))
    'resize(size=[32, 32])'
    """
    return f"{step.name}({', '.join(f'{name}={_text(value)}' for name, value in step.arguments.items())})"


def _text(value: Any) -> str:
    if isinstance(value, tuple) and any(isinstance(each, Call) for each in value):
        return f"[{', '.join(map(step_text, value))}]"
    if isinstance(value, Enum):
        return str(value.value)
    return value_text(value).strip("`").removeprefix("torch.")


def _readers(name: str, transform: Callable[..., Any]) -> dict[str, Reader]:
    """How the arguments are read that are more than plain values."""
    readers: dict[str, Reader] = {}
    for parameter in inspect.signature(transform).parameters.values():
        if parameter.name == _NESTED:
            readers[_NESTED] = lambda tree, findings: parse_steps(tree, f"`{_NESTED}`", findings, inside=name)
        elif parameter.name == "dtype":
            readers["dtype"] = _one_of("dtype", _DTYPES)
        elif isinstance(parameter.default, Words):
            readers[parameter.name] = _one_of(parameter.name, parameter.default.words)
        elif (name, parameter.name) in _OF_SEVERAL_KINDS:
            readers[parameter.name] = lambda tree, findings: argument_value(plain(tree))
    return readers


def _one_of(what: str, words: Collection[str]) -> Reader:
    def read(tree: Tree, findings: Findings) -> Any:
        word = plain(tree)
        if word not in words:
            _refuse(tree, what, words, findings)
            return None
        return word

    return read


def _refuse(tree: Tree, what: str, words: Any, findings: Findings) -> None:
    expected = ", ".join(f"`{word}`" for word in words)
    findings.add(Diagnostic("wrong-type", f"`{what}` cannot be {shown(tree)}", tree.span, expected=expected))
