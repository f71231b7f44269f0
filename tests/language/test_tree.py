import time
from collections.abc import Iterator

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from archspec.language.diagnostics import SpecError
from archspec.language.source import Source, Span
from archspec.language.yaml_builder import MAX_DEPTH, MAX_NODES
from archspec.language.yaml_parser import parse
from archspec.language.yaml_tree import Mapping, Scalar, Sequence, Tree, plain


@pytest.fixture(params=[True, False], ids=["libyaml", "python"])
def parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Runs a test with each of PyYAML's two parsers."""
    if request.param and not yaml.__with_libyaml__:
        pytest.skip("PyYAML was built without libyaml")
    monkeypatch.setattr(yaml, "__with_libyaml__", request.param)
    yield


both_parsers = pytest.mark.usefixtures("parser")


def read(text: str) -> Tree:
    return parse(Source("f", text))


def message(text: str) -> str:
    with pytest.raises(SpecError) as raised:
        read(text)
    return str(raised.value)


def first_line(text: str) -> str:
    return message(text).split("\n")[0]


def place(span: Span) -> str:
    """What the span covers, or where it ends if that is another line."""
    if span.line != span.end_line:
        return f"{span.line}:{span.column}-{span.end_line}:{span.end_column}"
    return f"{span.line}: " + span.source.line(span.line)[span.column - 1 : span.end_column - 1]


SCALARS = {
    "no": "no", "yes": "yes", "on": "on", "off": "off", "y": "y",
    "true": True, "True": True, "TRUE": True, "tRUE": "tRUE", "false": False,
    "null": None, "Null": None, "~": None, "": None, "nil": "nil",
    "0": 0, "-7": -7, "+7": 7, "012": 12, "0o17": 15, "0x1F": 31, "0b11": "0b11", "-0x1": "-0x1",
    "6_624_904": 6624904, "1__0": "1__0", "_1": "_1", "1_": "1_",
    "1e-3": 0.001, "1E3": 1000.0, ".5": 0.5, "5.": 5.0, "-1.5e+2": -150.0, "1.5e": "1.5e", "1.2.3": "1.2.3",
    "3:30": "3:30", "2001-01-01": "2001-01-01", "1,000": "1,000", "5M": "5M", "0.39G": "0.39G", ".": ".", "-": [None],
    "inf": "inf", "nan": "nan", "'1'": "1", '"true"': "true", "''": "", "|\n    1": "1\n", "=": "=",
}  # fmt: skip


@both_parsers
@pytest.mark.parametrize(("text", "value"), SCALARS.items(), ids=SCALARS)
def test_scalars_are_read_by_the_core_schema(text: str, value: object) -> None:
    tree = read(f"- {text}\n")
    assert isinstance(tree, Sequence)
    assert repr(plain(tree)) == repr([value])


@both_parsers
def test_scalars_know_whether_they_were_quoted() -> None:
    tree = read("[a, 'a', \"a\", ~]")
    assert isinstance(tree, Sequence)
    assert [item.quoted for item in tree.items if isinstance(item, Scalar)] == [False, True, True, False]


@both_parsers
def test_keys_are_the_text_as_written() -> None:
    assert plain(read("{1: a, 0x1: b, true: c, ~: d, 'no': e, 1e3: f}")) == {
        "1": "a", "0x1": "b", "true": "c", "~": "d", "no": "e", "1e3": "f",
    }  # fmt: skip


def test_a_mapping_gives_values_and_keys_by_name() -> None:
    tree = read("a: 1\nb: 2\n")
    assert isinstance(tree, Mapping)
    assert tree.names == ("a", "b")
    value, key = tree.get("b"), tree.key("b")
    assert isinstance(value, Scalar) and value.value == 2
    assert key is not None and place(key.span) == "2: b"
    assert tree.get("c") is None and tree.key("c") is None


@both_parsers
@pytest.mark.parametrize(
    ("title", "text", "expected"),
    [
        ("block mapping", "# x\nab:\n  c: 1\n", "2: ab"),
        ("block list", "- ab\n- c\n", "1: - ab"),
        ("block list of mappings", "- ab: 1\n  c: 2\n", "1: - ab"),
        ("list whose item is below", "-\n  - a\n", "1: -"),
        ("flow list", "[a, b]", "1: [a, b]"),
        ("flow list over lines", "[a,\n b]", "1:1-2:4"),
        ("flow mapping", "{a: 1}", "1: {a: 1}"),
        ("plain", "ab cd  # x", "1: ab cd"),
        ("quoted", "'ab'", "1: 'ab'"),
        ("anchored", "&x ab", "1: ab"),
        ("anchored list", "&x [ab]", "1: [ab]"),
        ("after wide characters", "['模型', ab]", "1: ['模型', ab]"),
        ("empty mapping", "{}", "1: {}"),
    ],
)
def test_spans_are_small_and_exact(title: str, text: str, expected: str) -> None:
    assert place(read(text).span) == expected


@both_parsers
def test_an_empty_value_stands_behind_its_key() -> None:
    tree = read("ab:\nc: 1\n")
    assert isinstance(tree, Mapping)
    span = tree.entries[0][1].span
    assert (span.line, span.column, span.end_line, span.end_column) == (1, 3, 1, 3)


@both_parsers
def test_an_alias_is_its_anchor_written_out() -> None:
    tree = read("a: &x [1]\nb: *x\nc: &x 2\nd: *x\n? *x\n: 3\n")
    assert plain(tree) == {"a": [1], "b": [1], "c": 2, "d": 2, "2": 3}
    assert isinstance(tree, Mapping)
    assert place(tree.entries[1][1].span) == "1: [1]"


ERRORS = {
    "tab": (
        "a:\n\tb: 1\n",
        """\
error[yaml-syntax]: a tab cannot indent YAML
  --> f:2:1
  |
2 |     b: 1
  | ^^^^
  = help: indent with spaces""",
    ),
    "open bracket": (
        "a: [1, 2\n",
        """\
error[yaml-syntax]: this `[` is never closed
  --> f:1:4
  |
1 | a: [1, 2
  |    ^
  = note: the text ends here (f:2:1)""",
    ),
    "open brace": (
        "a: {b: 1\n",
        """\
error[yaml-syntax]: this `{` is never closed
  --> f:1:4
  |
1 | a: {b: 1
  |    ^
  = note: the text ends here (f:2:1)""",
    ),
    "missing comma": (
        "a: {b: [1, 2]\nc: 1}\n",
        """\
error[yaml-syntax]: expected `,` or `}` here
  --> f:2:1
  |
2 | c: 1}
  | ^
  = help: close the `{`, or put a `,` between two entries
  = note: the mapping starts here (f:1:4)""",
    ),
    "open quote": (
        "a: 'b\nc: 1\n",
        """\
error[yaml-syntax]: this quote is never closed
  --> f:1:4
  |
1 | a: 'b
  |    ^
  = note: the text ends here (f:3:1)""",
    ),
    "escape": (
        'a: "\\d"\n',
        """\
error[yaml-syntax]: this is not an escape that YAML knows
  --> f:1:6
  |
1 | a: "\\d"
  |      ^
  = help: write `\\\\` for a backslash, or use single quotes
  = note: the text starts here (f:1:4)""",
    ),
    "colon in a value": (
        "a: b: c\n",
        """\
error[yaml-syntax]: a `:` is not allowed here
  --> f:1:5
  |
1 | a: b: c
  |     ^
  = help: put text that holds `: ` in quotes; if this is a key, check its indentation""",
    ),
    "indentation": (
        "a:\n    b: 1\n  c: 2\n",
        """\
error[yaml-syntax]: this line is not indented like the rest of its mapping
  --> f:3:3
  |
3 |   c: 2
  |   ^
  = help: give all entries of a mapping the same indentation
  = note: the mapping starts here (f:1:1)""",
    ),
    "text after a value": (
        "a: 'b' c\n",
        """\
error[yaml-syntax]: this is not an entry of the mapping around it
  --> f:1:8
  |
1 | a: 'b' c
  |        ^
  = help: put the whole value in quotes if this is part of it
  = note: the mapping starts here (f:1:1)""",
    ),
    "key without a colon": (
        "a: 1\nb\nc: 2\n",
        """\
error[yaml-syntax]: expected `:` after this key
  --> f:2:1
  |
2 | b
  | ^
  = help: write `key: value`
  = note: this is what follows (f:3:1)""",
    ),
    "mapping entry in a list": (
        "- a\nb: 1\n",
        """\
error[yaml-syntax]: this is not an item of the list around it
  --> f:2:1
  |
2 | b: 1
  | ^
  = help: start every item with `- `, all with the same indentation
  = note: the list starts here (f:1:1)""",
    ),
    "list on the key's line": (
        "a: - b\n",
        """\
error[yaml-syntax]: a list item cannot start here
  --> f:1:4
  |
1 | a: - b
  |    ^
  = help: start the list on a line of its own""",
    ),
    "reserved sign": (
        "a: @b\n",
        """\
error[yaml-syntax]: a word cannot start with `@`
  --> f:1:4
  |
1 | a: @b
  |    ^
  = help: put the text in quotes""",
    ),
    "control character": (
        "a: \x1b[1m\n",
        """\
error[yaml-syntax]: the character U+001B is not allowed in YAML
  --> f:1:4
  |
1 | a: ␛[1m
  |    ^
  = help: remove it, or write it as an escape in double quotes""",
    ),
    "nothing": (
        "",
        """\
error[empty-spec]: there is nothing in this file
  --> f:1:1""",
    ),
    "comments only": (
        "# a\n\n",
        """\
error[empty-spec]: there is nothing in this file
  --> f:1:1
  |
1 | # a
  | ^""",
    ),
    "two documents": (
        "a: 1\n---\nb: 2\n",
        """\
error[several-documents]: a second document starts here
  --> f:2:1
  |
2 | ---
  | ^^^
  = expected: one document in a file
  = help: put it in a file of its own""",
    ),
    "tag": (
        "a: &x !!python/object/apply:os.system [ls]\n",
        """\
error[tag]: the tag `!!python/object/apply:os.system` is not allowed
  --> f:1:7
  |
1 | a: &x !!python/object/apply:os.system [ls]
  |       ^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^^
  = help: a spec is plain data: leave the tag out""",
    ),
    "duplicate key": (
        "a: 1\nb: 2\na: 3\n",
        """\
error[duplicate-key]: `a` appears twice in one mapping
  --> f:3:1
  |
3 | a: 3
  | ^
  = note: the first is here (f:1:1)""",
    ),
    "the same key in two spellings": (
        "{1: a, '1': b}",
        """\
error[duplicate-key]: `1` appears twice in one mapping
  --> f:1:8
  |
1 | {1: a, '1': b}
  |        ^^^
  = note: the first is here (f:1:2)""",
    ),
    "merge key": (
        "a: &a {b: 1}\nc: {<<: *a}\n",
        """\
error[merge-key]: merge keys (`<<`) are not in YAML 1.2
  --> f:2:5
  |
2 | c: {<<: *a}
  |     ^^
  = help: write the entries out in this mapping""",
    ),
    "list as a key": (
        "? [a, b]\n: 1\n",
        """\
error[bad-key]: a key cannot be a list
  --> f:1:3
  |
1 | ? [a, b]
  |   ^^^^^^
  = help: quote it if it is meant as text""",
    ),
    "infinity": (
        "a: -.inf\n",
        """\
error[not-finite]: `-.inf` is not a finite number
  --> f:1:4
  |
1 | a: -.inf
  |    ^^^^^
  = help: quote it if it is a word""",
    ),
    "too large a float": (
        "a: 1e999\n",
        """\
error[not-finite]: `1e999` is not a finite number
  --> f:1:4
  |
1 | a: 1e999
  |    ^^^^^
  = help: quote it if it is a word""",
    ),
    "too large an integer": (
        "a: 1000000000000000001\n",
        """\
error[number-too-large]: `1000000000000000001` is too large a number
  --> f:1:4
  |
1 | a: 1000000000000000001
  |    ^^^^^^^^^^^^^^^^^^^
  = help: quote it if it is not a number""",
    ),
    "unknown alias": (
        "a: &width 1\nb: *widht\n",
        """\
error[unknown-alias]: there is no anchor `&widht` before this
  --> f:2:4
  |
2 | b: *widht
  |    ^^^^^^
  = help: did you mean `width`?""",
    ),
    "alias in its own anchor": (
        "a: &x [1, *x]\n",
        """\
error[recursive-alias]: `*x` is used inside its own anchor `&x`
  --> f:1:11
  |
1 | a: &x [1, *x]
  |           ^^""",
    ),
}


@both_parsers
@pytest.mark.parametrize(("text", "expected"), ERRORS.values(), ids=ERRORS)
def test_what_is_said_of_an_error(text: str, expected: str) -> None:
    assert message(text) == expected


@both_parsers
def test_all_errors_of_a_file_are_told_together_and_the_syntax_error_last() -> None:
    with pytest.raises(SpecError) as raised:
        read("a: 1\na: 2\nb: !x 3\nc: .nan\nd: *y\n<<: {}\ne: [1\n")
    assert [(each.code, each.span and each.span.line) for each in raised.value.diagnostics] == [
        ("duplicate-key", 2), ("tag", 3), ("not-finite", 4), ("unknown-alias", 5), ("merge-key", 6), ("yaml-syntax", 7),
    ]  # fmt: skip


@both_parsers
@pytest.mark.parametrize("opening", ["[", "{", "- ", "? ", "[a: ", "{a: ", "&a ["])
@pytest.mark.parametrize("levels", [1_000, 100_000])
def test_nesting_is_bounded(opening: str, levels: int) -> None:
    start = time.process_time()
    assert first_line(opening * levels) == "error[nested-too-deep]: lists and mappings nest too deep"
    assert time.process_time() - start < 2


@both_parsers
def test_nesting_is_allowed_up_to_the_bound() -> None:
    read("[" * MAX_DEPTH + "]" * MAX_DEPTH)
    message("[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1))


@both_parsers
def test_aliases_cannot_nest_past_the_bound() -> None:
    half = "[" * (MAX_DEPTH // 2)
    text = f"- &a {half}{half.replace('[', ']')}\n- {half}*a{half.replace('[', ']')}\n"
    assert first_line(text) == "error[nested-too-deep]: lists and mappings nest too deep"
    column = text.split("\n")[1].index("*") + 1
    assert f"f:2:{column}\n" in message(text)


@both_parsers
def test_an_alias_bomb_is_refused_where_it_goes_off() -> None:
    bomb = "a: &a [" + ", ".join("x" * 10) + "]\n"
    for last, name in zip("abcdefgh", "bcdefghi"):
        bomb += f"{name}: &{name} [" + ", ".join([f"*{last}"] * 10) + "]\n"
    assert (
        message(bomb)
        == """\
error[too-many-values]: `*d` makes the file too large
  --> f:5:36
  |
5 | e: &e [*d, *d, *d, *d, *d, *d, *d, *d, *d, *d]
  |                                    ^^
  = expected: at most 100,000 values, with aliases written out
  = found: at least 101,239 up to here"""
    )


def test_the_number_of_values_is_bounded_without_aliases_too() -> None:
    assert isinstance(read("[" + "1," * (MAX_NODES - 1) + "]"), Sequence)
    assert first_line("[" + "1," * MAX_NODES + "]") == "error[too-many-values]: the file is too large"


def test_an_integer_of_very_many_digits_is_refused() -> None:
    assert first_line("a: " + "9" * 10_000) == f"error[not-finite]: `{'9' * 39}…` is not a finite number"


@both_parsers
def test_a_tab_between_words_is_a_space() -> None:
    assert plain(read("a: 1\t# one\nb:\t[1,\t2]\t\nc: d\te\n")) == {"a": 1, "b": [1, 2], "c": "d\te"}


PIECES = [
    "a", "b: ", "- ", "\n", "\n  ", "\n    ", "[", "]", "{", "}", ", ", "'", '"', " #x", "&a ", "*a", "!t ", "? ", ": ",
    "|\n", ">\n", "1", "~", "é", "<<: ", "%", "@", "---\n", "...\n", "\r\n", "\x85", "0x1", "\\", "模: ", "\u2028",
    "👍", "`", "=", ".inf", "%YAML 1.2\n",
]  # fmt: skip


def outcome(text: str) -> Tree | str:
    try:
        return read(text)
    except SpecError as error:
        return str(error)


@settings(deadline=None, max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=20).map("".join))
def test_both_parsers_give_the_same_tree_or_the_same_message(text: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        with_libyaml = outcome(text)
        patch.setattr(yaml, "__with_libyaml__", False)
        assert outcome(text) == with_libyaml


@settings(deadline=None, max_examples=300)
@given(st.one_of(st.text(), st.lists(st.sampled_from([*PIECES, "\t", "\0", "\ufeff", "\ud800"])).map("".join)))
def test_any_text_is_a_tree_or_a_located_error(text: str) -> None:
    try:
        plain(read(text))
    except SpecError as error:
        assert all(diagnostic.span is not None for diagnostic in error.diagnostics)
        str(error).encode()
