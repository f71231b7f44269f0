"""What an op calls uncounted has no part in its shapes and counts: the rules do without it."""

from __future__ import annotations

import pytest

from archspec.ops import Op, ops

from .realising import example


@pytest.mark.parametrize("op", [op for op in ops().values() if op.uncounted], ids=str)
def test_no_rule_reads_an_uncounted_field(op: type[Op]) -> None:
    whole, without = example(op), example(op).model_copy()
    for name in op.uncounted:
        del without.__dict__[name]
        with pytest.raises(AttributeError):
            getattr(without, name)
    outputs = whole.infer(*op.example_inputs)
    for rule in ("infer", "parameters", "buffers"):
        assert getattr(without, rule)(*op.example_inputs) == getattr(whole, rule)(*op.example_inputs)
    assert without.macs(op.example_inputs, outputs) == whole.macs(op.example_inputs, outputs)
