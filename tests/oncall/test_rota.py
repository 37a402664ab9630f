"""Whatever the rota, the overrides and the instant: one person is on call, and hand-overs come at the right local time."""

from __future__ import annotations

import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.oncall.rhythm import recurrence
from agents.oncall.rota import BEGINNING, Override, Rota, going_on, hand_overs, on_call, shift_at, shifts
from tests.oncall.rotas import instants, overrides, rotas, wall

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAILY = Rota(
    "r",
    "primary",
    1,
    "Europe/Berlin",
    ("a", "b", "c"),
    wall("2026-03-01 09:00"),
    "FREQ=DAILY;INTERVAL=1",
    datetime(2026, 3, 1, tzinfo=UTC),
)


def slowly(rota: Rota, at: datetime) -> str:
    """Who the rotation names at that instant, by counting every hand-over since the first, as dateutil has them."""
    zone, holder = ZoneInfo(rota.zone), 0
    for n, local in enumerate(recurrence(rota.rule, rota.starts)):
        if local > at.astimezone(zone).replace(tzinfo=None) + timedelta(days=3):
            break
        if local.replace(tzinfo=zone).astimezone(UTC) <= at:
            holder = n
    return rota.people[holder % len(rota.people)]


@settings(max_examples=400, deadline=None)
@given(st.data())
def test_every_instant_has_exactly_one_person(data: st.DataObject) -> None:
    rota, at = data.draw(rotas())
    taken = data.draw(overrides(at))
    shift = shift_at(rota, taken, at)
    assert shift.starts_at <= at < shift.ends_at
    winners = sorted((o for o in taken if o.covers(at)), key=lambda o: o.rank)
    assert shift.override == (winners[-1] if winners else None)
    assert shift.person_id == (winners[-1].person_id if winners else slowly(rota, at))


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_shifts_tile_the_time(data: st.DataObject) -> None:
    rota, at = data.draw(rotas())
    taken = data.draw(overrides(at))
    end = at + timedelta(days=data.draw(st.integers(1, 30)))
    found = shifts(rota, taken, at, end)
    assert found[0].starts_at <= at and found[-1].ends_at >= end
    for shift, following in pairwise(found):
        assert shift.starts_at < shift.ends_at == following.starts_at
    for shift in found:
        inside = max(shift.starts_at, BEGINNING)
        middle = inside + (shift.ends_at - inside) / 2
        last = shift.ends_at - timedelta(microseconds=1)
        assert {shift_at(rota, taken, each) for each in (inside, middle, last)} == {shift}


@settings(max_examples=300, deadline=None)
@given(rotas())
def test_hand_overs_come_at_the_local_time_that_was_agreed(case: tuple[Rota, datetime]) -> None:
    rota, at = case
    zone = ZoneInfo(rota.zone)
    for instant in hand_overs(rota, at, at + timedelta(days=40)):
        shown = instant.astimezone(zone).replace(tzinfo=None, fold=0)
        back = shown.replace(tzinfo=zone).astimezone(UTC)
        assert back == instant, "of a time that comes twice it is the first"
        agreed = recurrence(rota.rule, rota.starts).between(shown - timedelta(hours=25), shown, inc=True)
        assert shown in [local + skipped(local, zone) for local in agreed]


def skipped(local: datetime, zone: ZoneInfo) -> timedelta:
    """How far the clocks are set forward at a local time that they leave out; nothing at any other."""
    before, after = (local.replace(tzinfo=zone, fold=fold).utcoffset() for fold in (0, 1))
    assert before is not None and after is not None
    return max(after - before, timedelta())


@settings(max_examples=200, deadline=None)
@given(rotas())
def test_hand_overs_are_where_the_shifts_meet(case: tuple[Rota, datetime]) -> None:
    rota, at = case
    end = at + timedelta(days=20)
    meet = [shift.starts_at for shift in shifts(rota, (), at, end)]
    assert hand_overs(rota, at, end) == [one for one in meet if at <= one]


@pytest.mark.parametrize(
    ("zone", "starts", "day", "instant"),
    [
        (
            "Europe/Berlin",
            wall("2026-03-20 02:30"),
            9,
            "2026-03-29 01:30",
        ),  # 02:30 is skipped: 03:30 CEST
        ("Europe/Berlin", wall("2026-10-20 02:30"), 5, "2026-10-25 00:30"),  # the first of two
        ("Europe/Berlin", wall("2026-03-20 09:00"), 9, "2026-03-29 07:00"),
        ("Europe/Berlin", wall("2026-03-20 09:00"), 8, "2026-03-28 08:00"),
        (
            "Australia/Lord_Howe",
            wall("2026-10-01 02:15"),
            3,
            "2026-10-03 15:45",
        ),  # 02:45, half an hour on
        ("Australia/Lord_Howe", wall("2026-04-01 01:45"), 4, "2026-04-04 14:45"),  # the first of two
        (
            "America/Sao_Paulo",
            wall("2018-11-01 00:00"),
            3,
            "2018-11-04 03:00",
        ),  # midnight is skipped: 01:00
        ("America/Sao_Paulo", wall("2026-11-01 00:00"), 3, "2026-11-04 03:00"),  # no summer time any more
    ],
)
def test_on_the_days_when_clocks_are_changed(zone: str, starts: datetime, day: int, instant: str) -> None:
    rota = replace(DAILY, zone=zone, starts=starts)
    at = datetime.fromisoformat(f"{instant}+00:00")
    shift = shift_at(rota, (), at)
    assert shift.starts_at == at
    assert shift.person_id == "abc"[day % 3]
    assert shift_at(rota, (), at - timedelta(seconds=1)).person_id == "abc"[(day - 1) % 3]


def test_a_day_that_was_left_out_is_nobodys() -> None:
    """Apia went from 29 to 31 December 2011: the hand-over of the 30th would come at that of the 31st, and holds nothing."""
    rota = replace(DAILY, zone="Pacific/Apia", starts=wall("2011-12-28 09:00"))
    around = shifts(rota, (), datetime(2011, 12, 29, tzinfo=UTC), datetime(2012, 1, 1, 23, tzinfo=UTC))
    assert [shift.person_id for shift in around] == ["a", "b", "a", "b", "c"]
    assert {shift.ends_at - shift.starts_at for shift in around[1:4]} == {timedelta(days=1)}


def test_before_the_first_hand_over_the_first_person_is_on_call() -> None:
    for at in (BEGINNING, datetime(1999, 1, 1, tzinfo=UTC), datetime(2026, 3, 1, 7, 59, tzinfo=UTC)):
        shift = shift_at(DAILY, (), at)
        assert (shift.person_id, shift.starts_at) == ("a", BEGINNING)
        assert shift.ends_at == datetime(2026, 3, 1, 8, tzinfo=UTC)


def test_the_override_that_was_made_later_wins_while_it_lasts() -> None:
    def taken(id: str, begins: int, ends: int, made: int) -> Override:
        hour = timedelta(hours=1)
        return Override(
            id, "r", id, NOON + begins * hour, NOON + ends * hour, "person", "a", NOON - made * hour
        )

    early, late = taken("early", 0, 10, 5), taken("late", 3, 5, 1)
    found = shifts(DAILY, [late, early], NOON, NOON + timedelta(hours=10))
    assert [shift.person_id for shift in found] == ["early", "late", "early"]
    assert on_call([DAILY], [early, late], NOON + timedelta(hours=4))[1].person_id == "late"
    assert shift_at(DAILY, [replace(late, rota_id="other")], NOON + timedelta(hours=4)).override is None


def test_layers_are_answered_in_order() -> None:
    second = replace(DAILY, id="s", name="second", layer=2, people=("z",))
    found = on_call([second, DAILY], (), NOON)
    assert [(layer, shift.rota_id) for layer, shift in found.items()] == [(1, "r"), (2, "s")]
    assert found[2].person_id == "z"


@settings(max_examples=200, deadline=None)
@given(rotas(), st.permutations("abcdefg"), st.integers(1, 7))
def test_whoever_has_the_turn_keeps_it_when_the_people_change(
    case: tuple[Rota, datetime], order: list[str], many: int
) -> None:
    rota, at = case
    after = going_on(rota, replace(rota, people=tuple(order[:many])), at)
    was, now = shift_at(rota, (), at).person_id, shift_at(after, (), at).person_id
    assert sorted(after.people) == sorted(order[:many])
    if was in after.people:
        assert now == was
    elif set(rota.people) & set(after.people):
        turn = rota.people.index(was)
        assert now == next(p for p in (*rota.people[turn:], *rota.people[:turn]) if p in after.people)


@given(instants)
@settings(max_examples=50, deadline=None)
def test_an_old_rota_counts_as_dateutil_does(at: datetime) -> None:
    old = replace(DAILY, starts=wall("2012-02-28 09:00"), rule="FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,TH")
    assert shift_at(old, (), at).person_id == slowly(old, at)


def test_a_rota_of_ten_years_answers_as_fast_as_a_new_one() -> None:
    """Measured: 20 µs. The limit is far above it, and far below what counting from the beginning takes (9 ms)."""
    old = replace(DAILY, starts=wall("2016-03-01 09:00"))
    shift_at(old, (), NOON)
    began = time.perf_counter()
    for hour in range(1000):
        shift_at(old, (), NOON + timedelta(hours=hour))
    assert time.perf_counter() - began < 1.0
