"""The `data:` section of a recipe: one source, and how its items come to the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any

from msgspec.structs import replace
from pydantic import Field

from archspec.language.diagnostics import Diagnostic, Findings, SpecError, did_you_mean
from archspec.language.pydantic_models import Expects, Section, shown, validate
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Tree
from archspec.training.data.sources import Source, Split, sources
from archspec.training.data.sources.base import Flag, Natural, Positive
from archspec.training.data.transforms import check_made, parse_steps
from archspec.training.recipe.calls import Call

Share = Annotated[
    Annotated[float, Field(gt=0, lt=1)] | Annotated[str, Field(pattern="^(train|validation|test)$")],
    Expects("a fraction of the training items between 0 and 1, or the name of a split: `validation` or `test`"),
]


class TransformSettings(Section):
    """What is done to images: lists of transforms, and the weights whose own they may hold as `preset`."""

    train: Any = None
    eval: Any = None
    preset: Annotated[str, Expects("a name of torchvision's weights, such as `IMAGENET1K_V1`")] | None = None


class _Plain(Section):
    """The keys that need no reading of their own."""

    batch_size: Positive = 32
    workers: Natural | None = None
    limit: Positive | None = None
    validation: Share | None = None
    test: Share | None = None
    class_weights: Flag = False
    drop_last: Flag = True
    check_seconds: Natural = 60


class DataSettings(_Plain):
    """The `data:` section as read.

    `batch_size` is that of all processes together. `workers` left out are chosen by where the data lies. `limit` is the
    most items of each split. `validation` and `test` are a fraction of the training items, or a split; left out, they
    are what the source has, and a tenth of the training items is kept for validation where it has none. Every file that
    is read in training is looked at before the first step, for `check_seconds` at the most.
    """

    source: Source
    transforms: TransformSettings = TransformSettings()
    places: Mapping[str, Span] = Field(default={}, exclude=True, repr=False)
    """Where things stand in the recipe, for messages: `source`, and the keys that are given, `train` and `eval` among
    them."""

    def at(self, *names: str) -> Span | None:
        """Where the first of some things that is given stands, or else the source."""
        return next((self.places[name] for name in (*names, "source") if name in self.places), None)


def located(diagnostic: Diagnostic, settings: DataSettings, split: Split | None = None) -> Diagnostic:
    """A message about data, at the place in the recipe that it is about: its transforms, or its source."""
    if diagnostic.span:
        return diagnostic
    names = ("train" if split == "train" else "eval", "transforms") if diagnostic.code in OF_TRANSFORMS else ()
    return replace(diagnostic, span=settings.at(*names))


OF_TRANSFORMS = ("transform", "data-shape", "data-range")
"""The codes of what is wrong with what the transforms give."""

_KEYS = ("transforms", *_Plain.model_fields)


def parse_data(tree: Tree, findings: Findings, importing: bool = True) -> DataSettings | None:
    """The section from its text; every fault becomes a finding at its own place, and `None` comes of it.

    Where not `importing`, torchvision is not asked whether it takes the arguments of the transforms.
    """
    if not isinstance(tree, MappingTree):
        findings.add(Diagnostic("wrong-type", "`data` is a mapping of keys to values", tree.span, found=shown(tree)))
        return None
    before = len(findings.errors)
    source = _source(tree, findings)
    transforms = _transforms(tree.get("transforms"), findings, importing)
    rest = MappingTree(tuple(entry for entry in tree.entries if entry[0].value in _KEYS[1:]), tree.span)
    section = validate(_Plain, rest, "`data`", findings)
    if source is None or section is None or len(findings.errors) > before:
        return None
    call, place = source
    places = {**_places(tree), "source": place}
    return DataSettings(source=call, transforms=transforms, places=places, **dict(section))


def check_transforms(transforms: TransformSettings, findings: Findings) -> None:
    """Report the transforms whose arguments torchvision refuses, which has to be imported for it."""
    check_made((*(transforms.train or ()), *(transforms.eval or ())), findings)


def detects(tree: Tree | None) -> bool:
    """Whether a section names a source of images with the objects in them, whatever else is right or wrong in it."""
    known, names = sources(), tree.names if isinstance(tree, MappingTree) else ()
    try:
        return any(known[name].task == "detection" for name in names if name in known)
    except SpecError:  # a package's own, which cannot be loaded
        return False


def _places(tree: MappingTree) -> dict[str, Span]:
    """Where each value stands, or the key where the value is long: also those of the lists of transforms."""
    inner = tree.get("transforms")
    entries = (*tree.entries, *(inner.entries if isinstance(inner, MappingTree) else ()))
    return {str(key.value): value.span if isinstance(value, Scalar) else key.span for key, value in entries}


def _source(tree: MappingTree, findings: Findings) -> tuple[Source, Span] | None:
    """The one source that a section names."""
    known = sources()
    unknown = [key for key, _ in tree.entries if key.value not in known and key.value not in _KEYS]
    for key in unknown:
        help_ = did_you_mean(str(key.value), [*known, *_KEYS])
        expected = ", ".join(f"`{name}`" for name in (*_KEYS, *known))
        findings.add(
            Diagnostic("unknown-key", f"`data` has no key `{key.value}`", key.span, expected=expected, help=help_)
        )
    called = [(key, value) for key, value in tree.entries if key.value in known]
    if not called:
        if not unknown:
            expected = ", ".join(f"`{name}`" for name in known)
            findings.add(Diagnostic("missing-key", "`data` names no source", tree.span, expected=expected))
        return None
    for key, _ in called[1:]:
        message = f"`data` names one source: found `{called[0][0].value}` and `{key.value}`"
        findings.add(Diagnostic("two-sources", message, key.span))
    try:
        source = known[str(called[0][0].value)]
    except SpecError as error:  # a package's own, which cannot be loaded
        for each in error.diagnostics:
            findings.add(replace(each, span=called[0][0].span))
        return None
    return _call(*called[0], source, findings)


def _call(key: Scalar, value: Tree, source: type[Source], findings: Findings) -> tuple[Source, Span] | None:
    """A source with its fields: `{mnist: }`, `{mnist: data}` or `{mnist: {root: data}}`."""
    if isinstance(value, MappingTree):
        fields = value
    elif isinstance(value, Scalar) and value.value is None:
        fields = MappingTree((), key.span)
    else:
        fields = MappingTree(((Scalar(source.main, key.span), value),), key.span)
    section = validate(source, fields, f"`{source.name}`", findings)
    return (section, key.span) if section is not None else None


def _transforms(tree: Tree | None, findings: Findings, importing: bool) -> TransformSettings:
    if tree is None:
        return TransformSettings()
    section = validate(TransformSettings, tree, "`transforms`", findings, frozenset({"train", "eval"}))
    if section is None:
        return TransformSettings()
    steps: dict[str, tuple[Call, ...]] = {}
    for name in ("train", "eval"):
        if (given := getattr(section, name)) is not None:
            steps[name] = parse_steps(given, f"`{name}`", findings)
            check_made(steps[name] if importing else (), findings)
    return section.model_copy(update=steps)
