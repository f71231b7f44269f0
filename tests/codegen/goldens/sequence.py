# From specs/sequence.yaml.

from typing import NamedTuple

import torch
from torch import Tensor, nn


class SequenceOutput(NamedTuple):
    steps: Tensor
    cell: Tensor
    scores: Tensor


class Both(nn.ModuleDict):
    def __init__(self) -> None:
        super().__init__(
            {
                "0": nn.RNN(6, 5, batch_first=True, bidirectional=True, nonlinearity="relu"),
                "1": nn.LSTM(10, 8, batch_first=True),
                "2": nn.Tanh(),
            },
        )

    def forward(self, x: Tensor) -> Tensor:
        x, _ = self["0"](x)
        x, _ = self["1"](x)
        return self["2"](x)


class Sequence(nn.Module):
    """sequence: 9 and 32 → steps 9×7, cell 1×7, scores 5."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        self.start = nn.Linear(32, 12)
        self.state = nn.Unflatten(dim=1, unflattened_size=(2, 6))
        self.encoder = nn.GRU(16, 6, num_layers=2, batch_first=True)
        self.both = Both()
        self.decoder = nn.LSTM(8, 7, bias=False, batch_first=True)
        self.fc = nn.Linear(12, 5)

    def forward(self, words: Tensor, image: Tensor) -> SequenceOutput:
        embed = self.embed(words)
        image = self.start(image)
        image = self.state(image)
        x, h_n = self.encoder(embed, image.transpose(0, 1).contiguous())
        x = self.both(x)
        x, (_, c_n) = self.decoder(x)
        h_n = h_n.transpose(0, 1)[:, -1]
        mean, _ = self.encoder(embed)
        mean = mean.mean(dim=1)
        fc = torch.cat([h_n, mean], dim=1)
        fc = self.fc(fc)
        return SequenceOutput(x, c_n.transpose(0, 1), fc)
