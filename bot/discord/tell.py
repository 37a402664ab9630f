"""Answers for one person: in their interaction, where only they see them, or directly."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog

from bot.cards import Card
from bot.discord import limits, render
from bot.discord.api import Api, Upload
from bot.discord.ear import Ear
from bot.discord.files import Files, names_of
from bot.outbox.wire import WireError

log = structlog.get_logger()

EPHEMERAL = 1 << 6
"""Message flag (resources/message, message flags): only whoever asked sees it."""
MESSAGE, THINKING, UPDATING, CHOICES, MODAL = 4, 5, 6, 8, 9
"""Types of a first answer (interactions/receiving-and-responding)."""
CALLBACK = "/interactions/{webhook_id}/{webhook_token}/callback"
FOLLOW_UP = "/webhooks/{webhook_id}/{webhook_token}"
ORIGINAL = "/webhooks/{webhook_id}/{webhook_token}/messages/@original"


class Teller:
    """One for a process."""

    def __init__(self, api: Api, files: Files, clock: Callable[[], datetime]) -> None:
        self._api, self._files, self._clock = api, files, clock

    async def answer(self, ear: Ear, kind: int, data: Mapping[str, Any] | None = None) -> None:
        """The first answer to an interaction, due within 3 s. Raises WireError."""
        await self._api.answer(
            "POST",
            CALLBACK,
            {"type": kind, **({"data": dict(data)} if data else {})},
            webhook_id=ear.id,
            webhook_token=ear.token,
        )
        states = {THINKING: "thinking", UPDATING: "updating"}
        ear.state = states.get(kind, "answered")  # type: ignore[assignment]

    async def whisper(self, ear: Ear, card: Card) -> None:
        """Never raises: whoever cannot be told here finds the same in the console."""
        await self.show(ear, render.message(card, files=names_of(card), now=self._clock()))

    async def show(self, ear: Ear, message: render.Message) -> None:
        """Never raises."""
        try:
            if wrong := limits.check(message.payload(), "message"):
                raise WireError("; ".join(wrong[:3]))
            files = await self._files.of(message)
            if ear.alive:
                await self._in_interaction(ear, message, files)
            else:
                await self._directly(ear.user, message.payload(), files)
        except WireError as error:
            log.info("discord.not_told", user=ear.user, reason=str(error))

    async def dismiss(self, ear: Ear) -> None:
        """The private message on which it was pressed goes away. Never raises."""
        await self._delete(ear)

    async def settle(self, ear: Ear) -> None:
        """A private answer that was promised, and is not needed: the card in the channel is the answer. Never raises."""
        if ear.state == "thinking" and ear.alive:
            await self._delete(ear)
            ear.state = "answered"

    async def _delete(self, ear: Ear) -> None:
        try:
            await self._api.answer(
                "DELETE", ORIGINAL, webhook_id=self._api.application_id, webhook_token=ear.token
            )
        except WireError as error:
            log.info("discord.not_settled", reason=str(error))

    async def _in_interaction(self, ear: Ear, message: render.Message, files: list[Upload]) -> None:
        private = message.payload(ephemeral=True)
        if ear.state == "new" and not files:
            await self.answer(ear, MESSAGE, private)
            return
        if ear.state == "new":
            await self.answer(ear, THINKING, {"flags": EPHEMERAL})
        if ear.state == "thinking":
            await self._api.answer(
                "PATCH",
                ORIGINAL,
                message.payload(),
                files=files,
                webhook_id=self._api.application_id,
                webhook_token=ear.token,
            )
            ear.state = "answered"
        else:
            await self._api.answer(
                "POST",
                FOLLOW_UP,
                private,
                files=files,
                webhook_id=self._api.application_id,
                webhook_token=ear.token,
            )

    async def _directly(self, user: str, payload: dict[str, Any], files: list[Upload]) -> None:
        channel = await self._api.call("POST", "/users/@me/channels", {"recipient_id": user})
        await self._api.call(
            "POST", "/channels/{channel_id}/messages", payload, files=files, channel_id=str(channel["id"])
        )
