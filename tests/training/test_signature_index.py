"""The index of what a recipe may call says what the installed packages say, and is read in place of importing them."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from archspec.training.recipe import signature_index as index
from archspec.training.recipe.argument_types import annotation_text, expectation, is_annotated, may_be_none
from archspec.training.recipe.calls import Callee, _fault
from archspec.training.recipe.signature_index import Kind, Named
from archspec.training.recipe.signatures import signature, written
from archspec.training.recipe.write_index import KINDS

VALUES: tuple[Any, ...] = (0, -1, 2.5, 1e40, True, False, None, "word", "min", "auto", [], [1], [1, 2], [0.5, 1.0])
VALUES += (["word"], [[1, 2]], {}, {"a": 1}, {"a": "b"}, {"0": 2})
HEAD = "recipe: 1\nmodel: lenet\n"
WRITTEN = {
    "data": "{image_folder: photos, transforms: {train: [{random_crop: 3}, {to_dtype: float32, scale: true}]}}",
    "loss": "{cross_entropy: , label_smoothing: 0.1}",
    "epochs": "3",
    "optimizer": "{sgd: 0.1, momentum: 0.9}",
    "schedule": "{step_lr: 1}",
    "callbacks": "[{early_stopping: val_loss, patience: 3}]",
    "trainer": "{precision: bf16-mixed}",
}
FAULTS = {
    "loss": ["cross_entropi", "{cross_entropy: , label_smothing: 0.1}", "{cross_entropy: , label_smoothing: x}"],
    "optimizer": ["{sdg: 0.1}", "{sgd: 0.1, momentun: 0.9}", "{sgd: word}", "[]"],
    "schedule": ["{step_lt: 1}", "{step_lr: 1, gama: 3}", "{step_lr: , gamma: 0.5}"],
    "callbacks": [
        "[{early_stoping: val_loss}]",
        "[{early_stopping: val_loss, patiense: 1}]",
        "[stochastic_weight_averaging]",
    ],
    "trainer": ["{precison: 16}", "{gradient_clip_val: word}", "{precision: 17}"],
    "data": [
        "{image_folder: photos, transforms: {train: [{random_corp: 3}, {to_dtype: float32}]}}",
        "{image_folder: photos, transforms: {train: [{random_crop: 3}, {to_dtype: flaot32}]}}",
        "{image_folder: photos, transforms: {train: [{resize: 3}], eval: [{resize: 3, antialias: word}]}}",
        "{image_foldr: photos}",
    ],
}


@pytest.mark.skipif(
    json.loads(index.SHIPPED.read_text())["versions"] != list(index.versions()), reason="other versions are installed"
)
def test_the_index_that_is_shipped_is_current() -> None:
    """`python -m archspec.training.recipe.write_index` writes it."""
    assert index.SHIPPED.read_text(encoding="utf-8") == index.text({kind.name: kind.words() for kind in KINDS})


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_what_is_read_back_refuses_what_the_function_itself_refuses(kind: Kind) -> None:
    for name, function in kind.find().items():
        read = signature(json.loads(json.dumps(written(function, kind.annotated))))
        named = Named(kind.module, function.__name__, written(function, kind.annotated))
        assert name and named.__name__ == function.__name__
        real = Callee(function, exact=not kind.annotated, annotated=kind.annotated)
        assert list(real.parameters) == list(read.parameters)
        for own, other in zip(real.parameters.values(), read.parameters.values()):
            assert may_be_none(own) == may_be_none(other) or kind.annotated
            if kind.annotated and own.annotation is not own.empty:
                assert annotation_text(own.annotation) == annotation_text(other.annotation)
                for value in VALUES:
                    assert is_annotated(value, own.annotation) == is_annotated(value, other.annotation), (name, own)
            elif other.annotation is not other.empty or own.annotation is own.empty:
                assert expectation(own) == expectation(other)
                faults = [[_fault(value, each, real) for value in VALUES] for each in (own, other)]
                assert faults[0] == faults[1], (name, own)


@pytest.mark.parametrize("kind", KINDS, ids=lambda kind: kind.name)
def test_a_name_of_the_index_is_the_function_when_it_is_called(kind: Kind) -> None:
    functions: Mapping[str, Any] = kind.functions()
    found = kind.find()
    assert functions.keys() == found.keys()
    for name, each in functions.items():
        module = sys.modules[each.module]
        assert getattr(module, each.__name__) is found[name]


@pytest.mark.parametrize("command", ["check", "train"])
def test_a_typing_error_is_told_before_torch_is_imported(command: str, tmp_path: Path) -> None:
    """In one process for all of them: what is imported once would be seen in all that follow."""
    for key, faults in FAULTS.items():
        for number, fault in enumerate(faults):
            text = HEAD + "".join(f"{name}: {value}\n" for name, value in {**WRITTEN, key: fault}.items())
            (tmp_path / f"{key}{number}.yaml").write_text(text)
    program = (
        "import sys\n"
        "from pathlib import Path\n"
        "from typer.testing import CliRunner\n"
        "from archspec.cli.app import application\n"
        f"for path in sorted(Path({str(tmp_path)!r}).glob('*.yaml')):\n"
        f"    done = CliRunner().invoke(application(), [{command!r}, str(path)])\n"
        "    assert done.exit_code == 1 and 'error[' in done.stderr and path.name in done.stderr, (path, done.stderr)\n"
        "    assert not {'torch', 'lightning', 'torchvision'} & set(sys.modules), path.read_text()\n"
    )
    subprocess.run([sys.executable, "-c", program], check=True, cwd=tmp_path)


def test_other_versions_are_imported_and_kept(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(index, "SHIPPED", tmp_path / "none.json")
    calls: list[str] = []
    kind = KINDS[0]
    counted = Kind(kind.name, kind.module, lambda: calls.append("") or kind.find())  # type: ignore[func-returns-value]
    for _ in range(2):
        index._known.cache_clear()
        assert list(counted.functions()) == list(kind.find())
    assert len(calls) == 1
    kept = tmp_path / "archspec" / "recipe_words.json"
    for broken in ("{", "[]", '{"versions": ["0"], "words": {}}', kept.read_text().replace('"words"', '"word"')):
        kept.write_text(broken)
        index._known.cache_clear()
        assert list(counted.functions()) == list(kind.find())
    assert len(calls) == 5
    index._known.cache_clear()
