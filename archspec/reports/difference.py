"""What differs between two architectures, as text and as a picture."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING, Any

from msgspec import Struct

from archspec.analysis.comparison import Change, Comparison, Status
from archspec.analysis.state_dict import tensors
from archspec.graph.labels import count_text, rounded_text, shapes_text
from archspec.graph.model import Counts, Graph
from archspec.language.visible_text import visible
from archspec.ops.shapes import Shape, known, product, shape_text
from archspec.reports.difference_rows import DifferenceRow, RowMaker
from archspec.reports.summary_table import aligned

if TYPE_CHECKING:
    from archspec.pictures import Direction, Theme
    from archspec.pictures.overlay_picture import Overlay


SIGNS: dict[Status, str] = {"unchanged": " ", "moved": " ", "changed": "~", "added": "+", "removed": "-"}
HEADINGS = ("node", "what", "changes", "output", "parameters", "MACs", "weights")
FEW = 3
"""How many tensors are named where not all are asked for."""
LONG = 60
"""Characters of a setting that are shown."""


class Difference(Struct, frozen=True):
    """What differs between two architectures, to be shown: `str` of it is the text.

    `depth` is how many levels of blocks stand open, `None` for all; `every_tensor` names all tensors that do not carry
    over, and not a few.
    """

    comparison: Comparison
    depth: int | None = None
    every_tensor: bool = False

    @property
    def rows(self) -> tuple[DifferenceRow, ...]:
        """The nodes as they are shown: neighbours to which the same happened stand in one row."""
        return tuple(RowMaker(self.comparison, self.depth).inside(self.comparison.root, 0))

    def lines(self) -> Iterator[tuple[Status, str]]:
        """The text line by line, each with the status that colours it."""
        comparison = self.comparison
        yield "unchanged", f"{_heading(comparison.old)} → {_heading(comparison.new)}"
        if comparison.empty:
            yield "unchanged", "nothing differs"
            return
        for section in (_table(self.rows), *_changed(comparison), _totals(comparison), _weights(self)):
            lines = list(section)
            if lines:
                yield from [("unchanged", ""), *lines]

    def draw(self, *, direction: Direction = "TB", theme: Theme | None = None) -> Overlay:
        """The picture of both networks over each other: `save` it, or let a notebook show it."""
        from archspec.pictures.overlay_picture import Overlay

        return Overlay(self.comparison, direction, theme)

    def _repr_html_(self) -> str:
        return f"<div>{self.draw().svg()}</div>"

    def __str__(self) -> str:
        return "\n".join(visible(line) for _, line in self.lines())

    __repr__ = __str__


def _heading(graph: Graph) -> str:
    return graph.title if graph.name == graph.title.lower() else f"{graph.title} ({graph.name})"


def _table(rows: Sequence[DifferenceRow]) -> Iterator[tuple[Status, str]]:
    texts = aligned([("", *HEADINGS), *map(_cells, rows)], right=frozenset())
    statuses: list[Status] = ["unchanged", *(row.status for row in rows)]
    return zip(statuses, texts)


def _cells(row: DifferenceRow) -> tuple[str, ...]:
    what = f"{row.resting} nodes, {row.status}" if row.resting else row.what
    times = f"×{row.times}" if row.times > 1 else ""
    return (
        SIGNS[row.status],
        "  " * row.indent + row.name,
        "  ".join(filter(None, [what, times])),
        ", ".join(map(_change_text, row.changes)),
        _turned(row.shapes, shapes_text),
        _turned(row.counts, _params_text),
        _turned(row.counts, _macs_text),
        str(row.weights),
    )


def _turned(values: tuple[Any, Any], text: Callable[[Any], str]) -> str:
    """`old → new`, or one of them where they are equal or the other is not there."""
    old, new = ("" if value is None else text(value) for value in values)
    if None in values or old == new:
        return new or old
    return f"{old or '0'} → {new or '0'}"


def _params_text(counts: Counts) -> str:
    return count_text(counts.params) if counts.params else ""


def _macs_text(counts: Counts) -> str:
    return "" if known(counts.macs) and not counts.macs else rounded_text(counts.macs)


def _change_text(change: Change) -> str:
    return f"{change.what} {_value_text(change.old)} → {_value_text(change.new)}"


def _value_text(value: Any) -> str:
    if isinstance(value, bool) or value is None:
        return {True: "true", False: "false", None: "none"}[value]
    text = f"[{', '.join(map(_value_text, value))}]" if isinstance(value, (list, tuple)) else str(value)
    return text if len(text) <= LONG else f"{text[: LONG - 1]}…"


def _changed(comparison: Comparison) -> Iterator[Iterator[tuple[Status, str]]]:
    """What changed of the page's params, and of the network as a whole."""
    yield _section("settings", comparison.settings)
    yield _section("network", comparison.root.own_changes)


def _section(title: str, changes: Sequence[Change]) -> Iterator[tuple[Status, str]]:
    if changes:
        yield "unchanged", title
        rows = [(f"  {each.what}", f"{_value_text(each.old)} → {_value_text(each.new)}") for each in changes]
        yield from (("changed", line) for line in aligned(rows, right=frozenset()))


def _totals(comparison: Comparison) -> Iterator[tuple[Status, str]]:
    old, new = comparison.old, comparison.new
    yield _total("input", *(shapes_text(each.root.input_shapes) for each in (old, new)))
    yield _total("output", *(shapes_text(each.root.shapes) for each in (old, new)))
    yield _total(
        "parameters", count_text(old.counts.params), count_text(new.counts.params), _growth(old, new, "params")
    )
    yield _total("MACs", rounded_text(old.counts.macs), rounded_text(new.counts.macs), _growth(old, new, "macs"))
    yield _total("depth", str(old.depth), str(new.depth))


def _total(name: str, old: str, new: str, growth: str = "") -> tuple[Status, str]:
    value = old if old == new else f"{old} → {new}"
    return "unchanged" if old == new else "changed", f"{name:<12}{value}{growth}"


def _growth(old: Graph, new: Graph, what: str) -> str:
    before, now = getattr(old.counts, what), getattr(new.counts, what)
    return f" ({now / before - 1:+.1%})" if known(before, now) and before and before != now else ""


def _weights(difference: Difference) -> Iterator[tuple[Status, str]]:
    comparison = difference.comparison
    weights, before, now = comparison.weights, tensors(comparison.old), tensors(comparison.new)
    carried = sum(product(now[name]) for name in weights.fitting)
    elements = f"{count_text(carried)} of {count_text(sum(map(product, now.values())))} elements"
    yield "unchanged", f"weights of {comparison.old.name} in {comparison.new.name}"
    yield "unchanged", f"  carry over  {len(weights.fitting)} of {len(now)} tensors, {elements}"
    shapes = [f"{name} {shape_text(before[name])} → {shape_text(now[name])}" for name in weights.misshapen]
    yield from _named("misshapen", "changed", shapes, difference.every_tensor)
    missing = [_tensor(name, now[name]) for name in weights.missing]
    yield from _named("missing", "added", missing, difference.every_tensor)
    extra = [_tensor(name, before[name]) for name in weights.extra]
    yield from _named("extra", "removed", extra, difference.every_tensor)
    renamed = [f"{old} → {new}" for new, old in comparison.renamed.items()]
    yield from _named("renamed", "moved", renamed, difference.every_tensor)


def _tensor(name: str, shape: Shape) -> str:
    return f"{name} {shape_text(shape)}".rstrip()


def _named(word: str, status: Status, names: Sequence[str], every: bool) -> Iterator[tuple[Status, str]]:
    if not names:
        return
    if every:
        yield status, f"  {word:<10}  {len(names)}"
        yield from ((status, f"    {name}") for name in names)
        return
    more = f", and {len(names) - FEW} more" if len(names) > FEW else ""
    yield status, f"  {word:<10}  {len(names)}: {', '.join(names[:FEW])}{more}"
