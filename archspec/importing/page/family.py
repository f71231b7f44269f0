"""Several networks of a family → one page with variants: where their pages differ, a param stands.

Before: two pages with `layer1: [{basic_block: 64, repeat: 2}]` and `layer1: [{basic_block: 64, repeat: 3}]`.
After:  `layer1: [{basic_block: 64, repeat: "depths[0]"}]`, `params: {depths: [2, 2, 2, 2]}`, and a variant for each.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from archspec.graph.model import Graph
from archspec.importing.page.family_params import FamilyParams, Path
from archspec.importing.page.layout import Body
from archspec.importing.page.scalars import Tree, Word
from archspec.importing.page.stages import in_step
from archspec.importing.page.write import pages, text
from archspec.language.diagnostics import Diagnostic, SpecError

Trees = Sequence[Tree]
"""What stands in one place, in the page of each member."""


def write_family(graphs: Mapping[str, Graph], name: str | None = None) -> str:
    """The page of several graphs, one variant for each under its name; the first is the default.

    Raises `SpecError` where they have too little in common.
    """
    members = list(graphs)
    trees = pages(list(graphs.values()))
    blocks = trees[0].get("blocks", {})
    written = [{key: value for key, value in tree.items() if key not in ("name", "blocks")} for tree in trees]
    first = _Merger(FamilyParams(members, blocks))
    first.merged(written, ())
    merger = _Merger(FamilyParams(members, blocks, first.params.differing))
    page = merger.merged(written, ())
    own_name = name or re.sub(r"\W", "", next(iter(graphs.values())).title).lower()
    head: dict[str, Tree] = {Word("archspec"): Word("1"), Word("name"): Word(own_name)}
    head |= {Word(key): page.pop(key) for key in ("title", "input") if key in page}
    own: dict[str, Tree] = {Word("blocks"): blocks} if blocks else {}
    return text({**head, **merger.params.settings(), **own, **{key: page[key] for key in page if key not in head}})


class _Merger:
    """Makes one tree of those of the members."""

    def __init__(self, params: FamilyParams) -> None:
        self.params = params

    def merged(self, trees: Trees, path: Path) -> Tree:
        """One tree for all members."""
        first = trees[0]
        if all(tree == first for tree in trees) and (isinstance(first, Word) or not self.params.deep):
            return first
        if (calls := self._calls(trees)) is not None:
            return self._any_of(calls, path)
        if self.params.may_be_one(trees):
            return self.params.one(trees, path)
        if (numbers := self._numbers(trees, path)) is not None:
            return numbers
        if all(isinstance(tree, list) for tree in trees):
            return self._list(trees, path)
        if all(isinstance(tree, dict) for tree in trees):
            return self._mapping(trees, path)
        return self._either(trees, path)

    def _numbers(self, trees: Trees, path: Path) -> Word | None:
        """Expressions that are one but for their numbers, with a param for each number that differs."""
        if not all(isinstance(tree, Word) and " " in tree for tree in trees):
            return None
        parts = [re.split(r"(?<![\w.])(\d+(?:\.\d+)?)(?![\w.])", tree) for tree in trees]
        if len({tuple(each[::2]) for each in parts}) > 1:
            return None
        return Word("".join(self._number([*map(Word, each)], path) for each in zip(*parts)))

    def _number(self, values: Trees, path: Path) -> str:
        return values[0] if len(set(values)) == 1 else self.params.one(values, path)

    def _list(self, trees: Sequence[list[Tree]], path: Path) -> Tree:
        """A list of calls; a member with fewer of them repeats the last ones no times."""
        differ = len(path) > 1 and any(tree != trees[0] for tree in trees)
        trees = (in_step(trees) if differ else None) or trees
        longest = max(trees, key=len)
        calls = [isinstance(item, dict) or _head(item) in self.params.words for item in longest]
        if not all(calls) and len({len(tree) for tree in trees}) > 1:
            return self._either(trees, path)
        full = [[*tree, *map(_no_times, longest[len(tree) :])] for tree in trees]
        if len(path) > 1 and not all(self._may_be_one(items) or self.params.may_be_one(items) for items in zip(*full)):
            return self._either(trees, path)
        return [self._item(items, (*path, str(at)), full) for at, items in enumerate(zip(*full))]

    def _may_be_one(self, items: Trees) -> bool:
        """Whether items are calls of one op or block, or of blocks that a param may name."""
        return len(set(map(_head, items))) == 1 or self._calls([*map(_without_times, items)]) is not None

    def _item(self, items: Trees, path: Path, lists: Sequence[list[Tree]]) -> Tree:
        """An item; of copies the depth counts those beside them that call the same block."""
        times = [_times(item) for item in items]
        own = all(self.params.is_block(_head(item)) for item in items)
        if not self.params.is_deep(times, path, may_be_equal=own and int(path[-1]) == len(lists[0]) - 1):
            return self.merged(items, path)
        others = {
            sum(_times(each) for each in tree if _head(each) == _head(item)) - _times(item)
            for tree, item in zip(lists, items)
        }
        beside = others.pop() if own and len(others) == 1 else 0
        depth = self.params.depth([each + beside for each in times])
        call = _as_mapping(self.merged([_without_times(item) for item in items], path))
        return {**call, Word("repeat"): Word(f"{depth} - {beside}" if beside else depth)}

    def _calls(self, trees: Trees) -> list[dict[str, Tree]] | None:
        """Calls of several of the page's blocks whose first params have one name, with that name before its value."""
        heads = [_head(tree) for tree in trees]
        if len(set(heads)) < 2 or not all(map(self.params.is_block, heads)):
            return None
        firsts = {self.params.main(head) for head in heads}
        calls = [_by_name(_as_mapping(tree), firsts) for tree in trees]
        return calls if len({tuple(call) for call in calls}) == 1 and len(firsts) == 1 else None

    def _any_of(self, calls: Sequence[dict[str, Tree]], path: Path) -> Tree:
        """A call of the block that a param names."""
        block = self.params.one([call["use"] for call in calls], (*path, "block"))
        rest = [{key: value for key, value in call.items() if key != "use"} for call in calls]
        return {Word("use"): block, **self.merged(rest, path)}

    def _mapping(self, trees: Sequence[dict[str, Tree]], path: Path) -> Tree:
        """Mappings of the same names; of nodes those that a member lacks are switched off there."""
        names = list(dict.fromkeys(name for tree in trees for name in tree))
        if any(list(tree) != names for tree in trees):
            return self._nodes(trees, names, path) if path[-1:] == ("graph",) else self._either(trees, path)
        merged = {name: self._entry([tree[name] for tree in trees], (*path, str(name))) for name in names}
        return Body(merged) if isinstance(trees[0], Body) else merged

    def _entry(self, values: Trees, path: Path) -> Tree:
        """What stands under a name; how often a node is repeated is one of the depths."""
        times = [int(value) for value in values if isinstance(value, Word) and value.isdigit()]
        if path[-1] == "repeat" and len(times) == len(values) and self.params.is_deep(times, path):
            return Word(self.params.depth(times))
        return self.merged(values, path)

    def _nodes(self, trees: Sequence[dict[str, Tree]], names: Sequence[str], path: Path) -> Tree:
        if any([name for name in names if name in tree] != list(tree) for tree in trees):
            return self._either(trees, path)
        nodes: dict[str, Tree] = {}
        for name in names:
            having = [at for at, tree in enumerate(trees) if name in tree]
            node = trees[having[0]][name]
            same = all(trees[at][name] == node for at in having)
            if len(having) == len(trees):
                nodes[name] = self._entry([tree[name] for tree in trees], (*path, str(name)))
            elif same:
                nodes[name] = {**_as_mapping(node), Word("when"): Word(self.params.is_member(having))}
            else:
                return self._either(trees, path)
        return Body(nodes)

    def _either(self, trees: Trees, path: Path) -> Tree:
        """The node of each member under the condition that it is the one."""
        if len(path) < 2 or path[0] != "graph":
            message = f"the networks are not of one family: they differ in their whole {path[0] if path else 'page'}"
            raise SpecError([Diagnostic("import", message, help="import each of them alone")])
        kinds = list(dict.fromkeys(map(repr, trees)))
        places = [[at for at, tree in enumerate(trees) if repr(tree) == kind] for kind in kinds]
        node = trees[places[-1][0]]
        for having in reversed(places[:-1]):
            first = _as_mapping(trees[having[0]])
            node = {**first, Word("when"): Word(self.params.is_member(having)), Word("else"): node}
        return node


def _head(item: Tree) -> str:
    """The word that an item calls."""
    if isinstance(item, (dict, Word)) and item:
        return str(next(iter(item)) if isinstance(item, dict) else item)
    return ""


def _by_name(call: dict[str, Tree], firsts: set[str]) -> dict[str, Tree]:
    """`{bottleneck: 64, stride: 2}` → `{use: bottleneck, width: 64, stride: 2}`."""
    (head, main), *rest = call.items()
    named: dict[str, Tree] = {Word(next(iter(firsts))): main} if main != "" else {}
    return {Word("use"): Word(head), **named, **dict(rest)}


def _times(item: Tree) -> int:
    """How many copies an item stands for."""
    times = str(item.get("repeat", "1")) if isinstance(item, dict) else "1"
    return int(times) if times.isdigit() else 1


def _without_times(item: Tree) -> Tree:
    """An item without how often it is repeated; a call without fields as its word."""
    if not isinstance(item, dict):
        return item
    call = {key: value for key, value in item.items() if key != "repeat"}
    return next(iter(call)) if len(call) == 1 and next(iter(call.values())) == "" else call


def _no_times(item: Tree) -> Tree:
    return {**_as_mapping(_without_times(item)), Word("repeat"): Word("0")}


def _as_mapping(node: Tree) -> dict[str, Tree]:
    if isinstance(node, dict):
        return node
    return {Word("graph"): node} if isinstance(node, list) else {node: Word("")}
