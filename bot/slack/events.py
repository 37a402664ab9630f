"""What happens to channels, messages and the app itself, and what Troupe makes of it."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any

import structlog
from slack_sdk.web.async_client import AsyncWebClient

from agents.events import Actor
from bot.chat.intake import Settled, Speech
from bot.outbox import pen
from bot.outbox.outbox import Outbox
from bot.outbox.wire import WireError
from bot.slack.api import SURFACE, call
from bot.slack.parse import moment, words_for
from bot.slack.wire import Workspace
from storage.unit_of_work import Storage, UnitOfWork

if TYPE_CHECKING:
    from bot.chat.people import People

log = structlog.get_logger()

READ_BACK = 30
"""Messages of a thread that a persona is told of when it is called into it."""
Event = Mapping[str, Any]


class Happenings:
    def __init__(
        self, storage: Storage, client: AsyncWebClient, workspace: Workspace, people: People, outbox: Outbox
    ) -> None:
        self._storage, self._client, self._workspace = storage, client, workspace
        self._people, self._outbox, self._words = people, outbox, words_for(workspace.bot_user_id)
        self._does: dict[str, Callable[[Event], None]] = {
            "channel_archive": lambda event: self._close(event, "The channel was archived."),
            "group_archive": lambda event: self._close(event, "The channel was archived."),
            "channel_deleted": lambda event: self._close(event, "The channel was deleted."),
            "group_deleted": lambda event: self._close(event, "The channel was deleted."),
            "channel_unarchive": self._open,
            "group_unarchive": self._open,
            "member_joined_channel": self._joined,
            # Whoever is put out hears of it by these; `member_left_channel` goes to those who stay.
            "channel_left": lambda event: self._close(event, "Troupe was taken out of the channel."),
            "group_left": lambda event: self._close(event, "Troupe was taken out of the channel."),
            "channel_rename": self._renamed,
            "group_rename": self._renamed,
        }

    async def happened(self, event: Event) -> None:
        if (kind := event["type"]) in ("tokens_revoked", "app_uninstalled"):
            self._outbox.sit_out(f"Slack says {kind.replace('_', ' ')}.")
        elif kind in self._does:
            await asyncio.to_thread(self._does[kind], event)
        else:
            log.debug("slack.event_ignored", kind=kind)

    async def deleted(self, event: Event) -> None:
        """A message of ours may be gone."""
        channel, ts = str(event["channel"]), str(event.get("deleted_ts", ""))
        if await asyncio.to_thread(pen.deleted, self._storage, SURFACE, channel, ts):
            self._outbox.said(())

    async def read_back(self, speech: Speech, settled: Settled) -> None:
        """What was said in a thread before Troupe was called into it, so that the persona knows it."""
        try:
            answer = await call(
                self._client.conversations_replies(channel=speech.room.id, ts=speech.root_id, limit=READ_BACK)
            )
        except WireError as error:
            log.info("slack.thread_unread", channel=speech.room.id, reason=str(error))
            answer = {}
        said = [m for m in answer.get("messages", ()) if moment(m["ts"]) < speech.at]
        users = {str(m.get("user", "")) for m in said} - {""}
        names = {user: await self._people.name(user) for user in users}
        await asyncio.to_thread(self._keep, said, names, speech, settled)

    def _keep(self, said: list[Event], names: Mapping[str, str], speech: Speech, settled: Settled) -> None:
        with self._storage.unit_of_work() as work:
            channel = settled.place.channel
            for message in said:
                author = _author(message, names, work)
                text = self._words(str(message.get("text") or ""), work)
                ts = str(message["ts"])
                there = work.deliveries.at(channel, ts)
                if there is None:
                    thread = settled.place.thread
                    work.messages.say(channel, thread, author, text, moment(ts), external_id=ts)
                elif not there.message.done and ts == speech.root_id:
                    work.messages.finish(there.id, author, text)

    def _close(self, event: Event, reason: str) -> None:
        with self._storage.unit_of_work() as work:
            if (channel := work.channels.known_as(SURFACE, _channel(event))) is not None:
                pen.close(work, channel.id, reason)

    def _open(self, event: Event) -> None:
        with self._storage.unit_of_work() as work:
            if (channel := work.channels.known_as(SURFACE, _channel(event))) is not None:
                pen.open_again(work, channel.id)

    def _joined(self, event: Event) -> None:
        if event.get("user") == self._workspace.bot_user_id:
            self._open(event)

    def _renamed(self, event: Event) -> None:
        with self._storage.unit_of_work() as work:
            channel = work.channels.known_as(SURFACE, _channel(event))
            if channel is not None and (name := str((event.get("channel") or {}).get("name") or "")):
                work.channels.rename(channel.id, name)


def _channel(event: Event) -> str:
    channel = event.get("channel")
    return str(channel.get("id")) if isinstance(channel, Mapping) else str(channel or "")


def _author(message: Event, names: Mapping[str, str], work: UnitOfWork) -> Actor:
    user = str(message.get("user") or "")
    person = work.people.known_as(SURFACE, user) if user else None
    if person is not None:
        return person.actor
    return Actor("person", "", names.get(user) or str(message.get("username") or "an app"))
