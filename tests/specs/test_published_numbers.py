"""What the papers print, asserted literally: the specs' own figures are not asked."""

from __future__ import annotations

from typing import Any

import pytest
import torchvision

import archspec
from archspec.api import zoo
from archspec.graph.model import Leaf

TORCHVISION = sorted(
    variant
    for variant, document in zoo.variants()
    if document.weights.torchvision and variant in torchvision.models.list_models()
)


def params(spec: str, address: str) -> int:
    return archspec.read(spec).graph.nodes[address].counts.params


def shape(spec: str, address: str) -> tuple[object, ...]:
    return archspec.read(spec).graph.nodes[address].shapes[0]


@pytest.mark.parametrize("variant", TORCHVISION)
def test_torchvisions_own_figures_are_documented_for_each_of_its_weights(variant: str) -> None:
    figures = [each for each in zoo.open_spec(variant)[0].figures if each.variant in (None, variant)]
    own = [each for each in figures if each.source.startswith("torchvision")]
    documented: list[tuple[str, Any]] = [(each.quantity, each.value) for each in own]
    for weights in torchvision.models.get_model_weights(variant):
        assert ("params", weights.meta["num_params"]) in documented
        assert ("macs", pytest.approx(weights.meta["_ops"] * 1e9)) in documented


@pytest.mark.parametrize(
    ("address", "count", "maps"),
    [
        ("C1", 156, (6, 28, 28)),
        ("S2", 12, (6, 14, 14)),
        ("C3", 1_516, (16, 10, 10)),
        ("S4", 32, (16, 5, 5)),
        ("C5", 48_120, (120, 1, 1)),
        ("F6", 10_164, (84,)),
        ("distances", 0, (10,)),
    ],
)
def test_lenet_of_1998_layer_by_layer(address: str, count: int, maps: tuple[int, ...]) -> None:
    assert params("lenet_1998", address) == count
    assert shape("lenet_1998", address) == maps


def test_lenet_of_1998_has_60_000_trainable_parameters_and_10_fixed_bitmaps() -> None:
    graph = archspec.read("lenet_1998").graph
    assert graph.counts.trainable == graph.counts.params == 60_000
    assert graph.counts.buffers == 10 * 7 * 12
    rbf = graph.nodes["distances.rbf"]
    assert isinstance(rbf, Leaf)
    centers = rbf.op.centers
    assert len(set(centers)) == 10
    assert {pixel for center in centers for pixel in center} == {-1, 1}


def test_lenet_of_1998_connects_c3_as_table_i() -> None:
    rows = [
        "X...XXX..XXXX.XX",
        "XX...XXX..XXXX.X",
        "XXX...XXX..X.XXX",
        ".XXX..XXXX..X.XX",
        "..XXX..XXXX.XX.X",
        "...XXX..XXXX.XXX",
    ]
    node = archspec.read("lenet_1998").graph.nodes["C3"]
    assert isinstance(node, Leaf)
    table = tuple(tuple(source for source in range(6) if rows[source][target] == "X") for target in range(16))
    assert node.op.connections == table


def test_lenet_today() -> None:
    assert [params("lenet", name) for name in ("C1", "C3", "C5", "F6", "fc")] == [156, 2_416, 48_120, 10_164, 850]
    assert archspec.read("lenet").params == 61_706


def test_alexnet_of_2012_has_two_groups_and_normalised_responses() -> None:
    network = archspec.read("alexnet_2012")
    assert network.params == 60_965_224
    layers = [node.op for node in network.graph.walk() if isinstance(node, Leaf)]
    assert [(each.out_channels, each.groups) for each in layers if each.name == "conv"] == [
        (96, 1),
        (256, 2),
        (384, 1),
        (384, 2),
        (256, 2),
    ]
    order = [each.name for each in layers]
    assert order[:8] == ["conv", "relu", "local_response_norm", "max_pool"] * 2
    norms = [each for each in layers if each.name == "local_response_norm"]
    assert [(each.size, each.alpha / each.size, each.beta, each.k) for each in norms] == [
        (5, pytest.approx(1e-4), 0.75, 2)
    ] * 2


@pytest.mark.parametrize(
    ("variant", "millions", "depth"),
    [
        ("vgg11", 133, 11),
        ("vgg11_lrn", 133, 11),
        ("vgg13", 133, 13),
        ("vgg16_c", 134, 16),
        ("vgg16", 138, 16),
        ("vgg19", 144, 19),
    ],
)
def test_vgg_table_2(variant: str, millions: int, depth: int) -> None:
    network = archspec.read(variant)
    assert (round(network.params / 1e6), network.depth) == (millions, depth)


@pytest.mark.parametrize(
    ("address", "maps", "thousands"),
    [
        ("conv3", (192, 56, 56), 108),
        ("inception3a", (256, 28, 28), 159),
        ("inception3b", (480, 28, 28), 380),
        ("inception4b", (512, 14, 14), 437),
        ("inception5b", (1024, 7, 7), 1388),
        ("fc", (1000,), 1000),
    ],
)
def test_googlenet_table_1(address: str, maps: tuple[int, ...], thousands: int) -> None:
    """The table counts in K of 1,024, and not always exactly."""
    assert shape("googlenet_2014", address) == maps
    assert params("googlenet_2014", address) / 1024 == pytest.approx(thousands, rel=0.02)


def test_googlenet_of_2014_has_5x5_kernels_and_no_batch_norm() -> None:
    layers = [node.op for node in archspec.read("googlenet_2014").graph.walk() if isinstance(node, Leaf)]
    assert sum(each.name == "conv" and each.kernel_size == 5 for each in layers) == 9
    assert sum(each.name == "local_response_norm" for each in layers) == 2
    assert not any(each.name == "batch_norm" for each in layers)


@pytest.mark.parametrize(
    ("variant", "stride1", "stride2", "macs"), [("resnet50", 1, 2, 4_089_184_256), ("resnet50_v1", 2, 1, 3_857_973_248)]
)
def test_where_a_bottleneck_strides(variant: str, stride1: int, stride2: int, macs: int) -> None:
    network = archspec.read(variant)
    strides = [network.graph.nodes[f"layer2.0.conv{number}"].op.stride for number in (1, 2)]
    assert (*strides, network.macs) == (stride1, stride2, macs)


@pytest.mark.parametrize(("layers", "millions"), [(20, 0.27), (32, 0.46), (44, 0.66), (56, 0.85), (110, 1.7)])
def test_resnets_for_cifar(layers: int, millions: float) -> None:
    network = archspec.read(f"resnet{layers}_cifar")
    assert network.depth == layers
    assert round(network.params / 1e6, 1 if layers == 110 else 2) == millions
    assert network.graph.root.shapes == ((10,),)


def test_a_shortcut_without_parameters_has_none() -> None:
    graph = archspec.read("resnet20_cifar").graph
    shortcut = graph.nodes["layer2.0.pad"]
    assert (shortcut.input_shapes, shortcut.shapes) == (((16, 32, 32),), ((32, 16, 16),))
    assert shortcut.counts.params == 0


@pytest.mark.parametrize("layers", [121, 161, 169, 201])
def test_densenets_are_named_for_their_depth(layers: int) -> None:
    assert archspec.read(f"densenet{layers}").depth == layers


@pytest.mark.parametrize("number", range(8))
def test_efficientnet_skips_later_blocks_more_often(number: int) -> None:
    """From 0 in the first block to just below 0.2, evenly; blocks without a shortcut count and are never skipped."""
    graph = archspec.read(f"efficientnet_b{number}").graph
    blocks = [node.address for node in graph.walk() if getattr(node, "kind", None) == "mbconv"]
    drops = {address: graph.nodes.get(f"{address}.stochastic_depth") for address in blocks}
    for place, node in enumerate(drops.values()):
        assert node is None or node.op.p == pytest.approx(0.2 * place / len(blocks))


@pytest.mark.parametrize("phi", [0, 1, 2.5])
def test_compound_scaling(phi: float) -> None:
    network = archspec.read("efficientnet_compound", phi=phi)
    settings = network.graph.settings
    assert settings["depth"] == pytest.approx(1.2**phi)
    assert settings["width"] == pytest.approx(1.1**phi)
    assert settings["resolution"] == round(224 * 1.15**phi)


def test_compound_scaling_by_nothing_is_the_baseline() -> None:
    assert archspec.read("efficientnet_compound", phi=0).params == archspec.read("efficientnet_b0").params


@pytest.mark.parametrize(
    ("width", "count", "macs"), [(1, 4.2, 569), (0.75, 2.6, 325), (0.5, 1.3, 149), (0.25, 0.5, 41)]
)
def test_mobilenet_v1_widths(width: float, count: float, macs: int) -> None:
    network = archspec.read("mobilenet_v1", **({} if width == 1 else {"width": width}))
    assert round(network.params / 1e6, 1) == count
    assert round(network.macs / 1e6) == macs
