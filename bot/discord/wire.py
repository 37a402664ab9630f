"""The outbox's way to Discord: posts, redraws, finds what a crash left. A thread hangs under the message that it is about."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

import structlog

from agents.talk.message import Channel
from bot.cards import Author
from bot.discord import limits, render, words
from bot.discord.api import SURFACE, Api, Upload
from bot.discord.files import Files, names_of
from bot.discord.webhooks import Webhook, Webhooks
from bot.outbox.rates import Rate, Rates
from bot.outbox.wire import Closed, Gone, Later, Letter, Refused, WireError

log = structlog.get_logger()

LOOK_BACK = 50
"""Messages in which an earlier attempt is looked for."""
RATES: Mapping[str, Rate] = {
    "post": Rate(1.0, 5),  # five messages in five seconds for each channel
    "update": Rate(1.0, 5),
}
"""Discord publishes no figures, but tells them with every answer; these are what it tells for channels. What is too much is
told and waited for, by discord.py for short times."""
THREAD_NAME = 100
ARCHIVED_AFTER_MIN = 4320
"""Three days: a post's life, mostly."""


class DiscordWire:
    """One for a process. Lives on the event loop."""

    surface = SURFACE

    def __init__(
        self,
        api: Api,
        webhooks: Webhooks,
        files: Files,
        clock: Callable[[], datetime],
    ) -> None:
        self._api, self._webhooks, self._files, self._clock = api, webhooks, files, clock
        self._rates = Rates(RATES)
        self._direct: dict[str, str] = {}

    async def turn(self, channel: str, *, new: bool) -> None:
        await self._rates.turn(_key(channel, new))

    def unused(self, channel: str, *, new: bool) -> None:
        self._rates.give_back(_key(channel, new))

    async def post(self, letter: Letter) -> str:
        channel = await self._channel(letter)
        thread = await self._thread(letter, channel)
        if not letter.done:
            await self._typing(thread or channel)
        hook = await self._hook(letter, channel)
        payload, files = await self._drawn(letter, signed=hook is None)
        if hook is not None:
            try:
                return await self._by_webhook(hook, letter.author, thread, payload, files)
            except Gone:
                self._webhooks.forget(channel)
                return await self.post(letter)
        # What Discord has seen with the same nonce in the last minutes it does not post again.
        once = {"nonce": str(letter.delivery.id), "enforce_nonce": True}
        answer = await self._held(
            _key(letter.delivery.channel.id, True),
            self._api.call(
                "POST",
                "/channels/{channel_id}/messages",
                {**payload, **once},
                files=files,
                channel_id=thread or channel,
            ),
        )
        return str(answer["id"])

    async def update(self, letter: Letter) -> None:
        """By whoever wrote it: an interaction's token is dead after 15 minutes, a webhook's and the bot's are not."""
        channel = await self._channel(letter)
        hook = await self._hook(letter, channel)
        payload, files = await self._drawn(letter, signed=hook is None)
        key = _key(letter.delivery.channel.id, False)
        message = letter.delivery.external_id
        if hook is not None:
            query = {"with_components": "true", **({"thread_id": _under(letter)} if _under(letter) else {})}
            try:
                await self._held(
                    key,
                    self._api.call(
                        "PATCH",
                        "/webhooks/{webhook_id}/{webhook_token}/messages/{message_id}",
                        payload,
                        files=files,
                        query=query,
                        webhook_id=hook.id,
                        webhook_token=hook.token,
                        message_id=message,
                    ),
                )
            except Gone:  # the bot wrote it, or nobody did
                log.debug("discord.not_by_webhook", message=message)
            else:
                return
            payload, files = await self._drawn(letter, signed=True)
        await self._held(
            key,
            self._api.call(
                "PATCH",
                "/channels/{channel_id}/messages/{message_id}",
                payload,
                files=files,
                channel_id=_under(letter) or channel,
                message_id=message,
            ),
        )

    async def find(self, letter: Letter) -> str:
        """By the mark that its first component carries."""
        channel = await self._channel(letter)
        try:
            messages = await self._api.call(
                "GET",
                "/channels/{channel_id}/messages",
                query={"limit": LOOK_BACK},
                channel_id=_under(letter) or channel,
            )
        except Closed:
            if not _under(letter):
                raise
            return ""  # there is no thread yet
        for message in messages:
            if any(part.get("id") == _mark(letter) for part in message.get("components", ())):
                return str(message["id"])
        return ""

    async def is_open(self, channel: Channel) -> bool:
        if channel.direct_to:
            return True  # a person's own: the next message tells
        if not await self._is_there(channel.external_id):
            return False
        self._webhooks.forget(channel.external_id)  # permissions may have changed
        return True

    async def well(self) -> bool:
        try:
            await self._api.call("GET", "/users/@me")
        except WireError:
            return False
        return True

    # ---- how it is said ----

    async def _by_webhook(
        self, hook: Webhook, author: Author, thread: str, payload: Mapping[str, Any], files: list[Upload]
    ) -> str:
        answer = await self._api.call_once(
            "/webhooks/{webhook_id}/{webhook_token}",
            {**payload, **self._webhooks.face(author)},
            files=files,
            query={
                "wait": "true",
                "with_components": "true",
                **({"thread_id": thread} if thread else {}),
            },
            webhook_id=hook.id,
            webhook_token=hook.token,
        )
        return str(answer["id"])

    async def _hook(self, letter: Letter, channel: str) -> Webhook | None:
        """None where Troupe itself speaks, in a direct conversation, and where we may have none."""
        if letter.author.kind == "troupe" or letter.delivery.channel.direct_to:
            return None
        return await self._webhooks.of(channel)

    async def _thread(self, letter: Letter, channel: str) -> str:
        """The thread under that message; made when something is first said in it. It has the message's own id."""
        root = _under(letter)
        if not root:
            return ""
        try:
            message = await self._api.call(
                "GET",
                "/channels/{channel_id}/messages/{message_id}",
                channel_id=channel,
                message_id=root,
            )
        except Gone:  # its thread lives on without it
            if not await self._is_there(root):
                raise
            return root
        if "thread" not in message:
            name = (letter.thread_name or "Troupe")[:THREAD_NAME]
            await self._api.call(
                "POST",
                "/channels/{channel_id}/messages/{message_id}/threads",
                {"name": name, "auto_archive_duration": ARCHIVED_AFTER_MIN},
                channel_id=channel,
                message_id=root,
            )
        return root

    async def _is_there(self, channel: str) -> bool:
        try:
            await self._api.call("GET", "/channels/{channel_id}", channel_id=channel)
        except (Closed, Refused):
            return False
        return True

    async def _typing(self, channel: str) -> None:
        try:
            await self._api.call("POST", "/channels/{channel_id}/typing", channel_id=channel)
        except WireError as error:
            log.debug("discord.not_typing", reason=str(error))

    async def _channel(self, letter: Letter) -> str:
        """Discord's id of it. What is for one person alone goes to their direct conversation: a channel cannot whisper."""
        channel = letter.delivery.channel
        if not channel.direct_to and not letter.people:
            return channel.external_id
        if not letter.people:
            raise Closed("Troupe does not know that person's Discord account.")
        user = letter.people[0]
        if user not in self._direct:
            answer = await self._api.call("POST", "/users/@me/channels", {"recipient_id": user})
            self._direct[user] = str(answer["id"])
        return self._direct[user]

    async def _held(self, key: str, asked: Any) -> Any:
        try:
            return await asked
        except Later as error:
            self._rates.hold(key, error.after_s)
            raise

    # ---- how it looks ----

    async def _drawn(self, letter: Letter, *, signed: bool) -> tuple[dict[str, Any], list[Upload]]:
        """signed: whether the message itself has to say who speaks."""
        if letter.card is None:
            speaker = letter.author.name if signed and letter.author.kind != "troupe" else ""
            message = words.message(letter.text, speaker=speaker, done=letter.done)
        else:
            message = render.message(letter.card, files=names_of(letter.card), now=self._clock())
        payload = message.payload()
        first = {**payload["components"][0], "id": _mark(letter)}
        payload = {**payload, "components": [first, *payload["components"][1:]]}
        if wrong := limits.check(payload, "message"):
            raise Refused(f"It breaks Discord's limits: {'; '.join(wrong[:3])}")
        return payload, await self._files.of(message)


def _key(channel: str, new: bool) -> str:
    return f"{'post' if new else 'update'}:{channel}"


def _under(letter: Letter) -> str:
    """The message whose thread it belongs into, "" for none: a direct conversation has no threads."""
    return "" if letter.delivery.channel.direct_to or letter.people else letter.thread


def _mark(letter: Letter) -> int:
    """Fits a component's id, 32 bits; none of the small ones that Discord gives by itself."""
    return 1_000_000 + letter.delivery.id % 2_000_000_000
