"""Long answers grow in place: Slack's own streaming while a message is written, an ordinary message when it is done."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from bot.outbox.wire import Letter, WireError
from bot.slack.api import call

log = structlog.get_logger()

ROLL_OVER_S = 240.0
"""Slack ends a stream by itself after about five minutes, whatever is appended; before that it is redrawn as a message."""
_MARKS = str.maketrans(
    {mark: f"\\{mark}" for mark in "\\`*_{}[]()#+-!|~"} | {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
)
"""Streams carry Markdown only. A model's words are words: what would be markup is escaped."""


@dataclass(slots=True)
class _Stream:
    ts: str
    sent: str
    begun_at: float


class Streams:
    """One for a process. A stream that another process began is ended and redrawn as a message."""

    def __init__(self, client: AsyncWebClient, team_id: str) -> None:
        self._client, self._team_id = client, team_id
        self._open: dict[int, _Stream] = {}

    def has(self, letter: Letter) -> bool:
        """Whether it can grow further as a stream: what was sent is still its beginning, and Slack has not ended it."""
        stream = self._open.get(letter.delivery.id)
        return (
            stream is not None
            and letter.text.startswith(stream.sent)
            and monotonic() - stream.begun_at < ROLL_OVER_S
        )

    async def begin(self, letter: Letter, channel: str, face: Mapping[str, Any]) -> str:
        """Returns its ts."""
        answer = await call(
            self._client.chat_startStream(
                channel=channel,
                thread_ts=letter.thread,
                markdown_text=_words(letter.text) or "…",
                recipient_team_id=self._team_id,
                recipient_user_id=letter.asked_by,
                **face,
            )
        )
        ts = str(answer["ts"])
        self._open[letter.delivery.id] = _Stream(ts, letter.text, monotonic())
        return ts

    async def go_on(self, letter: Letter, channel: str) -> None:
        stream = self._open[letter.delivery.id]
        more = letter.text[len(stream.sent) :]
        if more:
            await call(
                self._client.chat_appendStream(channel=channel, ts=stream.ts, markdown_text=_words(more))
            )
            stream.sent = letter.text

    async def end(self, letter: Letter, channel: str) -> None:
        """After it the message can be redrawn as any other. One that Slack ended already is fine."""
        stream = self._open.pop(letter.delivery.id, None)
        if stream is None:
            return
        try:
            await call(self._client.chat_stopStream(channel=channel, ts=stream.ts))
        except WireError as error:
            log.info("slack.stream_had_ended", reason=str(error))


def _words(text: str) -> str:
    return text.translate(_MARKS)
