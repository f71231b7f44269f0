"""The values that a param may take in a search: `width=0.5:2.0`, `depth=1:6`, `kernel=[3, 5, 7]`."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.document import Document
from archspec.language.params import Param
from archspec.language.source import Source, Span
from archspec.language.variants import unknown_setting
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Scalar, plain

STEP = Decimal("0.001")
"""How fine a number is varied where no step is given."""
MOST = 100_000
"""So many values one param may take."""


class Range(NamedTuple):
    """A param and its values, in order."""

    name: str
    values: Sequence[Any]
    span: Span | None = None


def parse_range(document: Document, text: str) -> Range:
    """`NAME=FROM:TO`, `NAME=FROM:TO:STEP`, `NAME=[a, b]`, or `NAME` alone; raises `SpecError` for what is none.

    Without a step a whole number goes by 1 and any other by 0.001. A name alone goes from an eighth of its default to
    eight times that, or from 0 to 8 where the default is no number above 0.
    """
    name, equals, values = text.partition("=")
    span = Span(Source("--vary", text), 1, 1, 1, len(text) + 1)
    param = document.params.get(name)
    if param is None:
        raise SpecError([unknown_setting(document.name, name, _part(span, 0, len(name)), document.params)])
    if values.lstrip().startswith("["):
        listed = plain(parse(Source("--vary", values)))
        return Range(name, _some(listed if isinstance(listed, list) else [listed], span), span)
    ends = values.split(":") if equals else _around(param)
    return Range(name, _grid(param, ends, _part(span, len(name) + 1, len(text)) if values else span), span)


def range_of(document: Document, name: str, values: Any) -> Range:
    """A range given in Python: `None`, a tuple `(from, to)` or `(from, to, step)`, or a list of values."""
    if isinstance(values, tuple):
        return parse_range(document, f"{name}={':'.join(map(str, values))}")
    if values is None:
        return parse_range(document, name)
    return parse_range(document, name)._replace(values=_some(list(values), None))


def _grid(param: Param, ends: Sequence[str], span: Span) -> Sequence[Any]:
    try:
        first, last, *more = map(Decimal, ends)
    except (InvalidOperation, ValueError):
        raise _wrong(span) from None
    whole = param.type != "float" and all(each == each.to_integral_value() for each in (first, last, *more))
    by_one = whole and (param.type == "int" or _default(param) is not None)
    step = more[0] if more else Decimal(1) if by_one else STEP
    if len(more) > 1 or not all(each.is_finite() for each in (first, last, step)) or step <= 0:
        raise _wrong(span)
    count = int((last - first) / step) + 1 if last >= first else 0
    if count > MOST:
        raise _wrong(span, f"{count:,} values")
    kind = int if whole and step == step.to_integral_value() else float
    return _some([kind(first + number * step) for number in range(count)], span)


def _around(param: Param) -> list[str]:
    """The ends of a range around a param's default."""
    default = _default(param)
    if param.type == "int" or isinstance(default, int):
        return [str(max(1, int(default or 8) // 8)), str(8 * max(1, int(default or 1)))]
    return [str(default / 8), str(default * 8)] if default and default > 0 else ["0", "8"]


def _default(param: Param) -> float | None:
    value = param.default.value if isinstance(param.default, Scalar) else None
    return value if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def _some(values: list[Any], span: Span | None) -> list[Any]:
    if not values:
        raise SpecError([Diagnostic("range", "there is no value to try", span, expected=_FORM)])
    return values


_FORM = f"FROM:TO or FROM:TO:STEP, FROM no larger than TO, or a list; at most {MOST:,} values"


def _wrong(span: Span, found: str | None = None) -> SpecError:
    return SpecError([Diagnostic("range", "this is not a range", span, expected=_FORM, found=found)])


def _part(span: Span, start: int, end: int) -> Span:
    return Span(span.source, 1, start + 1, 1, end + 1)
