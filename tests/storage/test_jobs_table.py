"""What is owed is done once, by one, at its time: the table of jobs under clocks and workers that die."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta

from agents.events import Subject
from agents.jobs import Job, JobName
from storage.jobs import EARLIEST, RING_GRACE, Owed
from storage.unit_of_work import Storage
from tests.storage.cast import LONG_AGO, Bell, at_once, opened

ABOUT = Subject("post", "p1")
LEASE = timedelta(seconds=45)
MOMENT = LONG_AGO + timedelta(days=1)


def owe(storage: Storage, due_at: datetime = MOMENT, about: Subject = ABOUT) -> str:
    """A job that is owed at `due_at`, as it was noted a while before."""
    with storage.unit_of_work() as work:
        return work.jobs.owe(Job(JobName.PUBLISH, about, due_at), due_at - timedelta(hours=1))


def take(storage: Storage, id: str, holder: str, at: datetime) -> Owed | None:
    with storage.unit_of_work() as work:
        return work.jobs.take(id, holder, at, LEASE)


def claimed(storage: Storage, at: datetime, limit: int = 100) -> list[str]:
    with storage.unit_of_work() as work:
        return [owed.id for owed in work.jobs.claim_due(at, limit=limit)]


def test_a_timer_is_due_at_its_time_and_not_before(storage: Storage) -> None:
    id = owe(storage)
    assert claimed(storage, MOMENT - timedelta(milliseconds=1)) == []
    assert claimed(storage, MOMENT) == [id]
    assert claimed(storage, MOMENT) == []


def test_what_was_rung_and_never_taken_is_rung_again(storage: Storage) -> None:
    id = owe(storage)
    assert claimed(storage, MOMENT) == [id]
    assert claimed(storage, MOMENT + RING_GRACE - timedelta(milliseconds=1)) == []
    assert claimed(storage, MOMENT + RING_GRACE) == [id]


def test_what_is_owed_at_once_is_rung_by_the_commit_and_by_the_clock_only_if_that_was_lost(
    storage: Storage, bell: Bell
) -> None:
    with storage.unit_of_work() as work:
        work.owe(JobName.PUBLISH, ABOUT)
        at = work.now
    [id] = bell.jobs
    assert claimed(storage, at) == []
    assert claimed(storage, at + RING_GRACE) == [id]


def test_several_clocks_never_claim_the_same_job(storage: Storage, database_url: str) -> None:
    ids = [owe(storage, MOMENT, Subject("post", f"p{n}")) for n in range(60)]
    clocks = [opened(database_url) for _ in range(4)]

    def tick(clock: Storage) -> Callable[[], list[str]]:
        def until_nothing_is_due() -> list[str]:
            found: list[str] = []
            while more := claimed(clock, MOMENT, limit=7):
                found += more
            return found

        return until_nothing_is_due

    rung: list[str] = []
    for found in at_once(*map(tick, clocks)):
        assert isinstance(found, list), found
        rung += found
    # A clock that meets only rows which another has locked sees nothing due and stops: what matters is none twice.
    assert sorted(rung) == sorted(set(rung))
    assert sorted(rung + claimed(storage, MOMENT)) == sorted(ids)
    for clock in clocks:
        clock.engine.dispose()


def test_many_workers_are_rung_for_one_job_and_one_takes_it(storage: Storage) -> None:
    id = owe(storage)
    claimed(storage, MOMENT)
    takers = [lambda n=n: take(storage, id, f"w{n}", MOMENT) for n in range(8)]
    taken = at_once(*takers)
    assert Counter(type(o).__name__ for o in taken) == {"Owed": 1, "NoneType": 7}


def test_a_job_that_is_done_is_never_taken_or_claimed_again(storage: Storage) -> None:
    id = owe(storage)
    assert take(storage, id, "a", MOMENT) is not None
    with storage.unit_of_work() as work:
        assert work.jobs.finish(id, "a", MOMENT)
        assert not work.jobs.finish(id, "a", MOMENT)
    later = MOMENT + timedelta(days=1)
    assert take(storage, id, "b", later) is None
    assert claimed(storage, later) == []


def test_a_worker_that_died_is_overtaken_when_its_lease_is_over(storage: Storage) -> None:
    id = owe(storage)
    first = take(storage, id, "a", MOMENT)
    assert first is not None and first.attempts == 1
    almost = MOMENT + LEASE - timedelta(milliseconds=1)
    assert claimed(storage, almost) == []
    assert take(storage, id, "b", almost) is None
    assert claimed(storage, MOMENT + LEASE) == [id]
    second = take(storage, id, "b", MOMENT + LEASE)
    assert second is not None and second.attempts == 2


def test_whoever_lost_the_lease_can_neither_hold_nor_finish_nor_put_off(storage: Storage) -> None:
    id = owe(storage)
    take(storage, id, "a", MOMENT)
    over = MOMENT + LEASE
    claimed(storage, over)
    take(storage, id, "b", over)
    with storage.unit_of_work() as work:
        assert not work.jobs.hold(id, "a", over + LEASE)
        assert not work.jobs.finish(id, "a", over)
        assert not work.jobs.postpone(id, "a", over)
        assert work.jobs.hold(id, "b", over + LEASE)
    with storage.unit_of_work() as work:
        assert work.jobs.finish(id, "b", over)


def test_a_lease_that_is_renewed_lasts(storage: Storage) -> None:
    id = owe(storage)
    take(storage, id, "a", MOMENT)
    with storage.unit_of_work() as work:
        assert work.jobs.hold(id, "a", MOMENT + 3 * LEASE)
    assert claimed(storage, MOMENT + 2 * LEASE) == []


def test_what_was_put_off_is_not_begun_by_an_older_ring(storage: Storage) -> None:
    """The queue may hold a ring of it still, from when it waited for a worker longer than RING_GRACE."""
    id = owe(storage)
    take(storage, id, "a", MOMENT)
    until = MOMENT + timedelta(minutes=5)
    with storage.unit_of_work() as work:
        assert work.jobs.postpone(id, "a", until)
    assert take(storage, id, "b", MOMENT + timedelta(seconds=1)) is None
    assert take(storage, id, "b", until - EARLIEST - timedelta(milliseconds=1)) is None
    assert claimed(storage, until) == [id]
    assert take(storage, id, "b", until) is not None


def test_a_worker_whose_clock_is_behind_takes_what_was_rung(storage: Storage) -> None:
    id = owe(storage)
    claimed(storage, MOMENT)
    assert take(storage, id, "a", MOMENT - timedelta(seconds=4)) is not None


def test_failures_are_counted_and_waiting_is_none(storage: Storage) -> None:
    id = owe(storage)
    for attempt in (1, 2, 3):
        taken = take(storage, id, "a", MOMENT)
        assert taken is not None and taken.attempts == attempt
        with storage.unit_of_work() as work:
            work.jobs.postpone(id, "a", MOMENT)
    take(storage, id, "a", MOMENT)
    with storage.unit_of_work() as work:
        work.jobs.postpone(id, "a", MOMENT, anew=True)
    taken = take(storage, id, "a", MOMENT)
    assert taken is not None and taken.attempts == 1


def test_what_is_forgotten_is_not_done_but_what_has_begun_goes_on(storage: Storage) -> None:
    waiting, begun, other = owe(storage), owe(storage), owe(storage, about=Subject("post", "p2"))
    take(storage, begun, "a", MOMENT)
    with storage.unit_of_work() as work:
        work.jobs.forget(ABOUT, JobName.PUBLISH)
        work.jobs.forget(Subject("post", "p2"), JobName.WRITE)
    assert claimed(storage, MOMENT) == [other]
    assert take(storage, waiting, "b", MOMENT) is None
    with storage.unit_of_work() as work:
        assert work.jobs.finish(begun, "a", MOMENT)


def test_the_lag_is_how_late_the_most_overdue_is(storage: Storage) -> None:
    with storage.reading() as work:
        assert work.jobs.next_due() is None
        assert work.jobs.lag(MOMENT) == timedelta()
    owe(storage)
    with storage.reading() as work:
        assert work.jobs.next_due() == MOMENT
        assert work.jobs.lag(MOMENT - timedelta(hours=1)) == timedelta()
        assert work.jobs.lag(MOMENT + timedelta(seconds=3)) == timedelta(seconds=3)


def test_what_is_rung_again_and_again_and_taken_by_nobody_is_late_from_the_first_ring(
    storage: Storage,
) -> None:
    id = owe(storage)
    for round in range(20):
        assert claimed(storage, MOMENT + round * RING_GRACE) == [id]
    late = 20 * RING_GRACE
    with storage.reading() as work:
        assert work.jobs.lag(MOMENT + late) == late
    assert take(storage, id, "a", MOMENT + late) is not None
    with storage.reading() as work:
        assert work.jobs.lag(MOMENT + late) == timedelta()


def test_jobs_are_claimed_and_taken_and_done_by_many_at_once_without_one_twice(
    storage: Storage, database_url: str
) -> None:
    """Clocks claim while workers take and finish, over and over, with leases that run out at once."""
    ids = [owe(storage, MOMENT, Subject("post", f"p{n}")) for n in range(40)]
    finished: list[str] = []
    lock = threading.Lock()

    def work_on(name: str) -> Callable[[], None]:
        def loop() -> None:
            mine = opened(database_url)
            for round in range(12):
                at = MOMENT + round * RING_GRACE
                for id in claimed(mine, at, limit=9):
                    if take(mine, id, name, at) is None:
                        continue
                    with mine.unit_of_work() as work:
                        done = work.jobs.finish(id, name, at)
                    if done:
                        with lock:
                            finished.append(id)
            mine.engine.dispose()

        return loop

    outcomes = at_once(*[work_on(f"w{n}") for n in range(4)])
    assert outcomes == [None] * 4
    assert sorted(finished) == sorted(ids)
