"""The kinds of ops: how a reader distinguishes ops, and what holds for all ops of a kind."""

from collections.abc import Mapping
from typing import Literal

from msgspec import Struct

Kind = Literal[
    "convolution",
    "linear",
    "normalization",
    "activation",
    "pooling",
    "regularization",
    "shape",
    "recurrent",
    "detection",
    "other",
    "join",
]
"""What an op is to a reader: one colour each in a picture, in the order in which a legend names them."""


class Traits(Struct, frozen=True):
    """What holds for all ops of a kind.

    `words` are what a legend calls it. An op of a kind that `goes_along` belongs to the layer before it, or to the one
    behind: it is drawn with it, and keeps what a value is. Where it is `minor`, its cost is told with that of the layer
    before it. `spatial` ops take channels first and positions after them, `sequential` ones rows of features.
    """

    words: str
    goes_along: bool = False
    minor: bool = False
    spatial: bool = False
    sequential: bool = False


KINDS: Mapping[str, Traits] = {
    "convolution": Traits("convolution", spatial=True),
    "linear": Traits("fully connected", sequential=True),
    "normalization": Traits("normalization", goes_along=True, minor=True),
    "activation": Traits("activation", goes_along=True, minor=True),
    "pooling": Traits("pooling", minor=True, spatial=True),
    "regularization": Traits("regularization", goes_along=True, minor=True),
    "shape": Traits("reshaping", minor=True),
    "recurrent": Traits("recurrent", sequential=True),
    "detection": Traits("detection"),
    "other": Traits("other"),
    "join": Traits("join"),
}
"""What holds for each kind."""
