"""The page on torch.nn's classes: all of them stand on it once, with a word that there is and that makes the class."""

from __future__ import annotations

import re

from torch import nn

from archspec.elaborate.symbol_table import standard_names
from archspec.ops import ops
from tests.docs.test_readme import ROOT
from tests.ops.realising import example, others

TEXT = (ROOT / "docs" / "torch_nn.md").read_text("utf-8")
ROWS = [row.strip("|").split("|") for row in TEXT.splitlines() if row.startswith("| `")]
CLASSES = {name for name, made in vars(nn).items() if isinstance(made, type) and issubclass(made, nn.Module)}
WITH_WORDS = TEXT.split("These have no word")[0]


def names(cell: str) -> list[str]:
    return re.findall(r"`(\w+)`", cell)


def test_every_class_stands_on_the_page_once() -> None:
    told = [name for classes, _ in ROWS for name in names(classes)]
    assert sorted(told) == sorted(CLASSES)


def test_a_row_names_a_word_or_says_why_there_is_none() -> None:
    for classes, words in ROWS:
        if f"|{classes}|" in WITH_WORDS:
            assert names(words)[0] in {*ops(), *standard_names()}, classes
        else:
            assert len(words.split()) > 5, classes


def test_the_word_makes_the_class() -> None:
    """What an op's example makes is told under its word, and so is what it makes of other fields."""
    by_class = {name: words for classes, words in ROWS for name in names(classes)}
    plain = [(example(op), op.example_inputs) for op in ops().values() if op.name != "compute"]
    for op, shapes in [*plain, *others()]:
        module = op.module(*shapes)
        if module is not None and module.callee.removeprefix("nn.") in by_class:
            assert f"`{op.name}`" in by_class[module.callee.removeprefix("nn.")]
