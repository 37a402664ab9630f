"""As whom a message is said: one webhook of ours in each channel lends every persona its own name and face."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import structlog

from bot.cards import Author
from bot.discord.api import Api
from bot.outbox.wire import Closed, Refused

log = structlog.get_logger()

NAME = "Troupe"
_LIMIT = 80
"""Of a name. Discord refuses "clyde" and "discord" in it."""


@dataclass(frozen=True, slots=True)
class Webhook:
    id: str
    token: str


class Webhooks:
    """One for a process. A channel that lets us have none is spoken to as the bot itself."""

    def __init__(self, api: Api, public_url: str | None) -> None:
        self._api, self._public_url = api, public_url
        self._known: dict[str, Webhook | None] = {}

    async def of(self, channel_id: str) -> Webhook | None:
        """channel_id: Discord's own, not a thread's. Raises WireError."""
        if channel_id not in self._known:
            try:
                self._known[channel_id] = await self._found(channel_id) or await self._made(channel_id)
            except (Closed, Refused) as error:
                log.warning("discord.plain_name", channel=channel_id, reason=str(error))
                self._known[channel_id] = None
        return self._known[channel_id]

    def forget(self, channel_id: str) -> None:
        """It is gone, or permissions have changed: asked for anew next time."""
        self._known.pop(channel_id, None)

    def face(self, author: Author) -> dict[str, Any]:
        """How a webhook signs a message."""
        name = author.name if author.kind == "persona" else f"{author.name} (via Troupe)"
        for word in ("clyde", "discord"):  # refused by Discord in any case of letters
            if word in name.lower():
                name = NAME
        face: dict[str, Any] = {"username": name[:_LIMIT]}
        if self._public_url and author.kind == "persona":
            face["avatar_url"] = f"{self._public_url}/face/{author.id}.png"
        return face

    async def _found(self, channel_id: str) -> Webhook | None:
        hooks = await self._api.call("GET", "/channels/{channel_id}/webhooks", channel_id=channel_id)
        for hook in hooks:
            if hook.get("application_id") == self._api.application_id and hook.get("token"):
                return Webhook(str(hook["id"]), str(hook["token"]))
        return None

    async def _made(self, channel_id: str) -> Webhook:
        hook = await self._api.call(
            "POST", "/channels/{channel_id}/webhooks", {"name": NAME}, channel_id=channel_id
        )
        return Webhook(str(hook["id"]), str(hook["token"]))
