"""How often a rota is handed over: the RRULEs that it may have, and how one is made and read.

A part of RFC 5545: daily or weekly, every N, on some weekdays, at some times of the day. Each is the same again after some
whole number of days, which `agents.oncall.rota` counts on, and no two hand-overs of one day are closer than an hour.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, time

from dateutil.rrule import rrule, rrulestr

from agents.errors import Invalid

WEEKDAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")
ALLOWED = frozenset({"FREQ", "INTERVAL", "BYDAY", "BYHOUR", "BYMINUTE"})
RULE_LIMIT = 100
"""Characters: what the table keeps."""
LONGEST = 52
"""Days or weeks between two hand-overs."""
REMEDY = "Write it like every day, every 2 weeks or every monday and friday."


def rule(freq: str, interval: int = 1, weekdays: Sequence[str] = (), times: Sequence[time] = ()) -> str:
    """freq: DAILY or WEEKLY.  weekdays: of WEEKDAYS.  times: of the day, none for that of the first hand-over.

    Raises Invalid for times at different minutes of the hour, which one RRULE cannot say.
    """
    said = [f"FREQ={freq}", f"INTERVAL={interval}"]
    if weekdays:
        said.append("BYDAY=" + ",".join(day for day in WEEKDAYS if day in weekdays))
    if len({one.minute for one in times}) > 1:
        raise Invalid(
            "Several hand-overs of one day have to be at the same minute of the hour.",
            remedy="Write them like at 09:00 and 21:00.",
            field="at",
        )
    if times:
        said.append("BYHOUR=" + ",".join(str(hour) for hour in sorted({one.hour for one in times})))
        said.append(f"BYMINUTE={times[0].minute}")
    return checked(";".join(said))


def checked(text: str) -> str:
    """The rule, if it is one that a rota may have. Raises Invalid."""
    given = parts(text)
    every = given.get("INTERVAL", "1")
    fine = (
        len(text) <= RULE_LIMIT
        and ALLOWED.issuperset(given)
        and given.get("FREQ") in ("DAILY", "WEEKLY")
        and every.isdecimal()
        and 1 <= int(every) <= LONGEST
        and set(_listed(given, "BYDAY")) <= set(WEEKDAYS)
        and all(hour.isdecimal() and int(hour) < 24 for hour in _listed(given, "BYHOUR"))
        and all(minute.isdecimal() and int(minute) < 60 for minute in _listed(given, "BYMINUTE"))
        and len(_listed(given, "BYMINUTE")) <= 1
    )
    if not fine:
        raise Invalid(f"{text[:RULE_LIMIT]} is no rhythm that a rota can have.", remedy=REMEDY, field="every")
    return text


def parts(text: str) -> dict[str, str]:
    """By name, as they stand there."""
    return {name: value for name, _, value in (part.partition("=") for part in text.split(";"))}


def recurrence(text: str, starts: datetime) -> rrule:
    """dateutil's, in the same naive local time as `starts`."""
    found = rrulestr(text, dtstart=starts)
    if not isinstance(found, rrule):
        raise TypeError(f"{text} is more than one rule")
    return found


def weekdays(text: str) -> tuple[str, ...]:
    return _listed(parts(text), "BYDAY")


def times(text: str, starts: datetime) -> tuple[time, ...]:
    """Of the day, in order."""
    hours = _listed(parts(text), "BYHOUR")
    minute = int(parts(text).get("BYMINUTE", starts.minute))
    return tuple(time(int(hour), minute) for hour in hours) or (time(starts.hour, minute),)


def _listed(given: dict[str, str], name: str) -> tuple[str, ...]:
    return tuple(given[name].split(",")) if given.get(name) else ()
