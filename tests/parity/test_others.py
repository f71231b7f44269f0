"""The pages that are not torchvision's against the modules of other libraries: names, shapes and outputs."""

from __future__ import annotations

import pytest
import torch

from .generative import GENERATIVE
from .hugging_face import TRANSFORMERS
from .others import Case, pair, renamed
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
        theirs.h[1].mlp.c_fc.weight[0, 0] += 0.1
    assert not torch.equal(ours(*case.inputs()), case.run(theirs, *case.inputs()))


def test_a_file_of_other_names_does_not_fit() -> None:
    (case,) = (each for each in TRANSFORMERS if each.variant == "t5_small")
    ours, theirs = pair(case)
    assert renamed(case, theirs.state_dict()).keys() == ours.state_dict().keys() != theirs.state_dict().keys()
