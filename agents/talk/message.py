"""What is said in a channel or a thread, by a person, a persona or Troupe; a card stands in one as well."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol

from agents.events import Actor, Subject

DIRECT = "direct:"
"""What the external id of a direct channel begins with, on every surface; a person's id follows."""


@dataclass(frozen=True, slots=True)
class Channel:
    id: str
    surface: str
    """slack, discord or console: a channel belongs to one."""
    name: str
    external_id: str = ""
    closed: str = ""
    """Why nothing can be said there any more, "" while it can."""

    @property
    def direct_to(self) -> str:
        """The id of the one person whose direct channel this is, "" for a channel of the team."""
        return self.external_id.removeprefix(DIRECT) if self.external_id.startswith(DIRECT) else ""


@dataclass(frozen=True, slots=True)
class Message:
    """thread: the text form of the subject it is said about ("post:abc", "message:7"), "" at the top of a channel.
    card: whose present state stands here; `text` is then empty.  audience: one person's id, "" for everybody.
    done: False while its author still writes; `text` is then what there is of it so far."""

    id: int
    channel_id: str
    thread: str
    author: Actor
    text: str
    at: datetime
    card: Subject | None = None
    audience: str = ""
    done: bool = True

    @property
    def subject(self) -> Subject:
        """What changes when its text does."""
        return Subject("message", str(self.id))

    @property
    def own_thread(self) -> str:
        """The thread that hangs under this message."""
        return str(self.card or self.subject)


class Messages(Protocol):
    """Where it is kept."""

    def say(
        self,
        channel_id: str,
        thread: str,
        author: Actor,
        text: str,
        now: datetime,
        *,
        audience: str = "",
        done: bool = True,
    ) -> Message: ...

    def get(self, id: int) -> Message: ...
    def hold(self, id: int) -> Message: ...
    def grow(self, id: int, text: str) -> bool: ...
    def finish(self, id: int, author: Actor, text: str) -> bool: ...

    def in_thread(
        self, thread: str, person_id: str = "", *, limit: int = 200, until: datetime | None = None
    ) -> list[Message]: ...
    def cards_of(self, card: Subject) -> list[Message]: ...
