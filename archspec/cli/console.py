"""What goes to the terminal: plain text to a pipe, colour to a terminal unless NO_COLOR is set."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, Literal, TextIO, TypeAlias

from archspec.language.diagnostics import Diagnostic
from archspec.language.visible_text import json_text, printable, visible

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderableType
    from rich.segment import Segment
    from rich.text import Text

A_MOMENT = 0.5
"""Seconds after which progress is shown."""

Part: TypeAlias = "str | tuple[str, str]"
"""Text, or text and the style that rich gives it on a terminal."""


def say(*parts: Part, error: bool = False) -> None:
    """Print a line to stdout, or to stderr; styled where that is a terminal."""
    stream = sys.stderr if error else sys.stdout
    styled = [(part, "") if isinstance(part, str) else part for part in parts]
    shown = [(visible(text, lines=True), style) for text, style in styled]
    if _coloured(stream):
        from rich.text import Text

        _console(stream).print(Text.assemble(*shown), soft_wrap=True)
    else:
        print("".join(text for text, _ in shown), file=stream)


def say_json(value: Any) -> None:
    """Print a report as JSON; what is not printable stands in it as an escape."""
    print(json_text(value, indent=2))


def report(diagnostics: Iterable[Diagnostic]) -> None:
    """Print diagnostics to stderr, each followed by an empty line."""
    for diagnostic in diagnostics:
        say(*diagnostic_parts(diagnostic), "\n", error=True)


def diagnostic_parts(diagnostic: Diagnostic) -> Iterator[Part]:
    """A diagnostic's text, as `str` gives it, in styled parts."""
    colour = "bold red" if diagnostic.severity == "error" else "bold yellow"
    head, *rest = str(diagnostic).split("\n")
    label, colon, message = head.partition("]: ")
    yield label + colon, colour
    yield message, "bold"
    for line in rest:
        yield "\n"
        margin, body = _LINE.match(line).groups()  # type: ignore[union-attr]
        yield margin, "cyan"
        yield body, colour if re.fullmatch(r"[ …]*\^+", body) else ""


_LINE = re.compile(r"( *--> | *\d* \| ?|  = \w+:|)(.*)", re.DOTALL)
"""A line of a diagnostic: its margin, and what it says."""


def is_terminal() -> bool:
    """Whether a person reads stdout."""
    return sys.stdout.isatty()


def render(renderable: RenderableType) -> None:
    """Print what rich can show, on a terminal."""
    _console(sys.stdout).print(_Visible(renderable))


class _Visible:
    """What rich is to show, with the control characters of its texts made visible."""

    def __init__(self, shown: RenderableType) -> None:
        self._shown = shown

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> Iterator[Segment]:
        from rich.segment import Segment

        for text, style, control in console.render(self._shown, options):
            yield Segment(text if control else visible(text, lines=True), style, control)


def table(
    headers: Sequence[str], rows: Iterable[Sequence[str]], right: Sequence[int] = (), fold: Sequence[int] = (-1,)
) -> None:
    """Print columns, those numbered in `right` flush right; on a terminal those in `fold` are folded to fit."""
    tables(headers, {"": list(rows)}, right, fold)


def tables(
    headers: Sequence[str],
    groups: Mapping[str, Sequence[Sequence[str]]],
    right: Sequence[int] = (),
    fold: Sequence[int] = (-1,),
) -> None:
    """Print groups of rows under one head, as `table` does, each after a line with its title."""
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=None, pad_edge=False, padding=(0, 2, 0, 0), header_style="bold")
    folded = {number % len(headers) for number in fold}
    for number, header in enumerate(headers):
        justify: Literal["left", "right"] = "right" if number in right else "left"
        shown.add_column(header, justify=justify, no_wrap=number not in folded, overflow="fold")
    for title, rows in groups.items():
        if title:
            shown.add_row()
            shown.add_row(Text(title, style="bold"))
        for row in rows:
            shown.add_row(*(_plain(cell) for cell in row))
    if is_terminal():
        render(shown)
        return
    wide = _console(sys.stdout, width=10_000)
    with wide.capture() as capture:
        wide.print(_Visible(shown))
    print("\n".join(line.rstrip() for line in capture.get().splitlines()))


@contextmanager
def progress() -> Iterator[Callable[[str], None]]:
    """A way to say what is being done, shown on a terminal where it takes longer than a moment."""
    if not sys.stderr.isatty():
        yield lambda doing: None
        return
    from threading import Timer

    status = _console(sys.stderr).status("")
    timer = Timer(A_MOMENT, status.start)
    timer.daemon = True
    timer.start()
    try:
        yield lambda doing: status.update(_plain(doing))
    finally:
        timer.cancel()
        timer.join()
        status.stop()


@contextmanager
def bar(doing: str) -> Iterator[Callable[[int, int], None]]:
    """A bar on a terminal that is told how much is done, and of how much."""
    if not sys.stderr.isatty():
        yield lambda done, of: None
        return
    from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeRemainingColumn()
    with Progress(*columns, console=_console(sys.stderr), transient=True) as shown:
        task = shown.add_task(doing, total=None)
        yield lambda done, of: shown.update(task, completed=done, total=of)


def name(text: object) -> str:
    """A path or name that came from outside, as it may be shown."""
    return printable(str(text))


def _coloured(stream: TextIO) -> bool:
    return not os.environ.get("NO_COLOR") and stream.isatty()


def _console(stream: TextIO, width: int | None = None) -> Console:
    from rich.console import Console

    return Console(file=stream, width=width, highlight=False, markup=False, emoji=False)


def _plain(text: str) -> Text:
    from rich.text import Text

    return Text(visible(text))
