"""How wide a text is at most, whichever sans-serif font a reader has.

The widths are those of DejaVu Sans, in thousandths of the font size: Helvetica, Arial and Liberation Sans are narrower,
so what is laid out by them is never cut.
"""

from __future__ import annotations

FAMILY = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
BOLD = 1.2
"""How much wider a bold text is."""

# fmt: off
_ASCII = (
    318, 401, 460, 838, 636, 950, 780, 275, 390, 390, 500, 838, 318, 361, 318, 337, 636, 636, 636, 636, 636, 636, 636,
    636, 636, 636, 337, 337, 838, 838, 838, 531, 1000, 684, 686, 698, 770, 632, 575, 775, 752, 295, 295, 656, 557, 863,
    748, 787, 603, 787, 695, 635, 611, 732, 684, 989, 685, 611, 685, 390, 337, 390, 838, 500, 500, 613, 635, 550, 635,
    615, 352, 635, 634, 278, 278, 579, 278, 974, 634, 612, 635, 635, 411, 521, 392, 634, 592, 818, 592, 592, 525, 636,
    337, 636, 838,
)
# fmt: on
_OTHERS = {"×": 838, "·": 318, "→": 838, "–": 500, "−": 838, "√": 637}
_WIDEST = 1000


def text_width(text: str, size: float, bold: bool = False) -> float:
    """The width of a text at most, in the unit of `size`.

    >>> round(text_width("7×7 conv", 10), 1)
    48.2
    """
    units = sum(_ASCII[ord(each) - 32] if " " <= each <= "~" else _OTHERS.get(each, _WIDEST) for each in text)
    return units * size / 1000 * (BOLD if bold else 1)


def wrapped(text: str, size: float, width: float) -> list[str]:
    """A text in lines that are no wider than `width`, but for a word that is wider itself; broken first at commas.

    >>> wrapped("3×3 depthwise conv, /2, 2 groups", 10, 110)
    ['3×3 depthwise conv,', '/2, 2 groups']
    """
    lines = _filled(text.replace(", ", ",\n").split("\n"), size, width)
    return [part for line in lines for part in _filled(line.split(" "), size, width)]


def _filled(parts: list[str], size: float, width: float) -> list[str]:
    """Parts in lines, as many to a line as fit."""
    lines: list[str] = []
    for part in parts:
        longer = f"{lines[-1]} {part}" if lines else part
        if lines and text_width(longer, size) <= width:
            lines[-1] = longer
        else:
            lines.append(part)
    return lines
