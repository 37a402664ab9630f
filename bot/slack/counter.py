"""How Slack answers one person, and asks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from slack_sdk.web.async_client import AsyncWebClient

from agents.people import Person
from agents.talk.delivery import Delivery
from bot.cards import Button, Card
from bot.chat.desk import Asked
from bot.slack import modals
from bot.slack.api import call
from bot.slack.forms import Forms, metadata
from bot.slack.parse import Ear
from bot.slack.tell import Teller


class SlackCounter:
    def __init__(self, client: AsyncWebClient, teller: Teller, forms: Forms) -> None:
        self._client, self._teller, self._forms = client, teller, forms

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
        channel, ts = delivery.channel.external_id, delivery.external_id
        answer = await call(self._client.chat_getPermalink(channel=channel, message_ts=ts))
        return str(answer["permalink"])

    def in_place(self, ear: Ear) -> bool:
        return bool(ear.view_id)
