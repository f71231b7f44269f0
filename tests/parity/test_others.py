"""The pages that are not torchvision's against the modules of other libraries: names, shapes and outputs."""

from __future__ import annotations

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

import archspec

from .generative import GENERATIVE
from .hugging_face import TRANSFORMERS
from .others import Case, pair
from .reference import values
from .timm_models import CLASSIFIERS

CASES = [pytest.param(case, id=case.variant) for case in (*TRANSFORMERS, *GENERATIVE, *CLASSIFIERS)]


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", CASES)
def test_names_shapes_and_outputs_are_the_same(case: Case) -> None:
    ours, theirs = pair(case)
    inputs = case.inputs()
    with torch.inference_mode():
        mine, other = values(ours(*inputs)), values(case.run(theirs, *inputs))
    assert [each.shape for each in mine] == [each.shape for each in other]
    for one, two in zip(mine, other):
        assert two.isfinite().all() and two.std() > 0
        assert float((one - two).abs().max()) <= case.tolerance * float(two.abs().max())


def test_the_comparison_can_fail() -> None:
    (case,) = (each for each in TRANSFORMERS if each.variant == "gpt2")
    ours, theirs = pair(case)
    with torch.no_grad():
        theirs.transformer.h[1].mlp.c_fc.weight[0, 0] += 0.1
    assert not torch.equal(ours(*case.inputs()), case.run(theirs, *case.inputs()))


MAPPED = ("whisper_base", "t5_small", "res2net50_14w_8s", "ddpm_cifar10", "stable_diffusion_v1")


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", [each for each in CASES if each.id in MAPPED])
def test_their_file_loads_by_the_map_of_the_page(case: Case, tmp_path: Path) -> None:
    ours, theirs = pair(case)
    state = {name: tensor.clone() for name, tensor in theirs.state_dict().items()}
    save_file(state, tmp_path / "theirs.safetensors")
    loaded = archspec.load(case.variant, weights=tmp_path / "theirs.safetensors", **case.settings).state_dict()
    assert loaded.keys() != state.keys() and loaded.keys() == ours.state_dict().keys()
    assert all(torch.equal(tensor, loaded[name]) for name, tensor in ours.state_dict().items())
