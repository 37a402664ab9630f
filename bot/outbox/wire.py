"""What the outbox needs of a surface, and the ways in which a surface can refuse."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from agents.talk.delivery import Delivery
from agents.talk.message import Channel
from bot.cards import Author, Card


@dataclass(frozen=True, slots=True)
class Letter:
    """One message as it is to stand now: a card, or words.

    thread: the surface's id of the message that it hangs under, "" at the top of the channel.  thread_name: what that says.
    done: False while its words still grow.  people: the surface's own ids of those it is for, () for everybody.
    tried: an earlier attempt may have left it there.  asked_by: the surface's own id of whoever it answers while it grows.
    files_at: in a person's own channel, where the same card with its files stands in a channel of the team, None for nowhere.
    """

    delivery: Delivery
    author: Author
    card: Card | None
    text: str
    done: bool = True
    thread: str = ""
    thread_name: str = ""
    people: tuple[str, ...] = ()
    tried: bool = False
    asked_by: str = ""
    files_at: Delivery | None = None

    @property
    def key(self) -> str:
        """Marks it on the surface, where one can look for it after a crash."""
        return f"troupe-{self.delivery.id}"


class Wire(Protocol):
    """The surface's own API. Every method may raise each of the errors below."""

    @property
    def surface(self) -> str:
        """slack or discord."""

    async def turn(self, channel: str, *, new: bool) -> None:
        """Waits until one more message, or change of one, is within the surface's allowance.  channel: our id."""

    def unused(self, channel: str, *, new: bool) -> None:
        """The turn that was given out last was not needed."""

    async def post(self, letter: Letter) -> str:
        """Says it. Returns the surface's own id of it, "" for what nobody can change any more."""

    async def update(self, letter: Letter) -> None:
        """Redraws it in place."""

    async def find(self, letter: Letter) -> str:
        """Its id if an earlier attempt left it there, else ""."""

    async def is_open(self, channel: Channel) -> bool:
        """Whether something can be said there, which was closed before."""

    async def well(self) -> bool:
        """Whether the surface lets us in. Asked after `SignedOut`."""


class WireError(Exception):
    """Its text is a sentence for people."""


class Later(WireError):
    """The surface asks to wait. Nothing was done."""

    def __init__(self, after_s: float) -> None:
        super().__init__(f"The surface asks to wait {after_s:g} s.")
        self.after_s = after_s


class Gone(WireError):
    """The message was deleted there."""


class Orphaned(WireError):
    """The message stands there, and nothing can change it any more: it has to be said anew."""


class Closed(WireError):
    """Nothing can be said in that channel: archived, deleted, or we are not in it."""


class Refused(WireError):
    """This message will never be taken as it is."""


class SignedOut(WireError):
    """The surface does not let us in at all: the token was revoked, or the app removed."""


class Lost(WireError):
    """It may have arrived, or not."""
