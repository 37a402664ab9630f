"""The outbox's way to Slack: posts, redraws in place, finds what a crash left, uploads pictures."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from agents.talk.message import Channel
from bot.cards import Button, Card, File, files
from bot.fit import Overflow
from bot.outbox.rates import Rate, Rates
from bot.outbox.wire import Closed, Gone, Later, Letter, Lost, Refused, WireError
from bot.slack import blocks, limits, render, rich
from bot.slack.api import NOT_IN, SURFACE, call
from bot.slack.faces import Faces
from bot.slack.mrkdwn import escape
from bot.slack.streams import Streams
from bot.slack.uploads import Uploads

log = structlog.get_logger()

EVENT_TYPE = "troupe_message"
"""Of the metadata by which a message is found again."""
LOOK_BACK, PAGES = 100, 10
"""Messages of a page, and pages, of a channel or thread in which an earlier attempt is looked for."""
SKEW = timedelta(minutes=5)
"""By how much Slack's clock may be behind ours."""
RATES: Mapping[str, Rate] = {
    "post": Rate(1.0, 2),  # chat.postMessage: about one a second for each channel
    "posts": Rate(5.0, 10),  # and several hundred a minute for the workspace
    "update": Rate(50 / 60, 20),  # chat.update: tier 3
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

    async def turn(self, channel: str, *, new: bool) -> None:
        await self._rates.turn(*_keys(channel, new))

    def unused(self, channel: str, *, new: bool) -> None:
        self._rates.give_back(*_keys(channel, new))

    async def post(self, letter: Letter) -> str:
        with self._holding(_post(letter)):
            if letter.people and not letter.delivery.channel.direct_to:
                return await self._whisper(letter)
            channel = await self._channel(letter)
            if not letter.done and letter.thread and letter.asked_by:
                return await self._begun(letter, channel)
            message = await self._drawn(letter)
            where = {"channel": channel, **({"thread_ts": letter.thread} if letter.thread else {})}
            found_by = {"metadata": {"event_type": EVENT_TYPE, "event_payload": {"key": letter.key}}}
            answer = await self._posted(letter, {**where, **message.payload, **found_by, **_AS_WORDS})
        ts = str(answer["ts"])
        try:
            if self._faces.ignored(letter.author, answer.get("message") or {}):
                await self._name(letter, channel, ts)
            await self._attach(letter, channel, ts, message.overflow)
            await self._hand_over(letter, channel, ts, message.files)
        except WireError as error:  # it stands there: whoever tries again has to find it
            raise Lost(str(error)) from error
        return ts

    async def update(self, letter: Letter) -> None:
        with self._holding("update"):
            ts, channel = letter.delivery.external_id, await self._channel(letter)
            if not letter.done and self._streams.has(letter):
                await self._streams.go_on(letter, channel)
                return
            await self._streams.end(letter, channel)
            message = await self._drawn(letter)
            await call(self._client.chat_update(channel=channel, ts=ts, parse="none", **message.payload))
            await self._attach(letter, channel, ts, message.overflow)
            await self._hand_over(letter, channel, ts, message.files)

    async def find(self, letter: Letter) -> str:
        channel = await self._channel(letter)
        begun = letter.delivery.message.at - SKEW
        where: dict[str, Any] = {"channel": channel, "limit": LOOK_BACK, "oldest": f"{begun.timestamp():.6f}"}
        read: Callable[..., Any] = self._client.conversations_history
        if letter.thread:
            read, where["ts"] = self._client.conversations_replies, letter.thread
        for _ in range(PAGES):
            with self._holding(_post(letter)):
                page = await call(read(include_all_metadata=True, **where))
            for message in page.get("messages", []):
                payload = (message.get("metadata") or {}).get("event_payload") or {}
                if payload.get("key") == letter.key:
                    return str(message["ts"])
            where["cursor"] = (page.get("response_metadata") or {}).get("next_cursor")
            if not where["cursor"]:
                break
        return ""

    async def is_open(self, channel: Channel) -> bool:
        if channel.direct_to:
            return True  # a person's own: the next message tells
        try:
            found = (await call(self._client.conversations_info(channel=channel.external_id)))["channel"]
        except Closed:
            return False
        return bool(found.get("is_member")) and not found.get("is_archived")

    async def well(self) -> bool:
        try:
            await call(self._client.auth_test())
        except WireError:
            return False
        return True

    # ---- how it is said ----

    async def _posted(self, letter: Letter, payload: dict[str, Any]) -> Mapping[str, Any]:
        """As the persona, where the workspace lets us speak in a name of our own."""
        face = self._faces.of(letter.author)
        try:
            return await call(self._client.chat_postMessage(**payload, **face))
        except Closed as error:
            if str(error) != NOT_IN or not await self._joined(letter):
                raise
            return await call(self._client.chat_postMessage(**payload, **face))
        except Refused as error:
            self._must_be_about_the_name(face, error)
            again = payload | (await self._drawn(letter)).payload
            return await call(self._client.chat_postMessage(**again))

    async def _begun(self, letter: Letter, channel: str) -> str:
        """The message that grows; its ts."""
        face = self._faces.of(letter.author)
        try:
            return await self._streams.begin(letter, channel, face)
        except Refused as error:
            self._must_be_about_the_name(face, error)
            return await self._streams.begin(letter, channel, {})

    def _must_be_about_the_name(self, face: Mapping[str, Any], error: Refused) -> None:
        """From then on messages are Troupe's own, and say who speaks. Any other refusal is raised again."""
        if not face or not self._faces.forbidden(str(error)):
            raise error
        log.warning("slack.plain_name", reason=str(error))

    async def _name(self, letter: Letter, channel: str, ts: str) -> None:
        """The name was left out: then the message itself says who speaks."""
        log.warning("slack.plain_name", reason="Slack left the name out; chat:write.customize is missing.")
        named = await self._drawn(letter)
        await call(self._client.chat_update(channel=channel, ts=ts, parse="none", **named.payload))

    async def _joined(self, letter: Letter) -> bool:
        """Into a public channel we can let ourselves in."""
        try:
            await call(self._client.conversations_join(channel=letter.delivery.channel.external_id))
        except WireError:
            return False
        return True

    async def _whisper(self, letter: Letter) -> str:
        """For one person in a channel. Nobody can find or change it later."""
        thread: dict[str, Any] = {"thread_ts": letter.thread} if letter.thread else {}
        channel, face = await self._channel(letter), self._faces.of(letter.author)
        message = await self._drawn(letter)
        for user in letter.people:
            where = {"channel": channel, "user": user, **thread}
            try:
                await call(self._client.chat_postEphemeral(**where, **message.payload, **face))
            except Refused as error:
                self._must_be_about_the_name(face, error)
                face, message = {}, await self._drawn(letter)
                await call(self._client.chat_postEphemeral(**where, **message.payload))
        return ""

    @contextmanager
    def _holding(self, key: str) -> Iterator[None]:
        """No turn is given out for that key before Slack wants more of it."""
        try:
            yield
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
        pictures = await self._uploads.of(letter.card)
        elsewhere = await self._elsewhere(letter)
        card = _with_link(letter.card, elsewhere)
        message = render.message(card, files=pictures, now=self._clock())
        handed = () if elsewhere else files(card)
        return _checked(Drawn(message.text, message.blocks, message.overflow, handed))

    async def _elsewhere(self, letter: Letter) -> str:
        """Address of the message in whose thread its files stand, if whoever reads this one can open it; "" if they cannot
        or may not be able to: then they get the files here.
        """
        if letter.files_at is None:
            return ""
        channel, ts = letter.files_at.channel.external_id, letter.files_at.external_id
        try:
            if (await call(self._client.conversations_info(channel=channel)))["channel"].get("is_private"):
                return ""
            answer = await call(self._client.chat_getPermalink(channel=channel, message_ts=ts))
            return str(answer["permalink"])
        except (Closed, Gone, Refused) as error:
            log.info("slack.files_not_elsewhere", reason=str(error))
            return ""

    async def _attach(self, letter: Letter, channel: str, ts: str, overflow: tuple[Overflow, ...]) -> None:
        """What did not fit, in whole, in the thread under it; once for each text."""
        for file in overflow:
            try:
                await self._uploads.attach(letter.key, file, channel, letter.thread or ts)
            except Refused as error:
                log.warning("slack.not_attached", file=file.name, reason=str(error))

    async def _hand_over(self, letter: Letter, channel: str, ts: str, handed: tuple[File, ...]) -> None:
        """In the thread under it."""
        for file in handed:
            try:
                await self._uploads.hand_over(letter.key, file, channel, letter.thread or ts)
            except Refused as error:
                log.warning("slack.not_handed_over", file=file.name, reason=str(error))


def _keys(channel: str, new: bool) -> tuple[str, ...]:
    return (f"post:{channel}", "posts") if new else ("update",)


def _post(letter: Letter) -> str:
    return f"post:{letter.delivery.channel.id}"


def _with_link(card: Card, url: str) -> Card:
    """A button of a person's own card opens the files where they stand."""
    return replace(card, buttons=(*card.buttons, Button("Open the files", url=url))) if url else card


@dataclass(frozen=True, slots=True)
class Drawn:
    """overflow, files: what goes into the thread under it."""

    text: str
    blocks: list[dict[str, Any]]
    overflow: tuple[Overflow, ...] = ()
    files: tuple[File, ...] = ()

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
