"""What to do about a call that cannot be: the help lines of messages about nodes."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Sequence
from typing import TypeAlias

from archspec.language.diagnostics import misspelt
from archspec.language.nodes import BODIES, MODIFIERS, Field, Signature, Vocabulary
from archspec.language.pydantic_models import value_text
from archspec.language.synonyms import FIELDS, OPS, WORDS, normal, plain_word, said_as
from archspec.language.yaml_tree import Mapping, Scalar, Tree, plain
from archspec.language.yaml_tree import Sequence as SequenceTree

Names: TypeAlias = Callable[[], "tuple[str, ...]"]

LIST = "`archspec blocks` lists them all"
_INFERRED = (
    *("in_channels", "in_features", "num_features", "num_channels", "input_size", "in_planes", "input_dim"),
    *("embed_dim", "kdim", "vdim", "d_model"),
)
"""What torch.nn asks for and the input tells."""
_ACTIVATIONS = (
    "act",
    "activation",
    "act_layer",
    "activation_fn",
    "nonlinearity",
    "norm",
    "norm_layer",
    "normalization",
)
"""What layers of other libraries take along with them."""


def unknown_op_help(word: str, names: Iterable[str], otherwise: str = LIST) -> str:
    """What to write for a word that is no op or block."""
    if "(" in word:
        return f"write a call as a mapping: `{{{word.partition('(')[0]}: …}}`"
    known = list(names)
    same = [name for name in known if normal(name) == normal(word)]
    if same:
        return f"did you mean `{next((name for name in same if plain_word(name) == plain_word(word)), same[0])}`?"
    answers = said_as(word, OPS, known)
    if answers is None:
        close = misspelt(word, known)
        return f"did you mean `{close}`?" if close else otherwise
    return _write(answers) if answers else otherwise


def _write(answers: Sequence[str]) -> str:
    """The help that names how a spec says something."""
    if answers[0].startswith("{"):
        return "write " + " or ".join(f"`{answer}`" for answer in answers)
    return "did you mean " + " or ".join(f"`{answer}`" for answer in answers) + "?"


def is_misspelt(name: str, other: Signature, vocabulary: Vocabulary, names: Names) -> bool:
    """Whether a node's first key is an op's name misspelt, rather than a field of the other op that was found."""
    if vocabulary(name) is not None or name in other.fields or meant(name, other.fields):
        return False
    return misspelt(name, names()) is not None


def meant(name: str, known: Collection[str]) -> str | None:
    """The field or modifier that a word stands for, of those that are known."""
    answers = said_as(name, FIELDS, known)
    if answers:
        return answers[0]
    return misspelt(name, known) or _begun(name, known)


def _begun(name: str, known: Collection[str]) -> str | None:
    """The one field whose name begins so, or is the beginning of this one."""
    found = [each for each in known if each.startswith(f"{name}_") or name.startswith(f"{each}_")]
    return found[0] if len(found) == 1 and len(name) > 1 else None


def unknown_field_help(given: Field, known: Collection[str], signature: Signature | None = None) -> str | None:
    """What to do about a field that a call does not have."""
    name = str(given.key.value)
    if name in _INFERRED:
        return "leave it out: it is inferred from the input"
    if (advice := WORDS.get(normal(name))) is not None:
        return advice
    if name in _ACTIVATIONS:
        return _beside(given)
    if not re.fullmatch(r"\w+", name):
        return "put an expression with a `,` in it in quotes"
    main = signature.positional[0] if signature is not None and signature.positional else None
    close = meant(name, [*known, *MODIFIERS])
    if signature is not None and close is not None and close == main and normal(name) in FIELDS:
        return f"write it after the name: `{{{signature.name}: {written(given.value)}}}`"
    return f"did you mean `{close}`?" if close else None


def _beside(given: Field) -> str:
    """What to do about an activation or norm that is a field elsewhere."""
    word = given.value.value if isinstance(given.value, Scalar) and isinstance(given.value.value, str) else "relu"
    return f"write it as a node after this one, `{word}`; or use `conv_norm_act`, which includes all three"


def cut_in_pieces(tree: Tree, callee: Scalar, known: Collection[str]) -> tuple[Scalar, str] | None:
    """The first piece of a value that its commas have cut in flow YAML, and how to keep it whole.

    `{fire: 16, 64}` has a key `64` without a value, as has `{conv: max(a, b)}` a key `b)`.
    """
    entries = tree.entries if isinstance(tree, Mapping) else ()
    stray = [_is_piece(key, value) and key is not callee and not _is_known(key, known) for key, value in entries]
    if True not in stray[1:]:
        return None
    first = stray.index(True, 1)
    last = next((number for number in range(first, len(stray)) if not stray[number]), len(stray))
    owner, value = entries[first - 1]
    if owner.span.line != entries[first][0].span.line or _is_nothing(value):
        return None
    whole = ", ".join([written(value), *(str(key.value) for key, _ in entries[first:last])])
    if written(value).count("(") > written(value).count(")"):
        return entries[first][0], f'put an expression with a `,` in it in quotes: `{owner.value}: "{whole}"`'
    return entries[first][0], f"write a list in brackets: `{owner.value}: [{whole}]`"


def _is_piece(key: Scalar, value: Tree) -> bool:
    return _is_nothing(value) and not key.quoted and value.span.column == key.span.end_column


def _is_known(key: Scalar, known: Collection[str]) -> bool:
    names = [*known, *MODIFIERS]
    return key.value in names or misspelt(str(key.value), names) is not None


def missing_help(signature: Signature, missing: Sequence[str], value: Tree | None = None) -> str:
    """How a call with its missing fields would be written."""
    if isinstance(value, SequenceTree) and len(value.items) == len(signature.required) > 1:
        return f"name the values: `{_called(signature, value)}`"
    main = signature.positional[:1]
    fields = [f"{name}: …" for name in missing if name not in main]
    if set(main) & set(missing):
        return f"write `{{{', '.join((f'{signature.name}: …', *fields))}}}`"
    return "add " + " and ".join(f"`{field}`" for field in fields)


def main_help(signature: Signature, value: Tree) -> str | None:
    """How the values are written that an op or block does not take after its name."""
    count = len(value.items) if isinstance(value, SequenceTree) else 1
    if not 0 < count <= len(signature.ordered) or (count == 1 and len(signature.required) != 1):
        return None if signature.required else f"write `{signature.name}` alone"
    return f"name {'it' if count == 1 else 'the values'}: `{_called(signature, value)}`"


def _called(signature: Signature, value: Tree) -> str:
    """A call with a list's values as its fields."""
    items = [written(item) for item in (value.items if isinstance(value, SequenceTree) else (value,))]
    main = signature.positional[0] if signature.positional else None
    fields = sorted(signature.required or signature.ordered, key=lambda name: name != main)
    rest = [name for name in signature.ordered if name not in fields]
    pairs = dict(zip([*fields, *rest], items))
    head = f"{signature.name}: {pairs.pop(main, '') if main else ''}"
    return f"{{{', '.join([head, *(f'{name}: {item}' for name, item in pairs.items())])}}}"


def call_help(signature: Signature, value: Mapping) -> str:
    """How a call's fields stand that were written under its name."""
    names = dict.fromkeys((signature.name, *value.names))
    return f"write `{{{', '.join(f'{name}: …' for name in names)}}}`"


def nested_help(keys: Sequence[Field], in_list: bool, vocabulary: Vocabulary) -> str | None:
    """What to do about a mapping none of whose keys names an op, where its values are nodes."""
    if not all(_is_node(each.value, vocabulary) for each in keys):
        return None
    first = keys[0].key.value
    if in_list and len(keys) == 1:
        return f"the items of a list have no names: leave `{first}` out, or write the graph as a mapping"
    return f"put nested nodes under `graph`: `{{graph: {{{first}: …}}}}`"


def _is_node(tree: Tree, vocabulary: Vocabulary) -> bool:
    if isinstance(tree, Scalar):
        return isinstance(tree.value, str) and vocabulary(tree.value) is not None
    if isinstance(tree, SequenceTree):
        return bool(tree.items) and all(_is_node(item, vocabulary) for item in tree.items)
    return any(name in BODIES or vocabulary(name) is not None for name in tree.names)


def join_help(name: str, wrong: Tree, *, whole: bool) -> str | None:
    """What to do about what a join cannot take."""
    if not whole:
        return taken_help(wrong)
    node = wrong.value if isinstance(wrong, Scalar) and isinstance(wrong.value, str) else "input"
    return f"a join takes a list of nodes: `{{{name}: [previous, {node}]}}`"


def taken_help(tree: Tree) -> str | None:
    """What to do about a value that is no name of a node."""
    if not isinstance(tree, Scalar) or isinstance(tree.value, bool):
        return None
    if tree.value is None:
        return "`previous` is the node before, `input` the input of the graph"
    if isinstance(tree.value, int):
        return f'an item of a list is named by its number in quotes, `"{tree.value}"`; a plain number is not a node'
    return None


def written(tree: Tree) -> str:
    """A value as it would stand in a call."""
    return value_text(plain(tree)).strip("`") if not _is_nothing(tree) else ""


def _is_nothing(tree: Tree) -> bool:
    return isinstance(tree, Scalar) and tree.value is None
