"""The ops and standard blocks as a reader meets them: what each is, its fields, its definition and an example."""

from __future__ import annotations

from collections.abc import Iterator
from inspect import cleandoc
from typing import Any, Literal

from msgspec import Struct

from archspec.api import zoo
from archspec.api.architecture import Architecture, read_document
from archspec.elaborate.symbol_table import standard_block, standard_names
from archspec.language.diagnostics import Diagnostic, SpecError, did_you_mean
from archspec.language.params import Param
from archspec.language.yaml_tree import Scalar, Tree, plain
from archspec.ops import Op, ops


class FieldEntry(Struct, frozen=True):
    """One field: what it accepts, and its default as a spec would write it (`None` where it must be given)."""

    name: str
    expects: str
    default: str | None
    about: str | None = None


class CatalogueEntry(Struct, frozen=True):
    """An op or a block. `main` is the field that the name's own value fills; a block has a definition."""

    name: str
    sort: Literal["op", "block"]
    about: str
    main: str | None
    fields: tuple[FieldEntry, ...]
    example: str | None
    definition: str | None

    @property
    def summary(self) -> str:
        """The first sentence of what it is."""
        return self.about.split("\n\n")[0].replace("\n", " ")


class Listed(Struct, frozen=True):
    """One bundled architecture."""

    name: str
    architecture: Architecture

    @property
    def task(self) -> str:
        return self.architecture.document.task or "other"

    @property
    def year(self) -> int | None:
        """When it was published."""
        paper = self.architecture.document.introduced(self.architecture.variant)
        return paper.year if paper else None


def listed() -> list[Listed]:
    """Every bundled architecture, elaborated: by task, the oldest family first."""
    found = [
        Listed(name, read_document(document, name if document.variants else None, {}))
        for name, document in zoo.variants()
    ]
    born: dict[tuple[str, str], int] = {}
    for each in found:
        key = each.task, each.architecture.document.name
        born[key] = min(born.get(key, 9999), each.year or 9999)
    started = {task: min(year for (other, _), year in born.items() if other == task) for task, _ in born}

    def order(each: Listed) -> tuple[int, str, int, str]:
        family = each.architecture.document.name
        return started[each.task], each.task, born[each.task, family], family

    return sorted(found, key=order)


def entries() -> Iterator[CatalogueEntry]:
    """Every op, then every standard block, each by name."""
    for name in sorted(ops()):
        yield _op(ops()[name])
    for name in sorted(standard_names()):
        yield _block(name)


def entry(name: str) -> CatalogueEntry:
    """One op or standard block; raises `SpecError` with the nearest name where there is none."""
    if name in ops():
        return _op(ops()[name])
    if name in standard_names():
        return _block(name)
    known = [*ops(), *standard_names()]
    help_ = did_you_mean(name, known) or "`archspec blocks` shows them all"
    raise SpecError([Diagnostic("unknown-op", f"there is no op or standard block `{name}`", help=help_)])


def _op(op: type[Op]) -> CatalogueEntry:
    fields = [
        FieldEntry(name, op.expects(name), None if info.is_required() else written(info.default))
        for name, info in op.model_fields.items()
    ]
    fields.sort(key=lambda field: (field.name != op.main, field.default is not None))
    return CatalogueEntry(op.name, "op", cleandoc(op.__doc__ or ""), op.main, tuple(fields), op.example, None)


def _block(name: str) -> CatalogueEntry:
    block = standard_block(name)
    fields = tuple(map(_field, block.params.values()))
    example = None if block.example is None else _example(block.example)
    return CatalogueEntry(
        name, "block", block.about or "", next(iter(block.params), None), fields, example, block.source.text
    )


def _field(param: Param) -> FieldEntry:
    default = None if param.default is None else written(plain(param.default))
    return FieldEntry(param.name, param.expects, default, param.about)


def _example(tree: Tree) -> str:
    return str(tree.value) if isinstance(tree, Scalar) else written(plain(tree))


def written(value: Any) -> str:
    """A value on one line, as a spec would write it.

    >>> written({"conv": 64, "bias": False, "kernel_size": (3, 3)})
    '{conv: 64, bias: false, kernel_size: [3, 3]}'
    """
    if isinstance(value, dict):
        return "{" + ", ".join(f"{key}: {written(item)}" for key, item in value.items()) + "}"
    if isinstance(value, (list, tuple)):
        return "[" + ", ".join(map(written, value)) + "]"
    if isinstance(value, bool):
        return str(value).lower()
    if isinstance(value, float) and len(str(value)) > _LONGEST_FLOAT:
        return f"{value:.6g}"
    return "null" if value is None else str(value)


_LONGEST_FLOAT = 8
