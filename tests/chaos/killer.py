"""SIGKILL at random moments, to every kind of process."""

from __future__ import annotations

import random
import threading
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager, suppress

import psutil

from tests.system.troupe import Running

KINDS = ("worker", "clock", "web", "redis")
ROUND = (*KINDS, "worker")
"""What is killed before the turns begin anew, in another order: workers more often, the story is about them."""


class Killer:
    """kills: by kind, so far. The same seed kills the same kinds after the same pauses.

    most: kills, in all: `up` waits ever longer before it starts again what dies young.
    """

    def __init__(self, running: Running, seed: int, every_s: float, most: int) -> None:
        self.kills: Counter[str] = Counter()
        self._running, self._every_s = running, every_s
        self._random = random.Random(seed)  # to be repeated, not to be guessed
        self._enough = threading.Event()
        self._most = most

    def stop(self) -> None:
        self._enough.set()

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """Kills until `stop`, or until the block ends."""
        thread = threading.Thread(target=self._kill, name="killer")
        thread.start()
        try:
            yield
        finally:
            self.stop()
            thread.join()

    def _kill(self) -> None:
        while self.kills.total() < self._most:
            for kind in self._random.sample(ROUND, len(ROUND)):
                if self._enough.wait(self._every_s * self._random.uniform(0.5, 1.5)):
                    return
                if found := victims(self._running, kind):
                    with suppress(psutil.NoSuchProcess):
                        self._random.choice(found).kill()
                        self.kills[kind] += 1


def victims(running: Running, kind: str) -> list[psutil.Process]:
    """This installation's own processes of that kind; none while `up` is about to start it again."""
    with suppress(psutil.NoSuchProcess):  # one ended between being listed and being looked at
        if kind != "redis":
            return running.processes(kind)
        children = psutil.Process(running.pid).children(recursive=True)
        return [child for child in children if child.name().startswith(("redis-server", "valkey-server"))]
    return []
