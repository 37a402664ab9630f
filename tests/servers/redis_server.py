"""A real Redis, the same one that `troupe up` starts, here with a handle to kill it by."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path

import redis

from integrations import redis_server
from tests.servers.processes import Process, scratch


class Redis(Process):
    """Keeps nothing on disk: after `kill` and `start` it is at the same address, empty."""

    def __init__(self, folder: Path) -> None:
        self.url = redis_server.url(folder)
        super().__init__(
            redis_server.command(folder), log=folder / "log", ready=lambda: redis_server.ping(folder)
        )

    def flush(self) -> None:
        """Wipes everything, as it may happen at any time."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()


@contextlib.contextmanager
def running() -> Iterator[Redis]:
    """Raises RedisFailed, with the command that gets one, when there is no Redis to start."""
    with scratch("redis") as folder, Redis(folder) as server:
        yield server
