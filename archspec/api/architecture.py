"""A spec read and elaborated: the object that `archspec.read` gives."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, get_args

from msgspec import Struct

from archspec.analysis import verdicts
from archspec.analysis.lints import explained, lints
from archspec.analysis.opaque_nodes import without_words
from archspec.api import zoo
from archspec.api.documents import open_document
from archspec.elaborate import default_variant, elaborate
from archspec.elaborate.given_input import with_input
from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, Findings, SpecError
from archspec.language.document import Document, written_document
from archspec.language.plain_values import tree_of
from archspec.language.source import Source, Span
from archspec.language.yaml_tree import Tree, plain
from archspec.ops.shapes import Count

if TYPE_CHECKING:
    from torch import nn

    from archspec.pictures import Colour, Direction, Kind, Theme
    from archspec.pictures.displayable import Shown
    from archspec.reports.difference import Difference
    from archspec.reports.summary import Summary


class Architecture(Struct, frozen=True, eq=False, dict=True):
    """One architecture: a document, a variant, the settings given, and the graph that they come to.

    Nothing here imports torch but `build`.
    """

    document: Document
    variant: str | None
    given: Mapping[str, Tree]
    graph: Graph
    told: tuple[Diagnostic, ...] = ()
    """The warnings that came with reading and elaborating it."""

    @property
    def name(self) -> str:
        """The variant's name, or the document's where it has none."""
        return self.graph.name

    @property
    def title(self) -> str:
        """The name as papers write it; the built module's class is called by its letters and digits."""
        return self.graph.title

    @property
    def params(self) -> int:
        """The number of parameters, frozen ones included; tied weights count once."""
        return self.graph.counts.params

    @property
    def macs(self) -> Count:
        """Multiply-accumulates of convolutions and matrix products for one example in inference."""
        return self.graph.counts.macs

    @property
    def depth(self) -> int:
        """Weighted layers on the longest path."""
        return self.graph.depth

    @cached_property
    def figures(self) -> list[verdicts.Verdict]:
        """A verdict for each documented figure; none where settings were given, since figures hold for the variants."""
        if self.given:
            return []
        return verdicts.verdicts(self.document.figures, self.graph, self.variant, self._under)

    @cached_property
    def warnings(self) -> tuple[Diagnostic, ...]:
        """What is probably not meant. What a setting changes takes one more elaboration, so it is found out here."""
        return (*self.told, *self._idle_settings())

    def _idle_settings(self) -> Iterator[Diagnostic]:
        """A warning for each setting without which the graph would be the same."""
        for name, tree in self.given.items():
            try:
                same = self._under({other: given for other, given in self.given.items() if other != name})
            except SpecError:
                continue
            counted_alike = same.counts == self.graph.counts  # quickly told, and most settings change them
            if counted_alike and same.fingerprint == self.graph.fingerprint and same.settings != self.graph.settings:
                message = f"setting `{name}` changes nothing in `{self.graph.name}`"
                yield Diagnostic("idle-setting", message, tree.span, severity="warning")

    @cached_property
    def _graphs(self) -> dict[str, Graph]:
        """The graphs under other settings, those that figures are documented for among them."""
        return {}

    def with_settings(self, **params: Any) -> Architecture:
        """The same architecture under other settings."""
        return read_document(self.document, self.variant, {**self.given, **setting_trees(params)})

    def without(self, *names: str) -> Architecture:
        """The same architecture with some settings back at their defaults."""
        return read_document(
            self.document, self.variant, {key: tree for key, tree in self.given.items() if key not in names}
        )

    def _under(self, settings: dict[str, Tree]) -> Graph:
        key = repr({name: plain(tree) for name, tree in sorted(settings.items())})
        if key not in self._graphs:
            self._graphs[key] = elaborate(self.document, self.variant, settings, Findings(), zoo.find)
        return self._graphs[key]

    def summary(self, depth: int | None = 1, *, audit: bool = False) -> Summary:
        """The table of nodes down to `depth` (`None`: all), with shapes, parameters, MACs and the verdicts on verdicts.

        `str()` of it is the table as text, and a notebook shows it as HTML. `audit` adds the numbers that the spec
        rounds, as compound scaling does: by stage the raw width and depth, the rounded ones, and the count.
        """
        from archspec.reports.summary import summarise

        return summarise(self.graph, depth, self.figures, audit=audit)

    def draw(
        self,
        view: Kind | Literal["volumes"] | None = None,
        *,
        depth: int | None = None,
        open: Sequence[str] = (),
        colour: Colour = "kind",
        direction: Direction = "TB",
        theme: Theme | None = None,
        training: bool = False,
        title: bool = True,
        legend: bool = True,
        shapes: bool = True,
        only: str | None = None,
        width: str | None = None,
        min_pt: float = 6.0,
        scale: float = 1.0,
        dpi: float | None = None,
        transparent: bool = False,
        font: str | None = None,
        labels: Mapping[str, str] | None = None,
        colours: Mapping[str, str] | None = None,
        brackets: Mapping[str, Sequence[str]] | None = None,
        hide: Sequence[str] = (),
        emphasis: Sequence[str] = (),
        caption: str | None = None,
    ) -> Shown:
        """The picture: `save` it, or let a notebook show it.

        A `"figure"`, the default, shows the stages and each distinct block once, an `"overview"` the stages alone,
        `"detail"` every op, and `"volumes"` feature maps as boxes. `depth` and `open` say which blocks stand open: so
        many levels, and those of these addresses; with either of them the view is an overview unless it is said.
        `only` is the address of a block that is drawn by itself.
        `colour` is by kind, `"params"`, `"macs"` or `"memory"`; `direction` is `"TB"` or `"LR"`; `theme` is `"light"`,
        `"dark"` or `"print"`. What runs in training alone is drawn, dashed, where `training` is true.
        Without `title` or `legend` it has no heading, or does not explain its signs; without `shapes` it does not say
        of what shape values are. It is laid out for a `width` on paper (`"85mm"`, `"178mm"`, `"16:9"`), with text of
        `min_pt` points at least where that can be; `scale` makes it larger, `dpi` are a PNG's pixels to an inch,
        `transparent` leaves out its ground, and `font` is a family for its text. `labels`, `colours`, `brackets`,
        `hide`, `emphasis` and `caption` say what the section `draw` of a page says, and go before it. Raises
        `SpecError` for an address that is no block, and for what is no option.
        """
        from archspec.pictures import Colour, Kind, View, draw
        from archspec.pictures.displayable import chosen
        from archspec.pictures.drawing.wishes import wishes_of
        from archspec.pictures.look import look_of

        look = look_of(width, min_pt, scale, dpi, transparent, font)
        if view == "volumes":
            from archspec.pictures.volumes_picture import Volumes

            return Volumes(self.graph, theme, look)
        chosen(view or "figure", "view", [*get_args(Kind), "volumes"])
        chosen(colour, "colour", get_args(Colour))
        kind = view or ("figure" if depth is None and not open else "overview")
        open = (*open, *(self.document.draw.section.open if depth is None else ()))
        asked = View(kind, depth, tuple(open), colour, training, title, legend, shapes, only)
        own = {"labels": labels, "colours": colours, "brackets": brackets, "hide": hide, "emphasis": emphasis}
        wishes = wishes_of(self.document.draw, {**own, "caption": caption})
        return draw(
            self.graph, asked, verdicts=self.figures, direction=direction, theme=theme, look=look, wishes=wishes
        )

    def report(self) -> dict[str, Any]:
        """Everything known of the architecture as plain JSON values: what `archspec build` writes beside the source."""
        from archspec.reports.architecture_json import report

        return report(self)

    def __repr__(self) -> str:
        from archspec.graph.labels import count_text

        return f"<Architecture {self.name}: {self.params:,} parameters, {count_text(self.macs)} MACs>"

    def _repr_html_(self) -> str:
        return f"{self.draw()._repr_html_()}{self.summary()._repr_html_()}"

    def to_yaml(self) -> str:
        """The page: as it was read, or as it was written of a module; under other settings, one that says only these.

        Raises `SpecError` where what would be written is not the same network.

        >>> print(read("alexnet", num_classes=10).to_yaml().splitlines()[-1])
            - {linear: 10}
        """
        if not self.given and self.variant == default_variant(self.document):
            return self.document.source.text
        from archspec.importing.page import write

        text = write(self.graph)
        if not _says(text, self.graph):
            message = f"no page can be written of `{self.graph.name}`: it has operations for which archspec has no op"
            raise SpecError([Diagnostic("import", message, help="write the settings as a variant of its own page")])
        return text

    def source(self) -> str:
        """The PyTorch source of the module, as `archspec build` writes it."""
        from archspec.codegen import source

        return source(self.graph)

    def build(self, device: Any = None, dtype: Any = None) -> nn.Module:
        """The module, freshly initialised."""
        from archspec.runtime.requirements import require_torch

        require_torch()
        if wrong := [*without_words(self.graph)]:
            raise SpecError(wrong)
        from archspec.runtime.build import build

        return build(self.graph, device=device, dtype=dtype)


def read(spec: str | Path, variant: str | None = None, **params: Any) -> Architecture:
    """Read and elaborate a spec: a path, or the name of a bundled architecture or variant.

    `params` are settings of the spec's own params, and `input` is a shape in the place of the spec's, or several by
    name: `input=[1, 64, 64]`. Raises `SpecError` with every fault, each at its place.
    """
    document, chosen = open_document(spec, variant)
    return read_document(document, chosen, setting_trees(params))


def diff(
    old: str | Path | Architecture, new: str | Path | Architecture, depth: int | None = None, every_tensor: bool = False
) -> Difference:
    """What differs between two architectures, node by node, and which weights of the old one the new one would take.

    `str()` of it is the text, in which blocks stand open down to `depth` (`None`: all) and, with `every_tensor`, all
    tensors that do not carry over are named; its `comparison` holds the pairs of nodes. Raises `SpecError` where a spec
    is wrong.

    >>> print(diff("vgg11", "vgg11_bn", depth=1))  # doctest: +ELLIPSIS
    VGG (vgg11) → VGG (vgg11_bn)
    ...
    """
    from archspec.analysis.comparison import compare
    from archspec.reports.difference import Difference

    before, now = (each if isinstance(each, Architecture) else read(each) for each in (old, new))
    return Difference(compare(before.graph, now.graph), depth, every_tensor)


def read_document(document: Document, variant: str | None, settings: Mapping[str, Tree]) -> Architecture:
    """Elaborate a document that was read already."""
    findings = Findings()
    variant = variant or default_variant(document)
    try:
        graph = elaborate(document, variant, settings, findings, zoo.find)
    except SpecError as error:
        raise SpecError(explained(error.diagnostics, document)) from None
    for warning in lints(with_input(document, settings)[0], graph):
        findings.add(warning)
    return Architecture(document, variant, dict(settings), graph, tuple(findings))


def _says(text: str, graph: Graph) -> bool:
    """Whether a page that was written of a graph is that graph."""
    try:
        return read_document(written_document("page.yaml", text), None, {}).graph.fingerprint == graph.fingerprint
    except SpecError:
        return False


def setting_trees(params: Mapping[str, Any]) -> dict[str, Tree]:
    """Settings given in Python or on the command line, each with a place of its own for messages."""
    return {name: tree_of(value, _setting_span(name, value)) for name, value in params.items()}


def _setting_span(name: str, value: Any) -> Span:
    text = f"{name}={value}"
    return Span(Source("--set", text), 1, 1, 1, len(text) + 1)
