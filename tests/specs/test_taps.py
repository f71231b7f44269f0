"""The activations that bundled classifiers name for others to take: C2 to C5, at strides 4 to 32."""

from __future__ import annotations

from pathlib import Path

import pytest

import archspec
from archspec.api import zoo

TAPPED = [name for name, document in zoo.variants() if document.taps]


RESOLUTIONS = {"maxvit_t": 224}
"""Of those whose windows fit few sizes."""


@pytest.mark.parametrize("name", [name for name in TAPPED if "cifar" not in name])
def test_each_has_its_stride(name: str, tmp_path: Path) -> None:
    taps = list(zoo.open_spec(name)[0].taps)
    size = RESOLUTIONS.get(name, 320)
    spec = tmp_path / "tapped.yaml"
    spec.write_text(
        f"archspec: 1\nname: tapped\ninput: [3, {size}, {size}]\ngraph:\n  body: {{use: {name}, taps: {taps}}}\n"
        f"output: [body]\n".replace("'", ""),
        "utf-8",
    )
    body = archspec.read(spec).graph.nodes["body"]
    for tap, (_, height, width) in zip(taps, body.shapes):
        stride = 2 ** int(tap[1])
        assert height == width
        assert size // stride - 5 <= height <= size // stride + 1, (tap, height)
