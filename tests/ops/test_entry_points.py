"""An installed package adds an op through an entry point, and a spec can call it."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from importlib import metadata
from pathlib import Path

import pytest

import archspec
from archspec import ops as vocabulary
from archspec.ops import base

PLUGIN = '''
from archspec.ops import Op, register
from archspec.ops.base import Module


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


@pytest.fixture
def plugin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    (tmp_path / "swishy_plugin.py").write_text(PLUGIN)
    monkeypatch.syspath_prepend(tmp_path)
    entry = metadata.EntryPoint("swishy", "swishy_plugin", "archspec.ops")
    monkeypatch.setattr(metadata, "entry_points", lambda group: [entry] if group == "archspec.ops" else [])
    vocabulary._with_entry_points.cache_clear()
    yield
    base._OPS.pop("swishy", None)
    vocabulary._with_entry_points.cache_clear()


@pytest.mark.usefixtures("plugin")
def test_an_op_from_an_entry_point_is_called_like_any_other(tmp_path: Path) -> None:
    (tmp_path / "net.yaml").write_text("archspec: 1\nname: net\ninput: [3, 8, 8]\ngraph: {act: swishy}\n")
    architecture = archspec.read(tmp_path / "net.yaml")
    assert architecture.graph.root.shapes == ((3, 8, 8),)
    assert "self.act = nn.SiLU()" in architecture.source()
    assert "swishy" in list(vocabulary.ops())


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
