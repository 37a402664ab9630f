"""Whom Discord knows."""

from __future__ import annotations

from collections.abc import Callable, Collection

from bot.chat.people import Profile
from bot.discord.api import SURFACE, Api
from bot.outbox.wire import Closed, Refused


class DiscordDirectory:
    surface = SURFACE

    def __init__(self, api: Api, guilds: Callable[[], Collection[int]]) -> None:
        """guilds: ids of the servers that the bot is in."""
        self._api, self._guilds = api, guilds

    async def profile(self, user_id: str) -> Profile:
        user = await self._api.call("GET", "/users/{user_id}", user_id=user_id)
        return Profile(str(user.get("global_name") or user["username"]))

    async def is_in(self, user_id: str, group_id: str) -> bool:
        """group_id: of a role, in whichever server it is."""
        for guild in self._guilds():
            try:
                member = await self._api.call(
                    "GET", "/guilds/{guild_id}/members/{user_id}", guild_id=str(guild), user_id=user_id
                )
            except (Closed, Refused):  # they are not in that server
                continue
            if group_id in member.get("roles", ()):
                return True
        return False
