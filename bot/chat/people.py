"""Who is there: a chat's users as people of the team. Whoever is unknown may come in by a code, a user group, or by asking."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Protocol

import structlog

from agents import access, guests
from agents.people import Person
from bot.cards import Button, Card, Text, Tone
from bot.outbox.wire import WireError
from storage.unit_of_work import Storage

log = structlog.get_logger()

LET_ME_IN = "let_me_in"
"""The verb of the one button that works for somebody who is nobody yet."""


@dataclass(frozen=True, slots=True)
class Profile:
    """As the chat tells it.  zone: an IANA name, "" where it tells none."""

    name: str
    zone: str = ""


class Directory(Protocol):
    """Whom the chat knows. Raises WireError."""

    @property
    def surface(self) -> str: ...
    async def profile(self, user_id: str) -> Profile: ...
    async def is_in(self, user_id: str, group_id: str) -> bool:
        """Whether that user is in that user group, or has that role."""


class People:
    """One for a process."""

    def __init__(self, storage: Storage, directory: Directory) -> None:
        self._storage, self._directory, self._surface = storage, directory, directory.surface

    async def known(self, user_id: str) -> Person | None:
        """The person, who may have come in this moment as a member of a user group. None for a stranger."""
        person, groups = await asyncio.to_thread(self._look, user_id)
        for group in groups:  # the strongest role first
            try:
                if await self._directory.is_in(user_id, group.external_id):
                    return await self._admit(user_id, group)
            except WireError as error:
                log.warning("chat.group_unread", group=group.name, reason=str(error))
        return person

    def look(self, user_id: str) -> Person | None:
        """Whoever is known already. For a thread."""
        with self._storage.reading() as work:
            return work.people.known_as(self._surface, user_id)

    async def ask(self, user_id: str) -> guests.Guest:
        """A stranger asks to be let in."""
        profile = await self._directory.profile(user_id)

        def ask() -> guests.Guest:
            with self._storage.unit_of_work() as work:
                return guests.ask(self._surface, user_id, profile.name, work, zone=profile.zone)

        return await asyncio.to_thread(ask)

    async def link(self, code: str, user_id: str) -> Person:
        """By a code that the person made where they are known. Raises NotSignedIn or Conflict."""

        def link() -> Person:
            with self._storage.unit_of_work() as work:
                return access.link(code, self._surface, user_id, work)

        return await asyncio.to_thread(link)

    async def name(self, user_id: str) -> str:
        try:
            return (await self._directory.profile(user_id)).name
        except WireError:
            return "somebody"

    def _look(self, user_id: str) -> tuple[Person | None, list[guests.UserGroup]]:
        with self._storage.reading() as work:
            person = work.people.known_as(self._surface, user_id)
            return person, [] if person else work.guests.groups(self._surface)

    async def _admit(self, user_id: str, group: guests.UserGroup) -> Person:
        profile = await self._directory.profile(user_id)

        def admit() -> Person:
            with self._storage.unit_of_work() as work:
                return guests.admit_by_group(
                    self._surface, user_id, profile.name, profile.zone, group.role, group.name, work
                )

        return await asyncio.to_thread(admit)


def stranger() -> Card:
    """What somebody unknown is told, in private, whatever they asked."""
    return Card(
        "I do not know you yet",
        (
            Text("Troupe works with people of its team only. Nothing of what you asked was done."),
            Text(
                "If you use Troupe's console already, type /people link there, and send me the line that it answers. "
                "Otherwise ask to be let in; an owner of the team decides."
            ),
        ),
        (Button("Ask to be let in", f"{LET_ME_IN}::", "primary"),),
        tone=Tone.NEUTRAL,
    )


def asked(guest: guests.Guest) -> Card:
    if guest.state is guests.GuestState.TURNED_AWAY:
        what = Text("Ask one of them directly if that should change.")
        return Card("The team's owners said not now", (what,))
    told = Text("An owner of the team decides. You are told here.")
    return Card("Your wish is passed on", (told,), tone=Tone.WAITING)


def welcome(person: Person) -> Card:
    told = Text(f"You are {person.role.a} here. /help lists what you can ask.")
    return Card(f"Welcome, {person.name}", (told,), tone=Tone.GOOD)
