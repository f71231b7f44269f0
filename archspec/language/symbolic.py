"""Sizes that are not known yet, such as `H` of `input: [3, H, W]`: exact arithmetic in one normal form.

A symbolic size is a polynomial over atoms: symbols, whole numbers from 1; floors of quotients; products with a float,
rounded down as torch does; maxima. Floors of floors are one floor, what divides without a rest stands outside of it,
and what does not depend on a symbol is a Python number at once: `((H - 1) // 2 + 1 - 1) // 2 + 1` is `floor((H +
3)/4)`.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from fractions import Fraction
from functools import cached_property
from typing import Any, NamedTuple, TypeAlias

MOST_TERMS = 1000
"""Terms of one polynomial, so that products of sums stay small."""

MOST_FACTORS = 64
"""Atoms of one term."""
MOST = 10**45
"""The largest factor of a term."""

Number: TypeAlias = "int | Fraction"
Monomial: TypeAlias = "tuple[Atom, ...]"
"""A product of atoms in the order of their texts; one that stands twice is squared."""


class UndecidedError(TypeError):
    """A comparison whose outcome depends on symbolic sizes."""


class TooComplexError(ArithmeticError):
    """A symbolic size has become too long."""


class Atom:
    """What a symbolic size is made of; two with the same text are equal."""

    text: str
    parts: tuple[Symbolic, ...] = ()
    """The sizes inside it."""

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Atom) and self.text == other.text

    def __hash__(self) -> int:
        return hash(self.text)

    def __lt__(self, other: Atom) -> bool:
        return self.text < other.text

    @property
    def names(self) -> frozenset[str]:
        """The symbols in it."""
        return frozenset().union(*(part.names for part in self.parts))

    def at(self, sizes: Mapping[str, Any]) -> Any:
        """The value for these sizes of symbols."""
        raise NotImplementedError

    def bounds(self) -> Envelope:
        """What it lies between."""
        raise NotImplementedError

    def period(self) -> int:
        """A number of steps after which it has grown by a whole number, the same from every size; 0 for none."""
        raise NotImplementedError


class Envelope(NamedTuple):
    """A bound of a size: `slopes` times the symbols plus a number from `least` to `greatest`."""

    slopes: Mapping[str, Number]
    least: float | Number
    greatest: float | Number

    @classmethod
    def unknown(cls, least: float | Number, greatest: float | Number = math.inf) -> Envelope:
        """Of what no more is known than that it lies between two numbers."""
        return cls({}, least, greatest)

    def scaled(self, factor: Number) -> Envelope:
        """The bounds of so many times the size."""
        ends = sorted((_times(self.least, factor), _times(self.greatest, factor)))
        return Envelope({name: slope * factor for name, slope in self.slopes.items()}, *ends)

    def plus(self, other: Envelope) -> Envelope:
        """The bounds of a sum."""
        slopes = dict(self.slopes)
        for name, slope in other.slopes.items():
            slopes[name] = slopes.get(name, 0) + slope
        return Envelope(slopes, self.least + other.least, self.greatest + other.greatest)

    @property
    def lower(self) -> float | Number:
        """The least that the size can be, since symbols are 1 or more."""
        return -math.inf if any(each < 0 for each in self.slopes.values()) else sum(self.slopes.values(), self.least)

    @property
    def upper(self) -> float | Number:
        """The most that the size can be."""
        return math.inf if any(each > 0 for each in self.slopes.values()) else sum(self.slopes.values(), self.greatest)


def _times(end: float | Number, factor: Number) -> float | Number:
    return end * factor if factor else 0


class Symbol(Atom):
    """A whole number from 1 that is known when the network runs."""

    def __init__(self, name: str) -> None:
        self.text = name

    @property
    def names(self) -> frozenset[str]:
        return frozenset({self.text})

    def at(self, sizes: Mapping[str, Any]) -> Any:
        return sizes[self.text] if self.text in sizes else Symbolic({(self,): 1})

    def bounds(self) -> Envelope:
        return Envelope({self.text: 1}, 0, 0)

    def period(self) -> int:
        return 1


class Floor(Atom):
    """A quotient by a whole number, rounded down."""

    def __init__(self, dividend: Symbolic, divisor: int) -> None:
        self.parts, self.divisor = (dividend,), divisor
        inner = str(dividend)
        self.text = f"floor({f'({inner})' if ' ' in inner else inner}/{divisor})"

    def at(self, sizes: Mapping[str, Any]) -> Any:
        return self.parts[0].at(sizes) // self.divisor

    def bounds(self) -> Envelope:
        share = Fraction(1, self.divisor)
        return self.parts[0].envelope.scaled(share).plus(Envelope.unknown(share - 1, 0))

    def period(self) -> int:
        return self.divisor * self.parts[0].period


class Scaled(Atom):
    """A size times a float, in double precision, rounded down: the size that `nn.Upsample` gives."""

    def __init__(self, size: Symbolic, factor: float) -> None:
        self.parts, self.factor = (size,), factor
        inner = str(size)
        self.text = f"floor({factor!r}*{f'({inner})' if ' ' in inner else inner})"

    def at(self, sizes: Mapping[str, Any]) -> Any:
        return scaled(self.parts[0].at(sizes), self.factor)

    def bounds(self) -> Envelope:
        # the double's product may be rounded up to the next whole number
        return self.parts[0].envelope.scaled(Fraction(self.factor)).plus(Envelope.unknown(-1, 1))

    def period(self) -> int:
        return 0


class Maximum(Atom):
    """The larger of two sizes."""

    def __init__(self, one: Symbolic, other: Symbolic | int) -> None:
        self.both: tuple[Symbolic | int, Symbolic | int] = (one, other)
        self.parts = tuple(each for each in self.both if isinstance(each, Symbolic))
        self.text = f"max({', '.join(sorted(map(str, self.both)))})"

    def at(self, sizes: Mapping[str, Any]) -> Any:
        one, other = (each.at(sizes) if isinstance(each, Symbolic) else each for each in self.both)
        return larger(one, other)

    def bounds(self) -> Envelope:
        return Envelope.unknown(max(each.lower if isinstance(each, Symbolic) else each for each in self.both))

    def period(self) -> int:
        return math.lcm(*(part.period for part in self.parts))


class Symbolic:
    """A size that depends on symbols. Arithmetic on it gives another, or a number where no symbol is left."""

    def __init__(self, terms: Mapping[Monomial, Number]) -> None:
        self.terms = terms
        """The factor of each product of atoms; the empty product's is the constant."""

    @cached_property
    def _key(self) -> frozenset[tuple[Monomial, Number]]:
        return frozenset(self.terms.items())

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Symbolic) and self.terms == other.terms

    def __hash__(self) -> int:
        return hash(self._key)

    @cached_property
    def names(self) -> frozenset[str]:
        """The names of the symbols in it."""
        return frozenset().union(*(atom.names for monomial in self.terms for atom in monomial))

    @property
    def free_symbols(self) -> set[Symbolic]:
        """The symbols in it, each as a size."""
        return {symbol(name) for name in self.names}

    @cached_property
    def complexity(self) -> int:
        """How many terms it has, those inside its atoms included."""
        inner = (part.complexity for monomial in self.terms for atom in monomial for part in atom.parts)
        return len(self.terms) + sum(inner)

    @property
    def degree(self) -> int:
        """The most atoms in one term."""
        return max(map(len, self.terms))

    @property
    def is_factor(self) -> bool:
        """Whether its text is that of one atom, which needs no brackets in a product."""
        (factor, monomial), *others = self.ordered()
        return not others and factor == 1 and len(monomial) == 1

    @cached_property
    def grows(self) -> bool:
        """Whether it is never less for larger symbols, and past any number for large ones."""
        parts = (part for monomial in self.terms for atom in monomial for part in atom.parts)
        return all(factor > 0 for monomial, factor in self.terms.items() if monomial) and all(
            part.grows for part in parts
        )

    @property
    def is_polynomial(self) -> bool:
        """Whether nothing in it is rounded."""
        return all(isinstance(atom, Symbol) for monomial in self.terms for atom in monomial)

    @property
    def constant(self) -> Number:
        """What does not depend on a symbol."""
        return self.terms.get((), 0)

    @cached_property
    def envelope(self) -> Envelope:
        """What it lies between, for symbols of any size."""
        total = Envelope({}, 0, 0)
        for monomial, factor in self.terms.items():
            total = total.plus(_bounds_of(monomial).scaled(factor))
        return total

    @property
    def lower(self) -> float | Number:
        """A number that it is never below."""
        return self.envelope.lower

    @property
    def upper(self) -> float | Number:
        """A number that it is never above."""
        return self.envelope.upper

    @cached_property
    def period(self) -> int:
        """A number of steps of a symbol after which its rounding repeats; 0 where it never does."""
        return math.lcm(*(atom.period() for monomial in self.terms for atom in monomial))

    def maxima(self) -> Iterator[tuple[Symbolic | int, Symbolic | int]]:
        """The sizes of which the larger is taken somewhere in it."""
        for atom in {atom for monomial in self.terms for atom in monomial}:
            if isinstance(atom, Maximum):
                yield atom.both
            for part in atom.parts:
                yield from part.maxima()

    def at(self, sizes: Mapping[str, Any]) -> Any:
        """The value for these sizes of symbols, by name; symbols that are not among them stay."""
        total: Any = 0
        for monomial, factor in self.terms.items():
            for atom in monomial:
                factor = factor * atom.at(sizes)
            total = total + factor
        return _plain(total)

    def subs(self, sizes: Mapping[Any, Any]) -> Any:
        """The value for these sizes, by symbol or name."""
        return self.at({str(each): size for each, size in sizes.items()})

    def __neg__(self) -> Any:
        return self * -1

    def __pos__(self) -> Symbolic:
        return self

    def __add__(self, other: Any) -> Any:
        return total((self, other)) if _is_size(other) else NotImplemented

    __radd__ = __add__

    def __sub__(self, other: Any) -> Any:
        return total((self, other * -1)) if _is_size(other) else NotImplemented

    def __rsub__(self, other: Any) -> Any:
        return -self + other

    def __mul__(self, other: Any) -> Any:
        if not _is_size(other):
            return NotImplemented
        factors = other.terms if isinstance(other, Symbolic) else {(): _exact(other)}
        if len(factors) * len(self.terms) > MOST_TERMS and min(len(factors), len(self.terms)) > 1:
            raise TooComplexError
        found: dict[Monomial, Number] = {}
        for one, factor in self.terms.items():
            for two, times in factors.items():
                monomial = tuple(sorted((*one, *two))) if one and two else one or two
                found[monomial] = found.get(monomial, 0) + factor * times
        return _made(found)

    __rmul__ = __mul__

    def __pow__(self, exponent: int) -> Any:
        return math.prod([self] * exponent)

    def __truediv__(self, other: Any) -> Any:
        if isinstance(other, Symbolic):
            raise UndecidedError
        return self * (1 / Fraction(_exact(other)))

    def __floordiv__(self, other: Any) -> Any:
        if isinstance(other, Symbolic):
            return _quotient(self, other)
        divisor = Fraction(_exact(other))
        return _divided(self * divisor.denominator, divisor.numerator)

    def __mod__(self, other: Any) -> Any:
        return self - self // other * other

    def __rtruediv__(self, other: Any) -> Any:
        raise UndecidedError

    __rfloordiv__ = __rmod__ = __rpow__ = __rtruediv__

    def __lt__(self, other: Any) -> bool:
        return _below(self - other)

    def __gt__(self, other: Any) -> bool:
        return _below(other - self)

    def __le__(self, other: Any) -> bool:
        return not _below(other - self)

    def __ge__(self, other: Any) -> bool:
        return not _below(self - other)

    def __repr__(self) -> str:
        return self._text

    @cached_property
    def _text(self) -> str:
        first, *others = self.ordered()
        text = _term_text(*first)
        for factor, monomial in others:
            text += f" {'-' if factor < 0 else '+'} {_term_text(max(factor, -factor), monomial)}"
        return text

    def ordered(self) -> list[tuple[Number, Monomial]]:
        """The terms for a reader: higher powers first, the constant last."""
        terms = self.terms
        if not any(factor < 0 for monomial, factor in terms.items() if monomial):
            terms = _gathered(terms)
        return [
            (terms[each], each)
            for each in sorted(terms, key=lambda each: (-len(each), _is_negative(terms[each]), each))
        ]


def _is_negative(factor: Number) -> bool:
    return factor < 0


def _gathered(terms: Mapping[Monomial, Number]) -> Mapping[Monomial, Number]:
    """The same size with `H + floor(H/2)` as `floor(3*H/2)`."""
    floors = [each for each in terms if len(each) == 1 and isinstance(each[0], Floor) and terms[each] == 1]
    rest = {each: factor for each, factor in terms.items() if each and each not in floors}
    if len(floors) != 1 or not rest:
        return terms
    ((floor,),) = floors
    assert isinstance(floor, Floor)
    if not rest.keys() <= floor.parts[0].terms.keys():
        return terms
    inside = dict(floor.parts[0].terms)
    for each, factor in rest.items():
        inside[each] += factor * floor.divisor
    merged: Mapping[Monomial, Number] = {(Floor(Symbolic(inside), floor.divisor),): 1}
    return {**merged, (): terms[()]} if () in terms else merged


def symbol(name: str) -> Symbolic:
    """A size that is not known until the network runs."""
    return Symbolic({(Symbol(name),): 1})


def total(values: Iterable[Any]) -> Any:
    """The sum of numbers and symbolic sizes."""
    terms: dict[Monomial, Number] = {}
    for value in values:
        for monomial, factor in value.terms.items() if isinstance(value, Symbolic) else (((), _exact(value)),):
            terms[monomial] = terms.get(monomial, 0) + factor
    return _made(terms)


def scaled(size: Any, factor: float) -> Any:
    """A size times a float, in double precision, rounded down.

    >>> scaled(10, 0.7), scaled(symbol("H"), 0.7), scaled(symbol("H"), 1.5)
    (7, floor(0.7*H), floor(3*H/2))
    """
    if not isinstance(size, Symbolic):
        return int(float(size) * factor)
    numerator, denominator = float(factor).as_integer_ratio()
    if numerator < _EXACT:
        return size * numerator // denominator
    return Symbolic({(Scaled(size, float(factor)),): 1})


_EXACT = 2**22
"""Below this, a factor's numerator times any size that fits in memory is a double without rounding."""


def larger(one: Any, other: Any) -> Any:
    """The larger of two sizes.

    >>> larger(symbol("H"), symbol("H") // 2), larger(symbol("H"), symbol("W"))
    (H, max(H, W))
    """
    try:
        return one if one >= other else other
    except UndecidedError:
        pass
    try:
        return other if other >= one else one
    except UndecidedError:
        first, second = (one, other) if isinstance(one, Symbolic) else (other, one)
        return Symbolic({(Maximum(first, second),): 1})


def _is_size(value: Any) -> bool:
    return isinstance(value, (Symbolic, int, float, Fraction))


def _exact(value: Any) -> Number:
    return Fraction(repr(value)) if isinstance(value, float) else value


def _plain(value: Any) -> Any:
    """A number as Python's own: a whole one as `int`."""
    if not isinstance(value, Fraction):
        return value
    return int(value) if value.denominator == 1 else float(value)


def _made(terms: dict[Monomial, Number]) -> Any:
    """A size in normal form, or a number where no symbol is left."""
    kept = {each: _whole(factor) for each, factor in terms.items() if factor}
    if not kept or (len(kept) == 1 and () in kept):
        return _plain(kept.get((), 0))
    if any(not -MOST <= factor <= MOST or len(each) > MOST_FACTORS for each, factor in kept.items()):
        raise TooComplexError
    return Symbolic(kept)


def _whole(factor: Number) -> Number:
    return factor.numerator if factor.denominator == 1 else factor


def _divided(dividend: Any, divisor: int) -> Any:
    """A quotient, rounded down."""
    if not isinstance(dividend, Symbolic):
        return _plain(dividend) // divisor
    if divisor < 0:
        return _divided(-dividend, -divisor)
    common = math.lcm(*(Fraction(factor).denominator for factor in dividend.terms.values()))
    if common > 1:
        return _divided(dividend * common, divisor * common)
    outside: dict[Monomial, Number] = {}
    inside: dict[Monomial, Number] = {}
    for monomial, factor in dividend.terms.items():
        outside[monomial], inside[monomial] = divmod(factor, divisor)
    return _made(outside) + _floor(_made(inside), divisor)


def _floor(dividend: Any, divisor: int) -> Any:
    """A quotient whose dividend has whole factors below the divisor, rounded down."""
    if not isinstance(dividend, Symbolic):
        return dividend // divisor
    common = math.gcd(divisor, *(int(factor) for monomial, factor in dividend.terms.items() if monomial))
    if common > 1:
        reduced: dict[Monomial, Number] = {each: factor // common for each, factor in dividend.terms.items()}
        return _divided(_made(reduced), divisor // common)
    for monomial in sorted(dividend.terms):
        if len(monomial) == 1 and isinstance(floor := monomial[0], Floor) and dividend.terms[monomial] == 1:
            rest = dividend - Symbolic({monomial: 1})
            return _divided(rest * floor.divisor + floor.parts[0], divisor * floor.divisor)
    return Symbolic({(Floor(dividend, divisor),): 1}) if divisor > 1 else dividend


def _quotient(dividend: Symbolic, divisor: Symbolic) -> Any:
    """The quotient of two sizes where it leaves nothing over whatever they are; raises `UndecidedError` elsewhere."""
    lead, factor = max(divisor.terms.items(), key=lambda term: (len(term[0]), term[0]))
    for monomial, times in dividend.terms.items():
        left = Counter(monomial)
        left.subtract(lead)
        if times % factor or min(left.values(), default=0) < 0:
            continue
        part = _made({tuple(sorted(left.elements())): times // factor})
        rest = dividend - part * divisor
        if not isinstance(rest, Symbolic):
            if rest == 0:
                return part
        elif len(rest.terms) < len(dividend.terms):
            return part + _quotient(rest, divisor)
    raise UndecidedError


def _bounds_of(monomial: Monomial) -> Envelope:
    """The bounds of a product of atoms."""
    if not monomial:
        return Envelope.unknown(1, 1)
    if len(monomial) == 1:
        return monomial[0].bounds()
    lower, upper = zip(*((each.bounds().lower, each.bounds().upper) for each in monomial))
    return Envelope.unknown(math.prod(lower), math.prod(upper)) if min(lower) >= 0 else Envelope.unknown(-math.inf)


def _below(difference: Any) -> bool:
    """Whether a difference is negative, whatever the symbols are."""
    if not isinstance(difference, Symbolic):
        return bool(difference < 0)
    if difference.upper < 0:
        return True
    if difference.lower >= 0:
        return False
    raise UndecidedError


def _term_text(factor: Number, monomial: Monomial) -> str:
    if not monomial:
        return str(factor)
    text = monomial_text(monomial)
    numerator, denominator = factor.numerator, factor.denominator
    sign, numerator = ("-" if numerator < 0 else ""), abs(numerator)
    text = f"{sign}{text}" if numerator == 1 else f"{sign}{numerator}*{text}"
    return text if denominator == 1 else f"{text}/{denominator}"


def monomial_text(monomial: Monomial) -> str:
    """A product of atoms: `H**2*W`."""
    powers = {atom: monomial.count(atom) for atom in monomial}
    return "*".join(atom.text if power == 1 else f"{atom.text}**{power}" for atom, power in powers.items())
