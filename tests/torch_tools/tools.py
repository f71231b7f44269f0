"""Each of torch's tools, tried on one network: it gives nothing, or raises."""

from __future__ import annotations

import copy
import pickle
import tempfile
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from tests.torch_tools.networks import Inputs, tensors

Tool = Callable[[nn.Module, Inputs], None]
CLOSE = 1e-4


def close(found: Any, wanted: Any, tolerance: float = CLOSE) -> None:
    """Two outputs have equally many tensors, of the same shapes and near values."""
    ours, theirs = tensors(found), tensors(wanted)
    assert len(ours) == len(theirs) > 0, f"{len(ours)} tensors for {len(theirs)}"
    for one, other in zip(ours, theirs):
        torch.testing.assert_close(one.float(), other.float(), atol=tolerance, rtol=tolerance)


def deepcopy(module: nn.Module, inputs: Inputs) -> None:
    """A copy computes the same and shares no tensor."""
    other = copy.deepcopy(module)
    close(other(*inputs), module(*inputs), 0)
    assert {each.data_ptr() for each in other.parameters()}.isdisjoint(each.data_ptr() for each in module.parameters())


def pickled(module: nn.Module, inputs: Inputs) -> None:
    """What comes out of a pickle computes the same."""
    close(pickle.loads(pickle.dumps(module))(*inputs), module(*inputs), 0)


def export(module: nn.Module, inputs: Inputs) -> None:
    """An exported program computes the same, saved and loaded too."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "network.pt2")
        torch.export.save(torch.export.export(module, inputs), file)
        close(torch.export.load(file).module()(*inputs), module(*inputs))


def onnx(module: nn.Module, inputs: Inputs) -> None:
    """onnxruntime computes the same from an ONNX model, for a batch of another size."""
    import onnxruntime

    more = tuple(torch.cat([each, each.flip(0)[:1]]) for each in inputs)
    shapes = tuple({0: torch.export.Dim.DYNAMIC} for _ in inputs)
    program = torch.onnx.export(module, inputs, dynamo=True, dynamic_shapes=shapes, verbose=False)
    assert program is not None
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "network.onnx")
        program.save(file)
        session = onnxruntime.InferenceSession(file, providers=["CPUExecutionProvider"])
        given = {each.name: value.numpy() for each, value in zip(session.get_inputs(), more)}
        found = session.run(None, given)
    close([torch.from_numpy(each) for each in found], module(*more))


def script(module: nn.Module, inputs: Inputs) -> None:
    """TorchScript computes the same, saved and loaded too."""
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder, "network.pt")
        torch.jit.save(torch.jit.script(module), file)
        close(torch.jit.load(file)(*inputs), module(*inputs))


def compile(module: nn.Module, inputs: Inputs) -> None:
    """`torch.compile` finds one graph, in evaluation and in training."""
    torch._dynamo.reset()
    close(torch.compile(module, fullgraph=True, backend="aot_eager")(*inputs), module(*inputs))
    torch._dynamo.reset()
    learner = copy.deepcopy(module).train()
    if all(isinstance(each, Tensor) for each in inputs):
        total = sum(
            each.float().sum() for each in tensors(torch.compile(learner, fullgraph=True, backend="aot_eager")(*inputs))
        )
        assert isinstance(total, Tensor)
        total.backward()


def channels_last(module: nn.Module, inputs: Inputs) -> None:
    """Another layout in memory changes no result."""
    other = copy.deepcopy(module)
    for parameter in other.parameters():
        if parameter.dim() in LAYOUTS:
            parameter.data = parameter.data.contiguous(memory_format=LAYOUTS[parameter.dim()])
    given = [
        each.contiguous(memory_format=LAYOUTS[each.dim()])
        if isinstance(each, Tensor) and each.dim() in LAYOUTS
        else each
        for each in inputs
    ]
    close(other(*given), module(*inputs), 1e-3)


LAYOUTS = {4: torch.channels_last, 5: torch.channels_last_3d}


def autocast(module: nn.Module, inputs: Inputs) -> None:
    """In bfloat16 where torch deems it safe the outputs are finite and as many; those of one size are near."""
    wanted = tensors(module(*inputs))
    with torch.autocast("cpu", torch.bfloat16):
        found = tensors(module(*inputs))
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted):
        assert one.isfinite().all()
        if one.shape == other.shape and one.is_floating_point() and all(isinstance(each, Tensor) for each in inputs):
            reach = other.abs().max() + 1e-6
            assert (one.float() - other).abs().max() <= 0.2 * reach, "far from what float32 gives"


def quantise(module: nn.Module, inputs: Inputs) -> None:
    """Dynamic quantisation replaces every linear and recurrent layer, and the outputs are finite."""
    kinds = {nn.Linear, nn.LSTM, nn.GRU}
    other = torch.ao.quantization.quantize_dynamic(module, kinds)
    assert not [each for each in other.modules() if type(each) in kinds]
    assert all(each.isfinite().all() for each in tensors(other(*inputs)))


TOOLS: dict[str, Tool] = {
    "deepcopy": deepcopy,
    "pickle": pickled,
    "export": export,
    "ONNX": onnx,
    "script": script,
    "compile": compile,
    "channels_last": channels_last,
    "autocast": autocast,
    "quantise": quantise,
}

BOXES = "how many boxes there are depends on the image, and torchvision's procedures read the number"
RECURRENT = "torch leaves its recurrent layers out of compiled graphs (`torch._dynamo.config.allow_rnn`)"
POOLED = "torchvision's `roi_pool` takes features and boxes of one precision alone on a CPU"
ALONG = "torch fixes the batch in a graph where `take_along_dim` broadcasts"
DETECTORS = ("fast_rcnn", "faster_rcnn", "keypoint_rcnn", "mask_rcnn", "rcnn", "retinanet")
REASONS = {
    **{(tool, document): BOXES for tool in ("export", "ONNX", "compile") for document in DETECTORS},
    **{("compile", document): RECURRENT for document in ("cnn_lstm", "captioning")},
    ("autocast", "fast_rcnn"): POOLED,
    ("ONNX", "clip"): ALONG,
}
"""Why a tool cannot take the networks of a document; it must fail there, or the reason is out of date."""


@torch.no_grad()
def _run(tool: Tool, module: nn.Module, inputs: Inputs) -> None:
    tool(module, inputs)


def fault(name: str, document: str, module: nn.Module, inputs: Inputs) -> str | None:
    """What went otherwise than it should: an error's first line, or a reason that does not hold."""
    run = TOOLS[name] if name == "compile" else lambda *given: _run(TOOLS[name], *given)
    reason = REASONS.get((name, document))
    try:
        with quiet():
            run(module, inputs)
    except Exception as error:  # whatever torch says, it is a fault
        return None if reason else f"{type(error).__name__}: {(str(error).strip().splitlines() or [''])[0]}"
    return f"works, though {reason}" if reason else None


@contextmanager
def quiet() -> Iterator[None]:
    """Without what torch's tools say of themselves: that they are old, and how they take recurrent layers."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield
