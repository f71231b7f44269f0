# From specs/capsules.yaml.

from typing import NamedTuple

import torch
from torch import Tensor, nn
from torchvision.ops import FrozenBatchNorm2d


class SquashModule(nn.Module):
    """Vectors scaled to lengths below 1 (Sabour et al. 2017, equation 1)."""

    def __init__(self, dim: int = -1) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor) -> Tensor:
        length = torch.linalg.vector_norm(x, dim=self.dim, keepdim=True)
        return x * (length / (1 + length.square()))

    def extra_repr(self) -> str:
        return f"dim={self.dim}"


class CapsuleRouting(nn.Module):
    """Capsules that agree with the capsules below (Sabour et al. 2017, procedure 1)."""

    def __init__(
        self,
        in_capsules: int,
        in_features: int,
        out_capsules: int,
        out_features: int,
        iterations: int = 3,
    ) -> None:
        super().__init__()
        self.iterations = iterations
        weight = torch.empty(out_capsules, in_capsules, in_features, out_features)
        self.weight = nn.Parameter(weight)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        nn.init.trunc_normal_(self.weight, std=0.1, a=-0.2, b=0.2)

    def forward(self, x: Tensor) -> Tensor:
        votes = torch.einsum("bid,oide->boie", x, self.weight).contiguous()
        logits = votes.new_zeros(votes.shape[:-1])
        for _ in range(self.iterations - 1):
            capsules = self.combine(votes, logits)
            logits = logits + (votes @ capsules.unsqueeze(-1)).squeeze(-1)
        return self.combine(votes, logits)

    def combine(self, votes: Tensor, logits: Tensor) -> Tensor:
        x = (logits.softmax(dim=1).unsqueeze(-2) @ votes).squeeze(-2)
        length = torch.linalg.vector_norm(x, dim=-1, keepdim=True)
        return x * (length / (1 + length.square()))

    def extra_repr(self) -> str:
        return f"{'×'.join(map(str, self.weight.shape))}, iterations={self.iterations}"


class CapsuleMask(nn.Module):
    """Sets all capsules but one to 0: the labelled one in training, the longest otherwise."""

    def forward(self, x: Tensor, label: Tensor | None = None) -> Tensor:
        if label is None or not self.training:
            label = torch.linalg.vector_norm(x, dim=-1).argmax(dim=-1)
        return x * nn.functional.one_hot(label, x.shape[-2]).to(x.dtype).unsqueeze(-1)


class SquashOutput(NamedTuple):
    scores: Tensor
    image: Tensor


class Squash(nn.Module):
    """capsules: 3×12×12 → scores 5, image 20."""

    def __init__(self) -> None:
        super().__init__()
        self.conv = nn.Conv2d(3, 16, kernel_size=3, stride=2, bias=False)
        self.bn = FrozenBatchNorm2d(16)
        self.relu = nn.ReLU(inplace=True)
        self.squash = SquashModule()
        self.digits = CapsuleRouting(100, 4, 5, 6)
        self.mask = CapsuleMask()
        self.flatten = nn.Flatten()
        self.decoder = nn.Linear(30, 20)

    def forward(self, x: Tensor) -> SquashOutput:
        x = self.conv(x)
        x = self.bn(x)
        x = self.relu(x)
        x = x.reshape(x.shape[0], -1, 4)
        x = self.squash(x)
        digits = self.digits(x)
        x = torch.linalg.vector_norm(digits, dim=-1)
        decoder = self.mask(digits)
        decoder = self.flatten(decoder)
        decoder = self.decoder(decoder)
        return SquashOutput(x, decoder)
