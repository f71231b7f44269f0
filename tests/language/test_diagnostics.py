import pytest
from hypothesis import given
from hypothesis import strategies as st

from archspec.language.diagnostics import (
    Diagnostic,
    Findings,
    Note,
    SpecError,
    did_you_mean,
    nearest,
)
from archspec.language.source import Source, Span
from archspec.language.visible_text import printable


def shown(line: str, column: int, end_column: int) -> list[str]:
    """The source line and the carets of a message."""
    span = Span(Source("f", line), 1, column, 1, end_column)
    return [row[4:] for row in str(Diagnostic("c", "m", span)).split("\n")[3:]]


def test_a_message_carries_place_line_caret_and_everything_known() -> None:
    source = Source("net.yaml", "a: 1\nkernal_size: 3\n")
    diagnostic = Diagnostic(
        "unknown-field",
        "`conv` has no field `kernal_size`",
        Span(source, 2, 1, 2, 12),
        node="features.0",
        expected="a field of `conv`",
        found="kernal_size",
        help="did you mean `kernel_size`?",
        notes=(Note("in this block", Span(source, 1, 1, 1, 2)), Note("nowhere")),
    )
    assert (
        str(diagnostic)
        == """\
error[unknown-field]: `conv` has no field `kernal_size`
  --> net.yaml:2:1
  |
2 | kernal_size: 3
  | ^^^^^^^^^^^
  = node: features.0
  = expected: a field of `conv`
  = found: kernal_size
  = help: did you mean `kernel_size`?
  = note: in this block (net.yaml:1:1)
  = note: nowhere"""
    )


@pytest.mark.parametrize(
    ("title", "line", "column", "end_column", "expected"),
    [
        ("plain", "ab cd", 4, 6, ["ab cd", "   ^^"]),
        ("tab before", "\tab", 2, 4, ["    ab", "    ^^"]),
        ("tab inside", "a\tb", 1, 4, ["a    b", "^^^^^^"]),
        ("wide before", "模型: x", 5, 6, ["模型: x", "      ^"]),
        ("wide inside", "a: 模型", 4, 6, ["a: 模型", "   ^^^^"]),
        ("combining", "e\u0301: x", 5, 6, ["e\u0301: x", "   ^"]),
        ("escape code", "a\x1b[31mb", 7, 8, ["a␛[31mb", "      ^"]),
        ("right to left override", "a\u202eb", 3, 4, ["a\\u202eb", "       ^"]),
        ("past the end", "ab", 3, 4, ["ab", "  ^"]),
        ("far past the end", "ab", 99, 100, ["ab", "  ^"]),
        ("nothing wide", "ab", 2, 2, ["ab", " ^"]),
    ],
)
def test_the_caret_stands_under_what_it_means(
    title: str, line: str, column: int, end_column: int, expected: list[str]
) -> None:
    assert shown(line, column, end_column) == expected


@pytest.mark.parametrize(
    ("title", "line", "column", "expected"),
    [
        ("at the start", "x" + "." * 500, 1, ["x" + "." * 119 + "…", "^"]),
        ("in the middle", "." * 300 + "x" + "." * 300, 301, ["…" + "." * 40 + "x" + "." * 79 + "…", " " * 41 + "^"]),
        ("at the end", "." * 500 + "x", 501, ["…" + "." * 119 + "x", " " * 120 + "^"]),
    ],
)
def test_a_long_line_is_cut_around_the_caret(title: str, line: str, column: int, expected: list[str]) -> None:
    assert shown(line, column, column + 1) == expected


def test_a_span_over_several_lines_marks_the_first_to_its_end() -> None:
    span = Span(Source("f", "a: [1,\n2]"), 1, 4, 2, 3)
    assert str(Diagnostic("c", "m", span)).split("\n")[-1] == "  |    ^^^"


def test_an_empty_line_is_not_shown() -> None:
    assert str(Diagnostic("c", "m", Span(Source("f", ""), 1, 1, 1, 1))) == "error[c]: m\n  --> f:1:1"


def test_text_of_the_user_cannot_reach_the_terminal_raw() -> None:
    diagnostic = Diagnostic("c", "a\x1b[2Jb\nc", found="x\x07\ny", notes=(Note("\x9b"),))
    assert str(diagnostic) == "error[c]: a␛[2Jb␊c\n  = found: x␇\n      y\n  = note: \\u009b"


def test_very_long_text_is_cropped() -> None:
    assert printable("x" * 5000) == "x" * 999 + "…"


@given(st.text(), st.integers(1, 300), st.integers(0, 300))
def test_whatever_the_line_no_control_character_is_shown(line: str, column: int, width: int) -> None:
    span = Span(Source(line, line * 20), 1, column, 1, column + width)
    text = str(Diagnostic("c", line, span, found=line))
    assert all(char == "\n" or char.isprintable() or char.isspace() for char in text)
    assert "\x1b" not in text
    text.encode()


def test_the_same_finding_is_kept_once_and_all_are_raised_together() -> None:
    findings = Findings()
    for code in ("one", "two", "one"):
        findings.add(Diagnostic(code, "wrong"))
    with pytest.raises(SpecError) as raised:
        findings.check()
    assert [diagnostic.code for diagnostic in raised.value.diagnostics] == ["one", "two"]
    assert str(raised.value) == "error[one]: wrong\n\nerror[two]: wrong"


def test_warnings_alone_raise_nothing() -> None:
    findings = Findings()
    findings.add(Diagnostic("one", "odd", severity="warning"))
    findings.check()
    assert [str(item) for item in findings] == ["warning[one]: odd"]


@pytest.mark.parametrize(
    ("name", "names", "expected"),
    [
        ("kernal_size", ["kernel_size", "stride"], "did you mean `kernel_size`?"),
        ("Conv", ["conv", "linear"], "did you mean `conv`?"),
        ("x", ["conv", "linear"], "known here: `conv`, `linear`"),
        ("x", [f"name{number}" for number in range(20)], None),
        ("x", [], None),
    ],
)
def test_suggestions(name: str, names: list[str], expected: str | None) -> None:
    assert did_you_mean(name, names) == expected


def test_nothing_is_near_to_a_huge_name() -> None:
    assert nearest("conv" * 100_000, ["conv" * 100_000]) is None
