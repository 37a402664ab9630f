"""What people wrote about a task: what a persona put there itself gives it no right to anything."""

from __future__ import annotations

from collections.abc import Iterator

from agents.tasks.task import Task
from agents.work import Work

SAID_LIMIT = 200


def family(task: Task, work: Work) -> tuple[Task, ...]:
    """The task and those that it is a part of, up to the one that a person asked for."""
    found = [task]
    while found[-1].parent_id:
        found.append(work.tasks.get(found[-1].parent_id))
    return tuple(found)


def of_people(task: Task, work: Work) -> tuple[str, ...]:
    """Of a part its title and brief are another persona's words, and so is an answer that was chosen from a question's options."""
    return tuple(text for one in family(task, work) for text in _of(one, work))


def _of(task: Task, work: Work) -> Iterator[str]:
    if not task.parent_id:
        yield from (task.title, task.brief, *task.criteria)
    for message in work.messages.in_thread(task.thread, limit=SAID_LIMIT):
        if message.author.kind == "person":
            yield message.text
    for question in work.questions.of_task(task.id):
        if question.answer not in question.options:
            yield question.answer
