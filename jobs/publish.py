"""Publishing and taking down: the verbs of agents/, through the back door."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from agents.jobs import Job
from agents.publishing import publish as verbs
from agents.work import Work
from bot.wiring import Troupe


def publish(troupe: Troupe, job: Job, hold: Callable[[], bool]) -> None:
    verbs.publish(job.subject.id, _outside(troupe, job, hold))


def take_down(troupe: Troupe, job: Job, hold: Callable[[], bool]) -> None:
    verbs.take_down(job.subject.id, _outside(troupe, job, hold))


give_up = verbs.give_up
give_up_taking_down = verbs.give_up_taking_down


def _outside(troupe: Troupe, job: Job, hold: Callable[[], bool]) -> verbs.Outside:
    @contextmanager
    def transaction() -> Iterator[Work]:
        with troupe.storage.unit_of_work(correlation=job.correlation) as work:
            yield work

    return verbs.Outside(transaction, troupe.publishers, troupe.clock, hold)
