"""What is wrong with a spec, said so that it can be fixed: one `Diagnostic`, collected, then rendered."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from difflib import get_close_matches
from itertools import chain, islice
from typing import Literal

from msgspec import Struct, field

from archspec.language.allow_comments import allowed
from archspec.language.budget import current
from archspec.language.source import Span
from archspec.language.visible_text import cell, printable


class Note(Struct, frozen=True):
    """A second place that a message points to: where a block was called, where a name was first used."""

    message: str
    span: Span | None = None


class Diagnostic(Struct, frozen=True):
    """One finding.

    `code` names the rule (`unknown-field`); `message` is one short sentence in lower case; `node` is the address of the
    node that produced it; `expected` and `found` restate the user's own values; `help` carries the fix.
    """

    code: str
    message: str
    span: Span | None = None
    node: str | None = None
    expected: str | None = None
    found: str | None = None
    help: str | None = None
    notes: tuple[Note, ...] = ()
    severity: Literal["error", "warning"] = "error"

    def __str__(self) -> str:
        return "\n".join(_lines(self))


class SpecError(Exception):
    """A spec is wrong; `diagnostics` says where and how, and `str()` shows it as the command line does."""

    def __init__(self, diagnostics: Iterable[Diagnostic]) -> None:
        self.diagnostics = tuple(diagnostics)
        super().__init__("\n\n".join(map(str, self.diagnostics)))


MOST_FINDINGS = 100
"""So many findings are kept; of further errors only the number is told."""


class Findings(Struct):
    """Collects diagnostics, so that all errors of a spec are reported at once; the same finding is kept once.

    A warning that a comment on its line allows is dropped.
    """

    items: list[Diagnostic] = field(default_factory=list)
    more: int = 0
    """How many errors were found beyond those that are kept."""
    _seen: set[tuple[object, ...]] = field(default_factory=set)

    def add(self, diagnostic: Diagnostic) -> None:
        span = diagnostic.span
        if diagnostic.severity == "warning" and span is not None and allowed(diagnostic.code, span):
            return
        key = (diagnostic.code, diagnostic.message, diagnostic.span and str(diagnostic.span))
        if key in self._seen:
            return
        self._seen.add(key)
        if len(self.items) < MOST_FINDINGS:
            self.items.append(diagnostic)
        elif diagnostic.severity == "error":
            self.more += 1

    def __iter__(self) -> Iterator[Diagnostic]:
        return iter(self.items)

    @property
    def errors(self) -> list[Diagnostic]:
        return [item for item in self.items if item.severity == "error"]

    def check(self) -> None:
        """Raise what was found, if any of it is an error."""
        if self.errors or self.more:
            rest = f"and {self.more:,} more error{'s' if self.more > 1 else ''}"
            raise SpecError([*in_order(self.items), *([Diagnostic("more-errors", rest)] if self.more else [])])


def in_order(items: Iterable[Diagnostic]) -> list[Diagnostic]:
    """Findings from the top of each text to its end, the texts in the order in which something was found in them."""
    items = list(items)
    texts = list(dict.fromkeys(item.span.source.name for item in items if item.span))

    def place(item: Diagnostic) -> tuple[int, int, int]:
        span = item.span
        return (texts.index(span.source.name), span.line, span.column) if span else (-1, 0, 0)

    return sorted(items, key=place)


def nearest(name: str, names: Iterable[str]) -> str | None:
    """The known name closest to a misspelt one, if any is close.

    >>> nearest("kernal_size", ["kernel_size", "stride"])
    'kernel_size'
    """
    return next(iter(_close(name, names)), None)


def misspelt(name: str, names: Iterable[str]) -> str | None:
    """The known name that differs by a slip of the hand or two: of words with a meaning, what only looks alike is none.

    >>> misspelt("kernal_size", ["kernel_size", "stride"]), misspelt("deconv", ["conv"])
    ('kernel_size', None)
    """
    close = _close(name, names)
    return next((each for each in close if _slips(name.lower(), each.lower()) <= max(1, len(each) // 4)), None)


def _close(name: str, names: Iterable[str]) -> list[str]:
    if len(name) > _LONGEST_NAME:
        return []
    by_lower = {known.lower(): known for known in current().affordable(name, names) if len(known) <= _LONGEST_NAME}
    return [by_lower[each] for each in get_close_matches(name.lower(), by_lower, n=3, cutoff=0.6)]


_LONGEST_NAME = 100
"""Nothing is near to a longer name than this, and looking for it would take long."""


def _slips(one: str, other: str) -> int:
    """How many slips of the hand make one word of another: a letter more, less or wrong, or two in the wrong order.

    >>> _slips("rleu", "relu"), _slips("kernel", "kernel_size")
    (1, 5)
    """
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, char in enumerate(one):
        earlier, before, row = before, row, [i + 1]
        for j, wanted in enumerate(other):
            least = min(before[j] + (char != wanted), before[j + 1] + 1, row[j] + 1)
            if i and j and (char, one[i - 1]) == (other[j - 1], wanted):
                least = min(least, earlier[j - 1] + 1)
            row.append(least)
    return row[-1]


def did_you_mean(name: str, names: Iterable[str]) -> str | None:
    """The help line for a misspelt name; the names themselves when none is close and they are few."""
    if current().compared <= 0:
        return None
    first = list(islice(names, _MOST_LISTED + 1))
    close = nearest(name, chain(first, names) if iter(names) is names else names)
    if close:
        return f"did you mean `{close}`?"
    if 0 < len(first) <= _MOST_LISTED:
        return "known here: " + ", ".join(f"`{known}`" for known in first)
    return None


_MOST_LISTED = 12
"""So many names are listed where none is near."""
_MOST_COLUMNS = 120
"""How much of a source line is shown."""
_BEFORE_CARET = 40
"""How much of a cropped line is shown before the caret."""


def _lines(diagnostic: Diagnostic) -> Iterator[str]:
    yield f"{diagnostic.severity}[{diagnostic.code}]: {printable(diagnostic.message)}"
    yield from _excerpt(diagnostic.span)
    for name in ("node", "expected", "found", "help"):
        value = getattr(diagnostic, name)
        if value is not None:
            yield f"  = {name}: " + printable(value, lines=True).replace("\n", "\n      ")
    for note in diagnostic.notes:
        yield f"  = note: {printable(note.message)}" + (f" ({printable(str(note.span))})" if note.span else "")


def _excerpt(span: Span | None) -> Iterator[str]:
    if span is None:
        return
    number = str(span.line)
    margin = " " * len(number)
    yield f"{margin} --> {printable(str(span))}"
    line = span.source.line(span.line)
    if line.strip():
        end = span.end_column if span.end_line == span.line else len(line) + 1
        shown, caret = _cropped(line, span.column - 1, end - 1)
        yield f"{margin} |"
        yield f"{number} | {shown}"
        yield f"{margin} | {caret}"


def _cropped(line: str, start: int, end: int) -> tuple[str, str]:
    """A source line and the carets under its characters from `start` to `end`, cut to what a terminal can show."""
    # A window of characters first, so that a line of a megabyte costs no more than a short one.
    first = max(0, start - _MOST_COLUMNS)
    cells = [cell(char) for char in line[first : start + _MOST_COLUMNS]]
    at = min(start - first, len(cells))
    low, high = 0, len(cells)
    if first or len(line) > first + high or _width(cells) > _MOST_COLUMNS:
        low = _reach(cells, at, -1, _BEFORE_CARET)
        high = _reach(cells, low, 1, _MOST_COLUMNS)
        low = _reach(cells, high, -1, _MOST_COLUMNS) if high == len(cells) and len(line) == first + high else low
    before = "…" if first + low > 0 else ""
    after = "…" if first + high < len(line) else ""
    text = before + "".join(shown for shown, _ in cells[low:high]) + after
    indent = len(before) + _width(cells[low:at])
    return text, " " * indent + "^" * max(1, _width(cells[at : min(max(end - first, at), high)]))


def _reach(cells: list[tuple[str, int]], start: int, step: int, columns: int) -> int:
    """How far from `start` one can go, forwards or backwards, within so many columns."""
    position = start
    while 0 <= (at := position if step > 0 else position - 1) < len(cells) and columns >= cells[at][1]:
        columns -= cells[at][1]
        position += step
    return position


def _width(cells: list[tuple[str, int]]) -> int:
    return sum(width for _, width in cells)
