"""The params of a family's page: what differs between its members, under the field's words."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence

from msgspec import Struct, field

from archspec.elaborate.symbol_table import standard_block, standard_names
from archspec.importing.page.layout import Body
from archspec.importing.page.scalars import Name, Tree, Word
from archspec.language.identifiers import numbered
from archspec.ops import ops

MEMBER = "member"
"""The param that names the variant, where networks differ in more than numbers."""

DEPTHS = "depths"
"""The param that says how many blocks each stage has."""

Path = tuple[str, ...]
"""The keys that lead to a place of a page."""


def without_numbers(path: Path) -> str:
    """A place and all that are called like it but for a number.

    >>> without_numbers(("graph", "layer2", "0"))
    'graph/layer/'
    """
    return re.sub(r"\d+", "", "/".join(path))


class FamilyParams(Struct):
    """Params with a value for each of the members.

    `blocks` are the page's own. Where depths differ in one stage (`differing`, found on the way), a second run is given
    these places (`deep`), and the depths of the stages beside it are params too.
    """

    members: list[str]
    blocks: Mapping[str, Tree]
    deep: frozenset[str] = frozenset()
    differing: frozenset[str] = frozenset()
    values: dict[str, list[Tree]] = field(default_factory=dict)
    stages: list[list[Tree]] = field(default_factory=list)

    @property
    def words(self) -> set[str]:
        """What a node may call."""
        return {*self.blocks, *standard_names(), *ops()}

    def is_block(self, word: str) -> bool:
        """Whether a word calls a block, the page's own or a standard one."""
        return word in self.blocks or (word in standard_names() and word not in ops())

    def may_be_one(self, trees: Sequence[Tree]) -> bool:
        """Whether values are such as a param may have, and no names of nodes or expressions over others."""
        plain = all(isinstance(tree, Word) and not isinstance(tree, Name) for tree in trees)
        return plain and all(re.fullmatch(r"-?[\d.]+(e[-+]?\d+)?|true|false", tree) for tree in trees)

    def one(self, values: Sequence[Tree], path: Path) -> Word:
        """The param for values that differ: one that has these already, or a new one."""
        known = next((name for name, own in self.values.items() if own == list(values)), None)
        if known is None:
            known = next(word for word in self._words(path) if word not in self.values)
            self.values[known] = list(values)
        return Word(known)

    def is_member(self, numbers: Sequence[int]) -> str:
        """The condition that holds for some of the members."""
        self.values.setdefault(MEMBER, [Word(member) for member in self.members])
        return " or ".join(f"{MEMBER} == '{self.members[number]}'" for number in numbers)

    def is_deep(self, times: Sequence[int], path: Path, *, may_be_equal: bool = True) -> bool:
        """Whether the copies at a place are counted by a param: they differ, or do in a stage beside it."""
        place = without_numbers(path)
        if len(set(times)) > 1:
            self.differing |= {place}
        return len(set(times)) > 1 or (may_be_equal and place in self.deep)

    def depth(self, times: Sequence[int]) -> str:
        """The next of the list of depths."""
        self.stages.append([Word(str(each)) for each in times])
        self.values[DEPTHS] = [list(row) for row in zip(*self.stages)]
        return f"{DEPTHS}[{len(self.stages) - 1}]"

    def main(self, word: str) -> str:
        """What the value right after a call's name is."""
        if word in self.blocks:
            return str(next(iter(self.blocks[word].get("params", {})), ""))
        if self.is_block(word):
            return next(iter(standard_block(word).params), "")
        main = (ops()[word].main or word) if word in ops() else word
        return "width" if main in ("out_channels", "out_features") else main

    def _words(self, path: Path) -> Iterator[str]:
        """Words for what stands at a path: its field's, with the node's name before it, and numbered."""
        if path[0] == "input":
            words = ["resolution" if path[-1] in ("1", "2") else "channels"]
        elif path[0] == "init":
            words = [f"init_{path[-1]}"]
        else:
            *names, last = [each for each in path if each.isidentifier() and each != "graph"]
            word = self.main(last) or last
            words = ["num_classes"] if last == "linear" and len(path) < 5 else []
            words += [word, *(f"{name}_{word}" for name in reversed(names))]
        yield from words
        yield from numbered(words[-1])

    def settings(self) -> dict[str, Tree]:
        """The page's params with the first member's values, and what each variant sets otherwise."""
        variants = {
            Word(member): {Word(name): own[at] for name, own in self.values.items() if own[at] != own[0]}
            for at, member in enumerate(self.members)
        }
        params = {Word(name): self._default(own[0]) for name, own in self.values.items()}
        settings: dict[str, Tree] = {Word("params"): params} if params else {}
        return settings | {Word("variants"): Body(variants)}

    def _default(self, value: Tree) -> Tree:
        """A default; a block is given as an op is."""
        block = isinstance(value, Word) and self.is_block(value)
        return {Word("type"): Word("op"), Word("default"): value} if block else value
