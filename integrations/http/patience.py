"""One time limit over a whole trip, although sockets only know how long a single step may take."""

from __future__ import annotations

from collections.abc import Mapping
from time import monotonic

STEPS = ("connect", "read", "write", "pool")


class Patience(float):
    """Seconds that one step may take, and the moment on the monotonic clock at which everything must be over.

    httpcore hands time limits through to the socket unread, so this number reaches our stream as it is and
    `left` shrinks with every read. A server that sends a byte a second runs out of it all the same.
    """

    until: float

    def __new__(cls, step_s: float, until: float) -> Patience:
        self = super().__new__(cls, step_s)
        self.until = until
        return self

    def left(self) -> float:
        """Seconds that the next step may take; ≤ 0 when there is no time left."""
        return min(self, self.until - monotonic())


def timeouts(asked: Mapping[str, float | None], total_s: float) -> dict[str, float]:
    """What httpx wants in a request's "timeout" extension, for at most `total_s` (> 0) from now on.

    asked: what the extension holds already. Patience in it is kept, so that redirects share one limit.
    """
    until = monotonic() + total_s
    return {step: _limited(asked.get(step), total_s, until) for step in STEPS}


def _limited(asked: float | None, total_s: float, until: float) -> float:
    if isinstance(asked, Patience):
        return asked
    return Patience(min(total_s, total_s if asked is None else asked), until)
