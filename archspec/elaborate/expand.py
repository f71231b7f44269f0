"""Nodes as written → nodes of the graph, with every shape and count.

A node in copies, and a list inside it, become nodes with addresses:

>>> from archspec.elaborate.example import example
>>> graph = example('{stem: {conv: 8, kernel_size: 3}, "layer{i}": {graph: [relu], repeat: 2}}')
>>> {node.address: node.shapes[0] for node in graph.walk()}
{'stem': (8, 30, 30), 'layer0': (8, 30, 30), 'layer0.0': (8, 30, 30), 'layer1': (8, 30, 30), 'layer1.0': (8, 30, 30)}
"""

from __future__ import annotations

from msgspec import Struct
from msgspec.structs import replace

from archspec.elaborate.block_builder import BROKEN, Body, Value
from archspec.elaborate.blocks import add_nested
from archspec.elaborate.calls import add_call, check_alone
from archspec.elaborate.context import Context
from archspec.elaborate.copies import all_copies, carried_steps, copies_over
from archspec.elaborate.keywords.compute import equation
from archspec.elaborate.keywords.modifiers import check_expected, flag, switched_on
from archspec.elaborate.keywords.share import share
from archspec.elaborate.keywords.tie_and_parametrize import BINDINGS, bind
from archspec.elaborate.leaves import add_leaf
from archspec.elaborate.node_inputs import joined_values, node_inputs, stand_in, start_value
from archspec.elaborate.node_names import expanded, is_template
from archspec.elaborate.partial_calls import replacements
from archspec.elaborate.placement import Place, Slot, place_of, refuse_training
from archspec.elaborate.references import single, split
from archspec.elaborate.scope import Failed, Scope
from archspec.elaborate.site import Site
from archspec.language.budget import CHARACTERS, NAMES
from archspec.language.nodes import Entry, GraphDef, NodeDef
from archspec.ops.equation import Compute


class Expander(Struct):
    """Fills one body with the nodes that entries stand for."""

    context: Context
    body: Body

    def inside(self, body: Body) -> Expander:
        """The expander of a body inside this one."""
        return Expander(self.context, body)

    def fill(self, graph: GraphDef, scope: Scope, slot: Slot = ()) -> None:
        """Elaborate the entries of a graph, in order."""
        body = self.body
        scope.nodes = body.seen
        body.declared = {**graph.declared, **body.declared} if body.declared else graph.declared
        self.context.bounds.descend(graph.span, body.prefix)
        try:
            for number, entry in enumerate(graph.entries):
                self.entry(entry, scope, (*slot, number))
        finally:
            self.context.bounds.depth -= 1

    def entry(self, entry: Entry, scope: Scope, slot: Slot) -> Value:
        """All copies of one entry; the value is the last one's, or what came before where there is none."""
        node = entry.node
        if node.plain:
            return self._plain(entry, scope, (*slot, 0))
        label = str(entry.name.value) if entry.name else None
        site = self._site(scope, label)
        try:
            if node.broken:
                node_inputs(site, self.body, node)
                return self.give_up(entry, label)
            if "carry" in node.modifiers:
                return carried_steps(self, site, entry, slot)
            if (over := node.modifier("over")) is not None:
                return copies_over(self, site, entry, over, slot)
            made = all_copies(self, site, entry, slot)
        except Failed:
            return self.give_up(entry, label)
        return made[-1] if made else self.body.previous

    def _site(self, scope: Scope, name: str | None) -> Site:
        return Site(self.context, scope, self.body.address(name) if name else self.body.prefix)

    def _plain(self, entry: Entry, scope: Scope, slot: Slot) -> Value:
        """One node as it stands."""
        body, name = self.body, None
        try:
            name = self._name(entry, scope)
            place = place_of(self.context, body, entry, name, scope, slot)
            value = self._child(entry.node, scope, place)
        except Failed:
            return self.give_up(entry, name)
        body.names[place.name] = value
        if not value.training:
            body.previous = value
        return value

    def _name(self, entry: Entry, scope: Scope) -> str | None:
        """The name of one copy of an entry; `None` in a list."""
        if entry.name is None:
            return None
        return expanded(self._site(scope, None), str(entry.name.value), entry.name.span)

    def copy(self, entry: Entry, scope: Scope, slot: Slot) -> Value:
        """One copy of a node with modifiers, or of a group."""
        body, node, name = self.body, entry.node, None
        self.context.bounds.count_step(node.span)
        try:
            name = self._name(entry, scope)
            value = self._node(entry, name, scope, slot)
            # What follows takes the value before a node that does not exist in inference.
            aside = "training" in node.modifiers and flag(self._site(scope, None), node, "training")
        except Failed:
            return self.give_up(entry, name)
        if name is not None and not (node.splice and name in body.taken):
            # A group stands for its last value, unless a node in it has its name.
            body.names[name] = value
        if not (aside or value.training):
            body.previous = value
        return value

    def give_up(self, entry: Entry, name: str | None) -> Value:
        """Go on without a node that could not be elaborated: its consumers report nothing more."""
        body, node = self.body, entry.node
        body.previous = BROKEN
        if name is not None:
            body.names[name] = BROKEN
        if name is None or is_template(name) or node.splice or node.opaque or node.branches:
            body.incomplete = True
        return BROKEN

    def _node(self, entry: Entry, name: str | None, scope: Scope, slot: Slot) -> Value:
        """One copy under its name, as its modifiers say."""
        body, node, context = self.body, entry.node, self.context
        if node.broken:
            raise Failed
        site = self._site(scope, name)
        if "when" in node.modifiers and not switched_on(site, node):
            if node.otherwise is not None:
                (other,) = node.otherwise.entries
                return self._node(replace(entry, node=other.node), name, scope, slot)
            body.switched_off.update({name} if name else ())
            return stand_in(site, body, node, name)
        if node.splice:
            value = self._splice(site, node, slot)
            check_expected(site, node, value)
            return value
        place = place_of(context, body, entry, name, scope, slot)
        if "replace" in node.modifiers:
            with context.replacing(replacements(site, node)):
                value = self._child(node, scope, place)
        else:
            value = self._child(node, scope, place)
        body.names[place.name] = value
        if not node.modifiers.keys().isdisjoint(BINDINGS):
            bind(site.at(place.address), body, node, place, value)
        if "expect" in node.modifiers:
            check_expected(site.at(place.address), node, value)
        return value

    def _child(self, node: NodeDef, scope: Scope, place: Place) -> Value:
        """Add the child that a node without modifiers is."""
        context, body = self.context, self.body
        context.bounds.count_nodes(node.span)
        context.bounds.pay(len(scope) // NAMES + len(place.address) // CHARACTERS, node.span)
        site = Site(context, scope, place.address)
        if node.callee is not None and node.callee.value == Compute.name and node.fields.keys() == {"equation"}:
            return self._computed(site, node, place)
        joins = node.branches is not None or node.operands is not None
        for value in (values := self._operands(site, node, place) if joins else node_inputs(site, body, node)):
            if value.broken:
                check_alone(self, site, node, place)
                return BROKEN
            if value.training and not place.training:
                refuse_training(context, place)
        if node.body is not None:
            return add_nested(self, site, node.body, values, place)
        if node.share is not None:
            _refuse_replace(site, node, place)
            return share(site, body, node.share, values, place)
        return add_call(self, site, node, values, place)

    def _computed(self, site: Site, node: NodeDef, place: Place) -> Value:
        """An equation over the values that it names."""
        values, op = equation(site, self.body, node)
        if any(value.broken for value in values):
            return BROKEN
        if not place.training and any(value.training for value in values):
            refuse_training(self.context, place)
        return add_leaf(site, self.body, op, node, values, place)

    def _splice(self, site: Site, node: NodeDef, slot: Slot) -> Value:
        """A group in place: its children become the enclosing graph's own."""
        assert node.body is not None
        body = self.body
        if (training := node.modifiers.get("training")) is not None:
            site.fail(
                "modifiers",
                "`training` is not allowed on a group of `nodes`",
                training.key.span,
                help="write `graph` for `nodes`, which makes one node of them",
            )
        body.previous = start_value(site, body, node)
        around = body.group_frozen
        body.group_frozen = flag(site, node, "freeze") or around
        try:
            self.fill(node.body, site.scope, slot)
        finally:
            body.group_frozen = around
        return body.previous

    def _operands(self, site: Site, node: NodeDef, place: Place) -> list[Value]:
        """What a join takes: values that it names, or those of the branches that are written in it."""
        if node.operands is not None:
            return joined_values(site, self.body, node)
        assert node.branches is not None
        start = start_value(site, self.body, node)
        return [
            value
            for number, entry in enumerate(node.branches.entries)
            for value in self._branch(entry, start, site.scope, (*place.slot, number))
        ]

    def _branch(self, entry: Entry, start: Value, scope: Scope, slot: Slot) -> list[Value]:
        """What a branch gives; one that is copied is several, each from the same start."""
        self.body.previous = start
        label = str(entry.name.value) if entry.name else "previous"
        site = self._site(scope, label)
        if not entry.node.modifiers.keys() & {"repeat", "each"}:
            values = [self.entry(entry, scope, slot)]
        else:
            try:
                values = all_copies(self, site, entry, slot, start)
            except Failed:
                values = [self.give_up(entry, label)]
        return [each for value in values for each in split(single(site, value, label, entry.node.called_at))]


def _refuse_replace(site: Site, node: NodeDef, place: Place) -> None:
    """Refuse `replace` on a node that uses another's module, which stands as it is."""
    if (replace := node.modifiers.get("replace")) is not None:
        message = f"`{place.name}` uses another node's module, in which nothing can be replaced"
        site.fail("modifiers", message, replace.key.span, help="write `replace` at that node")
