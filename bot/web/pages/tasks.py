"""Delegated work: what waits, what runs and what is done; and all of one task, which no card of a chat could hold."""

from __future__ import annotations

from dataclasses import dataclass

from agents.events import Subject
from agents.tasks.asking import ARCHIVE, deliverables
from agents.tasks.task import OPEN, State, Task
from bot.cards import parse_action
from bot.present.action import BADGES
from bot.present.task import badge, stages
from bot.present.task_lists import waiting_for
from bot.present.task_story import story
from bot.present.task_view import persona_of, task_view
from bot.web.render import file_size
from bot.web.site import Page, View, page

SHOWN, ROWS = 20, 50
"""Cards of what waits, and rows of a table."""
OVER = (State.COMPLETE, State.FAILED, State.CANCELLED)


@dataclass(frozen=True, slots=True)
class Row:
    task: Task
    who: str
    state: str
    stages: str
    late: bool


@page("/tasks")
def tasks(view: View) -> Page:
    work = view.work
    wanted = waiting_for(view.person, work)
    shown = [Subject(verb.partition(".")[0], id) for verb, id, _ in (parse_action(w.shows) for w in wanted)]
    mine = list(dict.fromkeys(shown))[:SHOWN]
    under_way = [_row(task, view) for task in work.tasks.in_states(OPEN)]
    over = [_row(task, view) for task in work.tasks.latest(limit=ROWS) if task.state in OVER]
    body = view.render(
        "tasks.html", mine=mine, under_way=under_way[:ROWS], over=over, more=len(under_way) - ROWS
    )
    return Page("Tasks", body)


@page("/tasks/{id}")
def one(view: View, id: str) -> Page:
    """The card lives; what stands beside it is as of the moment the page was opened."""
    work, shown = view.work, task_view(id, view.work)
    task = shown.task
    every = work.artifacts.of_task(id)
    body = view.render(
        "task.html",
        task=task,
        plan=shown.plan,
        steps=[(step, BADGES[step.state][0]) for step in work.actions.of_task(id)],
        questions=work.questions.of_task(id),
        checks=work.tasks.checks(task),
        sources=work.sources.of_task(id),
        files=[(file, file_size(file.size)) for file in deliverables(task, work)],
        archive=next((file for file in every if file.path == ARCHIVE), None),
        parts=[_row(part, view) for part in shown.parts],
        parent=work.tasks.get(task.parent_id) if task.parent_id else None,
        calls=work.budgets.calls(task.subject)[0],
        story=story(task, work),
    )
    return Page(task.title, body)


def _row(task: Task, view: View) -> Row:
    persona = persona_of(task.persona_id, view.work)
    late = bool(task.is_open and task.deadline and task.deadline <= view.work.now)
    return Row(task, persona.name if persona else "nobody yet", badge(task), stages(task), late)
