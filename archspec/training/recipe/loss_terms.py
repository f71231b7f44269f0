"""The terms of the loss: which loss, of which of the network's outputs, with which weight in the sum."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from archspec.graph.model import Graph
from archspec.language.diagnostics import Diagnostic, Findings, did_you_mean
from archspec.language.pydantic_models import shown
from archspec.language.source import Span
from archspec.language.yaml_tree import Mapping as MappingTree
from archspec.language.yaml_tree import Scalar, Tree
from archspec.ops.shapes import Carried
from archspec.training.losses import losses
from archspec.training.recipe.calls import Call, parse_call


@dataclass(frozen=True, slots=True)
class Term:
    """One term; `output` is `None` for the network's first output, `target` the input that it is to equal, if any.

    Without a `call` it is a loss that the network computes itself in training, as detectors do.
    """

    output: str | None
    call: Call | None
    weight: float
    span: Span
    target: str | None = None


def read_terms(recipe: MappingTree, detects: bool, findings: Findings) -> tuple[Term, ...]:
    """`loss` of the first output, or of those that `loss_weights` names; or `losses`, one for each output.

    A network that `detects` has its own, of which `loss_weights` names those that do not count once.
    """
    weights = _weights(recipe.get("loss_weights"), findings)
    one, by_output = recipe.get("loss"), recipe.get("losses")
    if one is not None and by_output is not None:
        key = recipe.key("losses")
        span = key.span if key else one.span
        findings.add(Diagnostic("recipe-keys", "a recipe has `loss` or `losses`, not both", span))
        return ()
    if one is not None:
        call = parse_call(one, losses(), "loss", findings)
        places = weights or {None: (1.0, one.span)}
        return tuple(Term(output, call, *place) for output, place in places.items() if call)
    if isinstance(by_output, MappingTree) and by_output.entries:
        return tuple(_by_output(by_output, weights, findings))
    if by_output is not None:
        message = "`losses` is a mapping of the network's outputs to losses"
        findings.add(Diagnostic("wrong-type", message, by_output.span, found=shown(by_output)))
    elif detects:
        return tuple(Term(output, None, *place) for output, place in weights.items())
    else:
        help_ = "add `loss: cross_entropy`, or `losses` with one for each output"
        findings.add(Diagnostic("missing-key", "a recipe needs `loss`", recipe.span, help=help_))
    return ()


def _by_output(tree: MappingTree, weights: dict[str | None, tuple[float, Span]], findings: Findings) -> Iterator[Term]:
    for output, (_, span) in weights.items():
        if output not in tree.names:
            help_ = did_you_mean(str(output), tree.names)
            findings.add(Diagnostic("unknown-name", f"`{output}` has a weight, but no loss", span, help=help_))
    for key, value in tree.entries:
        target, rest = _parted(value)
        call = parse_call(rest, losses(), "loss", findings)
        if call:
            yield Term(str(key.value), call, weights.get(str(key.value), (1.0, key.span))[0], key.span, target)


def _parted(tree: Tree) -> tuple[str | None, Tree]:
    """A loss's `target`, an input of the network in place of the data's targets, and the rest of it."""
    target = tree.get("target") if isinstance(tree, MappingTree) else None
    if not isinstance(target, Scalar) or not isinstance(target.value, str):
        return None, tree
    assert isinstance(tree, MappingTree)
    return target.value, MappingTree(tuple(entry for entry in tree.entries if entry[1] is not target), tree.span)


def _weights(tree: Tree | None, findings: Findings) -> dict[str | None, tuple[float, Span]]:
    if tree is None:
        return {}
    if not isinstance(tree, MappingTree):
        message = "`loss_weights` is a mapping of the network's outputs to numbers"
        findings.add(Diagnostic("wrong-type", message, tree.span, found=shown(tree)))
        return {}
    weights: dict[str | None, tuple[float, Span]] = {}
    for key, value in tree.entries:
        number = value.value if isinstance(value, Scalar) else None
        if isinstance(number, (int, float)) and not isinstance(number, bool) and number >= 0:
            weights[str(key.value)] = (float(number), key.span)
        else:
            message = f"the weight of the loss of `{key.value}` cannot be {shown(value)}"
            findings.add(Diagnostic("wrong-type", message, value.span, expected="a number from 0"))
    return weights


def _check_own(terms: tuple[Term, ...], own: tuple[str, ...], graph: Graph, findings: Findings) -> None:
    """Report what is said of the losses of a network that computes them itself, and does not hold."""
    for term in terms:
        if term.call is not None:
            message = f"`{graph.name}` computes its losses itself"
            mend = f"leave `loss` out; `loss_weights: {{{own[0]}: 0.5}}` weighs them"
            findings.add(Diagnostic("recipe-keys", message, term.span, help=mend))
        elif term.output not in own:
            message = f"`{graph.name}` has no loss `{term.output}`"
            help_ = did_you_mean(str(term.output), own)
            expected = ", ".join(f"`{name}`" for name in own)
            findings.add(Diagnostic("unknown-output", message, term.span, expected=expected, help=help_))


def output_names(graph: Graph) -> tuple[str, ...]:
    """The names of a network's outputs; a lone one that has none is called `output`."""
    return tuple(result.name or "output" for result in graph.root.results)


def own_losses(graph: Graph) -> tuple[str, ...]:
    """The names of the losses that a network gives in training in place of its output; none where it gives none."""
    shape = graph.root.resolve(graph.root.results[0].ref)
    given = shape.in_training if isinstance(shape, Carried) else None
    return tuple(name for name, _ in given.fields) if isinstance(given, Carried) and given.form == "scalars" else ()


def check_terms(terms: tuple[Term, ...], graph: Graph, place: Span, findings: Findings) -> None:
    """Report terms of outputs that the network does not have, and outputs for training alone that no term is of.

    `place` is where the recipe says what it trains.
    """
    if own := own_losses(graph):
        _check_own(terms, own, graph, findings)
        return
    if not terms or any(term.call is None for term in terms):
        message = f"a recipe of `{graph.name}` needs `loss`: it computes none itself"
        findings.add(Diagnostic("missing-key", message, place, help="add `loss: cross_entropy`"))
        return
    names = output_names(graph)
    for term in terms:
        if term.output is not None and term.output not in names:
            message = f"`{graph.name}` has no output `{term.output}`"
            findings.add(Diagnostic("unknown-output", message, term.span, help=did_you_mean(term.output, names)))
        if term.target is not None and term.target not in graph.root.input_names:
            message = f"`{graph.name}` has no input `{term.target}`"
            help_ = did_you_mean(term.target, graph.root.input_names)
            findings.add(Diagnostic("unknown-input", message, term.span, help=help_))
    taken = {term.output or names[0] for term in terms}
    for name, result in zip(names, graph.root.results):
        if name not in taken and graph.root.children[result.ref.child].training:
            message = f"the output `{name}` is there for training, but no loss is taken of it"
            help_ = f"give it a weight: `loss_weights: {{{names[0]}: 1, {name}: 0.3}}`"
            span = terms[0].span if terms else None
            findings.add(Diagnostic("idle-output", message, span, help=help_, severity="warning"))
