"""What the tests of training share: small recipes, and digits to train on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from typer.testing import CliRunner

from archspec.cli.app import application
from tests.cli.conftest import Outcome
from tests.training.digits import write_folders, write_idx

Run = Callable[..., Outcome]

NET = """\
archspec: 1
name: net
input: [3, 12, 12]
params: {num_classes: 10, aux: true}
graph:
  stem: [{conv: 6, kernel_size: 3, bias: false}, batch_norm, relu]
  side: {graph: [{adaptive_avg_pool: 1}, flatten, {linear: num_classes}], training: true, when: aux}
  body:
    from: stem
    graph:
      - {conv: 8, kernel_size: 3, stride: 2, bias: false}
      - batch_norm
      - relu
      - {adaptive_avg_pool: 2}
      - flatten
      - {dropout: 0.2}
  head: {linear: num_classes}
output: {logits: head, early: side}
"""
RECIPE = """\
recipe: 1
name: small
model: net.yaml
set: {num_classes: 2}
data:
  image_folder: {root: digits}
  batch_size: 8
  workers: 0
  validation: 0.25
loss: cross_entropy
loss_weights: {logits: 1, early: 0.3}
optimizer: {sgd: 0.05, momentum: 0.9}
epochs: 2
seed: 1
"""


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Small networks run faster on one, and the processes that tests start do not crowd each other."""
    import torch

    monkeypatch.setenv("OMP_NUM_THREADS", "1")
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)


@pytest.fixture(autouse=True)
def memory(monkeypatch: pytest.MonkeyPatch, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The folder in which it is remembered which files were looked at, of this test alone."""
    folder = tmp_path_factory.mktemp("memory")
    monkeypatch.setenv("XDG_CACHE_HOME", str(folder))
    return folder


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The working folder: a spec, a recipe and folders of two digits."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("ARCHSPEC_TRACEBACK", "1")
    monkeypatch.delenv("ARCHSPEC_RUN", raising=False)
    (tmp_path / "net.yaml").write_text(NET)
    (tmp_path / "small.yaml").write_text(RECIPE)
    write_folders(tmp_path / "digits", each=24, mode="RGB")
    return tmp_path


@pytest.fixture
def run(place: Path) -> Run:
    """Run the command line in this process, in the working folder."""

    def run(*arguments: object) -> Outcome:
        result = CliRunner().invoke(application(), [str(argument) for argument in arguments], catch_exceptions=False)
        return Outcome(result.exit_code, result.stdout, result.stderr)

    return run


@pytest.fixture(scope="session")
def mnist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The digits as MNIST's files, the last hundred of each being those to test on."""
    return write_idx(tmp_path_factory.mktemp("mnist"))
