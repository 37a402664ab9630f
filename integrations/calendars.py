"""iCalendar (RFC 5545): a rota's shifts for calendar programs, and anybody's calendar as the shifts of a rota.

Written: one event for each shift, in UTC, with no rule and no VTIMEZONE that a program could read in its own way, under a UID
that stays while the shift does. Read: whatever has VEVENTs, with rules, exceptions, all-day and floating times.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import recurring_ical_events  # type: ignore[import-untyped]  # it has none
from icalendar import Calendar, Event

from agents.errors import Invalid
from agents.oncall.rota import BEGINNING, Rota, Shift
from agents.oncall.shifts import Entry

MEDIA_TYPE = "text/calendar"
BYTES_LIMIT = 1_000_000
SHIFTS_LIMIT = 1000
"""Taken at once: a year of hand-overs every nine hours."""
RULES_LIMIT = 50
"""Events that repeat."""
YEARS = 20
"""How long ago one of them may have begun: each of its repetitions since then is counted."""
PERSON = "X-TROUPE-PERSON"
"""Our own mark in what we wrote: a person's id."""
_WHENEVER = frozenset({"FREQ", "INTERVAL", "COUNT", "UNTIL", "WKST"})
_ON = {
    "DAILY": {"BYDAY": re.compile("[A-Z]{2}")},
    "WEEKLY": {"BYDAY": re.compile("[A-Z]{2}")},
    "MONTHLY": {"BYDAY": re.compile("([+-]?[1-5])?[A-Z]{2}"), "BYMONTHDAY": re.compile("-?[1-9][0-9]?")},
    "YEARLY": {},
}
"""What a rule may say besides, one of it: each is bound to come again soon. dateutil looks for the next time of one that never
comes (30 February, every seventh day if it is a Tuesday) until the year 9999, which takes minutes."""
_BETWEEN = re.compile(r"[:;|()\[\]–—]|(?:^|\s)-(?:\s|$)|\b(?:is\s+)?on[- ]?call\b", re.IGNORECASE)
REMEDY = "Nothing was imported. Mend it in the calendar, and import it again."


def write(rota: Rota, shifts: Iterable[Shift], names: Mapping[str, str], now: datetime) -> bytes:
    """names: by person id."""
    calendar = Calendar()
    calendar.add("PRODID", "-//Troupe//On call//EN")
    calendar.add("VERSION", "2.0")
    calendar.add("METHOD", "PUBLISH")
    calendar.add("X-WR-CALNAME", f"On call: {rota.name}")
    calendar.add("REFRESH-INTERVAL", timedelta(hours=1), parameters={"VALUE": "DURATION"})
    for shift in shifts:
        calendar.add_component(_event(rota, shift, names.get(shift.person_id, "Somebody who left"), now))
    return bytes(calendar.to_ical())


def _event(rota: Rota, shift: Shift, name: str, now: datetime) -> Event:
    event = Event()
    event.add("UID", f"{shift.id}@troupe")
    event.add("DTSTAMP", now.astimezone(UTC))
    event.add("DTSTART", shift.starts_at if shift.starts_at > BEGINNING else min(rota.created_at, now))
    event.add("DTEND", shift.ends_at)
    event.add("SUMMARY", f"{name} on call: {rota.name}")
    event.add(
        "DESCRIPTION", f"Layer {rota.layer}" + (", instead of the rotation's" if shift.override else "")
    )
    event.add("TRANSP", "TRANSPARENT")
    event.add(PERSON, shift.person_id)
    return event


def read(
    data: bytes, known: Mapping[str, str], *, zone: str, after: datetime, before: datetime
) -> list[Entry]:
    """Who is on call when, for every event that has a part between the two times, in order.

    known: person ids by lower-case name, mail address and id.  zone: of times that name none, and of whole days.
    Raises Invalid for what is no calendar, is too large, or names people who are not known; all of them are listed.
    """
    if len(data) > BYTES_LIMIT:
        raise _wrong(f"That calendar is too large: at most {BYTES_LIMIT:,} bytes are read.")
    entries: list[Entry] = []
    unknown: dict[str, None] = {}
    for event in _occurrences(data, ZoneInfo(zone), after, before):
        if len(entries) + len(unknown) >= SHIFTS_LIMIT:
            raise _wrong(f"That calendar has more than {SHIFTS_LIMIT:,} shifts until {before:%Y-%m-%d}.")
        starts_at, ends_at = (_moment(_value(event, name), ZoneInfo(zone)) for name in ("DTSTART", "DTEND"))
        if starts_at >= ends_at:
            raise _wrong(f"“{_summary(event)}” on {starts_at:%Y-%m-%d} does not last any time.")
        person_id = _person(event, known)
        if person_id is None:
            unknown[_named(event)] = None
        else:
            entries.append(Entry(person_id, starts_at, ends_at))
    if unknown:
        shown = ", ".join([*unknown][:20]) + (", …" if len(unknown) > 20 else "")
        raise Invalid(
            f"These do not name one person of the team each: {shown}.",
            remedy="Nothing was imported. Write a name as /people list has it into the event's title or its attendee, and "
            "import it again.",
        )
    return sorted(entries, key=lambda entry: (entry.starts_at, entry.ends_at))


def _occurrences(data: bytes, zone: ZoneInfo, after: datetime, before: datetime) -> Iterator[Any]:
    try:
        calendar = Calendar.from_ical(data)
        if not isinstance(calendar, Calendar):
            raise _wrong("That is no iCalendar file.")
        if len(calendar.walk("VEVENT")) > 2 * SHIFTS_LIMIT:
            raise _wrong(f"That calendar has more than {2 * SHIFTS_LIMIT:,} events.")
        repeating = [
            event
            for event in calendar.walk("VEVENT")
            if isinstance(event, Event) and ("RRULE" in event or "RDATE" in event)
        ]
        if len(repeating) > RULES_LIMIT:
            raise _wrong(f"More than {RULES_LIMIT} events of that calendar repeat.")
        for event in repeating:
            _must_end(event, zone, after)
        found = recurring_ical_events.of(calendar).between(after, before)
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, OverflowError) as error:
        raise _wrong("That is no iCalendar file, or it is broken.") from error
    return (event for event in found if str(event.get("STATUS", "")).upper() != "CANCELLED")


def _value(event: Event, name: str) -> Any:
    """A date, or a datetime with or without a zone."""
    value: Any = event[name]
    return value.dt


def _must_end(event: Event, zone: ZoneInfo, after: datetime) -> None:
    """Raises Invalid for what could take minutes to count."""
    if _moment(_value(event, "DTSTART"), zone) < after - timedelta(days=365 * YEARS):
        raise _wrong(f"“{_summary(event)}” repeats since more than {YEARS} years.")
    if "RRULE" in event and not _is_readable(event["RRULE"]):
        raise _wrong(f"“{_summary(event)}” repeats in a way that is not read here.")


def _is_readable(rule: Any) -> bool:
    """One rule, daily to yearly, whose next time is never far."""
    if not isinstance(rule, Mapping):
        return False
    frequency, every = str(rule["FREQ"][0]).upper(), int(rule.get("INTERVAL", [1])[0])
    on = {name: values for name, values in rule.items() if name not in _WHENEVER}
    allowed = _ON.get(frequency)
    if allowed is None or len(on) > 1 or every < 1 or (on and every > 1 and frequency != "WEEKLY"):
        return False
    return all(
        name in allowed and all(allowed[name].fullmatch(str(value)) for value in values)
        for name, values in on.items()
    )


def _moment(value: date | datetime, zone: ZoneInfo) -> datetime:
    """Aware UTC. A day begins at midnight; a time that names no zone is meant in `zone`."""
    at = value if isinstance(value, datetime) else datetime.combine(value, time())
    return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)


def _person(event: Event, known: Mapping[str, str]) -> str | None:
    """The one person that the event names: by our own mark, an attendee, or its title; None for nobody or several."""
    for words in ([str(event.get(PERSON, ""))], _attendees(event), [_summary(event)], _pieces(event)):
        found = {known[word.strip().lower()] for word in words if word.strip().lower() in known}
        if found:
            return found.pop() if len(found) == 1 else None
    return None


def _attendees(event: Event) -> list[str]:
    """Mail addresses and names."""
    given: Any = event.get("ATTENDEE", [])
    found = []
    for each in given if isinstance(given, list) else [given]:
        found += [re.sub("(?i)^mailto:", "", str(each)), str(each.params.get("CN", ""))]
    return found


def _pieces(event: Event) -> list[str]:
    """ "Ada on call: primary" and "On call – Ada" both hold "Ada"."""
    return _BETWEEN.split(_summary(event))


def _summary(event: Event) -> str:
    return " ".join(str(event.get("SUMMARY", "")).split())


def _named(event: Event) -> str:
    """What stands where a person should."""
    return f"“{(_summary(event) or ', '.join(filter(None, _attendees(event))) or 'no title')[:80]}”"


def _wrong(what: str) -> Invalid:
    return Invalid(what, remedy=REMEDY)
