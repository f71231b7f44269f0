"""`archspec.load`: weights from files and from torchvision, heads of another size, taps."""

from __future__ import annotations

import logging
import pickle
import re
from pathlib import Path
from typing import Any
from urllib.error import URLError

import pytest
import torch
import torchvision
from safetensors.torch import save_file

import archspec

IMAGE = torch.randn(2, 3, 64, 64, generator=torch.Generator().manual_seed(0))


@pytest.fixture(scope="module")
def peer() -> torch.nn.Module:
    torch.manual_seed(0)
    return torchvision.models.resnet18().eval()


def same(module: torch.nn.Module, peer: torch.nn.Module) -> bool:
    with torch.no_grad():
        return torch.equal(module.eval()(IMAGE), peer(IMAGE))


@pytest.mark.parametrize(
    "wrap", [dict, lambda state: {"state_dict": state}, lambda state: {"model": state, "epoch": 3}]
)
def test_a_pt_file_loads(wrap: Any, peer: torch.nn.Module, tmp_path: Path) -> None:
    torch.save(wrap(peer.state_dict()), tmp_path / "weights.pt")
    assert same(archspec.load("resnet18", weights=tmp_path / "weights.pt"), peer)


def test_a_safetensors_file_loads(peer: torch.nn.Module, tmp_path: Path) -> None:
    save_file(peer.state_dict(), tmp_path / "weights.safetensors")
    assert same(archspec.load("resnet18", weights=str(tmp_path / "weights.safetensors")), peer)


def test_names_that_data_parallel_prefixed_are_read(peer: torch.nn.Module, tmp_path: Path) -> None:
    torch.save({f"module.{name}": tensor for name, tensor in peer.state_dict().items()}, tmp_path / "weights.pt")
    assert same(archspec.load("resnet18", weights=tmp_path / "weights.pt"), peer)


def test_another_number_of_classes_leaves_the_head_as_initialised_and_says_so(
    peer: torch.nn.Module, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    torch.save(peer.state_dict(), tmp_path / "weights.pt")
    with caplog.at_level(logging.WARNING, "archspec"):
        module = archspec.load("resnet18", weights=tmp_path / "weights.pt", num_classes=7)
    assert caplog.messages == ["resnet18: 120 tensors loaded; left as initialised: fc.weight, fc.bias"]
    assert module.fc.weight.shape == (7, 512)
    assert torch.equal(module.layer4[1].conv2.weight, peer.layer4[1].conv2.weight)


def test_a_file_with_that_many_classes_loads_whole(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    peer = torchvision.models.resnet18(num_classes=7).eval()
    torch.save(peer.state_dict(), tmp_path / "weights.pt")
    assert same(archspec.load("resnet18", weights=tmp_path / "weights.pt", num_classes=7), peer)
    assert caplog.messages == []


def test_tensors_that_do_not_fit_are_all_listed(peer: torch.nn.Module, tmp_path: Path) -> None:
    state = peer.state_dict()
    state["fc.extra"] = torch.zeros(3)
    state["conv1.weight"] = torch.zeros(64, 1, 7, 7)
    del state["bn1.bias"]
    torch.save(state, tmp_path / "weights.pt")
    with pytest.raises(archspec.SpecError) as error:
        archspec.load("resnet18", weights=tmp_path / "weights.pt")
    assert str(error.value) == (
        "error[weights-mismatch]: the weights do not fit `resnet18`\n"
        "  = found: misshapen: conv1.weight is 64×1×7×7, not 64×3×7×7\n"
        "      missing: bn1.bias 64\n"
        "      extra: fc.extra 3"
    )


def test_a_head_of_another_size_is_an_error_where_no_number_of_classes_was_set(tmp_path: Path) -> None:
    torch.save(torchvision.models.resnet18(num_classes=7).state_dict(), tmp_path / "weights.pt")
    with pytest.raises(archspec.SpecError, match=re.escape("misshapen: fc.weight is 7×512, not 1000×512")):
        archspec.load("resnet18", weights=tmp_path / "weights.pt")


class Evil:
    """What `weights_only` must not run."""

    def __reduce__(self) -> tuple[Any, ...]:
        return print, ("never",)


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"not weights", "error[weights-unreadable]: `weights.pt` cannot be read as weights: "),
        (pickle.dumps(Evil()), "error[weights-unreadable]: `weights.pt` cannot be read as weights: "),
        (None, "error[weights-missing]: there is no weights file `weights.pt`"),
    ],
    ids=["garbage", "code", "missing"],
)
def test_what_is_no_weights_file_is_a_clear_error(
    content: bytes | None,
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    if content is not None:
        Path("weights.pt").write_bytes(content)
    with pytest.raises(archspec.SpecError) as error:
        archspec.load("resnet18", weights="weights.pt")
    assert str(error.value).startswith(message)
    assert capsys.readouterr().out == ""


def test_a_list_of_numbers_is_no_state_dict(tmp_path: Path) -> None:
    torch.save([1, 2], tmp_path / "weights.pt")
    with pytest.raises(archspec.SpecError, match="holds no state_dict"):
        archspec.load("resnet18", weights=tmp_path / "weights.pt")


def published(builder: str, weights: str, state: dict[str, torch.Tensor], home: Path) -> None:
    """Put a file where torch.hub keeps what it has downloaded, so that torchvision's own loading finds it."""
    url = torchvision.models.get_model_weights(builder)[weights].url
    folder = home / "hub" / "checkpoints"
    folder.mkdir(parents=True)
    torch.save(state, folder / url.rpartition("/")[2])


@pytest.mark.parametrize("weights", ["DEFAULT", "IMAGENET1K_V1", "ResNet18_Weights.IMAGENET1K_V1"])
def test_torchvisions_names_go_through_its_weights_api(
    weights: str, peer: torch.nn.Module, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    published("resnet18", "IMAGENET1K_V1", peer.state_dict(), tmp_path)
    assert same(archspec.load("resnet18", weights=weights), peer)


def test_a_misspelt_name_of_weights_gets_the_nearest() -> None:
    with pytest.raises(archspec.SpecError) as error:
        archspec.load("resnet50", weights="IMAGENET1K_V3")
    assert str(error.value) == (
        "error[weights]: `resnet50` has no weights `IMAGENET1K_V3`\n  = help: did you mean `IMAGENET1K_V2`?"
    )


def test_what_torchvision_switches_on_with_its_weights_is_switched_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    whole = torchvision.models.googlenet(init_weights=False)
    published("googlenet", "IMAGENET1K_V1", whole.state_dict(), tmp_path)
    peer = torchvision.models.googlenet(weights="DEFAULT").eval()
    assert same(archspec.load("googlenet", weights="DEFAULT"), peer)
    assert same(archspec.load("googlenet", weights="DEFAULT", aux=False), peer)


def test_a_download_that_fails_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    def unreachable(*args: Any, **kwargs: Any) -> Any:
        raise URLError("no route to host")

    monkeypatch.setenv("TORCH_HOME", str(tmp_path))
    monkeypatch.setattr("urllib.request.urlopen", unreachable)
    monkeypatch.setattr("torch.hub.urlopen", unreachable)
    with pytest.raises(archspec.SpecError) as error:
        archspec.load("resnet18", weights="DEFAULT")
    assert str(error.value) == (
        "error[weights-download]: the weights `ResNet18_Weights.IMAGENET1K_V1` could not be downloaded\n"
        "  = found: no route to host\n"
        "  = help: download them elsewhere, and give the file"
    )


def test_the_old_spelling_of_densenets_keys_is_read(tmp_path: Path) -> None:
    peer = torchvision.models.densenet121().eval()
    old = {
        re.sub(r"(denselayer\d+\.(?:norm|conv))([12])", r"\1.\2", name): tensor
        for name, tensor in peer.state_dict().items()
        if not name.endswith("num_batches_tracked")
    }
    torch.save(old, tmp_path / "weights.pth")
    assert same(archspec.load("densenet121", weights=tmp_path / "weights.pth"), peer)


FROZEN = """archspec: 1
name: frozen
input: [3, 64, 64]
graph: {body: {use: resnet18, replace: {batch_norm: frozen_batch_norm}}}
"""


def test_a_classifiers_weights_go_into_frozen_batch_norms(tmp_path: Path) -> None:
    """As torchvision's own frozen ones do, they take all but the number of batches seen."""
    (tmp_path / "frozen.yaml").write_text(FROZEN)
    spec = tmp_path / "frozen.yaml"
    peer = torchvision.models.resnet18().eval()
    for norm in peer.modules():
        if isinstance(norm, torch.nn.BatchNorm2d):
            norm.running_mean.normal_()
            norm.running_var.uniform_(0.5, 1.5)
    state = {f"body.{name}": tensor for name, tensor in peer.state_dict().items()}
    torch.save(state, tmp_path / "weights.pt")
    module = archspec.load(spec, weights=tmp_path / "weights.pt")
    assert not any(name.endswith("num_batches_tracked") for name in module.state_dict())
    x = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        torch.testing.assert_close(module.eval()(x), peer(x))
    theirs = torchvision.models.resnet18(norm_layer=torchvision.ops.FrozenBatchNorm2d)
    theirs.load_state_dict(peer.state_dict())
    assert theirs.state_dict().keys() == module.body.state_dict().keys()

    state["body.fc.num_batches_tracked"] = torch.tensor(3)
    torch.save(state, tmp_path / "weights.pt")
    with pytest.raises(archspec.SpecError, match=r"extra: body\.fc\.num_batches_tracked"):
        archspec.load(spec, weights=tmp_path / "weights.pt")


def test_taps_give_inner_activations_by_address(peer: torch.nn.Module, tmp_path: Path) -> None:
    torch.save(peer.state_dict(), tmp_path / "weights.pt")
    module = archspec.load("resnet18", weights=tmp_path / "weights.pt", taps=["layer2", "layer3.0.conv1"]).eval()
    seen: dict[str, torch.Tensor] = {}
    peer.layer2.register_forward_hook(lambda *args: seen.update({"layer2": args[2].clone()}))
    peer.layer3[0].conv1.register_forward_hook(lambda *args: seen.update({"layer3.0.conv1": args[2].clone()}))
    with torch.no_grad():
        found = module(IMAGE)
        peer(IMAGE)
    assert list(found) == ["layer2", "layer3.0.conv1"]
    assert all(torch.equal(found[address], seen[address]) for address in seen)
    assert not hasattr(module, "fc")


def test_an_unknown_tap_gets_the_nearest() -> None:
    with pytest.raises(archspec.SpecError, match=re.escape("did you mean `layer2`?")):
        archspec.load("resnet18", taps=["layr2"])


def test_the_meta_device_takes_no_memory_and_weights_fill_it(peer: torch.nn.Module, tmp_path: Path) -> None:
    assert all(parameter.is_meta for parameter in archspec.load("resnet18", device="meta").parameters())
    torch.save(peer.state_dict(), tmp_path / "weights.pt")
    assert same(archspec.load("resnet18", weights=tmp_path / "weights.pt", device="meta"), peer)


def test_a_dtype_holds_for_parameters_and_loaded_weights(peer: torch.nn.Module, tmp_path: Path) -> None:
    torch.save(peer.state_dict(), tmp_path / "weights.pt")
    module = archspec.load("resnet18", weights=tmp_path / "weights.pt", dtype=torch.bfloat16)
    assert {parameter.dtype for parameter in module.parameters()} == {torch.bfloat16}
