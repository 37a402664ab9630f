"""How far Discord was listened to: up to which message all that was said is settled, also after a crash.

Discord's ids grow with time, over all channels.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager

import discord
import structlog

from storage.unit_of_work import Storage

log = structlog.get_logger()

SWITCH = "discord.heard"
SAVE_S = 5.0
"""A crash forgets this much, and what was heard in it is read again: it is known by its id."""


class Heard:
    """One for a process. `run` ends only when it is cancelled."""

    def __init__(self, storage: Storage) -> None:
        self._storage = storage
        self._newest = self._saved = 0
        self._in_hand: set[int] = set()
        self._held: int | None = None

    @property
    def until(self) -> int:
        """A message's id, or one of that time."""
        if self._held is not None:
            return self._held
        return min(self._in_hand) - 1 if self._in_hand else self._newest

    @contextmanager
    def hearing(self, id: int) -> Iterator[None]:
        """While it is not settled nothing from it on counts as heard."""
        self._in_hand.add(id)
        try:
            yield
        finally:
            self._in_hand.discard(id)
            self._newest = max(self._newest, id)

    def hold(self) -> None:
        """Something was missed after `until`: it stays where it is, until `release`."""
        if self._held is None:
            self._held = self.until

    def release(self, at_least: int) -> None:
        """All that was missed is settled.  at_least: an id before which nothing will ever be asked for again."""
        self._held, self._newest = None, max(self._newest, at_least)

    async def load(self) -> None:
        """What an earlier process heard; the first of all has missed nothing that was said before it began, and notes so before
        it listens. Raises what the database raises."""
        self._newest = self._saved = await asyncio.to_thread(self._load)
        if not self._newest:
            self._newest = discord.utils.time_snowflake(self._storage.clock())
            await self.save()

    async def run(self) -> None:
        try:
            while True:
                await asyncio.sleep(SAVE_S)
                await self.save()
        finally:
            await self.save()

    async def save(self) -> None:
        """Never raises: it is tried again every SAVE_S."""
        if (until := self.until) == self._saved:
            return
        try:
            await asyncio.to_thread(self._note, until)
        except Exception:
            log.exception("discord.heard_not_noted")
        else:
            self._saved = until

    def _load(self) -> int:
        with self._storage.reading() as work:
            return int((work.switches.get(SWITCH) or {}).get("message", 0))

    def _note(self, until: int) -> None:
        with self._storage.unit_of_work() as work:
            work.switches.clear(SWITCH)
            work.switches.set(SWITCH, {"message": str(until)})
