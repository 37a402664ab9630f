"""How Slack answers one person, and asks them."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from agents.people import Person
from agents.talk.delivery import Delivery
from bot.cards import Button, Card
from bot.chat.desk import Asked
from bot.outbox.wire import Closed
from bot.slack import modals
from bot.slack.api import SURFACE, call
from bot.slack.forms import Forms, metadata
from bot.slack.parse import Ear
from bot.slack.tell import Teller
from storage.unit_of_work import Storage


class SlackCounter:
    def __init__(self, client: AsyncWebClient, teller: Teller, forms: Forms, storage: Storage) -> None:
        self._client, self._teller, self._forms, self._storage = client, teller, forms, storage

    async def whisper(self, ear: Ear, card: Card) -> None:
        await self._teller.whisper(ear, card)

    async def form(
        self, asked: Asked[Ear], person: Person, *, filled: Mapping[str, Any] | None = None
    ) -> None:
        await self._forms.open(asked, person, filled=filled)

    async def question(self, asked: Asked[Ear], button: Button) -> None:
        """A menu's option cannot ask by itself; a button does."""
        await self._forms.show(asked.ear, modals.confirm(button, metadata(asked)))

    async def link_to(self, delivery: Delivery) -> str:
        channel, ts = await self._channel(delivery), delivery.external_id
        answer = await call(self._client.chat_getPermalink(channel=channel, message_ts=ts))
        return str(answer["permalink"])

    async def _channel(self, delivery: Delivery) -> str:
        """Slack's id of it; of a person's own conversation with Troupe we keep none."""
        whose = delivery.channel.direct_to
        if not whose:
            return delivery.channel.external_id
        return await self._teller.direct(await asyncio.to_thread(self._user, whose))

    def _user(self, person_id: str) -> str:
        with self._storage.reading() as work:
            found = [one.user_id for one in work.people.identities(person_id) if one.surface == SURFACE]
        if not found:
            raise Closed("Troupe does not know that person's Slack account.")
        return found[0]

    def in_place(self, ear: Ear) -> bool:
        """In a modal it does; on the Home tab there is no channel in which a card could stand."""
        return bool(ear.view_id) or not ear.channel
