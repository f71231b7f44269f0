"""Who reads which value inside a template, and until when.

The first value has two readers, so it has to wait for the second:

>>> from archspec.elaborate.example import example
>>> from archspec.graph.model import Ref
>>> from archspec.templates import fold
>>> flow = Dataflow(fold(example('{a: relu, b: tanh, sum: {add: [b, a]}}')).root)
>>> flow.forks(Ref(0)), flow.last(Ref(0)), flow.sums(2)
(True, 2, True)
"""

from __future__ import annotations

from collections import defaultdict
from functools import cached_property

from msgspec import Struct

from archspec.graph.model import ENCLOSING, Leaf, Ref
from archspec.templates import Template


class Dataflow(Struct, frozen=True, dict=True):
    """The readers of a template's values; the results count as one more reader after the last child."""

    template: Template

    @property
    def end(self) -> int:
        """The number of the reader that stands for the results."""
        return len(self.template.children)

    @cached_property
    def readers(self) -> dict[Ref, list[int]]:
        """For each value the children that take it, in order, each once."""
        found: dict[Ref, list[int]] = defaultdict(list)
        for number, child in enumerate(self.template.children):
            for ref in dict.fromkeys(child.inputs):
                found[ref].append(number)
        for ref in dict.fromkeys(result.ref for result in self.template.results):
            found[ref].append(self.end)
        return found

    def last(self, ref: Ref) -> int:
        """The last reader of a value; before the first child where there is none."""
        return self.readers[ref][-1] if ref in self.readers else ENCLOSING

    def forks(self, ref: Ref) -> bool:
        """Whether several read the value."""
        return len(self.readers.get(ref, ())) > 1

    def stretch(self, number: int) -> tuple[list[int], int]:
        """The children from `number` on of which each alone reads the one before it, and who reads the last one.

        The reader is a child that joins several values, or `end`, or -1 where the value forks.
        """
        numbers = [number]
        while True:
            ref = Ref(numbers[-1])
            if self.forks(ref) or ref not in self.readers:
                return numbers, ENCLOSING
            (reader,) = self.readers[ref]
            if reader == self.end or len(self.template.children[reader].inputs) > 1:
                return numbers, reader
            numbers.append(reader)

    def waits(self, ref: Ref) -> bool:
        """Whether a value is kept in a variable while the main path continues.

        It is a result, or its readers go different ways, or they meet in a join that is no sum, or past another fork.
        """
        if ref.child == ENCLOSING or not self.forks(ref):
            return False
        children = self.template.children
        readers = [each for each in self.readers[ref] if each == self.end or not children[each].node.training]
        if len(readers) < 2:
            return False
        meets = {self._meets(reader) for reader in readers}
        if len(meets) > 1 or not meets.isdisjoint({ENCLOSING, self.end}):
            return True
        (join,) = meets
        if join in readers and not self.sums(join):
            return True
        return any(self.forks(Ref(other)) for other in range(ref.child + 1, self.last(ref)))

    def _meets(self, reader: int) -> int:
        """The join at which a reader's stretch ends, which may be the reader itself."""
        if reader == self.end or len(self.template.children[reader].inputs) > 1:
            return reader
        return self.stretch(reader)[1]

    def sums(self, number: int) -> bool:
        """Whether a child adds or scales, so that it carries on what it takes."""
        node = self.template.children[number].node
        return isinstance(node, Leaf) and node.op.carries_on

    def parallel(self, number: int) -> bool:
        """Whether a child starts a branch that meets another branch of the same value again."""
        inputs = self.template.children[number].inputs
        others = [reader for reader in self.readers[inputs[0]] if reader != number] if inputs else []
        if not others:
            return False
        _, meets = self.stretch(number)
        return (
            meets != ENCLOSING
            and meets != self.end
            and any(other == meets or (other != self.end and self.stretch(other)[1] == meets) for other in others)
        )
