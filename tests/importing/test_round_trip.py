"""A sample of the table of docs/round_trip.md, and the bounds that the whole of it keeps."""

from __future__ import annotations

import pytest

from tests.importing.round_trip import SAME, fine, read, row


@pytest.mark.parametrize("variant", ["squeezenet1_1", "resnet20_cifar"])
def test_a_module_is_traced_to_the_page_that_it_was_built_of(variant: str) -> None:
    found, lines, bundled = row(variant)
    assert found == SAME
    assert int(lines) <= int(bundled)


def test_the_table_holds_what_it_must() -> None:
    assert fine(read())
