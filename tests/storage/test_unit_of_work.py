"""One verb, one transaction: everything is there together, or nothing is; whoever is rung finds it there."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from agents.events import TROUPE, Event, Subject
from agents.jobs import JobName
from agents.oncall.kinds import AlertKind
from agents.people import Role
from storage.unit_of_work import Committed, Storage, UnitOfWork
from tests.storage.cast import Bell, Now, opened

ABOUT = Subject("post", "p1")


def everything(work: UnitOfWork) -> None:
    """A row, an event, a job and an alert with its card."""
    work.people.add("Alice", Role.OWNER, work.now)
    work.channels.add("console", "general", work.now)
    work.record(Event("post.approved", ABOUT, TROUPE))
    work.owe(JobName.PUBLISH, ABOUT)
    work.raise_alert(AlertKind.PUBLISH_FAILED, ABOUT, "It failed.", kept="All.", remedy="Retry.")


def test_rows_events_jobs_and_cards_are_committed_together(storage: Storage, bell: Bell) -> None:
    with storage.unit_of_work(correlation="c1") as work:
        everything(work)
        assert bell.rung == []
    with storage.reading() as work:
        assert [p.name for p in work.people.everyone()] == ["Alice"]
        recorded = work.events.about(ABOUT)
        assert [(r.event.name, r.correlation) for r in recorded] == [("post.approved", "c1")]
        [alert] = work.alerts.unresolved()
        assert [m.card for m in work.messages.after(0)] == [Subject("alert", alert.id)]
    assert len(bell.rung) == 1
    assert {ABOUT, Subject("alert", alert.id)} <= bell.subjects
    assert [owed.job.name for owed in bell.rung[0].owed] == [JobName.PUBLISH, JobName.PAGE]


def test_a_rollback_leaves_nothing_and_rings_nobody(storage: Storage, bell: Bell) -> None:
    with pytest.raises(ZeroDivisionError), storage.unit_of_work() as work:
        everything(work)
        raise ZeroDivisionError
    with storage.reading() as work:
        assert work.people.everyone() == []
        assert work.events.last_id() == 0
        assert work.messages.last_id() == 0
        assert work.alerts.unresolved() == []
        assert work.jobs.next_due() is None
    assert bell.rung == []


def test_whoever_is_rung_finds_it_committed(database_url: str, now: Now) -> None:
    other = opened(database_url)
    found: list[int] = []

    def look(committed: Committed) -> None:
        with other.reading() as work:
            found.append(len(work.people.everyone()))

    storage = opened(database_url, now, look)
    with storage.unit_of_work() as work:
        everything(work)
    assert found == [1]
    other.engine.dispose()
    storage.engine.dispose()


def test_a_bell_that_fails_is_no_failure_of_the_commit(database_url: str, now: Now) -> None:
    def broken(committed: Committed) -> None:
        raise ConnectionError("no Redis")

    storage = opened(database_url, now, broken)
    with capture_logs() as logged, storage.unit_of_work() as work:
        everything(work)
    assert [line["event"] for line in logged] == ["bell.failed"]
    with storage.unit_of_work() as work:
        assert work.people.count_active() == 1
        late = work.jobs.claim_due(work.now + timedelta(seconds=6))
        assert {owed.job.subject for owed in late} == {ABOUT, work.alerts.unresolved()[0].about}
    storage.engine.dispose()


def test_only_what_is_owed_now_is_rung(storage: Storage, bell: Bell) -> None:
    with storage.unit_of_work() as work:
        work.owe(JobName.REMIND, ABOUT, work.now + timedelta(hours=4))
    assert bell.jobs == []


def test_what_is_only_read_is_never_written(storage: Storage) -> None:
    with storage.reading() as work:
        work.people.add("Alice", Role.OWNER, work.now)
    with storage.reading() as work:
        assert work.people.everyone() == []


def test_a_reader_does_not_wait_for_a_writer_and_sees_no_half_of_it(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        work.people.add("Alice", Role.OWNER, work.now)
        with storage.reading() as looking:
            assert looking.people.everyone() == []


def test_a_card_stands_in_a_channel_once(storage: Storage, bell: Bell) -> None:
    with storage.unit_of_work() as work:
        channel = work.channels.add("console", "general", work.now)
        work.place(channel.id, ABOUT)
    for _ in range(2):
        with storage.unit_of_work() as work:
            work.place(channel.id, ABOUT)
            work.place("", ABOUT)
    with storage.reading() as work:
        assert len(work.messages.cards_of(ABOUT)) == 1
    assert [Subject("channel", channel.id) in committed.subjects for committed in bell.rung] == [
        True,
        False,
        False,
    ]


def test_an_alert_stands_where_its_subject_does_else_among_the_alerts_else_anywhere(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        first = work.channels.add("console", "general", work.now)
        raised = work.raise_alert(AlertKind.JOB_FAILED, Subject("system", "a"), "x", kept="", remedy="")
        assert [m.channel_id for m in work.messages.cards_of(Subject("alert", raised.id))] == [first.id]
        alerts = work.channels.add("console", "alerts", work.now)
        raised = work.raise_alert(AlertKind.JOB_FAILED, Subject("system", "b"), "x", kept="", remedy="")
        assert [m.channel_id for m in work.messages.cards_of(Subject("alert", raised.id))] == [alerts.id]
        own = work.channels.add("console", "posts", work.now)
        work.place(own.id, ABOUT)
        raised = work.raise_alert(AlertKind.PUBLISH_FAILED, ABOUT, "x", kept="", remedy="")
        assert [m.channel_id for m in work.messages.cards_of(Subject("alert", raised.id))] == [own.id]


def test_acting_on_a_subject_resolves_its_alerts(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        work.raise_alert(AlertKind.PUBLISH_FAILED, ABOUT, "x", kept="", remedy="")
        other = work.raise_alert(AlertKind.PUBLISH_FAILED, Subject("post", "p2"), "x", kept="", remedy="")
    with storage.unit_of_work() as work:
        work.resolve_about(ABOUT, "Alice")
        assert work.alerts.open_about(ABOUT) == []
        assert [a.id for a in work.alerts.unresolved()] == [other.id]
