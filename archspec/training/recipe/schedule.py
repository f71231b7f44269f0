"""How the learning rate moves: torch's schedules, alone or one after another."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import accumulate
from typing import TYPE_CHECKING, Annotated, Any, Literal

from pydantic import Field as PydanticField

from archspec.language.diagnostics import Diagnostic, Findings
from archspec.language.pydantic_models import Expects, Section, validate
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Sequence, Tree
from archspec.training.recipe import vocabulary
from archspec.training.recipe.calls import Call, parse_call

if TYPE_CHECKING:
    from torch.optim import Optimizer

BY_STEP = ("one_cycle_lr", "cyclic_lr")
"""The schedules that torch means to advance with every batch."""
PLATEAU = "reduce_lr_on_plateau"


class StageSection(Section):
    """What a recipe says of a schedule beside torch's keywords."""

    epochs: Annotated[int, PydanticField(ge=1), Expects("a whole number from 1")] | None = None
    interval: Annotated[Literal["epoch", "step"], Expects("`epoch` or `step`")] | None = None
    monitor: Annotated[str, Expects("a metric, such as `val_loss`")] = "val_loss"


@dataclass(frozen=True, slots=True)
class Stage:
    """One schedule and the epochs that it holds for: `None` for the rest of them."""

    call: Call
    epochs: int | None
    interval: Literal["epoch", "step"]
    monitor: str


def read_schedule(tree: Tree | None, epochs: int, findings: Findings) -> tuple[Stage, ...]:
    """One schedule, or a list of them, each but the last with its `epochs`."""
    if tree is None:
        return ()
    items = tree.items if isinstance(tree, Sequence) else (tree,)
    stages = [_stage(item, item is items[-1], findings) for item in items]
    read = tuple(stage for stage in stages if stage)
    if len(read) < len(items):
        return ()
    taken = sum(stage.epochs or 0 for stage in read)
    if taken >= epochs and taken:
        message = f"the schedules before the last take {taken} of {epochs} epochs"
        findings.add(Diagnostic("schedule", message, tree.span, expected=f"fewer than {epochs}"))
    if len({stage.interval for stage in read}) > 1:
        message = "schedules in one list advance alike, by epoch or by step"
        findings.add(Diagnostic("schedule", message, tree.span, help="say `interval: step` for all of them"))
    if len(read) > 1 and any(stage.call.name == PLATEAU for stage in read):
        findings.add(Diagnostic("schedule", f"`{PLATEAU}` cannot stand in a list of schedules", tree.span))
    return read


def _stage(tree: Tree, last: bool, findings: Findings) -> Stage | None:
    ours, theirs = MappingTree((), tree.span), tree
    if isinstance(tree, MappingTree):
        ours = MappingTree(tuple(e for e in tree.entries if e[0].value in StageSection.model_fields), tree.span)
        theirs = MappingTree(tuple(e for e in tree.entries if e not in ours.entries), tree.span)
    section = validate(StageSection, ours, "a schedule", findings)
    call = parse_call(theirs, vocabulary.schedules(), "schedule", findings)
    if section is None or call is None:
        return None
    if not last and section.epochs is None:
        message = f"`{call.name}` is followed by another schedule, and needs `epochs`"
        findings.add(Diagnostic("schedule", message, call.span))
        return None
    interval = section.interval or ("step" if call.name in BY_STEP else "epoch")
    return Stage(call, None if last else section.epochs, interval, section.monitor)


def make_schedule(stages: tuple[Stage, ...], optimizer: Optimizer, epochs: int, steps: int) -> dict[str, Any]:
    """The schedule as Lightning takes it, for so many epochs of so many steps in all.

    What torch asks for and the run knows (`T_max`, `total_steps`) is filled in.
    """
    from torch.optim.lr_scheduler import SequentialLR

    unit = steps / epochs if stages[0].interval == "step" else 1
    lengths = [stage.epochs or 0 for stage in stages]
    lengths[-1] = epochs - sum(lengths)
    made = [
        stage.call(optimizer, **_known(stage.call, max(1, round(length * unit))))
        for stage, length in zip(stages, lengths)
    ]
    milestones = [round(length * unit) for length in accumulate(lengths[:-1])]
    scheduler = SequentialLR(optimizer, made, milestones) if len(made) > 1 else made[0]
    return {"scheduler": scheduler, "interval": stages[0].interval, "monitor": stages[0].monitor}


def _known(call: Call, length: int) -> dict[str, int]:
    return {name: length for name in call.callee.known if name in call.callee.parameters}
