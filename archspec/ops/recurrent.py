"""Recurrent layers: what is learned is used again at every step of a sequence."""

from abc import ABC
from collections.abc import Iterator, Sequence
from typing import ClassVar, Literal

from archspec.ops.base import Argument, Module, Op, OpError, register
from archspec.ops.field_types import Flag, Natural, Positive, Probability, differ, number, plural
from archspec.ops.shapes import Count, Shape, product, shape_text

HELPER = '''
class {name}(nn.RNNBase):
    """torch.nn.{name} with the batch first in its states too, each an output of its own."""

    def __init__(
        self,
        input_size,
        hidden_size,
        num_layers=1,
        bias=True,
        dropout=0.0,
        bidirectional=False,{parameter}
    ):
        super().__init__(
            {mode},
            input_size,
            hidden_size,
            num_layers,
            bias=bias,
            batch_first=True,
            dropout=dropout,
            bidirectional=bidirectional,{argument}
        )

    def forward(self, x, h_0=None{state}):
        self.check_input(x, None)
        size = self.get_expected_hidden_size(x, None)
        options = (self.bias, self.num_layers, self.dropout, self.training, self.bidirectional)
        h_0 = x.new_zeros(size) if h_0 is None else h_0.transpose(0, 1).contiguous()
        self.check_hidden_size(h_0, size)
'''
ONE_STATE = """\
        x, h_n = {function}(x, h_0, self._flat_weights, *options, True)
        return x, h_n.transpose(0, 1)
"""
TWO_STATES = """\
        size = (*size[:2], self.hidden_size)
        c_0 = x.new_zeros(size) if c_0 is None else c_0.transpose(0, 1).contiguous()
        self.check_hidden_size(c_0, size)
        x, h_n, c_n = torch.lstm(x, (h_0, c_0), self._flat_weights, *options, True)
        return x, h_n.transpose(0, 1), c_n.transpose(0, 1)
"""
EITHER = """\
        layers = torch.rnn_relu if self.mode == "RNN_RELU" else torch.rnn_tanh
"""
_MORE = "\n        "
_NONE = {"parameter": "", "argument": "", "state": ""}
RNN = (HELPER + EITHER + ONE_STATE).format(
    name="RNN",
    mode='f"RNN_{nonlinearity.upper()}"',
    function="layers",
    **_NONE | {"parameter": f'{_MORE}nonlinearity="tanh",'},
)
GRU = (HELPER + ONE_STATE).format(name="GRU", mode='"GRU"', function="torch.gru", **_NONE)
LSTM = (HELPER + TWO_STATES).format(
    name="LSTM",
    mode='"LSTM"',
    parameter=f"{_MORE}proj_size=0,",
    argument=f"{_MORE}    proj_size=proj_size,",
    state=", c_0=None",
)


class _Recurrent(Op, ABC):
    """Layers that go through a sequence step by step, and their states after its end."""

    main = "hidden_size"
    kind = "recurrent"
    inputs: ClassVar[tuple[int, int | None]] = (1, 2)
    outputs: ClassVar[tuple[str, ...]] = ("output", "h_n")
    has_main_output = True
    weighted = True
    saves_output = True
    example_inputs = ((16, 512),)
    gates: ClassVar[int]
    """So many rows for each hidden unit the weights have."""
    helper: ClassVar[str]

    hidden_size: Positive
    num_layers: Positive = 1
    bias: Flag = True
    dropout: Probability = 0.0
    bidirectional: Flag = False

    @property
    def weighted_layers(self) -> int:
        return self.num_layers

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape, *given = inputs
        self._features(shape)
        self._check_dropout()
        states = self._states()
        if given:
            self._check_states(given, states)
        return ((shape[0], self._directions * self._output_size), *states)

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        features = self._features(inputs[0])
        weights: dict[str, Shape] = {}
        for layer in range(self.num_layers):
            for direction in ("", "_reverse")[: self._directions]:
                weights |= {f"{name}_l{layer}{direction}": size for name, size in self._layer(features)}
            features = self._directions * self._output_size
        return weights

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        matrices = (size for size in self.parameters(*inputs).values() if len(size) == 2)
        return inputs[0][0] * sum(map(product, matrices))

    def module(self, *inputs: Shape) -> Module:
        name = self.name.upper()
        incoming = Argument("input_size", self._features(inputs[0]), positional=True)
        hidden = Argument("hidden_size", self.hidden_size, positional=True)
        others = (argument for argument in self.settings() if argument.name != "hidden_size")
        return Module(name, (incoming, hidden, *others), self.helper)

    @property
    def _directions(self) -> int:
        return 2 if self.bidirectional else 1

    @property
    def _output_size(self) -> int:
        """The features that one direction gives at each step."""
        return self.hidden_size

    def _states(self) -> tuple[Shape, ...]:
        """The shapes of the states, without the batch."""
        return ((self.num_layers * self._directions, self.hidden_size),)

    def _layer(self, features: int) -> Iterator[tuple[str, Shape]]:
        """The tensors of one direction of one layer."""
        rows = self.gates * self.hidden_size
        yield "weight_ih", (rows, features)
        yield "weight_hh", (rows, self._output_size)
        if self.bias:
            yield "bias_ih", (rows,)
            yield "bias_hh", (rows,)

    def _features(self, shape: Shape) -> int:
        if len(shape) != 2:
            raise OpError(
                "rank",
                f"`{self.name}` cannot take an input of shape {shape_text(shape) or '()'}",
                expected="steps and features, 2 dimensions in all",
                found=plural(len(shape), "dimension"),
            )
        return number(self.name, shape[1], "the features")

    def _check_dropout(self) -> None:
        if self.dropout and self.num_layers == 1:
            raise OpError(
                "dropout",
                f"`dropout` of `{self.name}` acts between its layers, and there is only one",
                field="dropout",
                expected="0, or `num_layers` from 2",
                found=str(self.dropout),
                help="write a `dropout` node after it",
            )

    def _check_states(self, given: list[Shape], states: tuple[Shape, ...]) -> None:
        expected = " and ".join(f"{name} {shape_text(size)}" for name, size in zip(("h_0", "c_0"), states))
        fit = len(given) == len(states) and not any(
            len(one) != len(other) or any(map(differ, one, other)) for one, other in zip(given, states)
        )
        if not fit:
            raise OpError(
                "state",
                f"`{self.name}` cannot start from {' and '.join(map(shape_text, given))}",
                expected=expected,
                found=" and ".join(map(shape_text, given)),
            )


@register
class Rnn(_Recurrent):
    """Elman's recurrent layers: torch.nn.RNN (Elman 1990).

    Input `[T, features]`, and if you like the initial state `[num_layers·directions, hidden_size]`, which is 0
    otherwise. Outputs: `output`, the last layer at every step, `[T, directions·hidden_size]`; `h_n`, each layer after
    its last step, shaped as the initial state. MACs: T × the elements of all weight matrices. Errors: `dropout` with
    one layer.
    """

    name = "rnn"
    example = "{rnn: 256, nonlinearity: relu}"
    gates = 1
    helper = RNN

    nonlinearity: Literal["tanh", "relu"] = "tanh"


@register
class Gru(_Recurrent):
    """Gated recurrent units: torch.nn.GRU (Cho et al. 2014).

    Input `[T, features]`, and if you like the initial state `[num_layers·directions, hidden_size]`, which is 0
    otherwise. Outputs: `output`, the last layer at every step, `[T, directions·hidden_size]`; `h_n`, each layer after
    its last step, shaped as the initial state. MACs: T × the elements of all weight matrices. Errors: `dropout` with
    one layer.
    """

    name = "gru"
    example = "{gru: 256, bidirectional: true}"
    gates = 3
    helper = GRU


@register
class Lstm(_Recurrent):
    """Long short-term memory: torch.nn.LSTM (Hochreiter and Schmidhuber 1997; projected: Sak et al. 2014).

    Input `[T, features]`, and if you like the initial states `h_0` and `c_0`, which are 0 otherwise: `[num_layers·
    directions, hidden_size]`, `h_0` with `proj_size` instead where that is not 0. Outputs: `output`, the last layer at
    every step, `[T, directions·hidden_size]` (or `proj_size`); `h_n` and `c_n`, each layer after its last step, shaped
    as the initial states. MACs: T × the elements of all weight matrices. Errors: `dropout` with one layer, a
    `proj_size` that is not smaller than `hidden_size`.
    """

    name = "lstm"
    inputs: ClassVar[tuple[int, int | None]] = (1, 3)
    outputs: ClassVar[tuple[str, ...]] = ("output", "h_n", "c_n")
    example = "{lstm: 256, num_layers: 2, dropout: 0.5}"
    gates = 4
    helper = LSTM

    proj_size: Natural = 0

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        if self.proj_size >= self.hidden_size:
            raise OpError(
                "proj-size",
                f"`proj_size` (={self.proj_size}) must be smaller than `hidden_size` (={self.hidden_size})",
                field="proj_size",
                expected=f"at most {self.hidden_size - 1}",
                found=str(self.proj_size),
            )
        return super().infer(*inputs)

    @property
    def _output_size(self) -> int:
        return self.proj_size or self.hidden_size

    def _states(self) -> tuple[Shape, ...]:
        layers = self.num_layers * self._directions
        return ((layers, self._output_size), (layers, self.hidden_size))

    def _layer(self, features: int) -> Iterator[tuple[str, Shape]]:
        yield from super()._layer(features)
        if self.proj_size:
            yield "weight_hr", (self.proj_size, self.hidden_size)
