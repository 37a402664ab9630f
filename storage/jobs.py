"""What is owed. One table for jobs and timers; one column, `due_at`, for due time and lease."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, and_, bindparam, func, or_, select, update

from agents.events import Subject
from agents.jobs import Job, JobName
from storage.columns import UtcDateTime, new_id
from storage.rows import attempt, put
from storage.tables import JobRow

RING_GRACE = timedelta(seconds=5)
"""Whoever owes a job now rings the queue right after the commit; if the ring was lost the clock rings after this."""


EARLIEST = 2 * RING_GRACE
"""How far ahead of its due time a worker may take a row. One that was rung is due RING_GRACE ahead, by a clock that may
run that much faster than this host's. Further ahead lies only what was put off: an older ring of it is still in the queue."""


@dataclass(frozen=True, slots=True)
class Owed:
    """A job as it stands in the table."""

    id: str
    job: Job
    attempts: int


class Jobs:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self.to_ring: list[Owed] = []
        """Due now: the unit of work rings them after its commit."""

    def owe(self, job: Job, now: datetime) -> str:
        id = new_id()
        at_once = job.due_at <= now
        put(
            self._connection,
            JobRow,
            id=id,
            name=job.name.value,
            subject=str(job.subject),
            due_at=now + RING_GRACE if at_once else job.due_at,
            holder="",
            attempts=0,
            correlation=job.correlation,
            created_at=now,
            waits_since=now if at_once else None,
        )
        if at_once:
            self.to_ring.append(Owed(id, job, 0))
        return id

    def forget(self, subject: Subject, *names: JobName) -> None:
        """Takes back what has not begun; what a worker holds ends by itself, on the subject's state."""
        self._connection.execute(
            update(JobRow)
            .where(
                JobRow.subject == str(subject),
                JobRow.name.in_([name.value for name in names]),
                JobRow.done_at.is_(None),
                JobRow.holder == "",
            )
            .values(done_at=func.coalesce(JobRow.done_at, JobRow.created_at))
        )

    def owes(self, subject: Subject, name: JobName) -> bool:
        """Whether it is owed and no worker has begun."""
        query = select(JobRow.id).where(
            JobRow.subject == str(subject),
            JobRow.name == name.value,
            JobRow.done_at.is_(None),
            JobRow.holder == "",
        )
        return self._connection.execute(query.limit(1)).first() is not None

    def claim_due(self, now: datetime, *, limit: int = 100) -> list[Owed]:
        """For the clock: what is due, was never rung or whose holder died; moved on so that nobody rings it twice."""
        values = {"now": now, "until": now + RING_GRACE, "at_most": limit}
        rows = self._connection.execute(_CLAIM, values).all()
        return [
            Owed(id, Job(JobName(name), Subject.parse(subject), now, correlation), attempts)
            for id, name, subject, attempts, correlation in rows
        ]

    def take(self, id: str, holder: str, now: datetime, lease: timedelta) -> Owed | None:
        """For the worker: None if it is done, another worker holds it, or it was put off and rung before that."""
        rung = and_(JobRow.holder == "", JobRow.due_at <= now + EARLIEST)
        free = or_(rung, JobRow.due_at <= now)
        taken = self._connection.execute(
            update(JobRow)
            .where(JobRow.id == id, JobRow.done_at.is_(None), free)
            .values(holder=holder, due_at=now + lease, attempts=JobRow.attempts + 1, waits_since=None)
            .returning(JobRow.name, JobRow.subject, JobRow.attempts, JobRow.correlation)
        ).first()
        if taken is None:
            return None
        job = Job(JobName(taken.name), Subject.parse(taken.subject), now, taken.correlation)
        return Owed(id, job, taken.attempts)

    def hold(self, id: str, holder: str, until: datetime) -> bool:
        """Renews a lease. False: somebody else has it now, so stop."""
        mine = (JobRow.id == id, JobRow.holder == holder, JobRow.done_at.is_(None))
        return attempt(self._connection, JobRow, *mine, values={"due_at": until})

    def count_anew(self, id: str, holder: str) -> bool:
        """This is its first try again: it came farther than those before."""
        mine = (JobRow.id == id, JobRow.holder == holder, JobRow.done_at.is_(None))
        return attempt(self._connection, JobRow, *mine, values={"attempts": 1})

    def finish(self, id: str, holder: str, now: datetime) -> bool:
        mine = (JobRow.id == id, JobRow.holder == holder, JobRow.done_at.is_(None))
        return attempt(self._connection, JobRow, *mine, values={"done_at": now})

    def postpone(self, id: str, holder: str, due_at: datetime, *, anew: bool = False) -> bool:
        """anew: it did not fail but waits, so its attempts are counted from the beginning."""
        mine = (JobRow.id == id, JobRow.holder == holder, JobRow.done_at.is_(None))
        values = {"due_at": due_at, "holder": "", **({"attempts": 0} if anew else {})}
        return attempt(self._connection, JobRow, *mine, values=values)

    def next_due(self) -> datetime | None:
        return self._connection.execute(
            select(func.min(JobRow.due_at)).where(JobRow.done_at.is_(None))
        ).scalar()

    def lag(self, now: datetime) -> timedelta:
        """How late the most overdue job is that no worker has; zero when nothing is."""
        earliest = self._connection.execute(_WAITS, {"until": now + RING_GRACE}).scalar()
        return max(now - earliest, timedelta()) if earliest else timedelta()


_WAITS = select(func.min(func.coalesce(JobRow.waits_since, JobRow.due_at))).where(
    JobRow.done_at.is_(None), JobRow.due_at <= bindparam("until"), JobRow.name != JobName.WORK.value
)
"""What was rung is due within RING_GRACE again: so few rows, and the index on due_at finds them. Work on a task waits for
minutes while others are worked on, and nothing is wrong: what is late with a task is seen by its own deadline."""
_NOW = bindparam("now", type_=UtcDateTime())
_DUE = (
    select(JobRow.id)
    .where(JobRow.done_at.is_(None), JobRow.due_at <= _NOW)
    .order_by(JobRow.due_at)
    .limit(bindparam("at_most"))
    .with_for_update(skip_locked=True)  # not on SQLite, where only one writes at a time
)
_CLAIM = (
    update(JobRow)
    .where(JobRow.id.in_(_DUE))
    .values(due_at=bindparam("until"), holder="", waits_since=func.coalesce(JobRow.waits_since, _NOW))
    .returning(JobRow.id, JobRow.name, JobRow.subject, JobRow.attempts, JobRow.correlation)
)
"""Built once: the clock sends it whenever anything is due."""
