"""Studies: what is found is what reading every network finds, and what is wrong is told at its place."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

import archspec
from archspec.api import zoo
from archspec.cli.app import application
from archspec.language.diagnostics import Findings
from archspec.language.source import Source
from archspec.language.yaml_parser import parse
from archspec.search.study.choices import parse_choices
from archspec.search.study.explore import Explored, explore
from archspec.search.study.find import bundled_studies, open_study
from archspec.search.study.page import Study, parse_study
from archspec.search.study.plot import cloud_of, plot_study

SPEC = """\
archspec: 1
name: net
input: [3, size, size]
params: {width: 8, layers: 2, size: 16, act: {type: op, default: relu}, rate: 0.1}
graph:
  stem: {conv: width, kernel_size: 3, stride: 2, padding: 1}
  "body{i}":
    graph: [{conv: width, kernel_size: 3, padding: 1}, {use: act}, {dropout: rate}]
    repeat: layers
  pool: {adaptive_avg_pool: 1}
  flatten: flatten
  fc: {linear: 10}
"""
STUDY = """\
study: 1
spec: net.yaml
set: {rate: 0.2}
choices:
  width: {from: 4, to: 20, step: 4}
  layers: [1, 2, 3]
  scale: {from: 8, to: 32, points: 3, log: true}
  act: [relu, {leaky_relu: 0.1}, gelu]
let: {size: scale}
subject_to:
  - macs <= of('net.yaml').macs
  - params >= 1000
  - width * scale != 64
objective: {minimize: macs, maximize: [params, depth]}
"""


def study(folder: Path, text: str = STUDY) -> Study:
    (folder / "net.yaml").write_text(SPEC, "utf-8")
    return parse_study(Source("study.yaml", text, folder / "study.yaml"))


def read_in_full(folder: Path) -> tuple[dict[int, Any], set[int], set[int]]:
    """The networks of the study by number, the feasible among them, and those on the front, worked out apart."""
    networks = {}
    every = product(range(4, 21, 4), (1, 2, 3), (8, 16, 32), ("relu", {"leaky_relu": 0.1}, "gelu"))
    for number, (width, layers, size, act) in enumerate(every):
        given: dict[str, Any] = {"width": width, "layers": layers, "size": size, "act": act, "rate": 0.2}
        networks[number] = archspec.read(folder / "net.yaml", **given), width * size
    most = archspec.read(folder / "net.yaml").macs
    feasible = {n for n, (net, area) in networks.items() if net.macs <= most and net.params >= 1000 and area != 64}
    aims = {n: (networks[n][0].macs, -networks[n][0].params, -networks[n][0].depth) for n in feasible}

    def beaten(one: tuple[int, ...]) -> bool:
        return any(other != one and all(a <= b for a, b in zip(other, one)) for other in aims.values())

    return networks, feasible, {n for n, each in aims.items() if not beaten(each)}


def test_what_is_found_is_what_reading_every_network_finds(tmp_path: Path) -> None:
    found = explore(study(tmp_path), jobs=1)
    networks, feasible, front = read_in_full(tmp_path)
    assert found.size == len(found.points) == len(networks)
    assert {point.number for point in found.feasible} == feasible
    fingerprints = {networks[n][0].graph.fingerprint for n in feasible}
    assert len(found.distinct) == len(fingerprints)
    assert {networks[point.number][0].graph.fingerprint for point in found.distinct} == fingerprints
    assert {point.aims for point in found.front} == {found.points[n].aims for n in front}
    for point in found.feasible:
        network = networks[point.number][0]
        assert point.counted == {"params": network.params, "macs": network.macs, "depth": network.depth}
        assert found.architecture(point).graph.fingerprint == network.graph.fingerprint


def test_on_several_cores_the_same_is_found(tmp_path: Path) -> None:
    text = STUDY.replace("step: 4", "step: 1")
    told: list[tuple[int, int]] = []
    alone = explore(study(tmp_path, text), jobs=1)
    shared = explore(study(tmp_path, text), lambda done, of: told.append((done, of)), jobs=2)
    assert shared.points == alone.points
    assert told[-1] == (459, 459)
    assert [done for done, _ in told] == sorted(done for done, _ in told)


def test_a_space_that_is_too_large_is_sampled(tmp_path: Path) -> None:
    text = f"{STUDY}sample: 20\n"
    found = explore(study(tmp_path, text), jobs=1)
    assert (found.size, len(found.points), found.sampled) == (135, 20, True)
    assert len({point.number for point in found.points}) == 20
    assert explore(study(tmp_path, text), jobs=1).points == found.points
    assert explore(study(tmp_path, f"{text}seed: 1\n"), jobs=1).points != found.points
    huge = text.replace("[1, 2, 3]", "{from: 1, to: 90000, step: 1}").replace("step: 4", "step: 0.001")
    assert (
        len(
            explore(
                study(tmp_path, huge.replace("layers:", "rate_:").replace("let: {", "let: {r: rate_, ")), jobs=1
            ).points
        )
        == 20
    )


def test_the_papers_grid_has_18_networks_of_twice_the_work() -> None:
    text = (zoo.folder() / "studies" / "efficientnet_growth.yaml").read_text("utf-8")
    exact = explore(parse_study(Source("exact", text)))
    assert (exact.size, exact.networks, len(exact.feasible), len(exact.distinct)) == (1300, 1300, 37, 18)
    asked = "abs(macs / of('efficientnet_b0').macs - 2) <= 0.1"
    assert asked in text
    formula = explore(
        parse_study(Source("formula", text.replace(asked, "abs(alpha * beta**2 * gamma**2 - 2) <= 0.1 + 1e-9")))
    )
    assert len(formula.feasible) == 92
    assert len({each.number for each in formula.feasible} & {each.number for each in exact.feasible}) == 3


@settings(max_examples=60, deadline=None)
@given(
    first=st.integers(-50, 50), steps=st.integers(0, 40), step=st.sampled_from(["1", "2", "0.05", "0.1", "2.5", "1e-3"])
)
def test_a_range_has_each_of_its_steps(first: int, steps: int, step: str) -> None:
    last = round(first + steps * float(step), 9)
    values = values_of(f"{{from: {first}, to: {last}, step: {step}}}")
    assert values == pytest.approx([first + number * float(step) for number in range(steps + 1)])
    assert all(str(value) == str(round(value, 9)) for value in values)


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("[relu, gelu]", ["relu", "gelu"]),
        ("[1, true, 1.0]", [1, True, 1.0]),
        ("[{leaky_relu: 0.1}, relu]", [{"leaky_relu": 0.1}, "relu"]),
        ("{from: 16, to: 256, points: 5, log: true}", [16, 32, 64, 128, 256]),
        ("{from: 0.001, to: 1, points: 4, log: true}", [0.001, 0.01, 0.1, 1.0]),
        ("{from: 0, to: 1, points: 5}", [0, 0.25, 0.5, 0.75, 1]),
        ("{from: 1, to: 4, points: 30, log: true}", [1, 2, 3, 4]),
    ],
)
def test_the_values_of_a_choice(text: str, values: list[Any]) -> None:
    assert list(values_of(text)) == values


def values_of(text: str) -> tuple[Any, ...]:
    findings = Findings()
    choices = parse_choices(parse(Source("text", f"x: {text}\n")), findings)
    findings.check()
    return choices["x"].values


WRONG = [
    ("study: 1", "study: 2", "`study` of a study cannot be `2`", 1),
    ("spec: net.yaml", "spce: net.yaml", "a study has no key `spce`", 2),
    ("spec: net.yaml", "spec: nothing_like_it", "there is no bundled architecture", 2),
    ("spec: net.yaml", "spec: net.yaml\nvariant: big", "has no variant `big`", 3),
    ("rate: 0.2", "rat: 0.2", "has no param `rat`", 3),
    ("rate: 0.2", "width: 2", "`width` is set, and varies as well", 3),
    ("  layers:", "  layer:", "`net` has no param `layer`, and nothing in the study reads it", 6),
    ("  layers:", "  la-yers:", "a choice cannot be called `la-yers`", 6),
    ("[1, 2, 3]", "[]", "this says no values", 6),
    ("[1, 2, 3]", "[1, 2, 1]", "this value stands in the list twice", 6),
    ("[1, 2, 3]", "3", "this says no values", 6),
    ("step: 4", "stpe: 4", "a range has no key `stpe`", 5),
    ("step: 4", "step: 0", "the step of a range is above 0", 5),
    ("step: 4", "step: four", "`step` of a range cannot be `four`", 5),
    ("step: 4", "step: 1e-9", "a range has 16,000,000,001 values", 5),
    ("from: 4, to: 20", "from: 20, to: 4", "a range goes from a number to one no smaller", 5),
    (", step: 4", "", "a range has `from`, `to`, and `step` or `points`", 5),
    ("from: 8, to", "from: 0, to", "a logarithmic range begins above 0", 7),
    ("points: 3", "points: 1", "a range has 2 points or more", 7),
    ("log: true", "log: 3", "`log` cannot be `3`", 7),
    ("size: scale", "size: scal", "there is no name `scal` here", 9),
    ("size: scale", "size: scale, width: 3", "`width` is a choice, too", 9),
    ("params >= 1000", "parms >= 1000", "there is no name `parms` here", 12),
    ("params >= 1000", "params >= ", "", 12),
    ("params >= 1000", "params + 1", "this comes to", 12),
    ("params >= 1000", "params / (layers - 1) >= 1", "zero", 12),
    ("of('net.yaml').macs", "of('nothing').macs", "there is no bundled architecture `nothing`", 11),
    ("of('net.yaml').macs", "of('net.yaml').mac", "has no `.mac`", 11),
    ("of('net.yaml').macs", "of(3).macs", "`of` takes a spec's name in quotes", 11),
    ("minimize: macs", "minimise: macs", "`objective` has no key `minimise`", 14),
    ("minimize: macs", "minimize: val_accuracy", "there is no name `val_accuracy` here", 14),
    ("minimize: macs", "minimize: macs > 3", "this comes to", 14),
    ("params >= 1000", "params >= 10**9", "none of 135 points meets every condition", 11),
]


@pytest.mark.parametrize(("old", "new", "message", "line"), WRONG, ids=[each[1][:40] for each in WRONG])
def test_what_is_wrong_is_told_at_its_place(old: str, new: str, message: str, line: int, tmp_path: Path) -> None:
    assert STUDY.count(old) == 1
    with pytest.raises(archspec.SpecError) as caught:
        explore(study(tmp_path, STUDY.replace(old, new)), jobs=1).check()
    (first, *_) = caught.value.diagnostics
    assert message in str(caught.value)
    assert "Traceback" not in str(caught.value)
    assert first.span is not None
    assert first.span.line == line, str(first)


def test_where_nothing_is_feasible_the_nearest_points_are_shown(tmp_path: Path) -> None:
    text = STUDY.replace("params >= 1000", "params >= 20000")
    with pytest.raises(archspec.SpecError) as caught:
        explore(study(tmp_path, text), jobs=1).check()
    found = caught.value.diagnostics[0].found
    assert found is not None
    assert found.startswith("nearest: width 20, layers 2, scale 8, act relu (params 8,010, macs 124,040, depth 4); ")


def test_where_no_point_is_a_network_the_reason_is_shown(tmp_path: Path) -> None:
    text = STUDY.replace("from: 4, to: 20, step: 4", "from: -8, to: -4, step: 4")
    with pytest.raises(archspec.SpecError, match="no point makes a network") as caught:
        explore(study(tmp_path, text), jobs=1).check()
    assert "cannot be `-8`" in str(caught.value)


def test_a_plot_shows_each_network_once(tmp_path: Path) -> None:
    found = explore(study(tmp_path, STUDY.replace("maximize: [params, depth]", "maximize: params")), jobs=1)
    cloud = cloud_of(found)
    assert (cloud.across, cloud.up) == ("macs", "params")
    assert set(cloud.front) <= set(cloud.feasible)
    assert {across for across, _ in cloud.feasible} == {(each.counted or {})["macs"] for each in found.feasible}
    assert b"on the front" in plot_study(found)


@pytest.mark.parametrize("name", bundled_studies())
def test_a_bundled_study_is_right(name: str) -> None:
    read = open_study(name)
    assert read.name == name
    assert isinstance(Explored(read, 1, []).feasible, list)


def test_the_command_says_what_it_found(tmp_path: Path) -> None:
    study(tmp_path)
    path = tmp_path / "study.yaml"
    path.write_text(STUDY, "utf-8")
    app = application(["search", "check"])
    plot = tmp_path / "front.svg"
    outcome = CliRunner().invoke(app, ["search", str(path), "--dry-run", "--plot", str(plot), "--rows", "2"])
    assert outcome.exit_code == 0, outcome.output
    first, headers, *rows = outcome.stdout.splitlines()
    assert first.startswith("study: 135 points, all of them tried, ")
    assert headers.split() == ["width", "layers", "scale", "act", "params", "macs", "depth"]
    assert len(rows) == 2
    assert "<svg" in plot.read_text("utf-8")
    data = json.loads(CliRunner().invoke(app, ["search", str(path), "--dry-run", "--json"]).stdout)
    assert (data["size"], data["tried"], data["sampled"]) == (135, 135, False)
    assert data["front"][0].keys() == {"choices", "settings", "params", "macs", "depth"}


@pytest.mark.parametrize("arguments", [["nothing"], ["lenet"], [str(zoo.folder() / "lenet.yaml")]])
def test_what_is_no_study_is_told(arguments: list[str]) -> None:
    outcome = CliRunner().invoke(application(["search", "check"]), ["search", *arguments, "--dry-run"])
    assert (outcome.exit_code, outcome.stdout) == (1, "")
    assert "no bundled study" in outcome.output or "is no study" in outcome.output
