"""An installed package adds an op through an entry point, and a spec can call it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

import archspec
from archspec import ops as vocabulary
from archspec.ops.base import Module
from tests.ops.plugins import plugged_in

PLUGIN = '''
from archspec.ops import Op, register
from archspec.ops.base import Module
from tests.ops.plugins import plugged_in


@register
class Swishy(Op):
    """An activation of one's own."""

    name = "swishy"
    kind = "activation"
    example = "swishy"
    example_inputs = ((3, 8, 8),)

    def infer(self, *inputs):
        return inputs

    def module(self, *inputs):
        return Module("nn.SiLU")
'''


MODULES = """
import math

from torch import Tensor, nn
from torchvision.ops import Permute


def halved(x: Tensor) -> Tensor:
    return x / math.sqrt(4)


class Halver(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.same = Permute([0, 1, 2, 3])

    def forward(self, x: Tensor) -> Tensor:
        return self.same(halved(x))
"""


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    with plugged_in("swishy", PLUGIN, tmp_path, monkeypatch):
        yield


@pytest.mark.usefixtures("plugin")
def test_an_op_from_an_entry_point_is_called_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text("archspec: 1\nname: net\ninput: [3, 8, 8]\ngraph: {act: swishy}\n")
    architecture = archspec.read(tmp_path / "net.yaml")
    assert architecture.graph.root.shapes == ((3, 8, 8),)
    assert "self.act = nn.SiLU()" in architecture.source()
    assert "swishy" in list(vocabulary.ops())


@pytest.mark.usefixtures("plugin")
def test_the_class_of_an_op_from_elsewhere_is_taken_along(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """With the function that it uses and what both import, under a name that the network leaves to it."""
    (tmp_path / "halver_modules.py").write_text(MODULES)
    (tmp_path / "net.yaml").write_text(
        "archspec: 1\nname: halver\ntitle: Halver\ninput: [3, 8, 8]\ngraph: {act: swishy}\n"
    )
    swishy = vocabulary.ops()["swishy"]
    monkeypatch.setattr(swishy, "module", lambda self, *inputs: Module("halver_modules.Halver"))
    architecture = archspec.read(tmp_path / "net.yaml")
    text = architecture.source()
    assert "import math\n\nfrom torch import Tensor, nn\nfrom torchvision.ops import Permute\n\n\ndef halved(" in text
    assert "self.act = HalverModule()" in text
    x = torch.randn(2, 3, 8, 8)
    assert torch.equal(architecture.build()(x), x / 2)


def test_every_op_is_found_without_importing_its_family() -> None:
    """The names read off the sources are those that the families register."""
    script = (
        "import sys\n"
        "from archspec.ops import builtin_ops\n"
        "names = set(builtin_ops())\n"
        "assert 'archspec.ops.recurrent' not in sys.modules and 'lstm' in names\n"
        "assert builtin_ops()['lstm'].name == 'lstm' and 'archspec.ops.recurrent' in sys.modules\n"
        "assert {op.name for op in builtin_ops().values()} == names\n"
        "from archspec.ops.base import _OPS\n"
        "assert set(_OPS) == names\n"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
