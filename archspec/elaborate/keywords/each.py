"""The rows of `each`: a paper's table as it is printed, or a list of mappings. Its index may have a name of its own.

A row of the table is a copy, and its columns are names in it:

>>> from archspec.elaborate.example import example
>>> graph = example('{"c{i}": {conv: width, kernel_size: k, each: [{k: 3, width: 8}, {k: 1, width: 4}]}}')
>>> [(node.name, node.op.kernel_size, node.shapes[0]) for node in graph.walk()]
[('c0', 3, (8, 30, 30)), ('c1', 1, (4, 30, 30))]
"""

from __future__ import annotations

from typing import Any, TypeAlias

from archspec.elaborate.keywords.repeat import INDEX, index_of, is_index
from archspec.elaborate.scope import Failed
from archspec.elaborate.site import Site
from archspec.language.diagnostics import did_you_mean
from archspec.language.identifiers import NAME_RULE, is_identifier
from archspec.language.pydantic_models import shown, value_text
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree

Row: TypeAlias = dict[str, Any]
_FORM = "`{columns: [a, b], rows: [[1, 2], [3, 4]]}`, or a list of mappings"


def rows_of(site: Site, tree: Tree) -> list[Row]:
    """The values of each row by the names of its columns; raises `Failed` after reporting all that is wrong."""
    if isinstance(tree, Sequence):
        return _all([_named_row(site, row, INDEX) for row in tree.items])
    if not isinstance(tree, Mapping):
        site.fail("each", "`each` is a table", tree.span, expected=_FORM, found=shown(tree))
    given, index, rows = tree.get("index"), index_of("each", tree), tree.get("rows")
    if given is not None and not (isinstance(given, Scalar) and is_index(given.value)):
        message = f"an index cannot be called {shown(given)}"
        site.fail("name", message, given.span, expected=NAME_RULE)
    if given is not None and tree.get("columns") is None and isinstance(rows, Sequence) and _are_named(rows):
        return _all([_named_row(site, row, index) for row in rows.items])
    return _table(site, tree, index)


def _are_named(rows: Sequence) -> bool:
    return all(isinstance(row, Mapping) for row in rows.items)


def _table(site: Site, tree: Mapping, index: str) -> list[Row]:
    """The rows under their columns."""
    columns, rows = _parts(site, tree)
    names = _all([_column(site, item, index) for item in columns.items])
    for number, name in enumerate(names):
        if name in names[:number]:
            site.fail("name-twice", f"two columns are called `{name}`", columns.items[number].span)
    values = site.value(rows, "`rows`", words=isinstance(rows, Sequence))
    if not isinstance(values, list):
        site.fail("each", "`rows` is a list of rows", rows.span, found=value_text(values))
    spans = [row.span for row in rows.items] if isinstance(rows, Sequence) else [rows.span] * len(values)
    return _all([_row(site, names, row, span) for row, span in zip(values, spans)])


def _parts(site: Site, tree: Mapping) -> tuple[Sequence, Tree]:
    known = ("columns", "rows", "index")
    unknown = [key for key, _ in tree.entries if key.value not in known]
    for key in unknown:
        site.report(
            "unknown-key",
            f"`each` has no key `{key.value}`",
            key.span,
            expected="`columns`, `rows`, `index`",
            help=did_you_mean(str(key.value), known),
        )
    if unknown:
        raise Failed
    columns, rows = tree.get("columns"), tree.get("rows")
    for name, part in (("columns", columns), ("rows", rows)):
        if part is None:
            site.report("each", f"`each` needs `{name}`", tree.span, expected=_FORM)
    if columns is not None and (not isinstance(columns, Sequence) or not columns.items):
        site.fail("each", "`columns` is a list of names", columns.span, found=shown(columns))
    if columns is None or rows is None:
        raise Failed
    return columns, rows


def _all(values: list[Any]) -> list[Any]:
    if any(value is None for value in values):
        raise Failed
    return values


def _column(site: Site, tree: Tree, index: str) -> str | None:
    name = tree.value if isinstance(tree, Scalar) else None
    if isinstance(name, str) and is_identifier(name) and name not in (index, "input", "previous"):
        return name
    rule = f"{NAME_RULE}; neither `{index}`, which is the row's number, nor `input`"
    site.report("name", f"a column cannot be called {shown(tree)}", tree.span, expected=rule)
    return None


def _row(site: Site, names: list[str], row: Any, span: Span) -> Row | None:
    values = row if isinstance(row, list) else [row]
    if len(values) == len(names):
        return dict(zip(names, values))
    site.report(
        "each",
        f"a row has {_count(len(values), 'value')} for {_count(len(names), 'column')}",
        span,
        expected=", ".join(f"`{name}`" for name in names),
        found=", ".join(map(value_text, values)) or "nothing",
    )
    return None


def _named_row(site: Site, row: Tree, index: str) -> Row | None:
    if not isinstance(row, Mapping):
        site.report("each", "a row is a mapping of names to values", row.span, expected=_FORM, found=shown(row))
        return None
    values, failed = {}, False
    for key, tree in row.entries:
        name = _column(site, key, index)
        try:
            values[name] = site.value(tree, f"`{key.value}`", words=True)
        except Failed:
            failed = True
        failed = failed or name is None
    return None if failed else {str(name): value for name, value in values.items()}


def _count(number: int, noun: str) -> str:
    return f"{number} {noun}" if number == 1 else f"{number} {noun}s"
