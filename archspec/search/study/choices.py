"""What a study varies: for each name the values that it may have, as a list or a range."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any, NamedTuple

from archspec.language.diagnostics import Diagnostic, Findings, did_you_mean
from archspec.language.identifiers import NAME_RULE, is_identifier
from archspec.language.pydantic_models import shown
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Tree, plain
from archspec.language.yaml_tree import Sequence as SequenceTree

MOST = 100_000
"""So many values one choice may have."""
FORM = "a list of values, `{from: 1, to: 2, step: 0.1}`, or `{from: 16, to: 256, points: 5, log: true}`"
_KEYS = ("from", "to", "step", "points", "log")


class Choice(NamedTuple):
    """A name and the values that it may have, in order."""

    name: str
    values: tuple[Any, ...]
    span: Span


def parse_choices(tree: Tree | None, findings: Findings) -> dict[str, Choice]:
    """The choices by name; what is wrong with one is reported, and the others are given."""
    if not isinstance(tree, MappingTree) or not tree.entries:
        if tree is not None:
            message = "`choices` is a mapping of names to values"
            findings.add(Diagnostic("wrong-type", message, tree.span, expected=FORM, found=shown(tree)))
        return {}
    found = {}
    for key, value in tree.entries:
        name = str(key.value)
        if not is_identifier(name):
            findings.add(Diagnostic("name", f"a choice cannot be called `{name}`", key.span, expected=NAME_RULE))
            continue
        values = _values(value, findings)
        if values:
            found[name] = Choice(name, values, key.span)
    return found


def _values(tree: Tree, findings: Findings) -> tuple[Any, ...]:
    if isinstance(tree, SequenceTree) and tree.items:
        values = [plain(item) for item in tree.items]
        if doubled := next((at for at, each in enumerate(values) if _same(each, values[:at])), None):
            message = "this value stands in the list twice"
            findings.add(Diagnostic("range", message, tree.items[doubled].span))
            return ()
        return tuple(values)
    if isinstance(tree, MappingTree):
        return _range(tree, findings)
    findings.add(Diagnostic("range", "this says no values", tree.span, expected=FORM, found=shown(tree)))
    return ()


def _same(value: Any, others: Sequence[Any]) -> bool:
    return any(type(value) is type(each) and value == each for each in others)


def _range(tree: MappingTree, findings: Findings) -> tuple[Any, ...]:
    """The values of a range by a step, or of so many points, even or in a constant ratio."""
    unknown = [key for key, _ in tree.entries if key.value not in _KEYS]
    for key in unknown:
        help_ = did_you_mean(str(key.value), _KEYS)
        findings.add(Diagnostic("unknown-key", f"a range has no key `{key.value}`", key.span, help=help_))
    ends = [_number(tree, name, findings) for name in ("from", "to", "step", "points")]
    log = _flag(tree, findings)
    if unknown or log is None or any(end is _WRONG for end in ends):
        return ()
    first, last, step, points = ends
    if first is None or last is None or (step is None) == (points is None) or (log and points is None):
        findings.add(Diagnostic("range", "a range has `from`, `to`, and `step` or `points`", tree.span, expected=FORM))
        return ()
    if fault := _fault(first, last, step, points, log):
        findings.add(Diagnostic("range", fault, tree.span, expected=FORM))
        return ()
    values = _stepped(first, last, step) if step is not None else _spread(first, last, int(points or 0), log)
    whole = all(each == each.to_integral_value() for each in (first, last)) and (log or step is not None)
    if whole and all(each == each.to_integral_value() for each in values):
        return tuple(dict.fromkeys(map(int, values)))
    return tuple(dict.fromkeys(map(float, values)))


_WRONG = Decimal("NaN")


def _number(tree: MappingTree, name: str, findings: Findings) -> Decimal | None:
    """A number of a range, exactly as written; `None` where it is left out."""
    value = tree.get(name)
    if value is None:
        return None
    number = value.value if isinstance(value, Scalar) else None
    if isinstance(number, bool) or not isinstance(number, (int, float)):
        message = f"`{name}` of a range cannot be {shown(value)}"
        findings.add(Diagnostic("wrong-type", message, value.span, expected="a number"))
        return _WRONG
    return Decimal(str(number))


def _flag(tree: MappingTree, findings: Findings) -> bool | None:
    value = tree.get("log")
    if value is None:
        return False
    if isinstance(value, Scalar) and isinstance(value.value, bool):
        return value.value
    findings.add(Diagnostic("wrong-type", f"`log` cannot be {shown(value)}", value.span, expected="true or false"))
    return None


def _fault(first: Decimal, last: Decimal, step: Decimal | None, points: Decimal | None, log: bool) -> str | None:
    """What is wrong with the numbers of a range, if anything is."""
    if not all(each.is_finite() for each in (first, last, step, points) if each is not None) or last < first:
        return "a range goes from a number to one no smaller"
    if step is not None and step <= 0:
        return "the step of a range is above 0"
    if points is not None and (points != points.to_integral_value() or points < 2):
        return "a range has 2 points or more"
    if log and first <= 0:
        return "a logarithmic range begins above 0"
    count = points if step is None else (last - first) / step + 1
    return f"a range has {int(count or 0):,} values, of {MOST:,} at the most" if (count or 0) > MOST else None


def _stepped(first: Decimal, last: Decimal, step: Decimal) -> list[Decimal]:
    return [first + number * step for number in range(int((last - first) / step) + 1)]


def _spread(first: Decimal, last: Decimal, points: int, log: bool) -> list[Decimal]:
    """So many points with one distance between them, or one ratio; of whole ends the ratio's points are whole."""
    shares = [Decimal(number) / (points - 1) for number in range(points)]
    if not log:
        return [first + share * (last - first) for share in shares]
    values = [first * (last / first) ** share for share in shares]
    whole = first == first.to_integral_value() and last == last.to_integral_value()
    return [each.to_integral_value() if whole else _rounded(each) for each in values]


def _rounded(number: Decimal) -> Decimal:
    """Twelve digits: as many as a float holds for certain."""
    return Decimal(f"{number:.12g}")
