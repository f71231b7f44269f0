"""A finished run used: measured on data, asked what is in images, and reported on."""

from __future__ import annotations

import json
import re
import shutil
from base64 import b64decode
from collections.abc import Iterator
from html.parser import HTMLParser
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image
from safetensors.torch import save_file
from torchvision.models import detection
from typer.testing import CliRunner

import archspec
from archspec.api.run_folder import Run as RunFolder
from archspec.api.run_folder import record_text
from archspec.cli.app import application
from archspec.language.source import Source
from archspec.training.data import read_image
from archspec.training.recipe.recipe import parse_recipe
from archspec.training.report.page import duration
from archspec.training.run.network import open_architecture
from archspec.training.run.run_files import write_beginnings
from archspec.training.use.predict import _stacks

from .conftest import NET, RECIPE, Run
from .digits import write_folders


@pytest.fixture(scope="module")
def finished(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a finished run, its recipe, its spec and its data."""
    place = tmp_path_factory.mktemp("finished")
    (place / "net.yaml").write_text(NET)
    (place / "small.yaml").write_text(RECIPE)
    write_folders(place / "digits", each=24, mode="RGB")
    words = ["train", place / "small.yaml", "--data", place / "digits", "--out", place / "runs/small"]
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("ARCHSPEC_RUN", raising=False)
        done = CliRunner().invoke(application(), [*map(str, words)], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    assert done.stdout.splitlines()[-1] == f"wrote {place / 'runs/small/report.html'}"
    return place


@pytest.fixture
def at(finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """A copy of that folder, worked in."""
    place = shutil.copytree(finished, tmp_path / "place")
    monkeypatch.chdir(place)
    monkeypatch.setenv("ARCHSPEC_TRACEBACK", "1")
    yield place


@pytest.fixture
def use(at: Path) -> Run:
    """Run the command line in that copy."""

    def use(*arguments: object) -> Any:
        result = CliRunner().invoke(application(), [str(argument) for argument in arguments], catch_exceptions=False)
        return SimpleNamespace(code=result.exit_code, out=result.stdout, err=result.stderr)

    return use


def record(at: Path) -> Any:
    return json.loads((at / "runs/small/run.json").read_text())


def probabilities(at: Path, image: Path) -> torch.Tensor:
    """What the trained network says, by nothing of the code that predicts but the pixels and the recipe's words."""
    pixels = torch.from_numpy(np.array(Image.open(image))).permute(2, 0, 1).float() / 255
    from torchvision.transforms.v2 import functional

    assert record(at)["data"]["transforms"]["validation"] == [
        "resize(size=14)", "center_crop(size=[12, 12])", "to_dtype(dtype=float32, scale=true)",
    ]  # fmt: skip
    whole = functional.resize((pixels * 255).to(torch.uint8), 14)
    fitted = functional.center_crop(whole, [12, 12]).float() / 255
    network = archspec.load(at / "runs/small").eval()
    with torch.inference_mode():
        return network(fitted[None]).softmax(1)[0]


# evaluate


def test_it_measures_what_was_held_out_as_training_did(use: Run, at: Path) -> None:
    done = use("evaluate", "runs/small", "--json")
    assert (done.code, done.err) == (0, "")
    told = json.loads(done.out)
    assert told["data"] == {"source": "image_folder", "root": record(at)["data"]["root"]}
    assert told["run"] == "runs/small"
    assert told["results"] == record(at)["results"]
    assert list(told["results"]) == ["validation"]


def test_it_tells_measures_and_classes(use: Run, at: Path) -> None:
    done = use("evaluate", "runs/small")
    result = record(at)["results"]["validation"]
    first, empty, measures, head, *rest = done.out.splitlines()
    assert first == f"Net of runs/small on image_folder in {record(at)['data']['root']}"
    assert measures == f"validation: loss {result['loss']:.4g}, accuracy {result['accuracy']:.1%} on 12"
    assert (empty, head.split()) == ("", ["class", "items", "precision", "recall", "F1"])
    for line, (name, told) in zip(rest, sorted(result["classes"].items())):
        assert line.split() == [name, "6", *(f"{told[key]:.1%}" for key in ("precision", "recall", "f1"))]


def test_other_data_is_measured_whole(use: Run, at: Path) -> None:
    write_folders(at / "other", each=7, mode="RGB")
    done = use("evaluate", "runs/small", "--data", "other")
    assert done.out.splitlines()[2].startswith("all of it: loss ")
    assert done.out.splitlines()[2].endswith(" on 14")


def test_other_data_in_splits_is_measured_by_those_not_for_training(use: Run, at: Path) -> None:
    write_folders(at / "other/train", each=3, mode="RGB")
    write_folders(at / "other/test", each=5, mode="RGB")
    results = json.loads(use("evaluate", "runs/small", "--data", "other", "--json").out)["results"]
    assert {split: result["items"] for split, result in results.items()} == {"test": 10}


def test_a_part_can_be_named(use: Run, at: Path) -> None:
    results = json.loads(use("evaluate", "runs/small", "--split", "train", "--json").out)["results"]
    assert {split: result["items"] for split, result in results.items()} == {"train": 36}


def test_classes_are_matched_by_name(use: Run, at: Path) -> None:
    """The run's classes are seven and three, in this order; a folder of threes alone has but one, of number 0."""
    assert record(at)["data"]["classes"] == ["seven", "three"]
    write_folders(at / "threes", classes=(3,), each=10, mode="RGB")
    whole = json.loads(use("evaluate", "runs/small", "--data", "threes", "--json").out)["results"]["train"]
    right = sum(probabilities(at, image).argmax() == 1 for image in (at / "threes/three").iterdir())
    assert whole["confusion"] == [[0, 0], [10 - int(right), int(right)]]
    assert whole["accuracy"] == pytest.approx(int(right) / 10)


def test_classes_that_were_not_trained_on(use: Run, at: Path) -> None:
    write_folders(at / "other", classes=(3, 8), each=3, mode="RGB")
    done = use("evaluate", "runs/small", "--data", "other")
    assert (done.code, done.out) == (1, "")
    assert done.err.strip() == (
        "error[data-classes]: the data has classes that `runs/small` was not trained on\n"
        "  = expected: `seven`, `three`\n"
        "  = found: `eight`"
    )


def test_data_of_another_kind_is_measured_alike(use: Run, at: Path) -> None:
    """The images that were trained on, listed in a table; of which a class less is no fault."""
    own = json.loads(use("evaluate", "runs/small", "--data", at / "digits", "--source", "image_folder", "--json").out)
    rows = [f"{path.relative_to(at / 'digits')},{path.parent.name}" for path in sorted((at / "digits").glob("*/*.png"))]
    (at / "digits/table.csv").write_text("\n".join(["file,digit", *rows]) + "\n")
    table = "csv: {file: table.csv, path: file, label: digit}"
    other = json.loads(use("evaluate", "runs/small", "--data", "digits", "--source", table, "--json").out)
    assert other["data"]["source"] == "csv"
    assert other["results"] == own["results"]
    assert other["results"]["train"]["items"] == 48


@pytest.mark.parametrize(
    ("source", "told"),
    [
        ("image_folders", "error[unknown-name]: there is no source `image_folders`"),
        ("{csv: {fil: a.csv}}", "error[unknown-key]: `csv` has no key `fil`"),
        (
            "coco_detection",
            "error[data-inputs]: `coco_detection` is for detection, which is not the task of `runs/small`",
        ),
        ("mnist: {download: false}", "error[data-missing]: `mnist` is not in `digits`"),
        ("clips", "error[data-missing]: there are no clips in the folders of `digits`"),
        ("[1", "error[yaml-syntax]: this `[` is never closed"),
    ],
)
def test_what_is_no_source_of_such_data(source: str, told: str, use: Run, at: Path) -> None:
    done = use("evaluate", "runs/small", "--data", "digits", "--source", source)
    assert (done.code, done.out, done.err.splitlines()[0]) == (1, "", told)


def test_data_that_lies_otherwise_is_told_how_to_name(use: Run, at: Path) -> None:
    (at / "flat").mkdir()
    done = use("evaluate", "runs/small", "--data", "flat")
    assert done.code == 1
    assert "  = help: if it is data of another kind, name that: `--source csv`" in done.err.splitlines()


def test_a_part_that_there_is_not(use: Run, at: Path) -> None:
    done = use("evaluate", "runs/small", "--split", "test")
    assert done.code == 1
    assert done.err.strip() == (
        "error[data-split]: the data has no items for `test`\n  = found: `validation`: 12, `train`: 36"
    )


@pytest.mark.parametrize("command", [["evaluate", "{}"], ["predict", "{}", "digits/three/00.png"]])
def test_what_is_no_finished_run(use: Run, at: Path, command: list[str]) -> None:
    def told(folder: str) -> str:
        done = use(*(word.format(folder) for word in command))
        assert (done.code, done.out) == (1, "")
        return done.err.strip()

    assert told("runs/smal") == "error[no-run]: there is no folder `runs/smal`\n  = help: did you mean `small`?"
    assert told("digits") == ("error[no-run]: `digits` holds no run\n  = expected: a folder with `run.json` in it")
    (at / "runs/small/weights.safetensors").unlink()
    assert told("runs/small") == (
        "error[run-unfinished]: `runs/small` has no trained weights yet\n"
        "  = help: finish training: `archspec train runs/small --resume`"
    )


# predict


def test_it_says_class_and_probability(use: Run, at: Path) -> None:
    images = sorted((at / "digits/three").iterdir())[:3]
    done = use("predict", "runs/small", *(image.relative_to(at) for image in images), "--top", 2)
    lines = []
    for image in images:
        values, numbers = probabilities(at, image).sort(descending=True)
        told = (f"{('seven', 'three')[number]} {value:>6.1%}" for value, number in zip(values, numbers))
        lines.append(f"digits/three/{image.name}  {'  '.join(told)}")
    assert (done.code, done.err, done.out.splitlines()) == (0, "", lines)


def test_a_folder_stands_for_the_images_in_it(use: Run, at: Path) -> None:
    told = json.loads(use("predict", "runs/small", "digits", "--json").out)["predictions"]
    assert [each["image"] for each in told] == [
        str(path.relative_to(at)) for name in ("seven", "three") for path in sorted((at / "digits" / name).iterdir())
    ]
    assert {len(each["classes"]) for each in told} == {1}


def test_what_cannot_be_read_is_told_and_the_rest_is_predicted(use: Run, at: Path) -> None:
    (at / "torn.png").write_bytes((at / "digits/three/00.png").read_bytes()[:100])
    done = use("predict", "runs/small", "torn.png", "digits/three/00.png", "nowhere.png", "net.yaml")
    assert done.code == 1
    assert [line.split()[0] for line in done.out.splitlines()] == ["digits/three/00.png"]
    assert [line for line in done.err.splitlines() if line.startswith("error")] == [
        "error[data-unreadable]: `torn.png` cannot be read",
        "error[data-unreadable]: `nowhere.png` cannot be read",
        "error[data-unreadable]: `net.yaml` cannot be read",
    ]
    told = json.loads(use("predict", "runs/small", "torn.png", "digits/three/00.png", "--json").out)
    assert [each["image"] for each in told["predictions"]] == ["digits/three/00.png"]
    assert [each["message"] for each in told["diagnostics"]] == ["`torn.png` cannot be read"]


def test_an_image_that_the_transforms_do_not_fit(use: Run, at: Path) -> None:
    recipe = at / "runs/small/recipe.yaml"
    recipe.write_text(recipe.read_text().replace("  batch_size", "  transforms: {eval: [to_image]}\n  batch_size"))
    done = use("predict", "runs/small", "digits/three/00.png")
    assert (done.code, done.err.strip()) == (
        1,
        "error[data-shape]: `digits/three/00.png` comes out of the transforms in a shape that the network does not take"
        "\n"
        "  = expected: 3×12×12\n"
        "  = found: 3×28×28\n"
        "  = help: bring it to the size of what was trained on",
    )


def test_images_of_one_size_go_through_together() -> None:
    images = [torch.full((1, size, 2), float(number)) for number, size in enumerate([2, 2, 3, 2])]
    assert [tuple(stack.shape) for stack in _stacks(images)] == [(2, 1, 2, 2), (1, 1, 3, 2), (1, 1, 2, 2)]
    assert list(_stacks([])) == []


def test_a_detector_draws_what_it_finds(place: Path, run: Run) -> None:
    """As torchvision's own detector of the same weights finds it."""
    name = "fasterrcnn_mobilenet_v3_large_320_fpn"
    torch.manual_seed(0)
    peer = getattr(detection, name)(weights=None, weights_backbone=None, num_classes=3).eval()
    noise = np.random.default_rng(0).integers(0, 255, (96, 128, 3), dtype=np.uint8)
    Image.fromarray(noise).save(place / "street.png")
    (place / "b").mkdir()
    shutil.copy(place / "street.png", place / "b/street.png")
    folder = a_detectors_run(place, name, peer)
    with torch.inference_mode():
        (found,) = peer([read_image(place / "street.png", 3).float() / 255])
    least = float(found["scores"][3])
    words = ["street.png", "b/street.png", "nowhere.png"]
    done = run("predict", folder, *words, "--score", least, "--json")
    assert done.code == 1
    first, second = json.loads(done.out)["predictions"]
    assert (first["image"], second["image"]) == ("street.png", "b/street.png")
    assert first["objects"] == second["objects"]
    assert len(first["objects"]) == int((found["scores"] >= least).sum()) >= 4
    for each, box, label, score in zip(first["objects"], found["boxes"], found["labels"], found["scores"]):
        assert each["class"] == ("background", "cat", "dog")[int(label)]
        assert each["box"] == pytest.approx(box.tolist(), abs=1e-3)
        assert each["score"] == pytest.approx(float(score), abs=1e-5)
    assert (first["drawn"], second["drawn"]) == (
        "runs/found/predictions/street.png",
        "runs/found/predictions/street-2.png",
    )
    picture = np.array(Image.open(place / first["drawn"]))
    larger = noise.repeat(3, 0).repeat(3, 1)
    assert picture.shape == larger.shape, "so that what is written there can be read"
    assert 0 < (picture != larger).any(2).mean() < 1


def test_a_detectors_words_and_files_of_others(place: Path, run: Run) -> None:
    name = "fasterrcnn_mobilenet_v3_large_320_fpn"
    folder = a_detectors_run(place, name, archspec.load(name, num_classes=3))
    Image.new("RGB", (64, 64)).save(place / "street.png")
    done = run("predict", folder, "street.png", "--score", 1, "--out", "drawn")
    assert (done.code, done.out) == (0, "street.png  nothing: drawn/street.png\n")
    Image.new("RGB", (8, 8)).save(place / "drawn/street.png")
    refused = run("predict", folder, "street.png", "--score", 1, "--out", "drawn")
    assert (refused.code, refused.out) == (1, "")
    assert (
        refused.err.splitlines()[0]
        == "error[foreign-file]: `drawn/street.png` exists, and was not written by archspec or was edited since"
    )


def a_detectors_run(place: Path, name: str, network: torch.nn.Module) -> Path:
    """The folder of a run that trained a detector."""
    recipe = parse_recipe(
        Source(
            "found.yaml",
            f"recipe: 1\nmodel: {name}\nset: {{num_classes: 3}}\ndata: {{coco_detection: {{root: coco}}}}\n"
            "loss: cross_entropy\noptimizer: {sgd: 0.1}\nepochs: 1\n",
            place / "found.yaml",
        )
    )
    run, architecture = RunFolder(place / "runs/found"), open_architecture(recipe)
    record = {"spec": write_beginnings(run, recipe, architecture), "variant": name, "settings": {"num_classes": 3}}
    record |= {"status": "finished", "data": {"classes": ["background", "cat", "dog"], "root": str(place / "coco")}}
    run.record.write_text(record_text(record))
    save_file(network.state_dict(), run.weights)
    return run.folder.relative_to(place)


# report


class Page(HTMLParser):
    """The tags, the addresses and the texts of a page."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.addresses: list[str] = []
        self.texts: list[str] = []
        self.open: list[str] = []
        self.feed(text)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.addresses += [value or "" for name, value in attrs if name in ("src", "href")]
        if tag not in ("meta", "img", "br"):
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.texts += [data.strip()] * bool(data.strip() and self.open[-1] != "style")


def test_the_page_tells_all_and_stands_alone(at: Path) -> None:
    text = (at / "runs/small/report.html").read_text("utf-8")
    page = Page(text)
    assert page.open == []
    assert all(address.startswith("data:image/") for address in page.addresses) and len(page.addresses) >= 6
    assert not re.search(r"@import|url\(|<script|<link|http", re.sub(r'"data:[^"]*"', "", text))
    told = " ".join(page.texts)
    result = record(at)["results"]["validation"]
    for words in (
        "Net on digits",
        f"{result['accuracy']:.1%}",
        "precision",
        "seven",
        "None: it was initialised by the seed 1.",
        "sgd(lr=0.05, momentum=0.9)",
        "center_crop(size=[12, 12])",
        "name: small",
        f"torch {torch.__version__.partition('+')[0]}",
    ):
        assert words in told, words


def test_its_pictures_are_pictures(at: Path) -> None:
    for name in ("curves", "confusion"):
        with Image.open(at / f"runs/small/{name}.png") as picture:
            assert picture.size[0] > 400
    for address in Page((at / "runs/small/report.html").read_text("utf-8")).addresses:
        kind, _, content = address.partition(";base64,")
        if kind == "data:image/png":
            Image.open(BytesIO(b64decode(content))).verify()
        else:
            assert kind == "data:image/svg+xml" and b"<svg" in b64decode(content)


def test_what_a_recipe_says_is_no_markup(place: Path, run: Run) -> None:
    (place / "small.yaml").write_text(RECIPE + "about: <script>alert(1)</script> & more\n")
    assert run("train", "small.yaml", "--set", "epochs=1").code == 0
    page = (place / "runs/small/report.html").read_text("utf-8")
    assert "<script" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp; more" in page


def test_weights_loaded_and_fresh_are_told(place: Path, run: Run) -> None:
    save_file(archspec.load(place / "net.yaml").state_dict(), place / "start.safetensors")
    (place / "small.yaml").write_text(RECIPE.replace("seed: 1", "seed: 1\nweights: start.safetensors"))
    assert run("train", "small.yaml", "--set", "epochs=1").code == 0
    told = " ".join(Page((place / "runs/small/report.html").read_text("utf-8")).texts)
    assert "12 tensors loaded, 4 started fresh" in told
    assert "side.2.weight side.2.bias head.weight head.bias" in told


@pytest.mark.parametrize(("seconds", "text"), [(0.2, "0 s"), (59.6, "1 min 0 s"), (3600, "1 h 0 min")])
def test_a_time_as_one_says_it(seconds: float, text: str) -> None:
    assert duration(seconds) == text


def test_a_run_that_was_stopped_before_its_report_gets_it(run: Run, place: Path) -> None:
    assert run("train", "small.yaml").code == 0
    whole = record(place)
    pages = [
        place / "runs/small" / name for name in ("report.html", "curves.png", "confusion.png", "weights.safetensors")
    ]
    before = [page.read_bytes() for page in pages]
    for page in pages:
        page.unlink()
    (place / "runs/small/run.json").write_text(json.dumps({**whole, "status": "begun"}))
    done = run("train", "runs/small", "--resume")
    assert (done.code, done.err) == (0, "")
    assert record(place)["results"] == whole["results"]
    assert [page.read_bytes() for page in pages[1:]] == before[1:]
    assert Page(pages[0].read_text("utf-8")).addresses == Page(before[0].decode()).addresses
