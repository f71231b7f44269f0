"""Small modules, each of one kind of what networks of others do, with what it takes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn import functional as F  # noqa: N812 - as everywhere

Example = tuple[tuple[Any, ...], Mapping[str, Any]]
KINDS: dict[str, tuple[type[nn.Module], Callable[[], Example]]] = {}
"""The kinds by name: a class, and what makes an example of what it takes."""


def kind(*sizes: tuple[int, ...], **named: Callable[[], Tensor]) -> Callable[[type[nn.Module]], type[nn.Module]]:
    """Decorator: add a module that takes tensors of these sizes, and others by keyword."""

    def add(module: type[nn.Module]) -> type[nn.Module]:
        def example() -> Example:
            return tuple(torch.randn(2, *size) for size in sizes), {name: make() for name, make in named.items()}

        KINDS[module.__name__] = module, example
        return module

    return add


class Weighted(nn.Module):
    """What has parameters of its own, by name."""

    def __init__(self, **sizes: tuple[int, ...]) -> None:
        super().__init__()
        for name, size in sizes.items():
            self.register_parameter(name, nn.Parameter(torch.randn(size)))


@kind((4, 8, 8))
class StandardizedConv(nn.Conv2d):
    """Kernels of mean 0 and variance 1, which a batch norm of them computes (Brock et al. 2021)."""

    def __init__(self) -> None:
        super().__init__(4, 6, 3, stride=2, padding=1)
        self.gain = nn.Parameter(torch.rand(6, 1, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        flat = self.weight.reshape(1, 6, -1)
        scale = (self.gain * 0.2).view(-1)
        weight = F.batch_norm(flat, None, None, weight=scale, training=True, momentum=0.0, eps=1e-5)
        return F.conv2d(x, weight.reshape_as(self.weight), self.bias, self.stride, self.padding)


@kind((4, 8))
class ComputedConv1d(Weighted):
    """A convolution in groups whose kernels are computed, without a bias."""

    def __init__(self) -> None:
        super().__init__(weight=(4, 2, 3))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv1d(x, self.weight.tanh(), padding="same", groups=2)


@kind((4, 8, 8))
class ComputedTranspose(Weighted):
    """A transposed convolution whose kernels are computed."""

    def __init__(self) -> None:
        super().__init__(weight=(4, 6, 2, 2))

    def forward(self, x: Tensor) -> Tensor:
        return F.conv_transpose2d(x, self.weight * 0.5, stride=2)


@kind((5, 4))
class ComputedLinear(Weighted):
    """A linear layer whose weight is its kernel of length 1, and norms with computed factors."""

    def __init__(self) -> None:
        super().__init__(weight=(6, 4), bias=(6,), gain=(6,), scale=(6,))

    def forward(self, x: Tensor) -> Tensor:
        x = F.linear(x, F.normalize(self.weight), self.bias)
        x = F.layer_norm(x, (6,), self.gain + 1, self.bias * 2, 1e-6)
        return F.rms_norm(x, (6,), self.scale.exp(), 1e-6) + x * self.scale


@kind((4, 8, 8))
class ComputedNorms(Weighted):
    """Norms whose factors are computed."""

    def __init__(self) -> None:
        super().__init__(gain=(4,), bias=(4,))

    def forward(self, x: Tensor) -> Tensor:
        x = F.group_norm(x, 2, self.gain.exp(), self.bias * 2)
        x = F.group_norm(x, 4)
        return F.instance_norm(x, weight=self.gain.exp(), bias=self.bias)


@kind((4, 8, 8))
class Blended(nn.Module):
    """Interpolations with and without what smooths them."""

    def forward(self, x: Tensor) -> Tensor:
        small = F.interpolate(x, size=5, mode="bicubic", antialias=True)
        smooth = F.interpolate(x, size=(5, 5), mode="bilinear", antialias=True, align_corners=False)
        exact = F.interpolate(x, scale_factor=2, mode="nearest-exact")
        return small + smooth + F.interpolate(exact, size=5, mode="area")


@kind((4, 8, 8))
class PaddedByNothingness(nn.Module):
    """Padding by -∞, before a maximum, and of a dimension that is no map's."""

    def forward(self, x: Tensor) -> Tensor:
        wide = F.max_pool2d(F.pad(x, (0, 1, 0, 1), value=float("-inf")), 3, 2)
        return F.pad(wide, (0, 0, 0, 0, 1, 2), value=1.0)


@kind((5, 8))
class MaskedByNothingness(nn.Module):
    """Scores of what may not be seen are -∞."""

    def forward(self, x: Tensor) -> Tensor:
        scores = x @ x.transpose(1, 2)
        seen = torch.ones(5, 5, dtype=torch.bool).tril()
        far = torch.full_like(scores, -float("inf"))
        return torch.where(seen, scores, far).softmax(-1) + scores.masked_fill(~seen, torch.finfo(x.dtype).min).softmax(
            -1
        )


@kind((3,), (3,))
class Several(nn.Module):
    """Takes two values and gives a mapping with a list in it."""

    def __init__(self) -> None:
        super().__init__()
        self.fc = nn.Linear(3, 3)

    def forward(self, one: Tensor, other: Tensor) -> dict[str, Any]:
        x = self.fc(one) * other
        return {"logits": x, "hidden": [x.relu(), other], "one": one.sum(-1)}


@kind((3,), scale=lambda: torch.rand(2, 3), ids=lambda: torch.tensor([[1], [0]]))
class ByKeyword(nn.Module):
    """Takes values by keyword, some of them whole numbers, and leaves one out."""

    def __init__(self) -> None:
        super().__init__()
        self.wte = nn.Embedding(4, 3)

    def forward(self, x: Tensor, mask: Tensor | None = None, *, ids: Tensor, scale: Tensor) -> Tensor:
        return x * scale + self.wte(ids).sum(1)


@kind(batch=lambda: torch.rand(2, 3))
class ByMapping(nn.Module):
    """Takes a mapping, made anew of what is given by keyword."""

    def forward(self, batch: Tensor) -> Tensor:
        return {"x": batch.exp()}["x"]


@kind((16,))
class Grid(nn.Module):
    """Places of a grid, computed as it runs, in several ways."""

    def forward(self, x: Tensor) -> Tensor:
        down, right = torch.meshgrid(torch.arange(4.0), torch.arange(4.0), indexing="ij")
        far = torch.cat([down.reshape(-1, 1), right.reshape(-1, 1) / 3], 1).float()
        angle = 1.0 / (100.0 ** (torch.arange(0, 4, 2, dtype=torch.float32) / 4))
        line = torch.linspace(-1, 1, 16)
        return x[:, :, None] * far + line[:, None] * torch.cos(angle)


@kind((4, 6))
class EachTaken(nn.Module):
    """A list of which the block around it takes each item's value."""

    def __init__(self) -> None:
        super().__init__()
        layers = (nn.Conv1d(4, 4, 2 * level + 3, padding=level + 1, groups=4) for level in range(2))
        self.levels = nn.ModuleList(nn.Sequential(layer, nn.GELU()) for layer in layers)

    def forward(self, x: Tensor) -> Tensor:
        total, one = torch.zeros_like(x), x
        for level in self.levels:
            one = level(one)
            total = total + one * one.mean(1, keepdim=True)
        return total


@kind((4, 6))
class Borrowing(nn.Module):
    """Uses the weight of a layer that it never calls, with a bias put together of parts (Bao et al. 2022)."""

    def __init__(self) -> None:
        super().__init__()
        self.qkv = nn.Linear(6, 18, bias=False)
        self.q_bias = nn.Parameter(torch.rand(6))
        self.register_buffer("k_bias", torch.zeros(6), persistent=False)
        self.v_bias = nn.Parameter(torch.rand(6))

    def forward(self, x: Tensor) -> Tensor:
        bias = torch.cat((self.q_bias, self.k_bias, self.v_bias))
        q, k, v = F.linear(x, self.qkv.weight, bias).chunk(3, -1)
        return q * k + v


@kind((4, 6))
class GivenToEach(Weighted):
    """What has no batch is given to each example, and repeated."""

    def __init__(self) -> None:
        super().__init__(token=(1, 1, 6), place=(1, 4, 6))

    def forward(self, x: Tensor) -> Tensor:
        count = x.shape[0]
        tokens = self.token.expand(count, 2, -1).softmax(1)
        places = self.place.repeat(count, 1, 1).flip(2)
        empty = torch.zeros(count, 1, 6) + torch.ones(count, 1, 1, dtype=torch.bool).logical_not()
        return torch.cat([tokens, x[:, :0], places, empty], 1)


@kind((4, 6))
class MixedByScores(Weighted):
    """Learned numbers without a batch, and one alone, are turned into weights."""

    def __init__(self) -> None:
        super().__init__(scores=(3,), temperature=())

    def forward(self, x: Tensor) -> Tensor:
        weights = self.scores.softmax(-1)
        return (weights[0] * x + weights[1] * x.flip(1) + weights[2]) * self.temperature.exp()


@kind((5, 5))
class WrittenInto(nn.Module):
    """Parts of a tensor are written into, one by one and added to (Li et al. 2022, MViTv2)."""

    def forward(self, x: Tensor) -> Tensor:
        scores = x @ x.transpose(1, 2)
        scores[:, 1:, 1:] += x[:, 1:, None, 1] * 2
        scores[:, 0] = x[:, 1].relu()
        return scores.softmax(-1)


@kind((4, 8, 8))
class Blurred(nn.Module):
    """A kernel that is computed as the module is made, the same for each channel (Zhang 2019)."""

    def __init__(self) -> None:
        super().__init__()
        line = torch.tensor([1.0, 2.0, 1.0]) / 4
        self.register_buffer("kernel", (line[:, None] * line).expand(4, 1, 3, 3).clone(), persistent=False)
        self.register_buffer("scales", torch.tensor([0.5, 2.0, 1.0, 0.25]), persistent=False)

    def forward(self, x: Tensor) -> Tensor:
        x = F.conv2d(F.pad(x, (1, 1, 1, 1), mode="reflect"), self.kernel, stride=2, groups=4)
        mean = x.new_tensor([0.1, 0.2, 0.3, 0.4])[:, None, None]
        return x * self.scales[:, None, None] + torch.tensor(0.5) * (x - mean)


@kind((4, 6))
class Interleaved(nn.Module):
    """Two lists whose items take turns (Gao et al. 2019)."""

    def __init__(self) -> None:
        super().__init__()
        self.fcs = nn.ModuleList(nn.Linear(6, 6) for _ in range(3))
        self.norms = nn.ModuleList(nn.LayerNorm(6) for _ in range(3))

    def forward(self, x: Tensor) -> Tensor:
        for fc, norm in zip(self.fcs, self.norms):
            x = x + torch.relu(norm(fc(x)))
        return x


@kind((4, 6))
class Nested(nn.Module):
    """Lists in lists and in mappings, whose items take turns with those of others (Wang et al. 2021)."""

    def __init__(self) -> None:
        super().__init__()
        self.branches = nn.ModuleList(nn.ModuleList(nn.Linear(6, 6) for _ in range(2)) for _ in range(2))
        self.fuse = nn.ModuleDict({name: nn.Sequential(nn.Linear(6, 6), nn.ReLU()) for name in ("low", "high")})

    def forward(self, x: Tensor) -> Tensor:
        one, other = x, x.flip(1)
        for step, name in enumerate(("low", "high")):
            one = self.branches[0][step](one)
            other = self.branches[1][step](other)
            one, other = one + self.fuse[name](other), other - one
        return one * other


@kind((4, 6))
class ListOfOthers(nn.Module):
    """A list of which one item runs within another module's turn, beside a plain attribute."""

    def __init__(self) -> None:
        super().__init__()
        self.blocks = nn.ModuleList(Interleaved() for _ in range(3))
        self.between = nn.ModuleList(nn.Linear(6, 6) for _ in range(2))
        self.head = nn.Linear(6, 2)

    def forward(self, x: Tensor) -> Tensor:
        for place, block in enumerate(self.blocks):
            x = block(x)
            if place < len(self.between):
                x = self.between[place](x) + x
        return self.head(x)


@kind((5,), mask=lambda: torch.tensor([[0, 3, 1, 0, 2], [1, 0, 7, 0, 1]]))
class Casts(nn.Module):
    """Casts between whole numbers and truths, and one of floats."""

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, ...]:
        return mask.bool() * x, mask.bool().sum(1), torch.tanh(x) - (3 * x).long(), x.argmax(1).int()


@kind((3, 8, 8))
class StraightThrough(nn.Module):
    """A rounding past which the gradient goes (Bengio et al. 2013), and a layer that does not train."""

    def __init__(self) -> None:
        super().__init__()
        self.a = nn.Conv2d(3, 3, 1)
        self.b = nn.Conv2d(3, 3, 1).requires_grad_(False)

    def forward(self, x: Tensor) -> Tensor:
        y = self.a(x)
        return self.b(y + (y.round() - y).detach())


@kind((5, 6))
class Sequences(nn.Module):
    """A recurrent layer whose states nobody reads."""

    def __init__(self) -> None:
        super().__init__()
        self.rnn = nn.LSTM(6, 4, batch_first=True)
        self.head = nn.Linear(4, 2)

    def forward(self, x: Tensor) -> Tensor:
        return self.head(self.rnn(x)[0])


@kind((5, 6))
class GreatestOfRow(nn.Module):
    """A pooling whose places nobody reads."""

    def forward(self, x: Tensor) -> Tensor:
        return F.adaptive_max_pool1d(x, 1)
