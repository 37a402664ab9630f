"""Slack's allowances: tiers per method and workspace, one message a second per channel.

docs.slack.dev/apis/web-api/rate-limits; which method has which tier: slack_sdk and the methods' own pages.
"""

import math
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Literal

TIERS = {1: 1, 2: 20, 3: 50, 4: 100, 5: 600}  # calls per minute; 5 stands for "special", several hundred
BURSTS = {
    1: 10
}  # a bucket holds a minute's calls; apps.connections.open lets all ten connections come at once
PER_CHANNEL_BURST = 5  # "short bursts" of more than one message a second and channel are allowed
MESSAGES_PER_MINUTE = 300  # "several hundred messages per minute per workspace"
Allowance = Literal["real", "off"] | float


@dataclass
class Bucket:
    """capacity tokens, refilled at per_second."""

    capacity: float
    per_second: float
    level: float
    at: float

    def take(self, now: float) -> float:
        """0 when a token was there, else the seconds until the next one is."""
        self.level = min(self.capacity, self.level + (now - self.at) * self.per_second)
        self.at = now
        if self.level >= 1:
            self.level -= 1
            return 0.0
        return (1 - self.level) / self.per_second


@dataclass
class Rates:
    """allowance: "real", "off", or a factor by which Slack's figures are multiplied."""

    allowance: Allowance = "real"
    clock: Callable[[], float] = time.monotonic
    buckets: dict[str, Bucket] = field(default_factory=dict)
    forced: dict[str, tuple[int, int]] = field(default_factory=dict)  # method -> times left, Retry-After

    def force(self, method: str, times: int, retry_after: int) -> None:
        self.forced[method] = (times, retry_after)

    def wait(self, method: str, tier: int, channel: str | None) -> int | None:
        """None when the call may pass, else what Retry-After says, in whole seconds."""
        times, retry_after = self.forced.get(method, (0, 0))
        if times > 0:
            self.forced[method] = (times - 1, retry_after)
            return retry_after
        if self.allowance == "off":
            return None
        factor = 1.0 if self.allowance == "real" else float(self.allowance)
        waits = [self._take(method, BURSTS.get(tier, TIERS[tier]) * factor, TIERS[tier] * factor / 60)]
        if method == "chat.postMessage":
            waits = [self._take("messages", MESSAGES_PER_MINUTE * factor, MESSAGES_PER_MINUTE * factor / 60)]
            waits.append(self._take(f"{method}:{channel}", PER_CHANNEL_BURST * factor, factor))
        longest = max(waits)
        return math.ceil(longest) if longest else None

    def _take(self, key: str, capacity: float, per_second: float) -> float:
        now = self.clock()
        capacity = max(1.0, capacity)
        bucket = self.buckets.get(key)
        if bucket is None or bucket.capacity != capacity:
            bucket = self.buckets[key] = Bucket(capacity, per_second, capacity, now)
        return bucket.take(now)
