"""A task without a persona looks for one."""

from __future__ import annotations

from agents.events import Subject
from agents.tasks.assign import assign as verb
from bot.wiring import Troupe
from storage.unit_of_work import UnitOfWork


def assign(troupe: Troupe, subject: Subject) -> None:
    with troupe.storage.unit_of_work() as work:
        verb(subject.id, work)


def give_up(task_id: str, why: str, work: UnitOfWork) -> None:
    """It stays in the queue: whoever is free next takes it, and its card says what went wrong."""
    task = work.tasks.get(task_id)
    work.tasks.swap(task, "queue it", trouble=why)
    work.touch(task.subject)
