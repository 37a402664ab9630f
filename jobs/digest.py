"""What is running, waiting and late, told to one person."""

from __future__ import annotations

from agents.events import Subject
from agents.tasks import digest
from bot.wiring import Troupe


def tell(troupe: Troupe, subject: Subject) -> None:
    with troupe.storage.unit_of_work() as work:
        digest.tell(subject.id, work)
