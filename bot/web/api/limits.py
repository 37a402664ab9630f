"""How often somebody may ask. Counted in Redis, for all processes together; in this process's memory while Redis is away."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

import structlog
from limits import RateLimitItem, parse
from limits.storage import MemoryStorage, RedisStorage
from limits.strategies import RateLimiter, SlidingWindowCounterRateLimiter
from redis.exceptions import RedisError

log = structlog.get_logger()

PER_KEY = parse("3000/minute")
"""Fifty a second: far more than a team's programs need, far less than what keeps others waiting."""
FAILED = parse("20/minute")
"""Wrong keys from one address. There is nothing to guess in 256 random bits; this keeps log and database quiet."""
PATIENCE_S = 0.25
"""How long a count may take: requests wait for it."""
AWAY_S = 5.0
"""How long memory counts before Redis is asked again."""


@dataclass
class Limits:
    """One for a process; threads share it. Blocks for PATIENCE_S at most."""

    redis_url: str
    _memory: RateLimiter = field(default_factory=lambda: SlidingWindowCounterRateLimiter(MemoryStorage()))
    _away_until: float = 0.0

    def __post_init__(self) -> None:
        self._redis = SlidingWindowCounterRateLimiter(
            RedisStorage(
                self.redis_url.replace("unix://", "redis+unix://", 1),
                key_prefix="troupe:limits",
                socket_timeout=PATIENCE_S,
                socket_connect_timeout=PATIENCE_S,
            )
        )

    def hit(self, limit: RateLimitItem, who: str) -> float:
        """Counts one; 0.0 if it is within the limit, else how many seconds until there is room again."""
        if time.monotonic() >= self._away_until:
            try:
                return _hit(self._redis, limit, who)
            except (RedisError, OSError) as error:
                self._away_until = time.monotonic() + AWAY_S
                log.warning("limits.redis_away", error=type(error).__name__)
        return _hit(self._memory, limit, who)


def _hit(limiter: RateLimiter, limit: RateLimitItem, who: str) -> float:
    if limiter.hit(limit, who):
        return 0.0
    return max(limiter.get_window_stats(limit, who).reset_time - time.time(), 1.0)
