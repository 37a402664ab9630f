"""Redis and RQ: a doorbell, and nothing else. It may be wiped at any time; the table of jobs knows what is owed."""

from __future__ import annotations

import json
from collections.abc import Iterable
from queue import SimpleQueue
from threading import Thread
from typing import TYPE_CHECKING

import structlog
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry
from rq import Queue

from agents.events import Subject
from agents.jobs import Queue as Urgency

if TYPE_CHECKING:
    from redis.client import Pipeline

log = structlog.get_logger()

CHANGED = "troupe:changed"
"""The channel on which every commit tells which subjects changed: a JSON list of "kind:id"."""
RUN = "jobs.run.run"
"""The one function that workers run, by dotted name; its argument is the id of a row."""
JOB_TIMEOUT_S = {Urgency.NOW: 300, Urgency.LONG: 300, Urgency.TASKS: 4 * 3600}
"""RQ's own limit on a job. Everything that a job waits for has a shorter one; a stage of a task has limits of its own."""
FAILURE_TTL_S = 3600
"""How long RQ remembers a job that raised (its default is a year). What failed stands in our own tables."""


Ring = tuple[frozenset[Subject], tuple[tuple[str, Urgency], ...]]
"""What changed, and what is owed: id of the row and its queue."""
RINGS, JOBS = 1000, 100
"""Rings that may wait aside, and jobs that are queued in one go."""
PATIENCE_S = 1.0
"""How long whoever rings waits for a Redis that does not answer."""


def connect(url: str, *, answers_within_s: float | None = PATIENCE_S) -> Redis:
    """Bytes, as RQ needs them.  answers_within_s: None for a worker, which waits for hours and sets its own limit."""
    return Redis.from_url(
        url,
        socket_connect_timeout=PATIENCE_S,
        socket_timeout=answers_within_s,
        retry=Retry(NoBackoff(), 0),
        health_check_interval=0,
    )


class Bell:
    """Rings after a commit: queues what is owed at once, and tells the surfaces what changed.

    A failure is logged and swallowed: the clock queues again what was not rung, the surfaces catch up by themselves.
    """

    def __init__(self, redis: Redis) -> None:
        self._redis = redis
        self._queues = {urgency: Queue(urgency.value, connection=redis) for urgency in Urgency}

    def ring(self, subjects: Iterable[Subject], jobs: Iterable[tuple[str, Urgency]]) -> bool:
        """subjects: what changed.  jobs: id of the row and its queue. False if Redis did not take it."""
        changed = [str(subject) for subject in subjects]
        owed = list(jobs)
        if not changed and not owed:
            return True
        try:
            with self._redis.pipeline(transaction=False) as pipe:
                for id, urgency in owed:
                    self._enqueue(id, urgency, pipe)
                if changed:
                    pipe.publish(CHANGED, json.dumps(changed))
                pipe.execute()
        except (RedisError, OSError) as error:
            log.warning("queue.unreachable", error=type(error).__name__, jobs=len(owed))
            return False
        return True

    def answers(self) -> bool:
        try:
            return bool(self._redis.ping())
        except (RedisError, OSError):
            return False

    def lengths(self) -> dict[str, int]:
        """How many jobs wait in each queue. Raises RedisError."""
        return {urgency.value: queue.count for urgency, queue in self._queues.items()}

    def _enqueue(self, id: str, urgency: Urgency, pipe: Pipeline) -> None:
        self._queues[urgency].enqueue_call(
            RUN,
            args=(id,),
            timeout=JOB_TIMEOUT_S[urgency],
            result_ttl=0,
            failure_ttl=FAILURE_TTL_S,
            pipeline=pipe,
        )


class Aside:
    """Rings from a thread of its own, so that nobody whose commit is done waits for Redis; all that came meanwhile at once.

    For processes that do not fork: a child has no such thread. What is not rung when the process ends, or is too much, the
    clock rings.
    """

    def __init__(self, bell: Bell) -> None:
        self._bell = bell
        self._waiting: SimpleQueue[Ring | None] = SimpleQueue()
        self._thread = Thread(target=self._run, name="bell", daemon=True)
        self._thread.start()

    def ring(self, subjects: Iterable[Subject], jobs: Iterable[tuple[str, Urgency]]) -> bool:
        """Whether it will be rung."""
        if self._waiting.qsize() > RINGS:
            log.info("queue.left_to_the_clock")
            return False
        self._waiting.put((frozenset(subjects), tuple(jobs)))
        return True

    def answers(self) -> bool:
        return self._bell.answers()

    def lengths(self) -> dict[str, int]:
        return self._bell.lengths()

    def close(self) -> None:
        """Rings what waits, for at most PATIENCE_S."""
        self._waiting.put(None)
        self._thread.join(PATIENCE_S)

    def _run(self) -> None:
        while (ring := self._waiting.get()) is not None:
            subjects, jobs = set(ring[0]), list(ring[1])
            while not self._waiting.empty() and len(jobs) < JOBS:
                more = self._waiting.get()
                if more is None:
                    self._waiting.put(None)
                    break
                subjects |= more[0]
                jobs += more[1]
            try:
                self._bell.ring(subjects, jobs)
            except Exception:  # what it is does not matter here: the clock rings again
                log.exception("queue.not_rung")
