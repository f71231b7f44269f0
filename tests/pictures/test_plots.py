from __future__ import annotations

import os
import re
from itertools import combinations
from pathlib import Path
from xml.etree import ElementTree

import pytest

import archspec
from archspec.analysis.memory import activation_memory
from archspec.api import zoo
from archspec.graph.labels import rounded_text
from archspec.graph.model import Graph
from archspec.ops.shapes import known
from archspec.pictures.plots import FORMATS, Theme, plot_family, plot_stages
from archspec.pictures.plots.costs import costs, for_one
from archspec.pictures.plots.family import _tick_text, family_figure
from archspec.pictures.plots.figure import DPI, PALETTES, drawing

NAMES = [name for name, _ in zoo.variants()]
FEWEST = {"lraspp_mobilenet_v3_large": 2}
"""Stages, where not 3: a backbone that gives two of its maps is one."""
SIGNS = {"svg": b"<?xml", "png": b"\x89PNG", "pdf": b"%PDF"}
SVG = "{http://www.w3.org/2000/svg}"


def family(*documents: str) -> list[Graph]:
    """The architectures of some documents whose costs are numbers."""
    graphs = (archspec.read(name).graph for name, document in zoo.variants() if document.name in documents)
    return [graph for graph in graphs if known(graph.counts.macs)]


def texts(svg: bytes) -> list[str]:
    """What a reader of an SVG sees, text by text."""
    return ["".join(each.itertext()) for each in ElementTree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize("name", NAMES)
def test_the_costs_of_stages_add_up(name: str) -> None:
    graph = archspec.read(name).graph
    found = costs(graph)
    assert sum(each.params for each in found) == graph.counts.params
    assert sum(each.macs for each in found) == graph.counts.macs
    assert sum(each.memory for each in found) == activation_memory(graph)[""]
    places = [list(graph.nodes).index(each.address) for each in found]
    assert places == sorted(set(places))
    assert FEWEST.get(name, 3) <= len(found) <= 40


def test_stages_are_what_a_reader_calls_so() -> None:
    def addresses(name: str) -> list[str]:
        return [each.address for each in costs(archspec.read(name).graph)]

    assert addresses("lenet") == ["C1", "S2", "C3", "S4", "C5", "F6", "fc"]
    assert addresses("resnet50") == ["conv1", "layer1", "layer2", "layer3", "layer4", "fc"]
    convolutions = [f"features.{number}" for number in (0, 3, 6, 8, 10)]
    assert addresses("alexnet") == [*convolutions, "classifier.1", "classifier.4", "classifier.6"]
    assert addresses("efficientnet_b0") == [*(f"features.{number}" for number in range(9)), "classifier.1"]
    assert addresses("densenet121")[:3] == ["features.conv0", "features.denseblock1", "features.transition1"]


def test_the_plot_of_stages_says_every_number() -> None:
    words = texts(plot_stages(archspec.read("resnet50").graph))
    assert {"conv1", "layer1", "layer2", "layer3", "layer4", "fc"} <= set(words)
    assert {"9.54 k", "15.0 M", "1.46 G", "59.4 MB", "4.00 kB"} <= set(words)
    assert {"parameters: 25.6 M", "MACs: 4.09 G", "activations, float32: 150 MB"} <= set(words)
    assert "ResNet (resnet50), input 3×224×224" in words
    assert "aux1 (training only)" in texts(plot_stages(archspec.read("googlenet").graph))


def test_the_plot_of_a_family_names_every_member() -> None:
    words = texts(plot_family(graphs := family("resnet", "vgg")))
    assert {graph.name for graph in graphs} <= set(words)
    assert {"ResNet", "VGG", "MACs", "parameters", "10 G"} <= set(words)


@pytest.mark.parametrize("documents", [("resnet",), ("vgg",), ("efficientnet",), ("mobilenet_v1", "mobilenet_v2"), ()])
def test_no_name_lies_over_another(documents: tuple[str, ...]) -> None:
    graphs = family(*(documents or zoo.documents()))
    with drawing("light"):
        figure = family_figure(graphs, PALETTES["light"])
        for dpi in (72, DPI):
            figure.set_dpi(dpi)
            figure.draw_without_rendering()
            labels = [text for text in figure.axes[0].texts if text.get_text()]
            named = "\n".join(text.get_text() for text in labels).split("\n")
            assert sorted(named) == sorted(graph.name for graph in graphs)
            extents = [text.get_window_extent() for text in labels]
            assert [pair for pair in combinations(extents, 2) if pair[0].overlaps(pair[1])] == []
            for extent in extents:
                assert figure.bbox.x0 <= extent.x0 and extent.x1 <= figure.bbox.x1
                assert figure.bbox.y0 <= extent.y0 and extent.y1 <= figure.bbox.y1


@pytest.mark.parametrize(
    ("theme", "format"), [*(("light", each) for each in FORMATS), ("dark", "svg"), ("print", "svg")]
)
def test_the_same_plot_has_the_same_bytes(theme: Theme, format: str) -> None:
    graph = archspec.read("lenet").graph
    for plot in (lambda: plot_stages(graph, theme, format), lambda: plot_family([graph], theme, format)):
        first = plot()
        assert first == plot()
        assert first.startswith(SIGNS[format])


def test_in_print_there_is_no_colour() -> None:
    for svg in (plot_stages(archspec.read("lenet").graph, "print"), plot_family(family("resnet", "vgg"), "print")):
        assert set(re.findall(r"#[0-9a-f]{6}", svg.decode())) == {"#000000", "#ffffff"}


@pytest.mark.parametrize("theme", PALETTES)
def test_no_two_families_have_one_sign(theme: Theme) -> None:
    signs = [PALETTES[theme].point(number) for number in range(len(zoo.documents()))]
    assert len(set(signs)) == len(signs)


def test_the_users_own_settings_stay_and_change_nothing() -> None:
    import matplotlib

    graph = archspec.read("lenet").graph
    before = plot_stages(graph)
    with matplotlib.rc_context({"font.size": 30, "axes.facecolor": "red"}):
        assert plot_stages(graph) == before
        assert matplotlib.rcParams["font.size"] == 30


def test_what_cannot_be_plotted_is_told(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("archspec: 1\nname: net\ninput: [3, H, W]\ngraph: [{conv: 4, kernel_size: 3}]\n")
    for plot in (plot_stages, lambda graph: plot_family([graph])):
        with pytest.raises(archspec.SpecError, match="the costs of `net` depend on symbolic sizes"):
            plot(archspec.read(path).graph)
    path.write_text("archspec: 1\nname: net\ninput: [3, 8, 8]\ngraph: [relu]\n")
    assert plot_stages(archspec.read(path).graph).startswith(b"<?xml")
    with pytest.raises(archspec.SpecError, match="`net` has no parameters or no MACs"):
        plot_family([archspec.read(path).graph])


def test_what_is_in_proportion_to_a_symbolic_size_is_plotted_for_one() -> None:
    words = texts(plot_stages(archspec.read("cnn_lstm").graph))
    assert "CNN + LSTM, input T×3×224×224, T = 1" in words
    frame = archspec.read("resnet18").macs - 512 * 1000  # its classifier is left out
    assert f"{rounded_text(frame)}" in words
    found, sizes = for_one(costs(archspec.read("fasterrcnn_resnet50_fpn").graph)) or ([], [])
    assert sizes == ["N"]
    assert found[0].memory == 12_800_000 + 24
    assert for_one(costs(archspec.read("lenet").graph)) == (costs(archspec.read("lenet").graph), [])


def test_ticks_that_are_near_to_each_other_do_not_read_alike() -> None:
    assert [_tick_text(tick) for tick in (1_525_000_000, 1_550_000_000, 20_000, 500)] == [
        "1.525 G",
        "1.55 G",
        "20 k",
        "500",
    ]


def test_without_matplotlib_it_says_what_to_install(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("archspec.pictures.plots.figure.find_spec", lambda name: None)
    with pytest.raises(archspec.SpecError, match=r"pip install 'archspec-nn\[plots\]'"):
        plot_stages(archspec.read("lenet").graph)


def test_the_plots_of_the_docs_show_what_they_would_now() -> None:
    """ARCHSPEC_UPDATE_GOLDENS=1 plots them anew; the bytes may differ between versions of matplotlib, the words not."""
    images = Path(__file__).parents[2] / "docs" / "images"
    made = {"plot_resnet50": plot_stages(archspec.read("resnet50").graph), "plot_resnet": plot_family(family("resnet"))}
    for name, svg in made.items():
        path = images / f"{name}.svg"
        if os.environ.get("ARCHSPEC_UPDATE_GOLDENS"):
            path.write_bytes(svg)
        assert texts(path.read_bytes()) == texts(svg)
