"""Channels and threads of a chat, as ours."""

from __future__ import annotations

from dataclasses import dataclass

from agents.people import Person
from agents.talk.message import DIRECT, Channel
from bot.calls import Place
from storage.unit_of_work import UnitOfWork


@dataclass(frozen=True, slots=True)
class Room:
    """A channel by the chat's own id.  direct: one person's conversation with Troupe.  id: "" for nowhere, the Home tab."""

    surface: str
    id: str
    name: str = ""
    direct: bool = False


def known_channel(room: Room, person: Person, work: UnitOfWork) -> Channel | None:
    """Our row of it, if there is one."""
    direct = room.direct or not room.id
    return work.channels.known_as(room.surface, f"{DIRECT}{person.id}" if direct else room.id)


def channel_of(room: Room, person: Person | None, work: UnitOfWork) -> Channel:
    """Our row of it; made when something is first said there. What belongs nowhere belongs to the person's own."""
    if person is not None and (room.direct or not room.id):
        return work.channels.direct(person.id, work.now, surface=room.surface)
    found = work.channels.known_as(room.surface, room.id)
    return found or work.channels.add(room.surface, room.name or room.id, work.now, external_id=room.id)


def thread_of(channel: Channel, root_id: str, work: UnitOfWork) -> str:
    """What the thread under that message is about, "" for one that is none of ours.  root_id: the chat's own."""
    root = work.deliveries.at(channel.id, root_id) if root_id else None
    return root.message.own_thread if root else ""


def place_of(channel: Channel, thread: str = "") -> Place:
    return Place(channel.surface, channel.id, thread)
