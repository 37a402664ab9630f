"""The rules of rotations: who is on call at any instant, from when and until when.

Hand-overs recur in local time, as people say it ("every Monday at 09:00"), and are given their zone afterwards: a local time
that the clocks skip is moved forward by as much as they skip, one that comes twice is its first.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from functools import cache
from itertools import islice, takewhile
from math import lcm
from zoneinfo import ZoneInfo

from agents.events import Subject
from agents.oncall.rhythm import parts, recurrence

BEGINNING = datetime(1, 1, 3, tzinfo=UTC)
"""Since when the first person of a rota is on call, if anybody asks about a time before its first hand-over: early enough,
and still a time in every zone."""
LOOK_AHEAD = 100
"""Shifts that are looked at for somebody else to come."""
LEAP = timedelta(hours=25)
"""No clock was ever set forward or back by more: Apia, Kwajalein and Manila left out, or repeated, a whole day."""


@dataclass(frozen=True, slots=True)
class Rota:
    """People in turn. Hand-over n gives the shift to people[n mod len]; before the first one it is people[0]'s."""

    id: str
    name: str
    layer: int
    """1 is asked first. No two rotas have the same."""
    zone: str
    """IANA name."""
    people: tuple[str, ...]
    """Ids, at least one, each once, in the order of their turns."""
    starts: datetime
    """No hand-over is earlier. Naive: local time in `zone`."""
    rule: str
    """An RRULE of RFC 5545 as `agents.oncall.rhythm` allows it, without DTSTART."""
    created_at: datetime
    revision: int = 1

    @property
    def subject(self) -> Subject:
        return Subject("rota", self.id)


@dataclass(frozen=True, slots=True)
class Override:
    """Somebody else has the rota from `starts_at` until before `ends_at`, whomever the rotation names."""

    id: str
    rota_id: str
    person_id: str
    starts_at: datetime
    ends_at: datetime
    source: str
    """"person", or the name of the calendar that it was imported from."""
    made_by: str
    """A person's id."""
    created_at: datetime

    @property
    def rank(self) -> tuple[datetime, datetime, str]:
        """The highest wins: what was made later; of what was made at once, what begins later."""
        return self.created_at, self.starts_at, self.id

    def covers(self, at: datetime) -> bool:
        return self.starts_at <= at < self.ends_at


@dataclass(frozen=True, slots=True)
class Shift:
    """One person has the rota from `starts_at` until before `ends_at`, both aware UTC."""

    rota_id: str
    layer: int
    person_id: str
    starts_at: datetime
    ends_at: datetime
    override: Override | None = None
    """Whose it is by, None where the rotation says so itself."""

    @property
    def id(self) -> str:
        """The same for as long as a shift of this rota begins then."""
        return f"{self.rota_id}-{self.starts_at:%Y%m%dT%H%M%SZ}"


def hand_overs(rota: Rota, after: datetime, before: datetime) -> list[datetime]:
    """The instants (UTC) from `after` on and before `before` at which the rotation goes on, overrides or not."""
    found = []
    at = _turn(rota, after - timedelta(microseconds=1))[2]
    while at < before:
        found.append(at)
        at = _turn(rota, at)[2]
    return found


def shift_at(rota: Rota, overrides: Iterable[Override], at: datetime) -> Shift:
    """The shift that `at` falls into.  overrides: of any rota."""
    mine = [one for one in overrides if one.rota_id == rota.id]
    winner = max((one for one in mine if one.covers(at)), key=lambda one: one.rank, default=None)
    if winner is None:
        n, starts, ends = _turn(rota, at)
        person, above = rota.people[max(n, 0) % len(rota.people)], mine
    else:
        person, starts, ends = winner.person_id, winner.starts_at, winner.ends_at
        above = [one for one in mine if one.rank > winner.rank]
    # nothing above covers `at`, so each of these lies before it or after it
    starts = max([starts, *(one.ends_at for one in above if one.ends_at <= at)])
    ends = min([ends, *(one.starts_at for one in above if one.starts_at > at)])
    return Shift(rota.id, rota.layer, person, starts, ends, winner)


def shifts(rota: Rota, overrides: Iterable[Override], after: datetime, before: datetime) -> list[Shift]:
    """Every shift that has a part in [after, before), whole, in order: each begins when the one before it ends."""
    return list(takewhile(lambda shift: shift.starts_at < before, shifts_from(rota, overrides, after)))


def shifts_from(rota: Rota, overrides: Iterable[Override], at: datetime) -> Iterator[Shift]:
    """The shift that `at` falls into, and all that follow, without end."""
    mine = [one for one in overrides if one.rota_id == rota.id]
    while True:
        yield (shift := shift_at(rota, mine, at))
        at = shift.ends_at


def spells(rota: Rota, overrides: Iterable[Override], at: datetime, many: int) -> list[Shift]:
    """The next `many` times, from `at` on, that another person is on call: shifts of one person that meet are one.

    Fewer where nobody else comes within LOOK_AHEAD shifts, as in a rota of one; the last one may then be longer than it says.
    """
    found: list[Shift] = []
    for shift in islice(shifts_from(rota, overrides, at), LOOK_AHEAD):
        if found and found[-1].person_id == shift.person_id:
            found[-1] = replace(found[-1], ends_at=shift.ends_at)
        elif len(found) == many:
            break
        else:
            found.append(shift)
    return found


def on_call(rotas: Iterable[Rota], overrides: Sequence[Override], at: datetime) -> Mapping[int, Shift]:
    """By layer, the first to be asked first."""
    return {rota.layer: shift_at(rota, overrides, at) for rota in sorted(rotas, key=lambda one: one.layer)}


def going_on(before: Rota, after: Rota, now: datetime) -> Rota:
    """`after`, with its people in the same circle, but so that whoever has the turn now keeps it.

    If they are not in it any more, the next of the old order who is has it; if nobody is, it stays as it was given.
    """
    n = max(_turn(before, now)[0], 0)
    old = [before.people[(n + i) % len(before.people)] for i in range(len(before.people))]
    turn = next((after.people.index(person) for person in old if person in after.people), None)
    if turn is None:
        return after
    shift = (turn - max(_turn(after, now)[0], 0)) % len(after.people)
    return replace(after, people=(*after.people[shift:], *after.people[:shift]))


def _turn(rota: Rota, at: datetime) -> tuple[int, datetime, datetime]:
    """Which hand-over holds at that instant (-1 before the first), since when, and until when.

    It is the last one whose instant is not after `at`. Usually hand-overs come in the order of their local times; where the
    clocks skip some of them, one that was moved forward may fall behind the next one, and then holds nothing.
    """
    wall = at.astimezone(ZoneInfo(rota.zone)).replace(tzinfo=None)
    n = _last(rota, wall + LEAP)
    while n >= 0 and _instant(rota, n) > at:
        n -= 1
    after = n + 1
    ahead = range(after, _last(rota, _wall(rota, after) + LEAP) + 1)
    ends = min(_instant(rota, m) for m in ahead)
    return n, _instant(rota, n) if n >= 0 else BEGINNING, ends


def _instant(rota: Rota, n: int) -> datetime:
    """fold=0 says both: before a gap it counts with the offset of before the gap, and of two it is the first."""
    return _wall(rota, n).replace(tzinfo=ZoneInfo(rota.zone)).astimezone(UTC)


def _wall(rota: Rota, n: int) -> datetime:
    """Local time of hand-over n ≥ 0."""
    walls, period = _pattern(rota.starts, rota.rule)
    rounds, i = divmod(n, len(walls))
    return walls[i] + rounds * period


def _last(rota: Rota, wall: datetime) -> int:
    """The last hand-over that is not after that local time, -1 if all are."""
    walls, period = _pattern(rota.starts, rota.rule)
    if wall < walls[0]:
        return -1
    rounds = (wall - walls[0]) // period
    return rounds * len(walls) + bisect_right(walls, wall - rounds * period) - 1


@cache
def _pattern(starts: datetime, rule: str) -> tuple[tuple[datetime, ...], timedelta]:
    """The local times of the hand-overs in the first period, and how long a period is; each later one is like it.

    So that a rota of many years answers as fast as a new one: dateutil counts from the beginning each time.
    """
    given = parts(rule)
    days = int(given.get("INTERVAL", "1")) * (7 if given["FREQ"] == "WEEKLY" else 1)
    period = (lcm(days, 7) if "BYDAY" in given else days) * timedelta(days=1)
    first = recurrence(rule, starts)[0]
    every = recurrence(rule, starts).between(first, first + period - timedelta(microseconds=1), inc=True)
    return tuple(every), period
