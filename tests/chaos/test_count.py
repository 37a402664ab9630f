"""What would go wrong is seen: the count finds each thing that a killed worker could have left behind."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.publishing.platform import Account
from tests.chaos.count import Seen, outside
from tests.chaos.posts import Planned

THREAD = Planned("p1", "a1", Account("1", "ada", "bluesky", "ada.test"), ("one", "two", "three"), "")
ONE = Seen("r1", "one", "10:01", ())
TWO = Seen("r2", "two", "10:02", ("r1", "r1"))
THREE = Seen("r3", "three", "10:03", ("r1", "r2"))


def test_a_whole_thread_in_order_is_right() -> None:
    count = outside([THREAD], {"bluesky": [THREE, ONE, TWO]})
    assert (count.duplicates, count.missing, count.wrong) == (0, 0, [])


@pytest.mark.parametrize(
    ("out", "duplicates", "missing", "says"),
    [
        ([ONE, TWO, replace(TWO, ref="r9"), THREE], 1, 0, "[1, 2, 1] times"),
        ([ONE, THREE], 0, 1, "[1, 0, 1] times"),
        ([], 0, 3, "[0, 0, 0] times"),
        ([ONE, TWO, replace(THREE, replies_to=("r1", "r1"))], 0, 0, "follows ('r1', 'r1'), not r2"),
        ([ONE, TWO, replace(THREE, replies_to=("r2", "r2"))], 0, 0, "follows"),
        ([ONE, replace(TWO, at="10:04"), THREE], 0, 0, "“three” follows"),
        ([replace(ONE, replies_to=("r2", "r2")), TWO, THREE], 0, 0, "first segment is a reply"),
        ([ONE, TWO, THREE, replace(ONE, text="four")], 0, 0, "was never approved"),
    ],
)
def test_what_is_not_as_it_was_approved_is_told(
    out: list[Seen], duplicates: int, missing: int, says: str
) -> None:
    count = outside([THREAD], {"bluesky": out})
    assert (count.duplicates, count.missing) == (duplicates, missing)
    assert any(says in told for told in count.wrong), count.wrong
