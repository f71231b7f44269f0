"""Files of other programs: each gives the parameters that are documented, or the outputs of its own runtime."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import archspec
from archspec.api.import_target import Asked, import_target, is_target
from archspec.importing.formats import format_of, formats

MODELS = Path(__file__).parent / "models"
YOLO = {
    ("yolov8", "n"): 3_157_200,
    ("yolov8", "s"): 11_166_560,
    ("yolov8", "m"): 25_902_640,
    ("yolov8", "l"): 43_691_520,
    ("yolov8", "x"): 68_229_648,
    ("yolo11", "n"): 2_624_080,
    ("yolo11", "s"): 9_458_752,
    ("yolo11", "m"): 20_114_688,
    ("yolo11", "l"): 25_372_160,
    ("yolo11", "x"): 56_966_176,
}
"""What Ultralytics documents."""


def module_of(path: Path, **settings: Any) -> nn.Module:
    format = format_of(path)
    assert format is not None
    with torch.device("meta"):
        return format.read(path, settings).module


def count(module: nn.Module, buffers: bool = False) -> int:
    held = [*module.parameters(), *(module.buffers() if buffers else ())]
    return sum(each.numel() for each in held if each.dim())


@pytest.mark.parametrize(("name", "scale"), YOLO)
def test_a_yolo_of_ultralytics_has_the_parameters_that_are_documented(name: str, scale: str) -> None:
    assert count(module_of(MODELS / f"{name}.yaml", scale=scale)) == YOLO[name, scale]


def test_a_yolo_is_its_page() -> None:
    imported = import_target(str(MODELS / "yolov8.yaml"), Asked(inputs=("3x64x64",)))
    assert imported.fine and imported.proof is not None
    assert imported.architecture.params == YOLO["yolov8", "n"]
    assert "model.0.conv.weight" in imported.architecture.build(device="meta").state_dict()


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("SPPF", "SPPG", "no module `SPPG` is known"),
        ("[[-1, 6]", "[[-1, 60]", "there is no layer 60 before layer 11"),
    ],
)
def test_a_fault_of_a_table_is_told_at_its_row(old: str, new: str, message: str, tmp_path: Path) -> None:
    path = tmp_path / "yolov8.yaml"
    path.write_text((MODELS / "yolov8.yaml").read_text().replace(old, new, 1))
    with pytest.raises(archspec.SpecError, match="model-file") as error:
        module_of(path)
    assert message in str(error.value)


def yolov3() -> Iterator[str]:
    """Darknet's YOLOv3: 53 convolutions with shortcuts, and three heads (Redmon and Farhadi 2018)."""

    def conv(filters: int, size: int, stride: int = 1) -> str:
        told = f"batch_normalize=1\nfilters={filters}\nsize={size}\nstride={stride}\npad=1\nactivation=leaky"
        return f"[convolutional]\n{told}\n"

    def head(filters: int) -> Iterator[str]:
        for _ in range(3):
            yield conv(filters, 1) + conv(2 * filters, 3)
        yield "[convolutional]\nsize=1\nstride=1\npad=1\nfilters=255\nactivation=linear\n[yolo]\nclasses=80\n"

    yield "[net]\nwidth=416\nheight=416\nchannels=3\n" + conv(32, 3)
    for filters, times in ((64, 1), (128, 2), (256, 8), (512, 8), (1024, 4)):
        yield conv(filters, 3, 2)
        for _ in range(times):
            yield conv(filters // 2, 1) + conv(filters, 3) + "[shortcut]\nfrom=-3\nactivation=linear\n"
    yield from head(512)
    for filters, layer in ((256, 61), (128, 36)):
        yield f"[route]\nlayers=-4\n{conv(filters, 1)}[upsample]\nstride=2\n[route]\nlayers=-1, {layer}\n"
        yield from head(filters)


def test_darknets_yolov3_has_the_parameters_that_are_documented(tmp_path: Path) -> None:
    path = tmp_path / "yolov3.cfg"
    path.write_text("".join(yolov3()))
    assert count(module_of(path)) == 61_949_149


SMALL = """[net]
width=16
height=16
channels=3
[convolutional]
batch_normalize=1
filters=8
size=3
stride=1
pad=1
activation=mish
[route]
layers=-1
groups=2
group_id=1
[maxpool]
size=3
stride=1
[convolutional]
filters=4
size=1
activation=leaky
[shortcut]
from=-2
activation=relu
[route]
layers=-1, 0
[avgpool]
"""


def test_a_cfg_is_its_page(tmp_path: Path) -> None:
    path = tmp_path / "small.cfg"
    path.write_text(SMALL)
    imported = import_target(str(path), Asked())
    assert imported.fine and imported.proof is not None, [str(each) for each in imported.diagnostics]
    path.write_text(SMALL.replace("[avgpool]", "[avgpol]"))
    with pytest.raises(archspec.SpecError, match="did you mean `avgpool`"):
        import_target(str(path), Asked())


def conv(filters: int, name: str, takes: list[Any] | None = None, **more: Any) -> dict[str, Any]:
    config = {"filters": filters, "kernel_size": [3, 3], "strides": [1, 1], "padding": "valid", "use_bias": True}
    layer = {"class_name": "Conv2D", "config": {"name": name, "activation": "relu", **config, **more}, "name": name}
    return layer if takes is None else {**layer, "inbound_nodes": takes}


def pool(name: str) -> dict[str, Any]:
    config = {"name": name, "pool_size": [2, 2], "strides": [2, 2], "padding": "valid"}
    return {"class_name": "MaxPooling2D", "config": config}


def test_keras_convnet_of_its_examples_has_the_parameters_that_are_documented(tmp_path: Path) -> None:
    layers = [
        {"class_name": "InputLayer", "config": {"name": "image", "batch_shape": [None, 28, 28, 1]}},
        *(conv(32, "conv"), pool("pool"), conv(64, "conv_1"), pool("pool_1")),
        {"class_name": "Flatten", "config": {"name": "flatten"}},
        {"class_name": "Dropout", "config": {"name": "dropout", "rate": 0.5}},
        {
            "class_name": "Dense",
            "config": {"name": "dense", "units": 10, "use_bias": True, "activation": "softmax"},
        },
    ]
    path = tmp_path / "convnet.json"
    path.write_text(json.dumps({"class_name": "Sequential", "config": {"name": "convnet", "layers": layers}}))
    imported = import_target(str(path), Asked())
    assert imported.fine and imported.proof is not None
    assert imported.architecture.params == 34_826


@pytest.mark.parametrize("form", [2, 3])
def test_a_functional_model_of_keras_is_its_page(form: int, tmp_path: Path) -> None:
    def call(*names: str) -> list[Any]:
        if form == 2:
            return [[[name, 0, 0, {}] for name in names]]
        tensors = [{"class_name": "__keras_tensor__", "config": {"keras_history": [name, 0, 0]}} for name in names]
        return [{"args": [tensors if len(names) > 1 else tensors[0]], "kwargs": {}}]

    norm = {"name": "norm", "epsilon": 0.001, "momentum": 0.99}
    layers = [
        {
            "class_name": "InputLayer",
            "name": "image",
            "config": {"name": "image", "batch_input_shape": [None, 9, 9, 3]},
            "inbound_nodes": [],
        },
        conv(4, "one", call("image"), strides=[2, 2], padding="same"),
        conv(4, "two", call("one"), padding="same", activation="linear"),
        {"class_name": "BatchNormalization", "name": "norm", "config": norm, "inbound_nodes": call("two")},
        {"class_name": "Add", "name": "add", "config": {"name": "add"}, "inbound_nodes": call("one", "norm")},
        {
            "class_name": "GlobalAveragePooling2D",
            "name": "mean",
            "config": {"name": "mean"},
            "inbound_nodes": call("add"),
        },
    ]
    config = {"name": "small", "layers": layers, "input_layers": [["image", 0, 0]], "output_layers": [["mean", 0, 0]]}
    path = tmp_path / "small.json"
    path.write_text(json.dumps({"class_name": "Functional", "config": config}))
    imported = import_target(str(path), Asked())
    assert imported.fine and imported.proof is not None, [str(each) for each in imported.diagnostics]
    assert imported.architecture.params == 112 + 148 + 8


class Net(nn.Module):
    """Layers of several kinds, a skip, and a shape that is worked out."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1, bias=False), nn.BatchNorm2d(8), nn.ReLU())
        self.conv = nn.Conv2d(8, 8, 3, padding=1, groups=2)
        self.pool = nn.MaxPool2d(2)
        self.norm = nn.LayerNorm(16)
        self.fc = nn.Linear(16, 16)
        self.head = nn.Linear(256, 5)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.stem(x)
        x = self.pool(torch.cat([x + torch.sigmoid(self.conv(x)), x], 1))
        x = x.reshape(x.shape[0], 16, 16).transpose(1, 2)
        return self.head(torch.nn.functional.gelu(self.fc(self.norm(x))).flatten(1))


@pytest.fixture
def net() -> nn.Module:
    torch.manual_seed(0)
    return Net().eval()


@pytest.mark.parametrize("examples", ["one", "any"])
def test_an_exported_program_is_its_page(examples: str, net: nn.Module, tmp_path: Path) -> None:
    path = tmp_path / "net.pt2"
    batch = {} if examples == "one" else {"dynamic_shapes": ({0: torch.export.Dim("batch")},)}
    torch.export.save(torch.export.export(net, (torch.randn(1 + bool(batch), 3, 16, 16),), **batch), path)
    imported = import_target(str(path), Asked())
    assert imported.fine and imported.proof is not None, [str(each) for each in imported.diagnostics]
    assert imported.proof.difference == 0
    assert {*imported.architecture.build(device="meta").state_dict()} == {*net.state_dict()}


@pytest.mark.parametrize("examples", ["one", "any"])
@pytest.mark.filterwarnings("ignore")
def test_an_onnx_model_gives_what_onnxruntime_gives(examples: str, net: nn.Module, tmp_path: Path) -> None:
    onnxruntime = pytest.importorskip("onnxruntime")
    path = tmp_path / "net.onnx"
    batch = {} if examples == "one" else {"dynamic_shapes": ({0: torch.export.Dim("batch")},)}
    example = torch.randn(1 + bool(batch), 3, 16, 16)
    torch.onnx.export(
        net, (example,), path, dynamo=True, input_names=["x"], external_data=False, verbose=False, **batch
    )
    (wanted,) = onnxruntime.InferenceSession(path).run(None, {"x": example.numpy()})
    format = format_of(path)
    assert format is not None
    with torch.no_grad():
        given = format.read(path, {}).module(example).numpy()
    np.testing.assert_allclose(given, wanted, atol=1e-5)
    imported = import_target(str(path), Asked())
    assert imported.fine and imported.proof is not None, [str(each) for each in imported.diagnostics]
    assert {"fc.weight", "head.bias", "conv.weight"} <= {*imported.architecture.build(device="meta").state_dict()}


def test_what_is_no_model_is_told(tmp_path: Path) -> None:
    for name in ("a.pt2", "a.onnx"):
        (tmp_path / name).write_bytes(b"nothing of the kind")
        with pytest.raises(archspec.SpecError, match="model-file"):
            import_target(str(tmp_path / name), Asked())


def test_a_spec_is_no_target_and_each_format_is_told_by_its_file(tmp_path: Path) -> None:
    page = tmp_path / "page.yaml"
    page.write_text("archspec: 1\nname: page\ninput: [3]\ngraph: [relu]\n")
    assert not is_target(page)
    assert is_target(MODELS / "yolov8.yaml")
    assert {each.ending for each in formats()} == {".cfg", ".json", ".onnx", ".pt2", ".yaml"}
