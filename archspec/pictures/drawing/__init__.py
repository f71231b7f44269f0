"""The drawing model: what is drawn of a graph, decided once for every format."""

from archspec.pictures.drawing.compose import compose
from archspec.pictures.drawing.cost_colours import Colour
from archspec.pictures.drawing.expansion import FIGURE, Kind, View
from archspec.pictures.drawing.model import (
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
