"""The drawing model: what is drawn of a graph, decided once for every format."""

from archspec.backends.drawing.colouring import Colour
from archspec.backends.drawing.compose import compose
from archspec.backends.drawing.model import (
    Box,
    Cell,
    Drawing,
    Edge,
    Group,
    Item,
    Line,
    Piece,
    Role,
    Row,
    Scale,
    Sheet,
    Table,
)
from archspec.backends.drawing.opening import FIGURE, Kind, View

__all__ = [
    "FIGURE",
    "Box",
    "Cell",
    "Colour",
    "Drawing",
    "Edge",
    "Group",
    "Item",
    "Kind",
    "Line",
    "Piece",
    "Role",
    "Row",
    "Scale",
    "Sheet",
    "Table",
    "View",
    "compose",
]
