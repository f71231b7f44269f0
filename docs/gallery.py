"""Draws the pictures of the pages: `python docs/gallery.py` writes docs/gallery.md and all pictures anew."""

from __future__ import annotations

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import archspec
from archspec.api import zoo

DOCS = Path(__file__).parent
IMAGES = DOCS / "images" / "gallery"
OTHERS = {
    "googlenet": "draw googlenet",
    "volumes_alexnet_2012": "draw alexnet_2012 --view volumes",
    "volumes_googlenet": "draw googlenet --view volumes",
    "diff_lenet": "diff lenet lenet_1998",
    "diff_resnext50_32x4d": "diff resnet50 resnext50_32x4d",
    "plot_resnet50": "plot resnet50",
    "plot_resnet": "plot resnet --of family",
}
"""The pictures of the other pages, by the command that draws them."""


def families() -> Iterator[tuple[str, list[str]]]:
    """Each spec with its variants, the one that is drawn first."""
    for name in zoo.documents():
        drawn = archspec.read(name).name
        yield name, [drawn, *(each for each in zoo.open_spec(name)[0].variants if each != drawn)]


def page() -> str:
    """The gallery's text."""
    sections = [section(name, variants) for name, variants in families()]
    return "\n".join(
        [
            "# Gallery\n",
            "Every family that comes with archspec, as `archspec draw NAME` draws it. Where it has variants, one is",
            "shown and the others are named. This page is written by `python docs/gallery.py`.\n",
            *sections,
        ]
    )


def section(name: str, variants: list[str]) -> str:
    """A family: its picture, what it is, its other variants."""
    first, others = archspec.read(variants[0]), variants[1:]
    about = f"{first.document.about}\n\n" if getattr(first.document, "about", None) else ""
    also = f"\n\nLikewise {', '.join(f'`{each}`' for each in others)}." if others else ""
    picture = f"![The figure of {variants[0]}](images/gallery/{variants[0]}.svg)"
    spec = f"[The spec](../specs/{name}.yaml), drawn as `{variants[0]}`:"
    return f"## {first.title}\n\n{about}{spec}\n\n{picture}{also}\n"


def main() -> None:
    """Write the page, and the pictures that it shows and no others."""
    IMAGES.mkdir(parents=True, exist_ok=True)
    shown = {variants[0] for _, variants in families()}
    for path in IMAGES.glob("*.svg"):
        if path.stem not in shown:
            path.unlink()
    for name in sorted(shown):
        text = archspec.read(name).draw().svg()
        (IMAGES / f"{name}.svg").write_text(re.sub(r"\s+\n", "\n", text), "utf-8")
    (DOCS / "gallery.md").write_text(page(), "utf-8")
    for name, command in OTHERS.items():
        out = DOCS / "images" / f"{name}.svg"
        subprocess.run([sys.executable, "-m", "archspec", *command.split(), "--out", out, "--force"], check=True)


if __name__ == "__main__":
    main()
