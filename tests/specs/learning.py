"""Training steps on real digits, still or moving: what tests of architectures learn from."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import torch
from torch import Tensor, nn

from tests.training.digits import digits

Batch = tuple[Tensor, Tensor]


def images(per_class: int, skip: int = 0, padding: int = 0) -> Batch:
    """The same number of digits of each class, `[N, 1, 28, 28]` from 0 to 1, in random order, and their labels."""
    pixels, labels = map(torch.from_numpy, digits())
    chosen = torch.cat([torch.nonzero(labels == label)[skip : skip + per_class, 0] for label in range(10)])
    chosen = chosen[torch.randperm(len(chosen), generator=torch.Generator().manual_seed(0))]
    return nn.functional.pad(pixels[chosen].unsqueeze(1) / 255, [padding] * 4), labels[chosen].long()


DIRECTIONS = ((0, 1), (0, -1), (1, 0), (-1, 0))
"""Right, left, down and up."""


def clips(count: int, steps: int = 4, size: int = 32, seed: int = 0) -> Batch:
    """Digits that move in one of four directions over `steps` frames, `[N, T, 3, size, size]`, and the directions.

    The place is random, so that no frame alone tells the direction for sure.
    """
    generator = torch.Generator().manual_seed(seed)
    pixels, _ = images(per_class=-(-count // 10))
    pixels = nn.functional.interpolate(pixels[:count], size=(size // 2, size // 2), mode="area")
    video = torch.zeros(count, steps, 3, size, size)
    labels = torch.arange(count) % len(DIRECTIONS)
    pace = max(1, size // 2 // (2 * steps))
    for clip, digit, label in zip(video, pixels, labels.tolist()):
        down, right = DIRECTIONS[label]
        start = size // 4 + torch.randint(-2 * pace, 2 * pace + 1, (2,), generator=generator)
        for step, frame in enumerate(clip):
            shift = pace * (step - steps // 2)
            top, left = (start + shift * torch.tensor([down, right])).clamp(0, size // 2).tolist()
            frame[:, top : top + size // 2, left : left + size // 2] = digit
    return video, labels


def learn(
    module: nn.Module, batch: Batch, loss: Callable[[Tensor, Tensor], Tensor], steps: int, size: int, lr: float = 1e-3
) -> list[float]:
    """The losses of `steps` steps of Adam on batches of `size`."""
    module.train()
    optimizer = torch.optim.Adam([each for each in module.parameters() if each.requires_grad], lr=lr)
    losses = []
    for _, (x, target) in zip(range(steps), _batches(batch, size)):
        value = loss(x, target)
        optimizer.zero_grad()
        value.backward()
        optimizer.step()
        losses.append(value.item())
    return losses


def _batches(batch: Batch, size: int) -> Iterator[Batch]:
    while True:
        yield from zip(*(tensor.split(size) for tensor in batch))
