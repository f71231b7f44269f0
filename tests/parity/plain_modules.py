"""Networks that no bundled page has, as their papers say them, written twice: a page, and a module of torch's layers.

Each page uses what few others do; a hole in the language shows where one of them cannot be said.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import torch
from msgspec import Struct
from torch import Tensor, nn
from torch.nn import functional


class Written(Struct, frozen=True):
    """A page of `pages`, the module that it is to equal, and what both take."""

    name: str
    module: Callable[[], nn.Module]
    inputs: Callable[[], tuple[Tensor, ...]]


def noise(*sizes: int, seed: int = 0) -> Tensor:
    return torch.randn(2, *sizes, generator=torch.Generator().manual_seed(seed))


class PointNet(nn.Module):
    """Qi et al. 2017, Figure 2, with fewer channels."""

    class Turn(nn.Module):
        def __init__(self, c: int) -> None:
            super().__init__()
            self.a, self.b = unit1d(c, 16), unit1d(16, 32)
            self.fc1, self.fc2 = nn.Linear(32, 16), nn.Linear(16, c * c)
            self.c = c

        def forward(self, x: Tensor) -> Tensor:
            most = self.b(self.a(x)).amax(2)
            return self.fc2(self.fc1(most).relu()).view(-1, self.c, self.c) + torch.eye(self.c)

    def __init__(self) -> None:
        super().__init__()
        self.turn, self.mlp1 = self.Turn(3), nn.Sequential(unit1d(3, 16), unit1d(16, 16))
        self.turn2, self.mlp2 = self.Turn(16), nn.Sequential(unit1d(16, 32), unit1d(32, 64))
        self.head = nn.Sequential(nn.Linear(64, 32), nn.BatchNorm1d(32), nn.ReLU(), nn.Dropout(0.3), nn.Linear(32, 10))

    def forward(self, input: Tensor) -> Tensor:
        x = (input.mT @ self.turn(input)).mT
        x = self.mlp1(x)
        x = (x.mT @ self.turn2(x)).mT
        return cast(Tensor, self.head(self.mlp2(x).amax(2)))


def unit1d(wide: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv1d(wide, out, 1), nn.BatchNorm1d(out), nn.ReLU())


class WaveNet(nn.Module):
    """Van den Oord et al. 2016, Figure 4."""

    class Layer(nn.Module):
        def __init__(self, dilation: int) -> None:
            super().__init__()
            self.both = nn.Conv1d(8, 16, 2, dilation=dilation)
            self.residual, self.skip = nn.Conv1d(8, 8, 1), nn.Conv1d(8, 12, 1)
            self.dilation = dilation

        def forward(self, x: Tensor) -> tuple[Tensor, Tensor]:
            filtered, gate = self.both(functional.pad(x, (self.dilation, 0))).chunk(2, 1)
            gated = filtered.tanh() * gate.sigmoid()
            return x + self.residual(gated), self.skip(gated)

    def __init__(self) -> None:
        super().__init__()
        self.first = nn.Conv1d(1, 8, 1)
        self.layers = nn.ModuleList(self.Layer(2**i) for i in range(4))
        self.post = nn.Sequential(nn.ReLU(), nn.Conv1d(12, 12, 1), nn.ReLU(), nn.Conv1d(12, 256, 1))

    def forward(self, input: Tensor) -> Tensor:
        x, skips = self.first(functional.pad(input, (1, -1))), []
        for layer in self.layers:
            x, skip = layer(x)
            skips.append(skip)
        return cast(Tensor, self.post(sum(skips[1:], skips[0])))


class Conformer(nn.Module):
    """Gulati et al. 2020, Figure 1, one block."""

    class Convolution(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.pointwise1 = nn.LayerNorm(32), nn.Conv1d(32, 64, 1)
            self.depthwise, self.bn = nn.Conv1d(32, 32, 7, padding=3, groups=32), nn.BatchNorm1d(32)
            self.pointwise2 = nn.Conv1d(32, 32, 1)

        def forward(self, x: Tensor) -> Tensor:
            x = functional.glu(self.pointwise1(self.norm(x).transpose(1, 2)), 1)
            return cast(Tensor, self.pointwise2(functional.silu(self.bn(self.depthwise(x)))).transpose(1, 2))

    def __init__(self) -> None:
        super().__init__()
        self.ff1, self.norm = feed_forward(), nn.LayerNorm(32)
        self.attention, self.conv = nn.MultiheadAttention(32, 4, batch_first=True), self.Convolution()
        self.ff2, self.last = feed_forward(), nn.LayerNorm(32)

    def forward(self, input: Tensor) -> Tensor:
        x = input + 0.5 * self.ff1(input)
        n = self.norm(x)
        x = x + self.attention(n, n, n, need_weights=False)[0]
        x = x + self.conv(x)
        return cast(Tensor, self.last(x + 0.5 * self.ff2(x)))


def feed_forward() -> nn.Sequential:
    layers = (nn.LayerNorm(32), nn.Linear(32, 128), nn.SiLU(), nn.Dropout(0.1), nn.Linear(128, 32), nn.Dropout(0.1))
    return nn.Sequential(*layers)


class TabTransformer(nn.Module):
    """Huang et al. 2020, Figure 1."""

    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.ModuleList(nn.Embedding(size, 16) for size in (10, 3, 7, 2, 12))
        self.layers = nn.ModuleList(nn.TransformerEncoderLayer(16, 4, 64, 0.0, batch_first=True) for _ in range(2))
        self.norm = nn.LayerNorm(4)
        self.mlp = nn.Sequential(nn.Linear(84, 32), nn.ReLU(), nn.Linear(32, 1))

    def forward(self, categories: Tensor, numbers: Tensor) -> Tensor:
        x = torch.stack([table(categories[:, i]) for i, table in enumerate(self.embedding)], 1)
        for layer in self.layers:
            x = layer(x)
        return cast(Tensor, self.mlp(torch.cat([x.flatten(1), self.norm(numbers)], 1)))


class Nerf(nn.Module):
    """Mildenhall et al. 2020, Figure 7."""

    def __init__(self) -> None:
        super().__init__()
        self.trunk1, self.trunk2 = self.trunk(63, 32, 32, 32), self.trunk(95, 32, 32)
        self.sigma, self.feature = nn.Linear(32, 1), nn.Linear(32, 32)
        self.rgb = nn.Sequential(nn.Linear(59, 16), nn.ReLU(), nn.Linear(16, 3), nn.Sigmoid())

    def trunk(self, *wide: int) -> nn.Sequential:
        return nn.Sequential(*(layer for each in wide for layer in (nn.Linear(each, 32), nn.ReLU())))

    def encoded(self, x: Tensor, octaves: int) -> Tensor:
        return torch.cat([x, *(wave(x * 2.0**i) for i in range(octaves) for wave in (torch.sin, torch.cos))], 1)

    def forward(self, place: Tensor, view: Tensor) -> tuple[Tensor, Tensor]:
        p = self.encoded(place, 10)
        x = self.trunk2(torch.cat([p, self.trunk1(p)], 1))
        density = self.sigma(x).relu()
        return self.rgb(torch.cat([self.feature(x), self.encoded(view, 4)], 1)), density


class PixelCnn(nn.Module):
    """Van den Oord et al. 2016, section 3.4: kernels that see no place to come."""

    class Masked(nn.Module):
        def __init__(self, wide: int, out: int, k: int, own: bool) -> None:
            super().__init__()
            self.weight = nn.Parameter(torch.randn(out, wide * k * k))
            self.bias = nn.Parameter(torch.randn(out, 1))
            self.seen, self.k = (torch.arange(k * k) < k * k // 2 + own).float(), k

        def forward(self, x: Tensor) -> Tensor:
            kernel = self.weight.view(len(self.weight), -1, self.k**2) * self.seen
            return functional.conv2d(x, kernel.unflatten(2, (self.k, self.k)), self.bias.view(-1), padding=self.k // 2)

    def __init__(self) -> None:
        super().__init__()
        self.a, self.b = self.Masked(1, 8, 7, False), self.Masked(8, 8, 3, True)

    def forward(self, input: Tensor) -> Tensor:
        return cast(Tensor, self.b(self.a(input).relu()))


class ConvLstm(nn.Module):
    """Shi et al. 2015, equation 3, without the peepholes."""

    def __init__(self) -> None:
        super().__init__()
        self.gates = nn.Conv2d(9, 24, 3, padding=1)

    def forward(self, clip: Tensor, h0: Tensor, c0: Tensor) -> Tensor:
        h, c = h0, c0
        for x in clip.unbind(1):
            i, f, o, g = self.gates(torch.cat([x, h], 1)).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        return h


class SelectiveScan(nn.Module):
    """Gu and Dao 2023, algorithm 2, step by step."""

    def __init__(self) -> None:
        super().__init__()
        self.A_log, self.D = nn.Parameter(torch.randn(12, 4)), nn.Parameter(torch.randn(12))
        self.x_proj, self.dt_proj = nn.Linear(12, 11, bias=False), nn.Linear(3, 12)

    def forward(self, x: Tensor, h0: Tensor) -> Tensor:
        h, rows = h0, []
        for row in x.unbind(1):
            low, b, c = self.x_proj(row).split([3, 4, 4], -1)
            dt = functional.softplus(self.dt_proj(low))
            h = torch.exp(dt[..., None] * -torch.exp(self.A_log)) * h + (dt * row)[..., None] * b[:, None]
            rows.append((h * c[:, None]).sum(-1) + self.D * row)
        return torch.stack(rows, 1)


class MixtureOfExperts(nn.Module):
    """Shazeer et al. 2017, equations 1 and 3, without noise; every expert is asked, and few are heard."""

    def __init__(self) -> None:
        super().__init__()
        self.gate = nn.Linear(16, 4, bias=False)
        experts = (nn.Sequential(nn.Linear(16, 32), nn.GELU(), nn.Linear(32, 16)) for _ in range(4))
        self.experts = nn.ModuleList(experts)

    def forward(self, input: Tensor) -> Tensor:
        scores = self.gate(input)
        values, places = scores.topk(2, dim=-1)
        weights = torch.zeros_like(scores).scatter(-1, places, values.softmax(-1))
        return (torch.stack([each(input) for each in self.experts], -1) * weights[..., None, :]).sum(-1)


class NeuralOde(nn.Module):
    """Chen et al. 2018, three steps of the classical Runge-Kutta method."""

    def __init__(self) -> None:
        super().__init__()
        self.f = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 8))

    def forward(self, input: Tensor) -> Tensor:
        y, h = input, 1 / 3
        for _ in range(3):
            k1 = self.f(y)
            k2 = self.f(y + h / 2 * k1)
            k3 = self.f(y + h / 2 * k2)
            k4 = self.f(y + h * k3)
            y = y + h / 6 * (k1 + 2 * k2 + 2 * k3 + k4)
        return y


class Siamese(nn.Module):
    """Koch et al. 2015, Figure 3."""

    def __init__(self) -> None:
        super().__init__()
        first = [nn.Conv2d(1, 8, 5), nn.ReLU(), nn.MaxPool2d(2), nn.Conv2d(8, 16, 5), nn.ReLU(), nn.MaxPool2d(2)]
        self.tower = nn.Sequential(*first, nn.Flatten(), nn.Linear(256, 32))
        self.score = nn.Linear(32, 1)

    def forward(self, one: Tensor, other: Tensor) -> Tensor:
        return cast(Tensor, self.score((self.tower(one) - self.tower(other)).abs()).sigmoid())


class Tcn(nn.Module):
    """Bai et al. 2018, Figure 1."""

    class Residual(nn.Module):
        def __init__(self, wide: int, out: int, dilation: int) -> None:
            super().__init__()
            convs = [nn.Conv1d(each, out, 3, padding=2 * dilation, dilation=dilation) for each in (wide, out)]
            self.conv1, self.conv2 = map(nn.utils.parametrizations.weight_norm, convs)
            self.downsample = nn.Conv1d(wide, out, 1) if wide != out else nn.Identity()
            self.cut = 2 * dilation

        def forward(self, x: Tensor) -> Tensor:
            y = self.conv1(x)[..., : -self.cut].relu()
            return cast(Tensor, (self.conv2(y)[..., : -self.cut].relu() + self.downsample(x)).relu())

    def __init__(self) -> None:
        super().__init__()
        sizes = [(4, 8, 1), (8, 8, 2), (8, 12, 4)]
        self.network = nn.Sequential(*(self.Residual(*each) for each in sizes))
        self.fc = nn.Linear(12, 2)

    def forward(self, input: Tensor) -> Tensor:
        return cast(Tensor, self.fc(self.network(input)[..., -1]))


class Perceiver(nn.Module):
    """Jaegle et al. 2021, Figure 1, one turn."""

    class Cross(nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.norm, self.norm_data = nn.LayerNorm(16), nn.LayerNorm(12)
            self.attention = nn.MultiheadAttention(16, 1, batch_first=True, kdim=12, vdim=12)

        def forward(self, x: Tensor, data: Tensor) -> Tensor:
            seen = self.norm_data(data)
            return cast(Tensor, x + self.attention(self.norm(x), seen, seen, need_weights=False)[0])

    def __init__(self) -> None:
        super().__init__()
        self.latents, self.cross = nn.Parameter(torch.randn(1, 6, 16)), self.Cross()
        layers = (nn.TransformerEncoderLayer(16, 4, 32, 0.0, batch_first=True, norm_first=True) for _ in range(2))
        self.layers, self.head = nn.ModuleList(layers), nn.Linear(16, 3)

    def forward(self, input: Tensor) -> Tensor:
        x = self.cross(self.latents.expand(len(input), -1, -1), input)
        for layer in self.layers:
            x = layer(x)
        return cast(Tensor, self.head(x.mean(1)))


class UnetPlusPlus(nn.Module):
    """Zhou et al. 2018, Figure 1a."""

    def __init__(self) -> None:
        super().__init__()
        wide = [4, 8, 16, 32]
        self.x = nn.ModuleDict({f"{i}_0": double(wide[i - 1] if i else 3, wide[i]) for i in range(4)})
        for j in range(1, 4):
            for i in range(4 - j):
                self.x[f"{i}_{j}"] = double(j * wide[i] + wide[i + 1], wide[i])
        self.final = nn.Conv2d(4, 2, 1)

    def forward(self, input: Tensor) -> Tensor:
        x = {(0, 0): self.x["0_0"](input)}
        for i in range(1, 4):
            x[i, 0] = self.x[f"{i}_0"](functional.max_pool2d(x[i - 1, 0], 2))
        for j in range(1, 4):
            for i in range(4 - j):
                up = functional.interpolate(x[i + 1, j - 1], scale_factor=2, mode="bilinear", align_corners=True)
                x[i, j] = self.x[f"{i}_{j}"](torch.cat([*(x[i, each] for each in range(j)), up], 1))
        return cast(Tensor, self.final(x[0, 3]))


def double(wide: int, out: int) -> nn.Sequential:
    convs = [nn.Conv2d(each, out, 3, padding=1) for each in (wide, out)]
    return nn.Sequential(*(layer for conv in convs for layer in (conv, nn.BatchNorm2d(out), nn.ReLU())))


class StyleBlock(nn.Module):
    """Karras et al. 2020, section 2.2: kernels that a style scales, brought back to one deviation."""

    def __init__(self) -> None:
        super().__init__()
        self.affine = nn.Linear(12, 8)
        self.weight, self.strength = nn.Parameter(torch.randn(1, 6, 8, 9)), nn.Parameter(torch.randn(1))

    def forward(self, x: Tensor, style: Tensor) -> Tensor:
        scaled = self.weight * (self.affine(style) + 1)[:, None, :, None]
        kernels = (scaled * torch.rsqrt(scaled.square().sum([2, 3], keepdim=True) + 1e-8)).unflatten(3, (3, 3))
        y = functional.conv2d(x.flatten(0, 1)[None], kernels.flatten(0, 1), padding=1, groups=len(x)).view(
            len(x), 6, 8, 8
        )
        return functional.leaky_relu(y + self.strength * torch.randn_like(y), 0.2)


class DeepSets(nn.Module):
    """Zaheer et al. 2017, theorem 2."""

    def __init__(self) -> None:
        super().__init__()
        self.phi = nn.Sequential(nn.Linear(5, 16), nn.ReLU(), nn.Linear(16, 16))
        self.rho = nn.Sequential(nn.Linear(16, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, input: Tensor) -> Tensor:
        return cast(Tensor, self.rho(self.phi(input).sum(1)))


class Highway(nn.Module):
    """Srivastava et al. 2015, equation 3."""

    def __init__(self) -> None:
        super().__init__()
        self.layers = nn.ModuleList(nn.ModuleList([nn.Linear(20, 20), nn.Linear(20, 20)]) for _ in range(3))
        self.fc = nn.Linear(20, 5)

    def forward(self, input: Tensor) -> Tensor:
        x = input
        for h, t in cast(list[tuple[nn.Linear, nn.Linear]], self.layers):
            carried = t(x).sigmoid()
            x = h(x).relu() * carried + x * (1 - carried)
        return cast(Tensor, self.fc(x))


def whole_numbers(*below: int) -> Tensor:
    draws = [torch.randint(0, each, (2,), generator=torch.Generator().manual_seed(5)) for each in below]
    return torch.stack(draws, 1)


WRITTEN = (
    Written("pointnet", PointNet, lambda: (noise(3, 40),)),
    Written("wavenet", WaveNet, lambda: (noise(1, 50),)),
    Written("conformer", Conformer, lambda: (noise(17, 32),)),
    Written("tab_transformer", TabTransformer, lambda: (whole_numbers(10, 3, 7, 2, 12), noise(4))),
    Written("nerf", Nerf, lambda: (noise(3), noise(3, seed=1))),
    Written("pixelcnn", PixelCnn, lambda: (noise(1, 12, 12),)),
    Written("conv_lstm", ConvLstm, lambda: (noise(5, 3, 8, 8), noise(6, 8, 8, seed=1), noise(6, 8, 8, seed=2))),
    Written("selective_scan", SelectiveScan, lambda: (noise(7, 12), noise(12, 4, seed=1))),
    Written("mixture_of_experts", MixtureOfExperts, lambda: (noise(6, 16),)),
    Written("neural_ode", NeuralOde, lambda: (noise(8),)),
    Written("siamese", Siamese, lambda: (noise(1, 28, 28), noise(1, 28, 28, seed=1))),
    Written("tcn", Tcn, lambda: (noise(4, 30),)),
    Written("perceiver", Perceiver, lambda: (noise(50, 12),)),
    Written("unet_plus_plus", UnetPlusPlus, lambda: (noise(3, 32, 32),)),
    Written("style_block", StyleBlock, lambda: (noise(8, 8, 8), noise(12, seed=1))),
    Written("deep_sets", DeepSets, lambda: (noise(9, 5),)),
    Written("highway", Highway, lambda: (noise(20),)),
)
