"""Maps made smaller after they were blurred."""

import torch
from torch import Tensor, nn


class BlurPool2d(nn.Module):
    """A binomial blur of each channel, of which every `stride`th place is kept (Zhang 2019)."""

    kernel: Tensor

    def __init__(
        self, kernel_size: int = 3, stride: int = 2, padding_mode: str = "reflect"
    ) -> None:
        super().__init__()
        self.kernel_size, self.stride, self.padding_mode = kernel_size, stride, padding_mode
        self.padding = [(stride - 1 + kernel_size - 1) // 2] * 4
        self.register_buffer("kernel", torch.empty(kernel_size, kernel_size), persistent=False)
        self.reset_parameters()

    def reset_parameters(self) -> None:
        row = torch.ones(1)
        for _ in range(self.kernel_size - 1):
            row = (torch.cat((row, torch.zeros(1))) + torch.cat((torch.zeros(1), row))) / 2
        self.kernel.copy_(torch.outer(row, row))

    def forward(self, x: Tensor) -> Tensor:
        channels = x.shape[1]
        x = nn.functional.pad(x, self.padding, self.padding_mode)
        kernel = self.kernel.to(x.dtype).expand(channels, 1, -1, -1)
        return nn.functional.conv2d(x, kernel, stride=self.stride, groups=channels)

    def extra_repr(self) -> str:
        return f"{self.kernel_size}, stride={self.stride}"
