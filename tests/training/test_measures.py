"""Measures come to what torchmetrics comes to batch by batch, stopped on the way or not."""

from __future__ import annotations

import io

import pytest
import torch
from torch import Tensor
from torchmetrics.classification import MulticlassAccuracy

from archspec.training import metrics
from archspec.training.metrics import Aim, Measures


def batches(classes: int) -> list[tuple[Tensor, Tensor, Tensor]]:
    """Outputs, targets and losses, the last batch a smaller one."""
    torch.manual_seed(0)
    sizes = [5] * 36 + [3]
    return [(torch.randn(size, classes), torch.randint(classes, (size,)), torch.rand(())) for size in sizes]


@pytest.mark.parametrize("most", [1_000_000, 60])
@pytest.mark.parametrize("classes", [4, 30])
def test_batches_counted_together_come_to_the_same(classes: int, most: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(metrics, "MOST_HELD", most)
    given = batches(classes)
    counted = Measures("val", Aim(classes))
    for batch in given:
        counted.update(*batch)
    accuracy = MulticlassAccuracy(classes, average="micro")
    for output, targets, _ in given:
        accuracy.update(output, targets)
    values = counted.taken()
    assert values["val_accuracy"] == accuracy.compute()
    loss = sum(loss.double() * len(targets) for _, targets, loss in given) / sum(len(each) for _, each, _ in given)
    assert values["val_loss"].item() == pytest.approx(float(loss), rel=1e-6)
    assert ("val_accuracy_top5" in values) == (classes == 30)


@pytest.mark.parametrize("stop", [1, 16, 20])
def test_measures_that_were_stopped_go_on_to_the_same(stop: int) -> None:
    """To the last bit, and by what a file of plain data holds."""
    given = batches(4)
    whole, before, after = (Measures("train", Aim(4)) for _ in range(3))
    for batch in given:
        whole.update(*batch)
    for batch in given[:stop]:
        before.update(*batch)
    torch.save(before.state_dict(), file := io.BytesIO())
    file.seek(0)
    after.load_state_dict(torch.load(file, weights_only=True))
    for batch in given[stop:]:
        after.update(*batch)
    assert after.taken() == whole.taken()
