"""Many failures of one cause are one alert, on whatever they fall; one thing that is mended takes only itself away."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest

from agents.events import Subject
from agents.oncall.alert import FLAPS, Alert, AlertState
from agents.oncall.kinds import AlertKind, Severity
from storage.unit_of_work import Storage, UnitOfWork
from tests.storage.cast import Bell, Now, opened

CAUSES, FAILURES = 20, 600


@pytest.fixture
def now() -> Now:
    return Now()


@pytest.fixture
def storage(database_url: str, now: Now) -> Iterator[Storage]:
    made = opened(database_url, now, Bell())
    yield made
    made.engine.dispose()


def post(number: int) -> Subject:
    return Subject("post", f"p{number}")


def fails(work: UnitOfWork, number: int, account: str = "a") -> Alert:
    return work.raise_alert(
        AlertKind.PUBLISH_UNKNOWN,
        post(number),
        f"Number {number} may be out.",
        kept="It is kept.",
        remedy="Look.",
        group=Subject("account", account),
    )


def three(work: UnitOfWork) -> Alert:
    for number in range(3):
        alert = fails(work, number)
    return alert


def test_a_storm_is_as_many_alerts_as_it_has_causes(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        channel = work.channels.add("console", "alerts", work.now)
    for begin in range(0, FAILURES, 100):
        with storage.unit_of_work() as work:
            for number in range(begin, begin + 100):
                fails(work, number, f"a{number % CAUSES}")
    with storage.reading() as work:
        alerts = work.alerts.unresolved(limit=1000)
        assert len(alerts) == CAUSES
        assert {alert.count for alert in alerts} == {FAILURES // CAUSES}
        assert {work.alerts.suffering(alert.id) for alert in alerts} == {FAILURES // CAUSES}
        cards = [m for m in work.messages.in_channel(channel.id, "") if m.card]
        assert {m.card for m in cards} == {alert.about for alert in alerts}
        assert len(cards) == CAUSES


def test_the_same_thing_that_fails_again_suffers_once(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        for _ in range(3):
            alert = fails(work, 1)
        assert (alert.count, work.alerts.suffering(alert.id)) == (3, 1)


def test_what_is_mended_takes_only_itself_away(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        id = three(work).id
    with storage.unit_of_work() as work:
        work.resolve_about(post(1), "Bob")
        assert work.alerts.open_about(post(1)) == []
        assert work.alerts.get(id).state is AlertState.OPEN
        left = [one.subject for one in work.alerts.about(id) if one.mended_at is None]
        assert sorted(left) == [post(0), post(2)]
    with storage.unit_of_work() as work:
        work.resolve_about(post(0), "Bob")
        work.resolve_about(post(2), "Alice")
        alert = work.alerts.get(id)
    assert (alert.state, alert.handled_by) == (AlertState.RESOLVED, "Alice")


def test_what_fails_after_it_was_mended_suffers_again(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        alert, _ = fails(work, 1), fails(work, 2)
        work.resolve_about(post(1), "Bob")
        fails(work, 1)
        assert work.alerts.suffering(alert.id) == 2


def test_a_cause_that_flaps_is_one_alert_that_says_so(storage: Storage, now: Now) -> None:
    for _ in range(4):
        with storage.unit_of_work() as work:
            alert = fails(work, 1)
            work.resolve_about(post(1), "Troupe")
        now.forward(FLAPS / 2)
    with storage.reading() as work:
        assert len(work.alerts.between(now() - timedelta(days=1), now())) == 1
        alert = work.alerts.get(alert.id)
    assert (alert.count, alert.reopened, alert.flaps) == (4, 3, True)


def test_what_comes_back_may_be_worse_than_it_was(storage: Storage) -> None:
    def raised(severity: Severity) -> Alert:
        with storage.unit_of_work() as work:
            return work.raise_alert(
                AlertKind.EXTERNAL, post(1), "A disk fills.", kept="", remedy="", severity=severity
            )

    first = raised(Severity.LOW)
    with storage.unit_of_work() as work:
        work.resolve_about(post(1), "somebody")
    again = raised(Severity.CRITICAL)
    assert (again.id, again.severity, again.state) == (first.id, Severity.CRITICAL, AlertState.OPEN)


def test_a_cause_that_ends_takes_everything_away(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        alert = three(work)
        kind, account = AlertKind.PUBLISH_UNKNOWN, Subject("account", "a")
        assert sorted(work.resolve_cause(kind, account, "Mia")) == [post(0), post(1), post(2)]
        assert work.resolve_cause(kind, account, "Mia") == []
        assert work.alerts.suffering(alert.id) == 0
        assert work.alerts.get(alert.id).handled_by == "Mia"


def test_what_is_only_counted_is_no_part_of_the_story(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        for _ in range(5):
            alert = fails(work, 1)
        told = [r.event.name for r in work.events.about(alert.about)]
    assert sorted(told) == ["alert.counted"] * 4 + ["alert.raised"]
