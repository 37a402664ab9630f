"""A finished task's workspace: put into one file soon, removed when it was kept long enough. Its files stay."""

from __future__ import annotations

from datetime import timedelta
from hashlib import sha256

from agents.events import TROUPE, Event, Subject
from agents.jobs import Later
from agents.tasks.artifact import Artifact
from agents.tasks.asking import ARCHIVE
from agents.tasks.task import Task
from bot.wiring import Troupe
from storage import checkpoints


def tidy(troupe: Troupe, subject: Subject) -> None:
    """Safe to call twice, and for a task that works again meanwhile: then nothing happens.

    Raises Later while the workspace is kept.
    """
    with troupe.storage.reading() as work:
        task = work.tasks.get(subject.id)
    if task.is_open or task.finished_at is None:
        return
    if task.archived_at is None:
        _archive(troupe, task)
    ends = task.finished_at + timedelta(days=troupe.settings.task_retention_days)
    if troupe.clock() < ends:
        raise Later("Kept for now.", ends)
    troupe.workspaces.remove(task.id)
    if troupe.github is not None:
        troupe.github.forget(task.id)
    with troupe.storage.unit_of_work() as work:
        work.sources.forget_seen(task.id)
        work.record(Event("task.tidied", task.subject, TROUPE))


def _archive(troupe: Troupe, task: Task) -> None:
    """What it was made in, as a file of the task; and what its persona remembered of every step goes."""
    data = troupe.workspace(task).zip() if troupe.workspaces.exists(task.id) else b""
    with troupe.storage.unit_of_work() as work:
        now = work.tasks.get(task.id)
        if now.is_open:
            return
        work.tasks.swap(now, "put it away", archived_at=work.now)
        checkpoints.forget(work.connection, task.id)
        if data:
            digest = sha256(data).hexdigest()
            kind = "application/zip"
            work.artifacts.put(
                Artifact(work.new_id(), task.id, ARCHIVE, kind, len(data), digest, work.now), data
            )
