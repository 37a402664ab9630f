"""A page: one attempt to get one person's attention, one way."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from agents.events import Subject

Way = Literal["chat", "console", "email", "webhook", "reminder"]
"""chat: the card in a direct message.  console: the same, for somebody known in no chat.  email, webhook: an address outside.
reminder: of what somebody acknowledged and did not resolve."""


class PageState(StrEnum):
    HELD = "held"
    """Their quiet hours are on."""
    OWED = "owed"
    SENT = "sent"
    FAILED = "failed"
    DROPPED = "dropped"
    """It was not needed any more: somebody has the alert, or it is over."""


@dataclass(frozen=True, slots=True)
class Page:
    """At most one for each alert, person, way, address, level and round.

    address: where to outside of chat, "" in it.  level: the step that asked for it, from 1; of a reminder its number.
    created_at: when it was made, or let go at the end of quiet hours.
    """

    id: str
    alert_id: str
    person_id: str
    way: Way
    address: str
    level: int
    round: int
    state: PageState
    created_at: datetime
    tries: int = 0
    trouble: str = ""
    sent_at: datetime | None = None

    @property
    def about(self) -> Subject:
        """The page itself, as what the job that sends it is about."""
        return Subject("page", self.id)
