"""A TARGET as a user names it: `package.module:callable`, or `file.py:Class`."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec import Struct

from archspec.language.identifiers import snake


class Target(Struct, frozen=True):
    """Something in Python that makes a module: where it is, a file or a module's dotted name, and what it is called."""

    place: str
    attribute: str

    @property
    def in_file(self) -> bool:
        """Whether the place is a file, not the name of a module."""
        return self.place.endswith(".py")

    def __str__(self) -> str:
        return f"{self.place}:{self.attribute}"


def target_of(text: str) -> Target | None:
    """The target that a text names; `None` where it is of another form.

    >>> print(target_of("torchvision.models:resnet18"), target_of("nets/my.py:Net"), target_of("resnet18"))
    torchvision.models:resnet18 nets/my.py:Net None
    """
    place, colon, attribute = text.rpartition(":")
    if not colon or not all(map(str.isidentifier, attribute.split("."))):
        return None
    dotted = all(map(str.isidentifier, place.split(".")))
    return Target(place, attribute) if dotted or place.endswith(".py") else None


def is_python_file(text: str) -> bool:
    """Whether a text names a file of Python, but nothing in it."""
    return text.endswith(".py") and Path(text).name != ".py"


def page_name(title: str) -> str:
    """A name that a page may have, after that of a class, a function or a file.

    >>> [page_name(each) for each in ("ResNet", "UNet.small", "MobileNetV3", "vit-base 16")]
    ['res_net', 'u_net_small', 'mobile_net_v3', 'vit_base_16']
    """
    name = re.sub(r"[^a-z0-9]+", "_", snake(title)).strip("_")
    return name if name[:1].isalpha() else f"network_{name}".strip("_")
