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
from archspec.graph.fingerprint import op_form
from archspec.graph.model import ENCLOSING, Block, Graph, Leaf
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
    ours, theirs = _Signatures(), _Signatures()
    outputs = [signatures.of(graph) for signatures, graph in ((ours, one), (theirs, other))]
    if outputs[0] == outputs[1]:
        return ""
    for signatures in (ours, theirs):
        signatures.drops = False
    if ours.of(one) == theirs.of(other):
        return EVALUATED
    lacking = [name for form, name in ours.seen.items() if form not in theirs.seen]
    return f"differs at `{lacking[0]}`" if lacking else "differs in its outputs"


class _Signatures:
    """Gives equal numbers to values that are computed alike from the same inputs and tensors.

    A layer that holds tensors has its address; a function is known by what it computes alone.
    """

    numbers: dict[Any, int] = {}

    def __init__(self) -> None:
        self.seen: dict[int, str] = {}
        self.drops = True
        """Whether dropouts count, which inference does not run."""

    def of(self, graph: Graph) -> list[int]:
        """The signatures of a network's outputs that inference gives."""
        inputs = [self._number(("input", place), f"input {place}") for place in range(len(graph.root.input_shapes))]
        return [each for each in self._inside(graph.root, inputs, "") if each >= 0]

    def _inside(self, block: Block, inputs: list[int], prefix: str) -> list[int]:
        values: list[list[int]] = []

        def value(child: int, output: int) -> int:
            return inputs[output] if child == ENCLOSING else values[child][output]

        for node in block.children:
            taken = [value(*ref) for ref in node.inputs]
            owner = node if node.tied is None else block.children[node.tied]
            address = f"{prefix}{owner.name}"
            if node.training:
                values.append([-1] * len(node.shapes))
            elif isinstance(node, Block):
                values.append(self._inside(node, taken, f"{address}."))
            else:
                values.append(self._leaf(node, taken, address))
        return [value(*result.ref) for result in block.results]

    def _leaf(self, leaf: Leaf, taken: list[int], address: str) -> list[int]:
        op = op_form(leaf)
        if op.name == "identity":
            return taken
        if op.in_place:
            op = op.model_copy(update={"inplace": None})  # where a value is kept is no part of what it is
        if not self.drops and op.kind == "regularization":
            return taken
        held = bool(leaf.parameters or leaf.buffers)
        order = sorted(taken) if leaf.op.commutative else taken
        form = op.name, op, tuple(order), address if held else None
        return [self._number((*form, output), address) for output in range(len(leaf.shapes))]

    def _number(self, form: Any, name: str) -> int:
        number = self.numbers.setdefault(form, len(self.numbers))
        self.seen.setdefault(number, name)
        return number


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
