"""Types pages character by character, and edits them at random, asking for all answers each time.

`python -m tests.editor.typing [PATH...]` goes over every prefix of these pages, or of all that come with archspec, and
prints how far it is; `--from NAME` goes on where it was stopped. What fails is printed with the text that it fails on.
"""

from __future__ import annotations

import argparse
import random
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import archspec
from archspec.api import zoo
from archspec.editor.page.analysis import Analysis, analyse
from archspec.editor.page.completion import completions
from archspec.editor.page.hints import hints
from archspec.editor.page.hover import hover
from archspec.editor.page.lens import lenses
from archspec.editor.page.navigation import definition, references, word_at
from archspec.editor.page.outline import folds, outline
from archspec.language.source import Source

PAGES = [
    *sorted(zoo.folder().glob("*.yaml")),
    *sorted((Path(archspec.__file__).parent / "blocks").glob("*.yaml")),
    *sorted((zoo.folder() / "recipes").glob("*.yaml")),
]
"""Every page that comes with archspec."""


def answers(text: str, line: int, column: int, path: Path | None = None) -> Analysis:
    """Ask for everything about a text with a cursor at a place."""
    page = analyse(Source(path.name if path is not None else "page.yaml", text, path))
    hints(page), outline(page), folds(page), list(lenses(page))
    completions(page, line, column)
    hover(page, line, column)
    if (word := word_at(page, line, column)) is not None:
        definition(page, word)
        references(page, word)
    return page


def end(text: str) -> tuple[int, int]:
    """The line and column behind a text."""
    lines = text.split("\n")
    return len(lines), len(lines[-1]) + 1


def prefixes(path: Path, every: int = 1) -> Iterator[str]:
    """The beginnings of a page, each some characters longer than the one before."""
    text = path.read_text("utf-8")
    yield from (text[:size] for size in range(0, len(text) + 1, every))


_PIECES = (
    "\n",
    "  ",
    ": ",
    "{",
    "}",
    "[",
    "]",
    ", ",
    "- ",
    "#",
    "'",
    '"',
    "graph",
    "conv",
    "from",
    "&a ",
    "*a",
    "\t",
    "é",
    "𝔸",
)


def edited(text: str, chance: random.Random) -> tuple[str, int, int]:
    """A text with a few characters taken away or put in, and where that was."""
    at = chance.randrange(len(text) + 1)
    gone = text[at + chance.randrange(12) * chance.randrange(2) :]
    put = "".join(chance.choice(_PIECES) for _ in range(chance.randrange(3)))
    return text[:at] + put + gone, *end(text[:at] + put)


def main() -> int:
    """Go over the pages; the exit code is 1 where something failed."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("paths", nargs="*", type=Path, default=PAGES)
    parser.add_argument("--from", dest="start", default="", help="the page to begin with")
    parser.add_argument("--every", type=int, default=1, help="characters that are typed at once")
    parser.add_argument("--edits", type=int, default=0, help="random edits of each page, in the place of typing it")
    chosen = parser.parse_args()
    failed, chance = 0, random.Random(16)
    for path in [each for each in chosen.paths if each.name >= chosen.start or not chosen.start]:
        began, count = time.process_time(), 0
        if chosen.edits:
            texts: Iterator[tuple[str, int, int]] = (
                edited(path.read_text("utf-8"), chance) for _ in range(chosen.edits)
            )
        else:
            texts = ((text, *end(text)) for text in prefixes(path, chosen.every))
        for text, line, column in texts:
            count += 1
            try:
                answers(text, line, column, path)
            except Exception as error:
                failed += 1
                print(f"{path}: {type(error).__name__}: {error}\n{text[-200:]!r}")
        taken = (time.process_time() - began) / max(1, count)
        print(f"{path.name}: {count} texts, {1000 * taken:.1f} ms each, {failed} failed", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
