"""Convolutions whose output maps see some of the input maps."""

import torch
from torch import Tensor, nn


class ConnectedConv(nn.Module):
    """A convolution's kernels, only those between maps that are connected."""

    rank: int
    sources: Tensor
    targets: Tensor

    def __init__(
        self,
        in_channels: int,
        connections: tuple[tuple[int, ...], ...],
        kernel_size: int | tuple[int, ...],
        stride: int | tuple[int, ...] = 1,
        padding: int | tuple[int, ...] | str = 0,
        dilation: int | tuple[int, ...] = 1,
        bias: bool = True,
    ) -> None:
        super().__init__()
        self.in_channels, self.out_channels = in_channels, len(connections)
        self.stride, self.padding, self.dilation = stride, padding, dilation
        self.connections = connections
        kernel = (kernel_size,) * self.rank if isinstance(kernel_size, int) else kernel_size
        count = sum(len(maps) for maps in connections)
        self.weight = nn.Parameter(torch.empty(count, *kernel))
        self.bias = nn.Parameter(torch.empty(len(connections))) if bias else None
        self.register_buffer("sources", torch.empty(count, dtype=torch.long), persistent=False)
        self.register_buffer("targets", torch.empty(count, dtype=torch.long), persistent=False)
        self.reset_parameters()

    @torch.no_grad()
    def reset_parameters(self) -> None:
        self.sources.copy_(torch.tensor([source for maps in self.connections for source in maps]))
        self.targets.copy_(
            torch.tensor([target for target, maps in enumerate(self.connections) for _ in maps])
        )
        kernels = self.weight.split([len(maps) for maps in self.connections])
        for target, kernel in enumerate(kernels):
            bound = kernel.numel() ** -0.5
            kernel.uniform_(-bound, bound)
            if self.bias is not None:
                self.bias[target].uniform_(-bound, bound)

    def dense(self) -> Tensor:
        kernels = self.weight.new_zeros(
            [self.out_channels, self.in_channels] + list(self.weight.shape[1:])
        )
        return kernels.index_put([self.targets, self.sources], self.weight)

    def extra_repr(self) -> str:
        return f"{self.in_channels}, {self.out_channels}, connections={len(self.weight)}"


class ConnectedConv1d(ConnectedConv):
    """Output map o sees only the input maps `connections[o]` (LeCun et al. 1998, Table I)."""

    rank = 1

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.conv1d(
            x, self.dense(), self.bias, self.stride, self.padding, self.dilation
        )


class ConnectedConv2d(ConnectedConv):
    """Output map o sees only the input maps `connections[o]` (LeCun et al. 1998, Table I)."""

    rank = 2

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.conv2d(
            x, self.dense(), self.bias, self.stride, self.padding, self.dilation
        )


class ConnectedConv3d(ConnectedConv):
    """Output map o sees only the input maps `connections[o]` (LeCun et al. 1998, Table I)."""

    rank = 3

    def forward(self, x: Tensor) -> Tensor:
        return nn.functional.conv3d(
            x, self.dense(), self.bias, self.stride, self.padding, self.dilation
        )
