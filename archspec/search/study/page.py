"""A study as written: the spec, what varies, under which conditions, and what is looked for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated, Any, Literal

from msgspec import Struct
from pydantic import Field as PydanticField

from archspec.api.documents import open_document
from archspec.elaborate import default_variant
from archspec.language.diagnostics import Diagnostic, Findings, SpecError, did_you_mean
from archspec.language.document import Document
from archspec.language.named_entries import parse_let
from archspec.language.pydantic_models import Expects, Section, shown, validate, validate_in_part
from archspec.language.sections import Name, Text
from archspec.language.source import Source
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree
from archspec.search.figures import FIGURES
from archspec.search.study.choices import FORM, Choice, parse_choices
from archspec.search.study.formulas import Condition, Formula, check_names, parse_condition, parse_formula

VERSION = 1
SAMPLE = 100_000
METRIC = re.compile(r"(?:train|val)_[a-z]")
"""How the names of what training measures begin."""


class StudySection(Section):
    """The top level of a study."""

    study: Annotated[int, PydanticField(ge=VERSION, le=VERSION), Expects("the version of the studies' language, 1")]
    """The version of the studies' language."""
    name: Name | None = None
    """The study's name; left out, that of its file."""
    about: Text | None = None
    """What is looked for, in one line."""
    spec: Annotated[str, Expects("a spec: its path or bundled name")]
    """The page whose params vary."""
    variant: Annotated[str, Expects("the name of a variant")] | None = None
    """Which variant of it."""
    set: Any = None
    """The params that stay."""
    choices: Any
    """What varies, and the values that each may have."""
    let: Any = None
    """What follows from the choices: params, or names for the expressions below it."""
    subject_to: Any = None
    """The conditions that a network must meet."""
    objective: Any = None
    """What is made small or large."""
    recipe: Annotated[str, Expects("a recipe: its path or bundled name")] | None = None
    """How a network is trained; its own `model`, `variant` and `set` give way."""
    sampler: Annotated[Literal["tpe", "nsga2", "random", "grid"], Expects("`tpe`, `nsga2`, `random` or `grid`")] = "tpe"
    """What proposes the next network, of those that are feasible."""
    pruner: Annotated[Literal["halving", "hyperband"], Expects("`halving` or `hyperband`")] | None = None
    """What ends the training of a network early that does worse than others did."""
    trials: Annotated[int, PydanticField(ge=1), Expects("a whole number from 1")] = 20
    """So many networks are trained."""
    epochs: Annotated[int, PydanticField(ge=1), Expects("a whole number from 1")] | None = None
    """No network is begun once so many epochs are trained in all."""
    hours: Annotated[float, PydanticField(gt=0), Expects("a number above 0")] | None = None
    """No network is begun so long after the study began."""
    sample: Annotated[int, PydanticField(ge=1, le=10**7), Expects("a whole number from 1 to 10 million")] = SAMPLE
    """So many points are counted at the most; of a larger space they are drawn."""
    seed: Annotated[int, PydanticField(ge=0, lt=2**32), Expects("a whole number from 0")] = 0
    """What all chance follows from."""


class Aim(Struct, frozen=True):
    """One thing that is made small, or large."""

    formula: Formula
    largest: bool

    @property
    def metrics(self) -> frozenset[str]:
        """What it reads that only training measures."""
        return frozenset(name for name in self.formula.expression.names if METRIC.match(name))

    @property
    def text(self) -> str:
        return f"{'largest' if self.largest else 'smallest'} {self.formula.text}"


class Study(Struct, frozen=True):
    """A study, with the document that it is about."""

    source: Source
    tree: MappingTree
    section: StudySection
    document: Document
    variant: str | None
    given: Mapping[str, Tree]
    choices: Mapping[str, Choice]
    let: Mapping[str, Formula]
    conditions: tuple[Condition, ...]
    aims: tuple[Aim, ...]

    @property
    def name(self) -> str:
        """The study's name, or its file's."""
        return self.section.name or (self.source.path.stem if self.source.path else "study")

    @property
    def counted_aims(self) -> tuple[Aim, ...]:
        """The aims that are known without training."""
        return tuple(aim for aim in self.aims if not aim.metrics)

    @property
    def formulas(self) -> Iterator[Formula]:
        """All that is asked of a network."""
        yield from (each.formula for each in self.conditions)
        yield from (each.formula for each in self.aims)

    @property
    def figures(self) -> tuple[str, ...]:
        """The figures that are counted: parameters and MACs, and what is asked for."""
        asked = {name for each in self.formulas for name in each.figures}
        return tuple(name for name in FIGURES if name in asked or name in ("params", "macs"))


_RAW = frozenset(name for name, info in StudySection.model_fields.items() if info.annotation is Any)


def parse_study(source: Source) -> Study:
    """Read a study's text; raises `SpecError` with everything that is wrong in it."""
    findings = Findings()
    tree = parse(source)
    if not isinstance(tree, MappingTree):
        validate(StudySection, tree, "a study", findings)
        findings.check()
    assert isinstance(tree, MappingTree), "all else is reported"
    section, faulty = validate_in_part(StudySection, tree, "a study", findings, _RAW)
    choices = parse_choices(tree.get("choices"), findings)
    let = _let(tree, findings)
    conditions = tuple(_conditions(tree.get("subject_to"), findings))
    aims = tuple(_aims(tree.get("objective"), findings))
    opened = None if {"spec", "variant"} & faulty or "spec" not in tree.names else _opened(source, tree, findings)
    if opened is None:
        findings.check()
    assert opened is not None, "a spec that could not be opened is reported"
    document, variant = opened
    given = _given(tree.get("set"), findings)
    study = Study(source, tree, section, document, variant, given, choices, let, conditions, aims)
    _check(study, findings)
    findings.check()
    return study


def _let(tree: MappingTree, findings: Findings) -> dict[str, Formula]:
    found = {}
    for name, each in parse_let(tree.get("let"), {}, findings).items():
        if (formula := parse_formula(each, f"`{name}`", findings)) is not None:
            found[name] = formula
    return found


def _conditions(tree: Tree | None, findings: Findings) -> Iterator[Condition]:
    items = tree.items if isinstance(tree, Sequence) else () if tree is None else (tree,)
    for item in items:
        condition = parse_condition(item, findings)
        if condition is not None:
            yield condition


def _aims(tree: Tree | None, findings: Findings) -> Iterator[Aim]:
    """`{minimize: macs, maximize: [params, depth]}`."""
    if tree is None:
        return
    directions = ("minimize", "maximize")
    if not isinstance(tree, MappingTree) or not tree.entries:
        message = "`objective` says what to `minimize` and what to `maximize`"
        expected = "for example `{minimize: macs}`"
        findings.add(Diagnostic("wrong-type", message, tree.span, expected=expected, found=shown(tree)))
        return
    for key, value in tree.entries:
        if key.value not in directions:
            help_ = did_you_mean(str(key.value), directions)
            findings.add(Diagnostic("unknown-key", f"`objective` has no key `{key.value}`", key.span, help=help_))
            continue
        for item in value.items if isinstance(value, Sequence) else (value,):
            formula = parse_formula(item, "an objective", findings)
            if formula is not None:
                yield Aim(formula, key.value == "maximize")


def _opened(source: Source, tree: MappingTree, findings: Findings) -> tuple[Document, str | None] | None:
    """The document and variant that the study names; what is wrong is told where it names them."""
    spec, chosen = tree.get("spec"), tree.get("variant")
    assert isinstance(spec, Scalar), "it was held to be a text"
    variant = str(chosen.value) if isinstance(chosen, Scalar) and chosen.value is not None else None
    try:
        document, named = open_document(beside(source, str(spec.value)), variant)
    except SpecError as error:
        for each in error.diagnostics:
            at = each.span or spec.span
            findings.add(Diagnostic(each.code, each.message, at, expected=each.expected, help=each.help))
        return None
    if named is not None and named not in document.variants:
        message = f"`{document.name}` has no variant `{named}`"
        help_ = did_you_mean(named, document.variants)
        findings.add(Diagnostic("unknown-variant", message, (chosen or spec).span, help=help_))
    return document, named or default_variant(document)


def beside(source: Source, spec: str) -> str | Path:
    """A spec that a study names: a path is taken from the study's own folder."""
    is_path = spec.endswith((".yaml", ".yml")) or "/" in spec
    return source.path.parent / spec if is_path and source.path is not None else spec


def _given(tree: Tree | None, findings: Findings) -> dict[str, Tree]:
    if tree is None or (isinstance(tree, Scalar) and tree.value is None):
        return {}
    if not isinstance(tree, MappingTree):
        message = "`set` is a mapping of params to values"
        findings.add(Diagnostic("wrong-type", message, tree.span, found=shown(tree)))
        return {}
    return {str(key.value): value for key, value in tree.entries}


def _check(study: Study, findings: Findings) -> None:
    """Report the names that nothing has: choices that change nothing, params set twice, names in expressions."""
    params = study.document.params
    for name, choice in study.choices.items():
        read = any(name in each.expression.names for each in (*study.let.values(), *study.formulas))
        if name not in params and not read:
            message = f"`{study.document.name}` has no param `{name}`, and nothing in the study reads it"
            findings.add(Diagnostic("unknown-setting", message, choice.span, help=did_you_mean(name, params)))
    for name, tree in study.given.items():
        if name not in params:
            message = f"`{study.document.name}` has no param `{name}`"
            findings.add(Diagnostic("unknown-setting", message, tree.span, help=did_you_mean(name, params)))
        elif name in study.choices or name in study.let:
            findings.add(Diagnostic("range", f"`{name}` is set, and varies as well", tree.span))
    for name, formula in study.let.items():
        if name in study.choices:
            findings.add(Diagnostic("range", f"`{name}` is a choice, too", formula.tree.span))
    known: dict[str, Any] = dict.fromkeys(study.choices)
    for name, formula in study.let.items():
        check_names([formula], known, findings)
        known[name] = None
    more = dict.fromkeys([*FIGURES, *params, *study.document.let])
    metrics = {name for aim in study.aims for name in aim.metrics} if study.section.recipe else ()
    check_names(study.formulas, {**more, **known, **dict.fromkeys(metrics)}, findings)
    if study.section.pruner and len(study.aims) != 1:
        message = "a `pruner` holds networks against each other by one objective"
        span = study.tree.span if (key := study.tree.key("pruner")) is None else key.span
        findings.add(Diagnostic("wrong-type", message, span, expected="one `objective`"))
    if not study.choices and not findings.errors:
        findings.add(Diagnostic("range", "nothing varies", None, expected=f"under `choices` {FORM}"))


def settings_of(study: Study, values: Mapping[str, Any]) -> tuple[tuple[str, Any], ...]:
    """The params among some values, in the order of the page."""
    return tuple((name, values[name]) for name in study.document.params if name in values)
