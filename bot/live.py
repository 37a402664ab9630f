"""What changed, as this process hears it: the bell at once, and a look into the database every second.

The bell (Redis) may be away, wiped, or miss a commit whose process died before it rang; the look misses nothing. So what
is shown is never older than the last look, and at rest it is the present.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Sequence
from contextlib import suppress
from time import monotonic
from typing import Protocol, TypeVar

import structlog
from redis.asyncio import Redis
from redis.asyncio.client import PubSub
from redis.exceptions import RedisError

from agents.events import Subject
from agents.talk.message import Message
from integrations.queue import CHANGED
from storage.unit_of_work import Storage

log = structlog.get_logger()
T = TypeVar("T")

LOOK_S = 1.0
"""Between two looks."""
SETTLE_S = 5.0
"""PostgreSQL gives out ids before commits, so a smaller one may turn up after a larger. Rows are read again for this
long; no transaction of ours is open longer, since none waits for a network."""
PAGE = 500
RETRY_S = 0.5
PING_S = 15.0


class Listener(Protocol):
    """Who is told, on the event loop. Must not block."""

    def changed(self, subjects: frozenset[Subject]) -> None:
        """By the bell."""

    def found(self, subjects: frozenset[Subject]) -> None:
        """By a look: the bell has mostly told them before."""

    def said(self, messages: Sequence[Message]) -> None: ...
    async def looked(self) -> None: ...


class Trail:
    """How far a table with growing ids was read."""

    def __init__(self, newest: int, settle_s: float = SETTLE_S) -> None:
        """settle_s: how long rows are read again; 0 where ids are given out in the order of commits."""
        self.newest = newest
        self._settled, self._settle_s = newest, settle_s
        self._seen: dict[int, float] = {}

    def read(self, fetch: Callable[[int], Sequence[T]], id_of: Callable[[T], int], at: float) -> list[T]:
        """Rows that were never read before.  fetch: rows after an id, by id, at most PAGE.  at: seconds, monotonic."""
        fresh, after = [], self._settled
        while rows := fetch(after):
            fresh += [row for row in rows if id_of(row) not in self._seen]
            after = id_of(rows[-1])
            if len(rows) < PAGE:
                break
        self._seen.update((id_of(row), at) for row in fresh)
        self.newest = max(self.newest, after)
        self._settled = max(
            self._settled, *(id for id, seen in self._seen.items() if seen <= at - self._settle_s), 0
        )
        self._seen = {id: seen for id, seen in self._seen.items() if id > self._settled}
        return fresh


class Changes:
    """One for a process. `run` ends only when it is cancelled."""

    def __init__(
        self, storage: Storage, redis_url: str, listener: Listener, *, hands_on_messages: bool = True
    ) -> None:
        """hands_on_messages: False where nobody wants to know what was said: then it is not read, and `said` never called."""
        self._storage, self._url, self._listener = storage, redis_url, listener
        self._hands_on_messages = hands_on_messages
        # On SQLite one writes after the other, ids and commits in the same order.
        self._settle_s = 0.0 if storage.engine.dialect.name == "sqlite" else SETTLE_S
        self._events, self._messages = Trail(0), Trail(0)
        self._look_now = asyncio.Event()
        self._looking = asyncio.Lock()
        self.hearing = False
        """Whether the bell is heard at this moment."""

    async def run(self) -> None:
        await self._begin()
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._hear())
            tasks.create_task(self._look_every_second())
            tasks.create_task(self._look_for_messages())

    async def _begin(self) -> None:
        """What happened before this process needs no telling: whoever opens a page reads the present."""

        def newest() -> tuple[int, int]:
            with self._storage.reading() as work:
                return work.events.last_id(), work.messages.last_id()

        while True:
            try:
                events, messages = await asyncio.to_thread(newest)
            except Exception:
                log.exception("live.database_unreachable")
                await asyncio.sleep(LOOK_S)
            else:
                self._events = Trail(events, self._settle_s)
                self._messages = Trail(messages, self._settle_s)
                return

    async def _hear(self) -> None:
        """Endless: a lost connection is made again, and what was missed meanwhile is looked up."""
        complained = False
        while True:
            redis = Redis.from_url(self._url, socket_connect_timeout=2, decode_responses=True)
            try:
                async with redis.pubsub(ignore_subscribe_messages=True) as pubsub:
                    await pubsub.subscribe(CHANGED)
                    self.hearing, complained = True, False
                    await self._listen(pubsub)
            except Exception as error:  # whatever it is, the next connection may be better
                if not complained:
                    known = isinstance(error, RedisError | OSError)
                    log.warning("live.bell_silent", error=type(error).__name__, exc_info=not known)
                complained = True
            finally:
                self.hearing = False
                with suppress(RedisError, OSError):
                    await redis.aclose()
            await asyncio.sleep(RETRY_S)

    async def _listen(self, pubsub: PubSub) -> None:
        """Until the connection breaks. A ping from time to time lets one that is only half there break."""
        pinged = monotonic()
        while True:
            _end_if_cancelled()
            # None is also what an answer to a ping looks like, long before the time is over.
            message = await pubsub.get_message(timeout=PING_S)
            if message is not None:
                self._ring(_subjects(message["data"]))
            if monotonic() - pinged >= PING_S:
                pinged = monotonic()
                await pubsub.ping()

    def _ring(self, subjects: frozenset[Subject]) -> None:
        self._listener.changed(subjects)
        if self._hands_on_messages and any(subject.kind == "channel" for subject in subjects):
            self._look_now.set()

    async def _look_every_second(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            try:
                await self._look(events=True)
                await self._listener.looked()
            except Exception:
                log.exception("live.look_failed")

    async def _look_for_messages(self) -> None:
        """The bell says only that something was said in a channel; what it was stands in the database."""
        while True:
            await self._look_now.wait()
            self._look_now.clear()
            try:
                await self._look(events=False)
            except Exception:
                log.exception("live.look_failed")

    async def _look(self, *, events: bool) -> None:
        async with self._looking:
            subjects, messages = await asyncio.to_thread(self._read, events)
        if messages:
            self._listener.said(messages)
        if subjects:
            self._listener.found(frozenset(subjects))

    def _read(self, events: bool) -> tuple[set[Subject], list[Message]]:
        at = monotonic()
        with self._storage.reading() as work:
            found = (
                self._events.read(lambda id: work.events.after(id, limit=PAGE), lambda row: row[0], at)
                if events
                else []
            )
            messages = (
                self._messages.read(lambda id: work.messages.after(id, limit=PAGE), lambda m: m.id, at)
                if self._hands_on_messages
                else []
            )
        return {subject for _, subject in found}, messages


def _end_if_cancelled() -> None:
    """redis-py loses a cancellation that comes while it connects; the task remembers it."""
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError


def _subjects(payload: object) -> frozenset[Subject]:
    """What the bell carries; anything else on that channel is nobody's."""
    try:
        return frozenset(Subject.parse(text) for text in json.loads(str(payload)))
    except (ValueError, TypeError, AttributeError):
        return frozenset()
