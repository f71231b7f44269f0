"""The variants of a document are worked out one after the other: each of them tells what is wrong."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from archspec.api.check import check

from .test_cases import HERE

HEAD = "archspec: 1\nname: two\ninput: [3, 32, 32]\nvariants: {two: {}, two_again: {}}\n"
BODIES = {
    "a call in a block": "blocks: {inner: {graph: [{conv_bn: 8, bogus: 1}]}}\ngraph: [inner]\n",
    "a block in a block": (
        "blocks:\n  inner: {graph: [{feature_pyramid: 8, bogus: 1}]}\n  outer: {graph: [inner]}\ngraph: [outer]\n"
    ),
    "a file called in a block": "blocks: {outer: {graph: [broken_block]}}\ngraph: [outer]\n",
    "the graph itself": "graph: [{conv_bn: 8, bogus: 1}]\n",
}


@pytest.mark.parametrize("title", BODIES)
def test_each_variant_tells_the_same(title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for file in (HERE / "beside").iterdir():
        shutil.copy(file, tmp_path)
    monkeypatch.chdir(tmp_path)
    Path("broken_block.yaml").write_text("block: broken_block\nparams: 3\ngraph: [relu]\n", "utf-8")
    Path("two.yaml").write_text(HEAD + BODIES[title], "utf-8")
    first, second = check("two.yaml")
    assert not first.fine
    assert list(map(str, first.diagnostics)) == list(map(str, second.diagnostics))
