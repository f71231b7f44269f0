"""Which names of a spec may become names in Python's source."""

from __future__ import annotations

import keyword
import re
from collections.abc import Container, Iterator
from itertools import count

NAME_RULE = "letters, digits and underscores, first a letter, no Python keyword"
KEY_RULE = "letters, digits, `_` and `-`, as a module's name in a state_dict may have"
_KEY = re.compile(r"(?!__)\w[\w-]*(\.(?!__)\w[\w-]*)*", re.ASCII)


def is_key(name: str) -> bool:
    """Whether a name can be that of a module in a state_dict, of which not every one is a name in Python.

    A name with dots is that of a module in containers that the block around it does not call: `convs.0`.

    >>> is_key("conv1"), is_key("block1-0"), is_key("_conv_stem"), is_key("0"), is_key("convs.0"), is_key("convs.")
    (True, True, True, True, True, False)
    """
    return _KEY.fullmatch(name) is not None


def is_attribute(name: str) -> bool:
    """Whether a module's name can be written after `self.`; one that cannot is a key in brackets.

    >>> is_attribute("conv1"), is_attribute("block1-0"), is_attribute("lambda")
    (True, False, False)
    """
    return name.isidentifier() and not keyword.iskeyword(name)


def variable(name: str) -> str:
    """A name for a variable that holds what is called so.

    >>> variable("conv1"), variable("block1-0"), variable("convs.0"), variable("0"), variable("lambda")
    ('conv1', 'block1_0', 'convs_0', 'value_0', 'lambda_')
    """
    plain = re.sub("[-.]", "_", name).lstrip("_") or "value"
    plain = plain if plain.isidentifier() else f"value_{plain}"
    return f"{plain}_" if keyword.iskeyword(plain) else plain


def is_identifier(name: str) -> bool:
    """Whether a name can be an attribute in Python's source."""
    return name.isascii() and name.isidentifier() and not keyword.iskeyword(name) and not name.startswith("_")


def class_name(words: str) -> str:
    """The name of the class for what is called so in print.

    >>> class_name("Faster R-CNN"), class_name("basic_block"), class_name("GoogLeNet")
    ('FasterRCNN', 'BasicBlock', 'GoogLeNet')
    """
    name = "".join(part[0].upper() + part[1:] for part in re.findall("[A-Za-z0-9]+", words))
    return name if name.isidentifier() else f"Block{name}"


def snake(title: str) -> str:
    """What is called so as a class, in small letters with underscores between the words.

    >>> snake("BasicBlock"), snake("Conv2dNormActivation"), snake("MBConv")
    ('basic_block', 'conv2d_norm_activation', 'mb_conv')
    """
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", title.strip("_")).lower()


def numbered(word: str) -> Iterator[str]:
    """A word, and then with numbers from 2 on: `add`, `add_2`, `add_3`, …"""
    yield word
    yield from (f"{word}_{number}" for number in count(2))


def free(word: str, taken: Container[str]) -> str:
    """A word, or where that is taken the word with the first number that is not.

    >>> free("add", {"add", "add_2"})
    'add_3'
    """
    return next(name for name in numbered(word) if name not in taken)


def same_name(one: str, other: str) -> bool:
    """Whether two names differ in no more than how they are written.

    >>> same_name("Faster R-CNN", "faster_rcnn")
    True
    """
    return class_name(one).lower() == class_name(other).lower()


def is_input_name(name: str) -> bool:
    """Whether an input may have this name, which becomes that of an argument of `forward`."""
    return is_identifier(name) and name not in ("previous", "self", "torch", "nn", "torchvision")
