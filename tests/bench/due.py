"""From the moment a scheduled post is due to its intent committed, with the real clock, workers and Redis.

The commit is heard as every surface hears it: the bell's first ring about that post. Beside it, in the same seconds and
through the same workers, a thread that sleeps until the moment and enqueues on bare RQ.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timedelta

from redis import Redis
from rq import Queue

from agents.jobs import Queue as Urgency
from integrations.queue import CHANGED
from storage.columns import new_id
from tests.bench import noting
from tests.bench.figures import Figure, Options, at_most, timed_ms
from tests.bench.house import Draft, House, house
from tests.bench.processes import clock, worker
from tests.servers.processes import ServerError

LIMIT_MS = 250
A_SECOND = 10
WORKERS = 2
"""As many as `up` starts."""
WARM_UP = 20
WAYS = {"all at once": (0.0, 20), "one by one": (1 / A_SECOND, 10)}
"""Seconds between the posts of one second, and for how many seconds. People schedule for full minutes, so all at once is
what happens."""
GRACE_S = 20.0


def figures(options: Options) -> Iterator[Figure]:
    for database in options.databases:
        with house(database, redis=True) as home, _running(home, options.count(WORKERS, 1)):
            for way, (gap_s, seconds) in WAYS.items():
                ours, bare = measure(home, options.count(seconds, 1), gap_s)
                what = f"due to intent / sleep + bare RQ, {A_SECOND} a second {way}, {database}"
                yield at_most("due", what, ours, LIMIT_MS, bare=bare)


@contextmanager
def _running(home: House, workers: int) -> Iterator[None]:
    with ExitStack() as stack:
        for _ in range(workers):
            stack.enter_context(worker(home, "jobs.worker", Urgency.NOW))
        stack.enter_context(clock(home))
        yield


def measure(home: House, seconds: int, gap_s: float) -> tuple[list[float], list[float]]:
    """ms late: of every post, and of as many bare jobs in between."""
    count = seconds * A_SECOND
    took_ms = timed_ms(lambda: _approve(home, home.drafts(WARM_UP)))
    room = timedelta(seconds=2, milliseconds=2 * took_ms / WARM_UP * count)
    begin = (home.troupe.clock() + room).replace(microsecond=0)
    offsets = [timedelta(seconds=i // A_SECOND + i % A_SECOND * gap_s) for i in range(count)]
    drafts = home.drafts(count, lambda number: begin + offsets[number])
    _approve(home, drafts)
    due = {str(d.variant.subject): begin + at for d, at in zip(drafts, offsets, strict=True)}
    between = timedelta(seconds=gap_s / 2 or 0.5)
    bare: list[float] = []
    sleeper = threading.Thread(target=_sleep_and_enqueue, args=(home, [*due.values()], between, bare))
    sleeper.start()
    ours = _hear(home, due)
    sleeper.join()
    return ours, bare


def _approve(home: House, drafts: Sequence[Draft]) -> None:
    for draft in drafts:
        home.press(draft.approve)


def _hear(home: House, due: Mapping[str, datetime]) -> list[float]:
    """ms from each post's moment to the first ring about it."""
    late: dict[str, float] = {}
    until = max(due.values()).timestamp() + GRACE_S
    with Redis.from_url(home.troupe.redis_url) as redis, redis.pubsub(ignore_subscribe_messages=True) as ear:
        ear.subscribe(CHANGED)
        while len(late) < len(due) and time.time() < until:
            message = ear.get_message(timeout=1.0)
            now = time.time()
            for subject in json.loads(message["data"]) if message else ():
                if subject in due and subject not in late:
                    late[subject] = (now - due[subject].timestamp()) * 1000
    if len(late) < len(due):
        raise ServerError(
            f"{len(due) - len(late)} of {len(due)} posts were not claimed {GRACE_S:g} s after their time"
        )
    return list(late.values())


def _sleep_and_enqueue(
    home: House, moments: Sequence[datetime], between: timedelta, late_ms: list[float]
) -> None:
    began: dict[str, float] = {}
    with Redis.from_url(home.troupe.redis_url) as redis:
        queue = Queue(Urgency.NOW.value, connection=redis)
        for moment in moments:
            time.sleep(max((moment + between).timestamp() - time.time(), 0))
            began[id := new_id()] = time.monotonic() - (time.time() - (moment + between).timestamp())
            queue.enqueue(noting.BARE, id)
        late_ms.extend((noted.at - began[noted.id]) * 1000 for noted in noting.take(redis, len(began)))
