"""A run's folder from somewhere else: whatever stands in it, it is read, or told what is wrong with it."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

import archspec
from archspec.api.run_folder import Run as Folder
from archspec.training.run import train
from archspec.training.use.reopen import reopen

from .conftest import Run
from .test_resuming import broken_at

DEEP: Any = []
for _ in range(500):
    DEEP = [DEEP]
VALUES: list[Any] = [None, True, -1, 1e300, "", "x", "\0", "..", "a" * 5000, [], [1], {}, {"a": {}}, {"a": DEEP}, DEEP]


@pytest.fixture
def done(run: Run, place: Path) -> Path:
    """The folder of a finished run."""
    assert run("train", "small.yaml", "--set", "epochs=1").code == 0
    return place / "runs/small"


def paths(tree: Any, here: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The way to every value of a record, but into its results."""
    for key, value in tree.items() if isinstance(tree, dict) else ():
        if key not in ("results", "items_by_class"):
            yield (*here, key)
            yield from paths(value, (*here, key))


def changed(record: dict[str, Any], path: tuple[str, ...], value: Any) -> dict[str, Any]:
    copy: dict[str, Any] = json.loads(json.dumps(record))
    place = copy
    for key in path[:-1]:
        place = place[key]
    if value is KeyError:
        del place[path[-1]]
    else:
        place[path[-1]] = value
    return copy


def told(act: Callable[[], object]) -> str:
    """What is said of a folder; nothing where all is fine. Anything but a message is a failure."""
    try:
        act()
    except archspec.SpecError as error:
        return str(error)
    return ""


def test_a_record_with_any_value_changed_is_read_or_told(done: Path) -> None:
    record = json.loads((done / "run.json").read_text())
    outcomes = []
    for path in paths(record):
        for value in (KeyError, *VALUES):
            (done / "run.json").write_text(json.dumps(changed(record, path, value)))
            said = told(lambda: archspec.load(done)) + told(lambda: reopen(done))
            assert "Error:" not in said and "msgspec" not in said and "pydantic" not in said
            outcomes.append(bool(said))
    assert len(outcomes) > 300 and sum(outcomes) > 100 and not all(outcomes)


@pytest.mark.parametrize(
    "text", ["", "{", "null", "[]", '{"schema": 2}', '{"schema": 1}', "[" * 100_000, '{"a":' * 9999, "\udcff"]
)
def test_a_record_that_is_none(text: str, done: Path) -> None:
    (done / "run.json").write_bytes(text.encode("utf-8", "surrogateescape"))
    assert told(lambda: archspec.load(done)).startswith("error[run-unreadable]")
    assert told(lambda: train.prepare_again(str(done), {}, None, None, train.Listener())).startswith("error[run-unread")


@pytest.mark.parametrize(
    "lead", ["../../secret.yaml", "spec/../../../secret.yaml", "{place}/secret.yaml", "spec/link.yaml"]
)
def test_a_spec_outside_of_the_folder_is_neither_read_nor_quoted(lead: str, done: Path, place: Path) -> None:
    (place / "secret.yaml").write_text("password: hunter2\n")
    (done / "spec/link.yaml").symlink_to(place / "secret.yaml")
    record = json.loads((done / "run.json").read_text())
    (done / "run.json").write_text(json.dumps({**record, "spec": lead.format(place=place)}))
    for act in (archspec.load, reopen, lambda each: train.prepare_again(str(each), {}, None, None, train.Listener())):
        said = told(lambda act=act: act(done))  # type: ignore[misc]
        assert "hunter2" not in said and "password" not in said
        assert said.startswith(("error[run-unreadable]", "error[run-finished]"))


def test_settings_named_as_the_arguments_of_a_function(done: Path) -> None:
    record = json.loads((done / "run.json").read_text())
    for name in ("spec", "variant", "self", "document"):
        (done / "run.json").write_text(json.dumps({**record, "settings": {**record["settings"], name: "x"}}))
        assert "error[unknown-setting]" in told(lambda: archspec.load(done))


@pytest.mark.parametrize("names", [[], ["three"], ["a", "b", "c"]])
def test_classes_that_are_not_the_networks(names: list[str], done: Path) -> None:
    record = json.loads((done / "run.json").read_text())
    (done / "run.json").write_text(json.dumps(changed(record, ("data", "classes"), names)))
    assert ("classes of its network" in told(lambda: reopen(done))) == bool(names)


def test_trained_weights_that_are_no_numbers(run: Run, done: Path) -> None:
    state = load_file(done / "weights.safetensors")
    save_file(
        {name: each * torch.nan if each.is_floating_point() else each for name, each in state.items()},
        done / "weights.safetensors",
    )
    for command in (("evaluate", done), ("predict", done, "digits/three/00.png")):
        outcome = run(*command)
        assert outcome.code == 1 and outcome.err.startswith("error[weights-not-finite]")


def foreign(kind: str, path: Path) -> None:
    """Put something else in the place of a checkpoint."""
    content = torch.load(path, weights_only=True)
    if kind == "cut":
        path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    elif kind == "empty":
        path.write_bytes(b"")
    elif kind == "text":
        path.write_text("not a checkpoint")
    elif kind == "module":
        torch.save(torch.nn.Linear(2, 2), path)
    elif kind == "folder":
        path.unlink()
        path.mkdir()
    else:
        torch.save(CHANGES[kind](content), path)


def without(content: dict[str, Any], *keys: str) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in keys}


def with_state(content: dict[str, Any], **values: Any) -> dict[str, Any]:
    return {**content, "archspec": {**content["archspec"], **values}}


def with_tensor(content: dict[str, Any], change: Callable[[torch.Tensor], Any]) -> dict[str, Any]:
    name = "network.head.weight"
    return {**content, "state_dict": {**content["state_dict"], name: change(content["state_dict"][name])}}


CHANGES: dict[str, Callable[[dict[str, Any]], Any]] = {
    "a list": lambda content: [1],
    "of Lightning": lambda content: without(content, "archspec"),
    "no weights": lambda content: without(content, "state_dict"),
    "no callbacks": lambda content: without(content, "callbacks"),
    "no loops": lambda content: without(content, "loops"),
    "no optimizer": lambda content: without(content, "optimizer_states"),
    "another optimizer": lambda content: {**content, "optimizer_states": [{"state": {}, "param_groups": []}]},
    "optimizer of text": lambda content: {**content, "optimizer_states": "x"},
    "loops of text": lambda content: {**content, "loops": "x"},
    "callbacks of text": lambda content: {**content, "callbacks": "x"},
    "hostile callbacks": lambda content: {**content, "callbacks": {key: {"x": 1} for key in content["callbacks"]}},
    "no version": lambda content: without(content, "pytorch-lightning_version"),
    "phase 9": lambda content: with_state(content, phase=9),
    "phase x": lambda content: with_state(content, phase="x"),
    "negative": lambda content: with_state(content, begun=-1),
    "history": lambda content: with_state(content, history=[[1]]),
    "another shape": lambda content: with_tensor(content, lambda each: each[:1]),
    "sparse": lambda content: with_tensor(content, lambda each: each.to_sparse()),
    "meta": lambda content: with_tensor(content, lambda each: each.to("meta")),
    "no tensor": lambda content: with_tensor(content, lambda each: "x"),
    "more": lambda content: {**content, "state_dict": {**content["state_dict"], "network.more": torch.zeros(1)}},
}


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("kind", ["cut", "empty", "text", "module", "folder", *CHANGES])
def test_a_checkpoint_that_is_not_the_runs_own_is_told(
    kind: str, run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with broken_at(6):
        run("train", "small.yaml", "--set", "checkpoint.steps=1")
    foreign(kind, last := Folder(Path("runs/small")).last)
    monkeypatch.delenv("ARCHSPEC_TRACEBACK")
    outcome = run("train", "runs/small", "--resume")
    assert outcome.code == 1, outcome.err
    assert "last.ckpt" in outcome.err and "error" in outcome.err
    assert "internal" not in outcome.err and "weights_only" not in outcome.err and "\x1b" not in outcome.err
    shutil.rmtree(last.parent)
    assert run("train", "runs/small", "--resume").code == 0
