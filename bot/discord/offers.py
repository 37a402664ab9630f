"""What completes an option. Every key that somebody types asks again, so it is looked up for the first one and kept for the next."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from time import monotonic
from typing import TYPE_CHECKING

from bot.discord.api import SURFACE
from bot.discord.commands import Typing
from bot.forms import Option
from bot.ports import reading_ports

if TYPE_CHECKING:
    from bot.wiring import Troupe

KEPT_S = 2.0
"""How old an answer may be, and how long somebody who was removed still gets one. A command looks at everything anew."""
KEPT_AT_ONCE = 32
"""Options that are being typed in at the same moment; more are looked up for every key."""

Key = tuple[str, str, str]
"""A user, a command, an option of it."""


class Offers:
    """One for a process. Lives on the event loop, reads in threads."""

    def __init__(self, troupe: Troupe, clock: Callable[[], float] = monotonic) -> None:
        """clock: seconds that only grow."""
        self._troupe, self._clock = troupe, clock
        self._kept: dict[Key, tuple[float, Sequence[Option]]] = {}
        """With when it was looked up."""

    async def of(self, user: str, typing: Typing) -> Sequence[Option]:
        """All that may stand there, whatever was typed of it so far; nothing for who is not of the team."""
        key, now = (user, typing.command.path, typing.parameter.name), self._clock()
        self._kept = {each: kept for each, kept in self._kept.items() if now - kept[0] < KEPT_S}
        if key in self._kept:
            return self._kept[key][1]
        found = await asyncio.to_thread(self._look_up, user, typing)
        if found is None:
            return ()
        if len(self._kept) < KEPT_AT_ONCE:
            self._kept[key] = now, found
        return found

    def _look_up(self, user: str, typing: Typing) -> Sequence[Option] | None:
        with self._troupe.storage.reading() as work:
            person = work.people.known_as(SURFACE, user)
            if person is None or person.removed_at:  # who is not of the team does not learn what there is
                return None
            return typing.parameter.kind.offers(reading_ports(self._troupe, work, person))
