"""A surface's allowance: so many a second for each key, a few at once, and none at all while the surface asks to wait."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from time import monotonic

KEPT = 2000
"""Keys that are remembered. One that was not used for longest is full again by then."""


@dataclass(frozen=True, slots=True)
class Rate:
    """per_s: in the long run.  burst: how many at once after a rest, at least 1."""

    per_s: float
    burst: int


@dataclass(slots=True)
class _Bucket:
    full_at: float = 0.0
    """When all of the burst may be used again: the only state of a leaky bucket (GCRA, ITU-T I.371)."""
    held_until: float = 0.0


class Rates:
    """Lives on one event loop."""

    def __init__(self, rates: Mapping[str, Rate]) -> None:
        """rates: by the word that a key begins with, before its colon: "update", "post:C1" is one of "post"."""
        self._rates = rates
        self._buckets: dict[str, _Bucket] = {}

    async def turn(self, *keys: str) -> None:
        """Waits until one more is allowed by each of the keys, and takes it."""
        while True:
            wait_s = max(map(self._wait_s, keys))
            if wait_s <= 0:
                break
            await asyncio.sleep(wait_s)
        for key in keys:
            rate, bucket = self._of(key)
            bucket.full_at = max(bucket.full_at, monotonic()) + 1 / rate.per_s

    def give_back(self, *keys: str) -> None:
        """A turn that was not used."""
        for key in keys:
            rate, bucket = self._of(key)
            bucket.full_at -= 1 / rate.per_s

    def hold(self, key: str, seconds: float) -> None:
        """The surface asked to wait that long with all of that key."""
        _, bucket = self._of(key)
        bucket.held_until = max(bucket.held_until, monotonic() + seconds)

    def _wait_s(self, key: str) -> float:
        rate, bucket = self._of(key)
        now = monotonic()
        ready_at = bucket.full_at - (rate.burst - 1) / rate.per_s
        return max(ready_at, bucket.held_until) - now

    def _of(self, key: str) -> tuple[Rate, _Bucket]:
        bucket = self._buckets.pop(key, None) or _Bucket()
        self._buckets[key] = bucket  # the newest last
        if len(self._buckets) > KEPT:
            self._buckets.pop(next(iter(self._buckets)))
        return self._rates[key.partition(":")[0]], bucket
