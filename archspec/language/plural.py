"""How many there are of something, as messages say it."""


def plural(count: int, noun: str) -> str:
    """A number of things.

    >>> plural(1, "dimension"), plural(2, "dimension")
    ('1 dimension', '2 dimensions')
    """
    return f"{count} {noun}{'s' if count != 1 else ''}"
