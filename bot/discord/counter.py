"""How Discord answers one person, and asks them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from agents.people import Person
from agents.talk.delivery import Delivery
from bot.cards import Button, Card
from bot.chat.desk import Asked
from bot.discord import render
from bot.discord.api import Api
from bot.discord.ear import Ear
from bot.discord.forms import Forms
from bot.discord.tell import Teller
from bot.outbox.wire import WireError


class DiscordCounter:
    def __init__(self, api: Api, teller: Teller, forms: Forms) -> None:
        self._api, self._teller, self._forms = api, teller, forms

    async def whisper(self, ear: Ear, card: Card) -> None:
        await self._teller.whisper(ear, card)

    async def form(
        self, asked: Asked[Ear], person: Person, *, filled: Mapping[str, Any] | None = None
    ) -> None:
        await self._forms.open(asked, person, filled=filled)

    async def question(self, asked: Asked[Ear], button: Button) -> None:
        await self._teller.show(asked.ear, render.question(button))

    async def link_to(self, delivery: Delivery) -> str:
        if delivery.channel.direct_to:  # Discord's own id of it is not known, and needed for nothing else
            raise WireError("A direct conversation has no address of ours.")
        channel = await self._api.call(
            "GET", "/channels/{channel_id}", channel_id=delivery.channel.external_id
        )
        place = channel.get("guild_id") or "@me"
        return f"https://discord.com/channels/{place}/{channel['id']}/{delivery.external_id}"

    def in_place(self, ear: Ear) -> bool:
        return False
