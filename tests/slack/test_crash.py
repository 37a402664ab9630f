"""The real process `slack`, killed and paused at every moment: in the end each message stands there once and shows the present."""

from __future__ import annotations

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from sqlalchemy import delete

from agents.events import TROUPE, Event, Subject
from agents.oncall.kinds import AlertKind
from bot import wiring
from bot.settings import load
from storage.tables import LeaseRow
from storage.unit_of_work import Storage
from tests.slack.emulator import Emulator, Room
from tests.slack.stories import shows

CARDS = 6


on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
"""What does not depend on the database is not tried on both: a start takes seconds."""


@dataclass
class Processes:
    """Troupe's rows, a workspace, and as many processes `slack` as a test wants."""

    slack: Emulator
    storage: Storage
    room: Room
    environment: dict[str, str]
    log: Path
    alive: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self) -> subprocess.Popen[bytes]:
        """Returns when it is connected."""
        before = self.slack.connections
        with self.log.open("ab") as log:
            command = [sys.executable, "-m", "bot.slack"]
            process = subprocess.Popen(command, env=self.environment, stdout=log, stderr=log)
        self.alive.append(process)
        self.slack.until(lambda: self.slack.connections > before, 15)
        return process

    def kill(self, process: subprocess.Popen[bytes], *, lease_is_over: bool = True) -> None:
        """SIGKILL.  lease_is_over: ten seconds later, as far as the lease is concerned."""
        process.kill()
        process.wait(10)
        self.alive.remove(process)
        self.slack.until(lambda: self.slack.connections == len(self.alive), 10)
        if lease_is_over:
            with self.storage.engine.begin() as connection:
                connection.execute(delete(LeaseRow).where(LeaseRow.name == "outbox.slack"))

    def card(self, name: str) -> None:
        self.change(name, 0, place=True)

    def change(self, name: str, number: int, *, place: bool = False) -> None:
        with self.storage.unit_of_work() as work:
            alert, _ = work.alerts.open(
                AlertKind.JOB_FAILED,
                Subject("job", name),
                f"{name} {number}.",
                work.now,
                kept="Nothing is lost.",
                remedy="Look.",
            )
            about = Subject("alert", alert.id)
            work.record(Event("alert.raised", about, TROUPE))
            channel = work.channels.known_as("slack", self.room.id)
            if place and channel is not None:
                work.place(channel.id, about)

    def stands_once(self, name: str, number: int, *, timeout_s: float = 15.0) -> None:
        shows(self.room, f"{name} {number}.", timeout_s=timeout_s)
        assert self.times(name) == 1

    def times(self, name: str) -> int:
        """How often the card stands there."""
        return sum(m.words.count(f"{name} ") for m in self.room.posts)


@pytest.fixture
def processes(database_url: str, redis_url: str, tmp_path: Path) -> Iterator[Processes]:
    with Emulator().running() as slack:
        alice = slack.user("alice")
        room = slack.channel("general", members=[alice])
        settings = load(_env_file=None, troupe_home=tmp_path, database_url=database_url, redis_url=redis_url)
        storage = wiring.build(settings).storage
        with storage.unit_of_work() as work:
            work.channels.add("console", "general", work.now)
            work.channels.add("slack", "general", work.now, external_id=room.id)
        environment = os.environ | {
            "TROUPE_HOME": str(tmp_path),
            "DATABASE_URL": database_url,
            "REDIS_URL": redis_url,
            "SLACK_BOT_TOKEN": slack.bot_token,
            "SLACK_APP_TOKEN": slack.app_token,
            "SLACK_API_URL": slack.url.rstrip("/"),
        }
        made = Processes(slack, storage, room, environment, tmp_path / "slack.log")
        try:
            yield made
        finally:
            for process in made.alive:
                with suppress(ProcessLookupError):
                    process.send_signal(signal.SIGCONT)
                process.kill()
                process.wait(10)
            storage.engine.dispose()
        assert "Traceback" not in made.log.read_text()


@on_sqlite
@pytest.mark.parametrize("moment", ["before Slack hears of it", "when Slack did it", "while Slack does it"])
def test_killed_at_the_boundaries_of_posting(processes: Processes, moment: str) -> None:
    slack = processes.slack
    first = processes.start()
    processes.card("warm")
    processes.stands_once("warm", 0)
    kind = {"before Slack hears of it": "unsent", "when Slack did it": "lost"}.get(moment, "slow")
    slack.fails("chat.postMessage", kind, 1.0)
    processes.card("boundary")
    slack.until(lambda: not slack.world.faults["chat.postMessage"])
    processes.kill(first)
    processes.change("boundary", 1)
    processes.start()
    processes.stands_once("boundary", 1)
    assert processes.times("warm") == 1


@on_sqlite
@pytest.mark.parametrize("kind", ["unsent", "lost", "slow"])
def test_killed_while_a_card_is_redrawn(processes: Processes, kind: str) -> None:
    slack = processes.slack
    first = processes.start()
    processes.card("redrawn")
    processes.stands_once("redrawn", 0)
    slack.fails("chat.update", kind, 1.0)
    processes.change("redrawn", 1)
    slack.until(lambda: not slack.world.faults["chat.update"])
    processes.kill(first)
    processes.start()
    processes.stands_once("redrawn", 1)
    assert processes.times("redrawn") == 1


def test_killed_at_random_while_cards_come_and_change(processes: Processes) -> None:
    dice = random.Random(7)
    running = processes.start()
    for round in range(3):
        for number in range(2):
            processes.card(f"card{round * 2 + number}")
        for number in range(round * 2 + 2):
            processes.change(f"card{number}", round + 1)
        time.sleep(dice.uniform(0.0, 0.6))
        processes.kill(running)
        running = processes.start()
    for number in range(CARDS):
        processes.stands_once(f"card{number}", 3, timeout_s=20)
    assert [processes.times(f"card{number}") for number in range(CARDS)] == [1] * CARDS


def test_the_second_takes_over_when_the_first_is_killed(processes: Processes) -> None:
    first = processes.start()
    processes.card("taken")
    processes.stands_once("taken", 0)
    processes.start()
    processes.kill(first, lease_is_over=False)
    processes.change("taken", 1)
    processes.card("new")
    processes.stands_once("taken", 1, timeout_s=20)
    processes.stands_once("new", 0)
    assert processes.times("taken") == 1


@on_sqlite
def test_the_first_pauses_and_wakes_up_again(processes: Processes) -> None:
    """It stood still in the middle of its work; the second did it meanwhile, and the first does no harm."""
    slack = processes.slack
    first = processes.start()
    processes.card("paused")
    processes.stands_once("paused", 0)
    processes.start()
    processes.change("paused", 1)
    processes.card("other")
    first.send_signal(signal.SIGSTOP)
    processes.change("paused", 2)
    processes.stands_once("paused", 2, timeout_s=20)
    processes.stands_once("other", 0)
    first.send_signal(signal.SIGCONT)
    processes.change("paused", 3)
    processes.stands_once("paused", 3)
    time.sleep(3.5)  # it looks after its lease every three seconds
    processes.stands_once("paused", 3)
    processes.stands_once("other", 0)
    assert slack.refusals() == []
