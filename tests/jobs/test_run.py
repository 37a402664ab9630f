"""`jobs.run.run`, called as RQ calls it: too often, too early, after others died, and when everything in it raises."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from agents.effects.effect import EffectState
from agents.jobs import JobName, Queue
from agents.oncall.alert import Alert
from agents.oncall.kinds import AlertKind
from agents.publishing.platform import OutcomeUnknown
from agents.writing.post import State, Variant
from jobs import run as door
from jobs.run import TRIES, run
from storage.jobs import EARLIEST
from storage.tables import JobRow
from tests.bench.house import House
from tests.jobs.timed import Timed


def approved(house: House, timed: Timed) -> tuple[Variant, str]:
    """A post that is about to go out, and the row that owes it."""
    (draft,) = house.drafts(1)
    house.press(draft.approve)
    return draft.variant, timed.rung[-1]


def state(timed: Timed, of: Variant) -> State:
    with timed.storage.reading() as work:
        return work.posts.variant(of.id).state


def alerts(timed: Timed, about: Variant) -> list[Alert]:
    with timed.storage.reading() as work:
        return work.alerts.open_about(about.subject)


def due(timed: Timed, id: str) -> datetime | None:
    """When the row is due again; None once it is done."""
    with timed.storage.reading() as work:
        row = work.connection.execute(select(JobRow.due_at, JobRow.done_at).where(JobRow.id == id)).one()
    return None if row.done_at else row.due_at


def test_what_is_owed_is_done_and_the_row_is_finished(quiet: House, timed: Timed) -> None:
    post, id = approved(quiet, timed)
    run(id)
    assert state(timed, post) is State.PUBLISHED
    assert due(timed, id) is None
    assert len(timed.fake.arrived) == 1


def test_a_finished_row_is_not_run_again(quiet: House, timed: Timed) -> None:
    _, id = approved(quiet, timed)
    run(id)
    calls = list(timed.fake.calls)
    timed.now.forward(timedelta(days=1))
    run(id)
    with timed.storage.unit_of_work() as work:
        assert id not in [owed.id for owed in work.jobs.claim_due(work.now)]
        assert work.jobs.take(id, "somebody", work.now, timedelta(seconds=1)) is None
    assert timed.fake.calls == calls


def test_a_row_that_nobody_knows_is_no_error(quiet: House, timed: Timed) -> None:
    run("nosuchjob0")
    assert timed.fake.calls == []


def test_rung_twice_it_is_run_by_one(quiet: House, timed: Timed) -> None:
    _, id = approved(quiet, timed)
    timed.fake.meanwhile("send", lambda: run(id))
    run(id)
    assert timed.fake.calls == ["send"]
    assert len(timed.fake.arrived) == 1


def test_the_lease_of_a_worker_that_died_runs_out(quiet: House, timed: Timed) -> None:
    post, id = approved(quiet, timed)
    timed.fake.fails("send", KeyboardInterrupt(), delivered=True)
    with pytest.raises(KeyboardInterrupt):
        run(id)
    lease = timed.leases[Queue.NOW]
    timed.now.forward(lease - timedelta(seconds=1))
    run(id)
    assert state(timed, post) is State.PUBLISHING, "somebody may still be at it"
    timed.now.forward(timedelta(seconds=2))
    run(id)
    assert state(timed, post) is State.PUBLISHED
    assert timed.fake.calls == ["send", "find"]
    assert len(timed.fake.arrived) == 1


def test_what_was_put_off_is_not_run_by_an_older_ring(quiet: House, timed: Timed) -> None:
    post, id = approved(quiet, timed)
    timed.fake.fails("send", OutcomeUnknown("Lost."), times=5)
    timed.fake.fails("find", OutcomeUnknown("Lost."), times=5)
    again = timed.now()
    while again <= timed.now() + EARLIEST:
        timed.now.moment = again
        run(id)
        again = due(timed, id) or pytest.fail("it was given up")
    calls = list(timed.fake.calls)
    run(id)
    assert timed.fake.calls == calls
    timed.now.moment = again
    timed.fake.calm()
    run(id)
    assert state(timed, post) is State.PUBLISHED


def test_what_waits_is_never_given_up(quiet: House, timed: Timed) -> None:
    """Halted for longer than any number of tries, it goes out afterwards; waiting is no failure."""
    post, id = approved(quiet, timed)
    with timed.storage.unit_of_work() as work:
        work.switches.set("halted", {"by": "Alice"})
    for _ in range(TRIES + 2):
        run(id)
        again = due(timed, id)
        assert again is not None
        timed.now.moment = again
    assert alerts(timed, post) == []
    with timed.storage.unit_of_work() as work:
        work.switches.clear("halted")
    run(id)
    assert state(timed, post) is State.PUBLISHED


def test_a_job_that_always_raises_is_told_to_a_person(
    quiet: House, timed: Timed, monkeypatch: pytest.MonkeyPatch
) -> None:
    runs: list[door.Held] = []

    def raises(task: door.Held) -> None:
        runs.append(task)
        raise ZeroDivisionError("a bug of ours")

    monkeypatch.setitem(door.WORK, JobName.ESCALATE, raises)
    (draft,) = quiet.drafts(1)
    with timed.storage.unit_of_work() as work:
        work.owe(JobName.ESCALATE, draft.variant.subject)
    id = timed.rung[-1]
    pauses = []
    for _ in range(TRIES - 1):
        began = timed.now()
        run(id)
        again = due(timed, id)
        assert again is not None
        pauses.append(round((again - began).total_seconds()))
        timed.now.moment = again
        assert alerts(timed, draft.variant) == []
    assert pauses == [1, 4, 9, 16, 25]
    run(id)
    (alert,) = alerts(timed, draft.variant)
    assert alert.kind is AlertKind.JOB_FAILED
    assert f"{TRIES} times: ZeroDivisionError" in alert.what
    assert due(timed, id) is None
    timed.now.forward(timedelta(days=1))
    run(id)
    assert len(runs) == TRIES


def test_publishing_that_always_raises_ends_where_a_person_can_press_something(
    quiet: House, timed: Timed
) -> None:
    """A publisher may raise nothing but PublishError; one that has a bug leaves it unknown what happened."""
    post, id = approved(quiet, timed)
    timed.fake.fails("send", ZeroDivisionError(), times=TRIES)
    for _ in range(TRIES):
        run(id)
        timed.now.moment = due(timed, id) or timed.now.moment
    assert due(timed, id) is None
    assert state(timed, post) is State.UNKNOWN
    (alert,) = alerts(timed, post)
    assert alert.kind is AlertKind.PUBLISH_UNKNOWN
    with timed.storage.reading() as work:
        (effect,) = work.effects.about(post.subject)
    assert effect.state is EffectState.UNKNOWN


def test_a_job_that_kills_every_worker_is_given_up(quiet: House, timed: Timed) -> None:
    post, id = approved(quiet, timed)
    timed.fake.fails("send", KeyboardInterrupt(), times=TRIES)
    for _ in range(TRIES):
        with pytest.raises(KeyboardInterrupt):
            run(id)
        timed.now.forward(timed.leases[Queue.NOW] + timedelta(seconds=1))
    calls = list(timed.fake.calls)
    run(id)
    assert timed.fake.calls == calls
    assert due(timed, id) is None
    assert state(timed, post) is State.UNKNOWN
    assert "every worker that took it died" in alerts(timed, post)[0].what


def test_a_worker_that_was_overtaken_stops_and_says_nothing(quiet: House, timed: Timed) -> None:
    """It sleeps for longer than its lease in the middle of a send; another one finishes the job meanwhile."""
    post, id = approved(quiet, timed)

    def sleeps() -> None:
        timed.now.forward(timed.leases[Queue.NOW] + timedelta(seconds=1))
        run(id)
        assert state(timed, post) is State.PUBLISHED

    timed.fake.meanwhile("send", sleeps, delivered=True)
    run(id)
    assert len(timed.fake.arrived) == 1
    assert state(timed, post) is State.PUBLISHED
    assert alerts(timed, post) == []
    assert due(timed, id) is None
