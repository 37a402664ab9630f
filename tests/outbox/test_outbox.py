"""The outbox over any wire: whatever fails, whoever dies, at rest every message stands there once and is the present."""

from __future__ import annotations

import asyncio
import random
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.events import TROUPE, Event, Subject
from agents.oncall.kinds import AlertKind
from agents.talk.message import Channel
from bot.outbox import outbox, pen
from bot.outbox.outbox import Outbox
from bot.outbox.wire import Closed, Gone, Later, Letter, Lost, SignedOut
from storage.unit_of_work import Storage
from tests.storage.cast import opened

FAULTS = ("later", "lost before", "lost after", "signed out", "broken", "slow")
CARDS = 3


@dataclass
class Surface:
    """What stands there: by channel, by id, (key, words).  faults: what happens to the next calls."""

    shown: dict[str, dict[str, tuple[str, str]]] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)
    serial: int = 0
    lets_in: bool = True

    def standing(self, words: str) -> list[str]:
        return [said for room in self.shown.values() for _, said in room.values() if words in said]


class FakeWire:
    """Keeps to the protocol `bot.outbox.wire.Wire`, and fails as it is told to."""

    surface = "slack"

    def __init__(self, there: Surface) -> None:
        self._there = there

    async def turn(self, channel: str, *, new: bool) -> None:
        await asyncio.sleep(0.001)

    def unused(self, channel: str, *, new: bool) -> None: ...

    async def post(self, letter: Letter) -> str:
        after = await self._fails()
        self._there.serial += 1
        id = str(self._there.serial)
        self._room(letter)[id] = (letter.key, words(letter))
        if after:
            raise Lost("after")
        return id

    async def update(self, letter: Letter) -> None:
        after = await self._fails()
        if letter.delivery.external_id not in self._room(letter):
            raise Gone("deleted")
        self._room(letter)[letter.delivery.external_id] = (letter.key, words(letter))
        if after:
            raise Lost("after")

    async def find(self, letter: Letter) -> str:
        await asyncio.sleep(0.001)
        return next((id for id, (key, _) in self._room(letter).items() if key == letter.key), "")

    async def is_open(self, channel: Channel) -> bool:
        return True

    async def well(self) -> bool:
        return self._there.lets_in

    def _room(self, letter: Letter) -> dict[str, tuple[str, str]]:
        return self._there.shown.setdefault(letter.delivery.channel.external_id, {})

    async def _fails(self) -> bool:
        """Whether the answer is lost after all was done."""
        await asyncio.sleep(0.002)
        fault = self._there.faults.pop(0) if self._there.faults else ""
        match fault:
            case "later":
                raise Later(0.02)
            case "lost before":
                raise Lost("before")
            case "signed out":
                raise SignedOut("no")
            case "closed":
                raise Closed("The channel is archived.")
            case "broken":
                raise RuntimeError("a fault of ours")
            case "slow":
                await asyncio.sleep(0.1)
        return fault == "lost after"


def words(letter: Letter) -> str:
    return repr(letter.card) if letter.card else letter.text


class World:
    """A database, a surface, and processes that serve it."""

    def __init__(self, storage: Storage) -> None:
        self.storage, self.there = storage, Surface()
        self.processes: list[tuple[Outbox, asyncio.Task[None]]] = []
        self.present = dict.fromkeys(range(CARDS), 0)
        with storage.unit_of_work() as work:
            self.rooms = [work.channels.add("slack", f"room{n}", work.now) for n in range(2)]
        for number in range(CARDS):
            self.change(number, 0)

    def start(self) -> None:
        made = Outbox(self.storage, FakeWire(self.there), f"process{random.random()}")
        self.processes.append((made, asyncio.create_task(made.run())))

    async def end(self, *, crash: bool) -> None:
        """crash: the lease is left to itself."""
        made, task = self.processes.pop(0)
        if crash:
            made._release = lambda: None  # type: ignore[method-assign]
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)

    def change(self, number: int, to: int) -> None:
        with self.storage.unit_of_work() as work:
            about = ("job", f"card{number}")
            alert, new = work.alerts.open(
                AlertKind.JOB_FAILED, Subject(*about), f"card{number} is {to}.", work.now, kept="", remedy=""
            )
            subject = Subject("alert", alert.id)
            work.record(Event("alert.raised", subject, TROUPE))
            if new:
                work.place(self.rooms[number % 2].id, subject)
        self.present[number] = to
        for made, _ in self.processes:
            made.changed(frozenset({subject}))

    async def rests(self) -> None:
        """Waits until nothing is left to do; what stands there is then the present, once."""
        for _ in range(600):
            for made, _ in self.processes:
                await made.looked()
            if not self.there.faults and all(self.is_right(number) for number in self.present):
                break
            await asyncio.sleep(0.01)
        await asyncio.sleep(0.1)
        for number, at in self.present.items():
            assert len(self.there.standing(f"card{number} is")) == 1, (number, self.there.shown)
            assert self.is_right(number), (number, at, self.there.shown)

    def is_right(self, number: int) -> bool:
        return len(self.there.standing(f"card{number} is {self.present[number]}.")) == 1


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    """Seconds are milliseconds."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"RENEW_S": 0.03, "AGAIN_S": 0.02, "UNWELL_S": 0.02}.items():
            patch.setattr(outbox, name, value)
        patch.setattr(outbox, "LEASE", outbox.LEASE / 50)
        patch.setattr(pen, "LONGEST_S", 0.02)
        yield


def in_a_world(migrated: Path, story: Any) -> None:
    with TemporaryDirectory() as home:
        shutil.copy(migrated, f"{home}/troupe.db")
        storage = opened(f"sqlite:///{home}/troupe.db", clock=lambda: datetime.now(UTC))
        try:
            asyncio.run(story(World(storage)))
        finally:
            storage.engine.dispose()


STEP = st.one_of(
    st.tuples(st.just("change"), st.integers(0, CARDS - 1)),
    st.tuples(st.just("fault"), st.sampled_from(FAULTS)),
    st.tuples(st.sampled_from(["crash", "restart"]), st.just(0)),
    st.tuples(st.just("wait"), st.integers(1, 30)),
)


@settings(max_examples=10, deadline=None)
@given(steps=st.lists(STEP, max_size=15))
def test_at_rest_each_stands_once_and_is_the_present(
    migrated_file: Path, steps: list[tuple[str, Any]]
) -> None:
    async def story(world: World) -> None:
        world.start()
        world.start()
        for number, (what, more) in enumerate(steps, start=1):
            match what:
                case "change":
                    world.change(more, number)
                case "fault":
                    world.there.faults.append(more)
                case "wait":
                    await asyncio.sleep(more / 1000)
                case _:
                    await world.end(crash=what == "crash")
                    world.start()
        await asyncio.sleep(0.05)
        world.there.faults.clear()
        await world.rests()
        assert all(world.is_right(number) for number in world.present)
        while world.processes:
            await world.end(crash=False)

    in_a_world(migrated_file, story)


@pytest.mark.parametrize("fault", FAULTS)
def test_each_trouble_by_itself(migrated_file: Path, fault: str) -> None:
    async def story(world: World) -> None:
        world.there.faults = [fault] * 2
        world.start()
        await world.rests()
        world.there.faults = [fault]
        world.change(0, 1)
        await world.rests()
        assert world.is_right(0)
        await world.end(crash=False)

    in_a_world(migrated_file, story)


def test_what_surfaces_sent_is_forgotten_after_a_day(migrated_file: Path) -> None:
    async def story(world: World) -> None:
        with world.storage.unit_of_work() as work:
            work.deliveries.received("slack", "old", work.now - pen.REMEMBERED * 1.01)
            work.deliveries.received("slack", "young", work.now)
        world.start()
        await world.rests()
        await world.end(crash=False)
        with world.storage.unit_of_work() as work:
            assert work.deliveries.received("slack", "old", work.now), "it is new again"
            assert not work.deliveries.received("slack", "young", work.now)

    in_a_world(migrated_file, story)
