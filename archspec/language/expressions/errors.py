"""What is wrong with an expression, and where in its text."""

from __future__ import annotations


class ExpressionError(Exception):
    """An expression cannot be read or has no value; its fields are those of a `Diagnostic`.

    `column` is where in the expression's text the trouble lies, counted from 0, and `width` how far it reaches.
    """

    def __init__(
        self,
        message: str,
        *,
        expected: str | None = None,
        found: str | None = None,
        help: str | None = None,
        column: int | None = None,
        width: int | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.expected = expected
        self.found = found
        self.help = help
        self.column = column
        self.width = width
