"""Pause, stop, give away, correct, pay for more; and the words that do it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from agents.errors import Conflict, Forbidden, Invalid
from agents.money import from_dollars
from agents.oncall.kinds import AlertKind
from agents.personas import manage
from agents.tasks import course, questions, steer
from agents.tasks.question import Question
from agents.tasks.steering import halts, is_steering, lets_go_on
from agents.tasks.task import State, Task, Wait
from tests.tasks.office import Office

S = State


def asks(office: Office, task: Task, call: str = "q-1") -> Question:
    question = office.does(
        lambda work: questions.ask(office.now_of(task, work), call, "Which one?", ("A", "B"), work)
    )
    office.does(lambda work: course.wait(office.now_of(task, work), Wait.ANSWER, work))
    return question


def test_what_is_paused_owes_no_work_and_goes_on_where_it_was(office: Office) -> None:
    task = office.begin()
    bob = office.people["Bob"]
    assert office.does(lambda work: steer.pause(task.id, bob, work)).state is S.PAUSED
    assert office.owed(task.subject) == set()
    with pytest.raises(Conflict, match="paused"):
        office.does(lambda work: steer.pause(task.id, bob, work))
    assert office.does(lambda work: steer.resume(task.id, bob, work)).state is S.WORKING
    assert office.owed(task.subject) == {"work"}


def test_what_is_queued_can_be_paused_too(office: Office) -> None:
    task = office.request()
    bob = office.people["Bob"]
    office.does(lambda work: steer.pause(task.id, bob, work))
    office.works_off()
    assert office.task(task).state is S.PAUSED
    assert office.does(lambda work: steer.resume(task.id, bob, work)).state is S.QUEUED
    office.works_off()
    assert office.task(task).state is S.WORKING


def test_what_waited_waits_on_after_a_pause_unless_it_came(office: Office) -> None:
    task = office.begin()
    bob = office.people["Bob"]
    question = asks(office, task)
    office.does(lambda work: steer.pause(task.id, bob, work))
    assert office.does(lambda work: steer.resume(task.id, bob, work)).waits_for is Wait.ANSWER
    office.does(lambda work: steer.pause(task.id, bob, work))
    office.does(lambda work: questions.answer(question.id, bob, "A", work))
    assert office.task(task).state is S.PAUSED
    assert office.does(lambda work: steer.resume(task.id, bob, work)).state is S.WORKING


def test_what_is_stopped_is_over_and_its_persona_free(office: Office) -> None:
    task = office.begin(deadline=office.now() + timedelta(days=9))
    after = office.does(lambda work: steer.stop(task.id, office.people["Bob"], work, reason="Not needed."))
    assert (after.state, after.trouble) == (S.CANCELLED, "Bob stopped it: Not needed.")
    assert office.owed(task.subject) == {"tidy"}
    assert office.begin().state is S.WORKING
    alice = office.people["Alice"]
    for verb in (steer.pause, steer.resume, steer.retry, steer.stop):
        with pytest.raises(Conflict), office.storage.unit_of_work() as work:
            verb(task.id, alice, work)


def test_who_may_steer_what(office: Office) -> None:
    """Whoever asked and any manager halt it; a key may halt, and never pay."""
    office.policy("ada", approvers=("Max",), requester_may_approve=False)
    task = office.begin()
    with pytest.raises(Forbidden):
        office.does(lambda work: steer.pause(task.id, office.people["Charlie"], work))
    office.does(lambda work: steer.pause(task.id, office.people["Bob"], work))
    office.does(lambda work: steer.resume(task.id, office.people["Mia"], work))
    for name in ("Bob", "Mia"):
        with pytest.raises(Forbidden), office.storage.unit_of_work() as work:
            steer.raise_budget(task.id, office.people[name], from_dollars(2), work)
    key = replace(office.people["Max"], via="ci")
    with pytest.raises(Forbidden, match="API key ci"):
        office.does(lambda work: steer.raise_budget(task.id, key, from_dollars(2), work))
    office.does(lambda work: steer.raise_budget(task.id, office.people["Max"], from_dollars(2), work))
    office.does(lambda work: steer.stop(task.id, key, work))


@pytest.mark.parametrize("state", ["working", "waiting", "paused", "blocked", "queued", "failed"])
def test_whatever_it_is_it_can_be_given_to_another(office: Office, state: str) -> None:
    office.hires("eve")
    mia, eve = office.people["Mia"], office.personas["eve"]
    task = office.begin(to="ada")
    question = None
    if state == "waiting":
        question = asks(office, task)
    elif state == "paused":
        office.does(lambda work: steer.pause(task.id, mia, work))
    elif state == "blocked":
        office.does(lambda work: course.block(task, "No.", work))
    elif state == "failed":
        office.does(lambda work: course.fail(task, "No.", work))
    elif state == "queued":
        task = office.request(to="ada")
    office.does(lambda work: steer.give(task.id, mia, eve, work))
    if state == "paused":
        office.does(lambda work: steer.resume(task.id, mia, work))
    if question:
        office.does(lambda work: questions.answer(question.id, mia, "B", work))
    office.works_off()
    assert (office.task(task).state, office.task(task).persona_id) == (S.WORKING, eve.id)
    assert office.alerts(task.subject) == []


def test_what_is_given_away_frees_who_had_it(office: Office) -> None:
    office.hires("eve")
    task, waits = office.begin(to="ada"), office.request(to="ada")
    office.does(lambda work: steer.give(task.id, office.people["Mia"], office.personas["eve"], work))
    office.works_off()
    assert {office.task(task).state, office.task(waits).state} == {S.WORKING}


def test_it_is_given_to_nobody_who_has_it_or_is_away(office: Office) -> None:
    office.hires("eve")
    task, mia = office.begin(to="ada"), office.people["Mia"]
    with pytest.raises(Conflict, match="has this task already"):
        office.does(lambda work: steer.give(task.id, mia, office.personas["ada"], work))
    away = office.does(lambda work: manage.pause(office.personas["eve"].id, mia, work))
    with pytest.raises(Conflict, match="paused"):
        office.does(lambda work: steer.give(task.id, mia, away, work))


def test_corrections_are_noted_with_what_was_before(office: Office) -> None:
    task = office.begin()
    deadline = office.now() + timedelta(days=5)
    bob = office.people["Bob"]
    after = office.does(
        lambda work: steer.correct(task.id, bob, work, complexity=9, priority=8, deadline=deadline)
    )
    assert (after.complexity, after.priority, after.deadline, after.estimated) == (9, 8, deadline, False)
    assert "task_due" in office.owed(task.subject)
    [event] = [e for e in office.events(task.subject) if e.name == "task.corrected"]
    assert (event.before["complexity"], event.after["priority"]) == (3, 8)
    wrongs: list[dict[str, Any]] = [{}, {"complexity": 0}, {"priority": 11}]
    for wrong in (*wrongs, {"deadline": office.now() - timedelta(hours=1)}):
        with pytest.raises(Invalid), office.storage.unit_of_work() as work:
            steer.correct(task.id, bob, work, **wrong)


def test_a_task_without_money_waits_and_goes_on_when_there_is_more(office: Office) -> None:
    task = office.begin()
    why = "The task has $0.01 left of $1.00."
    waiting = office.does(lambda work: course.wait(task, Wait.BUDGET, work, why=why))
    assert (waiting.state, waiting.trouble) == (S.WAITING, why)
    assert (office.alerts(task.subject), office.owed(task.subject)) == ([AlertKind.TASK_BUDGET], set())
    mia = office.people["Mia"]
    with pytest.raises(Invalid, match=r"\$1.00 already"):
        office.does(lambda work: steer.raise_budget(task.id, mia, from_dollars(1), work))
    after = office.does(lambda work: steer.raise_budget(task.id, mia, from_dollars(3), work))
    assert (after.state, after.budget, after.trouble) == (S.WORKING, from_dollars(3), "")
    assert (office.alerts(task.subject), office.owed(task.subject)) == ([], {"work"})


def test_whoever_may_steer_it_may_press_whether_there_is_money_again(office: Office) -> None:
    office.policy("ada", approvers=("Max",), requester_may_approve=False)
    task = office.begin()
    office.does(lambda work: course.wait(task, Wait.BUDGET, work, why="The team."))
    with pytest.raises(Forbidden):
        office.does(lambda work: steer.retry(task.id, office.people["Charlie"], work))
    office.does(lambda work: steer.retry(task.id, office.people["Bob"], work))
    assert (office.task(task).state, office.alerts(task.subject)) == (S.WORKING, [])
    office.does(lambda work: course.block(office.now_of(task, work), "No.", work))
    with pytest.raises(Forbidden):
        office.does(lambda work: steer.retry(task.id, office.people["Bob"], work))


def test_a_question_is_answered_once_and_the_work_goes_on(office: Office) -> None:
    task = office.begin()
    question = asks(office, task)
    assert (office.task(task).waits_for, office.owed(task.subject)) == (Wait.ANSWER, set())
    with pytest.raises(Forbidden):
        office.does(lambda work: questions.answer(question.id, office.people["Charlie"], "A", work))
    office.does(lambda work: questions.answer(question.id, office.people["Bob"], "A", work))
    assert (office.task(task).state, office.owed(task.subject)) == (S.WORKING, {"work"})
    with pytest.raises(Conflict, match="Bob answered this already"):
        office.does(lambda work: questions.answer(question.id, office.people["Mia"], "B", work))
    again = office.does(lambda work: questions.ask(office.now_of(task, work), "q-1", "Which?", (), work))
    assert (again.id, again.answer, again.answered_by) == (question.id, "A", "Bob")


def test_of_two_questions_both_are_answered_first(office: Office) -> None:
    task, bob = office.begin(), office.people["Bob"]
    one = asks(office, task)
    two = office.does(lambda work: questions.ask(office.now_of(task, work), "q-2", "And?", (), work))
    office.does(lambda work: questions.answer(one.id, bob, "A", work))
    assert office.task(task).state is S.WAITING
    office.does(lambda work: questions.answer(two.id, bob, "Yes.", work))
    assert office.task(task).state is S.WORKING


@pytest.mark.parametrize(
    ("text", "halt", "go"),
    [
        ("stop", True, False),
        ("Stop!", True, False),
        ("please pause.", True, False),
        ("Hold on, please", True, False),
        ("go on", False, True),
        ("Resume", False, True),
        ("stop at the second chapter", False, False),
        ("go on holiday", False, False),
        ("", False, False),
    ],
)
def test_a_word_alone_steers(text: str, halt: bool, go: bool) -> None:
    assert (halts(text), lets_go_on(text), is_steering(text)) == (halt, go, halt or go)
