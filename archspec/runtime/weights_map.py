"""A file's tensors under a network's names: the rules of a map, done one after another."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, NamedTuple

from msgspec import Struct, field

from archspec.language.diagnostics import Diagnostic, Note, SpecError
from archspec.language.expressions import ExpressionError
from archspec.language.weights_map import Parts, Rule, Rules

if TYPE_CHECKING:
    from torch import Tensor


class Taken(NamedTuple):
    """A tensor that a rule takes, with the names of those of the file that it is made of."""

    tensor: Tensor
    origin: tuple[str, ...]


class Named(Struct):
    """Tensors by name while rules are done to them, each with the names of those of the file that it is made of."""

    tensors: dict[str, Tensor]
    origins: dict[str, tuple[str, ...]]
    left_out: list[str] = field(default_factory=list)
    """The names of the file's tensors that a rule leaves out."""
    twice: list[str] = field(default_factory=list)
    """What is wrong where two tensors came to one name."""
    idle: list[Rule] = field(default_factory=list)
    """The rules that no tensor's name began with."""

    @classmethod
    def of(cls, state: Mapping[str, Tensor]) -> Named:
        """Tensors under their own names."""
        return cls(dict(state), {name: (name,) for name in state})

    def take(self, name: str) -> Taken:
        """A tensor, which is then no longer there."""
        return Taken(self.tensors.pop(name), self.origins.pop(name))

    def label(self, name: str) -> str:
        """A name with those that the file has in its place."""
        origin = self.origins.get(name, (name,))
        return name if origin == (name,) else f"{name} (from {' and '.join(origin)})"

    @property
    def notes(self) -> tuple[Note, ...]:
        """Which rules no tensor's name began with."""
        return tuple(Note(f"no tensor of the file is one of `{rule}`", rule.span) for rule in self.idle[:4])


def mapped(state: Mapping[str, Tensor], rules: Rules, own: Mapping[str, Tensor], params: Mapping[str, Any]) -> Named:
    """The tensors of a file under the names that rules give them.

    `own` are the network's tensors, whose shapes say how one is shared out or reshaped; `params` are what expressions
    see. Raises `SpecError` at a rule that a tensor does not bear.
    """
    named = Named.of(state)
    for rule in rules:
        groups = _groups(named, rule)
        if not groups:
            named.idle.append(rule)
        taken = [(parts, [named.take(name) for name in names]) for parts, names in groups.items()]
        for parts, given in taken:
            try:
                _put(named, rule, parts, given, own, params)
            except (ExpressionError, RuntimeError, IndexError) as error:
                raise _refused(rule, groups[parts], error) from None
    place = {name: number for number, name in enumerate(state)}
    named.tensors = dict(sorted(named.tensors.items(), key=lambda each: place[named.origins[each[0]][0]]))
    return named


def _groups(named: Named, rule: Rule) -> dict[Parts, tuple[str, ...]]:
    """The tensors that go together, in the order of the rule's patterns; those without one of them stay as they are."""
    found: dict[Parts, dict[int, str]] = {}
    for name in named.tensors:
        for number, pattern in enumerate(rule.sources):
            if (parts := pattern.match(name)) is not None:
                found.setdefault(Parts(tuple(sorted(parts.holes)), *parts[1:]), {})[number] = name
                break
    count = len(rule.sources)
    return {parts: tuple(names[at] for at in range(count)) for parts, names in found.items() if len(names) == count}


def _put(
    named: Named, rule: Rule, parts: Parts, given: list[Taken], own: Mapping[str, Tensor], params: Mapping[str, Any]
) -> None:
    """Put what a rule makes of tensors that go together under the names that it gives."""
    origin = tuple(name for each in given for name in each.origin)
    if not rule.targets:
        named.left_out += origin
        return
    targets = [target.name(parts, params) for target in rule.targets]
    tensor = _together(rule, [each.tensor for each in given])
    for target, part in zip(targets, _shared(rule, tensor, [own.get(each) for each in targets])):
        if target in named.tensors:
            named.twice.append(f"assigned twice: {target} (from {' and '.join((*named.origins[target], *origin))})")
        named.tensors[target] = part
        named.origins[target] = origin


def _together(rule: Rule, tensors: list[Tensor]) -> Tensor:
    import torch

    turned = [each.transpose(-2, -1) if rule.transpose and each.dim() > 1 else each for each in tensors]
    return turned[0] if len(turned) == 1 else torch.cat(turned, rule.dim)


def _shared(rule: Rule, tensor: Tensor, own: list[Tensor | None]) -> Iterator[Tensor]:
    """A tensor's parts for each of the network's: as large as these, or else equal."""
    parts: Sequence[Tensor] = (tensor,) if len(own) == 1 else _split(rule, tensor, own)
    for part, wanted in zip(parts, own):
        alike = rule.reshape and wanted is not None and wanted.numel() == part.numel()
        yield part.reshape(wanted.shape) if alike and wanted is not None else part


def _split(rule: Rule, tensor: Tensor, own: list[Tensor | None]) -> Sequence[Tensor]:
    import torch

    sizes = [each.shape[rule.dim] for each in own if each is not None and each.dim() > rule.dim]
    if len(sizes) == len(own) and sum(sizes) == tensor.shape[rule.dim]:
        return torch.split(tensor, sizes, rule.dim)
    return tensor.chunk(len(own), rule.dim)


def _refused(rule: Rule, names: tuple[str, ...], error: Exception) -> SpecError:
    reason = (str(error).strip().splitlines() or [type(error).__name__])[0]
    message = f"this rule cannot be done to {' and '.join(f'`{name}`' for name in names[:4])}"
    return SpecError([Diagnostic("weights-map", message, rule.span, found=reason)])
