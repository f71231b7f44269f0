"""What an editor shows of a page, on pages that are whole, half typed and edited at random."""

from __future__ import annotations

import random
import time
from pathlib import Path

import pytest

from archspec.api import zoo
from archspec.editor.page.analysis import Analysis, analyse
from archspec.editor.page.completion import completions
from archspec.editor.page.fixes import applied, fixes
from archspec.editor.page.hints import hints
from archspec.editor.page.hover import hover
from archspec.editor.page.lens import lenses
from archspec.editor.page.navigation import RenameError, definition, references, renamed, replaced, word_at
from archspec.editor.page.nodes import every, graphs
from archspec.editor.page.outline import Item, folds, outline
from archspec.editor.page.words import Word, words
from archspec.language.source import Source
from tests.editor.typing import PAGES, answers, edited, end, prefixes

NET = """\
archspec: 1
name: net
input: [3, 32, 32]
params: {width: 8}
variants:
  net: {}
  net_wide: {width: 16}
blocks:
  unit:
    params: {out: int}
    graph:
      conv: {conv: out, kernel_size: 3, padding: 1}
      relu: relu
graph:
  stem: {conv: width, kernel_size: 3, padding: 1}
  "unit{i}": {unit: width * (i + 1), repeat: 2}
  join:
    concat:
      left: [{conv: width, kernel_size: 1}, batch_norm]
      right: {max_pool: 3, stride: 1, padding: 1}
  tail: {conv: 8, kernel_size: 1}
  sum: {add: [tail, stem]}
  pool: {adaptive_avg_pool: 1, from: sum}
  flat: flatten
  head: {linear: 10}
output: head
figures:
  - {variant: net, depth: 6, source: counted}
"""
SAMPLE = [PAGES[at] for at in range(0, len(PAGES), 12)]


def read(text: str, variant: str | None = None) -> Analysis:
    return analyse(Source("net.yaml", text), variant)


def at(text: str, words: str) -> tuple[int, int]:
    """The line and column behind some words of a text."""
    return end(text[: text.index(words) + len(words)])


def offered(text: str, variant: str | None = None) -> dict[str, str]:
    """What is offered where `|` stands in a text, and what is inserted for it."""
    before, _, after = text.partition("|")
    return {item.label: item.insert for item in completions(read(before + after, variant), *end(before))}


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in SAMPLE])
def test_every_answer_is_given_on_each_beginning_of_a_page(path: Path) -> None:
    size = len(path.read_text("utf-8"))
    for text in prefixes(path, max(1, size // 12)):
        answers(text, *end(text), path)


@pytest.mark.parametrize("seed", range(60))
def test_every_answer_is_given_after_a_random_edit(seed: int) -> None:
    chance = random.Random(seed)
    path = chance.choice(PAGES)
    text, line, column = edited(path.read_text("utf-8"), chance)
    answers(text, line, column, path)


@pytest.mark.parametrize("text", ["", "\n", "a", "- a", "archspec: 1\ngraph:", "\ud800", "block: b", "recipe: 1"])
def test_every_answer_is_given_on_what_is_hardly_a_page(text: str) -> None:
    answers(text, *end(text))


def test_a_page_of_efficientnet_is_answered_within_a_tenth_of_a_second() -> None:
    text = (zoo.folder() / "efficientnet.yaml").read_text("utf-8")
    taken = []
    for number in range(3):
        began = time.process_time()
        page = analyse(Source("efficientnet.yaml", text + " " * number), "efficientnet_b7")
        assert hints(page) and words(page)
        taken.append(time.process_time() - began)
    assert min(taken) < 0.1


def test_what_is_said_of_a_whole_page_is_what_the_graph_says() -> None:
    page = analyse(Source("resnet.yaml", (zoo.folder() / "resnet.yaml").read_text("utf-8")), "resnet18")
    assert page.architecture is not None and page.found == ()
    root = page.architecture.graph.root
    top = graphs(page)[""]
    assert [node for each in every(top) for node in each.made(page) if node in root.children] == list(root.children)


def test_hints_stand_behind_nodes_and_outlive_a_fault_elsewhere() -> None:
    shown = {each.line: each.text for each in hints(read(NET))}
    assert shown[15] == "8×32×32 · 224 · 221 k"
    assert shown[16] == "8×32×32 … 16×32×32 · ×2 · 1.75 k · 1.77 M"
    broken = {each.line: each.text for each in hints(read(NET.replace("max_pool: 3", "max_pool: ")))}
    assert broken[15] == shown[15] and 17 not in broken
    unclosed = {each.line: each.text for each in hints(read(NET.replace("stride: 1, padding: 1}", "stride: 1, pad")))}
    assert unclosed[15] == shown[15] and unclosed[16] == shown[16]


def test_hints_are_those_of_the_variant_that_is_shown() -> None:
    assert {each.line: each.text for each in hints(read(NET, "net_wide"))}[15].startswith("16×32×32")
    assert read(NET, "none").variant == "net"


@pytest.mark.parametrize(
    ("typed", "label", "insert"),
    [
        ("gra|", "graph", "graph: "),
        ("graph:\n  c: rel|", "relu", "relu"),
        ("graph:\n  c: con|", "conv", "{conv: ${1:out_channels}, kernel_size: ${2:kernel_size}}"),
        ("graph:\n  c: {con|", "conv", "conv: ${1:out_channels}, kernel_size: ${2:kernel_size}"),
        ("graph:\n  - relu\n  - con|", "conv", "{conv: ${1:out_channels}, kernel_size: ${2:kernel_size}}"),
        ("graph:\n  c: {conv: 8, ker|", "kernel_size", "kernel_size: "),
        ("graph:\n  c: {conv: 8, ker|, padding: 1}", "kernel_size", "kernel_size: "),
        ("graph:\n  c:\n    conv: 8\n    st|", "stride", "stride: "),
        ("graph:\n  c: {conv: 8, fr|", "from", "from: "),
        ("graph:\n  c: {conv: wi|", "width", "width"),
        ("graph:\n  c: {conv: 8, kernel_size: 3, padding_mode: re|", "reflect", "reflect"),
        ("graph:\n  a: relu\n  b: {relu: , from: |", "a", "a"),
        ("graph:\n  a: relu\n  b: {add: [a, in|", "input", "input"),
        ("graph: {a: {unit: wi|", "width", "width"),
        ('graph: {a: {unit: "2 * wi|', "width", "width"),
        ("graph: {a: {unit: 8, ou|", "out", "out: "),
        ("graph: {a: {conv: in|", "input", "input"),
        ("graph: {a: {un|", "unit", "unit: ${1:out}"),
        ("graph: {a: relu}\noutput: |", "a", "a"),
        ("graph: {a: relu}\nfigures:\n  - {variant: net_|", "net_wide", "net_wide"),
        ("graph: {a: relu}\nfigures:\n  - par|", "params", "params: "),
        ("graph: {a: relu}\nfigures:\n  - {params: 3, with: {wi|", "width", "width: "),
    ],
)
def test_what_may_be_typed_is_offered(typed: str, label: str, insert: str) -> None:
    assert offered(NET[: NET.index("graph:\n  stem")] + typed)[label] == insert


def test_names_of_nodes_are_those_of_the_graph_at_hand() -> None:
    inside = offered(NET.replace("      relu: relu\n", "      relu: {relu: , from: |}\n"))
    assert "conv" in inside and "stem" not in inside
    assert "stem" in offered(NET.replace("from: sum", "from: |"))


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in SAMPLE[1:4]])
def test_each_word_of_a_page_is_offered_where_it_stands(path: Path) -> None:
    text = path.read_text("utf-8")
    page = analyse(Source(path.name, text, path))
    lines = text.split("\n")
    used = sorted({word for word in words(page) if not word.defines and word.exact}, key=lambda word: str(word.span))
    for word in random.Random(16).sample(used, min(12, len(used))):
        span = word.span
        before = "\n".join([*lines[: span.line - 1], lines[span.line - 1][: span.column + 1]])
        typed = "\n".join([before, *lines[span.line :]])
        labels = [item.label for item in completions(analyse(Source(path.name, typed, path)), *end(before))]
        assert word.name in labels, (span.line, lines[span.line - 1], labels[:9])


@pytest.mark.parametrize(
    ("words", "told"),
    [
        ("name", "The network's name"),
        ("kernel_size", "a whole number from 1"),
        ("{width", "`width` = `8` in `net`"),
        ("{out", "`out` = `8`, `16`"),
        ("  stem", "`3×32×32` → `8×32×32 · 224 · 221 k`"),
        ("repeat", "How many copies stand in series"),
        ("max_pool", "torch.nn.MaxPool"),
        ("net_wide", "`net_wide`: `{width: 16}`"),
        ("concat", "torch.cat"),
    ],
)
def test_what_is_known_of_a_word_is_told(words: str, told: str) -> None:
    found = hover(read(NET), *at(NET, words))
    assert found is not None and told in found.text


def test_a_word_leads_to_its_definition_here_or_in_the_file_of_a_block(tmp_path: Path) -> None:
    def target(words: str, text: str = NET, path: Path | None = None) -> tuple[Path | None, int]:
        page = analyse(Source("net.yaml", text, path))
        word = word_at(page, *at(text, words))
        assert word is not None
        found = definition(page, word)
        assert found is not None
        return found.path, found.line

    assert target("tail, stem") == (None, 15)
    assert target("conv: width") == (None, 4)
    assert target("{unit") == (None, 9)
    assert target("variant: net") == (None, 6)
    assert target("conv: out") == (None, 10)
    (tmp_path / "far.yaml").write_text("about: it is far\nblock: far\ngraph: [relu]\n")
    text = NET.replace("linear: 10", "far: ").replace("unit: width", "bottleneck: width")
    assert target("{far", text, tmp_path / "net.yaml")[0] == tmp_path / "far.yaml"
    path, line = target("{bottleneck", text)
    assert path is not None and path.name == "bottleneck.yaml" and line == 1


@pytest.mark.parametrize("path", [pytest.param(path, id=path.stem) for path in SAMPLE if path.parent == zoo.folder()])
def test_a_name_that_is_changed_leaves_the_network_as_it_is(path: Path) -> None:
    text = path.read_text("utf-8")
    page = analyse(Source(path.name, text, path))
    named = [word for word in words(page) if word.defines and word.exact and word.sort in ("value", "block", "variant")]
    for word in random.Random(16).sample(named, min(6, len(named))):
        same = renamed(page, word, "quite_another")
        after = analyse(Source(path.name, replaced(text, [each.span for each in same], "quite_another"), path))
        assert [each.message for each in after.found] == [each.message for each in page.found]
        again = [each for each in words(after) if each.name == "quite_another" and each.sort == word.sort]
        assert len(again) >= len(same)


def test_a_name_that_is_taken_or_none_is_refused() -> None:
    page = read(NET)
    word = word_at(page, *at(NET, "{width"))
    assert word is not None and len(references(page, word)) == 5
    for name in ("out put", "1st"):
        with pytest.raises(RenameError, match="not a plain name"):
            renamed(page, word, name)
    node = word_at(page, *at(NET, "  stem"))
    assert node is not None
    with pytest.raises(RenameError):
        renamed(page, node, "head")


def test_a_block_is_renamed_with_the_calls_of_it_and_a_param_with_the_fields() -> None:
    text = NET.replace("{unit: width * (i + 1),", "{unit: , out: width * (i + 1),")
    page = read(text)
    word = word_at(page, *at(text, "params: {out"))
    assert word is not None
    assert [each.span.line for each in renamed(page, word, "channels")] == [10, 12, 16]


def test_a_spelling_is_put_right_by_one_action_each() -> None:
    text = NET.replace("kernel_size: 3", "kernal_size: 3").replace("relu: relu", "relu: rleu")
    text = text.replace("tail, stem]", "tail, stme]")
    page = read(text)
    found = fixes(page, 1, 99)
    assert [each.text for each in found] == ["kernel_size", "relu", "kernel_size", "stem"]
    assert applied(text, found) == NET


def test_a_fix_may_write_the_whole_node_and_is_offered_only_where_it_helps() -> None:
    text = NET.replace("batch_norm]", "{batch_norm: 8}]")
    (fix,) = fixes(read(text), 1, 99)
    assert applied(text, [fix]) == NET
    assert fixes(read(NET.replace("kernel_size: 3, ", "")), 1, 99) == []


def test_the_outline_holds_every_node_and_folds_are_lines() -> None:
    page = read(NET)
    items = {each.name: each for each in outline(page)}
    names = ["stem", "unit{i}", "join", "tail", "sum", "pool", "flat", "head"]
    assert [each.name for each in items["graph"].items] == names
    assert [each.name for each in items["graph"].items[2].items] == ["left", "right"]
    assert [each.name for each in items["blocks"].items[0].items] == ["conv", "relu"]

    def count(item: Item) -> int:
        return 1 + sum(map(count, item.items))

    assert all(each.last >= each.span.line for each in items.values()) and sum(map(count, items.values())) > 20
    assert (5, 7) in folds(page) and (14, 25) in folds(page)


def test_lenses_show_sizes_variants_and_figures() -> None:
    shown = {lens.text: lens.variant for lens in lenses(read(NET))}
    assert shown["show net_wide"] == "net_wide" and "1 agrees" in shown
    assert any(text.startswith("shown here: ") and "MACs" in text for text in shown)


def test_recipes_and_block_files_are_told_of_too() -> None:
    recipe = (zoo.folder() / "recipes" / "lenet_mnist.yaml").read_text("utf-8")
    assert read(recipe).found == ()
    assert [each.code for each in read(recipe.replace("optimizer", "optimiser")).found]
    block = "block: unit\nparams: {out: int}\ngraph:\n  c: {conv: out, kernel_size: 3}\nexample: '{unit: 4}'\n"
    page = read(block)
    assert page.found == () and [each.text for each in hints(page)] == ["4×54×54 · 2.31 k · 6.72 M"]
    assert "out" in offered(block.replace("conv: out", "conv: |"))


def test_every_use_of_a_word_is_found_once() -> None:
    page = read(NET)
    found = [word for word in words(page) if word.names == ("value", "width", ("",))]
    assert len({word.span for word in found}) == len(found) == 5
    assert isinstance(found[0], Word) and sum(word.defines for word in found) == 1
