"""What is owed: a row, due now or later. The queue is only its doorbell, the clock its second chance."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from agents.errors import TroupeError
from agents.events import Subject


class Queue(StrEnum):
    """How urgent: `now` has simple workers with everything loaded, `long` forking ones; `tasks` are worked on for minutes."""

    NOW = "now"
    LONG = "long"
    TASKS = "tasks"


class JobName(StrEnum):
    """Every job there is; `jobs/work.py` maps each to its function."""

    WRITE = "write"
    CHECK = "check"
    ANSWER = "answer"
    PUBLISH = "publish"
    TAKE_DOWN = "take_down"
    REMIND = "remind"
    ESCALATE = "escalate"
    EXPIRE = "expire"
    PAGE = "page"
    REMIND_ALERT = "remind_alert"
    HAND_OVER = "hand_over"
    REACH = "reach"
    REACH_CODE = "reach_code"
    REACH_TEST = "reach_test"
    ASSIGN = "assign"
    """A task without a persona looks for one."""
    WORK = "work"
    """A persona works on its task until it is done, or waits for a person."""
    TASK_DUE = "task_due"
    """A task's deadline is near, or over."""
    TIDY = "tidy"
    """A finished task's workspace goes when it was kept long enough."""
    DIGEST = "digest"
    """What is running, waiting and late, once a day."""


QUEUES = {
    JobName.WRITE: Queue.LONG,
    JobName.CHECK: Queue.LONG,
    JobName.ANSWER: Queue.LONG,
    JobName.WORK: Queue.TASKS,
    JobName.TIDY: Queue.TASKS,
}
"""Where each job is queued; all others are NOW."""


LEASES: Mapping[Queue, timedelta] = {
    Queue.NOW: timedelta(seconds=25),
    Queue.LONG: timedelta(seconds=120),
    Queue.TASKS: timedelta(seconds=60),
}
"""How long a worker keeps a job without a word before another may take it. Longer than the longest call outside that one
step makes: platforms answer within 15 s, a chain of language models within 60 s. Each step renews it."""


@dataclass(frozen=True, slots=True)
class Job:
    """subject: what it is about."""

    name: JobName
    subject: Subject
    due_at: datetime
    correlation: str = ""

    @property
    def queue(self) -> Queue:
        return QUEUES.get(self.name, Queue.NOW)


class Later(TroupeError):
    """Raised by a job that cannot go on now: it is owed again at `at`; not a failure."""

    code = "later"

    def __init__(self, what: str, at: datetime) -> None:
        super().__init__(what)
        self.at = at
