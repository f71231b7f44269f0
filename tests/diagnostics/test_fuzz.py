"""Whatever a spec says, reading it gives an architecture or a `SpecError` whose every message has a place.

The examples are the same in every run; ARCHSPEC_FUZZ=20000 tries so many others.
"""

from __future__ import annotations

import json
import os
import re
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import archspec
from archspec.analysis import verdicts
from archspec.api import zoo
from archspec.cli.json_output import diagnostic_data
from archspec.elaborate.symbol_table import standard_block, standard_names
from archspec.language.diagnostics import Diagnostic
from archspec.language.nodes import RESERVED
from archspec.language.read_text import read_source
from archspec.language.visible_text import json_text
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import plain
from archspec.ops import ops

TRIES = int(os.environ.get("ARCHSPEC_FUZZ", "0"))
fuzz = settings(
    max_examples=TRIES or 250,
    derandomize=not TRIES,
    deadline=None,
    database=None,
    suppress_health_check=list(HealthCheck),
    phases=[Phase.generate],
)
TEXTS = {path.stem: path.read_text("utf-8") for path in sorted(zoo.folder().glob("*.yaml"))}
TREES = {path.stem: plain(parse(read_source(path))) for path in sorted(zoo.folder().glob("*.yaml"))}
SECONDS = 20
"""How long one spec may take, on a busy machine."""

NAMES = [
    "a",
    "b",
    "w",
    "conv1",
    "input",
    "previous",
    "i",
    "x{i}",
    "{w}",
    "class",
    "train",
    "a.b",
    "a[0]",
    "a[9]",
    "0",
    "1",
    "0[1]",
    "",
    "é",
    "a" * 300,
    "\x1b[2J",
    "\x9b31m",
    "a\u202eb",
]
WORDS = [
    *NAMES, *sorted(ops()), *sorted(standard_names()), *sorted(RESERVED), "columns", "rows", "params",
    "graph", "blocks",
    "kernel_size", "stride", "padding", "groups", "out_channels", "dim", "w + 1", "w / 0", "w * [1]", "input.shape",
    "input.channels // 2", "input.shape[9]", "min()", "9 ** 9 ** 9", "(", "a if", "H", "none.yaml", "5M", "nope", "- x",
    "w-1", "-w", "w-nope", "None", "null", "[w, input]", "widths[0]", "max(w, 2)", "'\\x1b[2J'", '"\\e[31m"',
    "./lenet.yaml",
    "dense", "expand", "Conv2d", "kernel", "filters", "activation",
]  # fmt: skip
scalars: st.SearchStrategy[object] = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from([0, 1, 2, 3, 7, 8, 64, -1, 10**6, 10**12, 10**18, 0.5, -0.0, 1e300, 2.0]),
    st.sampled_from([None, True, False, [], {}, "", " ", "~", "\n", "\u202e", "0x10", "1e3"]),
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(WORDS), inner, max_size=3),
    max_leaves=6,
)


CONTROL = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069\ud800-\udfff]")


def check(text: str, folder: Path) -> None:
    """Hold what is promised of any text."""
    path = folder / "spec.yaml"
    path.write_text(text, "utf-8", "surrogatepass")
    before = time.process_time()
    told: list[Diagnostic] = []
    try:
        architecture = archspec.read(path)
        told += (*architecture.warnings, *verdicts.diagnostics(architecture.figures))
        hold(str(architecture.summary(None, audit=True)), json_text(architecture.summary().verdicts, default=str))
    except archspec.SpecError as error:
        assert error.diagnostics
        told += error.diagnostics
    for diagnostic in told:
        assert diagnostic.span is not None or diagnostic.code == "not-text", diagnostic
        assert diagnostic.message[0] == "`" or diagnostic.message[0].islower() or diagnostic.code == "init"
        hold(str(diagnostic), json_text(diagnostic_data(diagnostic)))
    assert time.process_time() - before < SECONDS


def hold(*shown: str) -> None:
    """Hold that nothing that is shown controls a terminal, and that it can be written."""
    for text in shown:
        assert not (found := CONTROL.search(text)), text[found.start() - 60 : found.start() + 10]
        text.encode()


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("fuzz")


def delete(lines: list[str], at: int, other: int, word: str) -> None:
    del lines[at]


def double(lines: list[str], at: int, other: int, word: str) -> None:
    lines.insert(at, lines[at])


def swap(lines: list[str], at: int, other: int, word: str) -> None:
    lines[at], lines[other] = lines[other], lines[at]


def indent(lines: list[str], at: int, other: int, word: str) -> None:
    lines[at] = " " * (other % 5) + lines[at].lstrip()


def cut(lines: list[str], at: int, other: int, word: str) -> None:
    lines[at] = lines[at][: other % (len(lines[at]) + 1)]


def reword(lines: list[str], at: int, other: int, word: str) -> None:
    parts = lines[at].split(" ")
    parts[other % len(parts)] = word
    lines[at] = " ".join(parts)


def control(lines: list[str], at: int, other: int, word: str) -> None:
    column = other % (len(lines[at]) + 1)
    lines[at] = lines[at][:column] + ("\x1b[2J", "\x9b", "\u202e", "\\e[31m", "\x85")[other % 5] + lines[at][column:]


def unquote(lines: list[str], at: int, other: int, word: str) -> None:
    lines[at] = lines[at].replace('"', "").replace("'", "")


EDITS: list[Callable[[list[str], int, int, str], None]] = [
    delete, double, swap, indent, cut, reword, reword, control, unquote,
]  # fmt: skip
BLOCKS = {name: standard_block(name).source.text for name in sorted(standard_names())}


@fuzz
@given(data=st.data())
def test_a_bundled_spec_with_faulty_lines(data: st.DataObject, folder: Path) -> None:
    lines = TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))].split("\n")
    for _ in range(data.draw(st.integers(1, 4))):
        place = st.integers(0, len(lines) - 1)
        edit = data.draw(st.sampled_from(EDITS))
        edit(lines, data.draw(place), data.draw(place), str(data.draw(scalars)))
        lines = lines or [""]
    check("\n".join(lines), folder)


@fuzz
@given(data=st.data())
def test_a_block_file_with_faulty_lines(data: st.DataObject, folder: Path) -> None:
    lines = BLOCKS[data.draw(st.sampled_from(sorted(BLOCKS)))].split("\n")
    for _ in range(data.draw(st.integers(1, 3))):
        place = st.integers(0, len(lines) - 1)
        data.draw(st.sampled_from(EDITS))(lines, data.draw(place), data.draw(place), str(data.draw(scalars)))
        lines = lines or [""]
    check("\n".join(lines), folder)


def places(tree: Any) -> list[tuple[Any, Any]]:
    """Every container in a tree with each of its keys."""
    found = []
    pending = [tree]
    while pending:
        container = pending.pop()
        keys = list(container) if isinstance(container, dict) else range(len(container))
        for key in keys:
            found.append((container, key))
            if isinstance(container[key], (dict, list)):
                pending.append(container[key])
    return found


@fuzz
@given(data=st.data())
def test_a_bundled_spec_with_faulty_values(data: st.DataObject, folder: Path) -> None:
    tree = json.loads(json.dumps(TREES[data.draw(st.sampled_from(sorted(TREES)))]))
    for _ in range(data.draw(st.integers(1, 3))):
        every = places(tree)
        container, key = every[data.draw(st.integers(0, len(every) - 1))]
        match data.draw(st.sampled_from(["value", "remove", "rename", "other"])):
            case "value":
                container[key] = data.draw(values)
            case "remove":
                container.pop(key)
            case "rename" if isinstance(container, dict):
                container[data.draw(st.sampled_from(WORDS))] = container.pop(key)
            case _:
                one, name = every[data.draw(st.integers(0, len(every) - 1))]
                container[key] = json.loads(json.dumps(one[name])) if name in one or isinstance(one, list) else None
        if not tree:
            break
    check(json.dumps(tree, ensure_ascii=False), folder)


def mostly(sound: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    """A sound value, or now and then any."""
    return st.integers(0, 60).flatmap(lambda n: values if n == 37 else sound)


sizes = mostly(st.sampled_from([1, 2, 3, 4, 8, "w", "w * 2", "n", "input.channels", "i + 1"]))
sources = mostly(st.sampled_from(["a", "b", "c", "input", "previous", "a[0]", "a[1]", "t.x", "d0", "d1"]))
modifiers = st.fixed_dictionaries(
    {},
    optional={
        "from": sources,
        "when": mostly(st.sampled_from([True, False, "w > 2", "on", "input.channels == w", "not on"])),
        "repeat": mostly(st.sampled_from([0, 1, 2, 3, "n"])),
        "each": mostly(st.sampled_from([{"columns": ["w"], "rows": [[2], [3]]}, [{"q": 1}, {"q": 2}]])),
        "training": mostly(st.booleans()),
        "freeze": mostly(st.booleans()),
        "expect": mostly(st.lists(st.sampled_from([3, 4, 8, None, "w"]), max_size=4)),
    },
)
calls = st.one_of(
    st.fixed_dictionaries(
        {"conv": sizes, "kernel_size": sizes}, optional={"padding": sizes, "stride": sizes, "groups": sizes}
    ),
    st.fixed_dictionaries({"linear": sizes}),
    st.fixed_dictionaries({"max_pool": sizes}, optional={"stride": sizes, "padding": sizes}),
    st.fixed_dictionaries({"upsample": sizes}),
    st.fixed_dictionaries({"chunk": sizes}, optional={"dim": sizes}),
    st.fixed_dictionaries({"split": st.lists(sizes, max_size=3)}, optional={"dim": sizes}),
    st.fixed_dictionaries({"reshape": st.lists(sizes, max_size=4)}),
    st.fixed_dictionaries({"permute": st.permutations([0, 1, 2, 3])}),
    st.fixed_dictionaries({"pad": st.lists(sizes, max_size=4)}),
    st.fixed_dictionaries({"mean": st.lists(sizes, max_size=3)}),
    st.fixed_dictionaries({"unit": sizes}, optional={"k": sizes}),
    st.fixed_dictionaries({"two": st.none()}),
    st.fixed_dictionaries({"pair": st.none()}),
    st.fixed_dictionaries({"share": sources}),
    st.fixed_dictionaries({"use": mostly(st.sampled_from(["relu", "unit", "act", "two", "lenet", "spec.yaml"]))}),
    *[st.fixed_dictionaries({join: st.lists(sources, max_size=3)}) for join in ("add", "concat", "mul", "matmul")],
    st.fixed_dictionaries({word: st.none() for word in ["flatten"]}),
    st.sampled_from(["relu", "batch_norm", "softmax", "identity", "dropout"]).map(lambda name: {name: None}),
    st.tuples(st.sampled_from(sorted(standard_names())), st.lists(sizes, max_size=3)).map(lambda pair: dict([pair])),
)  # fmt: skip
names = mostly(st.sampled_from(["a", "b", "c", "t", "d{i}", "e", "f"])).map(str)


def graphs(nodes: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    return st.lists(nodes, min_size=1, max_size=5) | st.dictionaries(names, nodes, min_size=1, max_size=5)


def both(pair: tuple[dict[str, Any], dict[str, Any]]) -> dict[str, Any]:
    return {**pair[0], **pair[1]}


def deeper(nodes: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    branches = st.dictionaries(names, nodes, min_size=1, max_size=3)
    bodies = st.one_of(
        st.fixed_dictionaries({"graph": graphs(nodes)}),
        st.fixed_dictionaries({"nodes": graphs(nodes)}),
        *[st.fixed_dictionaries({join: branches}) for join in ("add", "concat")],
    )
    return st.lists(nodes, min_size=1, max_size=4) | st.tuples(bodies, modifiers).map(
        lambda pair: {**pair[0], **pair[1]}
    )


nodes = mostly(
    st.recursive(
        st.sampled_from(["relu", "flatten", "batch_norm", "unit", "two"]) | st.tuples(calls, modifiers).map(both),
        deeper,
        max_leaves=8,
    )
)
specs = st.fixed_dictionaries(
    {
        "archspec": mostly(st.just(1)),
        "name": mostly(st.just("spec")),
        "input": mostly(
            st.sampled_from(
                [[3, 8, 8], [4], [2, 4, 4, 4], ["w", 8, 8], [3, "H", "W"], {"b": [3, 8, 8], "c": [3, 8, 8]}]
            )
        ),
        "params": mostly(st.just({"w": 4, "n": 2, "on": True, "act": "relu"})),
        "blocks": mostly(
            st.fixed_dictionaries(
                {
                    "unit": st.fixed_dictionaries(
                        {"params": mostly(st.just({"v": "int", "k": 1})), "graph": mostly(graphs(nodes))},
                        optional={"let": mostly(st.just({"z": "v * k"})), "output": sources},
                    ),
                    "two": mostly(st.just({"graph": {"a": "relu", "b": "relu"}, "output": {"x": "a", "y": "b"}})),
                    "pair": mostly(st.just({"inputs": ["p", "q"], "graph": [{"add": ["p", "q"]}]})),
                }
            )
        ),
        "graph": mostly(graphs(nodes)),
    },
    optional={
        "let": mostly(st.just({"z": "w * n"})),
        "variants": mostly(st.just({"spec": {}, "wide": {"w": 8}})),
        "output": sources | st.dictionaries(names, sources, max_size=2),
        "init": mostly(st.just({"conv": {"normal": None, "std": 0.1, "bias": "zeros"}})),
        "figures": mostly(st.just([{"params": "1k", "source": "x", "with": {"w": 2}}])),
    },
)


@fuzz
@given(spec=specs)
def test_a_random_spec(spec: dict[str, Any], folder: Path) -> None:
    check(json.dumps(spec, ensure_ascii=False), folder)


@settings(parent=fuzz, max_examples=TRIES or 60)
@given(spec=specs)
def test_a_random_spec_that_is_sound_can_be_drawn_and_written(spec: dict[str, Any], folder: Path) -> None:
    path = folder / "spec.yaml"
    path.write_text(json.dumps(spec, ensure_ascii=False), "utf-8", "surrogatepass")
    try:
        architecture = archspec.read(path)
    except archspec.SpecError:
        return
    hold(architecture.source(), architecture.draw().bytes("mermaid").decode(), json_text(architecture.report()))


@fuzz
@given(text=st.text(st.sampled_from("ab:-[]{},&*!|>'\"#%@` \n\t?0.~<=\\é"), max_size=60))
def test_random_text(text: str, folder: Path) -> None:
    check(text, folder)
