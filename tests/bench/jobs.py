"""From the commit to the first line of its job, beside bare RQ from enqueue to first line: same queue, same worker."""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial

from redis import Redis
from rq import Queue

from agents.events import Subject
from agents.jobs import JobName
from agents.jobs import Queue as Urgency
from bot.wiring import Troupe
from storage.columns import new_id
from storage.unit_of_work import Committed
from tests.bench import noting
from tests.bench.figures import Figure, Options, against, at_most, in_turns
from tests.bench.house import House, house
from tests.bench.processes import worker

LIMIT = 1.2
ROUNDS = 120
WARM_UP = 5
DRAFTS = 5
REST_S = 0.02
"""Between two jobs: the worker tidies up and waits again, as it does when somebody clicks."""


@dataclass(frozen=True)
class Timed(Troupe):
    """Notes each job that a commit owes, before it rings: the row's id, and when on the monotonic clock."""

    owed: list[tuple[str, float]] = field(default_factory=list)

    def _ring(self, committed: Committed) -> None:
        at = time.monotonic()
        self.owed.extend((job.id, at) for job in committed.owed)
        super()._ring(committed)


def figures(options: Options) -> Iterator[Figure]:
    with house("sqlite", redis=True, kind=Timed) as home, Redis.from_url(home.troupe.redis_url) as redis:
        draft = home.drafts(1)[0]
        home.press(draft.approve)
        redis.flushdb()  # nobody publishes it
        with worker(home, "tests.bench.worker", Urgency.NOW):
            expire = partial(_ours, home, redis, JobName.EXPIRE, Subject("approval", draft.approval.id))
            yield _beside_bare("simple worker", expire, partial(_bare, redis, Urgency.NOW), options)
        with worker(home, "tests.bench.worker", Urgency.LONG):
            write = partial(_ours, home, redis, JobName.WRITE, draft.variant.subject)
            yield _beside_bare("forking worker", write, partial(_bare, redis, Urgency.LONG), options)
            yield _imports(home, redis, options)


def _beside_bare(kind: str, ours: partial[float], bare: partial[float], options: Options) -> Figure:
    """With a job of ours that is taken, looks, and finds nothing left to do."""
    in_turns(WARM_UP, ours, bare)
    mine, peer = in_turns(options.count(ROUNDS), ours, bare)
    return against("jobs", f"commit to start / bare RQ, {kind}", mine, peer, LIMIT)


def _ours(home: House, redis: Redis, name: JobName, subject: Subject) -> float:
    """ms from the commit to the first line of `jobs.run.run`."""
    time.sleep(REST_S)
    with home.troupe.storage.unit_of_work() as work:
        work.owe(name, subject)
    id, committed = _last_owed(home)
    return (noting.wait(redis, id).at - committed) * 1000


def _bare(redis: Redis, urgency: Urgency) -> float:
    """ms from RQ's `enqueue` to the first line of what it runs."""
    time.sleep(REST_S)
    id, begun = new_id(), time.monotonic()
    Queue(urgency.value, connection=redis).enqueue(noting.BARE, id)
    return (noting.wait(redis, id).at - begun) * 1000


def _imports(home: House, redis: Redis, options: Options) -> Figure:
    """A draft written by the rehearsal model, in a child of the worker."""

    def write() -> float:
        command = '/post draft @zoe "our release" on stage'
        answer = home.troupe.dispatcher.command(command, home.bob, home.place)
        if answer.error:
            raise answer.error
        return noting.wait(redis, _last_owed(home)[0]).models

    (counts,) = in_turns(options.count(DRAFTS, 1), write)
    what = "modules of LangChain that a job imports"
    return at_most("jobs", what, counts, 0, unit="modules")


def _last_owed(home: House) -> tuple[str, float]:
    assert isinstance(home.troupe, Timed)
    return home.troupe.owed[-1]
