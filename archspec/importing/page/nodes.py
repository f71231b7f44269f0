"""A call with what it takes → a node of the page."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from msgspec import Struct

from archspec.importing.page.calls import OPERAND, TIE
from archspec.importing.page.repeats import Node, repeated, with_more
from archspec.importing.page.scalars import Name, Tree, Word, text_of, tree_of
from archspec.templates import EQUATION, Chain, Constant, Construct, Expression, Given, Item, Link, Template


class Nodes(Struct, frozen=True):
    """Writes calls; `called` gives the name of a template's block."""

    called: Callable[[Template], str]

    def call(self, maker: Expression, operands: Sequence[Name] | None = None) -> Tree:
        """A constructor call as a node: a word, or a mapping with its fields; a join names its operands."""
        if isinstance(maker, Chain):
            chain = self.chain(maker)
            return chain if isinstance(chain, list) else {Word("graph"): chain}
        if isinstance(maker, Given):
            return {Word("use"): Word(maker.parameter)}
        assert isinstance(maker, Construct), maker
        if operands is not None:
            return self._join(maker, operands)
        if isinstance(maker.callee, Template):
            return self._block(self.called(maker.callee), maker.items)
        return self._op(maker)

    def chain(self, chain: Chain) -> Tree:
        """The modules of a plain chain, as a list or by name."""
        return repeated([self._link(link, chain.frozen) for link in chain.links], chain.numbered)

    def _link(self, link: Link, frozen: bool) -> Node:
        more: dict[str, Tree] = {}
        if link.present != Constant(True):
            more[Word("when")] = Word(text_of(link.present))
        if isinstance(link.value, (Construct, Chain)) and link.value.frozen and not frozen:
            more[Word("freeze")] = Word("true")
        return Node(link.name, with_more(self.call(link.value), more), in_series=True)

    def _op(self, maker: Construct) -> Tree:
        """`relu`, `{conv: 64, kernel_size: 3}`, or of a class that was given `{use: act, inplace: true}`."""
        fields: dict[str, Tree] = {}
        for item in maker.items:
            if item.name.startswith(TIE):
                fields.setdefault(Word("tie"), {})[Word(item.name.removeprefix(TIE))] = self._value(item)
            elif item.shown and not item.positional:
                fields[Word(item.name)] = self._value(item)
        if isinstance(maker.callee, Given):
            given = {Word(item.name): self._value(item) for item in maker.items if item.shown and item.positional}
            return {Word("use"): Word(maker.callee.parameter), **given, **fields}
        main: Tree = next(iter(self._mains(maker.items)), Word(""))
        name = Word(maker.callee)
        return name if not fields and main == "" else {name: main, **fields}

    def _mains(self, items: Sequence[Item]) -> list[Tree]:
        """What stands right after the name, where nothing would mean the default."""
        shown = [item for item in items if item.positional and item.shown]
        return [Word("None") if item.value == Constant(None) else self._value(item) for item in shown]

    def _value(self, item: Item) -> Tree:
        """A field's value; a call of an op or block among them is a node of its own."""
        if isinstance(item.value, (Construct, Chain)):
            return self.call(item.value)
        if type(item.value).__name__ == "Reference":
            return Word(item.value.name)  # type: ignore[union-attr]
        return tree_of(item.value)

    def _join(self, maker: Construct, operands: Sequence[Name]) -> Tree:
        """`{add: [conv, input]}`, with numbers in their places among the names."""
        if maker.callee == "compute":
            return self._equation(maker, operands)
        names: list[Tree] = [*operands]
        fields = {}
        for item in maker.items:
            if item.name.startswith(OPERAND):
                names.insert(int(item.name.removeprefix(OPERAND)), self._value(item))
            elif item.shown:
                fields[Word(item.name)] = self._value(item)
        if isinstance(maker.callee, Given):
            return {Word("use"): Word(maker.callee.parameter), **fields, Word("from"): names}
        return {Word(str(maker.callee)): names, **fields}

    def _equation(self, maker: Construct, operands: Sequence[Name]) -> Tree:
        """`{compute: q @ k.T}`, with the names of its values and its numbers in their places."""
        texts = {item.name: text_of(item.value) for item in maker.items}
        values = {f"value{place}": name for place, name in enumerate(operands)}
        return {Word("compute"): Word(texts.pop(EQUATION).format(**texts, **values))}

    def _block(self, name: str, items: Sequence[Item]) -> Tree:
        """A block's call: its sizes in order after the name, the rest by name where it is not the default."""
        shown = [item for item in items if item.shown]
        leading = [item for item in shown if item.positional and not isinstance(self._value(item), list)]
        if len(leading) == len(shown) > 1 and shown == list(items[: len(shown)]):
            return {Word(name): [self._value(item) for item in shown]}
        main = self._value(leading[0]) if leading and leading[0] is items[0] else Word("")
        rest = {Word(item.name): self._value(item) for item in shown if main == "" or item is not leading[0]}
        return Word(name) if not rest and main == "" else {Word(name): main, **rest}
