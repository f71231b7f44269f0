# From specs/nested.yaml.

from collections import OrderedDict

from torch import Tensor, nn


class Unit(nn.Module):
    def __init__(
        self,
        act: nn.Module,
        tail_act: nn.Module,
        kernel: int = 3,
        norm: bool = True,
        deep: bool = True,
    ) -> None:
        super().__init__()
        block_layers: list[nn.Module] = [nn.Conv2d(8, 8, kernel_size=kernel, padding=kernel // 2)]
        if norm:
            block_layers.append(nn.BatchNorm2d(8))
        block_layers.append(nn.ReLU(inplace=True))
        block_layers2: list[nn.Module] = [nn.Conv2d(8, 8, kernel_size=1)]
        if norm:
            block_layers2.append(nn.BatchNorm2d(8))
        block_layers2.append(act)
        layers: list[nn.Module] = [nn.Sequential(*block_layers), nn.Sequential(*block_layers2)]
        if deep:
            layers.append(
                nn.Sequential(
                    OrderedDict(
                        reduce=nn.Conv2d(8, 4, kernel_size=1), expand=nn.Conv2d(4, 8, kernel_size=1)
                    ),
                ),
            )
        self.body = nn.Sequential(*layers)
        tail_layers: dict[str, nn.Module] = {}
        if norm:
            tail_layers["norm"] = nn.BatchNorm2d(8)
        tail_layers["act"] = tail_act
        self.tail = nn.Sequential(OrderedDict(tail_layers))

    def forward(self, x: Tensor) -> Tensor:
        out = self.body(x)
        out = self.tail(out)
        return out + x


class Nested(nn.Module):
    """nested: 8×16×16 → 3."""

    def __init__(self) -> None:
        super().__init__()
        self.units = nn.Sequential(
            Unit(act=nn.ReLU(inplace=True), tail_act=nn.ReLU()),
            Unit(act=nn.ReLU(inplace=True), tail_act=nn.ReLU(), norm=False),
            Unit(act=nn.Softmax(dim=-1), tail_act=nn.Softmax(dim=-1), kernel=5),
            Unit(act=nn.ReLU(inplace=True), tail_act=nn.ReLU(), deep=False),
        )
        self.pool = nn.AdaptiveAvgPool2d(output_size=1)
        self.flatten = nn.Flatten()
        self.fc = nn.Linear(8, 3)

    def forward(self, x: Tensor) -> Tensor:
        x = self.units(x)
        x = self.pool(x)
        x = self.flatten(x)
        return self.fc(x)
