"""The gallery shows every bundled architecture; `python docs/gallery.py` writes it anew."""

from __future__ import annotations

import runpy
from pathlib import Path
from xml.etree import ElementTree

from archspec.api import zoo

DOCS = Path(__file__).parents[2] / "docs"
GALLERY = runpy.run_path(str(DOCS / "gallery.py"))
TEXT = (DOCS / "gallery.md").read_text("utf-8")


def test_the_page_is_what_the_command_writes() -> None:
    assert GALLERY["page"]() == TEXT


def test_every_architecture_is_named_and_every_family_drawn() -> None:
    assert all(f"`{name}`" in TEXT for name, _ in zoo.variants())
    shown = {variants[0] for _, variants in GALLERY["families"]()}
    assert {path.stem for path in (DOCS / "images" / "gallery").iterdir()} == shown


def test_the_pictures_are_whole_and_small() -> None:
    pictures = list((DOCS / "images" / "gallery").iterdir())
    for path in pictures:
        ElementTree.parse(path)
    assert sum(path.stat().st_size for path in pictures) < 130_000 * len(pictures)


BEFORE_AFTER = runpy.run_path(str(DOCS / "before_after.py"))


def test_a_page_of_before_and_after_shows_both_where_they_differ() -> None:
    before, after = {"a": "<?xml one", "b": "<?xml same"}, {"a": "<?xml two", "b": "<?xml same", "c": "no <room>"}
    text = BEFORE_AFTER["page"]("then and now", before, after)
    assert "2 of 3 changed" in text and text.count("unchanged") == 1
    assert text.count("<img") == 3 and "no &lt;room&gt;" in text and "not drawn" in text


def test_networks_are_drawn_by_the_code_of_a_folder() -> None:
    made = BEFORE_AFTER["drawn"](DOCS.parent, "overview", ["lenet", "no_such_network"])
    assert made["lenet"].startswith("<?xml") and "there is no bundled architecture" in made["no_such_network"]
