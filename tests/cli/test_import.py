"""`archspec import`, and a TARGET in the place of a spec: what a user's own file becomes, and what its faults are."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from tests.cli.conftest import Run

SPECS = ["build", "check", "summary", "draw", "diff", "plot"]
MODULES = """\
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, width: int, classes=10):
        super().__init__()
        self.conv = nn.Conv2d(3, width, 3)
        self.norm = nn.BatchNorm2d(width)
        self.head = nn.Linear(width, classes)

    def forward(self, x):
        return self.head(torch.relu(self.norm(self.conv(x))).mean((2, 3)))


class Spectral(Net):
    def forward(self, x):
        x = torch.fft.fft2(x)
        return super().forward(x.abs())


class Step(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return torch.special.bessel_j0(x)

    @staticmethod
    def backward(ctx, gradient):
        return gradient


class Own(Net):
    def forward(self, x):
        return Step.apply(super().forward(x))


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.embedding = nn.Embedding(2, 8)

    def forward(self, ids, *, scale):
        return self.embedding(ids) * scale


class Branching(nn.Module):
    def forward(self, x):
        if x.sum() > 0:
            return x
        return -x


class Numpy(nn.Module):
    def forward(self, x):
        return torch.from_numpy(x.numpy() + 1)


class Counting(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("calls", torch.zeros(1))

    def forward(self, x):
        self.calls += 1
        return x * self.calls


class OnGpu(nn.Module):
    def forward(self, x):
        return x.cuda() * 2


class Refusing(nn.Module):
    def __init__(self, width=0):
        super().__init__()
        if width < 1:
            raise ValueError("a width must be positive")


def make(width):
    return Net(width)


def nothing():
    return [1, 2]


number = 3
ready = Net(4)
"""


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text(MODULES)
    return path


def test_a_module_becomes_a_page_that_is_proven(run: Run, file: Path) -> None:
    done = run("import", "mine.py:Net", "--input", "3x8x8", "--set", "width=4")
    assert done.code == 0, done.err
    assert "proven: the same tensors, equal outputs" in done.out
    assert "FlopCounterMode counts 7,856 FLOPs, 2 a MAC; MACs are 3,928" in done.out
    assert "followed in" in done.out
    page = archspec.read(file.with_name("net.yaml"))
    assert (page.params, page.macs) == (170, 3928)
    assert run("import", "mine.py:Net", "--input", "3x8x8", "--set", "width=4").err.startswith("error[file-exists]")
    assert run("import", "mine.py:Net", "--input", "3x8x8", "--set", "width=4", "--force", "--no-proof").code == 0


def test_a_module_that_is_made_already_and_a_function_are_targets_too(run: Run, file: Path) -> None:
    one = run("import", "mine.py:ready", "--input", "3x8x8", "--name", "net", "--out", "-", "--no-proof")
    other = run(
        "import", "mine.py:make", "--set", "width=4", "--input", "3x8x8", "--name", "net", "--out", "-", "--no-proof"
    )
    assert one.out == other.out != ""
    assert "not proven" in one.err


def test_without_weights_all_but_the_outputs_is_compared(run: Run, file: Path) -> None:
    done = run("import", "mine.py:Net", "--input", "3x8x8", "--set", "width=4", "--meta", "--json")
    assert done.data["proven"] is True
    assert done.data["difference"] is None
    assert done.data["flops"] == 2 * done.data["macs"] == 7856


def test_inputs_are_named_and_of_other_types(run: Run, file: Path) -> None:
    done = run("import", "mine.py:Tokens", "--input", "16:int64", "--input", "scale=16x8", "--json")
    assert done.data["proven"] is True, done.data
    assert "ids: {shape: [16], dtype: int64}" in file.with_name("tokens.yaml").read_text()


@pytest.mark.parametrize("command", SPECS)
def test_a_command_that_takes_a_spec_takes_a_target(command: str, run: Run, file: Path) -> None:
    given = ["mine.py:Net", "--set", "width=4", "--input", "3x8x8"]
    done = run(command, *(["resnet18"] if command == "diff" else []), *given)
    assert done.code == 0, done.err
    assert done.err == ""


@pytest.mark.parametrize("command", SPECS)
def test_help_says_that_python_is_run(command: str, run: Run) -> None:
    assert "Python is run" in " ".join(run(command, "--help").out.split())
    assert "PYTHON IS RUN" in run("import", "--help").out


@pytest.mark.parametrize(("name", "function", "line"), [("Spectral", "fft_fft2", 18), ("Own", "special_bessel_j0", 25)])
def test_what_has_no_word_is_listed_drawn_and_counted_but_not_built(
    name: str, function: str, line: int, run: Run, file: Path
) -> None:
    given = [f"mine.py:{name}", "--set", "width=4", "--input", "3x8x8"]
    done = run("import", *given, "--json")
    assert done.code == 1
    assert done.data["missing"][0] == {"function": function, "module": "", "place": f"{file}:{line}"}
    assert (done.data["params"], done.data["macs"], done.data["flops"]) == (170, 3928, 7856)
    assert run("draw", *given).code == 0
    page = file.with_name(f"{name.lower()}.yaml")
    assert f"opaque: {function}" in page.read_text()
    assert "error[opaque]" in run("build", *given).err
    assert run("summary", page).err.count("error[opaque]") == len(done.data["missing"])


@pytest.mark.parametrize(
    ("name", "message", "line"),
    [
        ("Branching", "decides by the values of its input", "if x.sum() > 0:"),
        ("Numpy", "leaves torch", "torch.from_numpy(x.numpy() + 1)"),
        ("Counting", "writes into its own `calls`", "self.calls += 1"),
        ("OnGpu", "needs a GPU", "x.cuda() * 2"),
        ("Refusing", "ValueError: a width must be positive", "raise ValueError"),
        ("ready", "itself fails on inputs of 2×4, the first number being the batch", "self.conv(x)"),
    ],
)
def test_what_cannot_be_followed_is_told_at_the_users_own_line(
    name: str, message: str, line: str, run: Run, file: Path
) -> None:
    done = run("import", f"mine.py:{name}", "--input", "4")
    assert done.code == 1
    assert message in done.err
    assert line in done.err
    assert "10007" not in done.err
    assert "Traceback" not in done.err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["mine.py:Net", "--input", "3x8x8"], "add `--set width=…`"),
        (["mine.py:Net", "--input", "3x8x8", "--set", "width=4", "--set", "clases=3"], "did you mean `classes`?"),
        (["mine.py:Nte", "--input", "3x8x8"], "did you mean `Net`?"),
        (["mine.py:nothing", "--input", "3x8x8"], "= found: a `list`"),
        (["mine.py:number", "--input", "3x8x8"], "= found: an `int`"),
        (["mine.py:ready"], "expected: a size for `x`"),
        (["mine.py:ready", "--input", "3 by 8"], "is not the size of an input"),
        (["mine.py:ready", "--input", "3x8x8:int46"], "did you mean `int64`?"),
        (["mine.py:ready", "--input", "3x8x8", "--out", "net.txt"], "is not a file name for a page"),
        (["mine.py", "--input", "3x8x8"], "for example `mine.py:Net`"),
        (["torchvision.models.resnet18", "--input", "3"], "for example `torchvision.models:resnet18`"),
        (["nowhere.py:Net", "--input", "3"], "there is no file `nowhere.py`"),
        (["nowhere:Net", "--input", "3"], "there is no Python module `nowhere`"),
        (["broken.py:Net", "--input", "3"], "--> broken.py:2:1"),
        (["importing.py:Net", "--input", "3"], "No module named 'nowhere'"),
        (["leaving.py:Net", "--input", "3"], "ends the program as it is imported"),
    ],
)
def test_a_target_that_cannot_be_made_is_told(arguments: list[str], message: str, run: Run, file: Path) -> None:
    file.with_name("broken.py").write_text("import torch\nclass Net(nn.Module\n")
    file.with_name("importing.py").write_text("import torch\nimport nowhere\n")
    file.with_name("leaving.py").write_text("raise SystemExit(3)\n")
    done = run("import", *arguments)
    assert done.code == 1
    assert message in done.err
    assert "Traceback" not in done.err


def test_a_spec_takes_another_input_too(run: Run, net: Path) -> None:
    assert run("summary", net, "--input", "1x12x12").code == 0
    assert run("summary", net, "--input", "1x").code == 2
    assert run("summary", "torchvision.models:resnet18", "--variant", "a").code == 2
