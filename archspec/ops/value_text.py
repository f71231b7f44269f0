"""The values of fields as papers write them."""

from typing import Any

from archspec.language.visible_text import visible


class Marked(str):
    """A text that stands in place of a field's value, with signs of its own in it; it comes from no page."""


def value_text(value: Any) -> str:
    """The value of a field.

    >>> value_text((3, 3)), value_text(-0.5), value_text([0, 2, 3, 1])
    ('3×3', '−0.5', '0, 2, 3, 1')
    """
    if isinstance(value, (list, tuple)):
        return ("×" if len(value) < 4 and all(map(_is_size, value)) else ", ").join(map(value_text, value))
    if isinstance(value, (int, float)):
        return (f"{value:g}" if isinstance(value, float) else str(value)).replace("-", "−")
    return "…" if value is None else value if isinstance(value, Marked) else visible(str(value))


def _is_size(value: Any) -> bool:
    return isinstance(value, Marked) or (isinstance(value, int) and value >= 0)
