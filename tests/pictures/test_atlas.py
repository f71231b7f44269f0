"""The atlas as a document: what it holds and how large it is. How it behaves is tested in a browser, beside this."""

from __future__ import annotations

import json
import re
from collections import Counter
from functools import cache
from html.parser import HTMLParser
from pathlib import Path
from typing import Any

import pytest

import archspec
from archspec.api import zoo
from archspec.api.architecture import Architecture
from archspec.codegen import written
from archspec.codegen.inplace import with_inplace
from archspec.graph.model import Leaf
from archspec.pictures.atlas.spec_lines import spec_lines
from tests.samples import SPECS, sample

MOST_BYTES = 300_000
LARGE = {
    "hrnet": 460_000,
    "llama": 330_000,
    "maxvit": 680_000,
    "mvit": 830_000,
    "nfnet": 1_250_000,
    "raft": 500_000,
    "stable_diffusion_v1": 360_000,
    "swin": 450_000,
    "swin3d": 420_000,
    "swin_v2": 560_000,
    "t5": 440_000,
    "whisper": 370_000,
}
"""At most, of networks whose blocks differ from each other in sizes, or are many."""
VOID = {"meta", "input", "br", "link"}
"""HTML's elements without an end."""


class Outline(HTMLParser):
    """Elements with their attributes, in order; every start must have its end."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.elements: list[tuple[str, dict[str, str | None]]] = []
        self.scripts: list[str] = []
        self._open: list[str] = []
        self.feed(text)
        self.close()
        assert not self._open

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        assert len({name for name, _ in attrs}) == len(attrs), (tag, attrs)
        self.elements.append((tag, dict(attrs)))
        if tag not in VOID:
            self._open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self._open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self._open and self._open[-1] == "script":
            self.scripts.append(data)

    def values(self, attribute: str) -> list[str]:
        return [value for _, known in self.elements if (value := known.get(attribute))]

    def count(self, tag: str) -> int:
        return sum(each == tag for each, _ in self.elements)

    @property
    def data(self) -> Any:
        return json.loads(self.scripts[0])


def html(architecture: Architecture, **options: Any) -> str:
    return architecture.draw(**options).bytes("html").decode()


@cache
def atlas_of(name: str) -> str:
    """The atlas of the largest variant."""
    return html(largest(name))


@cache
def largest(name: str) -> Architecture:
    """The variant of a bundled spec with the most nodes."""
    document = zoo.bundled(name)
    return max((archspec.read(each) for each in document.variants or (name,)), key=lambda each: each.graph.root.size)


@pytest.mark.parametrize("name", zoo.documents())
def test_every_architecture_is_one_small_file_that_needs_nothing_else(name: str) -> None:
    text = atlas_of(name)
    assert len(text.encode()) < LARGE.get(name, MOST_BYTES)
    outline = Outline(text)
    ids = outline.values("id")
    assert len(ids) == len(set(ids))
    assert {link.removeprefix("#") for link in outline.values("href")} <= set(ids)
    assert not outline.values("src")
    assert not re.search(r"url\(|@import|https?://(?!\S*</code>)", re.sub(r"<pre.*?</pre>", "", text, flags=re.S))
    assert outline.count("section") == len(outline.data["sheets"]) + len(outline.data["files"])


@pytest.mark.parametrize("name", zoo.documents())
def test_every_node_is_told_of_with_what_is_counted_of_it(name: str) -> None:
    graph = largest(name).graph
    data = Outline(atlas_of(name)).data
    found: dict[str, list[Any]] = {}

    def read(row: list[Any], around: str) -> None:
        found.setdefault(around, row)
        for child in row[12] if len(row) > 12 else []:
            read(child, f"{around}.{child[0]}" if around else child[0])

    read(data["root"], "")
    assert found.keys() - {""} == graph.nodes.keys()
    for address, node in graph.nodes.items():
        assert found[address][4] == node.counts.params
        assert found[address][5] == node.counts.macs or isinstance(found[address][5], str)
        assert data["files"][found[address][7]] in (node.span.source.name, Path(node.span.source.name).name)


@pytest.mark.parametrize("name", zoo.documents())
def test_every_node_is_found_in_the_source(name: str) -> None:
    graph = largest(name).graph
    text = largest(name).source()
    lines, module_of = text.splitlines(), with_inplace(graph)
    found = written(graph).lines
    assert found.keys() - {""} == graph.nodes.keys()
    for address, node in graph.nodes.items():
        shown = ["\n".join(lines[first - 1 : last]) for first, last in found[address]]
        assert not shown[0].startswith("class "), address
        module = module_of(node) if isinstance(node, Leaf) else None
        if module is not None:
            called = module.callee.rpartition(".")[2]
            assert called in shown[0] or node.name in shown[0] or re.search(r"\bact\b", shown[0]), (address, shown)


@pytest.mark.parametrize(
    ("name", "address", "lines"),
    [
        ("resnet50", "layer3.0.conv2", ["self.conv2 = nn.Conv2d(", "out = self.conv2(out)"]),
        ("resnet50", "layer1.0.downsample.1", ["nn.BatchNorm2d(4 * width)"]),
        ("resnet50", "layer2.3", ["*(Bottleneck(512, 128) for _ in range(3))"]),
        ("resnet50", "layer4.1.add", ["out = out + identity"]),
        ("densenet121", "features.denseblock2.denselayer3", ["DenseLayer(128 + 32 * i)"]),
        ("densenet121", "features.denseblock2.denselayer3.concat", ["torch.cat([x, conv2], dim=1)"]),
        ("efficientnet_b0", "features.2.0.block.0", ["ConvNormAct(in_channels, hidden_channels)"]),
        ("mobilenet_v2", "features.2.conv.3", ["nn.BatchNorm2d(out)"]),
        ("googlenet", "aux1", ["self.aux1 = InceptionAux(512)", "aux_logits1 = self.aux1(x)"]),
    ],
)
def test_a_node_is_found_where_it_is_made_and_where_it_is_called(name: str, address: str, lines: list[str]) -> None:
    architecture = archspec.read(name)
    text = architecture.source().splitlines()
    spans = written(architecture.graph).lines[address]
    shown = [" ".join(line.strip() for line in text[first - 1 : last]) for first, last in spans]
    assert len(shown) == len(lines)
    for one, expected in zip(shown, lines):
        assert expected in one


def test_a_nodes_lines_in_the_spec_are_all_that_is_written_of_it() -> None:
    graph = archspec.read("resnet50").graph
    text = graph.root.span.source.lines

    def shown(address: str) -> list[str]:
        first, last = spec_lines(graph.nodes[address].span)
        return text[first - 1 : last]

    assert [line.strip() for line in shown("conv1")][::5] == ["conv1:", "bias: false"]
    assert shown("bn1") == ["  bn1: batch_norm"]
    assert [shown("layer3.2")[at].strip() for at in (0, -1)] == ["- use: block", "shortcut: shortcut"]
    assert {"repeat: depth", "else:"} <= {line.strip() for line in shown("layer3.2")}
    first, last = spec_lines(graph.root.span)
    assert (text[first - 1], text[last - 1].strip()) == ("graph:", "fc: {linear: num_classes}")


@pytest.mark.parametrize("name", SPECS)
@pytest.mark.parametrize("view", ["figure", "overview", "detail"])
def test_every_view_has_an_atlas_and_the_same_bytes_each_time(name: str, view: str) -> None:
    text = html(sample(name), view=view)
    assert text == html(sample(name), view=view)
    Outline(text)


def test_blocks_that_run_in_training_only_are_told_as_that() -> None:
    page = archspec.read("googlenet").draw().bytes("html").decode()
    assert "aux1, aux2 · 6.38 M parameters · in training only" in page
    assert "9 blocks · 5.48 M parameters · 1.02 G MACs" in page


def test_a_block_is_a_link_to_its_sheet_without_a_script() -> None:
    text = html(archspec.read("resnet18"))
    assert re.search(r'<a id="layer1" class="node door" data-a="layer1" href="#sheet-1">', text)


def test_a_theme_that_is_asked_for_is_kept_to() -> None:
    assert '<html lang="en" data-theme="dark">' in html(sample("residual"), theme="dark")
    assert '<html lang="en">' in html(sample("residual"))


HOSTILE = """\
archspec: 1
name: hostile
title: Hostile
about: "</script><script>document.title = 'about'</script>"
input: [3, 8, 8]
# </code></pre><script>document.title = 'comment'</script><!-- \u2028
graph:
  conv: {conv: 4, kernel_size: 3}   # &amp; <img src=x onerror=alert(1)>
"""


def test_what_a_spec_says_is_text(tmp_path: Path) -> None:
    path = tmp_path / "<b>&'.yaml"
    path.write_text(HOSTILE, encoding="utf-8")
    outline = Outline(html(archspec.read(path)))
    tags = Counter(tag for tag, _ in outline.elements)
    assert (tags["script"], tags["img"], tags["b"]) == (2, 0, 0)
    assert outline.data["files"][0] == "<b>&'.yaml"
