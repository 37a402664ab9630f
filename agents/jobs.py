"""What is owed: a row, due now or later. The queue is only its doorbell, the clock its second chance."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agents.errors import TroupeError
from agents.events import Subject


class Queue(StrEnum):
    """How urgent: `now` has simple workers with everything loaded, `long` forking ones."""

    NOW = "now"
    LONG = "long"


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


QUEUES = {JobName.WRITE: Queue.LONG, JobName.CHECK: Queue.LONG, JobName.ANSWER: Queue.LONG}
"""Where each job is queued; all others are NOW."""


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
