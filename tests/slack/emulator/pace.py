"""What the loads of both emulators do alike: send at a steady rate, look for what came of it, and sum up how long it took."""

from __future__ import annotations

import asyncio
import bisect
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

T = TypeVar("T")
Moment = tuple[str, float]
"""Which message, and when (perf_counter)."""
LOOK_S = 0.05


@dataclass(frozen=True)
class Latency:
    """In milliseconds; all zero when nothing was measured."""

    count: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Latency:
        ms = sorted(1000 * each for each in seconds)
        if not ms:
            return cls(0, 0.0, 0.0, 0.0, 0.0)

        def at(share: float) -> float:
            return round(ms[min(len(ms) - 1, int(len(ms) * share))], 3)

        return cls(len(ms), at(0.5), at(0.9), at(0.99), round(ms[-1], 3))


async def paced(send: Callable[[int], T], rate: float, seconds: float) -> list[T]:
    """Open loop: nobody waits for the answer to the one before.  send: gets the number of each, from 0."""
    begun, sent = time.perf_counter(), []
    for number in range(round(rate * seconds)):
        wait_s = begun + number / rate - time.perf_counter()
        if wait_s > 0 or number % 50 == 0:
            await asyncio.sleep(max(0.0, wait_s))
        sent.append(send(number))
    return sent


async def redrawn(
    clicks: Sequence[Moment], changes: Callable[[], Iterable[Moment]], patience_s: float = 10.0
) -> list[float]:
    """Seconds from each click to the first change of its message after it.  Clicks that changed nothing are left out.

    changes: of any messages so far, the oldest first.
    """
    deadline = time.monotonic() + patience_s
    found: list[float | None] = [None]
    while None in found and time.monotonic() < deadline:
        await asyncio.sleep(LOOK_S)
        moments: dict[str, list[float]] = {}
        for message, at in changes():
            moments.setdefault(message, []).append(at)
        found = [_first_after(moments.get(message, []), at) for message, at in clicks]
    return [each for each in found if each is not None]


def _first_after(moments: Sequence[float], click: float) -> float | None:
    at = bisect.bisect_left(moments, click)
    return moments[at] - click if at < len(moments) else None
