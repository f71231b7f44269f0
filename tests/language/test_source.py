import os
from pathlib import Path

import pytest

from archspec.language.diagnostics import SpecError
from archspec.language.read_text import MAX_BYTES, read_source
from archspec.language.source import Source, Span


def refused(path: Path, name: str = "net.yaml") -> str:
    with pytest.raises(SpecError) as raised:
        read_source(path, name)
    return str(raised.value)


@pytest.mark.parametrize("text", ["a\nb\nc", "a\r\nb\r\nc", "a\rb\rc", "a\x85b\u2028c"], ids=ascii)
def test_lines_end_where_yaml_ends_them(text: str) -> None:
    source = Source("net.yaml", text)
    assert [source.line(number) for number in range(5)] == ["", "a", "b", "c", ""]


def test_characters_that_only_python_takes_for_line_ends_do_not_end_a_line() -> None:
    assert Source("net.yaml", "a\x0cb\x1cc").line(1) == "a\x0cb\x1cc"


def test_a_span_reads_as_editors_write_places() -> None:
    assert str(Span(Source("net.yaml", ""), 3, 7, 3, 9)) == "net.yaml:3:7"


def test_a_file_is_read_and_called_by_its_path(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_text("a: é\n", encoding="utf-8")
    assert read_source(path).name == str(path)
    assert read_source(path, "mine").name == "mine"
    assert read_source(path).text == "a: é\n"


def test_a_byte_order_mark_is_no_part_of_the_text(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(b"\xef\xbb\xbfa: 1\n")
    assert read_source(path).text == "a: 1\n"


def test_a_missing_file_names_the_nearest_one(tmp_path: Path) -> None:
    (tmp_path / "resnet.yaml").touch()
    message = f"""\
error[file-not-found]: there is no file `net.yaml`
  = help: did you mean `{tmp_path / "resnet.yaml"}`?"""
    assert refused(tmp_path / "resnett.yaml") == message


def test_a_missing_folder_is_named(tmp_path: Path) -> None:
    message = f"""\
error[file-not-found]: there is no file `net.yaml`
  = help: there is no folder `{tmp_path / "absent"}`"""
    assert refused(tmp_path / "absent" / "net.yaml") == message


def test_a_folder_is_refused_with_the_specs_in_it(tmp_path: Path) -> None:
    (tmp_path / "resnet.yaml").touch()
    message = f"""\
error[not-a-file]: `net.yaml` is a folder
  = expected: a YAML file
  = help: name a file in it: `{tmp_path / "resnet.yaml"}`"""
    assert refused(tmp_path) == message


def test_a_pipe_is_refused_and_not_waited_for(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    assert refused(path) == "error[not-a-file]: `net.yaml` is not a plain file\n  = expected: a YAML file"


def test_an_unreadable_file_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    path = tmp_path / "net.yaml"
    path.touch()
    # Whoever runs the tests as root may read everything.
    monkeypatch.setattr(Path, "open", refuse)
    message = """\
error[file-unreadable]: `net.yaml` may not be read
  = help: check the file's permissions"""
    assert refused(path) == message


def test_a_path_that_no_file_can_have_is_refused() -> None:
    message = refused(Path("a\0b"))
    assert message.startswith("error[file-unreadable]: `net.yaml` cannot be read\n  = found: ")


def test_a_file_may_be_as_large_as_the_bound_and_no_larger(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(b"#" * MAX_BYTES)
    assert len(read_source(path).text) == MAX_BYTES
    path.write_bytes(b"#" * (MAX_BYTES + 1))
    message = """\
error[file-too-large]: `net.yaml` is larger than a spec may be
  = expected: at most 1,048,576 bytes
  = found: 1,048,577 bytes"""
    assert refused(path) == message


def test_bytes_that_are_not_utf8_are_shown_where_they_stand(tmp_path: Path) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes("name: x\nabout: é ".encode() + b"caf\xe9\n")
    message = """\
error[not-text]: `net.yaml` is not UTF-8 text
  --> net.yaml:2:13
  |
2 | about: é caf�
  |             ^
  = expected: UTF-8 text
  = found: the byte 0xe9
  = help: save the file as UTF-8"""
    assert refused(path) == message


@pytest.mark.parametrize(
    ("data", "found"),
    [(b"PK\x03\x04\0\0", "a binary file (it holds NUL bytes)"), ("a: 1".encode("utf-16"), "UTF-16 or UTF-32 text")],
    ids=["binary", "utf-16"],
)
def test_what_is_not_text_is_refused(tmp_path: Path, data: bytes, found: str) -> None:
    path = tmp_path / "net.yaml"
    path.write_bytes(data)
    message = f"""\
error[not-text]: `net.yaml` is not UTF-8 text
  = expected: UTF-8 text
  = found: {found}"""
    assert refused(path) == message
