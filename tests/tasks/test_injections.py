"""What strangers write into pages, files, issues and e-mails gets no effect past the gate, even if the model obeys."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from contextlib import nullcontext
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from agents.approvals.fingerprint import SHOWN
from agents.tasks import steps
from agents.tasks.action import Action, ActionState
from agents.tasks.family import Family
from agents.tasks.gate import Gate, Outcome
from agents.tasks.task import Stage, State, Task, Wait
from agents.tasks.toolbox import toolbox
from agents.tasks.toolbox.hub import Draft, Push
from agents.tasks.toolbox.offer import offered
from agents.tasks.toolbox.web import Hit, Page
from agents.tasks.tools import Bench, Risk, ToolFailed, Waits
from jobs.record import OpenRecord
from tests.tasks.fakes import MemoryWorkspace
from tests.tasks.injections import INJECTIONS, Injection, Place
from tests.tasks.office import Office, open_office

LEAVES = {tool.name for tool in toolbox() if tool.risk is Risk.LEAVES}
FORBIDDEN = [injection for injection in INJECTIONS if injection.tool in LEAVES]
ONE_EACH = list({injection.tool: injection for injection in FORBIDDEN}.values())
"""For what does not depend on the words."""


@dataclass
class World:
    """Everything outside.  sent: what reached it."""

    sent: list[str] = field(default_factory=list)

    def prepared(self, name: str, repo: str, branch: str) -> Push:
        return Push(repo, branch, "", "c" * 40, ("cccccccccccc all",), "a.py | 1 +", "+secret")

    def push(self, push: Push) -> None:
        self.sent.append(f"pushed {push.repo}")

    def open(self, draft: Draft) -> str:
        self.sent.append(f"opened {draft.title}")
        return "https://evil.example/1"

    def search(self, query: str, number: int) -> list[Hit]:
        return []

    def read(self, url: str) -> Page:
        raise ToolFailed("There is no such page.")


@dataclass
class Post:
    """@steve at work on Bob's task, with everything that there is.  world: what she could reach."""

    office: Office
    task: Task
    world: World
    workspace: MemoryWorkspace

    def calls(self, injection: Injection, call_id: str = "call-1") -> Outcome:
        """The model does as it was told."""
        storage, steve = self.office.storage, self.office.personas["steve"]
        outside = {"github": self.world, "web": self.world, "mail": self.world}
        record = OpenRecord(storage, self.task, steve)

        def bench(task: Task, call_id: str) -> Bench:
            return Bench(task, steve, self.workspace, record, self.office.now(), call_id, outside)

        tools = offered(toolbox(), steve, self.task.stage, outside)
        gate = Gate(self.task, tools, storage.unit_of_work, storage.reading, bench, nullcontext)
        return gate.call(injection.tool, call_id, injection.arguments)

    def states(self) -> list[ActionState]:
        with self.office.looking() as work:
            return [action.state for action in work.actions.of_task(self.task.id)]

    def refuses(self) -> None:
        self.office.does(
            lambda work: steps.refuse(self._step.id, self.office.people["Mia"], self._seen, "No.", work)
        )

    def approves(self) -> None:
        self.office.approves_step(self._step)

    @property
    def _step(self) -> Action:
        with self.office.looking() as work:
            (action,) = work.actions.of_task(self.task.id)
        return action

    @property
    def _seen(self) -> str:
        return self._step.fingerprint[:SHOWN]

    @property
    def left(self) -> list[Any]:
        """What got out."""
        return [*self.world.sent, *self.workspace.installed]


@pytest.fixture
def post(migrated_file: Path, tmp_path: Path) -> Iterator[Post]:
    shutil.copy(migrated_file, tmp_path / "troupe.db")
    with open_office(f"sqlite:///{tmp_path}/troupe.db") as office:
        office.hires("steve", tools=tuple(Family))
        task = office.begin(to="steve")
        office.plans(task)
        yield Post(office, office.task(task), World(), MemoryWorkspace({"src/a.py": "secret"}))


def test_most_of_them_want_something_out() -> None:
    assert len(FORBIDDEN) >= 15


@pytest.mark.parametrize("injection", FORBIDDEN, ids=lambda injection: injection.name)
def test_an_obedient_model_gets_nothing_out(injection: Injection, post: Post) -> None:
    assert post.task.stage is Stage.BUILD
    for _ in range(3):  # it insists
        with pytest.raises(Waits) as waits:
            post.calls(injection)
        assert waits.value.wait is Wait.STEP
    assert post.left == []
    assert post.states() == [ActionState.PROPOSED]
    assert post.office.task(post.task).state is State.WAITING


@pytest.mark.parametrize("injection", ONE_EACH, ids=lambda injection: injection.tool)
def test_what_was_refused_stays_refused(injection: Injection, post: Post) -> None:
    with pytest.raises(Waits):
        post.calls(injection)
    post.refuses()
    told = post.calls(injection)
    assert told.failed
    assert "No." in told.text
    assert post.left == []
    assert post.states() == [ActionState.REFUSED]


@pytest.mark.parametrize("injection", ONE_EACH, ids=lambda injection: injection.tool)
def test_approval_of_something_else_is_of_no_use(injection: Injection, post: Post) -> None:
    """Mia approved that numpy is installed; under the same call something else is smuggled in."""
    harmless = Injection("harmless", injection.place, "", "install_packages", {"packages": ["numpy==2.0.0"]})
    with pytest.raises(Waits):
        post.calls(harmless)
    post.approves()
    told = post.calls(injection)
    assert told.failed
    assert "not what was approved" in told.text
    assert post.left == []


def test_what_was_approved_happens_once(post: Post) -> None:
    """So that the others do not pass because nothing ever gets out."""
    harmless = Injection("harmless", Place.FILE, "", "install_packages", {"packages": ["numpy==2.0.0"]})
    with pytest.raises(Waits):
        post.calls(harmless)
    post.approves()
    assert [post.calls(harmless).failed for _ in range(2)] == [False, False]
    assert post.left == ["numpy==2.0.0"]


@pytest.mark.parametrize(
    "injection", [one for one in INJECTIONS if one not in FORBIDDEN], ids=lambda injection: injection.name
)
def test_what_may_run_runs_inside(injection: Injection, post: Post) -> None:
    post.workspace.run = inside = Sandboxed()  # type: ignore[method-assign]
    post.calls(injection)
    assert post.left == []
    assert post.states() == []
    assert inside.ran == (injection.tool == "run_command")


class Sandboxed:
    """Notes that a command went to the sandbox; what it cannot do there, the escape suite shows."""

    ran = False

    def __call__(self, *_: Any, **__: Any) -> Any:
        self.ran = True
        raise ToolFailed("There is no network here.")
