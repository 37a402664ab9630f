"""A worker that is killed at any step of a task: another goes on, nothing leaves twice, every call that was sent is counted.

Each worker is a process of its own, killed with SIGKILL at a numbered point: while the model has its request, while a
command runs, before and after an issue is opened, or between two steps.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from agents.jobs import JobName
from agents.tasks.action import ActionState
from agents.tasks.task import State, Wait
from bot.settings import ROOT
from jobs.run import TRIES
from storage.tables import JobRow, LeaseRow
from tests.servers.model import ModelServer, call, calls
from tests.tasks.crew import Story
from tests.tasks.scripts import BUILD, DESIGN, ISSUE, REVIEW, TEST, stages

PATIENCE_S = 60
STEPS = [
    BUILD[0],
    BUILD[1],
    call("write_file", path="src/notes.md", text="One."),
    call("edit_file", path="src/notes.md", find="One.", replace="Two."),
    call("github_issue", **ISSUE),
    call("run_command", command=["sh", "-c", "echo ran >> src/ran.txt"]),
    BUILD[2],
    BUILD[3],
]
SCRIPT = stages(design=DESIGN, build=STEPS, test=TEST, review=REVIEW)
CALLS = len(DESIGN) + len(STEPS) + len(TEST) + len(REVIEW)


class Workers:
    """One after the other; `kill_at` says at the arrival of which request, counted over all of them, the living one dies."""

    def __init__(
        self, story: Story, server: ModelServer, parent: subprocess.Popen[str], kill_at: frozenset[int]
    ) -> None:
        self.story, self.server, self.kill_at = story, server, kill_at
        self.killed = self._living = 0
        self._parent = parent
        server.came = self._came

    def run(self, most: int = 60) -> None:
        """Until nothing is owed; what a person is asked is approved."""
        for _ in range(most):
            id = self.story.owed()
            if id is None:
                if not self._decide():
                    return
                continue
            self.one(id)
        raise AssertionError("it never ends")

    def one(self, id: str) -> None:
        told, heard = self._parent.stdin, self._parent.stdout
        assert told is not None and heard is not None
        settings = self.story.troupe.settings
        told.write(f"{settings.troupe_home} {settings.database_url} {self.server.url} {id}\n")
        told.flush()
        self._living = int(heard.readline())
        ended = int(heard.readline())
        self._living = 0
        if ended == -signal.SIGKILL:
            self.killed += 1
            self._let_go()
        else:
            assert ended == 0

    def _came(self, number: int) -> None:
        if number in self.kill_at and self._living:
            os.kill(self._living, signal.SIGKILL)

    def _let_go(self) -> None:
        """The dead worker's leases run out."""
        with self.story.troupe.storage.unit_of_work() as work:
            long_ago = work.now - timedelta(hours=1)
            owed = JobRow.name == JobName.WORK.value
            work.connection.execute(
                update(JobRow).where(owed, JobRow.done_at.is_(None)).values(due_at=long_ago)
            )
            lease = LeaseRow.name == f"task:{self.story.task_id}"
            work.connection.execute(update(LeaseRow).where(lease).values(until=long_ago))

    def _decide(self) -> bool:
        asked = [one for one in self.story.actions() if one.state is ActionState.PROPOSED]
        for action in asked:
            self.story.approve(action)
        return bool(asked)


@pytest.fixture
def killed(at_work: Story, server: ModelServer) -> Story:
    server.script = SCRIPT
    return at_work


Hire = Callable[..., Workers]


@pytest.fixture(scope="module")
def parent() -> Iterator[subprocess.Popen[str]]:
    """Forks the workers."""
    argv = [sys.executable, "-m", "tests.tasks.crew"]
    made = subprocess.Popen(argv, cwd=ROOT, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
    yield made
    made.communicate(timeout=PATIENCE_S)


@pytest.fixture
def hire(killed: Story, server: ModelServer, parent: subprocess.Popen[str]) -> Hire:
    return lambda kill_at=(): Workers(killed, server, parent, frozenset(kill_at))


def must_be_done_once(story: Story, server: ModelServer) -> None:
    task = story.task
    assert task.state is State.COMPLETE, (task.state, task.waits_for, task.trouble)
    assert len(story.troupe.hub.issues) == 1
    assert story.troupe.desk.read("src/notes.md") == b"Two."
    assert len(story.spent()) == len(server.requests)
    with story.troupe.storage.reading() as work:
        assert [file.path for file in work.artifacts.of_task(task.id)] == ["report.md"]
    assert story.kept() == 0


def test_the_task_has_twelve_steps() -> None:
    """Ten calls of tools, and an eleventh and a twelfth that end building and the review in words."""
    assert sum(bool(step.calls) for step in (*DESIGN, *STEPS, *TEST, *REVIEW)) + 2 == 12


@pytest.mark.parametrize("at", [1, 6, 9, CALLS])
@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
def test_killed_while_the_model_thinks(killed: Story, server: ModelServer, hire: Hire, at: int) -> None:
    workers = hire({at})
    workers.run()
    assert workers.killed == 1
    must_be_done_once(killed, server)
    rows = killed.spent()
    assert len(rows) == CALLS + 1
    interrupted = [row for row in rows if row.state == "reserved"]
    assert len(interrupted) == 1, "the interrupted call stays at its reservation"
    assert interrupted[0].reserved > 0


def test_killed_at_every_step_of_one_task(killed: Story, server: ModelServer, hire: Hire) -> None:
    """On SQLite and on PostgreSQL; each call is made twice, and each first one is cut off."""
    workers = hire(range(1, 2 * CALLS, 2))
    workers.run()
    assert workers.killed == CALLS
    must_be_done_once(killed, server)
    rows = killed.spent()
    assert len(rows) == 2 * CALLS
    assert sum(row.state == "reserved" for row in rows) == CALLS


@pytest.mark.parametrize("moment", ["before", "after"])
def test_killed_in_the_middle_of_an_effect(
    killed: Story, server: ModelServer, hire: Hire, moment: str
) -> None:
    (killed.troupe.settings.troupe_home / f"issues.die-{moment}").touch()
    workers = hire()
    workers.run()
    assert workers.killed == 1
    must_be_done_once(killed, server)


def test_killed_while_a_command_runs(killed: Story, server: ModelServer, hire: Hire, tmp_path: Path) -> None:
    """It kills its own worker, the first time."""
    suicide = f"test -e {tmp_path}/died || {{ touch {tmp_path}/died; kill -9 $PPID; sleep 9; }}; echo ran > src/ran.txt"
    steps = [
        call("run_command", command=["sh", "-c", suicide]) if step is STEPS[5] else step for step in STEPS
    ]
    server.script = stages(build=steps)
    workers = hire()
    workers.run()
    assert workers.killed == 1
    must_be_done_once(killed, server)
    assert killed.troupe.desk.read("src/ran.txt") == b"ran\n"


def test_a_call_that_kills_every_worker_is_given_up_whatever_comes_before_it(
    killed: Story, server: ModelServer, hire: Hire
) -> None:
    """The call before it, in the same message, comes to its end in each life: that is no step forward."""
    suicide = ("run_command", {"command": ["sh", "-c", "kill -9 $PPID; sleep 9"]})
    harmless = ("write_file", {"path": "src/notes.md", "text": "One."})
    server.script = stages(build=[BUILD[0], calls(harmless, suicide), *BUILD[1:]])
    workers, id = hire(), ""
    while workers.killed < TRIES:
        id = killed.owed() or ""
        workers.one(id)
    with killed.troupe.storage.reading() as work:
        tries = work.connection.execute(select(JobRow.attempts).where(JobRow.id == id)).scalar_one()
    assert tries == TRIES, "the next one gives it up"


def test_what_waits_has_no_worker(killed: Story, hire: Hire) -> None:
    workers = hire()
    while (id := killed.owed()) is not None:
        workers.one(id)
    assert killed.task.waits_for is Wait.STEP
    assert killed.troupe.hub.issues == []
