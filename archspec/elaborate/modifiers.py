"""The modifiers that any node may carry: how many copies, whether at all, and the shape its author asserts."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from archspec.elaborate.body import Value
from archspec.elaborate.context import MAX_REPEAT, Context
from archspec.elaborate.scope import Scope
from archspec.language.nodes import NodeDef
from archspec.language.tree import Mapping, Sequence, Tree
from archspec.language.validation import shown, value_text
from archspec.shapes import shape_text


def copies(context: Context, node: NodeDef, scope: Scope, address: str) -> Iterator[tuple[int, Scope]]:
    """The scope of each copy of a node: one, `repeat` many, or one for each row."""
    repeat, each = node.modifier("repeat"), node.modifier("each")
    if repeat is not None and each is not None:
        context.fail(
            "modifiers",
            "`repeat` and `each` cannot stand on one node",
            node.modifiers["repeat"].key.span,
            address,
            help="put one of them on a group: `{nodes: [...], each: ...}`",
        )
    if each is not None:
        rows = _rows(context, each, scope, address)
        return ((i, scope.inner({"i": i, **row})) for i, row in enumerate(rows))
    if repeat is not None:
        return ((i, scope.inner({"i": i})) for i in range(_times(context, repeat, scope, address)))
    return iter([(0, scope)])


def switched_on(context: Context, node: NodeDef, scope: Scope, address: str) -> bool:
    """Whether `when` holds."""
    return flag(context, node, "when", scope, address, default=True)


def flag(context: Context, node: NodeDef, name: str, scope: Scope, address: str, default: bool = False) -> bool:
    """The truth value of a modifier."""
    tree = node.modifier(name)
    if tree is None:
        return default
    value = context.value(tree, scope, f"`{name}`", address)
    if not isinstance(value, bool):
        context.fail(
            "wrong-type",
            f"`{name}` is a condition",
            tree.span,
            address,
            expected="true or false",
            found=value_text(value),
        )
    return value


def check_expected(context: Context, node: NodeDef, scope: Scope, address: str, value: Value) -> None:
    """Hold the shape that the author asserts against the inferred one; `null` stands for any size."""
    tree = node.modifier("expect")
    if tree is None or value.broken:
        return
    expected = context.value(tree, scope, "`expect`", address, words=True)
    if not isinstance(expected, list):
        context.fail(
            "wrong-type",
            "`expect` is a shape",
            tree.span,
            address,
            expected="a list such as `[256, 56, 56]`",
            found=value_text(expected),
        )
    shape = value.shapes[0]
    same = len(shape) == len(expected) and all(
        want is None or str(want) == str(got) for want, got in zip(expected, shape)
    )
    if not same:
        wanted = shape_text(tuple("?" if size is None else size for size in expected))
        context.fail(
            "expect", "the shape is not the expected one", tree.span, address, expected=wanted, found=shape_text(shape)
        )


def _times(context: Context, tree: Tree, scope: Scope, address: str) -> int:
    times = context.value(tree, scope, "`repeat`", address)
    if not isinstance(times, int) or isinstance(times, bool) or times < 0:
        context.fail(
            "wrong-type",
            "`repeat` is a number of copies",
            tree.span,
            address,
            expected="a whole number from 0",
            found=value_text(times),
        )
    if times > MAX_REPEAT:
        context.fail(
            "too-large",
            "`repeat` asks for too many copies",
            tree.span,
            address,
            expected=f"at most {MAX_REPEAT:,}",
            found=f"{times:,}",
        )
    return times


def _rows(context: Context, tree: Tree, scope: Scope, address: str) -> list[dict[str, Any]]:
    """The rows of `each`: a table `{columns: [...], rows: [...]}`, or a list of mappings."""
    if isinstance(tree, Sequence):
        return [_named_row(context, row, scope, address) for row in tree.items]
    columns, rows = (tree.get("columns"), tree.get("rows")) if isinstance(tree, Mapping) else (None, None)
    if not isinstance(columns, Sequence) or rows is None:
        context.fail(
            "each",
            "`each` is a table",
            tree.span,
            address,
            expected="`{columns: [a, b], rows: [[1, 2], [3, 4]]}`, or a list of mappings",
            found=shown(tree),
        )
    assert isinstance(tree, Mapping)
    for key, _ in tree.entries:
        if key.value not in ("columns", "rows"):
            context.report(
                "unknown-key", f"`each` has no key `{key.value}`", key.span, address, expected="`columns`, `rows`"
            )
    names = [str(getattr(item, "value", "")) for item in columns.items]
    spans = [row.span for row in rows.items] if isinstance(rows, Sequence) else []
    values = context.value(rows, scope, "`rows`", address, words=True)
    if not isinstance(values, list):
        context.fail("each", "`rows` is a list of rows", rows.span, address, found=value_text(values))
    return [
        _row(context, names, row, spans[index] if index < len(spans) else rows.span, index, address)
        for index, row in enumerate(values)
    ]


def _row(context: Context, names: list[str], row: Any, span: Any, index: int, address: str) -> dict[str, Any]:
    values = row if isinstance(row, list) else [row]
    if len(values) != len(names):
        context.fail(
            "each",
            f"row {index + 1} has {len(values)} value{'s' if len(values) != 1 else ''} for {len(names)} columns",
            span,
            address,
            expected=", ".join(f"`{name}`" for name in names),
            found=str(values),
        )
    return dict(zip(names, values))


def _named_row(context: Context, row: Tree, scope: Scope, address: str) -> dict[str, Any]:
    if not isinstance(row, Mapping):
        context.fail(
            "each",
            "a row is a mapping of names to values",
            row.span,
            address,
            help="a table is written `{columns: [...], rows: [...]}`",
        )
    return {
        str(key.value): context.value(value, scope, f"`{key.value}`", address, words=True) for key, value in row.entries
    }
