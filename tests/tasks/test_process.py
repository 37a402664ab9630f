"""The process `agent` itself: a real RQ worker that forks, a real Redis, a task in the hands of its work-horse."""

from __future__ import annotations

import os
import signal
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psutil
import pytest
import redis
from sqlalchemy import update

from agents.personas.persona import Profile
from agents.tasks import steer
from agents.tasks.task import State
from bot.settings import ROOT, load
from bot.wiring import Troupe
from storage.tables import JobRow, LeaseRow
from tests.bench.processes import REGISTERED
from tests.servers.model import Body, Fault, ModelServer, Reply, call, calls
from tests.servers.processes import Process
from tests.servers.redis_server import Redis
from tests.tasks.crew import Crew, Story, story
from tests.tasks.scripts import BUILD, stages

PATIENCE_S = 90.0
"""The machine is small and may be busy; what has to be quick has a limit of its own."""
HALTS_WITHIN_S = 2.0


class Rung(Crew):
    """Whose bell is heard by real processes, and whose workspaces are real."""

    workspace = Troupe.workspace
    task_adapters = Troupe.task_adapters
    _ring = Troupe._ring


@dataclass
class Agents:
    story: Story
    process: Process

    def horse(self) -> psutil.Process | None:
        children = psutil.Process(self.process.pid).children()
        return children[0] if children else None

    def until(self, holds: Callable[[], bool], what: str, within_s: float = PATIENCE_S) -> float:
        """Seconds that it took."""
        begun = time.monotonic()
        while not holds():
            assert time.monotonic() - begun < within_s, f"not within {within_s:g} s: {what}"
            time.sleep(0.02)
        return time.monotonic() - begun


@pytest.fixture
def agents(database_url: str, tmp_path: Path, redis_server: Redis, server: ModelServer) -> Iterator[Agents]:
    settings = {"openai_base_url": server.url, "openai_api_key": "k", "openai_model": "gpt-5-mini"}
    home = {"troupe_home": tmp_path, "database_url": database_url, "redis_url": redis_server.url}
    troupe = Rung(load(**home, **settings))
    server.faults = [Fault(hangs_s=60)]
    made = story(troupe)
    environment = {name.upper(): str(value) for name, value in {**home, **settings}.items()}
    clients = redis.Redis.from_url(redis_server.url)
    with Process(
        [sys.executable, "-m", "jobs.worker", "tasks"],
        log=tmp_path / "agent.log",
        ready=lambda: bool(clients.smembers(REGISTERED)),
        env=environment | {"PYTHONPATH": str(ROOT), "LOG_LEVEL": "WARNING"},
        cwd=ROOT,
    ) as process:
        yield Agents(made, process)
    clients.close()
    troupe.close()


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_stopped_the_work_horse_is_gone_and_the_next_task_has_it(agents: Agents, server: ModelServer) -> None:
    agents.until(lambda: len(server.requests) == 1, "the model is asked")
    with agents.story.troupe.storage.unit_of_work() as work:
        steer.stop(agents.story.task_id, agents.story.alice, work)
    took = agents.until(lambda: agents.horse() is None, "its work-horse ends")
    assert took < HALTS_WITHIN_S
    (row,) = agents.story.spent()
    assert row.spent == row.reserved > 0
    other = story(agents.story.troupe)
    agents.until(lambda: other.task.state is State.COMPLETE, "another task is done")


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_command_in_the_sandbox_is_stopped(agents: Agents, server: ModelServer) -> None:
    server.faults = []
    sleeps = call("run_command", command=["sh", "-c", "touch src/begun; sleep 60"], timeout_s=90)
    server.script = stages(build=[BUILD[0], sleeps, *BUILD[1:]])
    story_ = agents.story
    begun = story_.troupe.settings.troupe_home / "tasks" / story_.task_id / "work" / "src" / "begun"
    agents.until(begun.exists, "the command runs")
    with story_.troupe.storage.unit_of_work() as work:
        steer.stop(story_.task_id, story_.alice, work)
    assert agents.until(lambda: agents.horse() is None, "its work-horse ends") < HALTS_WITHIN_S
    assert not [p for p in psutil.process_iter(["cmdline"]) if p.info["cmdline"] == ["sleep", "60"]]


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_tool_that_nobody_can_interrupt_ends_with_its_process(agents: Agents, server: ModelServer) -> None:
    """It asks another persona, whose model hangs, beside another call in the same message: not in the main thread."""
    story_ = agents.story
    with story_.troupe.storage.unit_of_work() as work:
        work.personas.add(Profile(name="Bob", handle="bob"), work.now)
    asks = ("ask_persona", {"handle": "bob", "question": "What do you know?"})
    script = stages(build=[BUILD[0], calls(asks, ("list_files", {})), *BUILD[1:]])

    def reply(body: Body) -> Reply:
        if "tools" not in body:
            server.released.wait(60)
        return script(body)

    server.faults, server.script = [], reply
    agents.until(lambda: bool(server.requests) and "tools" not in server.requests[-1], "Bob is asked")
    with story_.troupe.storage.unit_of_work() as work:
        steer.stop(story_.task_id, story_.alice, work)
    assert agents.until(lambda: agents.horse() is None, "its work-horse ends") < HALTS_WITHIN_S
    assert [row.state for row in story_.spent()].count("reserved") == 1, (
        "Bob's answer stays at its reservation"
    )
    with story_.troupe.storage.reading() as work:
        assert work.switches.holder(f"task:{story_.task_id}") == ""


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_a_work_horse_that_dies_is_followed_by_another(agents: Agents, server: ModelServer) -> None:
    agents.until(lambda: len(server.requests) == 1, "the model is asked")
    horse = agents.horse()
    assert horse is not None
    os.kill(horse.pid, signal.SIGKILL)
    agents.until(lambda: agents.horse() is None, "it is gone")
    with agents.story.troupe.storage.unit_of_work() as work:  # a minute later; then the clock rings again
        long_ago = work.now - timedelta(hours=1)
        work.connection.execute(update(JobRow).where(JobRow.done_at.is_(None)).values(due_at=long_ago))
        work.connection.execute(update(LeaseRow).values(until=long_ago))
        for owed in work.jobs.claim_due(work.now):
            work.jobs.to_ring.append(owed)
    agents.until(lambda: agents.story.task.state is State.COMPLETE, "the task is done")
    assert len(server.requests) == len(agents.story.spent()) == 11
