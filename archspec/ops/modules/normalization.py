"""Normalisation along a dimension that is not the last."""

from torch import Tensor, nn


class LayerNormAlong(nn.LayerNorm):
    """Layer normalisation along one dimension, such as the channels of maps."""

    def __init__(
        self,
        normalized_shape: int,
        elementwise_affine: bool = True,
        eps: float = 1e-5,
        bias: bool = True,
        dim: int = 1,
    ) -> None:
        super().__init__(normalized_shape, eps, elementwise_affine, bias)
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        x = x.movedim(self.dim, -1)
        x = nn.functional.layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)
        return x.movedim(-1, self.dim)

    def extra_repr(self) -> str:
        return f"{self.normalized_shape}, eps={self.eps}, dim={self.dim}"
