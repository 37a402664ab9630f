"""A persona asks in the middle of its work; a person answers, and the work goes on."""

from __future__ import annotations

from collections.abc import Sequence

from agents.errors import Conflict, Invalid
from agents.events import Event
from agents.people import Person, Role
from agents.tasks.asking import late
from agents.tasks.moves import acting, arrived, present, show
from agents.tasks.question import Question
from agents.tasks.task import Task, Wait
from agents.work import Work

QUESTION_LIMIT, ANSWER_LIMIT, OPTIONS_LIMIT, OPTION_LIMIT = 1_000, 4_000, 5, 75


def ask(task: Task, call_id: str, text: str, options: Sequence[str], work: Work) -> Question:
    """The question of this call, with its answer when there is one. The same call asks once.

    Raises Invalid for one that cannot be shown.
    """
    now = present(task, work)
    before = work.questions.of_call(task.id, call_id)
    if before is not None:
        return before
    text, choices = text.strip(), tuple(dict.fromkeys(one.strip() for one in options if one.strip()))
    if not 0 < len(text) <= QUESTION_LIMIT:
        raise Invalid(f"A question has 1 to {QUESTION_LIMIT} characters.", field="question")
    if len(choices) > OPTIONS_LIMIT or any(len(one) > OPTION_LIMIT for one in choices):
        raise Invalid(
            f"There are at most {OPTIONS_LIMIT} options of {OPTION_LIMIT} characters.", field="options"
        )
    question = Question(work.new_id(), task.id, call_id, text, work.now, choices)
    work.questions.add(question)
    show(now, question.subject, work)
    work.record(Event("question.asked", question.subject, acting(now, work), after={"text": text[:300]}))
    work.touch(task.subject)
    return question


def answer(question_id: str, by: Person, text: str, work: Work) -> Question:
    """The first answer counts; the task goes on when nothing else is open. Any words are an answer, options or not.

    Raises Conflict naming who answered before.
    """
    by.must_be(Role.EDITOR, "answer a persona's question")
    question = work.questions.get(question_id)
    task = work.tasks.get(question.task_id)
    if not task.is_open:
        raise late(task, "answer it")
    words = text.strip()
    if not words:
        raise Invalid("There is no answer in that.", field="answer")
    if len(words) > ANSWER_LIMIT:
        raise Invalid(f"That is too long; an answer may have {ANSWER_LIMIT} characters.", field="answer")
    if not work.questions.answer(question, words, by.name, work.now):
        first = work.questions.get(question_id)
        raise Conflict(f"{first.answered_by} answered this already.", remedy="Say it in the task's thread.")
    work.record(Event("question.answered", question.subject, by.actor, after={"answer": words[:300]}))
    arrived(task.id, Wait.ANSWER, work)
    return work.questions.get(question_id)
