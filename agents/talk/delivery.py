"""A delivery: one message of ours as it stands on a surface that keeps its own messages, Slack or Discord."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from agents.talk.message import Channel, Message


class DeliveryState(StrEnum):
    OWED = "owed"
    SENDING = "sending"
    """It may have arrived: whoever comes back for it looks there first."""
    SENT = "sent"
    GONE = "gone"
    """Somebody deleted it there, or there was nobody to say it to."""
    FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Delivery:
    """external_id: the surface's own id of the message, "" until it stands there.

    look: what was sent last, as a hash.  events: how many there were about its card when that was drawn.
    live: whether what was sent last had buttons or was still being written, so that it may have to change.
    back: whether it was deleted there once and said again.
    """

    message: Message
    channel: Channel
    external_id: str
    state: DeliveryState
    look: str
    events: int
    live: bool
    tries: int
    due_at: datetime
    trouble: str = ""
    back: bool = False

    @property
    def id(self) -> int:
        return self.message.id
