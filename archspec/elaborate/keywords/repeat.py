"""`repeat`: how many copies, and the name of the index that numbers them: `repeat: 3` or `repeat: {j: 3}`.

So many copies, each of which takes what the one before it gives:

>>> from archspec.elaborate.example import example
>>> graph = example('{"c{j}": {conv: 8 * (j + 1), kernel_size: 1, repeat: {j: 3}}}')
>>> [(node.name, node.inputs[0].child, node.shapes[0][0]) for node in graph.walk()]
[('c0', -1, 8), ('c1', 0, 16), ('c2', 1, 24)]
"""

from __future__ import annotations

from collections.abc import Iterator

from archspec.elaborate.bounds import MAX_REPEAT
from archspec.elaborate.scope import Scope
from archspec.elaborate.site import Site
from archspec.language.budget import COPY, NAMES
from archspec.language.identifiers import NAME_RULE, is_identifier
from archspec.language.pydantic_models import shown, value_text
from archspec.language.yaml_tree import Mapping, Tree, plain

INDEX = "i"
"""What the index of copies is called where it is given no name."""


def index_name(tree: Tree) -> str:
    """The name of the index of `repeat`."""
    return str(tree.entries[0][0].value) if isinstance(tree, Mapping) and tree.entries else INDEX


def index_of(keyword: str, tree: Tree) -> str:
    """The name of the index of the copies that `repeat`, `each` or `over` makes."""
    if keyword == "repeat":
        return index_name(tree)
    written = tree.get("index") if keyword == "each" and isinstance(tree, Mapping) else None
    return INDEX if written is None else str(plain(written))


def is_index(name: object) -> bool:
    """Whether an index can be called so."""
    return isinstance(name, str) and is_identifier(name) and name not in ("input", "previous")


def repeated(site: Site, tree: Tree) -> Iterator[Scope]:
    """The scope of each of the copies that `repeat` asks for."""
    name, number = _parts(site, tree)
    for index in range(_times(site, number)):
        site.context.bounds.pay(COPY + len(site.scope) // NAMES, tree.span)
        yield site.scope.inner({name: index})


def _parts(site: Site, tree: Tree) -> tuple[str, Tree]:
    """The index's name and the tree of how many copies there are."""
    if not isinstance(tree, Mapping):
        return INDEX, tree
    expected = "a number of copies, or `{j: 3}` where their index is to be called `j`"
    if len(tree.entries) != 1:
        site.fail("wrong-type", "`repeat` names one index", tree.span, expected=expected, found=shown(tree))
    ((key, number),) = tree.entries
    name = str(key.value)
    if not is_index(name):
        site.fail("name", f"an index cannot be called `{name}`", key.span, expected=NAME_RULE)
    return name, number


def _times(site: Site, tree: Tree) -> int:
    times = site.value(tree, "`repeat`")
    if not isinstance(times, int) or isinstance(times, bool) or times < 0:
        site.fail(
            "wrong-type",
            f"`repeat` cannot be {value_text(times)}",
            tree.span,
            expected="a whole number from 0",
            help="use `round`, `floor` or `ceil`" if isinstance(times, float) else None,
        )
    if times > MAX_REPEAT:
        site.fail(
            "too-large",
            "`repeat` asks for too many copies",
            tree.span,
            expected=f"at most {MAX_REPEAT:,}",
            found=f"{times:,}",
        )
    return times
