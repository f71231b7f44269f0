"""What one page may cost: a budget for all that is worked out of it, so that no page takes long or fills the memory.

Whatever a page can multiply is paid for where it is worked out: nodes, copies, the names that each of them sees, lists
in expressions, the length of addresses, whole elaborations for variants and figures. Prices are about microseconds.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from itertools import islice

from msgspec import Struct

MAX_WORK = 4_000_000
"""What a page may cost in all: a few seconds. The dearest bundled one costs a twentieth of this."""
MAX_COMPARED = 20_000
"""So many names are compared with misspelt ones, for all messages of a page."""

ELABORATION = 300
NODE = 20
COPY = 3
KEPT_NODE = 5
"""A node of a block that was elaborated before."""
NAME = 4
"""A node's name looked up."""
CHARACTERS = 8
"""So many characters of an address cost one."""
NAMES = 25
"""So many names of a scope cost one to copy."""
ITEMS = 10
"""So many items of a list cost one to make."""
COMPARED = 4
"""So many items of two lists cost one to compare."""
PARTS = 5
"""So many parts of an expression cost one to compute."""


class SpentError(Exception):
    """A page has cost all that it may."""


class Budget(Struct):
    """What is left of what a page may cost."""

    work: int = MAX_WORK
    compared: int = MAX_COMPARED

    def spend(self, amount: int) -> None:
        """Pay for something that is about to be worked out; raises `SpentError` where too little is left."""
        self.work -= amount
        if self.work < 0:
            raise SpentError

    def affordable(self, word: str, names: Iterable[str]) -> list[str]:
        """As many of some names as may still be compared with a misspelt word: longer ones take longer."""
        price = 1 + len(word) ** 2 // 400
        found = list(islice(names, max(0, self.compared // price)))
        self.compared -= len(found) * price + 1
        return found


_current: ContextVar[Budget | None] = ContextVar("budget", default=None)


def current() -> Budget:
    """The budget of the page at hand; a new one where none is."""
    return _current.get() or Budget()


@contextmanager
def of_one_page(budget: Budget | None = None) -> Iterator[None]:
    """Work on a page: all that is done meanwhile is paid from one budget, where one is open already from that."""
    token = _current.set(budget or current())
    try:
        yield
    finally:
        _current.reset(token)


def spend(amount: int) -> None:
    """Pay from the budget of the page at hand, if there is one."""
    budget = _current.get()
    if budget is not None:
        budget.spend(amount)
