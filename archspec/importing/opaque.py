"""The op for what has no word: its shapes are the exported ones, and it cannot be built."""

from typing import Annotated, Any, ClassVar

from archspec.ops.base import Expects, Op
from archspec.ops.shapes import Shape

Shapes = Annotated[tuple[Any, ...], Expects("the shapes of its outputs")]


class Opaque(Op):
    """What torch did under a name for which archspec has no word; `place` is the line that did it.

    It stands in graphs of imported modules alone, so it is in no vocabulary.
    """

    name = "opaque"
    main = "function"
    kind = "other"
    inputs: ClassVar[tuple[int, int | None]] = (0, None)
    takes = "anything"
    example = "{opaque: roll}"
    example_inputs: ClassVar[tuple[Shape, ...]] = ()
    unlabelled: ClassVar[tuple[str, ...]] = ("place", "shapes")

    function: str
    place: str = ""
    shapes: Shapes = ()

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        return self.shapes

    def expression(self, *names: str) -> str:
        return f"torch.{self.function}({', '.join(names)})"
