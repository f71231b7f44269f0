"""`archspec.fit`: what it finds is what counting every point finds."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import archspec
from archspec.api.documents import open_document
from archspec.search.figures import amount
from archspec.search.fit import parse_tolerance
from archspec.search.points import Points
from archspec.search.targets import parse_targets, rank

PAGE = """\
archspec: 1
name: net
input: [3, size, size]
params: {width: 1.0, layers: 2, size: 16, hidden: 64}   # what is varied
let: {channels: divisible(16 * width), odd: 8 * (hidden % 5 + 1)}
graph:
  stem: {conv: channels, kernel_size: 3, stride: 2, padding: 1}
  "body{i}":
    graph: [{conv: channels, kernel_size: 3, padding: 1}, relu]
    repeat: layers
  pool: {adaptive_avg_pool: 1}
  flatten: flatten
  odd: {linear: odd}
  fc: {linear: 10}
"""
FIGURES = ("params", "macs", "memory", "depth")
VARY = {"width": (0.25, 3.0, 0.05), "layers": (1, 30), "size": (8, 48), "hidden": (1, 40)}
FEW = {"width": (0.5, 2.5, 0.1), "layers": (1, 3), "size": (16, 32, 8), "hidden": (8, 10)}


@pytest.fixture(scope="module")
def page(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("fit") / "net.yaml"
    path.write_text(PAGE, "utf-8")
    return path


def grid(vary: dict[str, Any]) -> list[tuple[tuple[str, Any], ...]]:
    """Every setting, worked out apart from `archspec.search`."""
    rows = []
    for name, (first, last, *more) in vary.items():
        step = more[0] if more else 1
        count = round((last - first) / step) + 1
        rows.append([(name, round(first + step * number, 6)) for number in range(count)])
    return list(product(*rows))


asked_for = st.lists(
    st.tuples(st.sampled_from(FIGURES), st.sampled_from(("=", "<=", ">=")), st.floats(0, 1)),
    min_size=1,
    max_size=2,
    unique_by=lambda each: each[0],
)
Asked = list[tuple[str, str, float]]


@pytest.fixture(scope="module")
def points(page: Path) -> Points:
    document, variant = open_document(page, None)
    return Points(document, variant, {}, FIGURES)


def holds_what_counting_every_point_finds(page: Path, points: Points, vary: dict[str, Any], asked: Asked) -> None:
    """What is found has the least rank of all points, or is refused where that misses."""
    counted = [row for point in grid(vary) if (row := points.counted(point)) is not None]
    texts = []
    for figure, relation, share in asked:
        amounts = sorted(row[figure] for row in counted)
        texts.append(f"{figure}{relation}{amounts[int(share * (len(amounts) - 1))]}")
    targets, tolerance = parse_targets(texts), parse_tolerance("5%")
    least = min(rank(targets, row, tolerance) for row in counted)
    if least.missed:
        with pytest.raises(archspec.SpecError, match="no setting comes to"):
            archspec.fit(page, vary, texts, tolerance="5%")
        return
    found = archspec.fit(page, vary, texts, tolerance="5%")
    row = points.counted(tuple(found.settings.items()))
    assert row is not None
    assert rank(targets, row, tolerance) == least


@settings(max_examples=15, deadline=None)
@given(name=st.sampled_from(sorted(VARY)), asked=asked_for)
def test_what_is_found_is_what_counting_every_point_finds(page: Path, points: Points, name: str, asked: Asked) -> None:
    holds_what_counting_every_point_finds(page, points, {name: VARY[name]}, asked)


@settings(max_examples=12, deadline=None)
@given(names=st.lists(st.sampled_from(sorted(FEW)), min_size=2, max_size=3, unique=True), asked=asked_for)
def test_so_it_is_of_several_params(page: Path, points: Points, names: list[str], asked: Asked) -> None:
    holds_what_counting_every_point_finds(page, points, {name: FEW[name] for name in names}, asked)


def test_a_point_is_counted_as_the_whole_page_is(page: Path) -> None:
    document, variant = open_document(page, None)
    points = Points(document, variant, {}, FIGURES)
    for point in grid({"width": (0.5, 2.0, 0.5), "layers": (1, 3)}):
        alone = archspec.read(page, **dict(point))
        expected = {"params": alone.params, "macs": alone.macs, "depth": alone.depth}
        row = points.counted(point)
        assert row is not None
        assert {name: row[name] for name in expected} == expected


def test_bisection_counts_few_points_and_finds_the_same(page: Path) -> None:
    vary = {"width": (0.25, 3.0, 0.005)}
    found = archspec.fit(page, vary, "macs<=1M")
    assert found.points < 60 < found.of == 551
    assert found.settings == archspec.fit(page, vary, "macs<=1M", every=True).settings


def test_several_params_keep_the_rule_between_them(page: Path) -> None:
    found = archspec.fit(page, ["layers=1:4", "width=0.5:2.0:0.1"], "params<=20k macs<=600k")
    assert found.counted["params"] <= 20_000
    assert found.counted["macs"] <= 600_000
    assert dict(found.counted) == {"params": found.architecture.params, "macs": found.architecture.macs}


@pytest.mark.parametrize(
    ("vary", "target", "message"),
    [
        ("widht=1:2", "macs=1M", "has no param `widht`"),
        ("width=2:1", "macs=1M", "there is no value to try"),
        ("width=a:b", "macs=1M", "this is not a range"),
        ("width=1:2:0", "macs=1M", "this is not a range"),
        ("width=0:1e9", "macs=1M", "this is not a range"),
        ("width=1:2:0.1:3", "macs=1M", "this is not a range"),
        ("width=1:nan", "macs=1M", "this is not a range"),
        ("width=1:inf", "macs=1M", "this is not a range"),
        ("width=", "macs=1M", "this is not a range"),
        ("layers=[1, 2", "macs=1M", "is never closed"),
        ("layers=[]", "macs=1M", "there is no value to try"),
        ("layers=[many, few]", "macs=1M", "no param `few`"),
        ("size=-4:-1", "macs=1M", "cannot be"),
        (["size=1:3000", "hidden=1:3000"], "macs=1M", "the params but one have 3,000 settings"),
        ("width=0.5:2", "mcas=1M", "`mcas` is not counted"),
        ("width=0.5:2", "macs=lots", "`macs=lots` is not a target"),
        ("width=0.5:2", "macs=0", "`macs=0` is not a target"),
        ("width=0.5:2", "macs=-3", "`macs=-3` is not a target"),
        ("width=0.5:2", "macs<5", "`macs<5` is not a target"),
        ("width=0.5:2", "macs<=1k macs>=1M", "no setting comes to"),
        ("width=0.5:2", " ", "nothing is asked for"),
        ([], "macs=1M", "no param is varied"),
        (["width=0.5:2", "width=1:2"], "macs=1M", "`width` is given twice"),
        ("width=0.5:2", "params=900M", "no setting comes to `params=900M`"),
    ],
)
def test_what_cannot_be_asked_is_told(page: Path, vary: Any, target: str, message: str) -> None:
    with pytest.raises(archspec.SpecError, match=message):
        archspec.fit(page, vary, target)


@pytest.mark.parametrize("tolerance", ["200%", "-1%", "1", "some", "1/0"])
def test_a_tolerance_is_a_share(page: Path, tolerance: str) -> None:
    with pytest.raises(archspec.SpecError, match="is not a tolerance"):
        archspec.fit(page, "layers", "macs=1M", tolerance=tolerance)


def test_a_figure_of_an_open_size_is_refused(page: Path, tmp_path: Path) -> None:
    path = tmp_path / "open.yaml"
    path.write_text(PAGE.replace("[3, size, size]", "[3, H, W]"), "utf-8")
    with pytest.raises(archspec.SpecError, match="`macs` depends on sizes that the page leaves open"):
        archspec.fit(path, "layers", "macs=1M")
    assert archspec.fit(path, "layers=1:4", "params<=20k").counted["params"] <= 20_000


@pytest.mark.parametrize(
    ("text", "number"),
    [("300M", 300_000_000), ("0.39G", 390_000_000), ("1e9", 10**9), ("1.5e3k", 1_500_000), ("64MiB", 2**26)],
)
def test_an_amount_is_exact(text: str, number: int) -> None:
    assert amount(text) == number


@pytest.mark.parametrize("text", ["", "many", "-1", "1e999", "1e-3", "5m", "1.M", "nan", "0x10"])
def test_what_is_no_amount_is_none(text: str) -> None:
    assert amount(text) is None
