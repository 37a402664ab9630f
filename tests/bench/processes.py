"""Processes of a house, started and ended with a `with`."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import timedelta

from redis import Redis

from agents.jobs import Queue
from bot.settings import ROOT
from tests.bench.house import House
from tests.servers.processes import Process

REGISTERED = "rq:workers"
"""RQ's own set of workers that take jobs."""

FRESH = timedelta(seconds=3)


@contextmanager
def worker(house: House, module: str, urgency: Queue) -> Iterator[Process]:
    """Returns when it takes jobs."""
    with Redis.from_url(house.troupe.redis_url) as redis:
        before = set(redis.smembers(REGISTERED))

        def ready() -> bool:
            return bool(set(redis.smembers(REGISTERED)) - before)

        with process(house, module, urgency.value, ready=ready) as running:
            yield running


def clock(house: House) -> Process:
    def ready() -> bool:
        with house.troupe.storage.reading() as work:
            return any(beat.kind == "clock" for beat in work.switches.beats(work.now - FRESH))

    return process(house, "jobs.clock", ready=ready)


def process(
    house: House, module: str, *words: str, ready: Callable[[], bool], env: Mapping[str, str] | None = None
) -> Process:
    """`python -m module words`, with the house's settings.  env: more of them."""
    return Process(
        [sys.executable, "-m", module, *words],
        log=house.troupe.settings.troupe_home / f"{'-'.join((module, *words))}.log",
        ready=ready,
        env={**house.environment, "PYTHONPATH": str(ROOT), **(env or {})},
        cwd=ROOT,
    )
