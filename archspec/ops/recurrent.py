"""Recurrent layers: what is learned is used again at every step of a sequence."""

from abc import ABC
from collections.abc import Iterator, Sequence
from typing import Any, ClassVar, Literal

from archspec.language.plural import plural
from archspec.ops.base import Argument, Module, Op, OpError, register
from archspec.ops.field_types import Flag, Natural, Positive, Probability, differ, number
from archspec.ops.shapes import Count, Shape, product, shape_text

BATCH_FIRST = ".transpose(0, 1)"
"""What makes a state, where torch has the layers first and then the batch, a value like all others, and back."""


class _Recurrent(Op, ABC):
    """Layers that go through a sequence step by step, and their states after its end."""

    main = "hidden_size"
    kind = "recurrent"
    field_labels = {"num_layers": "{} layers"}
    inputs: ClassVar[tuple[int, int | None]] = (1, 2)
    outputs: ClassVar[tuple[str, ...]] = ("output", "h_n")
    has_main_output = True
    weighted = True
    saves_output = True
    example_inputs = ((16, 512),)
    gates: ClassVar[int]
    """So many rows for each hidden unit the weights have."""

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
        sizes = (
            Argument("input_size", self._features(inputs[0]), positional=True),
            Argument("hidden_size", self.hidden_size, positional=True),
        )
        others = {argument.name: argument for argument in self.settings() if argument.name != self.main}
        first = (others.pop("num_layers"), others.pop("bias"), Argument("batch_first", True))
        return Module(f"nn.{self.name.upper()}", (*sizes, *first, *others.values()))

    def arguments(self, *names: str) -> tuple[str, ...]:
        x, *states = names
        return (x, _together([*map(_layers_first, states)])) if states else names

    def targets(self, *names: str) -> str:
        output, *states = names
        return f"{output}, {_together(states) if any(name != '_' for name in states) else '_'}"

    def output(self, number: int, name: str) -> str:
        return f"{name}{BATCH_FIRST}" if number else name

    def outputs_of(self, result: Any) -> tuple[Any, ...]:
        output, states = result
        return output, *(state.transpose(0, 1) for state in (states if isinstance(states, tuple) else (states,)))

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


def _layers_first(state: str) -> str:
    """A state as torch takes it."""
    return state.removesuffix(BATCH_FIRST) if state.endswith(BATCH_FIRST) else f"{state}{BATCH_FIRST}.contiguous()"


def _together(states: Sequence[str]) -> str:
    """One state, or several as a tuple."""
    return states[0] if len(states) == 1 else f"({', '.join(states)})"


@register
class Rnn(_Recurrent):
    """Elman's recurrent layers: torch.nn.RNN (Elman 1990).

    Input `[T, features]`, and if you like the initial state `[num_layers·directions, hidden_size]`, which is 0
    otherwise. Outputs: `output`, the last layer at every step, `[T, directions·hidden_size]`; `h_n`, each layer after
    its last step, shaped as the initial state. MACs: T × the elements of all weight matrices. Errors: `dropout` with
    one layer.
    """

    name = "rnn"
    label = "RNN"
    example = "{rnn: 256, nonlinearity: relu}"
    gates = 1

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
    label = "GRU"
    example = "{gru: 256, bidirectional: true}"
    gates = 3


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
    label = "LSTM"
    field_labels = {"num_layers": "{} layers", "proj_size": "projected to {}"}
    inputs: ClassVar[tuple[int, int | None]] = (1, 3)
    outputs: ClassVar[tuple[str, ...]] = ("output", "h_n", "c_n")
    example = "{lstm: 256, num_layers: 2, dropout: 0.5}"
    gates = 4

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


class _Cell(Op, ABC):
    """One step of a recurrent layer, by itself."""

    main = "hidden_size"
    kind = "recurrent"
    inputs: ClassVar[tuple[int, int | None]] = (1, 2)
    weighted = True
    saves_output = True
    example_inputs: ClassVar[tuple[Shape, ...]] = ((512,), (256,))
    gates: ClassVar[int]
    """So many rows for each hidden unit the weights have."""
    states: ClassVar[int] = 1
    """How many states it takes and gives."""

    hidden_size: Positive
    bias: Flag = True

    def infer(self, *inputs: Shape) -> tuple[Shape, ...]:
        shape, *given = inputs
        self._features(shape)
        wrong = any(len(state) != 1 or differ(state[0], self.hidden_size) for state in given)
        if wrong or len(given) not in (0, self.states):
            names = " and ".join(("h_0", "c_0")[: self.states])
            raise OpError(
                "state",
                f"`{self.name}` cannot start from {' and '.join(map(shape_text, given)) or 'nothing'}",
                expected=f"{names} of {self.hidden_size}, or neither",
            )
        return ((self.hidden_size,),) * self.states

    def parameters(self, *inputs: Shape) -> dict[str, Shape]:
        rows = self.gates * self.hidden_size
        weights: dict[str, Shape] = {
            "weight_ih": (rows, self._features(inputs[0])),
            "weight_hh": (rows, self.hidden_size),
        }
        return weights | ({"bias_ih": (rows,), "bias_hh": (rows,)} if self.bias else {})

    def macs(self, inputs: Sequence[Shape], outputs: Sequence[Shape]) -> Count:
        return self.gates * self.hidden_size * (self._features(inputs[0]) + self.hidden_size)

    def module(self, *inputs: Shape) -> Module:
        size = Argument("input_size", self._features(inputs[0]), positional=True)
        hidden = Argument("hidden_size", self.hidden_size, positional=True)
        others = (argument for argument in self.settings() if argument.name != self.main)
        return Module(f"nn.{type(self).__name__.upper().removesuffix('CELL')}Cell", (size, hidden, *others))

    def _features(self, shape: Shape) -> int:
        if len(shape) != 1:
            raise OpError(
                "rank",
                f"`{self.name}` cannot take an input of shape {shape_text(shape) or '()'}",
                expected="the features of one step, 1 dimension in all",
                found=plural(len(shape), "dimension"),
            )
        return number(self.name, shape[0], "the features")


@register
class RnnCell(_Cell):
    """One step of `rnn`: torch.nn.RNNCell (Elman 1990).

    Input `[features]`, and if you like the state `[hidden_size]`, which is 0 otherwise; output the next state. MACs:
    the elements of both weight matrices. Errors: a state of another size.
    """

    name = "rnn_cell"
    example = "{rnn_cell: 256, from: [x, state]}"
    gates = 1

    nonlinearity: Literal["tanh", "relu"] = "tanh"


@register
class GruCell(_Cell):
    """One step of `gru`: torch.nn.GRUCell (Cho et al. 2014).

    Input `[features]`, and if you like the state `[hidden_size]`, which is 0 otherwise; output the next state. MACs:
    the elements of both weight matrices. Errors: a state of another size.
    """

    name = "gru_cell"
    saves_output = False
    example = "{gru_cell: 256, from: [x, state]}"
    gates = 3


@register
class LstmCell(_Cell):
    """One step of `lstm`: torch.nn.LSTMCell (Hochreiter and Schmidhuber 1997).

    Input `[features]`, and if you like the states `h_0` and `c_0` `[hidden_size]`, which are 0 otherwise; outputs the
    next, `h_1` and `c_1`. MACs: the elements of both weight matrices. Errors: states of another size.
    """

    name = "lstm_cell"
    inputs: ClassVar[tuple[int, int | None]] = (1, 3)
    outputs: ClassVar[tuple[str, ...]] = ("h_1", "c_1")
    has_main_output = True
    example = "{lstm_cell: 256, from: [x, h, c]}"
    example_inputs = ((512,), (256,), (256,))
    gates = 4
    states = 2

    def arguments(self, *names: str) -> tuple[str, ...]:
        x, *states = names
        return (x, _together(states)) if states else names
