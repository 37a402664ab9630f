"""Whom Slack knows."""

from __future__ import annotations

from slack_sdk.web.async_client import AsyncWebClient

from bot.chat.people import Profile
from bot.slack.api import SURFACE, call


class SlackDirectory:
    surface = SURFACE

    def __init__(self, client: AsyncWebClient) -> None:
        self._client = client

    async def profile(self, user_id: str) -> Profile:
        user = (await call(self._client.users_info(user=user_id)))["user"]
        shown = user.get("profile", {})
        name = shown.get("display_name") or user.get("real_name") or user.get("name") or user_id
        return Profile(str(name), str(user.get("tz") or ""))

    async def is_in(self, user_id: str, group_id: str) -> bool:
        answer = await call(self._client.usergroups_users_list(usergroup=group_id))
        return user_id in answer.get("users", ())
