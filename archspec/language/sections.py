"""The keys of a spec, a block and what stands in lists under them, as pydantic models."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator
from pydantic import Field as PydanticField

from archspec.language.pydantic_models import Expects, Section
from archspec.language.weights_map import Rules

VERSION = 1
Name = Annotated[
    str, PydanticField(pattern=r"^[a-z][a-z0-9_]*$"), Expects("a name of small letters, digits and underscores")
]
InputName = Annotated[
    str,
    PydanticField(pattern=r"^[a-z][a-z0-9_]*[*?]?$"),
    Expects(
        "a name of small letters, digits and underscores, with `?` where it may be left out, the last perhaps with `*` "
        "for all that remain"
    ),
]


def _in_print(title: str) -> str:
    """A title as it is; a pattern that says the same takes pydantic longer to compile than a spec to check."""
    if not (title[:1].isascii() and title[:1].isalpha() and title.isprintable() and len(title) <= _LONGEST_TITLE):
        raise ValueError(title)
    return title


_LONGEST_TITLE = 60
Title = Annotated[
    str,
    AfterValidator(_in_print),
    Expects("a name in print such as `Faster R-CNN`: a letter, then at most 59 characters on the same line"),
]
Text = Annotated[str, Expects("a text")]


class Reference(Section):
    """A paper: who, what, when, where."""

    authors: Text
    title: Text
    year: Annotated[int, PydanticField(ge=1900, le=2200), Expects("a year")]
    venue: Text | None = None
    link: Text | None = None
    variants: Annotated[list[str], Expects("a list of variants")] = []
    """Those that the paper introduced, where it is not the first of the list for all."""


class WeightSource(Section):
    """Where pre-trained weights come from, and the settings that go with them."""

    torchvision: Annotated[bool, Expects("true or false")] = False
    set: Annotated[dict[str, Any], Expects("a mapping of params to values")] = {}
    optional: Annotated[list[str], Expects("a list of node addresses")] = []
    map: Any = None
    """Rules from a file's names to the network's: as written, and then by the name of each map."""

    @property
    def maps(self) -> Mapping[str, Rules]:
        """The rules by the name of each map; a page's only one may have none."""
        return self.map or {}


class DocumentSection(Section):
    """The top level of a spec."""

    archspec: Annotated[Literal[1], Expects("the version of the language, 1")]
    """The version of the language."""
    name: Name
    """The network's name, by which its file is called."""
    title: Title | None = None
    """The name in print; left out, it is made from `name`."""
    about: Text | None = None
    """What the network is, in one line."""
    task: Text | None = None
    """What it is for, in one line."""
    references: Any = None
    """The papers that introduced it."""
    input: Any
    """The shape of the input without the batch, or several inputs by name."""
    params: Any = None
    """What may be set from outside, each by its type or default."""
    let: Any = None
    """Names for values computed from the params."""
    variants: Any = None
    """Named settings of the params."""
    blocks: Any = None
    """The page's own blocks."""
    graph: Any
    """The network: its nodes by name, or a list of them."""
    output: Any = None
    """The node whose value is the output, or several by name; left out, the last node."""
    taps: Any = None
    """The addresses of activations that others take, by name."""
    init: Any = None
    """How the weights start, by op or by address."""
    weights: Any = None
    """Where pre-trained weights come from."""
    figures: Any = None
    """What is documented about the network, each with its source."""
    draw: Any = None
    """How its pictures are to look."""


class BlockSection(Section):
    """A block's definition."""

    block: Name | None = None
    """The block's name, in a file of its own."""
    title: Title | None = None
    """The class that the source gets; left out, it is made from the name."""
    about: Text | None = None
    """What the block is and where it comes from."""
    inputs: Annotated[list[InputName], Expects("a list of names")] | None = None
    """The names of its inputs, where it has several."""
    params: Any = None
    """What a call may set, each by its type or default."""
    let: Any = None
    """Names for values computed from the params."""
    graph: Any
    """Its nodes by name, or a list of them."""
    output: Any = None
    """The node whose value it gives, or several by name; left out, the last node."""
    example: Any = None
    """A call of it, by which its file is checked and drawn."""
    example_input: Any = None
    """The shape that the example takes, or one for each input by its name."""
