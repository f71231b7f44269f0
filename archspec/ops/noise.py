"""Random values in a network, as a sampler or a regulariser draws them."""

from archspec.ops.base import register
from archspec.ops.field_types import Flag
from archspec.ops.whole_tensors import Dims, WholeOp


@register
class RandnLike(WholeOp):
    """Numbers of the standard normal distribution, as many as a value has: torch.randn_like.

    Of the input nothing but the size is used; the output has its shape. `mu + exp(0.5 * logvar) * randn_like(mu)` is a
    sample as a variational autoencoder draws it (Kingma and Welling 2013). With `evaluation: false` there are zeros
    in evaluation mode.
    """

    name = "randn_like"
    kind = "other"
    sized_by = (0,)
    example = "randn_like"
    example_inputs = ((20,),)

    evaluation: Flag = True

    def arrange(self, *inputs: Dims) -> tuple[Dims, ...]:
        return (inputs[0],)

    def expression(self, *names: str) -> str:
        drawn = f"torch.randn_like({names[0]})"
        return drawn if self.evaluation else f"({drawn} * self.training)"
