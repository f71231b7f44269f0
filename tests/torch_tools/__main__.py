"""The table of docs/torch_tools.md: `python -m tests.torch_tools [--again] [DOCUMENT or VARIANT]…`.

A row is written as soon as it is done, and rows that are there without a fault are kept; so it can be stopped, gone on
with, and run in groups. Exits with 1 where something is otherwise than it should be.
"""

from __future__ import annotations

import gc
import sys
from collections.abc import Mapping
from pathlib import Path

import torch
import torchvision

from tests.torch_tools.networks import DOCUMENTS, network
from tests.torch_tools.tools import REASONS, TOOLS, fault

PAGE = Path(__file__).parents[2] / "docs" / "torch_tools.md"
FINE = "✓"
NOTES = {reason: number for number, reason in enumerate(dict.fromkeys(REASONS.values()), 1)}


def main(arguments: list[str]) -> int:
    """Run what is missing of the variants asked for; all without arguments."""
    names = [each for each in arguments if not each.startswith("-")]
    rows = read()
    for variant, document in DOCUMENTS.items():
        asked = not names or variant in names or document in names
        if asked and (faulty(rows.get(variant, ["✗"])) or "--again" in arguments):
            rows[variant] = row(variant)
            PAGE.write_text(page(rows), "utf-8")
    wrong = sum(map(faulty, rows.values()))
    print(f"{len(rows)} of {len(DOCUMENTS)} networks, {wrong} with faults")
    return 1 if wrong else 0


def faulty(cells: list[str]) -> bool:
    """Whether a row says that something is otherwise than it should be."""
    return any("✗" in cell for cell in cells)


def row(variant: str) -> list[str]:
    """A cell for each tool."""
    module, inputs = network(variant)
    cells = []
    for name in TOOLS:
        found = fault(name, DOCUMENTS[variant], module, inputs)
        reason = REASONS.get((name, DOCUMENTS[variant]))
        cells.append(f"✗ {found}" if found else str(NOTES[reason]) if reason else FINE)
        print(f"{variant:<40} {name:<14} {cells[-1]}", flush=True)
    del module
    gc.collect()
    return cells


def read() -> dict[str, list[str]]:
    """The rows that are there, of tools that are."""
    lines = PAGE.read_text("utf-8").splitlines() if PAGE.exists() else []
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| ")]
    if not table or table[0][1:] != list(TOOLS):
        return {}
    return {cells[0].strip("`"): cells[1:] for cells in table[1:] if cells[0].strip("`") in DOCUMENTS}


def page(rows: Mapping[str, list[str]]) -> str:
    """The whole page."""
    table = [["network", *TOOLS], ["---"] * (len(TOOLS) + 1)]
    table += [[f"`{variant}`", *rows[variant]] for variant in DOCUMENTS if variant in rows]
    tools = [f"- **{name}**: {(tool.__doc__ or '').strip()}" for name, tool in TOOLS.items()]
    notes = [f"{number}. It cannot: {reason}." for reason, number in NOTES.items()]
    return HEAD.format(torch=release(torch.__version__), vision=release(torchvision.__version__)) + "\n".join(
        [*tools, "", *(f"| {' | '.join(cells)} |" for cells in table), "", *notes, ""]
    )


def release(version: str) -> str:
    """A version without what it was built for."""
    return version.partition("+")[0]


HEAD = """# What torch's tools make of the networks

The modules that archspec builds are plain `nn.Module`s. Written by `python -m tests.torch_tools` with torch {torch} and
torchvision {vision}: each bundled network, on small inputs, under each of these.

"""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
