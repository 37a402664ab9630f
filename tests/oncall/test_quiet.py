"""Quiet hours end when their person's clock says so, over midnight and through changes of the clock."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from agents.errors import Invalid
from agents.oncall.quiet import Quiet

MINUTE = timedelta(minutes=1)
ZONES = (
    "Europe/Berlin",
    "America/New_York",
    "Australia/Lord_Howe",
    "America/Santiago",
    "Asia/Kolkata",
    "UTC",
)
"""Both hemispheres, half hours, a change of half an hour, one at midnight, none."""
clocks = st.times(timezones=st.none()).map(lambda t: t.replace(second=0, microsecond=0))
moments = st.datetimes(datetime(2020, 1, 1), datetime(2030, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
ranges = st.builds(Quiet, clocks, clocks).filter(lambda quiet: quiet.begins != quiet.ends)


@given(quiet=ranges, at=moments, zone=st.sampled_from(ZONES))
@example(Quiet(time(22), time(2, 30)), datetime(2026, 3, 29, 0, 30, tzinfo=UTC), "Europe/Berlin")
@example(Quiet(time(3), time(2, 50)), datetime(2026, 3, 28, 20, 0, tzinfo=UTC), "Europe/Berlin")
def test_they_end_once_and_are_over_then(quiet: Quiet, at: datetime, zone: str) -> None:
    ends = quiet.until(at, zone)
    if ends is None:
        return
    assert at < ends < at + timedelta(hours=49)
    assert quiet.until(ends, zone) is None
    assert quiet.until(ends - MINUTE / 2, zone) == ends
    assert quiet.until(at + (ends - at) / 2, zone) == ends
    local = ends.astimezone(ZoneInfo(zone))
    shifted = local.utcoffset() != (ends - timedelta(hours=3)).astimezone(ZoneInfo(zone)).utcoffset()
    assert local.time() == quiet.ends or shifted


@given(quiet=ranges, at=moments, zone=st.sampled_from(ZONES))
def test_on_a_day_without_a_change_they_are_on_when_the_wall_clock_says_so(
    quiet: Quiet, at: datetime, zone: str
) -> None:
    days = [(at + timedelta(days=d)).astimezone(ZoneInfo(zone)).utcoffset() for d in (-2, -1, 0, 1, 2)]
    if len(set(days)) > 1:
        return
    wall = at.astimezone(ZoneInfo(zone)).time()
    if quiet.begins < quiet.ends:
        on = quiet.begins <= wall < quiet.ends
    else:
        on = wall >= quiet.begins or wall < quiet.ends
    assert (quiet.until(at, zone) is not None) is on


@pytest.mark.parametrize(
    ("at", "zone", "ends"),
    [
        ("2026-11-21T23:00+00:00", "Europe/Berlin", "2026-11-22T06:00+00:00"),
        ("2026-11-21T05:59+00:00", "Europe/Berlin", "2026-11-21T06:00+00:00"),
        ("2026-11-21T06:00+00:00", "Europe/Berlin", None),
        ("2026-03-28T23:00+00:00", "Europe/Berlin", "2026-03-29T05:00+00:00"),  # an hour shorter
        ("2026-10-24T22:00+00:00", "Europe/Berlin", "2026-10-25T06:00+00:00"),  # an hour longer
    ],
)
def test_from_ten_to_seven(at: str, zone: str, ends: str | None) -> None:
    found = Quiet.parse("22:00-07:00").until(datetime.fromisoformat(at), zone)
    assert found == (datetime.fromisoformat(ends) if ends else None)


@given(ranges)
def test_they_are_written_as_they_are_read(quiet: Quiet) -> None:
    assert Quiet.parse(str(quiet)) == quiet


@pytest.mark.parametrize("text", ["", "22", "22-7", "25:00-07:00", "22:00-22:00", "22:60-7:00", "at night"])
def test_anything_else_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(Invalid, match="22:00-07:00"):
        Quiet.parse(text)
