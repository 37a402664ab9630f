"""Who is told what the gateway tells."""

from __future__ import annotations

from typing import Any

import discord

from bot.discord.app import DiscordApp
from bot.discord.events import Happenings
from bot.discord.gateway import Gateway
from bot.discord.heard import Heard
from bot.discord.missed import Missed


class Listeners:
    """One for a process; the client's `Ears`."""

    def __init__(
        self, app: DiscordApp, happenings: Happenings, gateway: Gateway, heard: Heard, missed: Missed
    ) -> None:
        self._app, self._happenings, self._gateway = app, happenings, gateway
        self._heard, self._missed = heard, missed

    async def begun(self) -> None:
        self._heard.hold()
        await self._gateway.established()

    async def resumed(self) -> None:
        await self._gateway.established()

    async def ready(self) -> None:
        self._missed.look()

    async def interaction(self, interaction: discord.Interaction) -> None:
        await self._app.interaction(interaction)

    async def message(self, message: discord.Message) -> None:
        with self._heard.hearing(message.id):
            await self._app.message(message)

    async def reacted(self, added: discord.RawReactionActionEvent, channel: Any) -> None:
        await self._app.reacted(added, channel)

    async def deleted(self, channel_id: str, message_id: str) -> None:
        await self._happenings.deleted(channel_id, message_id)

    async def closed(self, channel_id: str, reason: str) -> None:
        await self._happenings.closed(channel_id, reason)

    async def changed(self, channel_id: str, name: str) -> None:
        await self._happenings.changed(channel_id, name)
