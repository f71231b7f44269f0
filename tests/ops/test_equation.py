"""Equations: what is inferred and written of them, against torch and against Python's own reading of them."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from torch import nn

import archspec
from archspec.language.diagnostics import SpecError
from archspec.ops import ops
from archspec.ops.activation import Activation
from archspec.runtime.verify import verify

HEAD = "archspec: 1\nname: net\ninput: {a: [4, 6], b: [4, 6], c: [4, 1], d: [4, 6]}\nparams: {n: 3, s: 0.5}\ngraph:\n"
FUNCTIONS = [op for op in ops().values() if issubclass(op, Activation) and op.functional]


def page(folder: Path, graph: str) -> Path:
    path = folder / "net.yaml"
    path.write_text(HEAD + graph)
    return path


def values() -> dict[str, torch.Tensor]:
    generator = torch.Generator().manual_seed(1)
    return {name: torch.rand(2, 4, 1 if name == "c" else 6, generator=generator) + 0.5 for name in "abcd"}


def computed(folder: Path, equation: str) -> torch.Tensor:
    path = page(folder, f'  y: {{compute: "{equation}"}}\n')
    architecture = archspec.read(path)
    module = archspec.load(path)
    assert verify(architecture.graph, module) == []
    result: torch.Tensor = module(**values())
    return result


@pytest.mark.parametrize(
    ("equation", "expected"),
    [
        ("(1 - c) * a + c * tanh(b)", lambda a, b, c, d: (1 - c) * a + c * torch.tanh(b)),
        (
            "softmax(a @ b.T / n ** s, dim=-1) @ d",
            lambda a, b, c, d: nn.functional.softmax(a @ b.mT / 3**0.5, dim=-1) @ d,
        ),
        ("-a ** 2 - (b - d) / -c", lambda a, b, c, d: -(a**2) - (b - d) / -c),
        ("(-a) ** n", lambda a, b, c, d: (-a) ** 3),
        ("a - (b - d) - (a + b)", lambda a, b, c, d: a - (b - d) - (a + b)),
        ("a / (b * d) / a", lambda a, b, c, d: a / (b * d) / a),
        ("clamp(a - 1, -0.25, 0.25) * n", lambda a, b, c, d: (a - 1).clamp(-0.25, 0.25) * 3),
        ("maximum(a, b, 1) - minimum(a, d)", lambda a, b, c, d: torch.maximum(a, b).clamp(1) - torch.minimum(a, d)),
        ("mean(a * b, dim=[1, 2])", lambda a, b, c, d: (a * b).mean([1, 2])),
        ("sum(a * b, [1, 2], keepdim=True)", lambda a, b, c, d: (a * b).sum([1, 2], keepdim=True)),
        ("reshape(a, [2 * n, 4]) + reshape(b, [6, -1])", lambda a, b, c, d: (a + b).reshape(2, 6, 4)),
        ("concat([a, 2 * b], dim=2)", lambda a, b, c, d: torch.cat([a, 2 * b], 2)),
        ("exp(-square(a)) * input.features", lambda a, b, c, d: torch.exp(-torch.square(a)) * 6),
        (
            "where(a > b, a, 0) + where((a < d) == (b < 1), n, b)",
            lambda a, b, c, d: a.where(a > b, 0) + torch.where((a < d) == (b < 1), 3, b),
        ),
        ("n * (2 - s) * a", lambda a, b, c, d: 4.5 * a),
    ],
)
def test_it_computes_what_it_says(equation: str, expected: object, tmp_path: Path) -> None:
    assert callable(expected)
    wanted = expected(**values())
    if "a" not in equation or len({name for name in "abcd" if name in equation}) < 4:
        equation = f"{equation} + 0 * ({' + '.join(f'mean({each}, dim=[1, 2], keepdim=True)' for each in 'abcd')})"
        if wanted.dim() == 1:
            equation = equation.replace("keepdim=True", "keepdim=False")
    torch.testing.assert_close(computed(tmp_path, equation), wanted, atol=1e-6, rtol=1e-5)


@st.composite
def equations(draw: st.DrawFn, depth: int = 3) -> str:
    if not depth or draw(st.integers(0, 3)) == 0:
        return draw(st.sampled_from(["a", "b", "c", "d", "a", "2", "0.5", "n", "s"]))
    kind = draw(st.sampled_from(["binary", "unary", "call", "brackets"]))
    inner = equations(depth - 1)
    if kind == "binary":
        return f"{draw(inner)} {draw(st.sampled_from(['+', '-', '*', '/']))} {draw(inner)}"
    if kind == "call":
        return f"{draw(st.sampled_from(['tanh', 'sigmoid', 'exp', 'abs', 'relu', 'neg']))}(a + {draw(inner)})"
    return f"({draw(inner)})" if kind == "brackets" else f"-({draw(inner)})"


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(equations())
def test_any_equation_computes_what_python_reads(equation: str) -> None:
    import tempfile

    text = f"a * 1 + b + c + d + ({equation})"
    functions = {"tanh": torch.tanh, "sigmoid": torch.sigmoid, "exp": torch.exp, "abs": torch.abs}
    names = {**values(), **functions, "relu": torch.relu, "neg": torch.neg, "n": 3, "s": 0.5}
    with tempfile.TemporaryDirectory() as folder:
        try:
            result = computed(Path(folder), text)
        except SpecError as error:
            assert "too large" in str(error) or "division by zero" in str(error)
            return
    torch.testing.assert_close(result, eval(text, {}, names), equal_nan=True, atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("op", FUNCTIONS, ids=[op.name for op in FUNCTIONS])
def test_the_function_of_an_activation_is_its_module(op: type[Activation]) -> None:
    fields: dict[str, object] = {"threshold": 0.1, "value": 20.0} if op.name == "threshold" else {}
    changed: dict[str, object] = {name: 0.3 for name in ("negative_slope", "alpha", "beta") if name in op.model_fields}
    changed |= {"dim": 1} if "dim" in op.model_fields else {}
    for made in (op.of(fields), op.of({**fields, **changed})):
        module, function = made.module(*op.example_inputs), made.function
        assert module is not None
        assert function is not None
        arguments = {each.name: each.value for each in module.arguments if each.value is not None}
        x = torch.randn(2, *op.example_inputs[0])
        names = {"torch": torch, "F": nn.functional, "x": x}
        assert torch.equal(eval(function("x"), names), getattr(nn, op.title)(**arguments)(x))


@pytest.mark.parametrize(
    ("equation", "message"),
    [
        ("1 + n", "names no node"),
        ("a +", "is not an expression"),
        ("a + e", "there is no node `e`"),
        ("foo(a)", "there is no op `foo`"),
        ("conv(a)", "is a module"),
        ("a @ 2", "takes no number"),
        ("a if s else b", "not allowed in an equation"),
        ("softmax(a, dims=1)", "has no field `dims`"),
        ("softmax(a, dim=s)", "is wrong or missing"),
        ("a @ b", "cannot join"),
        ("chunk(a, 2)", "gives 2 values"),
        ("max(a, 1)", "gives 2 values"),
        ("a < b < c", "not allowed in an equation"),
        ("lambda: a", "not allowed in an equation"),
        ("a.shape", "names no node"),
    ],
)
def test_what_is_wrong_is_told_at_its_place(equation: str, message: str, tmp_path: Path) -> None:
    with pytest.raises(SpecError) as raised:
        archspec.read(page(tmp_path, f'  y: {{compute: "{equation}"}}\n'))
    assert message in str(raised.value)
    assert "net.yaml:6:" in str(raised.value)


def test_its_products_have_macs(tmp_path: Path) -> None:
    path = page(tmp_path, '  y: {compute: "a @ b.T"}\n  z: {compute: "y + mean(c + d, dim=-1, keepdim=True)"}\n')
    assert archspec.read(path).macs == 4 * 4 * 6
