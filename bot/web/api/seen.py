"""What a person may see of channels: those of the team, and the own direct one."""

from __future__ import annotations

from agents.errors import Forbidden, Invalid, NotFound
from agents.events import Subject
from agents.people import Person
from agents.talk.message import Channel
from storage.unit_of_work import UnitOfWork

SURFACES = ("console", "slack", "discord")


def channels_seen(person: Person, work: UnitOfWork) -> list[Channel]:
    every = (channel for surface in SURFACES for channel in work.channels.on(surface))
    return [channel for channel in every if channel.direct_to in ("", person.id)]


def channel_seen(text: str, person: Person, work: UnitOfWork) -> Channel:
    """text: its id, or its name with or without #; surface/name where two surfaces have one of that name.

    Raises NotFound with the nearest name, or Invalid when it could be several.
    """
    channels = channels_seen(person, work)
    surface, _, name = text.removeprefix("#").lower().rpartition("/")
    found = [c for c in channels if c.id == text] or [
        c for c in channels if c.name.lower() == name and surface in ("", c.surface)
    ]
    if not found:
        raise NotFound.named("channel", text, [f"#{c.name}" for c in channels], field="channel")
    if len(found) > 1:
        names = " or ".join(f"{c.surface}/{c.name}" for c in found)
        raise Invalid(
            f"There are {len(found)} channels called {text}.", remedy=f"Write {names}.", field="channel"
        )
    return found[0]


def must_see_message(thread: Subject, person: Person, work: UnitOfWork) -> None:
    """A thread under a message is seen by whoever sees that message. Raises NotFound or Forbidden."""
    if thread.kind != "message":
        return
    message = work.messages.get(int(thread.id) if thread.id.isdecimal() and len(thread.id) < 18 else 0)
    if work.channels.get(message.channel_id).direct_to not in ("", person.id) or message.audience not in (
        "",
        person.id,
    ):
        raise Forbidden("That is said to somebody else alone.")
