"""Time steps as items of the batch, so that a network for images sees each frame, and back."""

from typing import ClassVar

from archspec.ops.base import Op, OpError, register
from archspec.ops.shapes import Carried, Shape, dim_text, folded, form_of, is_plain, shape_text


@register
class FoldTime(Op):
    """Each time step as an item of its own: `torch.flatten(x, 0, 1)`.

    Input `[T, *sizes]`, output T items of `[*sizes]`; T may be symbolic. What follows is done to each item, and its
    MACs count T times; to blocks and parts the items are the `batch`. Errors: an input without a dimension beside T, or
    whose items are folded already.
    """

    name = "fold_time"
    kind = "shape"
    shares_memory = True
    takes = "anything"
    gives_examples = True
    example = "fold_time"
    example_inputs = ((16, 3, 32, 32),)

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        (shape,) = inputs
        if not is_plain(shape) or len(shape) < 2:
            raise OpError("inputs", "`fold_time` takes a tensor of time steps", expected="T×…", found=shape_text(shape))
        steps, *sizes = shape
        return (folded(sizes, steps),)

    def expression(self, *names: str) -> str:
        (name,) = names
        return f"{name}.flatten(0, 1)"


@register
class UnfoldTime(Op):
    """The items of `fold_time` as time steps again: `torch.unflatten(x, 0, (batch, T))`.

    Inputs: T items of `[*sizes]`, and the value that was folded, `[T, …]`. Output `[T, *sizes]`. Errors: an input that
    is not folded, or not into the T of the second one.
    """

    name = "unfold_time"
    kind = "shape"
    inputs: ClassVar[tuple[int, int | None]] = (2, 2)
    shares_memory = True
    takes = "anything"
    example = "{unfold_time: , from: [features, clip]}"
    example_inputs = (folded((512,), 16), (16, 3, 32, 32))

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        items, like = inputs
        if form_of(items) != "folded" or not is_plain(like) or not like:
            raise OpError(
                "inputs",
                "`unfold_time` takes folded items and the value that was folded",
                expected="items of `fold_time`, and its input",
                found=f"{shape_text(items)} and {shape_text(like)}",
            )
        assert isinstance(items, Carried)
        if items.count != like[0]:
            raise OpError(
                "inputs",
                "the items are not the time steps of the second input",
                expected=f"{dim_text(like[0])} of each example",
                found=shape_text(items),
            )
        return ((like[0], *items),)

    def expression(self, *names: str) -> str:
        items, like = names
        return f"{items}.unflatten(0, {like}.shape[:2])"
