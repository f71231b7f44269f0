"""Folding: blocks of one definition become one template with parameters, as an engineer would write one class.

Two blocks that differ in numbers become one template, with a parameter for each number:

>>> from archspec.elaborate.example import example
>>> blocks = '{unit: {params: {width: int}, graph: [{conv: width, kernel_size: 3}, relu]}}'
>>> found = fold(example('[{unit: 8}, {unit: 16}]', blocks=blocks))
>>> {each.title: [parameter.name for parameter in each.parameters] for each in found.templates}
{'Unit': ['in_channels', 'width'], 'Net': []}
"""

from __future__ import annotations

from collections.abc import Container, Hashable, Iterator, Sequence

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.graph.model import Block, Graph, Leaf, NodeType
from archspec.language.identifiers import class_name, is_attribute
from archspec.ops.base import REQUIRED, Argument, Module
from archspec.templates.align import Alignment, align, structure
from archspec.templates.constructor_calls import Chain, Constant, Construct, Expression, Item, Link
from archspec.templates.definition_order import inside_out
from archspec.templates.equivalence import Copies, Forms
from archspec.templates.fill_holes import filled, filled_child
from archspec.templates.module_calls import ModuleOf, asked_once, own_modules
from archspec.templates.parameters import Seen, arguments_of, settle
from archspec.templates.plain_chains import is_chain
from archspec.templates.template import Child, Parameter, Template
from archspec.templates.unify import Unifier


class Folding(Struct, frozen=True):
    """The roots' templates, and all templates in an order in which each stands after those it calls."""

    roots: tuple[Template, ...]
    templates: tuple[Template, ...]
    folder: _Folder

    @property
    def root(self) -> Template:
        """The template of the only network's root."""
        return self.roots[0]

    def together(self, columns: Sequence[Sequence[NodeType]]) -> Together | None:
        """Copies of a group in series as one: each column holds the node at one place in each of the copies.

        `None` where the copies differ in more than numbers, or the network calls what is in them elsewhere too.
        """
        return self.folder.together(columns, self.root.block)


class Together(Struct, frozen=True):
    """What several copies of a group have in common: the call of each node's module, and what differs in it."""

    parameters: tuple[Parameter, ...]
    makers: tuple[Expression | None, ...]


def fold(
    graph: Graph, module_of: ModuleOf | None = None, seen: Seen | None = None, *, gives_chains: bool = True
) -> Folding:
    """One template for all blocks of a definition that differ in arguments and in children switched off.

    Blocks that differ in more are different templates. A plain chain is written in place, as `nn.Sequential`, unless
    it is a named definition whose calls all fold into one template. `module_of` gives the constructor call of a leaf's
    module; left out, it is the op's own. `seen` gives the numbers that a template sees without being given them.
    Blocks that differ in whole chains are different templates unless `gives_chains`: no page gives a chain to a block.
    """
    return fold_family([graph], module_of, seen, gives_chains=gives_chains)


def fold_family(
    graphs: Sequence[Graph], module_of: ModuleOf | None = None, seen: Seen | None = None, *, gives_chains: bool = True
) -> Folding:
    """As `fold`, for several networks whose blocks are one another's."""
    module_of = asked_once(module_of or own_modules())
    folder = _Folder(module_of, Forms(module_of), seen or (lambda blocks: {}), gives_chains)
    for blocks in inside_out(graphs):
        folder.add(blocks)
    roots = tuple(folder.template(Copies.of([graph.root], folder.forms)) for graph in graphs)
    return Folding(roots, (*folder.templates, *roots), folder)


def label(node: NodeType) -> str:
    """A word for a child: its name, or what it is where it has but a number."""
    if is_attribute(node.name):
        return node.name
    return node.op.name if isinstance(node, Leaf) else node.kind or "block"


class _Folder(Struct):
    module_of: ModuleOf
    forms: Forms
    seen: Seen
    gives_chains: bool
    templates: list[Template] = field(default_factory=list)
    template_of: dict[int, Template] = field(default_factory=dict)
    calls: dict[tuple[int, bool], Construct] = field(default_factory=dict)

    def add(self, blocks: Sequence[Block]) -> None:
        """Fold the blocks of one definition; what they hold is folded already."""
        parts = self._parts(blocks)
        for part in parts:
            if not self._in_place(part, len(parts)):
                self.templates.append(self.template(part))

    def _in_place(self, part: Copies, parts: int) -> bool:
        """Whether blocks are written where they stand, as plain chains."""
        first = part.firsts[0]
        if not all(is_chain(block, self.module_of) for block in part.firsts):
            return False
        if first.kind is None or parts > 1:
            return True
        return first.numbered and len(part.blocks) == 1

    def _parts(self, blocks: Sequence[Block]) -> list[Copies]:
        """The blocks that align with each other, first come first served."""
        copies = Copies.of(blocks, self.forms)
        structures = [self._structure(block) for block in copies.firsts]
        parts: list[list[Block]] = []
        part_of: dict[Hashable, int] = {}
        for block, built in zip(copies.firsts, structures):
            if built not in part_of:
                part_of[built] = self._part(parts, block)
        members: list[list[Block]] = [[] for _ in parts]
        for block, built in zip(blocks, copies.spread(structures)):
            members[part_of[built]].append(block)
        return [Copies.of(each, self.forms) for each in members]

    def _part(self, parts: list[list[Block]], block: Block) -> int:
        """The number of the first part with which a block aligns, which is a new one where there is none."""
        for number, part in enumerate(parts):
            if self._fit([*part, block]):
                part.append(block)
                return number
        parts.append([block])
        return len(parts) - 1

    def _structure(self, block: Block) -> Hashable:
        """What blocks share that are one template for certain; what is in chains is not seen by it."""
        return structure(block, self.module_of) if self.gives_chains else id(block)

    def _fit(self, blocks: Sequence[Block]) -> bool:
        """Whether blocks are one template."""
        alignment = align(blocks, self.module_of)
        if alignment is None or self.gives_chains:
            return alignment is not None
        unifier = Unifier(blocks)
        list(self._children(alignment, unifier))
        return not any(each.argument == EQUATION or any(map(_is_in_place, each.values)) for each in unifier.differences)

    def template(self, copies: Copies) -> Template:
        """One template for blocks that align."""
        blocks = copies.firsts
        alignment = align(blocks, self.module_of)
        assert alignment is not None, "only blocks that align are folded together"
        unifier = Unifier(blocks)
        children = tuple(self._children(alignment, unifier))
        parameters, given = settle(unifier.differences, blocks, copies.times, self.seen(blocks))
        template = Template(
            title=_title(blocks[0]),
            parameters=tuple(replace(each, values=copies.spread(each.values)) for each in parameters),
            children=tuple(filled_child(child, given) for child in children),
            input_names=blocks[0].input_names,
            results=alignment.results,
            numbered=blocks[0].numbered,
            chain=all(is_chain(block, self.module_of) for block in blocks),
            instances=copies.blocks,
            calls={},
        )
        calls = [_call(template, parameters, number) for number in range(len(blocks))]
        template.calls = {id(block): call for block, call in zip(copies.blocks, copies.spread(calls))}
        self.template_of |= {id(block): template for block in copies.blocks}
        return template

    def together(self, columns: Sequence[Sequence[NodeType]], around: Block) -> Together | None:
        """One call for the modules of each column, over parameters for what differs between the copies."""
        copies = [
            replace(around, arguments={}, input_shapes=copy[0].input_shapes, shapes=copy[-1].shapes)
            for copy in zip(*columns)
        ]
        unifier = Unifier(copies)
        makers = tuple(self._maker(column, _word(column[0]), unifier) for column in columns)
        parameters, given = settle(unifier.differences, copies, [1] * len(copies))
        tied = any(node.tied is not None for column in columns for node in column)
        if tied or any(parameter.sort != "value" for parameter in parameters):
            return None
        return Together(parameters, tuple(maker and filled(maker, given) for maker in makers))

    def _children(self, alignment: Alignment, unifier: Unifier) -> Iterator[Child]:
        for column, inputs in zip(alignment.columns, alignment.inputs):
            node = next(node for node in column if node is not None)
            name = label(node)
            present = unifier.flag([node is not None for node in column], name, ())
            yield Child(node, name, inputs, self._maker(column, name, unifier), present, self._tie(column, alignment))

    def _maker(self, column: Sequence[NodeType | None], name: str, unifier: Unifier) -> Expression | None:
        if any(node is not None and node.tied is not None for node in column):
            return None
        values = tuple(None if node is None else self._construct(node) for node in column)
        if all(value is None for value in values):
            return None
        return unifier.fold(values, name, (name,))

    def _tie(self, column: Sequence[NodeType | None], alignment: Alignment) -> int | None:
        """The child of the union whose module this one calls."""
        for number, node in enumerate(column):
            if node is not None and node.tied is not None:
                present = [place for place, each in enumerate(alignment.columns) if each[number] is not None]
                return present[node.tied]
        return None

    def _construct(self, node: NodeType) -> Expression | None:
        """The constructor call of a node's module."""
        if isinstance(node, Leaf):
            module = self.module_of(node)
            return None if module is None else self._leaf_call(node, module)
        template = self.template_of.get(id(node))
        if template is None:
            return self._chain(node)
        call = template.calls[id(node)]
        assert isinstance(call, Construct)
        return replace(call, frozen=True) if node.frozen else call

    def _leaf_call(self, leaf: Leaf, module: Module) -> Construct:
        """One for all leaves of a module, which are quickly seen to be equal then."""
        key = id(module), leaf.frozen and bool(leaf.parameters)
        if key not in self.calls:
            items = (_leaf_item(argument, leaf.op.per_dimension) for argument in module.arguments)
            self.calls[key] = Construct(module.callee, tuple(items), key[1])
        return self.calls[key]

    def _chain(self, block: Block) -> Chain:
        links = []
        for child in block.children:
            value = self._construct(child)
            assert value is not None, "every link of a chain is a module"
            links.append(Link(child.slot, child.name, label(child), value))
        return Chain(tuple(links), block.numbered, block.frozen)


EQUATION = "equation"
"""The argument that says what a call computes, which no page gives to a block."""


def _is_in_place(value: Expression | None) -> bool:
    """Whether a value is written where it stands: a chain, or an equation over names."""
    return isinstance(value, Chain) or (
        isinstance(value, Construct) and any(item.name == EQUATION for item in value.items)
    )


def _word(node: NodeType) -> str:
    """A word for a node of which each copy has another name."""
    return node.op.name if isinstance(node, Leaf) else node.kind or "block"


def _leaf_item(argument: Argument, per_dimension: Container[str]) -> Item:
    default = None if argument.default is REQUIRED else Constant(argument.default)
    inner = argument.value
    value = _made(inner) if isinstance(inner, Module) else Constant(inner)
    return Item(argument.name, value, default, argument.positional, argument.name in per_dimension)


def _made(module: Module) -> Construct:
    """A call among the arguments of another."""
    return Construct(module.callee, tuple(_leaf_item(argument, ()) for argument in module.arguments))


def _call(template: Template, parameters: Sequence[Parameter], instance: int) -> Construct:
    values = arguments_of(parameters, instance)
    items = (Item(each.name, values[each.name], each.default, each.leading) for each in parameters)
    return Construct(template, tuple(items))


def _title(block: Block) -> str:
    """The name of a template: the block's title, or one made of its kind or name."""
    return block.title or class_name(block.kind or block.name)
