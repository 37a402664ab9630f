"""Pictures of ours in Slack: uploaded once each, and shown there by Slack's own id. Slack reaches no address of ours."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from hashlib import sha256
from typing import Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from agents.errors import NotFound
from agents.tasks.artifact import Artifact
from bot.cards import Card, File
from bot.cards import pictures as pictures_of
from bot.fit import Overflow
from bot.outbox.wire import Refused
from bot.slack.api import SURFACE, call
from storage.unit_of_work import Storage

log = structlog.get_logger()


class Uploads:
    """One for a process."""

    def __init__(
        self,
        client: AsyncWebClient,
        storage: Storage,
        picture: Callable[[str], tuple[bytes, str]],
        handed_over: Callable[[str], tuple[Artifact, bytes]],
    ) -> None:
        """picture: its bytes and media type, by id.  handed_over: a file of a task and its bytes, by id."""
        self._client, self._storage, self._picture = client, storage, picture
        self._handed_over = handed_over
        self._under_way: dict[str, asyncio.Task[str]] = {}

    async def of(self, card: Card) -> dict[str, str]:
        """Picture id -> Slack's. What cannot be had there is left out: it is told in words. Raises WireError."""
        pictures = pictures_of(card)
        found = await asyncio.to_thread(self._known, pictures) if pictures else {}
        for source in pictures:
            if source not in found and (file_id := await self._once(source)):
                found[source] = file_id
        return found

    async def attach(self, key: str, file: Overflow, channel: str, thread_ts: str) -> None:
        """A text as a file in a thread, once for each text.  key: of the message that it belongs to. Raises WireError."""
        source = f"{key}:{sha256(file.text.encode()).hexdigest()[:32]}"
        if await asyncio.to_thread(self._known, [source]):
            return
        answer = await call(
            self._client.files_upload_v2(
                content=file.text, filename=file.name, channel=channel, thread_ts=thread_ts
            )
        )
        await asyncio.to_thread(self._note, source, str(answer["files"][0]["id"]))

    async def hand_over(self, key: str, file: File, channel: str, thread_ts: str = "") -> None:
        """A file of a task in a thread, or in a channel where there is none, with Slack's own preview; once for each version of it. Raises WireError."""
        source = f"{key}:{file.source}"
        if await asyncio.to_thread(self._known, [source]):
            return
        try:
            found, data = await asyncio.to_thread(self._handed_over, file.source)
        except NotFound:  # a newer one took its place: the card is drawn anew, with that one
            return
        where: dict[str, Any] = {"channel": channel, **({"thread_ts": thread_ts} if thread_ts else {})}
        name = found.path.rpartition("/")[2]
        answer = await call(self._client.files_upload_v2(content=data, filename=name, **where))
        await asyncio.to_thread(self._note, source, str(answer["files"][0]["id"]))

    async def _once(self, source: str) -> str:
        """Two cards may want the same picture at the same moment."""
        if source not in self._under_way:
            uploading = self._under_way[source] = asyncio.create_task(self._upload(source))
            uploading.add_done_callback(lambda _: self._under_way.pop(source))
        return await asyncio.shield(self._under_way[source])

    async def _upload(self, source: str) -> str:
        if known := await asyncio.to_thread(self._known, [source]):
            return known[source]
        try:
            data, kind = await asyncio.to_thread(self._picture, source)
            name = f"{source}.{kind.rpartition('/')[2]}"
            answer = await call(self._client.files_upload_v2(content=data, filename=name))
        except Refused:
            log.warning("slack.picture_refused", picture=source, exc_info=True)
            return ""
        file_id = str(answer["files"][0]["id"])
        await asyncio.to_thread(self._note, source, file_id)
        return file_id

    def _known(self, pictures: Sequence[str]) -> dict[str, str]:
        with self._storage.reading() as work:
            return work.deliveries.uploads(SURFACE, pictures)

    def _note(self, source: str, file_id: str) -> None:
        with self._storage.unit_of_work() as work:
            work.deliveries.uploaded(SURFACE, source, file_id, work.now)
