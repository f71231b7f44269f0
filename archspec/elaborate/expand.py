"""Nodes as written → nodes of the graph, with every shape and count.

A node in copies, and a list inside it, become nodes with addresses:

>>> from archspec.elaborate.example import example
>>> graph = example('{stem: {conv: 8, kernel_size: 3}, "layer{i}": {graph: [relu], repeat: 2}}')
>>> {node.address: node.shapes[0] for node in graph.walk()}
{'stem': (8, 30, 30), 'layer0': (8, 30, 30), 'layer0.0': (8, 30, 30), 'layer1': (8, 30, 30), 'layer1.0': (8, 30, 30)}
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from contextlib import suppress
from typing import Any

from msgspec import Struct, field
from msgspec.structs import replace

from archspec.elaborate.arguments import block_arguments, check_arguments, check_call, op_instance
from archspec.elaborate.block_builder import BROKEN, NOTHING, Body, Inputs, Value, refs_of, shapes_of, together
from archspec.elaborate.call_plans import Home, Plan, standard_plan
from archspec.elaborate.context import Context, Failed, Frame
from archspec.elaborate.initialisers import initialisers, of_part
from archspec.elaborate.input_channels import warn_other_channels
from archspec.elaborate.keywords.bindings import BINDINGS, bind
from archspec.elaborate.keywords.carry import Carries, carried, next_inputs, one_step
from archspec.elaborate.keywords.compute import equation
from archspec.elaborate.keywords.hidden_index import warn_hidden
from archspec.elaborate.keywords.modifiers import check_expected, copies, flag, switched_on
from archspec.elaborate.keywords.over import named_after, over_values, place_again
from archspec.elaborate.keywords.repeat import INDEX, repeated
from archspec.elaborate.keywords.share import call_again, share
from archspec.elaborate.keywords.use import Part, find_part, open_part, taken_from, tap_addresses
from archspec.elaborate.leaves import add_leaf
from archspec.elaborate.node_names import expanded, is_template
from archspec.elaborate.outputs import results_of, warn_unused
from archspec.elaborate.partial_calls import Call, put_in, replacements, with_call
from archspec.elaborate.placement import Place, Slot, check_copies_have_names, closed, place_of, refuse_training
from archspec.elaborate.references import operands, single, split, taken
from archspec.elaborate.scope import Scope
from archspec.graph.model import Result
from archspec.language.budget import CHARACTERS, KEPT_NODE, NAMES
from archspec.language.diagnostics import Note
from archspec.language.document import BlockDef
from archspec.language.nodes import Entry, GraphDef, NodeDef
from archspec.language.pydantic_models import value_text
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Tree
from archspec.ops import ops
from archspec.ops.equation import Compute
from archspec.ops.shapes import items, shape_text


class About(Struct):
    """What a block is called, what it was called with, and which of its values it gives."""

    kind: str | None = None
    title: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    output: Tree | None = None
    part: Part | None = None
    definition: BlockDef | None = None

    def joins(self, results: tuple[Result, ...]) -> bool:
        """Whether several results go on as one: a mapping tells them apart, a list and taps do not."""
        tapped = self.part is not None and bool(self.part.taps)
        return len(results) > 1 and (tapped or not isinstance(self.output, MappingTree))


class Expander(Struct):
    """Fills bodies with the nodes that entries stand for."""

    context: Context

    def fill(self, body: Body, graph: GraphDef, scope: Scope, slot: Slot = ()) -> None:
        """Elaborate the entries of a graph, in order."""
        scope.nodes = body.seen
        body.declared = {**graph.declared, **body.declared} if body.declared else graph.declared
        self.context.descend(graph.span, body.prefix)
        try:
            for number, entry in enumerate(graph.entries):
                self.entry(body, entry, scope, (*slot, number))
        finally:
            self.context.depth -= 1

    def entry(self, body: Body, entry: Entry, scope: Scope, slot: Slot) -> Value:
        """All copies of one entry; the value is the last one's, or what came before where there is none."""
        if entry.node.plain:
            return self._plain(body, entry, scope, (*slot, 0))
        label = str(entry.name.value) if entry.name else None
        address = body.address(label) if label else body.prefix
        if entry.node.broken:
            with suppress(Failed):
                self._sources(body, entry.node, scope, address)
            return self._give_up(body, entry, label)
        try:
            if "carry" in entry.node.modifiers:
                return self._carried(body, entry, scope, slot, address)
            if (over := entry.node.modifier("over")) is not None:
                return self._over(body, entry, over, scope, slot, address)
            made = self._copies(body, entry, scope, slot, address)
        except Failed:
            return self._give_up(body, entry, label)
        return made[-1] if made else body.previous

    def _copies(
        self, body: Body, entry: Entry, scope: Scope, slot: Slot, address: str, start: Value | None = None
    ) -> list[Value]:
        """Each copy of an entry; those that `start` at one value do not take each other."""
        check_copies_have_names(self.context, entry, address)
        made: list[Value] = []
        for index, inner in copies(self.context, entry.node, scope, address):
            if start is not None:
                body.previous = start
            made.append(self._copy(body, entry, inner, (*slot, index)))
        if entry.node.sources and len(made) > 1:
            named = ", ".join(str(source.name.value) for source in entry.node.sources)
            body.apart.update((ref.child, named) for value in made for ref in value.refs)
        return made

    def _over(self, body: Body, entry: Entry, over: Tree, scope: Scope, slot: Slot, address: str) -> Value:
        """One copy for each value that `over` names; under a plain name they all call one module."""
        label = str(entry.name.value) if entry.name else None
        values = over_values(self.context, body, entry.node, over, scope, address)
        one_module = label is not None and not is_template(label)
        if not one_module:
            warn_hidden(self.context, entry.node, scope, address)
        made: list[Value] = []
        for index, value in enumerate(values):
            body.previous = value
            if index and (first := body.number_of(made[0], label)) is not None:
                self.context.count_step(entry.node.span)
                place = place_again(self.context, body, entry, scope, (*slot, index))
                made.append(call_again(self.context, body, first, [value], place))
                continue
            inner = scope if one_module else scope.inner({INDEX: index})
            made.append(self._copy(body, entry, inner, (*slot, index)))
            if made[-1].broken:
                return self._give_up(body, entry, label)
        result = replace(together(named_after(values, made)), together=True)
        if one_module and label is not None:
            body.names[label] = result
        body.previous = result
        return result

    def _carried(self, body: Body, entry: Entry, scope: Scope, slot: Slot, address: str) -> Value:
        """One module called step by step, each time with what the step before gave."""
        carries = carried(self.context, entry, address)
        over, repeat = entry.node.modifier("over"), entry.node.modifier("repeat")
        if over is None:
            assert repeat is not None, "there are steps"
            starts = self._sources(body, entry.node, scope, address)
            takes = [starts for _ in repeated(self.context, repeat, scope, address)]
        else:
            node = replace(entry.node, sources=None)
            starts = taken(self.context, body, scope, entry.node.sources or (), address)
            takes = [[value, *starts] for value in over_values(self.context, body, node, over, scope, address)]
        made: list[Value] = []
        for number, given in enumerate(takes):
            made.append(self._step(body, entry, given, made, carries, scope, (*slot, number)))
            if made[-1].broken:
                return self._give_up(body, entry, None)
        if made and entry.name is not None:
            body.names[str(entry.name.value)] = body.previous = replace(together(made), together=True)
        return body.previous

    def _step(
        self,
        body: Body,
        entry: Entry,
        given: list[Value],
        made: list[Value],
        carries: Carries,
        scope: Scope,
        slot: Slot,
    ) -> Value:
        """The first step, or a call of its module with what the last one gave."""
        if not made:
            body.previous = given[0]
            return self._copy(body, replace(entry, node=one_step(entry.node)), scope, slot)
        self.context.count_step(entry.node.span)
        place = place_again(self.context, body, entry, scope, slot)
        values = next_inputs(self.context, given, made[-1], carries, place.address)
        return call_again(self.context, body, made[0].refs[0].child, values, place)

    def _plain(self, body: Body, entry: Entry, scope: Scope, slot: Slot) -> Value:
        """One node as it stands."""
        name = None
        try:
            if entry.name is not None:
                name = expanded(self.context, str(entry.name.value), scope, entry.name.span, body.prefix)
            place = place_of(self.context, body, entry, name, scope, slot)
            value = self._child(body, entry.node, scope, place)
        except Failed:
            return self._give_up(body, entry, name)
        body.names[place.name] = value
        if not value.training:
            body.previous = value
        return value

    def _copy(self, body: Body, entry: Entry, scope: Scope, slot: Slot) -> Value:
        """One copy of a node with modifiers, or of a group."""
        node, name = entry.node, None
        self.context.count_step(node.span)
        try:
            if entry.name is not None:
                name = expanded(self.context, str(entry.name.value), scope, entry.name.span, body.prefix)
            value = self._node(body, entry, name, scope, slot)
            # What follows takes the value before a node that is not there in inference.
            aside = "training" in node.modifiers and flag(self.context, node, "training", scope, body.prefix)
        except Failed:
            return self._give_up(body, entry, name)
        if name is not None and not (node.splice and name in body.taken):
            # A group stands for its last value, unless a node in it has its name.
            body.names[name] = value
        if not (aside or value.training):
            body.previous = value
        return value

    def _give_up(self, body: Body, entry: Entry, name: str | None) -> Value:
        """Go on without a node that could not be elaborated: its consumers report nothing more."""
        node = entry.node
        body.previous = BROKEN
        if name is not None:
            body.names[name] = BROKEN
        if name is None or is_template(name) or node.splice or node.opaque or node.branches:
            body.incomplete = True
        return BROKEN

    def _node(self, body: Body, entry: Entry, name: str | None, scope: Scope, slot: Slot) -> Value:
        node, context = entry.node, self.context
        if node.broken:
            raise Failed
        address = body.address(name) if name else body.prefix
        if "when" in node.modifiers and not switched_on(context, node, scope, address):
            if node.otherwise is not None:
                (other,) = node.otherwise.entries
                return self._node(body, replace(entry, node=other.node), name, scope, slot)
            body.switched_off.update({name} if name else ())
            return self._stand_in(body, node, name, scope, address)
        if node.splice:
            value = self._splice(body, node, scope, slot, address)
            check_expected(context, node, scope, address, value)
            return value
        place = place_of(context, body, entry, name, scope, slot)
        if "replace" in node.modifiers:
            with context.replacing(replacements(context, node, scope, address)):
                value = self._child(body, node, scope, place)
        else:
            value = self._child(body, node, scope, place)
        body.names[place.name] = value
        if not node.modifiers.keys().isdisjoint(BINDINGS):
            bind(context, body, node, scope, place, value)
        if "expect" in node.modifiers:
            check_expected(context, node, scope, place.address, value)
        return value

    def _child(self, body: Body, node: NodeDef, scope: Scope, place: Place) -> Value:
        self.context.count_nodes(node.span)
        self.context.pay(len(scope) // NAMES + len(place.address) // CHARACTERS, node.span)
        if node.callee is not None and node.callee.value == Compute.name and node.fields.keys() == {"equation"}:
            return self._computed(body, node, scope, place)
        if node.branches is not None or node.operands is not None:
            values = self._operands(body, node, scope, place)
        else:
            values = self._sources(body, node, scope, place.address)
        for value in values:
            if value.broken:
                self._check_call(node, scope, place)
                return BROKEN
            if value.training and not place.training:
                refuse_training(self.context, place)
        if node.body is not None:
            return self._nested(body, node.body, scope, values, place)
        if node.share is not None:
            _refuse_replace(self.context, node, place)
            return share(self.context, body, node.share, values, scope, place)
        return self._call(body, node, scope, values, place)

    def _computed(self, body: Body, node: NodeDef, scope: Scope, place: Place) -> Value:
        """An equation over the values that it names."""
        values, op = equation(self.context, body, node, scope, place.address)
        if any(value.broken for value in values):
            return BROKEN
        if not place.training and any(value.training for value in values):
            refuse_training(self.context, place)
        return add_leaf(self.context, body, op, node, values, scope, place)

    def _call(self, body: Body, node: NodeDef, scope: Scope, values: list[Value], place: Place) -> Value:
        context = self.context
        plan, span = context.plans.get(node), place.span
        if plan is None:
            node, plan, span = self._planned(node, scope, place)
        if context.replaced and (instead := context.replaced.get(plan.name)) is not None:
            node = put_in(node, instead)
            plan = self._plan(node, instead.name, place.address, span, instead.home)
        context.pay((len(plan.constants) + len(plan.fillings)) // NAMES, span)
        if plan.home is not None:
            with context.at_home(plan.home):
                return self._meant(body, plan, node, scope, values, place, span)
        return self._meant(body, plan, node, scope, values, place, span)

    def _meant(
        self, body: Body, plan: Plan, node: NodeDef, scope: Scope, values: list[Value], place: Place, span: Span
    ) -> Value:
        """Add what a call means: a block, an op, or another spec."""
        context = self.context
        if plan.block is not None:
            return self._block(body, plan, plan.block, node, scope, values, place)
        if plan.op is not None:
            op = op_instance(context, plan, node, scope, place.address, span)
            if numbers := tuple((at, each.number) for at, each in enumerate(values) if each.number is not None):
                fields = {name: getattr(op, name) for name in op.model_fields_set}
                op = context.memo.op(plan.op, {**fields, "numbers": numbers})
                values = [value for value in values if value.number is None]
            value = add_leaf(context, body, op, node, values, scope, place)
            if values:
                warn_other_channels(context, node, scope, values[0].shapes[0], place.address)
            return value
        if self.context.library.is_faulty(plan.name):
            raise Failed
        return self._part(body, plan.name, node, scope, values, place, span)

    def _check_call(self, node: NodeDef, scope: Scope, place: Place) -> None:
        """Find the faults of a call, or of a nested graph's calls, whose input could not be elaborated."""
        if node.body is not None:
            body = Body.of(place.address, node.body.numbered, Inputs((), ()), place.effects)
            body.previous, body.inputs = BROKEN, {"input": BROKEN}
            self.fill(body, node.body, scope.without("input"))
        if node.callee is None and node.use is None:
            return
        node, plan, span = self._planned(node, scope, place)
        if plan.block is not None:
            check_arguments(self.context, plan.block, node, scope, place.address)
        elif plan.op is not None:
            op_instance(self.context, plan, node, scope, place.address, span)
        elif plan.name not in ops():
            find_part(self.context, plan.name, place.address, span)

    def _planned(self, node: NodeDef, scope: Scope, place: Place) -> tuple[NodeDef, Plan, Span]:
        """A call with all its fields, what it means, and where it says that."""
        if node.callee is not None:
            return node, self._plan(node, str(node.callee.value), place.address, node.called_at), node.called_at
        callee, span, node, home = self._used(node, scope, place)
        return node, self._plan(node, callee, place.address, span, home), span

    def _plan(self, node: NodeDef, callee: str, address: str, span: Span, home: Home | None = None) -> Plan:
        """What a node means that calls `callee`, found out once; with `use` its fields are checked only then.

        A standard block's own calls mean the standard blocks, whatever the document defines.
        """
        plans, key = self.context.plans, node if node.callee is not None else (node, callee)
        plan = plans.get(key)
        if plan is None and node.callee is not None and node.span.source.standard:
            plan = plans[key] = standard_plan(node)
        elif plan is None:
            library = self.context.library if home is None else home.library
            plan = Plan.of(callee, library.meaning(callee), node, home)
            if plan.signature is not None:
                check_call(self.context, plan.signature, node, address, node.span if plan.block is not None else span)
            plans[key] = plan
        return plan

    def _used(self, node: NodeDef, scope: Scope, place: Place) -> tuple[str, Span, NodeDef, Home | None]:
        """What a node with `use` calls, where it says so, the node with all fields, and whose block it is."""
        assert node.use is not None
        text = getattr(node.use, "value", None)
        if isinstance(text, str) and text.endswith((".yaml", ".yml")):
            return text, node.use.span, node, None
        value = self.context.value(node.use, scope, "`use`", place.address, words=True)
        if not isinstance(value, str):
            self.context.fail(
                "wrong-type",
                f"`use` cannot be {value_text(value)}",
                node.use.span,
                place.address,
                expected="the name of an op or block, or of another spec",
                help="`identity` does nothing; `when` switches a node off" if value is None else None,
            )
        if isinstance(value, Call):
            return value.name, node.use.span, with_call(node, value), value.home
        return value, node.use.span, node, None

    def _block(
        self, body: Body, plan: Plan, block: BlockDef, node: NodeDef, scope: Scope, values: list[Value], place: Place
    ) -> Value:
        context = self.context
        given = self._inputs(block.name, block.inputs, values, place, many=block.many, optional=block.optional)
        given.examples = body.examples_in(values)
        seen = given.seen
        own = Scope.within(context.document_scope, seen) if context.library.declares(block) else Scope(seen)
        own.batch = given.batch
        arguments = block_arguments(context, plan, scope, own, place.address)
        about = About(block.name, block.title, arguments, block.output, definition=block)
        inside = given.shapes, given.examples, place.effects
        key = context.memo.block_key(block, arguments, context.library, context.replaced, inside)
        if (again := self._again(body, key, values, place, about)) is not None:
            return again
        context.enter(Frame(block.name, node.called_at, block.standard, block.source.name), place.address)
        try:
            for name, tree in block.let.items():
                own[name] = context.computed(name, tree, own, place.address)
            return self._inside(body, context.library.body(block), own, given, values, place, about, key)
        finally:
            context.frames.pop()

    def _again(self, body: Body, key: Hashable, values: list[Value], place: Place, about: About) -> Value | None:
        """A block whose inside was elaborated before, in another place; `None` where none was."""
        kept = self.context.memo.kept(key)
        if kept is None:
            return None
        size = kept.block.size - 1
        self.context.count_nodes(place.span, size, KEPT_NODE + len(place.address) // CHARACTERS)
        self.context.count_parameters(place.span, kept.block.counts.params)
        block = self.context.memo.again(
            kept,
            place.address,
            about.arguments,
            name=place.name,
            inputs=refs_of(values),
            slot=place.slot,
            span=place.span,
            training=place.training,
            frozen=place.frozen,
        )
        if block is None:
            return None
        labels = tuple([result.name for result in block.results])
        return body.add(block, labels, together=about.joins(block.results))

    def _inputs(
        self,
        name: str,
        names: tuple[str, ...],
        values: list[Value],
        place: Place,
        *,
        many: bool = False,
        optional: int = 0,
    ) -> Inputs:
        """The values of a call by the names of the inputs."""
        shapes, least = shapes_of(values), len(names) - optional
        if len(values) < least or (len(values) > len(names) and not many):
            wanted = f"at least {least}" if many else f"{least} to {len(names)}" if optional else f"{least}"
            self.context.fail(
                "inputs",
                f"`{name}` takes {wanted} input{'s' if len(names) != 1 else ''}, found {len(values)}",
                place.span,
                place.address,
                expected=", ".join(f"`{each}`" for each in names),
                found=", ".join(map(shape_text, shapes)),
                help="name them: `from: [a, b]`" if len(names) > 1 else None,
            )
        return Inputs(names[: len(values)], shapes, many, 0 if many else len(values) - least, names[len(values) :])

    def _nested(self, body: Body, graph: GraphDef, scope: Scope, values: list[Value], place: Place) -> Value:
        given = self._inputs("a nested graph", ("input",), values, place, many=len(values) > 1)
        given.examples = body.examples_in(values)
        return self._inside(body, graph, scope.inner(given.seen), given, values, place, About())

    def _part(
        self, body: Body, name: str, node: NodeDef, scope: Scope, values: list[Value], place: Place, span: Span
    ) -> Value:
        """Another spec as a part."""
        part = open_part(self.context, name, node, scope, place.address, span)
        given = self._inputs(name, part.input_names, values, place)
        given.examples = tuple(map(items, given.shapes))
        frame = Frame(part.document.name, span, False, part.document.source.name)
        with self.context.inside_part(part.library, part.scope, frame, place.address):
            own = Scope.within(part.scope, given.seen)
            own.batch = given.batch
            rules = initialisers(self.context, part.document.init, part.scope)
            self.context.part_rules[place.address] = of_part(rules, place.address)
            about = About(part.document.name, part.document.title, dict(part.scope), part.document.output, part)
            self.context.tapped.update(f"{place.address}.{tap.address}" for tap in part.taps)
            self.context.tapped.update(tap_addresses(self.context, part.document, part.scope, f"{place.address}."))
            return self._inside(body, part.graph, own, given, values, place, about)

    def _inside(
        self,
        body: Body,
        graph: GraphDef,
        scope: Scope,
        given: Inputs,
        values: list[Value],
        place: Place,
        about: About,
        key: Hashable = None,
    ) -> Value:
        """A graph as a block of the body around it, kept under `key`."""
        told = self._told
        inner = Body.of(place.address, graph.numbered, given, place.effects)
        self.fill(inner, graph, scope)
        training = inner.effects.training or about.part is not None
        results = results_of(self.context, inner, scope, about.output, training=training)
        if results is None:
            return BROKEN
        if not graph.span.source.standard:
            warn_unused(self.context, inner, results)
        block = closed(inner, results, refs_of(values), place, (about.kind, about.title, about.arguments))
        if about.part is not None:
            block = taken_from(self.context, about.part, block)
        if key is not None and about.definition is not None and told == self._told:
            self.context.memo.keep(key, block, about.definition)
        labels = tuple([result.name for result in block.results])
        return body.add(block, labels, together=about.joins(block.results))

    @property
    def _told(self) -> tuple[int, int]:
        """What a block says beside its nodes, which is not kept with them: so many reports and ties there are."""
        return self.context.reports, len(self.context.ties)

    def _splice(self, body: Body, node: NodeDef, scope: Scope, slot: Slot, address: str) -> Value:
        """A group in place: its children become the enclosing graph's own."""
        assert node.body is not None
        if (training := node.modifiers.get("training")) is not None:
            self.context.fail(
                "modifiers",
                "`training` is not allowed on a group of `nodes`",
                training.key.span,
                address,
                help="write `graph` for `nodes`, which makes one node of them",
            )
        body.previous = self._start(body, node, scope, address)
        around = body.group_frozen
        body.group_frozen = flag(self.context, node, "freeze", scope, address) or around
        try:
            self.fill(body, node.body, scope, slot)
        finally:
            body.group_frozen = around
        return body.previous

    def _start(self, body: Body, node: NodeDef, scope: Scope, address: str) -> Value:
        """What branches or a group start from: the one value that `from` names, else all that the node before gives."""
        if node.sources is None:
            return body.previous
        values = self._sources(body, node, scope, address)
        if len(values) != 1:
            extra = node.sources[min(1, len(node.sources) - 1)]
            self.context.fail("inputs", f"one input is needed here, found {len(values)}", extra.span, address)
        return values[0]

    def _sources(self, body: Body, node: NodeDef, scope: Scope, address: str) -> list[Value]:
        """The values a node takes: those it names, else the node before it."""
        if node.sources is not None:
            return taken(self.context, body, scope, node.sources, address)
        if self._takes_nothing(node):
            return []
        previous = body.previous
        if previous is NOTHING:
            self.context.fail(
                "inputs", "there is no node before this one, and the graph has no input", node.called_at, address
            )
        if len(previous.refs) < 2:
            return [previous]
        return split(single(self.context, previous, body.called(previous), node.called_at, address))

    def _takes_nothing(self, node: NodeDef) -> bool:
        """Whether a node calls what needs no input: a tensor that the network holds, or a block without any."""
        if node.callee is None:
            return False
        callee = self.context.library.meaning(str(node.callee.value))
        inputs = callee.inputs if callee is not None else None
        return inputs == () or (inputs is not None and inputs[0] == 0)

    def _operands(self, body: Body, node: NodeDef, scope: Scope, place: Place) -> list[Value]:
        if node.operands is not None:
            return self._named(body, node, scope, place.address)
        assert node.branches is not None
        start = self._start(body, node, scope, place.address)
        return [
            value
            for number, entry in enumerate(node.branches.entries)
            for value in self._branch(body, entry, start, scope, (*place.slot, number))
        ]

    def _branch(self, body: Body, entry: Entry, start: Value, scope: Scope, slot: Slot) -> list[Value]:
        """What a branch gives; one that is copied is several, each from the same start."""
        body.previous = start
        label = str(entry.name.value) if entry.name else "previous"
        address = body.address(label)
        if not entry.node.modifiers.keys() & {"repeat", "each"}:
            values = [self.entry(body, entry, scope, slot)]
        else:
            try:
                values = self._copies(body, entry, scope, slot, address, start)
            except Failed:
                values = [self._give_up(body, entry, label)]
        ones = (single(self.context, value, label, entry.node.called_at, address) for value in values)
        return [each for one in ones for each in split(one)]

    def _stand_in(self, body: Body, node: NodeDef, name: str | None, scope: Scope, address: str) -> Value:
        """The value of a switched-off node: its own first input, or the node before where it takes nothing.

        Where that input is left out, so is the node.
        """
        written = node.operands or node.sources
        if written and written[0].name.value in body.left_out:
            body.left_out.update({name} if name else ())
            return body.previous
        first, *others = self._would_take(body, node, scope, address) or [body.previous]
        what = f"`{name}`" if name else "the node"
        note = Note(f"{what} would take it, but is switched off and stands for its first input", node.called_at)
        body.passed_over.update((ref.child, note) for other in others for ref in other.refs)
        return first

    def _would_take(self, body: Body, node: NodeDef, scope: Scope, address: str) -> list[Value]:
        if node.callee is not None and node.callee.value == Compute.name:
            return equation(self.context, body, node, scope, address)[0]
        if node.operands:
            return self._named(body, node, scope, address)
        return self._sources(body, node, scope, address)

    def _named(self, body: Body, node: NodeDef, scope: Scope, address: str) -> list[Value]:
        """What a join names: values, and in arithmetic numbers."""
        op = ops().get(str(node.callee.value)) if node.callee is not None else None
        find = operands if op is not None and op.takes_numbers else taken
        written = node.operands or ()
        values = find(self.context, body, scope, written, address)
        alone = len(written) == len(values) == 2 and written[0].span == written[1].span
        if alone and values[0].refs == values[1].refs and not values[0].broken:
            name = written[1].name
            message = f"`{name.value}` is the node before this one, which would be joined with itself"
            self.context.fail("join", message, name.span, address, help="name the node that it is joined with")
        return values


def _refuse_replace(context: Context, node: NodeDef, place: Place) -> None:
    """Refuse `replace` on a node that uses another's module, which stands as it is."""
    if (replace := node.modifiers.get("replace")) is not None:
        message = f"`{place.name}` uses another node's module, in which nothing can be replaced"
        context.fail("modifiers", message, replace.key.span, place.address, help="write `replace` at that node")
