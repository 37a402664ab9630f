"""Discord's allowances: a bucket per route and major id, fifty calls a second in all, and a ban for who does not listen.

docs.discord.com/developers/topics/rate-limits.  The buckets' sizes are not published; these are what the headers of the
real service are commonly seen to say.
"""

from __future__ import annotations

import hashlib
import time
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

Allowance = Literal["real", "off"]
GLOBAL_PER_S, INVALID_PER_10_MIN, SHARED_SCOPE = 50, 10_000, "shared"
FEW = (5, 5.0)
SIZES: Mapping[str, tuple[int, float]] = {  # calls, seconds
    "create_message": FEW,
    "edit_message": FEW,
    "delete_message": (5, 1.0),
    "list_messages": (5, 1.0),
    "typing": FEW,
    "execute_webhook": (5, 2.0),
    "edit_webhook_message": (5, 2.0),
    "edit_original_response": (5, 2.0),
    "delete_webhook_message": (5, 2.0),
    "add_reaction": (1, 0.25),
    "remove_own_reaction": (1, 0.25),
    "remove_reaction": (1, 0.25),
    "create_thread": (50, 300.0),
    "create_thread_from_message": (50, 300.0),
    "edit_channel": (10, 15.0),
    "create_webhook": FEW,
    "create_command": FEW,
    "overwrite_commands": (2, 60.0),
    "overwrite_guild_commands": (2, 60.0),
}
OTHERS = (30, 30.0)
# docs: interaction endpoints are not bound to the global limit; each token has its own bucket
UNBOUND = {"answer_interaction"}
ONE_SHOT = {"answer_interaction"}


@dataclass
class Bucket:
    """limit calls in a window of window_s that begins with the first of them."""

    limit: int
    window_s: float
    left: int
    ends: float

    def take(self, now: float) -> bool:
        if now >= self.ends:
            self.left, self.ends = self.limit, now + self.window_s
        if self.left <= 0:
            return False
        self.left -= 1
        return True


@dataclass(frozen=True)
class Verdict:
    """headers: to be sent with whatever the answer is.  retry_after_s: None when the call may pass."""

    headers: dict[str, str]
    retry_after_s: float | None = None
    scope: str = "user"
    banned: bool = False


@dataclass
class Rates:
    allowance: Allowance = "real"
    buckets: dict[tuple[str, str], Bucket] = field(default_factory=dict)
    seconds: Bucket = field(default_factory=lambda: Bucket(GLOBAL_PER_S, 1.0, GLOBAL_PER_S, 0.0))
    forced: dict[str, tuple[int, float, str]] = field(
        default_factory=dict
    )  # route -> times left, seconds, scope
    invalid: deque[float] = field(default_factory=deque)
    banned_until: float = 0.0

    def force(self, route: str, times: int, retry_after_s: float, scope: str) -> None:
        self.forced[route] = (times, retry_after_s, scope)

    def take(self, route: str, major: str) -> Verdict:
        """One call on a route; major: the channel, guild or webhook that it goes to."""
        now = time.monotonic()
        if now < self.banned_until:
            return Verdict({}, self.banned_until - now, banned=True)
        times, retry_after_s, scope = self.forced.get(route, (0, 0.0, ""))
        if times > 0:
            self.forced[route] = (times - 1, retry_after_s, scope)
            return Verdict({}, retry_after_s, scope)
        if self.allowance == "off" or route in ONE_SHOT:
            return Verdict({})
        if route not in UNBOUND and not self.seconds.take(now):
            return Verdict({}, self.seconds.ends - now, "global")
        limit, window_s = SIZES.get(route, OTHERS)
        bucket = self.buckets.setdefault((route, major), Bucket(limit, window_s, limit, 0.0))
        passes = bucket.take(now)
        return Verdict(_headers(route, bucket, now), None if passes else bucket.ends - now)

    def note(self, status: int) -> None:
        """401, 403 and 429 count: ten thousand of them in ten minutes, and the address is shut out for a while."""
        if status not in {401, 403, 429} or self.allowance == "off":
            return
        now = time.monotonic()
        self.invalid.append(now)
        while self.invalid[0] < now - 600:
            self.invalid.popleft()
        if len(self.invalid) >= INVALID_PER_10_MIN:
            self.banned_until = now + 600


def _headers(route: str, bucket: Bucket, now: float) -> dict[str, str]:
    left_s = max(0.0, bucket.ends - now)
    return {
        "X-RateLimit-Limit": str(bucket.limit),
        "X-RateLimit-Remaining": str(bucket.left),
        "X-RateLimit-Reset": f"{time.time() + left_s:.3f}",
        "X-RateLimit-Reset-After": f"{left_s:.3f}",
        "X-RateLimit-Bucket": hashlib.blake2b(route.encode(), digest_size=16).hexdigest(),
    }
