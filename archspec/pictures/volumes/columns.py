"""Maps → the columns of a picture: folded, from one map a column down to one stage a column, until they are few."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import groupby, takewhile

from msgspec import Struct
from msgspec.structs import replace

from archspec.pictures.volumes.feature_maps import Map

FEW = 9
"""The most columns of a picture that has each pooled map in one of its own."""
MOST = 11
"""The most columns of a picture, where folding can reach it."""


class Column(Struct, frozen=True):
    """One map, or several neighbours that are one stage.

    `words` say how the first came from the column before, an op each, and `inside` what a stage is made of; `name` is
    what the spec calls it. `skips` are the numbers of the columns that are joined in, `feeds` the further
    inputs of the network that come in here.
    """

    maps: tuple[Map, ...]
    words: tuple[str, ...]
    inside: tuple[str, ...] = ()
    name: str = ""
    skips: tuple[int, ...] = ()
    feeds: tuple[str, ...] = ()
    first: Map | None = None
    """The first of its maps, where that is no longer among them."""

    @property
    def last(self) -> Map:
        return self.maps[-1]


def columns(found: Sequence[Map], single_maps: bool = True) -> list[Column]:
    """The columns, as little folded as their number allows; each map in one of its own only where that may be."""
    single = [Column((each,), (each.words,) if each.words else ()) for each in found]
    pooled = _without_pools(single)
    folds = [single, *(_merged(pooled, alike) for alike in (_copies, _equal, _akin, _of_one_size))]
    fits = [single_maps and is_short(found), *(len(each) <= MOST for each in folds[1:])]
    chosen = next((each for each, fit in zip(folds, fits) if fit), folds[-1])
    return _joined(_named(list(map(_worded, chosen))), found)


def is_short(found: Sequence[Map]) -> bool:
    """Whether each map can have a column of its own, pooled ones too."""
    return len(found) <= FEW and all(each.role != "block" for each in found)


def _without_pools(single: Sequence[Column]) -> list[Column]:
    """Maps that only pool, pad or join become words on the way to the next layer's map."""
    kept: list[Column] = []
    words: tuple[str, ...] = ()
    for number, column in enumerate(single):
        if column.last.layer or number == len(single) - 1:
            kept.append(replace(column, words=(*words, *column.words)))
            words = ()
        else:
            words = (*words, *column.words)
    return kept


def _merged(apart: Sequence[Column], alike: Callable[[Map, Map], bool]) -> list[Column]:
    """Neighbours that are alike, with nothing between them, in one column."""
    found: list[Column] = []
    for column in apart:
        if found and len(column.words) == 1 and _is_one(found[-1].last, column.last, alike):
            found[-1] = replace(found[-1], maps=(*found[-1].maps, *column.maps))
        else:
            found.append(column)
    return found


def _is_one(one: Map, other: Map, alike: Callable[[Map, Map], bool]) -> bool:
    return one.role not in ("input", "detection") and not one.levels and not other.levels and alike(one, other)


def _copies(one: Map, other: Map) -> bool:
    return one.role == "block" and _equal(one, other)


def _equal(one: Map, other: Map) -> bool:
    return one.shape == other.shape and one.steps == other.steps and one.sort == other.sort


def _akin(one: Map, other: Map) -> bool:
    return bool(one.sizes) and one.sizes == other.sizes and one.sort == other.sort


def _of_one_size(one: Map, other: Map) -> bool:
    return one.sizes == other.sizes and (bool(one.sizes) or one.role == other.role)


def _worded(column: Column) -> Column:
    """The column with its words: a stage's own ops stand with it, equal neighbours among them as `×N`."""
    own = [each.words for each in column.maps if each.words]
    before = column.words[:-1] if own else column.words
    counted = ((words, len(list(group))) for words, group in groupby(own))
    told = tuple(words if times == 1 else f"{words} ×{times}" for words, times in counted)
    stage = len(column.maps) > 1 or column.last.role == "block"
    return replace(column, words=before if stage else (*before, *told), inside=told if stage else ())


def _named(found: Sequence[Column]) -> list[Column]:
    """The columns with the names that the spec gives to what is in them and nowhere else."""
    homes: dict[str, set[Map]] = {}
    for column in found:
        for each in column.maps:
            for address in _prefixes([each]):
                homes.setdefault(address, set()).add(each)
    return [replace(column, name=_name(column, homes)) for column in found]


def _name(column: Column, homes: Mapping[str, set[Map]]) -> str:
    """The name of the block that is all in a column, or the first and the last of several."""
    if column.last.role == "input":
        return column.last.address.removeprefix("input-")
    for address in _prefixes(column.maps):
        name = address.rpartition(".")[2]
        if homes[address] <= {*column.maps} and not name.isdigit():
            return name
    own = [_name(replace(column, maps=(each,)), homes) for each in column.maps if len(column.maps) > 1]
    return _range(own[0], own[-1]) if own and all(own) else ""


def _prefixes(maps: Sequence[Map]) -> list[str]:
    """The addresses of all blocks around maps, and of the op or block itself where it is one; outer ones first."""
    parts = [each.address.split(".") for each in maps]
    shared = [level[0] for level in takewhile(lambda level: len(set(level)) == 1, zip(*parts))]
    return [".".join(shared[:end]) for end in range(1, len(shared) + 1)]


def _range(first: str, last: str) -> str:
    """`inception4a`, `inception4e` → `inception4a–e`.

    >>> _range("inception4a", "inception4e"), _range("conv2", "conv3"), _range("stem", "body")
    ('inception4a–e', 'conv2–3', 'stem–body')
    """
    return f"{first}–{last[-1] if first[:-1] == last[:-1] else last}"


def _joined(found: Sequence[Column], everything: Sequence[Map]) -> list[Column]:
    """The columns with the skips of their maps, as numbers of columns, and the inputs that come in there.

    A map that was folded is in the column after it.
    """
    home: dict[str, int] = {}
    for number, column in enumerate(found):
        home |= {each.address: number for each in column.maps}
    places: list[int] = []
    for each in reversed(everything):
        places.append(home.get(each.address, places[-1] if places else len(found) - 1))
    places.reverse()
    skips: dict[int, set[int]] = {}
    feeds: dict[int, tuple[str, ...]] = {}
    for place, each in enumerate(everything):
        feeds[places[place]] = (*feeds.get(places[place], ()), *each.feeds)
        for source in each.skips:
            if places[source] < places[place] - 1:
                skips.setdefault(places[place], set()).add(places[source])
    return [
        replace(column, skips=tuple(sorted(skips.get(number, ()))), feeds=feeds[number])
        for number, column in enumerate(found)
    ]
