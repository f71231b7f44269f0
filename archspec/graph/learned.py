"""Whose each learned tensor is, and how it starts: ties between layers, and the rules of `init`."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NamedTuple


def role_of(tensor: str) -> str:
    """What a parameter is to a rule of `init`, by its name: a `weight`, or a `bias`.

    >>> role_of("weight_ih_l0"), role_of("out_proj.bias")
    ('weight', 'bias')
    """
    return "bias" if "bias" in tensor.rpartition(".")[2] else "weight"


class Initialiser(NamedTuple):
    """One rule of `init`: which modules, which of their tensors, and the torch.nn.init function with its arguments.

    `op` selects every op of that name, `address` the nodes whose address it is; one of them is set. `role` says of
    which tensors, all weights or all biases. A rule for an op holds `inside` an address (the root's is empty) and not
    inside those of `outside`, which are parts with their own; one that was written for a block holds in its parts too.
    """

    op: str | None
    address: str | None
    role: str
    function: str
    arguments: Mapping[str, Any]
    inside: str = ""
    outside: tuple[str, ...] = ()
    for_block: bool = False

    def fills(self, tensor: str) -> bool:
        """Whether a parameter of this name is one of those that the rule fills."""
        return role_of(tensor) == self.role

    def reaches(self, address: str) -> bool:
        """Whether a node of this address stands where the rule holds."""
        return is_within(address, self.inside) and not any(is_within(address, other) for other in self.outside)

    def moved(self, address: str, outside: tuple[str, ...] = ()) -> Initialiser:
        """The rule of a block, for the addresses around it."""
        own = None if self.address is None else joined(address, self.address)
        return self._replace(address=own, inside=joined(address, self.inside), outside=outside)

    def opened(self, name: str) -> Initialiser | None:
        """The rule where a block of this name stands for all around it; `None` if it is for nothing in the block."""
        if self.op and self.inside in ("", name):
            return self._replace(inside="")
        where = self.inside if self.op else self.address or ""
        if not is_within(where, name):
            return None
        inner = where.removeprefix(f"{name}.")
        return self._replace(inside=inner) if self.op else self._replace(address=inner)

    @property
    def strength(self) -> int:
        """Of rules that reach one tensor the strongest fills it: one for an address, else the innermost."""
        return self.inside.count(".") + bool(self.inside) if self.op else 10**6


def is_within(address: str, block: str) -> bool:
    """Whether a node of this address is inside that of another, where all is inside the root."""
    return not block or address.startswith(f"{block}.")


def joined(block: str, address: str) -> str:
    """The address of what has an address inside a block, or of the block itself.

    >>> joined("body", "conv1"), joined("body", ""), joined("", "conv1")
    ('body.conv1', 'body', 'conv1')
    """
    return f"{block}.{address}" if block and address else block or address


class Bound(NamedTuple):
    """A tensor of a layer that is another's, which is named by its way from the graph that the layer stands in.

    `frozen` is true where the layer does not train, so that the tensor would not if it were its own.
    """

    tensor: str
    owner: str
    owner_tensor: str
    frozen: bool


class Tie(NamedTuple):
    """A tensor of a layer that is another's: both addresses, and the tensors' names in them."""

    address: str
    tensor: str
    owner: str
    owner_tensor: str
