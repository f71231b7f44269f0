"""A path → its feature maps: what each step makes of the map before it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import takewhile
from types import MappingProxyType

from msgspec import Struct
from msgspec.structs import replace

from archspec.graph.labels import are_alike, count_text, layer_words, node_words, place_text, rounded_text, shapes_text
from archspec.graph.model import Graph, Leaf, NodeType
from archspec.ops.kinds import KINDS
from archspec.ops.shapes import Carried, Count, Dim, Shape, form_of, items, known, product, shape_text
from archspec.pictures.drawing.model import Role
from archspec.pictures.volumes.main_path import Path, Source, Step
from archspec.pictures.volumes.side_inputs import beside, origin


class Map(Struct, frozen=True):
    """One value on the path.

    `address` is the node that makes it, `role` is its kind, `words` say what it does, `kernel` is its window, if it has
    one, over so many `channels`. `layer` is true where learned weights or a whole block make it, or where there are
    several from here on, and not for a pooling or a join. `skips` are the places of earlier maps that are joined in,
    `feeds` the further inputs of the network that come in here. `steps` is the length of a sequence, or the number of
    regions, of which one is drawn. `levels` are the shapes of further maps of other sizes, as a pyramid has.
    """

    address: str
    shape: Shape
    role: Role
    sort: str
    words: str
    kernel: tuple[int, ...] | None
    layer: bool
    tooltip: str
    channels: Dim | None = None
    skips: tuple[int, ...] = ()
    feeds: tuple[str, ...] = ()
    steps: Dim | None = None
    levels: tuple[Shape, ...] = ()

    @property
    def item(self) -> Shape:
        """The shape of what is drawn: of a sequence one step, its channels first, and of detections their number."""
        if isinstance(self.shape, Carried) and self.shape.form == "records":
            return self.shape.fields[0][1][:1] if self.shape.fields else ()
        return self.shape[1:] if self.steps is not None and form_of(self.shape) == "tensor" else self.shape

    @property
    def sizes(self) -> Shape:
        """The spatial sizes; none of a vector, which has one value a channel, or of a list of boxes."""
        sizes = tuple(self.item[1:])
        boxes = form_of(self.shape) == "list" and len(sizes) < 2
        return () if boxes or all(size == 1 for size in sizes) else sizes

    @property
    def drawn(self) -> tuple[Map, ...]:
        """What is drawn of it: itself, and each of its levels."""
        others = enumerate(self.levels, start=1)
        return self, *(replace(self, address=f"{self.address}[{n}]", shape=shape, levels=()) for n, shape in others)


def maps(graph: Graph, path: Path, above: Mapping[int, str] = MappingProxyType({})) -> list[Map]:
    """The maps along a path, the network's input first; `above` says in a word what comes in from other inputs."""
    root = graph.root
    name, shape = root.input_names[path.start], root.input_shapes[path.start]
    found = [Map(f"input-{name}", shape, "input", "input", "", None, True, f"{name}\n{shapes_text((shape,))}")]
    place_of = {-1 - path.start: 0}
    inputs = enumerate(zip(root.input_names, root.input_shapes))
    others = [above.get(number) or _coming(name, shape) for number, (name, shape) in inputs]
    coming: list[str] = []
    for place, number in enumerate(path.on):
        step, last = path.steps[number], place == len(path.on) - 1
        previous = path.on[place - 1] if place else -1 - path.start
        sides = [origin(path.steps, each, place_of) for each in beside(path.steps, step, previous)]
        coming += (others[-1 - each] for each in sides if each < 0 and each not in place_of)
        if _makes_map(step.node, last):
            joined = [] if _is(step.node, "detection") else sides
            skips = (place_of[each] for each in joined if each in place_of and place_of[each] != place_of[previous])
            made = _map(step.node, tuple(skips), tuple(coming))
            found.append(replace(made, words=made.words + _order(path.steps, step, root.input_names)))
            coming = []
        place_of[number] = len(found) - 1
    return _in_steps(_fed(found))


def _order(steps: Sequence[Step], step: Step, inputs: Sequence[str]) -> str:
    """In which order a step takes its values, where it matters."""
    sources = step.sources
    matters = isinstance(step.node, Leaf) and step.node.op.kind == "join" and not step.node.op.commutative
    if not matters or len(set(sources)) < 2:
        return ""
    return f" ({', '.join(_called(steps, each, inputs) for each in sources)})"


def _called(steps: Sequence[Step], source: Source, inputs: Sequence[str]) -> str:
    """What the spec calls a value that a step takes."""
    if source.step < 0:
        return inputs[-1 - source.step]
    node = steps[source.step].node
    name = node.address if node.name.isdigit() else node.name
    return f"{name}[{source.output}]" if len(node.shapes) > 1 else name


def _coming(name: str, shape: Shape) -> str:
    """An input of the network in words; nothing of one that may be left out."""
    return "" if isinstance(shape, Carried) and shape.optional else f"{name} {shape_text(tuple(shape))}".strip()


def _fed(found: Sequence[Map]) -> Iterator[Map]:
    """The maps, each with the inputs that come in there for the first time."""
    seen = {""}
    for each in found:
        yield replace(each, feeds=tuple(feed for feed in dict.fromkeys(each.feeds) if feed not in seen))
        seen.update(each.feeds)


def _in_steps(found: Iterable[Map]) -> list[Map]:
    """The maps, sequences among them marked: what recurrent and linear layers give and take as rows of vectors.

    Where several items of an example stand in the batch, as frames or regions do, what they are made of is a sequence
    too, if it is one of as many.
    """
    marked: list[Map] = []
    for each in reversed(list(found)):
        after = marked[-1] if marked else None
        if form_of(each.shape) == "folded":
            marked.append(replace(each, steps=items(each.shape)))
            continue
        vectors = len(each.shape) == 2 and form_of(each.shape) == "tensor"
        made = _is_sequential(each)
        taken = after is not None and each.role != "convolution" and (_is_sequential(after) or after.steps is not None)
        through = after is not None and form_of(after.shape) == "folded" and each.shape[:1] == (after.steps,)
        if (vectors and (made or taken)) or (len(each.shape) > 2 and through):
            each = replace(each, steps=each.shape[0])
        marked.append(each)
    return marked[::-1]


def _makes_map(node: NodeType, last: bool) -> bool:
    """Whether a node gives something else to see: not where it rearranges what it is given."""
    if not isinstance(node, Leaf) or node.op.weighted:
        return True
    if KINDS[node.op.kind].goes_along or node.shapes == node.input_shapes:
        return False
    given, taken = node.shapes[0], node.input_shapes[0]
    handed_on = node.op.kind == "detection" and given == taken
    arranged = node.op.kind == "shape" and _elements(given) == _elements(taken)
    return last or not (handed_on or arranged)


def _is_sequential(made: Map) -> bool:
    """Whether what makes a map takes one of rank 2 for a sequence of vectors."""
    return made.role in KINDS and KINDS[made.role].sequential


def _elements(shape: Shape) -> Count:
    return product(shape) * items(shape)


def _is(node: NodeType, kind: Role) -> bool:
    return isinstance(node, Leaf) and node.op.kind == kind


def _map(node: NodeType, skips: tuple[int, ...], feeds: tuple[str, ...]) -> Map:
    shape, tooltip = node.shapes[0], _tooltip(node)
    if not isinstance(node, Leaf):
        words = node.title or node.name
        sort, levels = node.kind or words, _levels(node.shapes)
        return Map(node.address, shape, "block", sort, words, None, True, tooltip, None, skips, feeds, levels=levels)
    several = form_of(shape) == "folded" and items(shape) != items(node.input_shapes[0])
    layer = node.op.weighted or node.op.kind == "other" or several
    words = _words(node, several)
    kernel, channels = _kernel(node), next(iter(node.input_shapes[0]), None)
    return Map(node.address, shape, node.op.kind, node.op.name, words, kernel, layer, tooltip, channels, skips, feeds)


def _levels(shapes: Sequence[Shape]) -> tuple[Shape, ...]:
    """The further maps of a pyramid: of as many channels, and of other sizes."""
    first, *others = shapes
    alike = tuple(takewhile(lambda other: len(first) > 2 and are_alike(first, other), others))
    return alike if set(alike) - {first} else ()


def _words(leaf: Leaf, several: bool) -> str:
    """What an op does: of a detector's procedures without their settings, and nothing of one that only hands on."""
    given, taken = leaf.shapes[0], leaf.input_shapes[0]
    if _fields(given) and _fields(given) == _fields(taken):
        return ""
    words = layer_words(leaf.op, *leaf.input_shapes).partition(" over ")[0]
    return words.partition(",")[0] if several or leaf.op.kind == "detection" else words


def _fields(shape: Shape) -> list[str]:
    return [name for name, _ in shape.fields] if isinstance(shape, Carried) else []


def _kernel(leaf: Leaf) -> tuple[int, ...] | None:
    size = getattr(leaf.op, "kernel_size", None)
    if size is None or leaf.op.windowed_output:
        return None
    rank = len(leaf.input_shapes[0]) - 1
    return (size,) * rank if isinstance(size, int) else tuple(size)


def _tooltip(node: NodeType) -> str:
    counts = node.counts
    lines = [node.address, node_words(node), shapes_text(node.shapes)]
    lines += [f"{count_text(counts.params)} parameters"] if counts.params else []
    lines += [] if known(counts.macs) and not counts.macs else [f"{rounded_text(counts.macs)} MACs"]
    return "\n".join(filter(None, [*lines, place_text(node.span)]))
