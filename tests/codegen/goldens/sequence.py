# From specs/sequence.yaml.

from typing import NamedTuple

import torch
from torch import Tensor, nn


class GRU(nn.RNNBase):
    """torch.nn.GRU with the batch first in its states too, each an output of its own."""

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        dropout=0.0,
        bidirectional=False,
    ):
        super().__init__(
            "GRU",
            input_size,
            hidden_size,
            num_layers,
            bias=bias,
            batch_first=True,
            dropout=dropout,
            bidirectional=bidirectional,
        )

    def forward(self, x, h_0=None):
        self.check_input(x, None)
        size = self.get_expected_hidden_size(x, None)
        options = (self.bias, self.num_layers, self.dropout, self.training, self.bidirectional)
        h_0 = x.new_zeros(size) if h_0 is None else h_0.transpose(0, 1).contiguous()
        self.check_hidden_size(h_0, size)
        x, h_n = torch.gru(x, h_0, self._flat_weights, *options, True)
        return x, h_n.transpose(0, 1)


class RNN(nn.RNNBase):
    """torch.nn.RNN with the batch first in its states too, each an output of its own."""

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        dropout=0.0,
        bidirectional=False,
        nonlinearity="tanh",
    ):
        super().__init__(
            f"RNN_{nonlinearity.upper()}",
            input_size,
            hidden_size,
            num_layers,
            bias=bias,
            batch_first=True,
            dropout=dropout,
            bidirectional=bidirectional,
        )

    def forward(self, x, h_0=None):
        self.check_input(x, None)
        size = self.get_expected_hidden_size(x, None)
        options = (self.bias, self.num_layers, self.dropout, self.training, self.bidirectional)
        h_0 = x.new_zeros(size) if h_0 is None else h_0.transpose(0, 1).contiguous()
        self.check_hidden_size(h_0, size)
        layers = torch.rnn_relu if self.mode == "RNN_RELU" else torch.rnn_tanh
        x, h_n = layers(x, h_0, self._flat_weights, *options, True)
        return x, h_n.transpose(0, 1)


class LSTM(nn.RNNBase):
    """torch.nn.LSTM with the batch first in its states too, each an output of its own."""

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        dropout=0.0,
        bidirectional=False,
        proj_size=0,
    ):
        super().__init__(
            "LSTM",
            input_size,
            hidden_size,
            num_layers,
            bias=bias,
            batch_first=True,
            dropout=dropout,
            bidirectional=bidirectional,
            proj_size=proj_size,
        )

    def forward(self, x, h_0=None, c_0=None):
        self.check_input(x, None)
        size = self.get_expected_hidden_size(x, None)
        options = (self.bias, self.num_layers, self.dropout, self.training, self.bidirectional)
        h_0 = x.new_zeros(size) if h_0 is None else h_0.transpose(0, 1).contiguous()
        self.check_hidden_size(h_0, size)
        size = (*size[:2], self.hidden_size)
        c_0 = x.new_zeros(size) if c_0 is None else c_0.transpose(0, 1).contiguous()
        self.check_hidden_size(c_0, size)
        x, h_n, c_n = torch.lstm(x, (h_0, c_0), self._flat_weights, *options, True)
        return x, h_n.transpose(0, 1), c_n.transpose(0, 1)


class SequenceOutput(NamedTuple):
    steps: Tensor
    cell: Tensor
    scores: Tensor


class Both(nn.ModuleDict):
    def __init__(self) -> None:
        super().__init__(
            {
                "0": RNN(6, 5, bidirectional=True, nonlinearity="relu"),
                "1": LSTM(10, 8),
                "2": nn.Tanh(),
            },
        )

    def forward(self, x: Tensor) -> Tensor:
        x, _ = self["0"](x)
        x, _, _ = self["1"](x)
        return self["2"](x)


class Sequence(nn.Module):
    """sequence: 9 and 32 → steps 9×7, cell 1×7, scores 5."""

    def __init__(self) -> None:
        super().__init__()
        self.embed = nn.Embedding(50, 16)
        self.start = nn.Linear(32, 12)
        self.state = nn.Unflatten(dim=1, unflattened_size=(2, 6))
        self.encoder = GRU(16, 6, num_layers=2)
        self.both = Both()
        self.decoder = LSTM(8, 7, bias=False)
        self.fc = nn.Linear(12, 5)

    def forward(self, words: Tensor, image: Tensor) -> SequenceOutput:
        embed = self.embed(words)
        image = self.start(image)
        image = self.state(image)
        x, h_n = self.encoder(embed, image)
        x = self.both(x)
        x, _, c_n = self.decoder(x)
        h_n = h_n[:, -1]
        mean, _ = self.encoder(embed)
        mean = mean.mean(dim=1)
        fc = torch.cat([h_n, mean], dim=1)
        fc = self.fc(fc)
        return SequenceOutput(x, c_n, fc)
