"""A worker is killed between any two steps of what pages, reminds and hands over: everybody hears of it, and once."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest
from sqlalchemy import update

from agents.jobs import Job, JobName
from agents.oncall.kinds import Severity
from agents.oncall.page import PageState
from jobs import run as door
from storage.tables import RotaRow
from tests.oncall.ward import LIVES, Ward, rota
from tests.publishing.desk import Dies
from tests.storage.cast import at_once

LEASE = timedelta(seconds=40)
"""Longer than a worker that died keeps its job, and shorter than what happens next."""


def steps(ward: Ward, does: Callable[[], object]) -> int:
    """How many steps there are when nothing disturbs."""
    whole = Dies()
    ward.dies = whole
    does()
    ward.dies = LIVES
    return whole.passed


def test_killed_anywhere_everybody_is_paged_exactly_once(ward: Ward) -> None:
    ward.contact("Nora", "nora@example.com", Severity.CRITICAL)
    ward.raises(Severity.CRITICAL, subject="whole")
    count = steps(ward, ward.work_off)
    assert count >= 18, "the page's job and the letter's: take, do, put off, three steps each"
    for at in range(count):
        before = len(ward.heard("Nora"))
        alert = ward.raises(Severity.CRITICAL, subject=f"feed {at}")
        ward.dies = Dies(at)
        ward.work_off()
        ward.dies = LIVES
        ward.restart()
        ward.later(seconds=LEASE.total_seconds())
        pages = Counter((p.person_id, p.way, p.level, p.round) for p in ward.pages(alert))
        nora = ward.people["Nora"].id
        assert pages == {(nora, "chat", 1, 0): 1, (nora, "email", 1, 0): 1}, f"killed at step {at}"
        assert {p.state for p in ward.pages(alert) if p.way == "email"} == {PageState.SENT}
        assert len(ward.heard("Nora")) == before + 1, f"killed at step {at}: one card, and no line besides"
        ward.resolves("Nora", alert)
        ward.later(seconds=61)


def test_many_workers_at_once_page_once(ward: Ward) -> None:
    """As many rows owe the same: each is taken by a worker of its own, all at the same moment."""
    alert = ward.raises(Severity.CRITICAL)
    with ward.storage.unit_of_work() as work:
        ids = [work.jobs.owe(Job(JobName.PAGE, alert.about, work.now), work.now) for _ in range(6)]
    outcomes = at_once(*(partial(door.run, id) for id in ids))
    assert outcomes == [None] * 6
    ward.later(seconds=LEASE.total_seconds())
    assert [(p.way, p.level) for p in ward.pages(alert)] == [("chat", 1)]
    assert ward.heard("Nora") == ["alert"]


def test_killed_again_and_again_at_the_second_step(ward: Ward) -> None:
    """Each worker gets one step further than the one before."""
    alert = ward.raises(Severity.CRITICAL)
    ward.until("22:04")
    for at in range(12):
        ward.now.moment = ward.now.moment.replace(minute=5) + timedelta(seconds=26 * at)
        ward.dies = Dies(at)
        ward.work_off()
    ward.dies = LIVES
    ward.later(seconds=LEASE.total_seconds())
    second = Counter((p.person_id, p.way) for p in ward.pages(alert) if p.level == 2)
    assert second == {(ward.people[name].id, "chat"): 1 for name in ("Nora", "Cleo")}
    assert len(ward.heard("Nora")) == 2
    assert ward.heard("Cleo") == ["alert"]


def test_killed_anywhere_a_reminder_is_said_once(ward: Ward) -> None:
    def due(subject: str) -> Callable[[], None]:
        alert = ward.raises(Severity.CRITICAL, subject=subject)
        ward.work_off()
        ward.acknowledges("Nora", alert)
        ward.later(minutes=59, seconds=59)
        ward.now.forward(timedelta(seconds=2))
        return ward.work_off

    def resolve_all() -> None:
        with ward.looking() as work:
            unresolved = work.alerts.unresolved()
        for alert in unresolved:
            ward.resolves("Nora", alert)

    count = steps(ward, due("whole"))
    assert count >= 9, "take, do, put off: three steps each"
    resolve_all()
    for at in range(count):
        act = due(f"feed {at}")
        before = len(ward.heard("Nora"))
        ward.dies = Dies(at)
        act()
        ward.dies = LIVES
        ward.later(seconds=LEASE.total_seconds())
        assert len(ward.heard("Nora")) == before + 1, f"killed at step {at}"
        resolve_all()


def test_killed_anywhere_a_hand_over_is_said_once(ward: Ward) -> None:
    with ward.storage.unit_of_work() as work:
        work.rotas.remove(work.rotas.by_name("first"))
        ids = [ward.people[name].id for name in ("Nora", "Ben")]
        rota(work, "hourly", 1, ids, "FREQ=DAILY;INTERVAL=1;BYHOUR=" + ",".join(map(str, range(24))))
        work.owe(JobName.HAND_OVER, work.rotas.by_name("hourly").subject)
    ward.work_off()
    hours = 0

    def next_hour() -> None:
        nonlocal hours
        hours += 1
        ward.now.moment = ward.now.moment.replace(minute=0, second=1) + timedelta(hours=1)
        ward.work_off()

    for at in range(steps(ward, next_hour)):
        before = ward.heard("Nora"), ward.heard("Ben")
        ward.dies = Dies(at)
        next_hour()
        ward.dies = LIVES
        ward.restart()
        ward.later(seconds=LEASE.total_seconds())
        now = ward.heard("Nora"), ward.heard("Ben")
        assert [len(a) - len(b) for a, b in zip(now, before, strict=True)] == [1, 1], f"killed at step {at}"
    assert hours > 5


@pytest.mark.parametrize("severity", [Severity.CRITICAL, Severity.HIGH])
def test_a_job_that_always_fails_shows_the_card_to_owners_and_tries_on(
    ward: Ward, severity: Severity
) -> None:
    """Rotas in a zone that is nowhere: the policy cannot be carried out until it is mended."""
    alert = ward.raises(severity)
    with ward.storage.unit_of_work() as work:
        work.connection.execute(update(RotaRow).values(zone="No/Where"))
    ward.later(minutes=5)
    assert ward.heard("Olga") == ["alert"]
    assert ward.asked(alert) == []
    with ward.storage.unit_of_work() as work:
        work.connection.execute(update(RotaRow).values(zone="UTC"))
    ward.later(minutes=10)
    assert "Nora" in [name for _, name, _ in ward.asked(alert)]
    with ward.looking() as work:
        assert len(work.alerts.unresolved()) == 1, "no alert about an alert"
