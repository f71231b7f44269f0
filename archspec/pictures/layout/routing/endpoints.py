"""Where several wires come to one box, side by side: as many as can be without a turn."""

from __future__ import annotations

from collections.abc import Callable, Sequence

APART = 16.0
"""Between wires that end at one box."""
NEAREST = 10.0
"""Between such wires, where they come straight."""
ASIDE = (0.0, 4.0, -4.0, 7.0, -7.0)
"""How far aside of its place a wire may end, so as not to run over others."""


def entered(
    left: float, right: float, wanted: Sequence[float | None], is_clear: Callable[[int, float], bool]
) -> list[float]:
    """Where each of several wires ends between two places, in their order.

    `wanted` is where each would end without a turn, where that is known; of those that turn, none ends where others go,
    of which `is_clear` tells.
    """
    many, middle = len(wanted), (left + right) / 2
    apart = min(APART, (right - left) / many)
    usual = [middle + apart * (place - (many - 1) / 2) for place in range(many)]
    straight = _straight(left, right, wanted, usual)
    ends: list[float] = []
    for place, end in enumerate(usual):
        if place in straight:
            ends.append(straight[place])
            continue
        before = max((each for each in straight if each < place), default=None)
        after = min((each for each in straight if each > place), default=None)
        low = left if before is None else straight[before]
        high = right if after is None else straight[after]
        if before is not None and after is not None:
            step = min(apart, (high - low) / (after - before))
            end = min(max(end, low + step * (place - before)), high - step * (after - place))
        elif before is not None:
            step = min(apart, (high - low) / (many - before - 0.5))
            end = max(end, low + step * (place - before))
        elif after is not None:
            step = min(apart, (high - low) / (after + 0.5))
            end = min(end, high - step * (after - place))
        ends.append(end)
    return [end if place in straight else _aside(place, ends, is_clear) for place, end in enumerate(ends)]


def _straight(left: float, right: float, wanted: Sequence[float | None], usual: Sequence[float]) -> dict[int, float]:
    """The wires that end without a turn: those that must move least, with room for all others between them."""
    found: dict[int, float] = {}
    near = min(NEAREST, (right - left) / len(wanted))
    asked = [(abs(want - usual[place]), place, want) for place, want in enumerate(wanted) if want is not None]
    for _, place, want in sorted(asked):
        fixed = found.items()
        low = max([left + near * place, *(x + near * (place - each) for each, x in fixed if each < place)])
        high = min(
            [
                right - near * (len(wanted) - 1 - place),
                *(x - near * (each - place) for each, x in fixed if each > place),
            ]
        )
        if low - 0.1 <= want <= high + 0.1:
            found[place] = want
    return found


def _aside(place: int, ends: Sequence[float], is_clear: Callable[[int, float], bool]) -> float:
    """The place of a wire, or one a little aside that is clear of others."""
    end = ends[place]
    beside = [*ends[max(0, place - 1) : place], *ends[place + 1 : place + 2]]
    places = (end + far for far in ASIDE if all(abs(end + far - each) > NEAREST / 2 for each in beside))
    return next((each for each in places if is_clear(place, each)), end)
