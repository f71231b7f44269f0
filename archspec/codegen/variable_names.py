"""Names for the values in `forward`, as one would choose by hand: `x` along the way, names for what waits."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain, count

from msgspec import Struct, field

from archspec.codegen.liveness import Dataflow
from archspec.graph.model import ENCLOSING, Block, Leaf, Ref
from archspec.language.identifiers import variable
from archspec.templates import Child, Template
from archspec.templates.grouped_differences import TAKEN

MAIN = "x"
PLAIN = (MAIN, "out", "y")
"""Names that are given again and again; others are kept for one value."""


class Variables(Struct, dict=True):
    """Gives each value a variable; a variable is given again once its value is dead, so that memory is freed."""

    template: Template
    holder: dict[Ref, str] = field(default_factory=dict)
    occupant: dict[str, Ref] = field(default_factory=dict)
    held: Mapping[int, str] = field(default_factory=dict)
    """How the children are read that are tensors of the module, by number."""

    def __post_init__(self) -> None:
        self.flow = Dataflow(self.template)
        for number, name in enumerate(self.arguments()):
            self._bind(Ref(ENCLOSING, number), name)
        self.holder.update({Ref(number): text for number, text in self.held.items()})

    def arguments(self) -> tuple[str, ...]:
        """The names of forward's arguments."""
        names = self.template.input_names
        return (MAIN,) if len(names) == 1 else tuple(self._legal(name) for name in names)

    def assign(self, number: int) -> list[str]:
        """The variables of a child's outputs."""
        child = self.template.children[number]
        count = len(child.node.shapes)
        if count == 1:
            return [self._bind(Ref(number), self._choose(number, child))]
        names = self._several(number, child, count)
        return [self._bind(Ref(number, output), name) if name != "_" else name for output, name in enumerate(names)]

    def _bind(self, ref: Ref, name: str) -> str:
        self.holder[ref] = name
        self.occupant[name] = ref
        return name

    def _free(self, name: str, number: int) -> bool:
        """Whether a variable's value is not read after child `number`."""
        return name not in self.occupant or self.flow.last(self.occupant[name]) <= number

    def _choose(self, number: int, child: Child) -> str:
        """The variable of a child's only output."""
        ref = Ref(number)
        if self.flow.waits(ref) or child.node.training:
            return self._own_name(number)
        return self._carried_on(number, child) or self._main_name(number, child) or self._branch_name(number, child)

    def _carried_on(self, number: int, child: Child) -> str | None:
        """The variable of an input that is used last here, where the child's output takes its place."""
        dying = [ref for ref in child.inputs if self.flow.last(ref) == number and ref.child not in self.held]
        if len(set(child.inputs)) > 1:
            held = [self.holder[ref] for ref in dying]
            return next((name for name in PLAIN if name in held), None)
        if not dying or self.flow.parallel(number):
            return None
        name = self.holder[dying[0]]
        return name if name in PLAIN or not self.flow.forks(dying[0]) else None

    def _main_name(self, number: int, child: Child) -> str | None:
        """`x`, where nothing in it is needed any more."""
        source = child.inputs[0] if child.inputs else Ref(ENCLOSING)
        branch = self.flow.forks(source) and self.flow.parallel(number) and not self.flow.waits(source)
        return MAIN if not branch and self._free(MAIN, number) else None

    def _branch_name(self, number: int, child: Child) -> str:
        """A name for a new branch: what its children's names have in common, or the last one's name."""
        numbers, meets = self.flow.stretch(number)
        labels = [self.template.children[each].label for each in numbers]
        if len(numbers) == 1 and child.optional and child.maker:
            return self._fresh("identity", number)
        if self._is_residual(numbers, meets):
            return self._fresh("out", number)
        common = _common(labels)
        return self._fresh(common if len(common) >= 3 else labels[-1], number)

    def _is_residual(self, numbers: list[int], meets: int) -> bool:
        """Whether a stretch is added to the very value it starts from, or where it is long, to a projection of it."""
        if meets in (ENCLOSING, self.flow.end) or not self.flow.sums(meets):
            return False
        source = next(iter(self.template.children[numbers[0]].inputs), None)
        inputs = self.template.children[meets].inputs
        return source in inputs or (len(numbers) > 1 and any(self._beside(ref, numbers) for ref in inputs))

    def _beside(self, ref: Ref, numbers: list[int]) -> bool:
        """Whether a value is a single step away from where the branch starts: a projected shortcut."""
        if ref.child == ENCLOSING or ref.child in numbers:
            return False
        child = self.template.children[ref.child]
        return child.inputs[:1] == self.template.children[numbers[0]].inputs[:1]

    def _own_name(self, number: int) -> str:
        child = self.template.children[number]
        named = [result.name for result in self.template.results if result.ref == Ref(number) and result.name]
        return self._fresh(named[0].replace(".", "_") if named else child.label, number)

    def _several(self, number: int, child: Child, count: int) -> list[str]:
        """The variables of several outputs; `_` for those that are not used."""
        stems = self._stems(child, count)
        names: list[str] = []
        main = isinstance(child.node, Leaf) and child.node.op.has_main_output
        for output, stem in enumerate(stems):
            if Ref(number, output) not in self.flow.readers:
                names.append("_")
            elif main and output == 0:
                names.append(self._choose(number, child))
            else:
                names.append(self._fresh(stem, number, names))
        return names

    def _stems(self, child: Child, count: int) -> list[str]:
        """Names for several outputs: the block's own, or the child's numbered."""
        if isinstance(child.node, Block):
            return [(result.name or child.label).replace(".", "_") for result in child.node.results]
        if child.node.op.outputs:
            return list(child.node.op.outputs)
        if count == 2:
            return ["first", "second"]
        return [f"{child.label}{output + 1}" for output in range(count)]

    def _fresh(self, wanted: str, number: int, others: Iterable[str] = ()) -> str:
        """The wanted name, numbered where it is not free."""
        stem = self._legal(wanted)
        options = chain([stem, "y"] if stem == "out" else [stem], (f"{stem}{place}" for place in count(2)))
        taken = set(others)
        return next(name for name in options if self._free(name, number) and name not in taken)

    def _legal(self, name: str) -> str:
        legal = variable(name)
        return f"{legal}_" if legal in TAKEN else legal


def _common(labels: Sequence[str]) -> str:
    """How several names begin, without a number cut short.

    >>> _common(["branch5x5_1", "branch5x5_2"]), _common(["conv10", "conv11"]), _common(["conv1", "bn1"])
    ('branch5x5', 'conv', '')
    """
    first, last = min(labels), max(labels)
    length = next((at for at, (a, b) in enumerate(zip(first, last)) if a != b), len(first))
    common = first[:length]
    if any(re.match(r"\d", label[length:]) for label in labels):
        common = common.rstrip("0123456789")
    return common.rstrip("_")
