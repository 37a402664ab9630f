"""A question that a persona asks a person in the middle of its work."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from agents.events import Subject


@dataclass(frozen=True, slots=True)
class Question:
    """options: to choose from; () for an answer in one's own words.  answered_by: a person's name."""

    id: str
    task_id: str
    call_id: str
    text: str
    asked_at: datetime
    options: tuple[str, ...] = ()
    answer: str = ""
    answered_by: str = ""
    answered_at: datetime | None = None

    @property
    def subject(self) -> Subject:
        return Subject("question", self.id)
