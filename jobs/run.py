"""The one function that RQ calls. Assume that it runs twice, dies in the middle, and runs a week late."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

import structlog

from agents.errors import Raced, TroupeError
from agents.events import TROUPE, Event, Subject
from agents.jobs import Job, JobName, Later
from agents.oncall.kinds import AlertKind
from agents.tasks import course
from bot.wiring import Troupe, process
from jobs import approvals, assign, contacts, digest, due, hand_over, page, publish, reach, talk, tidy, write
from storage.columns import new_id
from storage.jobs import Owed
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()

FRESH = 1 / 9
"""A lease of which not even this part is over is not renewed: nobody else can have it, and any call ends within it."""
RACED_PAUSE = timedelta(seconds=1)
TRIES = 6
"""Runs of a job that raised something unforeseen, before a person is told. Pauses: 1, 4, 9, 16, 25 s."""


@dataclass(frozen=True, slots=True)
class Held:
    """One job in the hands of this worker."""

    troupe: Troupe
    job: Job
    hold: Callable[[], bool]
    """Renews the lease; False when another worker took over, and then this one stops."""
    went_on: Callable[[], None]
    """Says that it has come farther than ever: whoever dies from here on has all its tries before it again."""


def _work(held: Held) -> None:
    """Imported here: LangGraph is loaded by the one process that works on tasks, and every worker loads this module."""
    from jobs import work

    work.work(held.troupe, held.job.subject, held.hold, held.went_on)


WORK: dict[JobName, Callable[[Held], None]] = {
    JobName.WRITE: lambda held: write.write(held.troupe, held.job.subject),
    JobName.CHECK: lambda held: write.check(held.troupe, held.job.subject),
    JobName.ANSWER: lambda held: talk.answer(held.troupe, held.job.subject),
    JobName.PUBLISH: lambda held: publish.publish(held.troupe, held.job, held.hold),
    JobName.TAKE_DOWN: lambda held: publish.take_down(held.troupe, held.job, held.hold),
    JobName.REMIND: lambda held: approvals.remind(held.troupe, held.job.subject),
    JobName.ESCALATE: lambda held: approvals.escalate(held.troupe, held.job.subject),
    JobName.EXPIRE: lambda held: approvals.expire(held.troupe, held.job.subject),
    JobName.PAGE: lambda held: page.page(held.troupe, held.job.subject),
    JobName.REMIND_ALERT: lambda held: page.remind(held.troupe, held.job.subject),
    JobName.HAND_OVER: lambda held: hand_over.hand_over(held.troupe, held.job.subject),
    JobName.REACH: lambda held: reach.reach(held.troupe, held.job.subject),
    JobName.REACH_CODE: lambda held: contacts.code(held.troupe, held.job.subject),
    JobName.REACH_TEST: lambda held: contacts.test(held.troupe, held.job.subject),
    JobName.WORK: _work,
    JobName.ASSIGN: lambda held: assign.assign(held.troupe, held.job.subject),
    JobName.TASK_DUE: lambda held: due.due(held.troupe, held.job.subject),
    JobName.TIDY: lambda held: tidy.tidy(held.troupe, held.job.subject),
    JobName.DIGEST: lambda held: digest.tell(held.troupe, held.job.subject),
}
"""The map from what is owed to what does it."""

GIVE_UP: dict[JobName, Callable[[str, str, UnitOfWork], None]] = {
    JobName.WRITE: write.give_up,
    JobName.CHECK: write.give_up_checking,
    JobName.ANSWER: talk.give_up,
    JobName.PUBLISH: publish.give_up,
    JobName.TAKE_DOWN: publish.give_up_taking_down,
    JobName.PAGE: page.give_up,
    JobName.REMIND_ALERT: page.give_up_reminding,
    JobName.HAND_OVER: hand_over.give_up,
    JobName.REACH: reach.give_up,
    JobName.REACH_CODE: contacts.give_up_code,
    JobName.REACH_TEST: contacts.give_up_test,
    JobName.ASSIGN: assign.give_up,
    JobName.WORK: course.give_up,
}
"""What becomes of a job's subject when no more tries are made, where it would else wait for ever. Each tells a person."""


def run(id: str) -> None:
    """Takes the row if it is free, does it, notes the end. What it raises is mended here or told to a person."""
    troupe = process()
    holder = f"{socket.gethostname()}:{os.getpid()}:{new_id()}"
    with troupe.storage.unit_of_work() as work:
        owed = work.jobs.take(id, holder, work.now, max(troupe.leases.values()))
        if owed is None:
            return
        renewed, lease = work.now, troupe.leases[owed.job.queue]
        work.jobs.hold(id, holder, renewed + lease)
    job = owed.job

    def hold() -> bool:
        nonlocal renewed
        if troupe.clock() < renewed + lease * FRESH:
            return True
        with troupe.storage.unit_of_work() as work:
            renewed = work.now
            return work.jobs.hold(id, holder, renewed + lease)

    def went_on() -> None:
        with troupe.storage.unit_of_work() as work:
            work.jobs.count_anew(id, holder)

    with structlog.contextvars.bound_contextvars(
        correlation=job.correlation, job=job.name.value, subject=str(job.subject)
    ):
        if owed.attempts > TRIES:  # it never came as far as to stumble: each worker that took it died
            _give_up(troupe, owed, holder, "every worker that took it died")
            return
        try:
            WORK[job.name](Held(troupe, job, hold, went_on))
        except Later as later:
            _postpone(troupe, id, holder, later)
        except Raced as raced:
            _postpone(troupe, id, holder, Later(raced.what, troupe.clock() + RACED_PAUSE))
        except Exception as error:
            _stumbled(troupe, owed, holder, error)
        else:
            with troupe.storage.unit_of_work() as work:
                work.jobs.finish(id, holder, work.now)


def _postpone(troupe: Troupe, id: str, holder: str, later: Later) -> None:
    with troupe.storage.unit_of_work() as work:
        work.jobs.postpone(id, holder, later.at, anew=True)


def _stumbled(troupe: Troupe, owed: Owed, holder: str, error: Exception) -> None:
    """The broad door: logged, tried again by itself, and after TRIES told to a person. Never swallowed."""
    log.exception("job.stumbled", attempt=owed.attempts)
    if owed.attempts < TRIES:
        with troupe.storage.unit_of_work() as work:
            work.jobs.postpone(owed.id, holder, work.now + timedelta(seconds=owed.attempts**2))
    else:
        _give_up(troupe, owed, holder, error.what if isinstance(error, TroupeError) else type(error).__name__)


def _give_up(troupe: Troupe, owed: Owed, holder: str, why: str) -> None:
    """No more tries: its subject moves on to a state in which a person can press something, and an alert says so."""
    job = owed.job
    what = f"{job.name.value} failed {TRIES} times: {why}; the log has the rest under {job.correlation}."
    log.error("job.given_up", job=job.name.value, subject=str(job.subject), why=why)
    with troupe.storage.unit_of_work(correlation=job.correlation) as work:
        if not work.jobs.finish(owed.id, holder, work.now):
            return
        work.record(Event("job.failed", job.subject, TROUPE, after={"job": job.name.value, "why": why}))
        if job.name in GIVE_UP:
            GIVE_UP[job.name](job.subject.id, what, work)
            return
        work.raise_alert(
            AlertKind.JOB_FAILED,
            _visible(job.subject),
            what,
            kept="Nothing was sent that the ledger does not know, and nothing that people made is lost.",
            remedy="Mend the cause, and press its button again.",
        )


def _visible(subject: Subject) -> Subject:
    """What a person knows it by."""
    return subject if subject.kind in ("post", "persona", "alert", "task") else Subject("system", "troupe")
