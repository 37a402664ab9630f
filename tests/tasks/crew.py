"""A crew at work in a test: the real engine, storage, tools and model clients; a model that follows a script, a workspace
that is a plain folder, and a GitHub that is a file.

Also a process of its own, which works off jobs as a worker does: `python -m tests.tasks.crew`.
"""

from __future__ import annotations

import contextlib
import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from functools import cached_property
from pathlib import Path
from typing import Any

from sqlalchemy import select

from agents.approvals.fingerprint import SHOWN
from agents.events import Subject
from agents.jobs import JobName
from agents.money import MicroUSD, from_dollars
from agents.oncall.reach import Sending, Sent
from agents.people import Person, Role
from agents.personas.persona import Delegation, Persona, Profile
from agents.tasks import assign, steps
from agents.tasks.action import Action
from agents.tasks.family import Family
from agents.tasks.plan import Plan
from agents.tasks.request import Request, request
from agents.tasks.task import State, Task
from agents.tasks.toolbox.email import Letter
from agents.tasks.toolbox.hub import Draft, Push
from agents.tasks.tools import Entry, Ran
from bot import wiring
from bot.settings import load
from bot.wiring import Troupe
from jobs.run import run
from storage.columns import new_id
from storage.tables import JobRow, SpendRow
from storage.unit_of_work import Committed
from tests.tasks.outside import Folder

BUDGET = from_dollars(50)


@dataclass
class Shelf(Folder):
    """Knows how large its files are, and ends what runs in it when told to."""

    installed: list[str] = field(default_factory=list)
    _running: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def note_progress(self, task: Task, plan: Plan | None) -> None:
        """Nobody reads it here."""

    def install(self, packages: Sequence[str], timeout_s: float = 120) -> Ran:
        self.installed += packages
        return Ran(0, "Installed.", 0.1)

    def list(self, path: str = "", limit: int = 500) -> Sequence[Entry]:
        found = sorted((self.root / path).rglob("*"))[:limit]
        return [
            Entry(str(one.relative_to(self.root)), 0 if one.is_dir() else one.stat().st_size, one.is_dir())
            for one in found
        ]

    def run(self, argv: Sequence[str], *, folder: str = "", stdin: bytes = b"", timeout_s: float = 60) -> Ran:
        begun = time.monotonic()
        program = [sys.executable, *argv[1:]] if argv[0] == "python" else list(argv)
        ran = subprocess.Popen(
            program,
            cwd=self.root / folder,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
        self._running.append(ran)
        try:
            output, _ = ran.communicate(stdin, timeout_s)
        finally:
            self.stop()
            ran.wait()
        return Ran(ran.returncode, output.decode(), time.monotonic() - begun)

    def stop(self) -> None:
        for ran in self._running:
            if ran.returncode is None:  # not reaped yet, so its id is still its own
                with contextlib.suppress(ProcessLookupError):
                    os.killpg(ran.pid, signal.SIGKILL)


@dataclass
class Mailbox:
    """Takes every e-mail."""

    letters: list[Letter] = field(default_factory=list)
    sender: str = "troupe@team.example"

    def refusal(self, address: str) -> str:
        return ""

    def send(self, letter: Letter, now: datetime) -> Sent:
        self.letters.append(letter)
        return Sent(Sending.SENT)


@dataclass
class FileHub:
    """A GitHub whose issues are lines of a file, so that they outlive whoever opened them.

    die: "before" or "after" an issue is opened, the process dies there, once.  forgets: it cannot be asked what there is.
    """

    file: Path
    takes_s: float = 0.0
    busy: threading.Event = field(default_factory=threading.Event)

    def open(self, draft: Draft) -> str:
        self._die("before")
        self.busy.set()
        time.sleep(self.takes_s)
        with self.file.open("a") as out:
            out.write(json.dumps({"mark": draft.mark, "title": draft.title}) + "\n")
        self._die("after")
        return f"https://github.example/{draft.repo}/issues/1"

    def prepared(self, name: str, repo: str, branch: str) -> Push | None:
        return Push(repo, branch, "", "c" * 40, ("cccccccc sync",), " src/a | 1 +", "+ a")

    def push(self, push: Push) -> None:
        with self.file.open("a") as out:
            out.write(json.dumps({"mark": push.commit, "title": f"push to {push.repo}"}) + "\n")

    def is_there(self, push: Push) -> bool:
        return any(one["mark"] == push.commit for one in self.issues)

    def opened(self, draft: Draft, since: datetime) -> str | None:
        found = [one for one in self.issues if one["mark"] == draft.mark]
        return f"https://github.example/{draft.repo}/issues/1" if found else None

    @property
    def issues(self) -> list[dict[str, str]]:
        return [json.loads(line) for line in self.file.read_text().splitlines()] if self.file.exists() else []

    def _die(self, moment: str) -> None:
        wish = self.file.with_suffix(f".die-{moment}")
        if wish.exists():
            wish.unlink()
            os.kill(os.getpid(), 9)


@dataclass(frozen=True)
class Crew(Troupe):
    """rung: ids of jobs that commits owed at once, in order."""

    rung: list[str] = field(default_factory=list)

    @cached_property
    def desk(self) -> Shelf:
        root = self.settings.troupe_home / "desk"
        for name in ("src", "output", "research"):
            (root / name).mkdir(parents=True, exist_ok=True)
        return Shelf(root)

    def workspace(self, task: Task) -> Any:
        return self.desk

    @cached_property
    def hub(self) -> FileHub:
        return FileHub(self.settings.troupe_home / "issues")

    @cached_property
    def mail(self) -> Mailbox:
        return Mailbox()

    @cached_property
    def task_adapters(self) -> Mapping[str, Any]:
        return {"github": self.hub, "mail": self.mail}

    def _ring(self, committed: Committed) -> None:
        self.rung.extend(owed.id for owed in committed.owed)


def crew(home: Path, database_url: str, model_url: str = "") -> Crew:
    settings = {"openai_base_url": model_url, "openai_api_key": "k", "openai_model": "gpt-5-mini"}
    given = settings if model_url else {}
    return Crew(load(troupe_home=home, database_url=database_url, redis_url="unix:///nowhere", **given))


@dataclass
class Story:
    """Alice owns; Ada works."""

    troupe: Crew
    alice: Person
    ada: Persona
    task_id: str

    @property
    def task(self) -> Task:
        with self.troupe.storage.reading() as work:
            return work.tasks.get(self.task_id)

    def owed(self) -> str | None:
        """The row of the next stretch of work on the task, None when nothing is owed."""
        query = select(JobRow.id).where(
            JobRow.name == JobName.WORK.value,
            JobRow.subject == str(Subject("task", self.task_id)),
            JobRow.done_at.is_(None),
        )
        with self.troupe.storage.reading() as work:
            return work.connection.execute(query.order_by(JobRow.created_at)).scalar()

    def work(self, most: int = 20) -> Task:
        """In this process, until nothing is owed."""
        wiring.use(self.troupe)
        for _ in range(most):
            if (id := self.owed()) is None:
                break
            run(id)
        return self.task

    def actions(self) -> list[Action]:
        with self.troupe.storage.reading() as work:
            return work.actions.of_task(self.task_id)

    def approve(self, action: Action) -> None:
        with self.troupe.storage.unit_of_work() as work:
            steps.approve(action.id, self.alice, action.fingerprint[:SHOWN], work)

    def refuse(self, action: Action, why: str) -> None:
        with self.troupe.storage.unit_of_work() as work:
            steps.refuse(action.id, self.alice, action.fingerprint[:SHOWN], why, work)

    def spent(self) -> list[Any]:
        """The ledger's rows about the task."""
        query = select(SpendRow).where(SpendRow.subject == str(Subject("task", self.task_id)))
        with self.troupe.storage.reading() as work:
            return list(work.connection.execute(query.order_by(SpendRow.at)))

    def kept(self) -> int:
        from storage import checkpoints

        with self.troupe.storage.reading() as work:
            return checkpoints.kept(work.connection, self.task_id)


def story(troupe: Crew, *, budget: MicroUSD = BUDGET, **delegation: Any) -> Story:
    """A task that Ada has just been given."""
    tools = tuple(Family)
    rules = Delegation.model_validate(
        {"tools": tools, "plan_approved_from": 11, "reviewed": False} | delegation
    )
    with troupe.storage.unit_of_work() as work:
        alice = work.people.add(f"Alice {new_id()}", Role.OWNER, work.now)
        handle = f"ada{new_id()}"
        ada = work.personas.add(
            Profile(name="Ada", handle=handle, tasks=rules, monthly_budget_usd=1000), work.now
        )
        channel = work.channels.add("console", f"work-{new_id()}", work.now)
        asked = Request(
            alice, "Write it up", "Write a short report.", channel.id, ada, budget=budget, complexity=3
        )
        task = request(asked, work)
    with troupe.storage.unit_of_work() as work:
        assign.assign(task.id, work)
    made = Story(troupe, alice, ada, task.id)
    assert made.task.state is State.WORKING, made.task.trouble
    return made


def main() -> None:
    """Reads "HOME DATABASE MODEL JOB", a line each; forks for each as RQ does, and prints the child's id, then how it ended."""
    import jobs.work  # noqa: F401  # so that no child has to import it

    for line in sys.stdin:
        home, database_url, model_url, job = line.split()
        if (child := os.fork()) == 0:
            troupe = wiring.use(crew(Path(home), database_url, model_url))
            run(job)
            troupe.close()
            os._exit(0)
        print(child, flush=True)
        print(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]), flush=True)


if __name__ == "__main__":
    main()
