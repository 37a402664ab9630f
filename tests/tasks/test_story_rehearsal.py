"""The first task of a newcomer who has no key: asked for, planned, approved, made, checked, looked at, changed, accepted.

The real engine, storage and tools; the rehearsal model; a workspace that is a plain folder. In the real sandbox:
tests/system/test_task_story.py.
"""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agents.approvals.fingerprint import SHOWN
from agents.people import Role
from agents.personas.persona import Delegation, Profile
from agents.tasks import assign, decide, questions, steer
from agents.tasks.request import Request, request, title_of
from agents.tasks.task import Stage, State, Task, Wait
from storage.columns import new_id
from storage.unit_of_work import UnitOfWork
from tests.tasks.crew import BUDGET, Crew, Story, crew

FIGURES = "Our sign-ups: January 120, February 140 and March 90. Put them into a table with their sum."


@dataclass
class Newcomer(Story):
    """Alice asks Ada."""

    def does(self, verb: Callable[[UnitOfWork], object]) -> None:
        with self.troupe.storage.unit_of_work() as work:
            verb(work)

    @property
    def button(self) -> str:
        """What the buttons of its card carry now."""
        with self.troupe.storage.reading() as work:
            return work.approvals.get(self.task.approval_id).fingerprint[:SHOWN]

    @property
    def files(self) -> dict[str, bytes]:
        """What was handed over, but for the archive of it all."""
        with self.troupe.storage.reading() as work:
            made = work.artifacts.of_task(self.task_id)
            return {file.path: work.artifacts.data(file.id) for file in made if file.path != "workspace.zip"}

    def named(self, ending: str) -> str:
        (data,) = (data for path, data in self.files.items() if path.endswith(ending))
        return data.decode()

    def is_(self, state: State, wait: Wait = Wait.NOTHING, stage: Stage = Stage.REVIEW) -> None:
        task = self.work(40)
        assert (task.state, task.waits_for, task.stage) == (state, wait, stage), task.trouble


def asks(troupe: Crew, brief: str, *formats: str, complexity: int = 3, **rules: object) -> Newcomer:
    delegation = Delegation.model_validate(rules)
    with troupe.storage.unit_of_work() as work:
        alice = work.people.add("Alice", Role.OWNER, work.now)
        ada = work.personas.add(Profile(name="Ada", handle=f"ada{new_id()}", tasks=delegation), work.now)
        channel = work.channels.add("console", "general", work.now)
        ask = Request(
            alice,
            title_of(brief),
            brief,
            channel.id,
            ada,
            complexity=complexity,
            formats=formats,
            budget=BUDGET,
        )
        task = request(ask, work)
    with troupe.storage.unit_of_work() as work:
        assign.assign(task.id, work)
    return Newcomer(troupe, alice, ada, task.id)


@pytest.fixture
def troupe(database_url: str, tmp_path: Path) -> Iterator[Crew]:
    made = crew(tmp_path, database_url)
    yield made
    made.close()


def test_from_the_brief_to_the_files(troupe: Crew) -> None:
    story = asks(troupe, FIGURES, "md", "csv", complexity=8)
    story.is_(State.WAITING, Wait.PLAN, Stage.DESIGN)
    story.does(lambda work: decide.approve_plan(story.task_id, story.alice, story.button, work))
    story.is_(State.WAITING, Wait.REVIEW)
    assert ["Total", "350", "100 %"] in list(csv.reader(story.named(".csv").splitlines()))
    story.does(lambda work: decide.accept(story.task_id, story.alice, story.button, work))
    story.is_(State.COMPLETE)
    assert story.spent() == [], "the rehearsal model costs nothing, and reserves nothing"


def test_a_plan_that_is_sent_back_and_a_result_that_is_changed(troupe: Crew) -> None:
    story = asks(troupe, FIGURES, "md", complexity=8)
    story.is_(State.WAITING, Wait.PLAN, Stage.DESIGN)
    first = _plan(story)
    said = "Make a JSON file of it, too."
    story.does(lambda work: decide.change_plan(story.task_id, story.alice, story.button, said, work))
    story.is_(State.WAITING, Wait.PLAN, Stage.DESIGN)
    assert [path for path in _plan(story) if path.endswith(".json")]
    assert not [path for path in first if path.endswith(".json")]
    story.does(lambda work: decide.approve_plan(story.task_id, story.alice, story.button, work))
    story.is_(State.WAITING, Wait.REVIEW)
    before = story.named(".md")
    said = "Please mention the trade fair in March."
    story.does(lambda work: decide.change_result(story.task_id, story.alice, story.button, said, work))
    story.is_(State.WAITING, Wait.REVIEW)
    assert "trade fair" in story.named(".md")
    assert "trade fair" not in before


def test_what_is_unclear_is_asked_and_the_answer_is_worked_with(troupe: Crew) -> None:
    story = asks(troupe, "Sales", "md", "csv")
    story.is_(State.WAITING, Wait.ANSWER, Stage.DESIGN)
    with troupe.storage.reading() as work:
        (question,) = work.questions.of_task(story.task_id)
    answer = "For the board: north 12, south 30, east 5"
    story.does(lambda work: questions.answer(question.id, story.alice, answer, work))
    story.is_(State.WAITING, Wait.REVIEW)
    assert "Total,47" in story.named(".csv")


@pytest.mark.parametrize("halts", [steer.pause, steer.stop])
def test_paused_it_goes_on_where_it_was_and_stopped_it_ends(troupe: Crew, halts: Callable[..., Task]) -> None:
    story = asks(troupe, FIGURES, "md", complexity=8)
    story.is_(State.WAITING, Wait.PLAN, Stage.DESIGN)
    story.does(lambda work: halts(story.task_id, story.alice, work))
    assert story.owed() is None
    if halts is steer.stop:
        story.is_(State.CANCELLED, Wait.NOTHING, Stage.DESIGN)
        return
    story.does(lambda work: steer.resume(story.task_id, story.alice, work))
    story.is_(State.WAITING, Wait.PLAN, Stage.DESIGN)
    story.does(lambda work: decide.approve_plan(story.task_id, story.alice, story.button, work))
    story.is_(State.WAITING, Wait.REVIEW)


def _plan(story: Newcomer) -> tuple[str, ...]:
    with story.troupe.storage.reading() as work:
        plan = work.tasks.plan(story.task)
    assert plan is not None
    return plan.outline.files
