"""PyYAML's syntax errors, in our words and with our help."""

from __future__ import annotations

import re

import yaml
from msgspec import Struct

from archspec.language.diagnostics import Diagnostic, Note
from archspec.language.source import Source, Span


class _Case(Struct, frozen=True):
    """What to say where PyYAML's `context` and `problem` match these patterns.

    `at_context` puts the caret where the construct began, where that is the place to fix.
    """

    context: str
    problem: str
    message: str
    help: str | None = None
    note: str | None = None
    at_context: bool = False


_END = "the text ends here"
_CASES = (
    _Case(
        "",
        r"found character '\\t' that cannot start",
        "a tab cannot indent YAML",
        "indent with spaces",
    ),
    _Case(
        "",
        r"found character '(.)' that cannot start",
        "a word cannot start with `{0}`",
        "put the text in quotes",
    ),
    _Case("quoted scalar", "unexpected end of stream", "this quote is never closed", None, _END, True),
    _Case(
        "quoted scalar", "unexpected document separator", "this quote is never closed", None, "it runs on to here", True
    ),
    _Case(
        "double-quoted scalar",
        "found unknown escape character|expected escape sequence",
        "this is not an escape that YAML knows",
        "write `\\\\` for a backslash, or use single quotes",
        "the text starts here",
    ),
    _Case("flow sequence", "got '<stream end>'", "this `[` is never closed", None, _END, True),
    _Case("flow mapping", "got '<stream end>'", "this `{{` is never closed", None, _END, True),
    _Case(
        "flow sequence",
        "expected ',' or '\\]'",
        "expected `,` or `]` here",
        "close the `[`, or put a `,` between two items",
        "the list starts here",
    ),
    _Case(
        "flow mapping",
        "expected ',' or '}'",
        "expected `,` or `}}` here",
        "close the `{{`, or put a `,` between two entries",
        "the mapping starts here",
    ),
    _Case(
        "flow node",
        "found '<stream end>'",
        "the text ends where a value is expected",
        "close the bracket, or write the value",
    ),
    _Case(
        "block mapping",
        "expected <block end>, but found '(?:\\?|<block mapping start>|<block sequence start>|-)'",
        "this line is not indented like the rest of its mapping",
        "give all entries of a mapping the same indentation",
        "the mapping starts here",
    ),
    _Case(
        "block mapping",
        "expected <block end>",
        "this is not an entry of the mapping around it",
        "put the whole value in quotes if this is part of it",
        "the mapping starts here",
    ),
    _Case(
        "block collection",
        "expected <block end>",
        "this is not an item of the list around it",
        "start every item with `- `, all with the same indentation",
        "the list starts here",
    ),
    _Case("simple key", "could not find expected ':'", "expected `:` after this key", "write `key: value`", None, True),
    _Case(
        "",
        "mapping values are not allowed here",
        "a `:` is not allowed here",
        "put text that holds `: ` in quotes; if this is a key, check its indentation",
    ),
    _Case(
        "",
        "(?:block )?sequence entries are not allowed here",
        "a list item cannot start here",
        "start the list on a line of its own",
    ),
    _Case("directive", "", "this directive (`%`) cannot be read", "leave it out"),
    _Case(
        "", "incompatible YAML document|duplicate YAML directive", "this directive (`%`) cannot be read", "leave it out"
    ),
    _Case(
        "", "mapping keys are not allowed here", "a `?` is not allowed here", "put text that starts with `?` in quotes"
    ),
    _Case("", "found undefined tag handle", "a tag (`!`) is not allowed", "put text that starts with `!` in quotes"),
    _Case(
        "(alias|anchor)",
        "expected alphabetic or numeric character",
        "the name of this {0} cannot be read",
        "use letters, digits, `-` and `_`; put text that starts with `*` or `&` in quotes",
    ),
    _Case(
        "block scalar",
        "expected chomping or indentation indicators|expected indentation indicator|expected a comment or a line break",
        "only `|` or `>`, with `+`, `-` or a digit after it, is allowed here",
        "put the text on the next line, indented",
    ),
    _Case("", "expected '<document start>'", "this does not belong to what comes before it", "check its indentation"),
    _Case("", "expected the node content", "expected a value here"),
)


def syntax_error(source: Source, error: yaml.MarkedYAMLError) -> Diagnostic:
    """The diagnostic for text that is not YAML."""
    case, words = _find(error.context or "", error.problem or "")
    problem, context = error.problem_mark or error.context_mark, error.context_mark
    note = case.note or "while reading what starts here"
    if case.at_context and context is not None:
        problem, context = context, problem
        note = case.note or "this is what follows"
    return Diagnostic(
        "yaml-syntax",
        case.message.format(*words),
        span=_at(source, problem),
        help=_quotes(source, problem) or (case.help and case.help.format(*words)),
        notes=(Note(note, _at(source, context)),) if context is not None and _differ(problem, context) else (),
    )


def _quotes(source: Source, mark: yaml.error.Mark | None) -> str | None:
    """The help for an expression such as `widths[0]` that stands in brackets or braces without quotes."""
    line, at = (source.line(mark.line + 1), mark.column) if mark is not None else ("", 0)
    if not re.match(r"[\w)\]][\[{]", line[max(0, at - 1) :]):
        return None
    before = re.search(r"(?:[^,\[{:]|:(?! ))*$", line[:at])
    start, end, depth = (before.start() if before else at), at, 0
    while end < len(line) and (depth or line[end] not in ",]}"):
        depth += (line[end] in "([{") - (line[end] in ")]}")
        end += 1
    return f'put it in quotes: `"{line[start:end].strip()}"`'


def _find(context: str, problem: str) -> tuple[_Case, tuple[str, ...]]:
    for case in _CASES:
        where, what = re.search(case.context, context), re.search(case.problem, problem)
        if where and what:
            return case, (*where.groups(""), *what.groups(""))
    return _Case("", "", "this is not YAML: {0}"), (_plain_words(problem),)


def _plain_words(problem: str) -> str:
    return re.sub("['<>]", "", problem) or "it cannot be read"


def _at(source: Source, mark: yaml.error.Mark | None) -> Span:
    line, column = (mark.line + 1, mark.column + 1) if mark is not None else (1, 1)
    return Span(source, line, column, line, column + 1)


def _differ(one: yaml.error.Mark | None, other: yaml.error.Mark) -> bool:
    return one is None or (one.line, one.column) != (other.line, other.column)
