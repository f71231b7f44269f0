"""A summary as plain text, as a rich table for a terminal, and as HTML for a notebook."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from typing import TYPE_CHECKING

from archspec.analysis.verdicts import Verdict
from archspec.graph.labels import count_text, rounded_text, shapes_text
from archspec.ops.shapes import known

if TYPE_CHECKING:
    from rich.console import RenderableType

    from archspec.reports.summary import Audited, Port, Summary, SummaryRow

HEADINGS = ("node", "what", "output", "parameters", "share", "MACs", "share")
_RIGHT = frozenset({3, 4, 5, 6})
_SIGNS = {"agrees": "✓", "differs as explained": "≠", "depends on symbolic sizes": "?"}
_COLOURS = {"✓": "green", "≠": "yellow", "?": "yellow", "✗": "bold red"}


def text(summary: Summary) -> str:
    """The summary as plain text: no colour and no frame."""
    rows = [HEADINGS, *map(cells, summary.rows)]
    return "\n".join([heading(summary), "", *aligned(rows), "", *totals(summary), *_sections(summary)])


def render(summary: Summary) -> RenderableType:
    """The summary for a terminal."""
    from rich.box import SIMPLE_HEAD
    from rich.console import Group
    from rich.table import Table
    from rich.text import Text

    table = Table(
        title=Text(heading(summary)), box=SIMPLE_HEAD, title_justify="left", title_style="bold", pad_edge=False
    )
    for number, name in enumerate(HEADINGS):
        right = number in _RIGHT
        table.add_column(name, justify="right" if right else "left", no_wrap=number != 1, overflow="fold")
    for row in summary.rows:
        style = "italic" if row.training else "dim" if row.tied else ""
        table.add_row(*map(Text, cells(row)), style=style)
    lines = [Text(line) for line in totals(summary)]
    verdicts = [Text(line, style=_COLOURS[line.lstrip()[0]]) for line in map(verdict_line, summary.verdicts)]
    headed = [Text("\ndocumented figures"), *verdicts] if verdicts else []
    return Group(table, *lines, *headed, *map(Text, _audit(summary.audit)))


def html(summary: Summary) -> str:
    """The summary for a notebook."""
    head = "".join(f"<th>{name}</th>" for name in HEADINGS)
    body = "".join(f"<tr>{''.join(map(_html_cell, range(len(HEADINGS)), cells(row)))}</tr>\n" for row in summary.rows)
    below = "<br>\n".join(escape(line) for line in [*totals(summary), *_sections(summary)] if line)
    caption = f"<caption>{escape(heading(summary))}</caption>"
    return f"<table>\n{caption}\n<thead><tr>{head}</tr></thead>\n<tbody>\n{body}</tbody>\n</table>\n<p>{below}</p>\n"


def heading(summary: Summary) -> str:
    """What the table is of."""
    return summary.title if summary.name == summary.title.lower() else f"{summary.title} ({summary.name})"


def cells(row: SummaryRow) -> tuple[str, ...]:
    """A row as it is shown; equal neighbours are written `1…2` and `×2`."""
    name = row.name if row.times == 1 else f"{row.name}…{row.last.rpartition('.')[2]}"
    marks = [f"×{row.times}"] if row.times > 1 else []
    marks += ["training only"] if row.training else []
    marks += [f"weights of {row.tied}"] if row.tied else []
    marks += ["frozen"] if row.frozen else []
    what = "  ".join(filter(None, [row.what, ", ".join(marks)]))
    params = "" if not row.counts.params else count_text(row.counts.params)
    macs = "" if known(row.counts.macs) and not row.counts.macs else rounded_text(row.counts.macs)
    shares = _percent(row.params_share), _percent(row.macs_share)
    return "  " * row.indent + name, what, shapes_text(row.shapes), params, shares[0], macs, shares[1]


def totals(summary: Summary) -> list[str]:
    """What the network comes to, a line each."""
    counts = summary.counts
    trainable = (
        "" if not counts.frozen else f" ({count_text(counts.trainable)} trainable, {count_text(counts.frozen)} frozen)"
    )
    macs = count_text(counts.macs) + (
        f" ({rounded_text(counts.macs)})" if known(counts.macs) and counts.macs > 999 else ""
    )
    lines = [
        ("input", _ports(summary.inputs)),
        *(("sizes", rule.text) for rule in summary.rules),
        ("output", _ports(summary.outputs)),
        ("parameters", count_text(counts.params) + trainable),
        ("buffers", count_text(counts.buffers)),
        ("MACs", macs),
        ("depth", f"{summary.depth} weighted layers"),
    ]
    return [f"{name:<12}{value}" for name, value in lines]


def verdict_line(verdict: Verdict) -> str:
    """One documented figure beside what was counted."""
    figure = verdict.figure
    sign = _SIGNS.get(verdict.status, "✗")
    documented = count_text(int(figure.documented)) if figure.exact else figure.documented
    under = ", ".join(f"{name}={_setting(value)}" for name, value in verdict.settings.items())
    under = f" with {under}" if under else ""
    words = [f"{sign} {figure.quantity} {documented}{under}, counted {count_text(verdict.counted)}"]
    if verdict.status != "agrees":
        words.append(f"{verdict.status}: {figure.differs}" if figure.differs else verdict.status)
    return f"  {'; '.join(words)} [{figure.source}]"


def _setting(value: object) -> str:
    """A value as a spec writes it."""
    return str(value).lower() if isinstance(value, bool) else str(value)


def _sections(summary: Summary) -> Iterator[str]:
    if summary.verdicts:
        yield from ("", "documented figures", *map(verdict_line, summary.verdicts))
    yield from _audit(summary.audit)


def _audit(audit: Sequence[Audited]) -> Iterator[str]:
    if not audit:
        return
    rows = [("stage", "of", "as written", "raw", "rounded", "parameters")]
    for audited in audit:
        address, params = audited.stage.address or "settings", audited.params
        for number, each in enumerate(audited.stage.roundings):
            first = number == 0
            named = (address if first else "", each.what.replace("`", ""), each.expression)
            counted = "" if params is None or not first else count_text(params)
            rows.append((*named, f"{each.raw:g}", str(each.rounded), counted))
    yield from ("", "scaling", *aligned(rows, right=frozenset({3, 4, 5})))


def aligned(rows: Sequence[Sequence[str]], right: frozenset[int] = _RIGHT) -> Iterator[str]:
    """Columns of text with two spaces between."""
    widths = [max(map(len, column)) for column in zip(*rows)]
    for row in rows:
        padded = (
            cell.rjust(width) if number in right else cell.ljust(width)
            for number, (cell, width) in enumerate(zip(row, widths))
        )
        yield "  ".join(padded).rstrip()


def _ports(ports: Sequence[Port]) -> str:
    """The network's own inputs or outputs; a lone one needs no name."""
    named = len(ports) > 1
    return ", ".join(
        f"{port.name} {shapes_text((port.shape,))}" if named else shapes_text((port.shape,)) for port in ports
    )


def _percent(share: float | None) -> str:
    return "" if not share else f"{share:.1%}"


def _html_cell(number: int, cell: str) -> str:
    indent = len(cell) - len(cell.lstrip())
    style = "text-align: right" if number in _RIGHT else f"text-align: left; padding-left: {0.5 + indent / 2:g}em"
    return f'<td style="{style}">{escape(cell.strip())}</td>'
