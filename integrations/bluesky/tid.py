"""Timestamp identifiers, the keys of records: 13 characters that sort by time.

Source: https://atproto.com/specs/tid. 64 bits: a zero, 53 bits of microseconds since 1970, 10 bits of clock id.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from secrets import randbelow
from threading import Lock

ALPHABET = "234567abcdefghijklmnopqrstuvwxyz"
"""base32-sortable: the characters stand in the order of their values."""

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MICROSECOND = timedelta(microseconds=1)
CLOCK_IDS = 1 << 10


def encode(moment: datetime, clock_id: int) -> str:
    """moment: aware, from 1970 to year 2255.  clock_id: 0-1023.  Raises ValueError outside of that."""
    micros = (moment - EPOCH) // MICROSECOND
    if not (0 <= micros < 1 << 53 and 0 <= clock_id < CLOCK_IDS):
        raise ValueError(f"no TID for {moment} and clock id {clock_id}")
    bits = micros << 10 | clock_id
    return "".join(ALPHABET[bits >> shift & 31] for shift in range(60, -1, -5))


def decode(tid: str) -> tuple[datetime, int]:
    """The moment and the clock id.  Raises ValueError for anything that is no TID."""
    if len(tid) != 13 or tid[0] not in ALPHABET[:16] or not set(tid) <= set(ALPHABET):
        raise ValueError(f"{tid!r} is no TID")
    bits = 0
    for character in tid:
        bits = bits << 5 | ALPHABET.index(character)
    return EPOCH + (bits >> 10) * MICROSECOND, bits & CLOCK_IDS - 1


class Mint:
    """Makes TIDs that only ever rise, by whatever thread and however the clock jumps."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._last = EPOCH

    def __call__(self, now: datetime) -> tuple[str, datetime]:
        """A new TID and the moment it stands for: `now`, or just after the one before.

        The clock id is drawn anew each time: processes forked from one parent would share it otherwise.
        """
        with self._lock:
            self._last = max(now.astimezone(UTC), self._last + MICROSECOND)
            moment = self._last
        return encode(moment, randbelow(CLOCK_IDS)), moment


mint = Mint()
"""The one of this process."""
