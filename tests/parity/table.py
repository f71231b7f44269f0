"""Holds every network to its reference and writes docs/networks.md: `python -m tests.parity.table [NAME …]`.

Rows that the page has are kept, so that what was interrupted goes on where it was; a name measures its row anew.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import torch
from torch import Tensor, nn

import archspec
from archspec.api import zoo
from archspec.ops.shapes import Count

from . import detectors, optical_flow
from .generative import GENERATIVE
from .hugging_face import TRANSFORMERS
from .lines import lines_of_classes, lines_of_page, lines_of_reference
from .others import Case, WithoutChance, pair, renamed
from .reference import DOCUMENTS, example, shared, values
from .test_modules import apart, layout, without_drops
from .timm_models import CLASSIFIERS

PAGE = Path(__file__).parents[2] / "docs" / "networks.md"
HEAD = """# Networks

Every network that is held to another project's, as `python -m tests.parity.table` measures it: both with the same
weights, none of them at its start. Keys are those of the state_dict, with shapes and types, in one order where nothing
else is said. |Δ| is the greatest difference of an output in evaluation, and of a loss in training without dropout.
Lines of a page are those without references and figures, lines of a reference those of the classes that its module is
made of and of its builder, of either without blank lines, comments and docstrings. torchvision's networks are compared
at full size, the others at a size that `tests/parity` says, for the most part of less depth and width; parameters and
MACs are the full network's. What is equal to `torch.nn` is written there, of its layers, as its authors have it.

| network | equal to | keys | \\|Δ\\| in evaluation | \\|Δ\\| in training | parameters | MACs | lines | its lines |
|---|---|--:|--:|--:|--:|--:|--:|--:|
"""


class Measured(NamedTuple):
    """What two modules of one network have in common."""

    keys: str
    evaluation: float
    training: float
    lines: int
    reference: str = ""
    """Whose it is, and its name there, where it is not torchvision's own of the same name."""


def modules(name: str) -> Measured:
    """A classifier or a segmenter on random images or clips."""
    ours, theirs = shared(name)
    without_drops(ours), without_drops(theirs)
    x = example(name)
    with torch.no_grad():
        evaluation = farthest(*(values(each.eval()(x)) for each in (ours, theirs)))
        large = example(name, least=299) if name == "inception_v3" else x
        training = farthest(*([loss(each.train()(large))] for each in (ours, theirs)))
    return Measured(keys(ours, theirs), evaluation, training, lines_of_reference(name, theirs))


def detector(name: str) -> Measured:
    """A detector on two images with targets."""
    ours, theirs = detectors.pair(name)
    with torch.no_grad():
        found = [
            [tensor for image in each.eval()(detectors.images()) for tensor in image.values()]
            for each in (ours, theirs)
        ]
        losses = []
        for each in (ours, theirs):
            torch.manual_seed(3)
            losses.append(list(each.train()(detectors.images(), detectors.targets()).values()))
    return Measured(keys(ours, theirs), farthest(*found), farthest(*losses), lines_of_reference(name, theirs))


def flow(name: str) -> Measured:
    """A network of optical flow on two images; in training the mean size of each update's flow."""
    ours, theirs = optical_flow.pair(name)
    pairs = ((ours, {}), (theirs, {"num_flow_updates": optical_flow.UPDATES}))
    with torch.no_grad():
        found = [each.eval()(*optical_flow.images(), **more) for each, more in pairs]
        losses = [[flow.abs().mean() for flow in each.train()(*optical_flow.images(), **more)] for each, more in pairs]
    return Measured(keys(ours, theirs), farthest(*found), farthest(*losses), lines_of_reference(name, theirs))


def other(name: str) -> Measured:
    """A network beside another library's of a small size."""
    case = OTHERS[name]
    ours, theirs = pair(case)
    without_drops(ours), without_drops(theirs)
    found, trained = [], []
    with torch.no_grad(), WithoutChance():
        for training, outputs in ((False, found), (True, trained)):
            outputs.append(ours.train(training)(*case.inputs()))
            outputs.append(case.run(theirs.train(training), *case.inputs()))
    return Measured(
        keys(ours, theirs, case),
        farthest(*map(values, found)),
        farthest(*([loss(each)] for each in trained)),
        lines_of_classes(theirs),
        library(theirs),
    )


def library(module: nn.Module) -> str:
    """Whose module it is, and its name there."""
    root = type(module).__module__.partition(".")[0]
    if root == "timm":
        return f"`timm` {module.pretrained_cfg['architecture']}"
    return "`torch.nn`" if root == "tests" else f"`{root}` {type(module).__name__}"


def loss(output: Any) -> Tensor:
    """A number that depends on every number of the output, weighed from -1 to 1."""
    means = [(each * torch.linspace(-1, 1, each.numel()).view_as(each)).mean() for each in values(output)]
    return torch.stack(means).sum()


def farthest(mine: Any, theirs: Any) -> float:
    """The greatest difference of any two numbers; infinite where there are not as many."""
    if len(mine) != len(theirs):
        return float("inf")
    return max(apart(one.double(), other.double()) for one, other in zip(mine, theirs))


def keys(ours: nn.Module, theirs: nn.Module, case: Case | None = None) -> str:
    """How many keys are the same, and whether all are and in one order, or by the names that a case gives them."""
    mine, wanted = layout(ours), layout(theirs)
    if mapped := case is not None and bool(case.names):
        wanted = renamed(case, wanted)
    same = sum(mine.get(key) == each for key, each in wanted.items())
    if mine != wanted:
        return f"{same} of {len(wanted)}, of ours {len(mine)}"
    order = "" if mapped or list(mine) == list(wanted) else ", in another order"
    return f"{same}{', by a map' if mapped else order}"


OTHERS = {case.variant: case for case in (*CLASSIFIERS, *TRANSFORMERS, *GENERATIVE)}
CASES: Mapping[str, Callable[[str], Measured]] = {
    **dict.fromkeys(DOCUMENTS, modules),
    **dict.fromkeys(detectors.DETECTORS, detector),
    **dict.fromkeys(optical_flow.NETWORKS, flow),
    **dict.fromkeys(OTHERS, other),
}
"""How each network is held to its reference, in the order of the page."""


def row(name: str) -> str:
    """A line of the table, measured."""
    found = CASES[name](name)
    read = archspec.read(name)
    document = zoo.open_spec(name)[0]
    cells = [
        f"[`{name}`](../specs/{document.name}.yaml)",
        found.reference or f"`torchvision` {name}",
        found.keys,
        f"{found.evaluation:.1g}",
        f"{found.training:.1g}",
        f"{read.params:,}",
        count(read.macs),
        str(lines_of_page(document)),
        str(found.lines),
    ]
    return f"| {' | '.join(cells)} |"


def count(macs: Count) -> str:
    """A number with its thousands apart, in a formula too."""
    text = re.sub(r"\d{4,}", lambda digits: f"{int(digits[0]):,}", str(macs))
    return text.replace("**2", "²").replace("*", "·")


def rows() -> dict[str, str]:
    """The lines that the page has, by network."""
    text = PAGE.read_text("utf-8") if PAGE.exists() else ""
    return {found[1]: found[0] for found in re.finditer(r"^\| \[`(\w+)`\].*$", text, re.MULTILINE)}


def write(lines: Mapping[str, str]) -> None:
    """The page with these lines, in the order of the cases."""
    PAGE.write_text(HEAD + "".join(f"{lines[name]}\n" for name in CASES if name in lines), "utf-8")


def main(names: list[str]) -> None:
    """Measure what is named, else what the page lacks, and write the page after each."""
    had = rows()
    for name in names or [each for each in CASES if each not in had]:
        measured = row(name)
        print(measured, flush=True)
        write({**rows(), name: measured})


if __name__ == "__main__":
    main(sys.argv[1:])
