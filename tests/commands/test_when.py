"""Times as people type them: read in their own zone, or asked about. Never guessed, never in the past."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.clock import zones
from agents.errors import Invalid
from bot.when import LONGEST, instants, read

SATURDAY = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
"""10:00 in Berlin, 04:00 in New York."""

some_zones = st.sampled_from(sorted(zones()))
walls = st.datetimes(
    datetime(2026, 11, 24),  # noqa: DTZ001  what a wall shows has no zone
    datetime(2035, 1, 1),  # noqa: DTZ001
).map(lambda wall: wall.replace(second=0, microsecond=0))
moments = walls.map(lambda wall: wall.replace(tzinfo=UTC))


def berlin(text: str) -> str:
    """As the wall shows it in Berlin."""
    return f"{read(text, SATURDAY, 'Europe/Berlin').astimezone(ZoneInfo('Europe/Berlin')):%a %Y-%m-%d %H:%M}"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("21:15", "Sat 2026-11-21 21:15"),
        ("9:00", "Sun 2026-11-22 09:00"),
        ("9pm", "Sat 2026-11-21 21:00"),
        ("12am", "Sun 2026-11-22 00:00"),
        ("noon", "Sat 2026-11-21 12:00"),
        ("Tomorrow 9:00", "Sun 2026-11-22 09:00"),
        ("tomorrow at 9am", "Sun 2026-11-22 09:00"),
        ("9:00 tomorrow", "Sun 2026-11-22 09:00"),
        ("monday 14:30", "Mon 2026-11-23 14:30"),
        ("next Monday 14:30", "Mon 2026-11-23 14:30"),
        ("on tuesday at 8:05", "Tue 2026-11-24 08:05"),
        ("saturday 11:00", "Sat 2026-11-21 11:00"),
        ("saturday 9:00", "Sat 2026-11-28 09:00"),
        ("next saturday 11:00", "Sat 2026-11-28 11:00"),
        ("in 2 hours", "Sat 2026-11-21 12:00"),
        ("in 90 minutes", "Sat 2026-11-21 11:30"),
        ("in an hour and 5 minutes", "Sat 2026-11-21 11:05"),
        ("in 1h30m", "Sat 2026-11-21 11:30"),
        ("in 3 days", "Tue 2026-11-24 10:00"),
        ("in two weeks 8:00", "Sat 2026-12-05 08:00"),
        ("24 December 18:00", "Thu 2026-12-24 18:00"),
        ("december 24th, 6pm", "Thu 2026-12-24 18:00"),
        ("1 january 10:00", "Fri 2027-01-01 10:00"),
        ("2026-12-01 09:00", "Tue 2026-12-01 09:00"),
        ("2026-12-01T09:00", "Tue 2026-12-01 09:00"),
        ("2026-12-01T09:00Z", "Tue 2026-12-01 10:00"),
        ("2026-12-01T09:00:00-05:00", "Tue 2026-12-01 15:00"),
        ("2026-12-01 09:00 +0200", "Tue 2026-12-01 08:00"),
        ("9:00 UTC", "Sun 2026-11-22 10:00"),
        ("9:00 America/New_York", "Sat 2026-11-21 15:00"),
        ("25/12/2026 9:00", "Fri 2026-12-25 09:00"),
        ("12/25/2026 9:00", "Fri 2026-12-25 09:00"),
        ("5/5 9:00", "Wed 2027-05-05 09:00"),
    ],
)
def test_a_time_is_meant_in_the_zone_of_whoever_types_it(typed: str, meant: str) -> None:
    assert berlin(typed) == meant


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("yesterday 9:00", "2026-11-20 09:00 has passed: it is 2026-11-21 10:00 now (Europe/Berlin)"),
        ("2026-11-21 10:00", "has passed"),
        ("today 9:00", "has passed"),
        ("03/04/2027 9:00", "Write 2027-03-04 or 2027-04-03"),
        ("3/4 9:00", "Write 2027-03-04 or 2027-04-03"),
        ("3.4.27 9:00", "Write the year in full and first: 2027-MM-DD"),
        ("2027-03-28 02:30", "does not exist in Europe/Berlin"),
        ("2027-10-31 02:30", "comes twice in Europe/Berlin"),
        ("tomorrow", "does not say at what time of day"),
        ("9", "does not say at what time of day"),
        ("now", "does not say at what time of day"),
        ("25:00", "no time of day"),
        ("13pm", "no time of day"),
        ("31 february 9:00", "cannot read"),
        ("at the office 9:00", "cannot read"),
        ("9:00 10:00", "cannot read"),
        ("9:00 EST", "cannot read"),
        ("9:00 Mars/Olympus", "no time zone mars/olympus"),
        ("9:00 +99:99", "no time zone +99:99"),
        ("0001-01-01 00:00", "cannot read"),
        ("", "does not say"),
        ("x" * 100, "cannot read"),
    ],
)
def test_what_cannot_be_meant_is_answered_with_what_to_type(typed: str, told: str) -> None:
    with pytest.raises(Invalid) as refused:
        read(typed, SATURDAY, "Europe/Berlin")
    assert told in str(refused.value)
    assert refused.value.remedy


@pytest.mark.parametrize("skipped_or_doubled", ["2027-03-28 02:30", "2027-10-31 02:30"])
def test_both_offers_for_a_doubtful_hour_can_be_typed_as_they_stand(skipped_or_doubled: str) -> None:
    with pytest.raises(Invalid) as asked:
        read(skipped_or_doubled, SATURDAY, "Europe/Berlin")
    offers = asked.value.remedy.removeprefix("Write ").removesuffix(".").split(" or ")
    first, second = (read(offer, SATURDAY, "Europe/Berlin") for offer in offers)
    assert second - first == timedelta(hours=1)


def test_hours_count_real_time_while_the_clocks_are_set_back() -> None:
    before = datetime(2027, 10, 31, 0, 30, tzinfo=UTC)  # 02:30 in Berlin, for the first time
    assert read("in 1 hour", before, "Europe/Berlin") == before + timedelta(hours=1)


@given(moment=moments, zone=some_zones)
def test_a_moment_with_its_offset_is_that_moment_in_every_zone(moment: datetime, zone: str) -> None:
    local = moment.astimezone(ZoneInfo(zone))
    assert read(local.isoformat(timespec="minutes"), SATURDAY, "Asia/Tokyo") == local


@given(moment=moments, zone=some_zones)
def test_what_the_wall_shows_is_that_moment_or_asked_about(moment: datetime, zone: str) -> None:
    """In every zone there is, at every hour: one moment is read, two are asked about and both are offered."""
    wall = moment.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0)
    here = instants(wall, ZoneInfo(zone))
    assert moment in here
    if len(here) == 1:
        assert read(f"{wall:%Y-%m-%d %H:%M}", SATURDAY, zone) == here[0]
    else:
        with pytest.raises(Invalid) as asked:
            read(f"{wall:%Y-%m-%d %H:%M}", SATURDAY, zone)
        for one in here:
            assert one.astimezone(ZoneInfo(zone)).isoformat(timespec="minutes") in asked.value.remedy


@given(wall=walls, zone=some_zones)
def test_an_hour_that_clocks_skip_is_never_silently_moved(wall: datetime, zone: str) -> None:
    try:
        read_as = read(f"{wall:%Y-%m-%d %H:%M}", SATURDAY, zone)
    except Invalid:
        assert len(instants(wall, ZoneInfo(zone))) != 1
    else:
        assert read_as.astimezone(ZoneInfo(zone)).replace(tzinfo=None, fold=0) == wall


PIECES = """tomorrow next monday in 2 hours 90 minutes 9:00 25:61 12am noon at on 3/4 03.04.2027 2027-02-30 T Z +02:00
-99:99 UTC Europe/Berlin a an and days weeks december 31 31st 9999-12-31 0001-01-01 , . : ٣ ５ 99999 ago"""
pieces = st.sampled_from(PIECES.split())


@settings(deadline=None)  # the first word that is no number loads the tables of languages
@given(st.lists(pieces, max_size=7).map(" ".join) | st.text(max_size=LONGEST + 5), some_zones)
def test_whatever_is_typed_is_a_moment_to_come_or_a_sentence(text: str, zone: str) -> None:
    try:
        moment = read(text, SATURDAY, zone)
    except Invalid as refused:
        assert refused.what
        assert refused.remedy
    else:
        assert moment > SATURDAY
        assert moment.tzinfo is UTC
