"""Constructor calls as small trees, so that those of two instances can be compared and folded into one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from msgspec import Struct

if TYPE_CHECKING:
    from archspec.templates.template import Template


class Constant(Struct, frozen=True, eq=False):
    """A plain value; `1`, `1.0` and `True` differ."""

    value: Any

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Constant) and repr(self.value) == repr(other.value)

    def __ne__(self, other: object) -> bool:
        return not self == other  # a Struct's own `!=` does not ask its `==`

    def __hash__(self) -> int:
        return hash(repr(self.value))


class Reference(Struct, frozen=True):
    """A class by its name: `nn.ReLU`, given where it is to be called."""

    name: str


class Given(Struct, frozen=True):
    """What the enclosing template was given: a parameter times `factor`, divided by `divisor`."""

    parameter: str
    factor: int = 1
    divisor: int = 1


class Comparison(Struct, frozen=True):
    """Whether two values are equal, or where `equal` is false, whether they differ."""

    left: Expression
    right: Expression
    equal: bool


class Condition(Struct, frozen=True):
    """Comparisons of which all must hold, or where `every` is false, any."""

    parts: tuple[Comparison, ...]
    every: bool = True


class Hole(Struct, frozen=True):
    """A place where instances differ, until its parameter is named."""

    number: int


class Listed(Struct, frozen=True):
    """A list of whole numbers, of which some differ between instances: `(1, stride, stride)`.

    Where it is `per_dimension`, one number alone means the same as a list of it.
    """

    items: tuple[Expression, ...]
    per_dimension: bool = True


class Counted(Struct, frozen=True):
    """A number that grows with the index of a repetition: `start + step * i`."""

    start: int
    step: int


def listed(items: tuple[Expression, ...], per_dimension: bool) -> Expression:
    """A list; a plain value where none of its items differs, and one for all where that means the same."""
    if per_dimension and isinstance(items[0], Given) and all(item == items[0] for item in items):
        return items[0]
    constants = [item.value for item in items if isinstance(item, Constant)]
    return Constant(tuple(constants)) if len(constants) == len(items) else Listed(items, per_dimension)


class Item(Struct, frozen=True):
    """One argument of a call; `default` is `None` where it must be written.

    Where it is `per_dimension`, one number means the same as a list of it.
    """

    name: str
    value: Expression
    default: Expression | None = None
    positional: bool = False
    per_dimension: bool = False

    @property
    def shown(self) -> bool:
        """Whether the call must give it."""
        return self.value != self.default


class Construct(Struct, frozen=True):
    """A constructor call of torch's class, a template or a class that was given."""

    callee: str | Template | Given | Hole
    items: tuple[Item, ...] = ()
    frozen: bool = False


class Link(Struct, frozen=True):
    """One module of a chain; `present` is a truth value that an instance may switch off."""

    slot: tuple[Any, ...]
    name: str
    label: str
    value: Expression
    present: Expression = Constant(True)


class Chain(Struct, frozen=True):
    """Modules of which each takes what the one before it gives."""

    links: tuple[Link, ...]
    numbered: bool
    frozen: bool = False


Expression: TypeAlias = Constant | Reference | Given | Listed | Condition | Hole | Counted | Construct | Chain
