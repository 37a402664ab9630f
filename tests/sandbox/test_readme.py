"""README.md of a workspace tells how far the task is."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

from agents.tasks.plan import Outline, Plan, Step, Tick
from agents.tasks.task import Stage, State
from integrations.workspace import readme
from integrations.workspace.workspace import TaskWorkspace
from tests.sandbox.world import a_task

NOW = datetime(2026, 11, 2, 9, tzinfo=UTC)
OUTLINE = Outline(
    approach="Read, measure, write.",
    steps=(Step(title="Read the manuals"), Step(title="Measure"), Step(title="Write it up")),
    files=("output/report.pdf",),
    criteria=("Three are compared",),
)


def test_it_says_what_is_done(room: TaskWorkspace) -> None:
    task = replace(a_task(), state=State.WORKING, stage=Stage.BUILD, formats=("pdf",), deadline=NOW)
    plan = Plan(task.id, 1, OUTLINE, (Tick.DONE, Tick.DOING, Tick.OPEN), NOW)
    room.note_progress(task, plan)
    text = room.read("README.md").decode()
    assert text == readme.written(task, plan)
    for line in (
        "# Compare queues",
        "**Where it stands:** build (stage 2 of 4), being worked on.",
        "**Wanted by:** 2026-11-02 09:00 UTC",
        "## Plan (1 of 3 done)",
        "- [x] 1. Read the manuals",
        "- [~] 2. Measure",
        "- [ ] 3. Write it up",
        "- output/report.pdf",
        "1. Three are compared",
    ):
        assert line in text.splitlines()


def test_it_is_there_before_a_plan_is(room: TaskWorkspace) -> None:
    room.note_progress(replace(a_task(), criteria=("It works",)), None)
    text = room.read("README.md").decode()
    assert "waiting for a free persona" in text
    assert "1. It works" in text
