"""Write: a graph → its page.

The graph's blocks are folded with each leaf's call as a page writes it, so a template is a block of the page, and what
its instances differ in are its params. Before: sixteen blocks of 64 to 512 channels. After:

    bottleneck:
      params: {width: int, stride: 1}
      graph: …
"""

from __future__ import annotations

from collections.abc import Container, Iterable, Sequence

from archspec.graph.model import Graph
from archspec.importing.page.bodies import body
from archspec.importing.page.calls import page_calls
from archspec.importing.page.channels import channels_seen
from archspec.importing.page.definitions import definition
from archspec.importing.page.init import init
from archspec.importing.page.inputs import inputs
from archspec.importing.page.layout import Body, lines
from archspec.importing.page.nodes import Nodes
from archspec.importing.page.scalars import Tree, Word
from archspec.importing.page.standard import called_in, with_standard_blocks
from archspec.importing.page.words import reword
from archspec.language.identifiers import class_name, free
from archspec.language.nodes import RESERVED
from archspec.ops import ops
from archspec.templates import Template, fold_family


def write(graph: Graph, *, renames: bool = False) -> str:
    """The page of a graph; where it `renames`, nodes without tensors may have a standard block's names for them."""
    (page,) = pages([graph], renames=renames)
    return text(page)


def text(page: dict[str, Tree]) -> str:
    """A page's lines."""
    return "".join(f"{line}\n" for line in lines(Body(page)))


def pages(graphs: Sequence[Graph], *, renames: bool = False) -> list[dict[str, Tree]]:
    """The pages of several graphs, which share their blocks: each defines those of all."""
    said = with_standard_blocks(graphs, renames=renames)
    folding = fold_family(said, page_calls(), channels_seen, gives_chains=False)
    reword(folding)
    inner = [template for template in folding.templates if template not in folding.roots]
    names = _names(inner, called_in(said))
    nodes = Nodes(lambda template: names[id(template)])
    blocks: dict[str, Tree] = {Word(names[id(template)]): definition(template, nodes) for template in inner}
    return [_page(graph, blocks, body(root, nodes)) for graph, root in zip(graphs, folding.roots)]


def _page(graph: Graph, blocks: dict[str, Tree], main: dict[str, Tree]) -> dict[str, Tree]:
    page: dict[str, Tree] = {Word("archspec"): Word("1"), Word("name"): Word(graph.name)}
    if graph.title and graph.title != class_name(graph.name):
        page[Word("title")] = Word(graph.title)
    page[Word("input")] = inputs(graph)
    if blocks:
        page[Word("blocks")] = Body(blocks)
    graph_tree = main[Word("graph")]
    main[Word("graph")] = Body(graph_tree) if isinstance(graph_tree, dict) else graph_tree
    if (rules := init(graph)) is not None:
        main[Word("init")] = rules
    return {**page, **main}


def _names(templates: Iterable[Template], called: Container[str]) -> dict[int, str]:
    """The name of each template's block; of several of one class a numbered one, and none that is `called` anyway."""
    names: dict[int, str] = {}
    for template in templates:
        word = template.block.kind or template.block.name
        word = word if word.isidentifier() else f"block_{word}"
        word = f"{word}_block" if word in ops() or word in RESERVED else word
        names[id(template)] = free(word, {*names.values()})
    return names
