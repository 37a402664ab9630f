"""A yard of real processes on a real Redis and a real database.

with yard.worker(), yard.clock():
    post = yard.approve()
    yard.wait_for(post, State.PUBLISHED)
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from itertools import count

import redis
from rq import Queue as RqQueue
from sqlalchemy import select

from agents.jobs import Queue
from agents.writing.post import State, Variant
from bot.settings import ROOT
from storage.tables import LeaseRow
from tests.bench.house import House
from tests.bench.processes import FRESH, REGISTERED
from tests.jobs.process import SENDING, STALL
from tests.servers.processes import Process
from tests.servers.redis_server import Redis

_PYTHON = (sys.executable, "-m", "tests.jobs.process")
PATIENCE_S = 30.0
"""The machine is small and may be busy; what is to be quick is measured by the bench."""


class Yard(AbstractContextManager["Yard"]):
    def __init__(self, house: House, server: Redis) -> None:
        self.house, self.server = house, server
        self.home = house.troupe.settings.troupe_home
        self.redis = redis.Redis.from_url(server.url)
        self._numbers = count()

    def __exit__(self, *_: object) -> None:
        self.redis.close()

    def worker(self, **settings: str) -> Process:
        return self._works("worker", settings)

    def writer(self, **settings: str) -> Process:
        return self._works("writer", settings)

    def clock(self) -> Process:
        log = self._log("clock")
        known = self._clocks()
        return Process(
            [*_PYTHON, "clock"],
            log=self.home / log,
            ready=lambda: bool(self._clocks() - known),
            env=self.house.environment | {"PYTHONPATH": str(ROOT)},
            cwd=ROOT,
        )

    def approve(self, *, within: timedelta | None = None) -> Variant:
        """A post that somebody approves at this moment, for now or for that time from now."""
        moment = None if within is None else self.house.troupe.clock() + within
        (draft,) = self.house.drafts(1, lambda _: moment)
        self.house.press(draft.approve)
        return draft.variant

    def ask(self, brief: str) -> Variant:
        """Has the persona write about it, as somebody who types it."""
        house = self.house
        typed = f'/post draft @{house.zoe.handle} "{brief}"'
        answer = house.troupe.dispatcher.command(typed, house.alice, house.place)
        assert answer.error is None, answer.error
        with house.troupe.storage.reading() as work:
            return work.posts.in_states(State, oldest_first=False, limit=1)[0]

    def post(self, of: Variant) -> Variant:
        with self.house.troupe.storage.reading() as work:
            return work.posts.variant(of.id)

    def wait_for(self, of: Variant, state: State, within_s: float = PATIENCE_S) -> Variant:
        self.until(lambda: self.post(of).state is state, f"the post is {state.value}", within_s)
        return self.post(of)

    def until(self, holds: Callable[[], bool], what: str, within_s: float = PATIENCE_S) -> None:
        until = time.monotonic() + within_s
        while not holds():
            assert time.monotonic() < until, f"not within {within_s:g} s: {what}"
            time.sleep(0.02)

    def feed(self) -> list[str]:
        """What the public sees on the stage."""
        return [post.segment.text for post in self.house.troupe.stage.feed()]

    def leads(self, clock: Process) -> bool:
        """Whether this clock holds the lease."""
        with self.house.troupe.storage.reading() as work:
            query = select(LeaseRow.holder).where(LeaseRow.name == "clock")
            holder: str = work.connection.execute(query).scalar_one()
        return holder.endswith(f":{clock.pid}")

    def queued(self, urgency: Queue = Queue.NOW) -> list[str]:
        """Ids of the rows that are rung and not taken."""
        queue = RqQueue(urgency.value, connection=self.redis)
        return [job.args[0] for job in queue.jobs]

    def stall(self) -> None:
        """From here on whoever sends a post waits in the middle of it."""
        (self.home / SENDING).unlink(missing_ok=True)
        (self.home / STALL).touch()

    def go_on(self) -> None:
        (self.home / STALL).unlink()

    def sender(self) -> int:
        """Process id of who is in the middle of sending."""
        path = self.home / SENDING
        self.until(lambda: path.exists() and path.read_text() != "", "somebody sends")
        return int(path.read_text())

    def _works(self, kind: str, settings: dict[str, str]) -> Process:
        def ready() -> bool:
            return bool(set(self.redis.smembers(REGISTERED)) - before)

        before = set(self.redis.smembers(REGISTERED))
        return Process(
            [*_PYTHON, kind],
            log=self.home / self._log(kind),
            ready=ready,
            env=self.house.environment | {"PYTHONPATH": str(ROOT)} | settings,
            cwd=ROOT,
        )

    def _log(self, kind: str) -> str:
        return f"{kind}-{next(self._numbers)}.log"

    def _clocks(self) -> set[str]:
        with self.house.troupe.storage.reading() as work:
            return {beat.process for beat in work.switches.beats(work.now - FRESH) if beat.kind == "clock"}
