"""Failures that no spec in a text file can show: of the file itself, of its size, and of the bounds."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

import archspec
from archspec.elaborate import bounds
from tests.diagnostics.test_cases import HERE, hold

HEAD = "archspec: 1\nname: bad\ninput: [3, 32, 32]\n"


def folder_with_a_page(path: Path) -> None:
    path.mkdir()
    (path / "inside.yaml").write_text(HEAD)


def alias_bomb() -> str:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join(f'*a{n - 1}' for _ in range(10))}]" for n in range(1, 9)]
    return "\n".join(lines) + "\n"


FILES: dict[str, Callable[[Path], object]] = {
    "file_empty": lambda path: path.write_text(""),
    "file_of_comments": lambda path: path.write_text("# nothing\n\n# here\n"),
    "file_binary": lambda path: path.write_bytes(b"\x89PNG\r\n\x1a\n\0\0\0"),
    "file_latin_1": lambda path: path.write_bytes(HEAD.encode() + "about: café\n".encode("latin-1")),
    "file_utf_16": lambda path: path.write_bytes(HEAD.encode("utf-16")),
    "file_huge": lambda path: path.write_bytes(b"#" * 3_000_000),
    "file_missing": lambda path: path.with_name("file_mising.yaml").write_text(HEAD),
    "file_is_a_folder": folder_with_a_page,
    "nested_a_thousand_deep": lambda path: path.write_text(HEAD + "graph: " + "[" * 1000 + "]" * 1000),
    "nested_mappings_deep": lambda path: path.write_text(HEAD + "graph: " + "{graph: " * 1000 + "relu" + "}" * 1000),
    "alias_bomb": lambda path: path.write_text(alias_bomb()),
    "too_many_values": lambda path: path.write_text(HEAD + "graph: [" + "relu, " * 110_000 + "]"),
    "too_many_nodes": lambda path: path.write_text(
        HEAD + "graph:\n  - nodes:\n      - {relu: , repeat: 100}\n    repeat: 100\n"
    ),
    "too_many_copies_switched_off": lambda path: path.write_text(
        HEAD + "graph:\n  - nodes:\n      - {relu: , repeat: 100, when: false}\n    repeat: 1000\n"
    ),
    "long_line_is_cropped": lambda path: path.write_text(HEAD + "graph: [" + "relu, " * 500 + "rleu]\n"),
    "control_characters": lambda path: path.write_text(HEAD + 'graph: ["re\\e[31mlu\\u202e"]\n'),
    "control_character_raw": lambda path: path.write_text(HEAD + "graph: [re\x1blu]\n"),
}


@pytest.mark.parametrize("title", FILES)
def test_a_faulty_file(title: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(bounds, "MAX_NODES", 1_000)
    monkeypatch.setattr(bounds, "MAX_STEPS", 2_000)
    FILES[title](Path(f"{title}.yaml"))
    with pytest.raises(archspec.SpecError) as error:
        archspec.read(f"{title}.yaml")
    hold(HERE / "cases" / f"{title}.txt", f"{error.value}\n")


def test_a_file_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path("secret.yaml")
    path.write_text(HEAD)

    def refuse(self: Path, mode: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "open", refuse)
    with pytest.raises(archspec.SpecError) as error:
        archspec.read(path)
    assert str(error.value) == (
        "error[file-unreadable]: `secret.yaml` may not be read\n  = help: check the file's permissions"
    )


@pytest.mark.parametrize(
    ("name", "help"), [("resnet5O", "did you mean `resnet50`?"), ("zzzzzz", "`archspec list` shows them all")]
)
def test_a_name_that_is_not_bundled(name: str, help: str) -> None:
    with pytest.raises(archspec.SpecError) as error:
        archspec.read(name)
    (diagnostic,) = error.value.diagnostics
    assert (diagnostic.code, diagnostic.help) == ("unknown-spec", help)


def test_a_variant_of_a_variant() -> None:
    with pytest.raises(archspec.SpecError) as error:
        archspec.read("resnet50", "resnet18")
    assert [item.code for item in error.value.diagnostics] == ["unknown-variant"]


def test_a_device_is_no_file() -> None:
    with pytest.raises(archspec.SpecError) as error:
        archspec.read("/dev/zero")
    assert [item.code for item in error.value.diagnostics] == ["not-a-file"]
