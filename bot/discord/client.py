"""discord.py's client: what the gateway tells, handed on."""

from __future__ import annotations

import asyncio
from time import monotonic
from typing import Any, Protocol

import discord
import structlog
import yarl
from discord.gateway import DiscordWebSocket
from discord.http import Route

log = structlog.get_logger()

INTENTS = discord.Intents(
    guilds=True,
    guild_messages=True,
    dm_messages=True,
    message_content=True,
    webhooks=True,
    guild_reactions=True,
    dm_reactions=True,
)
"""message_content is to be switched on at Discord (Bot, Privileged Gateway Intents): without it the bot sees only what names it."""


def point_at(api_url: str, gateway_url: str) -> None:
    """Where Discord answers. discord.py keeps both for the whole process."""
    Route.BASE = api_url
    DiscordWebSocket.DEFAULT_GATEWAY = yarl.URL(f"{gateway_url}/")


class Client(discord.Client):
    """One for a process."""

    def __init__(self, identify_s: float) -> None:
        """identify_s: between two identifies."""
        super().__init__(
            intents=INTENTS,
            max_messages=None,  # nothing is looked up in memory
            member_cache_flags=discord.MemberCacheFlags.none(),
            chunk_guilds_at_startup=False,
            allowed_mentions=discord.AllowedMentions.none(),
        )
        self.hears: Ears | None = None
        self._identify_s, self._identified_at = identify_s, float("-inf")

    def channel_name(self, id: str) -> str:
        """ "" for one that the bot does not see."""
        return str(getattr(self.get_channel(int(id)), "name", "") or "")

    async def before_identify_hook(self, shard_id: int | None, *, initial: bool = False) -> None:
        """discord.py waits however long ago the last one was."""
        await asyncio.sleep(max(0.0, self._identified_at + self._identify_s - monotonic()))
        self._identified_at = monotonic()

    async def on_connect(self) -> None:
        """A session began: what was said before it nobody tells us."""
        if self.hears is not None:
            await self.hears.begun()

    async def on_resumed(self) -> None:
        if self.hears is not None:
            await self.hears.resumed()

    async def on_ready(self) -> None:
        """All servers are known."""
        if self.hears is not None:
            await self.hears.ready()

    async def on_interaction(self, interaction: discord.Interaction) -> None:
        if self.hears is not None:
            await self.hears.interaction(interaction)

    async def on_message(self, message: discord.Message) -> None:
        if self.hears is not None:
            await self.hears.message(message)

    async def on_raw_message_delete(self, deleted: discord.RawMessageDeleteEvent) -> None:
        if self.hears is not None:
            await self.hears.deleted(str(deleted.channel_id), str(deleted.message_id))

    async def on_raw_reaction_add(self, added: discord.RawReactionActionEvent) -> None:
        if self.hears is not None:
            await self.hears.reacted(added, self.get_channel(added.channel_id))

    async def on_guild_channel_delete(self, channel: discord.abc.GuildChannel) -> None:
        if self.hears is not None:
            await self.hears.closed(str(channel.id), "The channel was deleted.")

    async def on_guild_channel_update(self, before: Any, after: discord.abc.GuildChannel) -> None:
        if self.hears is not None:
            await self.hears.changed(str(after.id), after.name)

    async def on_error(self, event_method: str, /, *args: Any, **kwargs: Any) -> None:
        log.exception("discord.event_failed", of=event_method)


class Ears(Protocol):
    """Who is told."""

    async def begun(self) -> None: ...
    async def resumed(self) -> None: ...
    async def ready(self) -> None: ...
    async def interaction(self, interaction: discord.Interaction) -> None: ...
    async def message(self, message: discord.Message) -> None: ...
    async def reacted(self, added: discord.RawReactionActionEvent, channel: Any) -> None:
        """channel: None for a direct conversation that this process has not seen yet."""

    async def deleted(self, channel_id: str, message_id: str) -> None: ...
    async def closed(self, channel_id: str, reason: str) -> None: ...
    async def changed(self, channel_id: str, name: str) -> None: ...
