"""A page that is being typed keeps all that stands around its faults, and nothing that is typed is raised."""

from __future__ import annotations

from itertools import pairwise

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from archspec.api import zoo
from archspec.language.document import Page, read_page
from archspec.language.source import Source

TEXTS = {path.stem: path.read_text("utf-8") for path in sorted(zoo.folder().glob("*.yaml"))}
DAMAGES = ["{", "}", "[", "]", '"', "'", ": :", "\t", "{a: [", "*", "&", "!x y", "|", "%", "? ", "\x1b", "word"]
steady = settings(max_examples=80, derandomize=True, deadline=None, suppress_health_check=list(HealthCheck))


def read(text: str) -> Page:
    return read_page(Source("page.yaml", text))


def names(page: Page) -> dict[str, int]:
    """The names of a page's own nodes, with their lines."""
    entries = page.document.body.written.entries if page.document is not None else ()
    return {str(entry.name.value): entry.name.span.line for entry in entries if entry.name is not None}


@pytest.mark.parametrize("name", TEXTS)
def test_a_sound_page_is_read_as_ever(name: str) -> None:
    page = read(TEXTS[name])
    assert (page.faults, page.holes) == ((), ())
    assert page.document is not None and page.document.name == zoo.bundled(name).name


@steady
@given(data=st.data())
def test_any_beginning_of_a_page_keeps_the_nodes_of_its_whole_lines(data: st.DataObject) -> None:
    text = TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))]
    cut = data.draw(st.integers(0, len(text)))
    whole = names(read(text))
    kept = names(read(text[:cut]))
    last = text[:cut].count("\n")
    assert {name for name, line in whole.items() if line <= last} <= kept.keys()


@steady
@given(data=st.data())
def test_a_damaged_line_costs_no_more_than_the_node_it_stands_in(data: st.DataObject) -> None:
    text = TEXTS[data.draw(st.sampled_from(sorted(TEXTS)))]
    whole = names(read(text))
    starts = sorted(whole.values())
    if not starts:
        return
    lines = text.split("\n")
    at = data.draw(st.integers(starts[0], starts[-1]))
    column = data.draw(st.integers(len(lines[at - 1]) - len(lines[at - 1].lstrip()), len(lines[at - 1])))
    damage = data.draw(st.sampled_from(DAMAGES))
    lines[at - 1] = lines[at - 1][:column] + damage + lines[at - 1][column:]
    kept = names(read("\n".join(lines)))
    hurt = next((one for one, after in pairwise([*starts, len(lines) + 1]) if one <= at < after), at)
    missing = {name for name, line in whole.items() if line != hurt} - kept.keys()
    assert missing == set(), (damage, lines[at - 1])


@steady
@given(st.text(st.sampled_from("ab:-[]{},&*!|>'\"#%@` \n\t?0.~<=\\é\x1b"), max_size=80))
def test_no_text_raises(text: str) -> None:
    page = read(text)
    assert page.document is not None or page.faults or text.strip()


def test_what_is_left_out_is_told_and_marked() -> None:
    page = read("archspec: 1\nname: net\ninput: [3]\ngraph:\n  a: relu\n  b: {conv: 64,\n  c: tanh\n")
    assert list(names(page)) == ["a", "b", "c"]
    assert [(fault.code, str(fault.span)) for fault in page.faults] == [("yaml-syntax", "page.yaml:6:6")]
    assert [(hole.line, hole.column, hole.end_column) for hole in page.holes] == [(6, 6, 16)]
