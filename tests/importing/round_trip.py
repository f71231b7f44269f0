"""The table of docs/round_trip.md: `python -m tests.importing.round_trip [--again] [VARIANT]…`.

Each bundled network is built, traced as if it were somebody else's, and its page held against the page that it came
from: the same layers at the same addresses, wired alike, and not much longer. A row is written as soon as it is done,
and rows that are there are kept; so it can be stopped and gone on with. What stands in the way of the others is said in
their rows. Exits with 1 where pages are too long.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from pathlib import Path
from statistics import median
from typing import Any

import torch

import archspec
from archspec.api import zoo
from archspec.graph.model import Graph
from archspec.graph.same_values import SameValues
from archspec.language.diagnostics import SpecError
from archspec.ops.shapes import Shape, dtype_of, known

PAGE = Path(__file__).parents[2] / "docs" / "round_trip.md"
VARIANTS = dict(zoo.variants())
SAME = "✓"
EVALUATED = "✓ but dropouts"
MOST = {"median": 1.5, "worst": 3.0}
"""How much longer than the bundled page one may be, by lines."""
SYMBOL = 7
"""What stands for a size that a page leaves open."""


def main(arguments: list[str]) -> int:
    """Write what is missing of the variants asked for; all without arguments."""
    names = [each for each in arguments if not each.startswith("-")]
    rows = read()
    for variant in names or VARIANTS:
        if variant not in rows or "--again" in arguments:
            rows[variant] = row(variant)
            print(variant, *rows[variant], flush=True)
            PAGE.write_text(page(rows), "utf-8")
    return 0 if fine(rows) else 1


def row(variant: str) -> list[str]:
    """Whether the page is of the same network, its lines, and those of the bundled page."""
    bundled = lines_with_parts(variant)
    try:
        written = written_page(variant)
    except SpecError as error:
        return [str(error).splitlines()[0].replace("|", "/"), "", str(bundled)]
    found = "; ".join(warning.message for warning in written.warnings if warning.code == "no-word")
    found = found or difference(archspec.read(variant).graph, written.graph)
    return [found or SAME, str(written.to_yaml().count("\n")), str(bundled)]


def written_page(variant: str) -> archspec.Architecture:
    """The architecture of a bundled network's module, which holds no memory."""
    architecture = archspec.read(variant)
    module = architecture.build(device="meta").eval()
    inputs = tuple(map(example, architecture.graph.root.input_shapes))
    return archspec.from_module(module, *inputs, name=variant, proof=False)


def example(shape: Shape) -> Any:
    """A batch of two on the meta device."""
    sizes = [size if known(size) else SYMBOL for size in shape]
    return torch.empty(2, *sizes, dtype=getattr(torch, dtype_of(shape)), device="meta")


def lines_with_parts(variant: str) -> int:
    """The lines of a network's page, and of the pages of the networks that are parts of it."""
    lines = own_lines(VARIANTS[variant].source.text)
    named = set(re.findall(r"\b(?:use|backbone|default): (\w+)", VARIANTS[variant].source.text))
    parts = {VARIANTS[name].name for name in named if name in VARIANTS}
    return lines + sum(own_lines(zoo.bundled(part).source.text) for part in parts)


def own_lines(text: str) -> int:
    """The lines of a page that say what the network is, and not where it comes from or what is known of it."""
    about = r"^(references|figures|weights|taps|about|task):.*\n((?=[ \n#]).*\n?)*"
    lines = re.sub(about, "", text, flags=re.MULTILINE).splitlines()
    return sum(bool(line.strip()) and not line.lstrip().startswith("#") for line in lines)


def difference(one: Graph, other: Graph) -> str:
    """What differs between two graphs, in words; nothing where they compute the same from the same tensors."""
    values = SameValues()
    if values.of(one.root) == values.of(other.root):
        return ""
    values.drops = False
    ours, named = values.of(one.root), values.seen
    if ours == values.of(other.root):
        return EVALUATED
    lacking = [name for number, name in named.items() if number not in values.seen]
    return f"differs at `{lacking[0]}`" if lacking else "differs in its outputs"


def ratios(rows: Mapping[str, list[str]]) -> list[float]:
    """How many times as long as the bundled pages those are that say the same network."""
    return [int(lines) / int(bundled) for found, lines, bundled in rows.values() if found in (SAME, EVALUATED)]


def fine(rows: Mapping[str, list[str]]) -> bool:
    """Whether the pages are short enough."""
    return median(ratios(rows)) <= MOST["median"] and max(ratios(rows)) <= MOST["worst"]


def read() -> dict[str, list[str]]:
    """The rows that are there."""
    lines = PAGE.read_text("utf-8").splitlines() if PAGE.exists() else []
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in table if cells[0].strip("`") in VARIANTS}


def page(rows: Mapping[str, list[str]]) -> str:
    """The whole page."""
    found = ratios(rows)
    short = f"{median(found):.2f} times as long as the bundled one in the median, {max(found):.2f} at most"
    table = [f"| `{variant}` | {' | '.join(rows[variant])} |" for variant in VARIANTS if variant in rows]
    return HEAD.format(torch=torch.__version__.partition("+")[0], short=short) + "\n".join([*table, ""])


HEAD = """# From a module back to its page

Written by `python -m tests.importing.round_trip` with torch {torch}: each bundled network is built, traced as if it
were somebody else's module, and written as a page. ✓: the same layers with the same names, wired alike; in some all
but dropouts, which inference does not run. A page is {short}
(its lines, with those of the networks that are its parts, without references, figures and comments).

| network | the same | lines | bundled |
| --- | --- | --- | --- |
"""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
