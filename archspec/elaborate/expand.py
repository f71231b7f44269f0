"""Nodes as written → nodes of the graph, with every shape and count."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from archspec.elaborate.arguments import block_arguments, op_instance
from archspec.elaborate.body import BROKEN, Body, Value
from archspec.elaborate.context import MAX_PARAMETERS, Context, Failed, Frame
from archspec.elaborate.library import Library
from archspec.elaborate.modifiers import check_expected, copies, flag, switched_on
from archspec.elaborate.names import check_name, expanded, is_template
from archspec.elaborate.outputs import results_of, warn_unused
from archspec.elaborate.parts import open_part
from archspec.elaborate.references import reference, single
from archspec.elaborate.resize import resized
from archspec.elaborate.scope import Input, Scope
from archspec.graph import Block, Counts, Leaf
from archspec.language.diagnostics import Note
from archspec.language.document import BlockDef
from archspec.language.nodes import Entry, GraphDef, NodeDef
from archspec.language.source import Span
from archspec.language.tree import Tree
from archspec.ops import Op, OpError, ops
from archspec.shapes import Shape, product, shape_text

Slot = tuple[Any, ...]


@dataclass(frozen=True, slots=True)
class Place:
    """Where a node stands: its name and address, its place in the definition, and its modifiers' effect."""

    name: str
    address: str
    slot: Slot
    span: Span
    training: bool
    frozen: bool


@dataclass(frozen=True, slots=True)
class About:
    """What a block is called, what it was called with, and which of its values it gives."""

    kind: str | None = None
    title: str | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    output: Tree | None = None


@dataclass(slots=True)
class Expander:
    """Fills bodies with the nodes that entries stand for."""

    context: Context

    def fill(self, body: Body, graph: GraphDef, scope: Scope, slot: Slot = ()) -> None:
        """Elaborate the entries of a graph, in order."""
        for entry in graph.entries:
            if entry.name is not None and not is_template(str(entry.name.value)):
                body.declared.setdefault(str(entry.name.value), entry.name.span)
        for number, entry in enumerate(graph.entries):
            self.entry(body, entry, scope, (*slot, number))

    def entry(self, body: Body, entry: Entry, scope: Scope, slot: Slot) -> None:
        """All copies of one entry."""
        label = str(entry.name.value) if entry.name else None
        address = body.address(label) if label else body.prefix
        try:
            self._check_copies_have_names(body, entry, address)
            for index, inner in copies(self.context, entry.node, scope, address):
                self._copy(body, entry, inner, (*slot, index))
        except Failed:
            self._give_up(body, label)

    def _copy(self, body: Body, entry: Entry, scope: Scope, slot: Slot) -> None:
        name = None
        try:
            if entry.name is not None:
                name = expanded(self.context, str(entry.name.value), scope, entry.name.span, body.prefix)
            value = self._node(body, entry, name, scope, slot)
        except Failed:
            self._give_up(body, name)
            return
        if name is not None:
            body.names[name] = value
        if not value.training:
            body.previous = value

    def _give_up(self, body: Body, name: str | None) -> None:
        body.previous = BROKEN
        if name is not None:
            body.names[name] = BROKEN

    def _node(self, body: Body, entry: Entry, name: str | None, scope: Scope, slot: Slot) -> Value:
        node, context = entry.node, self.context
        address = body.address(name) if name else body.prefix
        if node.broken:
            raise Failed
        if not switched_on(context, node, scope, address):
            return self._stand_in(body, node, scope, address)
        if node.splice:
            return self._splice(body, node, scope, slot, address)
        place = self._place(body, entry, name, scope, slot)
        context.count_node(node.span)
        value = self._child(body, node, scope, place)
        check_expected(context, node, scope, place.address, value)
        return value

    def _place(self, body: Body, entry: Entry, name: str | None, scope: Scope, slot: Slot) -> Place:
        node, span = entry.node, entry.name.span if entry.name else entry.node.span
        if name is None:
            name = body.number()
        else:
            check_name(self.context, name, span, body.address(name))
            self._check_new(body, name, span)
        address = body.address(name)
        training = flag(self.context, node, "training", scope, address)
        frozen = flag(self.context, node, "freeze", scope, address)
        return Place(name, address, slot, _call_span(node), training, frozen)

    def _child(self, body: Body, node: NodeDef, scope: Scope, place: Place) -> Value:
        if node.branches is not None or node.operands is not None:
            values = self._operands(body, node, scope, place)
        else:
            values = self._sources(body, node, scope, place.address)
        if any(value.broken for value in values):
            self._check_fields(node, scope, place)
            return BROKEN
        self._check_training(values, place)
        if node.share is not None:
            return self._share(body, node, values, place)
        if node.body is not None:
            return self._nested(body, node.body, scope, values, place)
        return self._call(body, node, scope, values, place)

    def _call(self, body: Body, node: NodeDef, scope: Scope, values: list[Value], place: Place) -> Value:
        callee, span = self._callee(node, scope, place)
        block = self._library(node).block(callee)
        if block is not None:
            return self._block(body, block, node, scope, values, place)
        if callee in ops():
            op = op_instance(self.context, ops()[callee], node, scope, place.address, span)
            return self._leaf(body, op, node, values, place)
        return self._part(body, callee, node, scope, values, place, span)

    def _library(self, node: NodeDef) -> Library:
        """A standard block's own calls mean the standard blocks, whatever the document defines."""
        frames = self.context.frames
        fixed = node.use is None and frames and frames[-1].standard
        return Library(None, self.context.findings) if fixed else self.context.library

    def _check_fields(self, node: NodeDef, scope: Scope, place: Place) -> None:
        """Find the faults of an op whose input came to nothing."""
        if node.callee is not None and str(node.callee.value) in ops():
            op_instance(self.context, ops()[str(node.callee.value)], node, scope, place.address, node.callee.span)

    def _callee(self, node: NodeDef, scope: Scope, place: Place) -> tuple[str, Span]:
        if node.callee is not None:
            return str(node.callee.value), node.callee.span
        assert node.use is not None
        text = getattr(node.use, "value", None)
        if isinstance(text, str) and text.endswith((".yaml", ".yml")):
            return text, node.use.span
        value = self.context.value(node.use, scope, "`use`", place.address, words=True)
        if not isinstance(value, str):
            self.context.fail(
                "wrong-type", "`use` names an op, a block or a spec", node.use.span, place.address, found=f"`{value}`"
            )
        return value, node.use.span

    def _leaf(self, body: Body, op: Op, node: NodeDef, values: list[Value], place: Place) -> Value:
        shapes = tuple(value.shapes[0] for value in values)
        try:
            self._check_arity(op, shapes)
            outputs = op.infer(*shapes)
            counts = self._counts(op, shapes, place)
        except OpError as error:
            given = node.fields.get(error.field) if error.field else None
            self.context.fail(
                error.code,
                error.message,
                given.value.span if given else place.span,
                place.address,
                expected=error.expected,
                found=error.found,
                help=error.help,
            )
        leaf = Leaf(
            name=place.name,
            address=place.address,
            inputs=tuple(value.refs[0] for value in values),
            input_shapes=shapes,
            shapes=outputs,
            slot=place.slot,
            span=place.span,
            training=place.training,
            frozen=place.frozen,
            tied=None,
            counts=counts,
            op=op,
        )
        return body.add(leaf)

    def _check_arity(self, op: Op, shapes: Sequence[Shape]) -> None:
        least, most = op.inputs
        if len(shapes) < least or (most is not None and len(shapes) > most):
            wanted = f"{least}" if least == most else f"at least {least}" if most is None else f"{least} to {most}"
            raise OpError(
                "inputs",
                f"`{op.name}` takes {wanted} input{'s' if wanted != '1' else ''}, found {len(shapes)}",
                expected=wanted,
                found=", ".join(map(shape_text, shapes)) or "none",
            )

    def _counts(self, op: Op, shapes: Sequence[Shape], place: Place) -> Counts:
        params = sum(product(shape) for shape in op.parameters(*shapes).values())
        buffers = sum(product(shape) for shape in op.buffers(*shapes).values())
        if params > MAX_PARAMETERS:
            raise OpError(
                "too-large", f"`{op.name}` would have {params:,} parameters", expected=f"at most {MAX_PARAMETERS:,}"
            )
        counted = not (place.training or self.context.in_training)
        return Counts(
            params=params,
            frozen=params if place.frozen or self.context.in_frozen else 0,
            buffers=buffers,
            macs=op.macs(*shapes) if counted else 0,
        )

    def _block(
        self, body: Body, block: BlockDef, node: NodeDef, scope: Scope, values: list[Value], place: Place
    ) -> Value:
        context = self.context
        shapes = self._block_inputs(block.name, block.inputs, values, place)
        around = Scope({}) if block.standard else context.document_scope
        frame = Frame(block.name, node.span if node.callee is None else node.callee.span, block.standard)
        inputs = dict(zip(("input", *block.inputs), (Input(shapes[0]), *map(Input, shapes))))
        arguments, own = block_arguments(context, block, node, scope, around, inputs, place.address)
        with context.inside(frame, place.address):
            for name, tree in block.let.items():
                own = own.inner({name: context.value(tree, own, f"`{name}`", place.address, words=True)})
            graph = context.library.body(block)
            inner = Body.of(place.address, graph.numbered, block.inputs, shapes)
            with context.within(place.training, place.frozen):
                self.fill(inner, graph, own)
            about = About(block.name, block.title, arguments, block.output)
            return self._close(body, inner, values, place, own, about)

    def _block_inputs(self, name: str, names: Sequence[str], values: list[Value], place: Place) -> tuple[Shape, ...]:
        if len(values) != len(names):
            self.context.fail(
                "inputs",
                f"`{name}` takes {len(names)} input{'s' if len(names) != 1 else ''}, found {len(values)}",
                place.span,
                place.address,
                expected=", ".join(f"`{each}`" for each in names),
                help="name them: `from: [a, b]`",
            )
        return tuple(value.shapes[0] for value in values)

    def _nested(self, body: Body, graph: GraphDef, scope: Scope, values: list[Value], place: Place) -> Value:
        shapes = self._block_inputs("a nested graph", ("input",), values, place)
        inner = Body.of(place.address, graph.numbered, ("input",), shapes)
        with self.context.within(place.training, place.frozen):
            self.fill(inner, graph, scope.inner({"input": Input(shapes[0])}))
        return self._close(body, inner, values, place, scope, About())

    def _part(
        self, body: Body, name: str, node: NodeDef, scope: Scope, values: list[Value], place: Place, span: Span
    ) -> Value:
        """Another spec as a part."""
        part = open_part(self.context, name, node, scope, place.address, span)
        shapes = self._block_inputs(name, part.input_names, values, place)
        frame = Frame(part.document.name, span, standard=False)
        with self.context.inside_part(part.library, part.scope, frame, place.address):
            own = part.scope.inner(
                {each: Input(shape) for each, shape in zip(("input", *part.input_names), (shapes[0], *shapes))}
            )
            inner = Body.of(place.address, part.graph.numbered, part.input_names, shapes)
            with self.context.within(place.training, place.frozen):
                self.fill(inner, part.graph, own)
            about = About(part.document.name, part.document.title, part.settings, part.document.output)
            return self._close(body, inner, values, place, own, about)

    def _close(self, body: Body, inner: Body, values: list[Value], place: Place, scope: Scope, about: About) -> Value:
        """Turn a filled body into a block of the body around it."""
        results = results_of(self.context, inner, scope, about.output)
        if results is None:
            return BROKEN
        warn_unused(self.context, inner, results)
        counts = sum((child.counts for child in inner.children), Counts())
        block = Block(
            name=place.name,
            address=place.address,
            inputs=tuple(value.refs[0] for value in values),
            input_shapes=inner.input_shapes,
            shapes=tuple(inner.shape(result.ref) for result in results),
            slot=place.slot,
            span=place.span,
            training=place.training,
            frozen=place.frozen,
            tied=None,
            counts=counts,
            kind=about.kind,
            title=about.title,
            arguments=about.arguments,
            numbered=inner.numbered,
            input_names=inner.input_names,
            children=tuple(inner.children),
            results=results,
        )
        return body.add(block, tuple(result.name for result in results))

    def _share(self, body: Body, node: NodeDef, values: list[Value], place: Place) -> Value:
        """Call an earlier node's module again, weights and all."""
        assert node.share is not None
        value = reference(self.context, body, Scope({}), node.share, place.address)
        if value.broken:
            return BROKEN
        index = value.refs[0].child
        if index < 0:
            self.context.fail("share", "`share` names a node, not an input", node.share.span, place.address)
        first = body.children[index]
        shapes = tuple(value.shapes[0] for value in values)
        if isinstance(first, Leaf):
            return self._share_leaf(body, first, index, values, shapes, place)
        if shapes != first.input_shapes:
            return self._share_block(body, first, index, values, shapes, place)
        shared = replace(first, **_again(place, values, shapes, index, first.counts))
        return body.add(shared, tuple(result.name for result in first.results))

    def _share_leaf(
        self, body: Body, first: Leaf, index: int, values: list[Value], shapes: tuple[Shape, ...], place: Place
    ) -> Value:
        try:
            outputs = first.op.infer(*shapes)
        except OpError as error:
            self.context.fail(
                error.code, error.message, place.span, place.address, expected=error.expected, found=error.found
            )
        before, now = first.op.parameters(*first.input_shapes), first.op.parameters(*shapes)
        self._check_same_weights(before, now, place)
        counts = Counts(macs=first.op.macs(*shapes))
        return body.add(replace(first, shapes=outputs, **_again(place, values, shapes, index, counts)))

    def _share_block(
        self, body: Body, first: Block, index: int, values: list[Value], shapes: tuple[Shape, ...], place: Place
    ) -> Value:
        """The same module on another size: its inside is elaborated again to know its shapes."""
        try:
            again = resized(first, shapes)
        except OpError as error:
            self.context.fail(
                error.code, error.message, place.span, place.address, expected=error.expected, found=error.found
            )
        shared = replace(again, **_again(place, values, shapes, index, again.counts))
        return body.add(shared, tuple(result.name for result in first.results))

    def _check_same_weights(self, before: Mapping[str, Shape], now: Mapping[str, Shape], place: Place) -> None:
        if before != now:
            self.context.fail(
                "share",
                "the shared weights do not fit this input",
                place.span,
                place.address,
                expected=", ".join(f"{name} {shape_text(shape)}" for name, shape in before.items()),
                found=", ".join(f"{name} {shape_text(shape)}" for name, shape in now.items()),
            )

    def _splice(self, body: Body, node: NodeDef, scope: Scope, slot: Slot, address: str) -> Value:
        """A group in place: its children become the enclosing graph's own."""
        assert node.body is not None
        start = self._sources(body, node, scope, address)
        body.previous = start[0]
        self.fill(body, node.body, scope, slot)
        return body.previous

    def _sources(self, body: Body, node: NodeDef, scope: Scope, address: str) -> list[Value]:
        """The values a node takes: those it names, else the node before it."""
        if node.sources is not None:
            return [reference(self.context, body, scope, written, address) for written in node.sources]
        return [single(self.context, body.previous, "previous", _call_span(node), address)]

    def _operands(self, body: Body, node: NodeDef, scope: Scope, place: Place) -> list[Value]:
        if node.operands is not None:
            return [reference(self.context, body, scope, written, place.address) for written in node.operands]
        assert node.branches is not None
        (start,) = self._sources(body, node, scope, place.address)
        return [
            self._branch(body, entry, start, scope, (*place.slot, number))
            for number, entry in enumerate(node.branches.entries)
        ]

    def _branch(self, body: Body, entry: Entry, start: Value, scope: Scope, slot: Slot) -> Value:
        body.previous = start
        self.entry(body, entry, scope, slot)
        return body.previous

    def _stand_in(self, body: Body, node: NodeDef, scope: Scope, address: str) -> Value:
        """The value of a switched-off node: its own first input."""
        if node.operands:
            return reference(self.context, body, scope, node.operands[0], address)
        return self._sources(body, node, scope, address)[0]

    def _check_new(self, body: Body, name: str, span: Span) -> None:
        if name in body.taken or name in body.input_names:
            first = body.taken.get(name)
            self.context.fail(
                "name-twice",
                f"two nodes are called `{name}`",
                span,
                body.address(name),
                help="a repeated name is a template: `" + name + "{i}`",
                notes=(Note("the first is here", first),) if first else (),
            )
        body.taken[name] = span

    def _check_copies_have_names(self, body: Body, entry: Entry, address: str) -> None:
        node, name = entry.node, entry.name
        repeated = node.modifiers.get("repeat") or node.modifiers.get("each")
        if name is None or repeated is None or node.splice or is_template(str(name.value)):
            return
        self.context.fail(
            "name-twice",
            f"all copies would be called `{name.value}`",
            repeated.key.span,
            address,
            help=f'a repeated name is a template: `"{name.value}{{i}}"`',
        )

    def _check_training(self, values: Sequence[Value], place: Place) -> None:
        if any(value.training for value in values) and not place.training:
            self.context.fail(
                "training",
                f"`{place.name}` takes a value that exists in training mode only",
                place.span,
                place.address,
                help="mark it `training: true` as well",
            )


def _again(place: Place, values: list[Value], shapes: tuple[Shape, ...], index: int, counts: Counts) -> dict[str, Any]:
    """What differs in a node that uses another's module again: its weights count once, its work each time."""
    return {
        "name": place.name,
        "address": place.address,
        "inputs": tuple(value.refs[0] for value in values),
        "input_shapes": shapes,
        "slot": place.slot,
        "span": place.span,
        "training": place.training,
        "tied": index,
        "counts": Counts(macs=counts.macs),
    }


def _call_span(node: NodeDef) -> Span:
    return node.callee.span if node.callee is not None else node.span
