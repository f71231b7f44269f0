"""What a spec rounds when it scales: the audit of compound scaling.

While a document is elaborated, each call of `divisible`, `ceil`, `floor` and `round` that the document itself writes is
recorded with the value before and after. So an audit needs to know nothing of EfficientNet.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from msgspec import Struct

from archspec.language.source import Span


class Rounding(Struct, frozen=True):
    """One rounded number: at which node, of what (`out` of `stage`), the call as written, and the values.

    `address` is empty for the document's own params and `let`.
    """

    address: str
    what: str
    expression: str
    raw: Any
    rounded: int
    span: Span


class Stage(Struct, frozen=True):
    """The roundings of one stage: `address` is where the first of them was made."""

    address: str
    roundings: tuple[Rounding, ...]


def stages(roundings: Iterable[Rounding]) -> tuple[Stage, ...]:
    """The roundings in the order they were made, by stage.

    What is rounded inside a node belongs to the stage of that node, and there the first copy speaks for the others. The
    same line rounded anew at the same node, as for the next row of `each`, begins another stage.
    """
    found: list[tuple[str, dict[tuple[Span, str], Rounding]]] = []
    for each in roundings:
        place = each.span, each.expression
        home, seen = found[-1] if found else ("", {})
        inside = bool(home) and each.address.startswith(home + ".")
        if not found or not (each.address == home or inside) or (place in seen and not inside):
            found.append((each.address, {place: each}))
        else:
            seen.setdefault(place, each)
    return tuple(Stage(home, tuple(seen.values())) for home, seen in found)
