"""Who is there: Slack's users as people of the team. Whoever is unknown may come in by a code, a user group, or by asking."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from agents import access, guests
from agents.people import Person
from bot.cards import Button, Card, Text, Tone
from bot.outbox.wire import WireError
from bot.slack.api import SURFACE, call
from storage.unit_of_work import Storage

log = structlog.get_logger()

LET_ME_IN = "slack.let_me_in"
"""The one button that works for somebody who is nobody yet."""


@dataclass(frozen=True, slots=True)
class Profile:
    """As Slack tells it."""

    name: str
    zone: str


class People:
    def __init__(self, storage: Storage, client: AsyncWebClient) -> None:
        self._storage, self._client = storage, client

    async def known(self, user_id: str) -> Person | None:
        """The person, who may have come in this moment as a member of a user group. None for a stranger."""
        person, groups = await asyncio.to_thread(self._look, user_id)
        if person is not None or not groups:
            return person
        return await self._by_group(user_id, groups)

    async def ask(self, user_id: str) -> guests.Guest:
        """A stranger asks to be let in."""
        profile = await self.profile(user_id)

        def ask() -> guests.Guest:
            with self._storage.unit_of_work() as work:
                return guests.ask(SURFACE, user_id, profile.name, work, zone=profile.zone)

        return await asyncio.to_thread(ask)

    async def link(self, code: str, user_id: str) -> Person:
        """By a code that the person made where they are known. Raises NotSignedIn or Conflict."""

        def link() -> Person:
            with self._storage.unit_of_work() as work:
                return access.link(code, SURFACE, user_id, work)

        return await asyncio.to_thread(link)

    async def profile(self, user_id: str) -> Profile:
        """Raises WireError."""
        user = (await call(self._client.users_info(user=user_id)))["user"]
        shown = user.get("profile", {})
        name = shown.get("display_name") or user.get("real_name") or user.get("name") or user_id
        return Profile(str(name), str(user.get("tz") or "UTC"))

    def _look(self, user_id: str) -> tuple[Person | None, list[guests.UserGroup]]:
        with self._storage.reading() as work:
            person = work.people.known_as(SURFACE, user_id)
            return person, [] if person else work.guests.groups(SURFACE)

    async def _by_group(self, user_id: str, groups: list[guests.UserGroup]) -> Person | None:
        """With the strongest role that one of their groups gives."""
        for group in groups:  # the strongest first
            try:
                answer = await call(self._client.usergroups_users_list(usergroup=group.external_id))
            except WireError as error:
                log.warning("slack.group_unread", group=group.name, reason=str(error))
                continue
            if user_id in answer.get("users", ()):
                return await self._admit(user_id, group)
        return None

    async def _admit(self, user_id: str, group: guests.UserGroup) -> Person:
        profile = await self.profile(user_id)

        def admit() -> Person:
            with self._storage.unit_of_work() as work:
                return guests.admit_by_group(
                    SURFACE, user_id, profile.name, profile.zone, group.role, group.name, work
                )

        return await asyncio.to_thread(admit)


def stranger() -> Card:
    """What somebody unknown is told, in private, whatever they asked."""
    return Card(
        "I do not know you yet",
        (
            Text("Troupe works with people of its team only. Nothing of what you asked was done."),
            Text(
                "If you use Troupe's console already, type /people link there and say the code here: /troupe link CODE. "
                "Otherwise ask to be let in; an owner of the team decides."
            ),
        ),
        (Button("Ask to be let in", f"{LET_ME_IN}::", "primary"),),
        tone=Tone.NEUTRAL,
    )


def asked(guest: guests.Guest) -> Card:
    if guest.state is guests.GuestState.TURNED_AWAY:
        return Card(
            "The team's owners said not now", (Text("Ask one of them directly if that should change."),)
        )
    return Card(
        "Your wish is passed on",
        (Text("An owner of the team decides. You are told here."),),
        tone=Tone.WAITING,
    )


def welcome(person: Person) -> Card:
    return Card(
        f"Welcome, {person.name}",
        (
            Text(
                f"You are {person.role.a} here. /help lists what you can ask, and your Home tab what waits for you."
            ),
        ),
        tone=Tone.GOOD,
    )
