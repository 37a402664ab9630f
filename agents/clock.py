"""Time is handed in. Rules take `now`; doors take a Clock and read it once for each thing they decide."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from functools import cache
from zoneinfo import available_timezones

Clock = Callable[[], datetime]
"""Answers the present, aware, in UTC."""


def utc(moment: datetime) -> datetime:
    """The same moment in UTC. Raises ValueError for a naive one."""
    if moment.tzinfo is None:
        raise ValueError(f"{moment} has no time zone")
    return moment.astimezone(UTC)


@cache
def zones() -> frozenset[str]:
    """Every IANA name of a time zone. Kept, because finding them reads a directory tree (measured: 5 to 100 ms)."""
    return frozenset(available_timezones())
