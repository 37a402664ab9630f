"""Calendars: what we write is read back as the same shifts, and anybody's calendar is read whole or not at all."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from icalendar import Calendar

from agents.errors import Invalid
from agents.oncall.rota import BEGINNING, Override, Rota, on_call, shifts
from agents.oncall.shifts import Entry
from integrations import calendars
from tests.oncall.rotas import overrides, rotas

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
YEAR = timedelta(days=366)
KNOWN = {"ada": "a", "bob": "b", "bob@example.com": "b", "a": "a", "b": "b"}


def event(*lines: str, uid: str = "1") -> str:
    return "\r\n".join(["BEGIN:VEVENT", f"UID:{uid}", "DTSTAMP:20260101T000000Z", *lines, "END:VEVENT", ""])


def calendar(*events: str) -> bytes:
    return f"BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//x//EN\r\n{''.join(events)}END:VCALENDAR\r\n".encode()


def read(data: bytes, zone: str = "Europe/Berlin") -> list[Entry]:
    return calendars.read(data, KNOWN, zone=zone, after=NOW, before=NOW + YEAR)


@settings(max_examples=60, deadline=None)
@given(st.data())
def test_what_is_exported_and_imported_names_the_same_people(data: st.DataObject) -> None:
    """Into a rota of somebody else's: the overrides then say at every instant what the rota said."""
    rota, at = data.draw(rotas())
    at = at.replace(microsecond=0)
    taken = data.draw(overrides(at))
    end = at + timedelta(days=90)
    ids = {*rota.people, *(one.person_id for one in taken)}
    written = calendars.write(rota, shifts(rota, taken, at, end), {id: f"Name of {id}" for id in ids}, at)
    entries = calendars.read(written, {id: id for id in ids}, zone=rota.zone, after=at, before=at + YEAR)
    other = Rota("s", "copy", 1, "UTC", ("nobody",), at.replace(tzinfo=None), "FREQ=DAILY", at)
    copies = [
        Override(str(n), "s", e.person_id, e.starts_at, e.ends_at, "file", "a", at)
        for n, e in enumerate(entries)
    ]
    edges = {e.starts_at for e in entries if at <= e.starts_at < end}
    seconds = data.draw(st.lists(st.integers(0, 90 * 86400 - 1), min_size=5, max_size=20))
    for instant in [at, *edges, *(at + timedelta(seconds=n) for n in seconds)]:
        was, now = on_call([rota], taken, instant)[1], on_call([other], copies, instant)[1]
        if at >= rota.created_at or was.starts_at > BEGINNING:
            assert now.person_id == was.person_id


def test_a_shift_keeps_its_uid_and_times_are_utc() -> None:
    rota = Rota(
        "r",
        "primary",
        2,
        "Europe/Berlin",
        ("a", "b"),
        datetime.fromisoformat("2026-11-02 09:00"),
        "FREQ=WEEKLY",
        NOW,
    )
    today, tomorrow = (
        Calendar.from_ical(
            calendars.write(rota, shifts(rota, (), at, at + timedelta(days=90)), {"a": "Ada"}, at)
        )
        for at in (NOW, NOW + timedelta(days=1))
    )
    first, same = today.walk("VEVENT")[0], tomorrow.walk("VEVENT")[0]
    assert str(first["UID"]) == str(same["UID"]) == "r-20261116T080000Z@troupe"
    assert first["DTSTART"].to_ical() == b"20261116T080000Z"
    assert first["SUMMARY"] == "Ada on call: primary"
    assert today.walk("VEVENT")[1]["SUMMARY"] == "Somebody who left on call: primary"
    assert not today.walk("VTIMEZONE")


@pytest.mark.parametrize(
    "summary",
    [
        "Ada",
        "ada on call",
        "On call: Ada",
        "On-Call - Ada",
        "Ada (primary)",
        "primary | Ada",
        "Ada is on call",
    ],
)
def test_a_title_names_a_person(summary: str) -> None:
    one = event("DTSTART:20261124T080000Z", "DTEND:20261125T080000Z", f"SUMMARY:{summary}")
    assert [entry.person_id for entry in read(calendar(one))] == ["a"]


def test_an_attendee_names_a_person_before_the_title_does() -> None:
    times = ("DTSTART:20261124T080000Z", "DTEND:20261125T080000Z")
    by_mail = event(*times, "SUMMARY:Ada", "ATTENDEE;CN=Somebody:mailto:Bob@Example.com")
    by_name = event(*times, "SUMMARY:Rotation", "ATTENDEE;CN=Bob:mailto:x@example.org")
    assert [read(calendar(one))[0].person_id for one in (by_mail, by_name)] == ["b", "b"]


def test_what_repeats_is_counted_in_its_own_zone() -> None:
    zone = (
        "BEGIN:VTIMEZONE\r\nTZID:Home\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\nTZOFFSETFROM:+0300\r\n"
        "TZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"
    )
    own = event(
        "DTSTART;TZID=Home:20261124T090000", "DURATION:PT12H", "RRULE:FREQ=WEEKLY;COUNT=3", "SUMMARY:Ada"
    )
    assert [e.starts_at.hour for e in read(calendar(zone, own))] == [6, 6, 6]
    floating = event("DTSTART:20270322T090000", "DURATION:PT12H", "RRULE:FREQ=WEEKLY;COUNT=2", "SUMMARY:Ada")
    assert [e.starts_at.hour for e in read(calendar(floating))] == [8, 7], "summer time in between"
    whole = event("DTSTART;VALUE=DATE:20261124", "DTEND;VALUE=DATE:20261126", "SUMMARY:Ada")
    [entry] = read(calendar(whole))
    assert (entry.starts_at.isoformat(), entry.ends_at - entry.starts_at) == (
        "2026-11-23T23:00:00+00:00",
        timedelta(days=2),
    )


def test_exceptions_moved_ones_and_cancelled_ones_are_heeded() -> None:
    series = event(
        "DTSTART:20261124T080000Z",
        "DURATION:PT1H",
        "RRULE:FREQ=DAILY;COUNT=4",
        "EXDATE:20261125T080000Z",
        "SUMMARY:Ada",
    )
    moved = event(
        "RECURRENCE-ID:20261126T080000Z", "DTSTART:20261126T200000Z", "DURATION:PT1H", "SUMMARY:Bob"
    )
    off = event("DTSTART:20261201T080000Z", "DURATION:PT1H", "STATUS:CANCELLED", "SUMMARY:Ada", uid="2")
    found = [(e.person_id, e.starts_at.day, e.starts_at.hour) for e in read(calendar(series, moved, off))]
    assert found == [("a", 24, 8), ("b", 26, 20), ("a", 27, 8)]


def test_whoever_is_not_known_is_listed_and_nothing_is_taken() -> None:
    times = ("DTSTART:20261124T080000Z", "DTEND:20261125T080000Z")
    names = ("Ada", "Zed", "Ada / Bob", "Yan")
    with pytest.raises(Invalid) as refused:
        read(calendar(*(event(*times, f"SUMMARY:{name}", uid=name) for name in names)))
    assert all(f"“{name}”" in refused.value.what for name in names[1:])
    assert "“Ada”" not in refused.value.what and "Nothing was imported" in refused.value.remedy


@pytest.mark.parametrize(
    "rule",
    [
        "FREQ=SECONDLY",
        "FREQ=HOURLY",
        "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30",
        "FREQ=DAILY;INTERVAL=7;BYDAY=TU",
        "FREQ=DAILY;INTERVAL=0",
        "FREQ=MONTHLY;BYMONTHDAY=31;BYDAY=1MO",
        "FREQ=YEARLY;BYDAY=54MO",
        "FREQ=DAILY;BYHOUR=1,2,3;BYMINUTE=1,2,3",
        "garbage",
        "FREQ=DAILY\r\nRRULE:FREQ=WEEKLY",
    ],
)
def test_a_rule_that_would_take_minutes_to_count_is_refused_at_once(rule: str) -> None:
    began = time.monotonic()
    with pytest.raises(Invalid, match="Nothing was imported"):
        read(calendar(event("DTSTART:20261123T080000Z", "DURATION:PT1H", f"RRULE:{rule}", "SUMMARY:Ada")))
    assert time.monotonic() - began < 1


@pytest.mark.parametrize(
    ("data", "wrong"),
    [
        (b"", "no iCalendar"),
        (b"hello", "no iCalendar"),
        (b"\xff\xfe\x00", "no iCalendar"),
        (b"BEGIN:VCALENDAR", "no iCalendar"),
        (b"BEGIN:VEVENT\r\nEND:VEVENT\r\n", "no iCalendar"),
        (b"x" * 1_000_001, "too large"),
        (
            calendar(event("DTSTART:20261124T080000Z", "DTEND:20261124T080000Z", "SUMMARY:Ada")),
            "does not last",
        ),
        (
            calendar(event("DTSTART:20061124T080000Z", "RRULE:FREQ=DAILY", "SUMMARY:Ada")),
            "more than 20 years",
        ),
        (
            calendar(
                *(
                    event(
                        "DTSTART:20261124T080000Z",
                        "DURATION:PT1H",
                        "RRULE:FREQ=DAILY",
                        "SUMMARY:Ada",
                        uid=str(n),
                    )
                    for n in range(3)
                )
            ),
            "more than 1,000 shifts",
        ),
        (
            calendar(
                *(
                    event("DTSTART:20261124T080000Z", "RRULE:FREQ=YEARLY", "SUMMARY:Ada", uid=str(n))
                    for n in range(51)
                )
            ),
            "More than 50 events",
        ),
        (
            calendar(*(event("DTSTART:20200101T080000Z", uid=str(n)) for n in range(2001))),
            "more than 2,000 events",
        ),
    ],
)
def test_what_is_no_calendar_or_too_much_is_refused(data: bytes, wrong: str) -> None:
    with pytest.raises(Invalid, match=wrong):
        read(data)
