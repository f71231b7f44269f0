"""The table of docs/import_ledger.md: `python -m tests.importing.ledger [--again] [--all] [NAME]…`.

Networks of torchvision and timm become pages, and the modules of these are held against them. Each runs in a process of
its own, with a limit of time and memory; a row is written as soon as it is done, and rows that are there are kept, with
`--again` only those that are exact. So it can be stopped and gone on with. `--all` asks for every model of timm.
"""

from __future__ import annotations

import json
import os
import re
import resource
import signal
import sys
import warnings
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import torch

from tests.importing.ledger_models import names, network, published

PAGE = Path(__file__).parents[2] / "docs" / "import_ledger.md"
COLUMNS = ("model", "page", "Δ in evaluation", "Δ in training", "lines", "parameters", "MACs", "as published")
EXACT, CLOSE = "exact", "equal but for rounding"
SECONDS = 300
BYTES = 14 << 30


def main(arguments: list[str]) -> int:
    """Write what is missing of the networks asked for; of all without names."""
    asked = [each for each in arguments if not each.startswith("-")]
    rows = read()
    for name in asked or names("--all" in arguments):
        if name not in rows or ("--again" in arguments and rows[name][0] not in (EXACT, CLOSE)):
            rows[name] = apart(lambda name=name: row(name))  # type: ignore[misc]
            print(name, *rows[name], flush=True)
            PAGE.write_text(page(rows), "utf-8")
    return 0


def apart(work: Callable[[], list[str]], seconds: int = SECONDS, most: int = BYTES) -> list[str]:
    """What some work gives in a process of its own, or why it gave nothing."""
    reading, writing = os.pipe()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # torch has threads; they compute nothing yet
        child = os.fork()
    if child == 0:
        os.close(reading)
        resource.setrlimit(resource.RLIMIT_AS, (most, most))
        signal.alarm(seconds)
        try:
            cells = work()
        except BaseException as error:
            cells = [_first_line(error)]
        os.write(writing, json.dumps(cells).encode())
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        given = stream.read()
    _, status = os.waitpid(child, 0)
    reason = f"took more than {seconds} s" if os.WTERMSIG(status) == signal.SIGALRM else "its process died"
    return json.loads(given) if given else [reason]  # type: ignore[no-any-return]


def row(name: str) -> list[str]:
    """The cells of a network behind its name."""
    from archspec.api.from_module import import_module

    torch.set_num_threads(1)
    module, inputs = network(name)
    word = re.sub(r"\W", "_", name.partition(".")[2].lower())
    imported = import_module(module, inputs, {}, word)
    architecture, proof = imported.architecture, imported.proof
    counts = architecture.graph.counts
    said = published(name)
    figures = [
        str(architecture.to_yaml().count("\n")),
        f"{counts.params:,}",
        f"{float(counts.macs) / 1e9:.3f} G",
        f"{said[0]:,}, {said[1]:.3f} G" if said else "",
    ]
    if proof is None:
        functions = Counter(each.function for each in imported.missing)
        words = ", ".join(f"`{function}`" for function, _ in functions.most_common(6))
        return [f"no word for {words}", "", "", *figures]
    verdict = EXACT if proof.exact else CLOSE if proof.holds and proof.same_tensors else str(proof)
    return [verdict, _gap(proof.difference), _gap(proof.trained), *figures]


def _gap(difference: float | None) -> str:
    return "" if difference is None else f"{difference:.2g}"


def _first_line(error: BaseException) -> str:
    text = next(iter(str(error).strip().splitlines()), "") or type(error).__name__
    return text.replace("|", "/")[:160]


def read() -> dict[str, list[str]]:
    """The rows that are there."""
    lines = PAGE.read_text("utf-8").splitlines() if PAGE.exists() else []
    table = [[cell.strip() for cell in line.strip("|").split("|")] for line in lines if line.startswith("| `")]
    return {cells[0].strip("`"): cells[1:] for cells in table}


def page(rows: Mapping[str, list[str]]) -> str:
    """The whole page."""
    return HEAD + "".join(f"{line}\n" for line in _lines(rows))


def _lines(rows: Mapping[str, list[str]]) -> Iterator[str]:
    for library in ("torchvision", "timm"):
        cells = [row for name, row in rows.items() if name.startswith(f"{library}.")]
        verdicts = Counter(row[0] for row in cells)
        yield f"- {library}: {len(cells)} tried, {verdicts[EXACT]} exact, {verdicts[CLOSE]} {CLOSE}"
    yield from ("", f"| {' | '.join(COLUMNS)} |", f"|{' --- |' * len(COLUMNS)}")
    for name in sorted(rows):
        cells = [f"`{name}`", *rows[name], *[""] * (len(COLUMNS) - 1 - len(rows[name]))]
        yield f"| {' | '.join(cells)} |"


HEAD = """# Networks of others, as pages

Written by `python -m tests.importing.ledger`: each network is followed, becomes a page, and the page's module is held
against it. *Exact* is the same state_dict and equal outputs to the last bit, in evaluation and in training with nothing
dropped; else it says what is missing. The published figures are torchvision's own.

"""


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
