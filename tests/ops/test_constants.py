"""Positions, masks, indices and rotations: as the papers' own code has them, with and without an input."""

from __future__ import annotations

import math
from pathlib import Path
from typing import Any

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import nn

import archspec
from archspec.analysis.state_dict import tensors
from archspec.ops import OpError
from archspec.ops.shapes import Carried, shape_of, symbol
from archspec.runtime.verify import verify

from .realising import make, realise

HEAD = "archspec: 1\nname: net\ninput: [6, 8]\ngraph:\n"


def kept(folder: Path, call: str) -> tuple[nn.Module, torch.Tensor]:
    """The network with a constant in it, and that."""
    path = folder / "net.yaml"
    path.write_text(f"{HEAD}  same: {{linear: 8}}\n  constant: {call}\noutput: {{a: same, b: constant}}\n")
    module, graph = archspec.load(path), archspec.read(path).graph
    assert verify(graph, module) == []
    state = {key: tuple(value.shape) for key, value in module.state_dict().items()}
    assert tensors(graph) == state
    assert ("constant" in state) == ("persistent: true" in call)
    return module, module(torch.randn(2, 6, 8)).b


@pytest.mark.parametrize("more", ["", ", persistent: true"])
@pytest.mark.parametrize(
    ("call", "expected"),
    [
        ("{positions: 5%s}", torch.arange(5)),
        ("{causal_mask: 4%s}", torch.ones(4, 4, dtype=torch.bool).tril()),
        ("{causal_mask: 4, additive: true%s}", nn.Transformer.generate_square_subsequent_mask(4)),
    ],
)
def test_what_is_kept(call: str, expected: torch.Tensor, more: str, tmp_path: Path) -> None:
    _, found = kept(tmp_path, call % more)
    assert torch.equal(found, expected)
    assert found.dtype == expected.dtype


def test_the_relative_positions_are_swins(tmp_path: Path) -> None:
    from torchvision.models.swin_transformer import ShiftedWindowAttention

    theirs = ShiftedWindowAttention(8, [7, 7], [0, 0], 2).relative_position_index
    _, found = kept(tmp_path, "{relative_position_index: 7, flat: true, persistent: true}")
    assert torch.equal(found, theirs)
    assert torch.equal(kept(tmp_path, "{relative_position_index: 7}")[1].flatten(), theirs)
    assert kept(tmp_path, "{relative_position_index: [2, 3]}")[1].unique().tolist() == list(range(3 * 5))


def test_the_relative_positions_in_space_and_time_are_video_swins(tmp_path: Path) -> None:
    from torchvision.models.video.swin_transformer import ShiftedWindowAttention3d

    theirs = ShiftedWindowAttention3d(8, [4, 3, 2], [0, 0, 0], 2).relative_position_index
    assert torch.equal(kept(tmp_path, "{relative_position_index: [4, 3, 2]}")[1], theirs)


@pytest.mark.parametrize("window", [[8, 8], [2, 5]])
def test_the_log_spaced_coordinates_are_swin_v2s(window: list[int], tmp_path: Path) -> None:
    from torchvision.models.swin_transformer import ShiftedWindowAttentionV2

    theirs = ShiftedWindowAttentionV2(8, window, [0, 0], 2).relative_coords_table
    assert torch.equal(kept(tmp_path, f"{{log_spaced_coordinates: {window}, persistent: true}}")[1], theirs)


@pytest.mark.parametrize(
    ("size", "window", "shift"),
    [([8, 12, 6], [4, 3, 2], [2, 1, 1]), ([4, 9, 6], [4, 3, 2], [0, 1, 0]), ([6, 6, 6], [3, 3, 3], [1, 2, 1])],
)
def test_the_mask_of_shifted_windows_is_video_swins(
    size: list[int], window: list[int], shift: list[int], tmp_path: Path
) -> None:
    from torchvision.models.video.swin_transformer import _compute_attention_mask_3d

    theirs = _compute_attention_mask_3d(torch.zeros(1), tuple(size), tuple(window), tuple(shift))
    _, found = kept(tmp_path, f"{{shifted_window_mask: {size}, window: {window}, shift: {shift}}}")
    assert torch.equal(found, theirs)
    assert len(found.unique()) == 2


@pytest.mark.parametrize(
    ("call", "code"),
    [
        ("{shifted_window_mask: [8, 8], window: [4], shift: [2, 2]}", "rank"),
        ("{shifted_window_mask: [8, 9], window: [4, 4], shift: [2, 2]}", "window"),
        ("{shifted_window_mask: [8, 8], window: [4, 4], shift: [2, 4]}", "window"),
        ("{log_spaced_coordinates: [8, 1]}", "window"),
    ],
)
def test_windows_that_cannot_be(call: str, code: str, tmp_path: Path) -> None:
    with pytest.raises(archspec.SpecError) as caught:
        kept(tmp_path, call)
    assert [each.code for each in caught.value.diagnostics] == [code]


@pytest.mark.parametrize("call", ["positions", "causal_mask", "{causal_mask: , additive: true}"])
def test_as_long_as_another_value(call: str, tmp_path: Path) -> None:
    inner = call.strip("{}") if "{" in call else f"{call}: "
    path = tmp_path / "net.yaml"
    path.write_text(
        f"{HEAD.replace('6', 'T')}  same: {{linear: 8}}\n  constant: {{{inner}, from: same}}\n"
        "output: {a: same, b: constant}\n"
    )
    module, graph = archspec.load(path), archspec.read(path).graph
    for length in (3, 6):
        ours = module(torch.randn(2, length, 8)).b
        short = inner.replace(": ", f": {length}", 1)
        assert torch.equal(ours, kept(tmp_path, f"{{{short}}}")[1])
    assert str(graph.nodes["constant"].shapes[0][0]) == "T"


@pytest.mark.parametrize("name", ["positions", "causal_mask"])
def test_a_length_is_needed_once(name: str) -> None:
    for op, inputs in ((make(name), ()), (make(name, length=3), ((4, 4),))):
        with pytest.raises(OpError, match="needs `length`"):
            op.infer(*inputs)


@pytest.mark.parametrize(("width", "length"), [(8, 5), (6, 1), (512, 20)])
def test_the_sinusoid_is_the_papers(width: int, length: int, tmp_path: Path) -> None:
    _, found = kept(tmp_path, f"{{sinusoid: {width}, length: {length}}}")
    for position in range(length):
        for i in range(width // 2):
            angle = position / 10000 ** (2 * i / width)
            wanted = torch.tensor([math.sin(angle), math.cos(angle)])
            torch.testing.assert_close(found[position, 2 * i : 2 * i + 2], wanted, atol=1e-5, rtol=0)


@pytest.mark.parametrize("layout", ["interleaved", "sin_cos", "cos_sin"])
@pytest.mark.parametrize("shift", [0, 1])
def test_the_sinusoid_of_numbers_is_a_row_of_the_table(layout: str, shift: int) -> None:
    op = make("sinusoid", width=8, layout=layout, shift=shift)
    module = realise(op, Carried((), dtype="int64"))
    table = module(torch.arange(9))
    assert op.infer(Carried((), dtype="int64")) == ((8,),)
    half = torch.exp(-math.log(10000) * torch.arange(4) / (4 - shift))
    sin, cos = (torch.arange(9).unsqueeze(1) * half).sin(), (torch.arange(9).unsqueeze(1) * half).cos()
    pairs = {"interleaved": torch.stack((sin, cos), 2).flatten(1), "sin_cos": torch.cat((sin, cos), 1)}
    assert torch.equal(table, pairs.get(layout, torch.cat((cos, sin), 1)))


@pytest.mark.parametrize("fields", [{"width": 7}, {"width": 2, "shift": 1}])
def test_a_sinusoid_that_cannot_be(fields: dict[str, Any]) -> None:
    with pytest.raises(OpError, match="a sine and a cosine"):
        make("sinusoid", length=3, **fields).infer()


def turned(x: torch.Tensor, positions: list[int], base: float, interleaved: bool) -> torch.Tensor:
    """Each pair as a complex number times e^(i·angle), pair by pair."""
    found, size = x.clone(), x.shape[-1]
    for row, position in enumerate(positions):
        for i in range(size // 2):
            one, other = (2 * i, 2 * i + 1) if interleaved else (i, i + size // 2)
            angle = position / base ** (2 * i / size)
            number = torch.complex(x[..., row, one], x[..., row, other]) * complex(math.cos(angle), math.sin(angle))
            found[..., row, one], found[..., row, other] = number.real, number.imag
    return found


@settings(max_examples=40, deadline=None)
@given(st.booleans(), st.integers(1, 5), st.sampled_from([2, 4, 8]), st.sampled_from([100.0, 10000.0]), st.booleans())
def test_rotary(interleaved: bool, length: int, features: int, base: float, heads: bool) -> None:
    shape = (3, length, features) if heads else (length, features)
    op, x = make("rotary", base=base, interleaved=interleaved), torch.randn(2, *shape)
    assert op.infer(shape) == (shape,)
    found = realise(op, shape)(x)
    torch.testing.assert_close(found, turned(x, list(range(length)), base, interleaved), atol=1e-5, rtol=1e-4)
    places = torch.randint(0, 50, (2, length))
    each = Carried((length,), dtype="int64")
    assert op.infer(shape, each) == (shape,)
    by_example = realise(op, shape, each)(x, places)
    together = realise(op, shape, shape_of((length,), "int64"))(x, places[0])
    assert torch.equal(by_example[0], together[0])
    torch.testing.assert_close(by_example[1], turned(x, places[1].tolist(), base, interleaved)[1], atol=1e-4, rtol=1e-3)


def test_rotary_turns_a_part_of_the_features() -> None:
    op, x = make("rotary", features=4), torch.randn(2, 5, 10)
    found = realise(op, (5, 10))(x)
    assert torch.equal(found[..., 4:], x[..., 4:])
    assert torch.equal(found[..., :4], realise(make("rotary"), (5, 4))(x[..., :4]))
    with pytest.raises(OpError, match="turns pairs"):
        make("rotary", features=3).infer((5, 10))
    assert op.infer((symbol("T"), 10)) == ((symbol("T"), 10),)


def test_distances_have_no_direction_and_may_be_strided(tmp_path: Path) -> None:
    """Held against the definition (Graham et al. 2021), place by place."""
    places = [(row, column) for row in range(4) for column in range(6)]
    looking = [(row, column) for row, column in places if row % 2 == 0 and column % 2 == 0]
    expected = [[abs(r - y) * 6 + abs(c - x) for y, x in places] for r, c in looking]
    _, found = kept(tmp_path, "{relative_position_index: [4, 6], distances: true, stride: 2}")
    assert found.tolist() == expected


def test_a_class_token_has_numbers_of_its_own(tmp_path: Path) -> None:
    _, found = kept(tmp_path, "{relative_position_index: [2, 3], class_token: true}")
    assert torch.equal(found[1:, 1:], kept(tmp_path, "{relative_position_index: [2, 3]}")[1])
    assert int(found[0, 0]) == 17
    assert (set(found[0, 1:].tolist()), set(found[1:, 0].tolist())) == ({15}, {16})


def test_a_shifted_map_masks_what_was_apart(tmp_path: Path) -> None:
    """Held against the regions of the map itself: places of one window that are of two regions were no neighbours."""
    _, found = kept(tmp_path, "{shifted_window_mask: [4, 9], window: [2, 3], shift: [1, 2], value: -7.0}")
    region = torch.zeros(4, 9)
    for number, (rows, columns) in enumerate(
        (rows, columns)
        for rows in (slice(0, 2), slice(2, 3), slice(3, 4))
        for columns in (slice(0, 6), slice(6, 7), slice(7, 9))
    ):
        region[rows, columns] = number
    windows = [region[r : r + 2, c : c + 3].flatten() for r in (0, 2) for c in (0, 3, 6)]
    expected = torch.stack([(each.unsqueeze(0) != each.unsqueeze(1)) * -7.0 for each in windows])
    assert torch.equal(found, expected)
