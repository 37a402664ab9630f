"""How we stand with Discord, as people are told of it: one alert for as long as it lasts, however often is tried."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from dataclasses import dataclass

import structlog

from bot.discord.api import SURFACE
from bot.outbox import pen
from storage.unit_of_work import Storage

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Pace:
    """How often is tried, in seconds. The pause doubles from first_s to longest_s.

    calm_s: where only people can help. An application may identify 1000 times a day; one that does it more often loses
    its token (docs.discord.com/developers/events/gateway, session start limit).
    identify_s: between two identifies, of which Discord takes one in that time (same page, max_concurrency).
    told_after: failures in a row after which people are told: with the pauses before it, after seven seconds.
    """

    first_s: float = 1.0
    longest_s: float = 30.0
    calm_s: float = 120.0
    identify_s: float = 5.0
    told_after: int = 4

    def pause_s(self, failures: int) -> float:
        return min(self.first_s * 2.0 ** (failures - 1), self.longest_s)


PACE = Pace()


class Standing:
    """One for a process."""

    def __init__(self, storage: Storage, pace: Pace) -> None:
        self._storage, self.pace = storage, pace
        self._failures = 0
        self._told = False
        self._noting = asyncio.Lock()

    @property
    def lasts(self) -> bool:
        """Whether it failed so often that it is more than a moment."""
        return self._failures >= self.pace.told_after

    async def failed(self, reason: str) -> None:
        """It may mend itself. Returns when it is time for another try."""
        self._failures += 1
        pause_s = self.pace.pause_s(self._failures)
        log.warning("discord.unreachable", reason=reason, failures=self._failures, again_in_s=pause_s)
        if self.lasts:
            await self._tell(reason)
        await asyncio.sleep(pause_s)

    async def refused(self, reason: str, *, told: bool = False) -> None:
        """Only people can mend it. Returns when it is time for another try.  told: they know it from somebody else."""
        log.error("discord.refused", reason=reason, again_in_s=self.pace.calm_s)
        if not told:
            await self._tell(reason)
        await asyncio.sleep(self.pace.calm_s)

    async def well(self) -> None:
        """What people were told is over, also by an earlier process."""
        self._failures, self._told = 0, False
        await self._note(lambda: pen.signed_in(self._storage, SURFACE))

    async def noted(self) -> None:
        """Returns when all that was said so far is written down."""
        async with self._noting:
            pass

    async def _tell(self, reason: str) -> None:
        if not self._told:
            self._told = await self._note(lambda: pen.signed_out(self._storage, SURFACE, reason))

    async def _note(self, what: Callable[[], None]) -> bool:
        """False if it could not be written down: the next time, then."""
        try:
            async with self._noting:  # in order
                await asyncio.to_thread(what)
        except Exception:
            log.exception("discord.standing_not_noted")
            return False
        return True
