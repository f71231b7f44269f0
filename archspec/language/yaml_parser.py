"""YAML text → a tree of plain values, each with its place, or what is wrong with the text."""

from __future__ import annotations

import re
from contextlib import suppress
from typing import Any

import yaml

from archspec.language.diagnostics import Diagnostic, SpecError
from archspec.language.source import Source, Span
from archspec.language.yaml_builder import Builder
from archspec.language.yaml_errors import syntax_error
from archspec.language.yaml_tree import Tree


def parse(source: Source) -> Tree:
    """Read one YAML document.

    Raises `SpecError` with everything that is wrong in it. Nothing can be read after a syntax error, but what was found
    before it is told as well.
    """
    if (fault := unprintable(source)) is not None:
        raise SpecError([fault])
    if yaml.__with_libyaml__:
        try:
            return Builder(source).build(yaml.parse(source.text, Loader=yaml.CSafeLoader))
        except yaml.MarkedYAMLError:
            # The two parsers word and place their errors differently. The one written in Python is everywhere, so it
            # has the last word: what a message says does not depend on how PyYAML was built.
            pass
    try:
        builder = Builder(source)
        return builder.build(yaml.parse(source.text, Loader=_Loader))
    except yaml.MarkedYAMLError as error:
        builder.fail(syntax_error(source, error))


def parse_leniently(source: Source, text: str) -> tuple[Tree | None, list[Diagnostic]]:
    """The tree of a text that is the source's but for what was blanked out, and what is wrong that is no syntax error.

    Raises PyYAML's own `MarkedYAMLError` for a syntax error, and `SpecError` for a text beyond the bounds.
    """
    if yaml.__with_libyaml__:
        with suppress(yaml.MarkedYAMLError):  # the parser written in Python says where
            builder = Builder(source)
            return builder.read(yaml.parse(text, Loader=yaml.CSafeLoader)), builder.findings.items
    builder = Builder(source)
    tree = builder.read(yaml.parse(text, Loader=_Loader))
    return tree, builder.findings.items


class _Loader(yaml.SafeLoader):
    """The parser written in Python, taking a tab between words for a space, as YAML and the other parser do."""

    def scan_to_next_token(self) -> None:
        super().scan_to_next_token()
        while self.peek() == "\t" and (self.flow_level or not self.allow_simple_key):
            self.forward()
            super().scan_to_next_token()

    def scan_plain_spaces(self, indent: int, start_mark: object) -> Any:
        length = 0
        while self.peek(length) in " \t":
            length += 1
        blanks = self.prefix(length)
        if "\t" not in blanks:
            return super().scan_plain_spaces(indent, start_mark)
        self.forward(length)
        if self.peek() in "\r\n\x85\u2028\u2029":
            return super().scan_plain_spaces(indent, start_mark)
        return [blanks]


# A byte order mark is allowed by YAML, but the two parsers disagree on whether it takes a column.
UNPRINTABLE = re.compile("[^\t\n\r\x20-\x7e\x85\xa0-\ud7ff\ue000-\ufefe\uff00-\ufffd\U00010000-\U0010ffff]")


def unprintable(source: Source) -> Diagnostic | None:
    """The first character that YAML does not allow, where it stands; PyYAML only says that there is one."""
    if not UNPRINTABLE.search(source.text):
        return None
    number, found = next((at, found) for at, line in enumerate(source.lines, 1) if (found := UNPRINTABLE.search(line)))
    return Diagnostic(
        "yaml-syntax",
        f"the character U+{ord(found[0]):04X} is not allowed in YAML",
        span=Span(source, number, found.start() + 1, number, found.start() + 2),
        help="remove it, or write it as an escape in double quotes",
    )
