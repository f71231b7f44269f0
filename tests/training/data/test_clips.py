"""Clips: folders of frames and videos, in the order of dimensions and the number of frames that a network takes."""

from __future__ import annotations

from pathlib import Path

import av
import numpy as np
import pytest
import torch

import archspec
from archspec.graph.model import Graph
from archspec.language.diagnostics import SpecError
from archspec.training.data import held_against
from archspec.training.data.sources.clips import Choice
from tests.training.data.recipes import net, opened
from tests.training.digits import digits, moving, write_clips

TEXT = "clips: {{root: {root}{more}}}\nbatch_size: 2\nvalidation: 0.25"


@pytest.fixture(scope="module")
def clips(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_clips(tmp_path_factory.mktemp("clips"))


def write_video(path: Path, frames: int, rate: int = 10) -> None:
    with av.open(str(path), "w") as container:
        stream = container.add_stream("mpeg4", rate=rate)
        stream.width, stream.height, stream.pix_fmt = 28, 28, "yuv420p"
        for image in moving(0, frames):
            frame = av.VideoFrame.from_ndarray(np.repeat(image[..., None], 3, 2), format="rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


@pytest.mark.parametrize(
    ("shape", "given"),
    [
        ("[3, 8, 28, 28]", (2, 3, 8, 28, 28)),
        ("[8, 3, 28, 28]", (2, 8, 3, 28, 28)),
        ("[1, 8, 16, 16]", (2, 1, 8, 16, 16)),
        ("[12, 1, 28, 28]", (2, 12, 1, 28, 28)),
    ],
)
def test_clips_come_as_the_spec_takes_them(clips: Path, tmp_path: Path, shape: str, given: tuple[int, ...]) -> None:
    graph = net(tmp_path, shape)
    data = opened(TEXT.format(root=clips, more=""), graph)
    assert held_against(data, graph) == []
    (images,), _ = next(iter(data.train_dataloader()))
    assert (images.shape, images.dtype, type(images)) == (given, torch.float32, torch.Tensor)
    assert 0 <= images.min() < images.max() <= 1
    assert data.classes == ("seven", "three")


def test_any_number_of_frames_is_all_of_them(clips: Path, tmp_path: Path) -> None:
    graph = sequence(tmp_path)
    (images,), _ = next(iter(opened(TEXT.format(root=clips, more=""), graph).train_dataloader()))
    assert images.shape == (2, 12, 1, 28, 28)
    (images,), _ = next(iter(opened(TEXT.format(root=clips, more=", frames: 5"), graph).train_dataloader()))
    assert images.shape == (2, 5, 1, 28, 28)


def sequence(folder: Path) -> Graph:
    path = folder / "sequence.yaml"
    path.write_text(
        "archspec: 1\nname: sequence\ninput: [T, 1, 28, 28]\n"
        "graph: [{flatten: , start_dim: 2}, {mean: 1}, {linear: 2}]\n"
    )
    return archspec.read(path).graph


def test_clips_of_several_lengths_are_told_of(tmp_path: Path) -> None:
    root = write_clips(tmp_path / "clips", each=3)
    write_clips(tmp_path / "more", each=1, frames=9)
    for name in ("three", "seven"):
        (tmp_path / "more" / name / "0").rename(root / name / "9")
    graph = sequence(tmp_path)
    problems = held_against(opened(TEXT.format(root=root, more=""), graph), graph)
    assert problems[0].message == "`clips` gives images of several sizes"
    assert problems[0].help == "say how many frames are taken of each clip: `frames: 16`"
    assert held_against(opened(TEXT.format(root=root, more=", frames: 9"), graph), graph) == []


def test_frames_come_in_the_order_of_their_numbers(clips: Path, tmp_path: Path) -> None:
    plain = "\ntransforms: {train: [{to_dtype: float32, scale: true}]}"
    data = opened(TEXT.format(root=clips, more="") + plain, net(tmp_path, "[12, 1, 28, 28]"))
    part = data.parts["train"]
    (clip,), label = part[0]
    first = int(np.flatnonzero(digits()[1] == {"seven": 7, "three": 3}[data.classes[label]])[part.chosen[0] % 4])
    assert torch.equal((clip * 255).round().to(torch.uint8).squeeze(1), torch.tensor(np.stack(moving(first, 12))))


def test_steps_begin_by_chance_in_training_alone(clips: Path, tmp_path: Path) -> None:
    data = opened(TEXT.format(root=clips, more=", step: 2"), net(tmp_path, "[4, 1, 28, 28]"), seed=1)
    loader = data.train_dataloader()

    def passed(epoch: int) -> list[torch.Tensor]:
        loader.sampler.set_epoch(epoch)
        return sorted((clip for (clips,), _ in loader for clip in clips), key=lambda clip: clip.sum().item())

    assert all(map(torch.equal, passed(0), passed(0)))
    assert not all(map(torch.equal, passed(0), passed(1)))
    (validated, *_), (again, *_) = (list(data.loader("validation")) for _ in range(2))
    assert torch.equal(validated[0][0], again[0][0])
    assert [Choice(4, 2, by_chance=False)(12)] == [[2, 4, 6, 8]]


def test_short_clips_are_listed(tmp_path: Path) -> None:
    root = write_clips(tmp_path / "clips", each=3, frames=4)
    (root / "three" / "1" / "frame_3.png").unlink()
    graph = net(tmp_path, "[1, 4, 28, 28]")
    (problem,) = held_against(opened(TEXT.format(root=root, more=""), graph), graph)
    assert str(problem).splitlines()[0] == "error[data-frames]: 1 clip has too few frames"
    assert (problem.expected, problem.found) == ("4 at least", f"`{root / 'three' / '1'}`: 3 frames")
    assert held_against(opened(TEXT.format(root=root, more=", loop: true"), graph), graph) == []


def test_videos_are_clips(tmp_path: Path) -> None:
    root = tmp_path / "videos"
    for name in ("slow", "fast"):
        (root / name).mkdir(parents=True)
        for number in range(4):
            write_video(root / name / f"{number}.mp4", 6 + number)
    graph = net(tmp_path, "[3, 6, 28, 28]")
    data = opened(TEXT.format(root=root, more=""), graph)
    assert held_against(data, graph) == []
    (images,), _ = next(iter(data.train_dataloader()))
    assert images.shape == (2, 3, 6, 28, 28)
    short = net(tmp_path, "[3, 7, 28, 28]")
    problems = held_against(opened(TEXT.format(root=root, more=""), short), short)
    assert {(problem.code, problem.found) for problem in problems} == {("data-frames", "6 frames, and 7 are needed")}
    assert len(problems) == 2


def test_a_broken_video_is_named(tmp_path: Path) -> None:
    root = tmp_path / "videos"
    for name in ("slow", "fast"):
        (root / name).mkdir(parents=True)
        for number in range(4):
            write_video(root / name / f"{number}.mp4", 6)
    (root / "slow" / "2.mp4").write_bytes(b"no video")
    graph = net(tmp_path, "[3, 6, 28, 28]")
    (problem, *_) = held_against(opened(TEXT.format(root=root, more=""), graph), graph)
    assert problem.found == f"`{root / 'slow' / '2.mp4'}`: invalid data found when processing input"


def test_no_clips(tmp_path: Path) -> None:
    (tmp_path / "wave").mkdir()
    with pytest.raises(SpecError, match="there are no clips in the folders of"):
        opened(TEXT.format(root=tmp_path, more=""), net(tmp_path, "[1, 4, 28, 28]"))
