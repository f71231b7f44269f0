"""A recipe: how a network is trained, as written, checked for all that can be known without the data."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import Field as PydanticField

from archspec.language.diagnostics import Diagnostic, Findings
from archspec.language.pydantic_models import Expects, Section, shown, validate, validate_in_part
from archspec.language.sections import Name, Text
from archspec.language.source import Source
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Sequence, Tree
from archspec.runtime.requirements import is_installed
from archspec.training.data import DataSettings, check_transforms, detects, parse_data
from archspec.training.recipe import vocabulary
from archspec.training.recipe.calls import Call, parse_arguments, parse_call
from archspec.training.recipe.loss_terms import Term, read_terms
from archspec.training.recipe.overrides import overridden
from archspec.training.recipe.phases import Phase, read_phases

VERSION = 1
YEAR = 366 * 24 * 60
"""Minutes."""

Flag = Annotated[bool, Expects("true or false")]


class CheckpointSection(Section):
    """When checkpoints are written beside the one at each epoch's end."""

    minutes: (
        Annotated[float, PydanticField(gt=0, le=YEAR), Expects("a number of minutes above 0, at most a year")] | None
    ) = 10.0
    steps: Annotated[int, PydanticField(ge=1), Expects("a whole number from 1")] | None = None


class RecipeSection(Section):
    """The top level of a recipe."""

    recipe: Annotated[int, PydanticField(ge=VERSION, le=VERSION), Expects("the version of the recipes' language, 1")]
    """The version of the recipes' language."""
    name: Name | None = None
    """The recipe's name; left out, that of its file."""
    about: Text | None = None
    """What is trained, in one line."""
    model: Annotated[str, Expects("a spec: its path or bundled name")]
    """The network that is trained."""
    variant: Annotated[str, Expects("the name of a variant")] | None = None
    """Which variant of it."""
    set: Any = None
    """The network's params."""
    weights: Annotated[str, Expects("a weights file, or a torchvision name such as `DEFAULT`")] | None = None
    """What it starts from; left out, it starts as its `init` says."""
    data: Any
    """Where the examples come from, and what is done to them."""
    loss: Any = None
    """What is made small."""
    losses: Any = None
    """A loss for each output by its name."""
    loss_weights: Any = None
    """What each loss counts."""
    epochs: Any = None
    """How often all examples are gone through."""
    optimizer: Any = None
    """An optimizer of torch.optim with its learning rate."""
    param_groups: Any = None
    """Parameters with settings of their own."""
    schedule: Any = None
    """How the learning rate changes."""
    freeze: Any = None
    """The parameters that do not train."""
    train: Any = None
    """The only parameters that train."""
    phases: Any = None
    """Parts of the training, one after the other, by name."""
    keep: Annotated[str, Expects("`last`, or a metric to be best in, such as `val_loss`")] = "last"
    """Which weights are kept."""
    checkpoint: Any = None
    """When checkpoints are written beside those at the end of each epoch."""
    callbacks: Any = None
    """Callbacks of Lightning's Trainer."""
    trainer: Any = None
    """Arguments of Lightning's Trainer."""
    compile: Flag = False
    """Whether torch.compile compiles the network."""
    channels_last: Flag = False
    """Whether images lie in memory with their channels last."""
    seed: Annotated[int, PydanticField(ge=0, lt=2**32), Expects("a whole number from 0")] = 0
    """What all chance follows from."""


@dataclass(frozen=True, slots=True)
class Recipe:
    """A recipe as written; `tree` is its text with the values that were set from outside."""

    source: Source
    tree: MappingTree
    section: RecipeSection
    settings: Mapping[str, Tree]
    data: DataSettings
    terms: tuple[Term, ...]
    phases: tuple[Phase, ...]
    checkpoint: CheckpointSection
    callbacks: tuple[Call, ...]
    trainer: Mapping[str, Any]

    @property
    def name(self) -> str:
        """The recipe's name, or its file's."""
        return self.section.name or (self.source.path.stem if self.source.path else "recipe")

    @property
    def epochs(self) -> int:
        return sum(phase.epochs for phase in self.phases)


KEYS = frozenset(RecipeSection.model_fields)
_RAW = frozenset(name for name, info in RecipeSection.model_fields.items() if info.annotation is Any)


def parse_recipe(source: Source, settings: Mapping[str, Tree] | None = None, *, importing: bool = True) -> Recipe:
    """Read a recipe's text, with the values of some of its keys set from outside (`data.batch_size` → a tree).

    Raises `SpecError` with everything that is wrong in it; whether torchvision takes the arguments of transforms is
    asked where all else is right and it is installed, as it has to be imported for it; not where `importing` is false.
    """
    findings = Findings()
    tree = parse(source)
    if not isinstance(tree, MappingTree):
        validate(RecipeSection, tree, "a recipe", findings)
        findings.check()
    assert isinstance(tree, MappingTree)
    tree = overridden(tree, settings or {}, KEYS)
    section, _ = validate_in_part(RecipeSection, tree, "a recipe", findings, _RAW)
    parts = {
        "settings": _settings(tree.get("set"), findings),
        "data": parse_data(given, findings, importing=False) if (given := tree.get("data")) else None,
        "terms": read_terms(tree, detects(tree.get("data")), findings),
        "phases": read_phases(tree, findings),
        "checkpoint": _checkpoint(tree.get("checkpoint"), findings),
        "callbacks": _callbacks(tree.get("callbacks"), findings),
        "trainer": _trainer(tree.get("trainer"), findings),
    }
    findings.check()
    data = parts["data"]
    if importing and isinstance(data, DataSettings) and is_installed("torchvision"):
        check_transforms(data.transforms, findings)
        findings.check()
    return Recipe(source=source, tree=tree, section=section, **parts)  # type: ignore[arg-type]


def _settings(tree: Tree | None, findings: Findings) -> dict[str, Tree]:
    if tree is None or _is_nothing(tree):
        return {}
    if not isinstance(tree, MappingTree):
        message = "`set` is a mapping of the spec's params to values"
        findings.add(Diagnostic("wrong-type", message, tree.span, found=shown(tree)))
        return {}
    return {str(key.value): value for key, value in tree.entries}


def _checkpoint(tree: Tree | None, findings: Findings) -> CheckpointSection:
    if tree is None or _is_nothing(tree):
        return CheckpointSection()
    return validate(CheckpointSection, tree, "`checkpoint`", findings) or CheckpointSection()


def _callbacks(tree: Tree | None, findings: Findings) -> tuple[Call, ...]:
    if tree is None or _is_nothing(tree):
        return ()
    if not isinstance(tree, Sequence):
        findings.add(Diagnostic("wrong-type", "`callbacks` is a list", tree.span, found=shown(tree)))
        return ()
    calls = (
        parse_call(item, vocabulary.callbacks(), "callback", findings, vocabulary.REFUSED_CALLBACKS)
        for item in tree.items
    )
    return tuple(call for call in calls if call)


def _trainer(tree: Tree | None, findings: Findings) -> dict[str, Any]:
    if tree is None or _is_nothing(tree):
        return {}
    return parse_arguments(tree, vocabulary.trainer(), "`trainer`", findings)


def _is_nothing(tree: Tree) -> bool:
    return isinstance(tree, Scalar) and tree.value is None
