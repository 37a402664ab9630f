"""As whom commands run when Troupe runs as root: users that exist nowhere else, one for each task."""

from __future__ import annotations

from collections.abc import Collection

FIRST, COUNT = 1_610_600_000, 1_000_000
"""Beyond what machines, directories and subordinate ids (/etc/subuid) usually hand out, below 2^31."""


def free(taken: Collection[int], wish: int) -> int:
    """The first from `wish` on, around, that is not taken.  wish: any number, to spread them.

    Raises LookupError when all are.
    """
    for step in range(COUNT):
        number = FIRST + (wish + step) % COUNT
        if number not in taken:
            return number
    raise LookupError("every user number is taken")


def is_ours(number: int) -> bool:
    return FIRST <= number < FIRST + COUNT
