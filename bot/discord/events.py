"""What happens to channels and messages in Discord, and what Troupe makes of it."""

from __future__ import annotations

import asyncio

from bot.discord.api import SURFACE
from bot.outbox import pen
from bot.outbox.outbox import Outbox
from storage.unit_of_work import Storage


class Happenings:
    def __init__(self, storage: Storage, outbox: Outbox) -> None:
        self._storage, self._outbox = storage, outbox

    async def deleted(self, channel_id: str, message_id: str) -> None:
        """A message of ours may be gone. In a thread it is looked for in the channel that the thread hangs in."""
        if await asyncio.to_thread(pen.deleted, self._storage, SURFACE, channel_id, message_id):
            self._outbox.said(())

    async def closed(self, channel_id: str, reason: str) -> None:
        def close() -> None:
            with self._storage.unit_of_work() as work:
                if (channel := work.channels.known_as(SURFACE, channel_id)) is not None:
                    pen.close(work, channel.id, reason)

        await asyncio.to_thread(close)

    async def changed(self, channel_id: str, name: str) -> None:
        """Renamed, or with other permissions: what was closed may be open again."""

        def change() -> None:
            with self._storage.unit_of_work() as work:
                if (channel := work.channels.known_as(SURFACE, channel_id)) is not None:
                    work.channels.rename(channel.id, name)
                    pen.open_again(work, channel.id)

        await asyncio.to_thread(change)
