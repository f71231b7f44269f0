"""A path's steps → SVG's shortest way to say them: relative, to a tenth of a point."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from archspec.pictures.render.marks import Step


def traced(steps: Iterable[Step]) -> str:
    """The `d` of a path; places are rounded before they are subtracted, so that nothing drifts.

    >>> traced((("M", ((1.04, 2.0),)), ("L", ((1.04, 5.5),)), ("L", ((3.0, 4.96),)), ("Z", ())))
    'M1 2v3.5l2-.5z'
    """
    return "".join(_commands(steps))


def number(value: float) -> str:
    """A length, to a tenth of a point.

    >>> number(12.04), number(-0.26), number(-0.04)
    ('12', '-.3', '0')
    """
    return _tenths(round(value * 10))


def _commands(steps: Iterable[Step]) -> Iterator[str]:
    x = y = 0
    start = (0, 0)
    for letter, points in steps:
        rounded = [(round(across * 10), round(down * 10)) for across, down in points]
        moves = [each for across, down in rounded for each in (across - x, down - y)]
        if letter == "M":
            yield f"M{_joined([each for point in rounded for each in point])}"
            start = rounded[0]
        elif letter == "L":
            yield _line(*moves)
        elif letter == "C":
            yield f"c{_joined(moves)}"
        else:
            yield "z"
        x, y = rounded[-1] if rounded else start


def _line(across: int, down: int) -> str:
    if not down:
        return f"h{_tenths(across)}" if across else ""
    return f"l{_joined([across, down])}" if across else f"v{_tenths(down)}"


def _joined(numbers: Sequence[int]) -> str:
    texts = [_tenths(each) for each in numbers]
    return texts[0] + "".join(text if text.startswith("-") else f" {text}" for text in texts[1:])


def _tenths(value: int) -> str:
    text = f"{abs(value) // 10 or ''}{f'.{abs(value) % 10}' if value % 10 else ''}"
    return f"{'-' if value < 0 else ''}{text or '0'}"
