"""Networks that make images and masks, beside diffusers' and beside what their authors' code says in torch's words."""

from __future__ import annotations

import math
from typing import Any, cast

import torch
from torch import Tensor, nn

from .others import Case


def noise(*sizes: int, seed: int = 0) -> Tensor:
    return torch.randn(2, *sizes, generator=torch.Generator().manual_seed(seed))


STEPS = torch.tensor([3, 500])
UNET_NAMES = (
    (r"^down_blocks\.", "down"),
    (r"^up_blocks\.", "up"),
    (r"resnets\.(\d)", r"res\1.resnet"),
    (r"attentions\.(\d)", r"res\1.attention"),
    (r"upsamplers\.0\.conv", "up"),
    (r"mid_block\.res(\d)", r"middle\1"),
    (r"transformer_blocks\.0", "transformer_blocks"),
)


def stable_diffusion() -> nn.Module:
    from diffusers import UNet2DConditionModel

    kinds = {
        "down_block_types": (*["CrossAttnDownBlock2D"] * 3, "DownBlock2D"),
        "up_block_types": ("UpBlock2D", *["CrossAttnUpBlock2D"] * 3),
    }
    sizes = {"block_out_channels": (32, 64, 128, 128), "cross_attention_dim": 768, "attention_head_dim": 2}
    return cast(nn.Module, UNet2DConditionModel(sample_size=16, layers_per_block=2, **kinds, **sizes))


def ddpm() -> nn.Module:
    from diffusers import UNet2DModel

    kinds = {
        "down_block_types": ("DownBlock2D", "AttnDownBlock2D", "DownBlock2D", "DownBlock2D"),
        "up_block_types": ("UpBlock2D", "UpBlock2D", "AttnUpBlock2D", "UpBlock2D"),
    }
    numbers = {"norm_num_groups": 8, "norm_eps": 1e-6, "downsample_padding": 0, "freq_shift": 1}
    widths = {"block_out_channels": (32, 64, 64, 64), "attention_head_dim": None}
    return cast(nn.Module, UNet2DModel(32, layers_per_block=2, flip_sin_to_cos=False, **kinds, **numbers, **widths))


class DiTBlock(nn.Module):
    """Peebles and Xie 2023, Figure 3, of timm's attention and perceptron, as their code has it."""

    def __init__(self, width: int, heads: int) -> None:
        from timm.layers import Mlp
        from timm.models.vision_transformer import Attention

        super().__init__()
        self.norm = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        self.attn = Attention(width, num_heads=heads, qkv_bias=True)
        self.mlp = Mlp(width, 4 * width, act_layer=lambda: nn.GELU(approximate="tanh"))
        self.adaLN_modulation = nn.Sequential(nn.SiLU(), nn.Linear(width, 6 * width))

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        shift, scale, gate, shift2, scale2, gate2 = self.adaLN_modulation(condition)[:, None].chunk(6, 2)
        x = x + gate * self.attn(self.norm(x) * (1 + scale) + shift)
        return x + gate2 * self.mlp(self.norm(x) * (1 + scale2) + shift2)


class DiT(nn.Module):
    """Two blocks of width 48 on latents of 12 places, with patches of 2."""

    def __init__(self, width: int = 48, size: int = 12) -> None:
        from timm.layers import PatchEmbed

        super().__init__()
        self.x_embedder = PatchEmbed(size, 2, 4, width)
        self.t_embedder = nn.ModuleDict(
            {"mlp": nn.Sequential(nn.Linear(256, width), nn.SiLU(), nn.Linear(width, width))}
        )
        self.y_embedder = nn.ModuleDict({"embedding_table": nn.Embedding(1001, width)})
        self.blocks = nn.ModuleList(DiTBlock(width, 4) for _ in range(2))
        self.norm = nn.LayerNorm(width, elementwise_affine=False, eps=1e-6)
        final = {"linear": nn.Linear(width, 32)}
        self.final_layer = nn.ModuleDict(
            final | {"adaLN_modulation": nn.Sequential(nn.SiLU(), nn.Linear(width, 2 * width))}
        )
        rows, columns = torch.meshgrid(torch.arange(size // 2), torch.arange(size // 2), indexing="ij")
        rates = 1 / 10_000 ** (torch.arange(width // 4) / (width / 4))
        angles = [place.flatten()[:, None] * rates for place in (columns, rows)]
        self.places = torch.cat([part for each in angles for part in (each.sin(), each.cos())], 1)

    def forward(self, x: Tensor, time: Tensor, label: Tensor) -> tuple[Tensor, ...]:
        angles = time[:, None].float() * torch.exp(-math.log(10_000) * torch.arange(128) / 128)
        condition = self.t_embedder["mlp"](torch.cat([angles.cos(), angles.sin()], 1))
        condition = condition + self.y_embedder["embedding_table"](label)
        x = self.x_embedder(x) + self.places
        for block in self.blocks:
            x = block(x, condition)
        shift, scale = self.final_layer["adaLN_modulation"](condition)[:, None].chunk(2, 2)
        x = self.final_layer["linear"](self.norm(x) * (1 + scale) + shift)
        patches = x.reshape(-1, 6, 6, 2, 2, 8)
        return torch.einsum("nhwpqc->nchpwq", patches).reshape(-1, 8, 12, 12).chunk(2, 1)


class Dcgan(nn.Module):
    """Radford et al. 2016 with 8 channels next to the image, as pytorch/examples writes it."""

    def __init__(self) -> None:
        super().__init__()
        ups = [layer for wide in (32, 16, 8) for layer in self.up(2 * wide, wide)]
        first = [nn.ConvTranspose2d(100, 64, 4, bias=False), nn.BatchNorm2d(64), nn.ReLU()]
        last = [nn.ConvTranspose2d(8, 3, 4, 2, 1, bias=False), nn.Tanh()]
        self.generator = nn.Sequential(*first, *ups, *last)
        downs = [layer for wide in (16, 32, 64) for layer in self.down(wide // 2, wide)]
        start = [nn.Conv2d(3, 8, 4, 2, 1, bias=False), nn.LeakyReLU(0.2)]
        self.discriminator = nn.Sequential(*start, *downs, nn.Conv2d(64, 1, 4, bias=False), nn.Sigmoid())

    def up(self, wide: int, out: int) -> list[nn.Module]:
        return [nn.ConvTranspose2d(wide, out, 4, 2, 1, bias=False), nn.BatchNorm2d(out), nn.ReLU()]

    def down(self, wide: int, out: int) -> list[nn.Module]:
        return [nn.Conv2d(wide, out, 4, 2, 1, bias=False), nn.BatchNorm2d(out), nn.LeakyReLU(0.2)]

    def forward(self, z: Tensor, image: Tensor) -> tuple[Tensor, ...]:
        made = self.generator(z[..., None, None])
        return made, self.discriminator(image).flatten(1), self.discriminator(made).flatten(1)


DCGAN_NAMES = (
    (r"generator\.([01])\.", r"generator.project.\1."),
    *((rf"generator\.{3 * n + k}\.", f"generator.up{n}.{k}.") for n in (1, 2, 3) for k in (0, 1)),
    (r"generator\.12\.", "generator.image."),
    (r"discriminator\.0\.", "discriminator.conv."),
    *((rf"discriminator\.{3 * n - 1 + k}\.", f"discriminator.down{n}.{k}.") for n in (1, 2, 3) for k in (0, 1)),
    (r"discriminator\.11\.", "discriminator.score."),
)


class Vae(nn.Module):
    """pytorch/examples' autoencoder, the noise given."""

    def __init__(self) -> None:
        super().__init__()
        sizes = {"fc1": (784, 400), "fc21": (400, 20), "fc22": (400, 20), "fc3": (20, 400), "fc4": (400, 784)}
        for name, (wide, out) in sizes.items():
            self.add_module(name, nn.Linear(wide, out))

    def forward(self, image: Tensor, epsilon: Tensor) -> tuple[Tensor, ...]:
        hidden = self.fc1(image.flatten(1)).relu()
        mean, log_variance = self.fc21(hidden), self.fc22(hidden)
        z = mean + epsilon * torch.exp(0.5 * log_variance)
        return self.fc4(self.fc3(z).relu()).sigmoid().view(-1, 1, 28, 28), mean, log_variance


VAE_NAMES = (
    (r"^fc1", "encoder.fc1"),
    ("fc21", "encoder.mean"),
    ("fc22", "encoder.log_variance"),
    ("fc3", "decoder.fc1"),
    ("fc4", "decoder.fc2"),
)


def double(wide: int, out: int) -> nn.Sequential:
    return nn.Sequential(nn.Conv2d(wide, out, 3), nn.ReLU(), nn.Conv2d(out, out, 3), nn.ReLU())


class Unet(nn.Module):
    """Ronneberger et al. 2015, Figure 1, with 4 channels at the first level."""

    def __init__(self) -> None:
        super().__init__()
        widths = [4, 8, 16, 32, 64]
        self.down = nn.ModuleList(double(wide, out) for wide, out in zip([1, *widths], widths))
        self.up = nn.ModuleList(nn.ConvTranspose2d(2 * wide, wide, 2, 2) for wide in widths[-2::-1])
        self.conv = nn.ModuleList(double(2 * wide, wide) for wide in widths[-2::-1])
        self.out = nn.Conv2d(4, 2, 1)

    def forward(self, x: Tensor) -> Tensor:
        maps = []
        for level, down in enumerate(self.down):
            x = down(nn.functional.max_pool2d(x, 2) if level else x)
            maps.append(x)
        for up, conv, skip in zip(self.up, self.conv, maps[-2::-1]):
            x = up(x)
            cut = (skip.shape[2] - x.shape[2]) // 2
            x = conv(torch.cat([skip[:, :, cut : cut + x.shape[2], cut : cut + x.shape[3]], x], 1))
        return self.out(x)


UNET_2015_NAMES = (
    *((rf"^down\.{n}\.", f"level{n + 1}.") for n in range(5)),
    *((rf"^up\.{n}\.", f"up{4 - n}.up.") for n in range(4)),
    *((rf"^conv\.{n}\.", f"up{4 - n}.conv.") for n in range(4)),
)


def sample(module: Any, *inputs: Tensor) -> Tensor:
    return module(*inputs).sample


GENERATIVE = (
    Case("unet", Unet, lambda: (noise(1, 188, 188),), {"width": 4, "input": [1, 188, 188]}, UNET_2015_NAMES),
    Case("dcgan", Dcgan, lambda: (noise(100), noise(3, 64, 64)), {"width": 8}, DCGAN_NAMES),
    Case("vae", Vae, lambda: (noise(1, 28, 28), noise(20)), {}, VAE_NAMES),
    Case(
        "stable_diffusion_v1",
        stable_diffusion,
        lambda: (noise(4, 16, 16), STEPS, noise(77, 768)),
        {"width": 32, "heads": 2, "size": 16},
        ((r"downsamplers\.0\.conv", "down"), *UNET_NAMES),
        run=sample,
    ),
    Case(
        "ddpm_cifar10",
        ddpm,
        lambda: (noise(3, 32, 32), STEPS),
        {"width": 32, "groups": 8},
        ((r"downsamplers\.0\.", ""), *UNET_NAMES),
        run=sample,
        tolerance=1e-6,
    ),
    Case(
        "dit_xl_2",
        DiT,
        lambda: (noise(4, 12, 12), STEPS, torch.tensor([7, 1000])),
        {"width": 48, "depth": 2, "heads": 4, "size": 12},
        tolerance=1e-6,
    ),
)
