"""What was said while nobody listened for longer than a session can be resumed: read from the channels' histories.

Every message goes the way of one that the gateway tells of; what had been heard is known there by its id.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from functools import partial
from typing import TypeAlias, TypeVar

import aiohttp
import discord
import structlog

from bot.discord.api import SURFACE
from bot.discord.client import Client
from bot.discord.heard import Heard
from bot.discord.standing import Pace
from storage.unit_of_work import Storage, UnitOfWork

log = structlog.get_logger()
T = TypeVar("T")

LOOK_BACK = timedelta(hours=1)
"""To what was said before that, nobody waits for an answer any more."""
MESSAGES = 100
"""In one place, the oldest first: a page of its history."""
PLACES = 50
"""Channels and threads, those that were spoken in last; and as many direct conversations."""
TOKEN_DEAD, TOO_MUCH = 401, 429
"""Which end, as what is wrong on Discord's side (5xx) does; every other refusal stays one."""

Place: TypeAlias = discord.TextChannel | discord.Thread | discord.DMChannel


class Missed:
    """One for a process. `run` ends only when it is cancelled."""

    def __init__(
        self,
        client: Client,
        storage: Storage,
        heard: Heard,
        take: Callable[[discord.Message], Awaitable[None]],
        clock: Callable[[], datetime],
        pace: Pace,
    ) -> None:
        """take: settles one message, and never raises."""
        self._client, self._storage, self._heard = client, storage, heard
        self._take, self._clock, self._pace = take, clock, pace
        self._asked = asyncio.Event()

    def look(self) -> None:
        """A session has begun, and all servers are known."""
        self._asked.set()

    async def run(self) -> None:
        while True:
            await self._asked.wait()
            self._asked.clear()
            try:
                await self._catch_up()
            except Exception:
                log.exception("discord.catching_up_failed")
                await asyncio.sleep(self._pace.longest_s)
                self._asked.set()

    async def _catch_up(self) -> None:
        begun = discord.utils.time_snowflake(self._clock() - LOOK_BACK)
        since = max(self._heard.until, begun)
        channels, users = await asyncio.to_thread(self._known)
        places = [*self._spoken_in(channels, since), *await self._conversations(users)]
        messages = [await self._read(place, since) for place in places]
        log.info("discord.caught_up", places=len(places), messages=sum(messages))
        if not self._asked.is_set():  # else another session began, and something was missed again
            self._heard.release(begun)
            await self._heard.save()

    def _spoken_in(self, known: frozenset[str], since: int) -> list[Place]:
        """Channels that Troupe knows and their threads, with something newer in them, the newest first."""
        seen: list[discord.TextChannel | discord.Thread] = []
        for guild in self._client.guilds:
            seen += [channel for channel in guild.text_channels if str(channel.id) in known]
            seen += [thread for thread in guild.threads if str(thread.parent_id) in known]
        spoken = [place for place in seen if (place.last_message_id or 0) > since]
        spoken.sort(key=lambda place: place.last_message_id or 0, reverse=True)
        return [*spoken[:PLACES]]

    async def _conversations(self, users: list[int]) -> list[Place]:
        """With one person each: what is new there Discord tells only whoever reads them."""
        open_one = self._client.create_dm
        opened = [await self._tried(partial(open_one, discord.Object(user))) for user in users]
        return [place for place in opened if place is not None]

    async def _read(self, place: Place, since: int) -> int:
        """How many messages there were."""
        messages = await self._tried(partial(_history, place, since)) or []
        for message in messages:
            with self._heard.hearing(message.id):
                await self._take(message)
        return len(messages)

    async def _tried(self, ask: Callable[[], Awaitable[T]]) -> T | None:
        """Asked for until Discord answers or another session begins; None for what it refuses."""
        failures = 0
        while not self._asked.is_set():
            try:
                return await ask()
            except discord.HTTPException as error:
                if error.status < 500 and error.status not in (TOKEN_DEAD, TOO_MUCH):
                    log.info("discord.history_refused", reason=str(error))
                    return None
                log.info("discord.history_unread", reason=str(error))
            except (aiohttp.ClientError, OSError) as error:
                log.info("discord.history_unread", reason=type(error).__name__)
            failures += 1
            await asyncio.sleep(self._pace.pause_s(failures))
        return None

    def _known(self) -> tuple[frozenset[str], list[int]]:
        """Channels of the team and people, both by Discord's own ids; of people those that were spoken with last."""
        with self._storage.reading() as work:
            open_ones = [channel for channel in work.channels.on(SURFACE) if not channel.closed]
            channels = frozenset(channel.external_id for channel in open_ones if not channel.direct_to)
            spoken = [
                (_last(channel.id, work), channel.direct_to) for channel in open_ones if channel.direct_to
            ]
            people = [person for _, person in sorted(spoken, reverse=True)[:PLACES]]
            identities = [one for person in people for one in work.people.identities(person)]
        return channels, [int(one.user_id) for one in identities if one.surface == SURFACE]


async def _history(place: Place, since: int) -> list[discord.Message]:
    after = discord.Object(since)
    return [message async for message in place.history(limit=MESSAGES, after=after, oldest_first=True)]


def _last(channel_id: str, work: UnitOfWork) -> int:
    """The number of what was said there last."""
    newest = work.messages.in_channel(channel_id, "", limit=1)
    return newest[-1].id if newest else 0
