"""The `data:` section: what it may say, and what is told of what it may not."""

from __future__ import annotations

import pytest

from archspec.training.data.network_inputs import Wanted
from archspec.training.data.preprocessing import pipeline
from archspec.training.data.sources import sources
from archspec.training.data.transforms import made, transforms
from archspec.training.recipe.vocabulary import snake
from tests.training.data.recipes import settings, told


@pytest.mark.parametrize("name", sources())
def test_every_source_has_an_example_and_words(name: str) -> None:
    source = sources()[name]
    assert settings(source.example[1:-1]).source.name == name
    assert source.__doc__


def test_the_source_may_stand_alone() -> None:
    assert settings("mnist:").source.root is None
    assert settings("mnist: here").source.root == "here"
    assert settings("mnist: {root: here}").source.root == "here"


def test_every_fault_is_told_at_its_place() -> None:
    assert told(
        """\
minst: {root: here}
batch_size: 0
validation: 2
transforms:
  train: [random_horizontal_flp, {random_rotation: 10, degres: 3}, {normalize: [0.5]}, {resize: big}]
  eval: to_dtype
"""
    ) == (
        """\
error[unknown-key]: `data` has no key `minst`
  --> recipe.yaml:1:1
  |
1 | minst: {root: here}
  | ^^^^^
  = expected: `transforms`, `batch_size`, `workers`, `limit`, `validation`, `test`, `class_weights`, """
        + "`drop_last`, `check_seconds`, "
        + ", ".join(f"`{name}`" for name in sources())
        + """
  = help: did you mean `mnist`?

error[unknown-name]: there is no transform `random_horizontal_flp`
  --> recipe.yaml:5:11
  |
5 |   train: [random_horizontal_flp, {random_rotation: 10, degres: 3}, {normalize: [0.5]}, {resize: big}]
  |           ^^^^^^^^^^^^^^^^^^^^^
  = help: did you mean `random_horizontal_flip`?

error[unknown-field]: `random_rotation` has no field `degres`
  --> recipe.yaml:5:56
  |
5 |   train: [random_horizontal_flp, {random_rotation: 10, degres: 3}, {normalize: [0.5]}, {resize: big}]
  |                                                        ^^^^^^
  = expected: `degrees`, `interpolation`, `expand`, `center`, `fill`
  = help: did you mean `degrees`?

error[missing-field]: `normalize` needs `std`
  --> recipe.yaml:5:68
  |
5 |   train: [random_horizontal_flp, {random_rotation: 10, degres: 3}, {normalize: [0.5]}, {resize: big}]
  |                                                                    ^^^^^^^^^^^^^^^^^^
  = help: add `std: …`

error[recipe-call]: `resize` cannot be made of these arguments
  --> recipe.yaml:5:89
  |
5 |   train: [random_horizontal_flp, {random_rotation: 10, degres: 3}, {normalize: [0.5]}, {resize: big}]
  |                                                                                         ^^^^^^
  = found: size can be an integer, a sequence of one or two integers, or None, but got big instead.

error[wrong-type]: `eval` is a list of transforms
  --> recipe.yaml:6:9
  |
6 |   eval: to_dtype
  |         ^^^^^^^^
  = found: `to_dtype`

error[wrong-type]: `batch_size` of `data` cannot be `0`
  --> recipe.yaml:2:13
  |
2 | batch_size: 0
  |             ^
  = expected: a whole number from 1

error[wrong-type]: `validation` of `data` cannot be `2`
  --> recipe.yaml:3:13
  |
3 | validation: 2
  |             ^
  = expected: a fraction of the training items between 0 and 1, or the name of a split: `validation` or `test`"""
    )


def test_two_sources_are_one_too_many() -> None:
    assert told("mnist: here\ncifar10: there") == (
        """\
error[two-sources]: `data` names one source: found `mnist` and `cifar10`
  --> recipe.yaml:2:1
  |
2 | cifar10: there
  | ^^^^^^^"""
    )


def test_a_source_has_its_own_fields() -> None:
    assert told("mnist: {rot: here}") == (
        """\
error[unknown-key]: `mnist` has no key `rot`
  --> recipe.yaml:1:9
  |
1 | mnist: {rot: here}
  |         ^^^
  = expected: `root`, `download`
  = help: did you mean `root`?"""
    )


def test_a_transform_that_a_recipe_cannot_have_says_what_to_do() -> None:
    assert "`{to_dtype: float32, scale: true}`" in told("mnist:\ntransforms: {train: [to_tensor]}")


def test_transforms_nest() -> None:
    read = settings(
        "mnist:\ntransforms: {train: [{random_apply: [{random_rotation: 5}, {color_jitter: 0.1}], p: 0.3}]}"
    )
    made_of = pipeline(read.transforms.train, None, Wanted(("input",), ((1, 28, 28),)), uniform=True)
    assert made_of.texts == (
        "random_apply(transforms=[random_rotation(degrees=5), color_jitter(brightness=0.1)], p=0.3)",
    )


@pytest.mark.parametrize("name", transforms())
def test_every_transform_has_the_name_of_its_class(name: str) -> None:
    assert snake(transforms()[name].make.__name__) == name


@pytest.mark.parametrize(
    ("step", "message", "expected"),
    [
        ("{to_dtype: float33}", "`dtype` cannot be `float33`", "`uint8`, `float16`, `bfloat16`, `float32`, `float64`"),
        ("{auto_augment: cifar}", "`policy` cannot be `cifar`", "`imagenet`, `cifar10`, `svhn`"),
        ("{auto_augment: [svhn]}", "`policy` cannot be a list", "`imagenet`, `cifar10`, `svhn`"),
        ("{random_apply: [preset]}", "`preset` cannot stand inside `random_apply`", None),
        ("{random_apply: [{resize: big}]}", "`resize` cannot be made of these arguments", None),
        ("{random_apply: hue}", "`transforms` is a list of transforms", None),
        ("{random_horizontal_flip: often}", "`p` of `random_horizontal_flip` cannot be `often`", "a number"),
    ],
)
def test_arguments_that_are_no_plain_values(step: str, message: str, expected: str | None) -> None:
    lines = told(f"mnist:\ntransforms: {{train: [{step}]}}").splitlines()
    assert lines[0].partition(": ")[2] == message
    assert [line.partition("expected: ")[2] for line in lines if "expected: " in line] == [expected] * bool(expected)
    assert sum(line.startswith("error") for line in lines) == 1


def test_arguments_of_several_kinds() -> None:
    read = settings("mnist:\ntransforms: {train: [{random_erasing: 1, value: random}, {gaussian_blur: 3, sigma: 1.5}]}")
    assert [type(made(step)).__name__ for step in read.transforms.train] == ["RandomErasing", "GaussianBlur"]


def test_words_become_torchs_own() -> None:
    read = settings("mnist:\ntransforms: {train: [{auto_augment: cifar10}, {to_dtype: float32, scale: true}]}")
    assert [type(made(step)).__name__ for step in read.transforms.train] == ["AutoAugment", "ToDtype"]
