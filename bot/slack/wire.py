"""The outbox's way to Slack: posts, redraws in place, finds what a crash left, uploads pictures."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.fit import Overflow
from bot.outbox.rates import Rate, Rates
from bot.outbox.wire import Closed, Later, Letter, Refused, WireError
from bot.slack import blocks, limits, render, rich
from bot.slack.api import NOT_IN, SURFACE, call
from bot.slack.faces import Faces
from bot.slack.mrkdwn import escape
from bot.slack.streams import Streams
from bot.slack.uploads import Uploads

log = structlog.get_logger()

EVENT_TYPE = "troupe_message"
"""Of the metadata by which a message is found again."""
LOOK_BACK = 100
"""Messages of a channel or thread in which an earlier attempt is looked for."""
RATES: Mapping[str, Rate] = {
    "post": Rate(1.0, 2),  # chat.postMessage: about one a second for each channel
    "posts": Rate(5.0, 10),  # and several hundred a minute for the workspace
    "update": Rate(50 / 60, 20),  # chat.update: tier 3
    "whisper": Rate(100 / 60, 20),  # chat.postEphemeral: tier 4
}
"""docs.slack.dev/apis/web-api/rate-limits. Short bursts are let through; what is too much is told, and waited for."""


@dataclass(frozen=True, slots=True)
class Workspace:
    """What auth.test says of us."""

    team_id: str
    bot_user_id: str
    name: str
    bot_id: str = ""


class SlackWire:
    """One for a process. Lives on the event loop."""

    surface = SURFACE

    def __init__(
        self,
        client: AsyncWebClient,
        workspace: Workspace,
        uploads: Uploads,
        faces: Faces,
        clock: Callable[[], datetime],
    ) -> None:
        self._client, self._uploads, self._faces, self._clock = client, uploads, faces, clock
        self._rates = Rates(RATES)
        self._direct: dict[str, str] = {}
        self._streams = Streams(client, workspace.team_id)
        self._attached: dict[int, int] = {}

    async def turn(self, channel: str, *, new: bool) -> None:
        await self._rates.turn(*_keys(channel, new))

    def unused(self, channel: str, *, new: bool) -> None:
        self._rates.give_back(*_keys(channel, new))

    async def post(self, letter: Letter) -> str:
        if letter.people and not letter.delivery.channel.direct_to:
            return await self._whisper(letter)
        channel = await self._channel(letter)
        if not letter.done and letter.thread and letter.asked_by:
            return await self._streams.begin(letter, channel, self._faces.of(letter.author))
        message = await self._drawn(letter)
        where = {"channel": channel, **({"thread_ts": letter.thread} if letter.thread else {})}
        found_by = {"metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": letter.key}}}
        answer = await self._posted(letter, {**where, **message.payload, **found_by, **_AS_WORDS})
        if self._faces.ignored(letter.author, answer.get("message") or {}):
            await self._name(letter, str(answer["channel"]), str(answer["ts"]))
        await self._attach(letter, str(answer["channel"]), str(answer["ts"]), message.overflow)
        return str(answer["ts"])

    async def update(self, letter: Letter) -> None:
        ts, channel = letter.delivery.external_id, await self._channel(letter)
        if not letter.done and self._streams.has(letter):
            await self._streams.go_on(letter, channel)
            return
        await self._streams.end(letter, channel)
        message = await self._drawn(letter)
        updated = self._client.chat_update(channel=channel, ts=ts, parse="none", **message.payload)
        await self._held("update", updated)
        await self._attach(letter, channel, ts, message.overflow)

    async def find(self, letter: Letter) -> str:
        channel = await self._channel(letter)
        if letter.thread:
            asked = self._client.conversations_replies(
                channel=channel, ts=letter.thread, limit=LOOK_BACK, include_all_metadata=True
            )
        else:
            asked = self._client.conversations_history(
                channel=channel, limit=LOOK_BACK, include_all_metadata=True
            )
        for message in (await call(asked)).get("messages", []):
            payload = (message.get("metadata") or {}).get("event_payload") or {}
            if payload.get("key") == letter.key:
                return str(message["ts"])
        return ""

    async def well(self) -> bool:
        try:
            await call(self._client.auth_test())
        except WireError:
            return False
        return True

    # ---- how it is said ----

    async def _posted(self, letter: Letter, payload: dict[str, Any]) -> Mapping[str, Any]:
        """As the persona, where the workspace lets us speak in a name of our own."""
        key = f"post:{letter.delivery.channel.id}"
        face = self._faces.of(letter.author)
        try:
            return await self._held(key, self._client.chat_postMessage(**payload, **face))
        except Closed as error:
            if str(error) != NOT_IN or not await self._joined(letter):
                raise
            return await self._held(key, self._client.chat_postMessage(**payload, **face))
        except Refused as error:
            if not face or not self._faces.forbidden(str(error)):
                raise
            log.warning("slack.plain_name", reason=str(error))
            again = payload | (await self._drawn(letter)).payload
            return await self._held(key, self._client.chat_postMessage(**again))

    async def _name(self, letter: Letter, channel: str, ts: str) -> None:
        """The name was left out: then the message itself says who speaks."""
        log.warning("slack.plain_name", reason="Slack left the name out; chat:write.customize is missing.")
        named = await self._drawn(letter)
        await self._held(
            "update", self._client.chat_update(channel=channel, ts=ts, parse="none", **named.payload)
        )

    async def _joined(self, letter: Letter) -> bool:
        """Into a public channel we can let ourselves in."""
        try:
            await call(self._client.conversations_join(channel=letter.delivery.channel.external_id))
        except WireError:
            return False
        return True

    async def _whisper(self, letter: Letter) -> str:
        """For one person in a channel. Nobody can find or change it later."""
        message = await self._drawn(letter)
        thread: dict[str, Any] = {"thread_ts": letter.thread} if letter.thread else {}
        channel = await self._channel(letter)
        for user in letter.people:
            whispered = self._client.chat_postEphemeral(
                channel=channel, user=user, **thread, **message.payload, **self._faces.of(letter.author)
            )
            await self._held("whisper", whispered)
        return ""

    async def _held(self, key: str, asked: Any) -> Mapping[str, Any]:
        try:
            return await call(asked)
        except Later as error:
            self._rates.hold(key, error.after_s)
            raise

    async def _channel(self, letter: Letter) -> str:
        """Slack's id of it. A person's own is opened when it is first needed."""
        channel = letter.delivery.channel
        if not channel.direct_to:
            return channel.external_id
        if channel.id not in self._direct:
            if not letter.people:
                raise Closed("Troupe does not know that person's Slack account.")
            answer = await call(self._client.conversations_open(users=letter.people[0]))
            self._direct[channel.id] = str(answer["channel"]["id"])
        return self._direct[channel.id]

    # ---- how it looks ----

    async def _drawn(self, letter: Letter) -> Drawn:
        if letter.card is None:
            words = letter.text or "…"
            named = self._faces.plain and letter.author.kind != "troupe"
            said = blocks.context(letter.author.name) if named else []
            shown = rich.blocks(rich.prose(words if letter.done else f"{words} …"))
            return _checked(Drawn(escape(words[: render.NOTIFICATION]), [*said, *shown]))
        files = await self._uploads.of(letter.card)
        message = render.message(letter.card, files=files, now=self._clock())
        return _checked(Drawn(message.text, message.blocks, message.overflow))

    async def _attach(self, letter: Letter, channel: str, ts: str, overflow: tuple[Overflow, ...]) -> None:
        """What did not fit, in whole, in the thread under it; once for each text."""
        look = hash(overflow)
        if not overflow or self._attached.get(letter.delivery.id) == look:
            return
        self._attached[letter.delivery.id] = look
        for file in overflow:
            await call(
                self._client.files_upload_v2(
                    content=file.text, filename=file.name, channel=channel, thread_ts=letter.thread or ts
                )
            )


def _keys(channel: str, new: bool) -> tuple[str, ...]:
    return (f"post:{channel}", "posts") if new else ("update",)


@dataclass(frozen=True, slots=True)
class Drawn:
    text: str
    blocks: list[dict[str, Any]]
    overflow: tuple[Overflow, ...] = ()

    @property
    def payload(self) -> dict[str, Any]:
        return {"text": self.text, "blocks": self.blocks}


def _checked(drawn: Drawn) -> Drawn:
    """Raises Refused for what Slack would refuse, before it is sent."""
    wrong = limits.check({"text": drawn.text, "blocks": drawn.blocks}, "message")
    if wrong:
        raise Refused(f"It breaks Slack's limits: {'; '.join(wrong[:3])}")
    return drawn


_AS_WORDS = {"mrkdwn": False, "parse": "none", "unfurl_links": False, "unfurl_media": False}
"""A persona's words are words: no markup, no preview of what they mention."""
