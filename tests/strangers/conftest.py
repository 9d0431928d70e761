from collections.abc import Iterator

import pytest

from tests.strangers.place import Place

UNHURRIED = ("--rate-limit", "off")
"""The clients' own pacing and the account's budget are tested elsewhere; here nothing is to wait."""


@pytest.fixture
def still() -> Iterator[Place]:
    """Nothing happens by itself: prices move when told to, so amounts are exact."""
    with Place(("--activity", "0", "--control", *UNHURRIED)) as place:
        yield place


@pytest.fixture
def lively() -> Iterator[Place]:
    """A crowd trades, prices move."""
    with Place(("--activity", "3", *UNHURRIED)) as place:
        yield place
