"""A task's deadline is near, or over."""

from __future__ import annotations

from agents.events import Subject
from agents.tasks.due import due as verb
from bot.wiring import Troupe


def due(troupe: Troupe, subject: Subject) -> None:
    with troupe.storage.unit_of_work() as work:
        verb(subject.id, work)
