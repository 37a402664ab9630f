"""Rotas of every kind, for properties that hold for all of them."""

from __future__ import annotations

from datetime import UTC, datetime, time, timedelta

from hypothesis import strategies as st

from agents.oncall import rhythm
from agents.oncall.rota import Override, Rota


def wall(text: str) -> datetime:
    """Local time, naive: "2026-03-29 02:30"."""
    return datetime.fromisoformat(text)


ZONES = (
    "Europe/Berlin",
    "America/Sao_Paulo",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "America/New_York",
    "Africa/Casablanca",
    "Asia/Kathmandu",
    "Pacific/Kwajalein",
    "UTC",
)
"""Both hemispheres; half an hour of summer time; days that were left out; rules that changed often, and a quarter of an hour."""
HARD = (
    ("Europe/Berlin", wall("2026-03-29 02:30")),
    ("Europe/Berlin", wall("2026-10-25 02:30")),
    ("America/Sao_Paulo", wall("2018-11-04 00:30")),
    ("America/Sao_Paulo", wall("2018-02-17 23:30")),
    ("Australia/Lord_Howe", wall("2026-10-04 02:15")),
    ("Australia/Lord_Howe", wall("2026-04-05 01:45")),
    ("Pacific/Apia", wall("2011-12-30 09:00")),
    ("Pacific/Kwajalein", wall("1993-08-21 09:00")),
)
"""Local times that do not exist, or come twice."""

people = st.integers(1, 5).map(lambda n: tuple("abcde"[:n]))
walls = st.datetimes(wall("1990-01-01 00:00"), wall("2060-01-01 00:00")).map(
    lambda each: each.replace(second=0, microsecond=0)
)
instants = st.datetimes(wall("1985-01-01 00:00"), wall("2080-01-01 00:00"), timezones=st.just(UTC))


@st.composite
def rules(draw: st.DrawFn, starts: datetime) -> str:
    freq = draw(st.sampled_from(("DAILY", "WEEKLY")))
    days = draw(st.sets(st.sampled_from(rhythm.WEEKDAYS), max_size=4))
    minute = draw(st.sampled_from((0, 15, 30, starts.minute)))
    hours = draw(st.sets(st.sampled_from((0, 2, 3, 9, 21, starts.hour)), max_size=3))
    interval = draw(st.sampled_from((1, 1, 2, 3, 10)))
    return rhythm.rule(freq, interval, tuple(days), tuple(time(hour, minute) for hour in hours))


@st.composite
def rotas(draw: st.DrawFn) -> tuple[Rota, datetime]:
    """A rota, and an instant: often one near which clocks are changed."""
    zone, hard = draw(st.sampled_from(HARD) | st.tuples(st.sampled_from(ZONES), walls))
    before = timedelta(days=draw(st.sampled_from((0, 1, 2, 7, 14, 400))))
    starts = hard - before
    rota = Rota(
        "r", "primary", 1, zone, draw(people), starts, draw(rules(starts)), datetime(2020, 1, 1, tzinfo=UTC)
    )
    near = timedelta(minutes=draw(st.integers(-4000, 4000)))
    at = draw(st.just(hard.replace(tzinfo=UTC) + near) | instants)
    return rota, at


@st.composite
def overrides(draw: st.DrawFn, around: datetime, most: int = 6) -> list[Override]:
    found = []
    for n in range(draw(st.integers(0, most))):
        begins = around + timedelta(minutes=draw(st.integers(-6000, 6000)))
        ends = begins + timedelta(minutes=draw(st.integers(1, 6000)))
        made = around - timedelta(days=draw(st.integers(0, 2)))
        found.append(Override(f"o{n}", "r", f"o{n}", begins, ends, "person", "a", made))
    return found
