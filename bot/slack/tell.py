"""Answers for one person: under what they typed or pressed, in a modal, or directly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import aiohttp
import structlog
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.webhook.async_client import AsyncWebhookClient

from bot.cards import Card, files
from bot.outbox.wire import WireError
from bot.slack import limits, modals, render
from bot.slack.api import call
from bot.slack.parse import Ear
from bot.slack.uploads import Uploads

log = structlog.get_logger()


class Teller:
    def __init__(
        self,
        client: AsyncWebClient,
        session: aiohttp.ClientSession,
        uploads: Uploads,
        clock: Callable[[], datetime],
    ) -> None:
        self._client, self._session, self._uploads, self._clock = client, session, uploads, clock

    async def whisper(self, ear: Ear, card: Card) -> None:
        """Never raises: whoever cannot be told here finds the same in the console."""
        pictures = await self._files(card)
        try:
            if ear.view_id:
                view = await self.modal(card)
                await call(self._client.views_update(view_id=ear.view_id, view=view))
            elif not ear.response_url and not ear.channel and ear.trigger_id:
                view = await self.modal(card)
                await call(self._client.views_open(trigger_id=ear.trigger_id, view=view))
            else:
                await self._say(ear, render.message(card, files=pictures, now=self._clock()))
                await self._hand_over(ear, card)
        except WireError as error:
            log.info("slack.not_whispered", user=ear.user, reason=str(error))
            await self._directly(ear, render.message(card, files=pictures, now=self._clock()))

    async def modal(self, card: Card) -> dict[str, Any]:
        """The card as a modal that is only read."""
        return modals.told(card, self._clock(), files=await self._files(card))

    async def _files(self, card: Card) -> dict[str, str]:
        try:
            return await self._uploads.of(card)
        except WireError as error:
            log.info("slack.picture_not_there", reason=str(error))
            return {}

    async def _say(self, ear: Ear, message: render.Message) -> None:
        shown: dict[str, Any] = {"text": message.text, "blocks": message.blocks}
        if wrong := limits.check(shown, "message"):
            raise WireError("; ".join(wrong[:3]))
        thread: dict[str, Any] = {"thread_ts": ear.thread_ts} if ear.thread_ts else {}
        if ear.response_url:
            hook = AsyncWebhookClient(ear.response_url, session=self._session)
            answer = await hook.send_dict(
                {"response_type": "ephemeral", "replace_original": False, **thread, **shown}
            )
            if answer.status_code != 200:
                raise WireError(f"response_url answered {answer.status_code} {answer.body[:80]}")
        else:
            await call(self._client.chat_postEphemeral(channel=ear.channel, user=ear.user, **thread, **shown))
        await self._attach(ear, message)

    async def _directly(self, ear: Ear, message: render.Message) -> None:
        try:
            channel = await self.direct(ear.user)
            await call(
                self._client.chat_postMessage(
                    channel=channel, text=message.text, blocks=message.blocks, mrkdwn=False, parse="none"
                )
            )
            await self._attach(ear, message)
        except WireError as error:
            log.warning("slack.not_told", user=ear.user, reason=str(error))

    async def _attach(self, ear: Ear, message: render.Message) -> None:
        """What did not fit: in the person's own conversation with Troupe, since nobody else may see it."""
        for file in message.overflow:
            channel = await self.direct(ear.user)
            await call(self._client.files_upload_v2(content=file.text, filename=file.name, channel=channel))

    async def _hand_over(self, ear: Ear, card: Card) -> None:
        """Files of a task, in the same place for the same reason."""
        for file in files(card):
            direct = await self.direct(ear.user)
            await self._uploads.hand_over(f"direct-{direct}", file, direct)

    async def direct(self, user: str) -> str:
        """Slack's id of the person's own conversation with Troupe. Raises WireError."""
        answer: Mapping[str, Any] = await call(self._client.conversations_open(users=user))
        return str(answer["channel"]["id"])
