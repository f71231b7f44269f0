"""A page on paper: as large as its paper lets it be, in the middle of it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from math import inf

from msgspec import Struct

from archspec.pictures.layout.measure import MINOR
from archspec.pictures.look import Look, Paper
from archspec.pictures.render.marks import Mark, Page, Part, Words, moved, scaled

NEAR = 0.05
"""How much smaller a text may be unsaid."""
LARGEST = 1.8
"""How much larger than by itself a picture is on a slide, at most; in a paper it is never larger."""


class Fit(Struct, frozen=True):
    """What a page is laid out for: its paper, and how small its text may be."""

    paper: Paper
    min_pt: float

    @property
    def room(self) -> float:
        """How wide a page may be, in its own points, for its text to be large enough."""
        return self.paper.width * MINOR / self.min_pt

    def by(self, width: float, height: float) -> float:
        """How large a page of these sides can be."""
        tall = self.paper.height / height if self.paper.height else inf
        return min(LARGEST if self.paper.height else 1.0, self.paper.width / width, tall)

    def cost(self, width: float, height: float) -> tuple[float, float]:
        """What is said against a page: text smaller than it may be, then room that it takes, or text that is small."""
        by = self.by(width, height)
        small = max(self.min_pt / (MINOR * by), 1.0)
        return small, 1 / by if self.paper.height else height * by


def on_paper(page: Page, look: Look) -> Page:
    """A page of the size that a look asks for."""
    paper = look.paper
    by = Fit(paper, look.min_pt).by(page.width, page.height) if paper else 1.0
    width = paper.width if paper else page.width
    height = (paper.height if paper else None) or page.height * by
    aside, down = (width - page.width * by) / 2, (height - page.height * by) / 2
    if by * look.scale == 1.0 and not (aside or down):
        return page
    marks = (scaled(moved(scaled(mark, by), aside, down), look.scale) for mark in page.marks)
    return Page(width * look.scale, height * look.scale, page.title, page.description, tuple(marks))


def told(page: Page, look: Look) -> Iterator[str]:
    """What is to be said of a page whose paper is too small for it."""
    if look.paper and (size := _smallest(page) / look.scale) < look.min_pt - NEAR:
        yield f"the text is {size:.1f} pt: the paper is too small for {look.min_pt:g} pt; an overview needs less"


def _smallest(page: Page) -> float:
    """The size of the smallest text of a page, in points."""
    return min(_sizes(page.marks), default=inf)


def _sizes(marks: Iterable[Mark]) -> Iterator[float]:
    for mark in marks:
        if isinstance(mark, Part):
            yield from _sizes(mark.marks)
        elif isinstance(mark, Words):
            yield mark.size
