"""torchvision.transforms.v2 by name: the steps as written, held against what torchvision has."""

from __future__ import annotations

import inspect
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from archspec.language.diagnostics import Diagnostic, Findings, did_you_mean
from archspec.language.tree import Mapping as MappingTree
from archspec.language.tree import Scalar, Sequence, Tree, plain
from archspec.language.validation import shown, value_text

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


@dataclass(frozen=True)
class Step:
    """One transform as written: its name and the values of its fields, in plain data."""

    name: str
    fields: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.name}({', '.join(f'{name}={value_text(value)[1:-1]}' for name, value in self.fields.items())})"


@cache
def transforms() -> Mapping[str, type]:
    """torchvision's transforms of one image, by their names in snake_case."""
    from torchvision.transforms import v2

    named = {
        snake(name): each
        for name, each in vars(v2).items()
        if inspect.isclass(each) and issubclass(each, v2.Transform) and each is not v2.Transform
    }
    return {name: each for name, each in sorted(named.items()) if name not in _ELSEWHERE}


def snake(name: str) -> str:
    """A class's name in snake_case.

    >>> [snake(name) for name in ("RandomResizedCrop", "RandomIoUCrop", "PILToTensor", "RGB")]
    ['random_resized_crop', 'random_iou_crop', 'pil_to_tensor', 'rgb']
    """
    name = name.replace("IoU", "Iou")
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", name).lower()


def parse_steps(tree: Tree, what: str, findings: Findings) -> tuple[Step, ...]:
    """A list of transforms: `[random_horizontal_flip, {random_resized_crop: 224, scale: [0.5, 1]}, preset]`."""
    if not isinstance(tree, Sequence):
        findings.add(Diagnostic("wrong-type", f"{what} is a list of transforms", tree.span, found=shown(tree)))
        return ()
    steps = (_step(item, findings) for item in tree.items)
    return tuple(step for step in steps if step)


def _step(tree: Tree, findings: Findings) -> Step | None:
    if isinstance(tree, Scalar) and isinstance(tree.value, str):
        return _called(tree, None, (), findings)
    if not isinstance(tree, MappingTree) or not tree.entries:
        expected = "`random_horizontal_flip`, or `{random_resized_crop: 224, scale: [0.5, 1]}`"
        findings.add(
            Diagnostic("transform", "a transform is a name, or a mapping with one in it", tree.span, expected=expected)
        )
        return None
    known = [entry for entry in tree.entries if entry[0].value in transforms()]
    name, main = known[0] if known else tree.entries[0]
    return _called(name, main, [entry for entry in tree.entries if entry[0] is not name], findings)


def _called(name: Scalar, main: Tree | None, given: Iterable[tuple[Scalar, Tree]], findings: Findings) -> Step | None:
    word = str(name.value)
    if word == PRESET:
        return Step(word)
    if word not in transforms():
        why = _ELSEWHERE.get(word)
        message = f"`{word}` has no place here" if why else f"torchvision.transforms.v2 has no `{word}`"
        findings.add(Diagnostic("unknown-transform", message, name.span, help=why or did_you_mean(word, transforms())))
        return None
    fields = _fields(word, name, main, given, findings)
    step = Step(word, fields) if fields is not None else None
    return step if step and _can_be_made(step, name, findings) else None


def _fields(
    word: str, name: Scalar, main: Tree | None, given: Iterable[tuple[Scalar, Tree]], findings: Findings
) -> dict[str, Any] | None:
    known = parameters(word)
    fields: dict[str, Any] = {}
    fine = True
    if main is not None and not (isinstance(main, Scalar) and main.value is None):
        if isinstance(main, MappingTree) or not known:
            message = (
                f"the fields of `{word}` stand beside its name, not under it" if known else f"`{word}` takes no value"
            )
            findings.add(Diagnostic("main-argument", message, main.span, found=shown(main)))
            return None
        fields[known[0]] = _value(known[0], main, findings)
    for key, value in given:
        field_name = str(key.value)
        if field_name not in known:
            help_ = did_you_mean(field_name, known) or "it takes no fields"
            findings.add(Diagnostic("unknown-field", f"`{word}` has no field `{field_name}`", key.span, help=help_))
            fine = False
        elif field_name in fields:
            message = f"`{field_name}` is given twice: as the value of `{word}` and as a field"
            findings.add(Diagnostic("field-twice", message, key.span))
            fine = False
        else:
            fields[field_name] = _value(field_name, value, findings)
    return fields if fine else None


def _value(name: str, tree: Tree, findings: Findings) -> Any:
    return parse_steps(tree, "`transforms`", findings) if name == "transforms" else plain(tree)


def _can_be_made(step: Step, name: Scalar, findings: Findings) -> bool:
    if PRESET in {inner.name for inner in step.fields.get("transforms", ())}:
        findings.add(Diagnostic("transform", f"`{PRESET}` cannot stand inside `{step.name}`", name.span))
        return False
    missing = [each for each in _required(step.name) if each not in step.fields]
    if missing:
        needs = " and ".join(f"`{each}`" for each in missing)
        findings.add(Diagnostic("missing-field", f"`{step.name}` needs {needs}", name.span))
        return False
    try:
        made(step)
    except Exception as error:  # torchvision's constructors check in many ways
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        findings.add(Diagnostic("transform", f"`{step.name}` cannot be made of these values", name.span, found=reason))
        return False
    return True


@cache
def parameters(name: str) -> tuple[str, ...]:
    """The keyword names of a transform's constructor that a recipe can give."""
    signature = inspect.signature(transforms()[name])
    return tuple(each for each in signature.parameters if each not in ("labels_getter", "inplace"))


def _required(name: str) -> list[str]:
    signature = inspect.signature(transforms()[name]).parameters
    return [each for each in parameters(name) if signature[each].default is inspect.Parameter.empty]


def made(step: Step) -> Callable[..., Any]:
    """torchvision's transform for a step."""
    transform: Callable[..., Any] = transforms()[step.name](
        **{name: _made(name, step.fields[name]) for name in step.fields}
    )
    return transform


def _made(name: str, value: Any) -> Any:
    if name == "transforms":
        return [made(step) for step in value]
    if name == "dtype":
        import torch

        if value not in _DTYPES:
            raise ValueError(f"`dtype` cannot be {value_text(value)}: one of {', '.join(_DTYPES)}")
        return getattr(torch, value)
    if name == "policy":
        from torchvision.transforms import AutoAugmentPolicy

        return AutoAugmentPolicy(value)
    return value
