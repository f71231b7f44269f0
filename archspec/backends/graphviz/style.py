"""Colours and shapes. Colour never says alone what a box is: its text does, and round, double and dashed lines help.

The fills are Paul Tol's "light" scheme, made to be told apart by colour-blind readers with black text on them
(https://personal.sron.nl/~pault/). Its nine do not suffice: the violet is from his "discrete rainbow".
"""

from __future__ import annotations

from collections.abc import Mapping

from archspec.backends.graphviz.drawing import Role

FONT = "Helvetica"
"""A font whose metrics every Graphviz has built in, so that its family can be followed by others of equal width."""

LINE = "#555555"

FILLS: Mapping[Role, str] = {
    "convolution": "#77AADD",
    "linear": "#EE8866",
    "normalization": "#EEDD88",
    "activation": "#44BB99",
    "pooling": "#FFAABB",
    "regularization": "#BBCC33",
    "shape": "#DDDDDD",
    "join": "#99DDFF",
    "recurrent": "#AAAA00",
    "detection": "#CAACCB",
    "other": "#FFFFFF",
    "block": "#F4F4F4",
    "input": "#FFFFFF",
    "output": "#FFFFFF",
}

LEGEND: Mapping[Role, str] = {
    "convolution": "convolution",
    "linear": "fully connected",
    "normalization": "normalization",
    "activation": "activation",
    "pooling": "pooling",
    "regularization": "regularization",
    "shape": "reshaping",
    "join": "join",
    "recurrent": "recurrent",
    "detection": "detection",
    "other": "other",
}

ROUNDED: frozenset[Role] = frozenset({"activation", "normalization", "regularization", "input", "output"})

GROUP_FILLS = ("#FAFAFA", "#F1F1F1")
"""The grounds of open blocks, by turns as they nest."""
