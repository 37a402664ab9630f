"""The row is the truth and the queue a doorbell: real workers and clocks, with Redis and workers killed under them."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest

from agents.events import Subject
from agents.jobs import Job, JobName
from agents.writing.post import State
from storage.jobs import RING_GRACE
from tests.bench import noting
from tests.jobs.yard import Yard

on_one_database = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What is about Redis alone is the same on the other one."""


def test_what_is_owed_is_run_at_once_and_at_its_time(yard: Yard) -> None:
    with yard.worker():
        post = yard.approve()
        out = yard.wait_for(post, State.PUBLISHED)
        assert len(yard.feed()) == 1
        assert out.url
        with yard.clock():
            later = yard.approve(within=timedelta(seconds=1))
            out = yard.wait_for(later, State.PUBLISHED)
            assert out.published_at is not None
            assert out.publish_at is not None
            assert timedelta() <= out.published_at - out.publish_at < timedelta(seconds=5)
    assert len(yard.feed()) == 2
    assert all(noted.models == 0 for noted in noting.take(yard.redis, 2)), (
        "publishing loads no language model"
    )


@on_one_database
def test_redis_wiped_between_the_commit_and_the_worker(yard: Yard) -> None:
    post = yard.approve()
    assert len(yard.queued()) == 1
    yard.server.flush()
    with yard.worker(), yard.clock():
        yard.wait_for(post, State.PUBLISHED)
    assert len(yard.feed()) == 1


@on_one_database
def test_redis_killed_and_started_again(yard: Yard) -> None:
    with yard.worker() as worker, yard.clock() as clock:
        yard.wait_for(yard.approve(), State.PUBLISHED)
        yard.server.kill()
        post = yard.approve()
        assert yard.post(post).state is State.APPROVED, "the click holds, though nobody could be rung"
        yard.server.start()
        yard.wait_for(post, State.PUBLISHED, within_s=15)
        assert worker.running
        assert clock.running
        quick = yard.approve()
        yard.wait_for(quick, State.PUBLISHED, within_s=15)
    assert len(yard.feed()) == 3


def test_a_worker_killed_in_the_middle_of_a_job(yard: Yard) -> None:
    yard.stall()
    with yard.worker() as first:
        post = yard.approve()
        assert yard.sender() == first.pid
        first.kill()
        assert yard.post(post).state is State.PUBLISHING
        assert yard.feed() == []
    yard.go_on()
    with yard.worker(), yard.clock():
        yard.wait_for(post, State.PUBLISHED)
    assert len(yard.feed()) == 1


def test_a_worker_that_stops_for_longer_than_its_lease(yard: Yard) -> None:
    """The other one does it; when the first one wakes up and goes on, it is still one post."""
    yard.stall()
    with yard.worker() as first:
        post = yard.approve()
        assert yard.sender() == first.pid
        first.pause()
        yard.go_on()
        with yard.worker(), yard.clock():
            yard.wait_for(post, State.PUBLISHED)
            first.resume()
            yard.wait_for(yard.approve(), State.PUBLISHED)
            yard.until(lambda: not yard.queued(), "the queue is empty")
    assert sorted(Counter(yard.feed()).values()) == [2], "two posts of the same words, one each"
    with yard.house.troupe.storage.reading() as work:
        names = [recorded.event.name for recorded in work.events.about(post.subject)]
    assert names.count("post.published") == 1


def test_two_clocks_ring_once(yard: Yard) -> None:
    count = 40
    with yard.clock() as one, yard.clock() as two:
        began = yard.house.troupe.clock() + timedelta(seconds=1)
        with yard.house.troupe.storage.unit_of_work() as work:
            for number in range(count):
                about = Subject("approval", f"a{number}")
                at = began + number * timedelta(milliseconds=20)
                work.jobs.owe(Job(JobName.REMIND, about, at), work.now)
        yard.until(lambda: len(yard.queued()) >= count, "every row is rung")
        last = began + count * timedelta(milliseconds=20)
        yard.until(lambda: yard.house.troupe.clock() > last + timedelta(seconds=1), "a second more is over")
        assert yard.house.troupe.clock() < began + RING_GRACE, "too slow a machine to tell"
        assert set(Counter(yard.queued()).values()) == {1}
        assert len(yard.queued()) == count

        leader, other = (one, two) if yard.leads(one) else (two, one)
        leader.kill()
        yard.server.flush()
        with yard.house.troupe.storage.unit_of_work() as work:
            work.jobs.owe(
                Job(JobName.EXPIRE, Subject("approval", "b"), work.now + timedelta(seconds=1)), work.now
            )
        yard.until(lambda: yard.queued() != [], "the other clock rings")
        assert yard.leads(other)
