"""Nothing is missed: whatever becomes of Redis, every change is heard within a look or two."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Sequence
from pathlib import Path
from time import monotonic

import pytest
import redis

from agents.events import TROUPE, Event, Subject
from agents.talk.message import Message
from bot import wiring
from bot.live import LOOK_S, PAGE, SETTLE_S, Changes, Trail
from bot.settings import load
from bot.wiring import Troupe
from integrations.queue import CHANGED
from storage import migrate
from tests.servers.redis_server import Redis

PATIENCE_S = 8 * LOOK_S


class Ear:
    """A listener that keeps what it was told."""

    def __init__(self) -> None:
        self.rung: list[Subject] = []
        self.seen: list[Subject] = []
        self.words: list[str] = []
        self.looks = 0

    def changed(self, subjects: frozenset[Subject]) -> None:
        self.rung += subjects

    def found(self, subjects: frozenset[Subject]) -> None:
        self.seen += subjects

    def said(self, messages: Sequence[Message]) -> None:
        self.words += [message.text for message in messages]

    async def looked(self) -> None:
        self.looks += 1


@pytest.fixture
def troupe(tmp_path: Path, redis_server: Redis) -> Iterator[Troupe]:
    settings = load(_env_file=None, troupe_home=tmp_path, redis_url=redis_server.url)
    migrate.upgrade(settings.database_url)
    built = wiring.build(settings)
    yield built
    built.close()


def record(troupe: Troupe, name: str) -> Subject:
    subject = Subject("post", name)
    with troupe.storage.unit_of_work() as work:
        work.record(Event("post.changed", subject, TROUPE))
    return subject


def listen(troupe: Troupe, story: Callable[[Ear, Changes], Awaitable[None]]) -> None:
    """Runs the story while changes are heard."""

    async def told() -> None:
        ear = Ear()
        changes = Changes(troupe.storage, troupe.redis_url, ear)
        running = asyncio.create_task(changes.run())
        try:
            await until(lambda: ear.looks > 0)
            await story(ear, changes)
            assert not running.done()
        finally:
            running.cancel()
            await asyncio.wait([running])

    asyncio.run(told())


async def until(true: Callable[[], bool]) -> float:
    """How long it took, in seconds. Raises AssertionError after PATIENCE_S."""
    begun = monotonic()
    while not true():
        assert monotonic() - begun < PATIENCE_S, "it never came"
        await asyncio.sleep(0.01)
    return monotonic() - begun


def test_the_bell_is_heard_at_once_and_the_look_finds_the_same(troupe: Troupe) -> None:
    async def story(ear: Ear, changes: Changes) -> None:
        await until(lambda: changes.hearing)
        subject = await asyncio.to_thread(record, troupe, "a")
        assert await until(lambda: subject in ear.rung) < LOOK_S / 2
        await until(lambda: subject in ear.seen)
        looks = ear.looks
        await until(lambda: ear.looks > looks + 2)
        assert ear.seen == [subject]

    listen(troupe, story)


def test_what_happened_before_needs_no_telling(troupe: Troupe) -> None:
    record(troupe, "before")

    async def story(ear: Ear, changes: Changes) -> None:
        after = await asyncio.to_thread(record, troupe, "after")
        await until(lambda: after in ear.seen)
        assert ear.seen == [after]

    listen(troupe, story)


def test_nothing_is_missed_while_redis_is_dead_and_the_bell_is_heard_again_after(
    troupe: Troupe, redis_server: Redis
) -> None:
    async def story(ear: Ear, changes: Changes) -> None:
        await until(lambda: changes.hearing)
        redis_server.kill()
        dead = [await asyncio.to_thread(record, troupe, f"dead {i}") for i in range(3)]
        await until(lambda: set(dead) <= set(ear.seen))
        await until(lambda: not changes.hearing)
        assert not ear.rung
        redis_server.start()
        await until(lambda: changes.hearing)
        alive = await asyncio.to_thread(record, troupe, "alive")
        assert await until(lambda: alive in ear.rung) < LOOK_S

    listen(troupe, story)


def test_a_wiped_redis_and_a_lost_bell_lose_nothing(troupe: Troupe, redis_server: Redis) -> None:
    async def story(ear: Ear, changes: Changes) -> None:
        await until(lambda: changes.hearing)
        redis_server.flush()
        with redis.Redis.from_url(redis_server.url) as client:
            client.client_kill_filter(_type="pubsub")
        subjects = [await asyncio.to_thread(record, troupe, f"wiped {i}") for i in range(3)]
        await until(lambda: set(subjects) <= set(ear.seen))
        await until(lambda: changes.hearing)
        assert sorted(ear.seen) == sorted(subjects)

    listen(troupe, story)


def test_a_redis_that_stands_still_is_not_waited_for(troupe: Troupe, redis_server: Redis) -> None:
    async def story(ear: Ear, changes: Changes) -> None:
        await until(lambda: changes.hearing)
        with troupe.storage.engine.begin() as connection:  # a commit that nobody rings for
            from storage.events import Events

            Events(connection).record(Event("x.y", Subject("post", "still"), TROUPE), troupe.clock(), "")
        redis_server.pause()
        try:
            await until(lambda: Subject("post", "still") in ear.seen)
            assert not ear.rung
        finally:
            redis_server.resume()

    listen(troupe, story)


@pytest.mark.parametrize("payload", ["", "null", "{}", "[1]", '["x"]', "\x00", '[["post:1"]]'])
def test_nonsense_on_the_bell_is_nobodys(troupe: Troupe, payload: str) -> None:
    async def story(ear: Ear, changes: Changes) -> None:
        await until(lambda: changes.hearing)
        with redis.Redis.from_url(troupe.redis_url) as client:
            client.publish(CHANGED, payload)
            client.publish(CHANGED, '["post:good"]')
        await until(lambda: Subject("post", "good") in ear.rung)
        assert ear.rung == [Subject("post", "good")]

    listen(troupe, story)


def test_messages_are_told_once_and_in_order(troupe: Troupe) -> None:
    async def story(ear: Ear, changes: Changes) -> None:
        def talk() -> None:
            for i in range(PAGE + 20):
                with troupe.storage.unit_of_work() as work:
                    known = work.channels.known_as("console", "talk")
                    channel = known or work.channels.add("console", "talk", work.now)
                    work.messages.say(channel.id, "", TROUPE, str(i), work.now)
                    work.touch(Subject("channel", channel.id))

        await asyncio.to_thread(talk)
        await until(lambda: len(ear.words) >= PAGE + 20)
        looks = ear.looks
        await until(lambda: ear.looks > looks + 1)
        assert ear.words == [str(i) for i in range(PAGE + 20)]

    listen(troupe, story)


def test_a_smaller_id_that_turns_up_late_is_found_and_told_once() -> None:
    """PostgreSQL gives ids before commits: 2 may be seen before 1."""
    rows: list[int] = []

    def fetch(after: int) -> list[int]:
        return [id for id in sorted(rows) if id > after][:PAGE]

    trail = Trail(0)
    rows.append(2)
    assert trail.read(fetch, int, at=0.0) == [2]
    rows.append(1)
    assert trail.read(fetch, int, at=1.0) == [1]
    assert trail.read(fetch, int, at=2.0) == []
    rows.append(3)
    assert trail.read(fetch, int, at=SETTLE_S + 3) == [3]
    asked: list[int] = []

    def nothing(after: int) -> list[int]:
        asked.append(after)
        return []

    trail.read(nothing, int, at=SETTLE_S * 3)
    trail.read(nothing, int, at=SETTLE_S * 3)
    assert asked[-1] == 3  # what has settled is not read again


def test_where_ids_come_in_the_order_of_commits_nothing_is_read_again() -> None:
    trail, rows = Trail(0, 0.0), [1, 2]
    asked: list[int] = []

    def fetch(id: int) -> list[int]:
        asked.append(id)
        return [row for row in rows if row > id]

    assert trail.read(fetch, int, at=1.0) == [1, 2]
    rows.append(3)
    assert trail.read(fetch, int, at=1.1) == [3]
    assert asked == [0, 2]
