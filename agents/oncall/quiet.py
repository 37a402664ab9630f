"""Quiet hours: the part of each day, in a person's own zone, in which only what is critical may disturb."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from agents.errors import Invalid

_DAY = timedelta(days=1)
_RANGE = re.compile(r"([0-9]{1,2}):([0-9]{2})\s*(?:-|–|to|until)\s*([0-9]{1,2}):([0-9]{2})")


@dataclass(frozen=True, slots=True)
class Quiet:
    """From `begins` to `ends` on the clock of the wall, over midnight where `ends` comes first. Never equal."""

    begins: time
    ends: time

    @classmethod
    def parse(cls, text: str) -> Quiet:
        """text: "22:00-07:00".  Raises Invalid."""
        found = _RANGE.fullmatch(text.strip().lower())
        try:
            hours = [int(part) for part in found.groups()] if found else []
            quiet = cls(time(hours[0], hours[1]), time(hours[2], hours[3]))
        except (ValueError, IndexError):
            raise Invalid(
                f"“{text[:40]}” are no quiet hours.", remedy="Write them like 22:00-07:00.", field="hours"
            ) from None
        if quiet.begins == quiet.ends:
            raise Invalid(
                "Quiet hours that never end would let nobody reach you.",
                remedy="Write them like 22:00-07:00.",
                field="hours",
            )
        return quiet

    def __str__(self) -> str:
        return f"{self.begins:%H:%M}-{self.ends:%H:%M}"

    def until(self, at: datetime, zone: str) -> datetime | None:
        """When the quiet hours end that hold `at`; None if they are not on.

        at: aware.  zone: an IANA name.  Returns aware UTC, always after `at`.
        A local time that does not exist is moved forward by the gap, one that exists twice is its first, as for rotas.
        """
        end = None
        for begins, ends in self._around(at, ZoneInfo(zone)):
            if begins <= (end or at) < ends:
                end = ends
        return end

    def _around(self, at: datetime, zone: ZoneInfo) -> Iterator[tuple[datetime, datetime]]:
        """The quiet hours that could hold `at`, and those that could begin before these are over; in order."""
        over_midnight = _DAY if self.ends < self.begins else timedelta()
        today = at.astimezone(zone).date()
        for days in (-2, -1, 0, 1, 2):
            day = today + days * _DAY
            yield _moment(day, self.begins, zone), _moment(day + over_midnight, self.ends, zone)


def _moment(day: date, at: time, zone: ZoneInfo) -> datetime:
    """zoneinfo reads a time in a gap with the offset before it, which moves it forward by the gap (PEP 495)."""
    return datetime.combine(day, at, zone).astimezone(UTC)
