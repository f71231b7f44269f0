"""Runs of equal modules, or of modules whose sizes grow by a step, which are written once and repeated.

Equal modules in series are written once:

>>> from archspec.elaborate.example import example
>>> from archspec.codegen import source
>>> text = source(example('[{graph: [{conv: 3, kernel_size: 1, repeat: 4}]}]'))
>>> [line.strip() for line in text.splitlines() if 'Conv2d' in line]
['super().__init__(nn.Sequential(*(nn.Conv2d(3, 3, kernel_size=1) for _ in range(4))))']
"""

from __future__ import annotations

import re
from collections.abc import Sequence

from msgspec import Struct
from msgspec.structs import replace

from archspec.templates import Chain, Constant, Construct, Counted, Expression, Link

LEAST_EQUAL = 2
LEAST_GROWING = 3


class Run(Struct, frozen=True):
    """Neighbouring links that one expression makes; a single link is a run of one."""

    links: tuple[Link, ...]
    value: Expression
    named: bool
    """Whether the comprehension gives the links names."""

    @property
    def loop(self) -> str:
        """The loop of the comprehension that repeats it."""
        index = "i" if self.named or _counts(self.value) else "_"
        return f"for {index} in range({len(self.links)})"

    @property
    def key(self) -> str:
        """The name of link `i` of a named chain, as an f-string: `denselayer{i + 1}`."""
        stem, start = _stem(self.links[0].name)
        return f'f"{stem}{{i + {start}}}"' if start else f'f"{stem}{{i}}"'


def runs(links: Sequence[Link], named: bool) -> list[Run]:
    """Links grouped into runs, in order."""
    found: list[Run] = []
    while links:
        found.append(_run(links, named))
        links = links[len(found[-1].links) :]
    return found


def _run(links: Sequence[Link], named: bool) -> Run:
    """The run that starts with the first link."""
    first = links[0]
    reach = _numbered_on(links) if named else len(links)
    if not _repeatable(first.value):
        return Run((first,), first.value, named)
    equal = next((at for at in range(1, reach) if links[at].value != first.value), reach)
    if equal >= LEAST_EQUAL:
        return Run(tuple(links[:equal]), first.value, named)
    growing = _growing([link.value for link in links[:reach]])
    if growing is None:
        return Run((first,), first.value, named)
    value, length = growing
    return Run(tuple(links[:length]), value, named)


def _numbered_on(links: Sequence[Link]) -> int:
    """How many links have names that count up from the first one's."""
    stem, start = _stem(links[0].name)
    if start is None:
        return 1
    return next((at for at, link in enumerate(links) if link.name != f"{stem}{start + at}"), len(links))


def _stem(name: str) -> tuple[str, int | None]:
    match = re.fullmatch(r"(.*?)(0|[1-9]\d*)", name)
    return (match[1], int(match[2])) if match else (name, None)


def _growing(values: Sequence[Expression]) -> tuple[Expression, int] | None:
    """The longest start of `values` that are one expression in which numbers grow by fixed steps."""
    if len(values) < LEAST_GROWING:
        return None
    value = _stepped(values[0], values[1])
    if value is None:
        return None
    length = next((at for at, each in enumerate(values) if _at(value, at) != each), len(values))
    return (value, length) if length >= LEAST_GROWING else None


def _stepped(first: Expression, second: Expression) -> Expression | None:
    """The expression of which two are the first two terms."""
    if first == second:
        return first
    if isinstance(first, Constant) and isinstance(second, Constant):
        whole = type(first.value) is int and type(second.value) is int
        return Counted(first.value, second.value - first.value) if whole and second.value > first.value else None
    if isinstance(first, Construct) and isinstance(second, Construct):
        if (first.callee, first.frozen, len(first.items)) != (second.callee, second.frozen, len(second.items)):
            return None
        values = [_stepped(one.value, other.value) for one, other in zip(first.items, second.items)]
        if all(value is not None for value in values):
            items = (replace(item, value=value) for item, value in zip(first.items, values) if value is not None)
            return replace(first, items=tuple(items))
    return None


def _at(value: Expression, index: int) -> Expression:
    """Term `index` of a growing expression."""
    if isinstance(value, Counted):
        return Constant(value.start + value.step * index)
    if isinstance(value, Construct):
        return replace(value, items=tuple(replace(item, value=_at(item.value, index)) for item in value.items))
    return value


def _counts(value: Expression) -> bool:
    if isinstance(value, Construct):
        return any(_counts(item.value) for item in value.items)
    return isinstance(value, Counted)


def _repeatable(value: Expression) -> bool:
    """Whether the expression makes new modules each time: one built by statements before it does not."""
    if isinstance(value, Chain):
        return all(link.present == Constant(True) and _repeatable(link.value) for link in value.links)
    if isinstance(value, Construct):
        return all(_repeatable(item.value) for item in value.items)
    return True
