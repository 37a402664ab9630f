"""Plans and results: a person sees exactly them, and one decision counts."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.approvals.approval import ApprovalState
from agents.errors import Conflict, Forbidden, Invalid, Stale
from agents.events import Subject
from agents.money import from_dollars
from agents.oncall.kinds import AlertKind
from agents.tasks import course, decide, steer
from agents.tasks.asking import of_result
from agents.tasks.task import Stage, State, Task, Wait
from storage.unit_of_work import Storage
from tests.storage.cast import at_once, opened
from tests.tasks.office import OUTLINE, Office, stage_of

S = State


def planned(office: Office, **more: object) -> Task:
    """Hard enough that a person looks at the plan first."""
    return office.plans(office.begin(complexity=7, **more))


def approves(office: Office, task: Task, by: str = "Mia", seen: str = "") -> Task:
    button = seen or office.button(task)
    return office.does(lambda work: decide.approve_plan(task.id, office.people[by], button, work))


def sends_back(office: Office, task: Task, words: str = "Cheaper.", by: str = "Mia") -> Task:
    button = office.button(task)
    return office.does(lambda work: decide.change_plan(task.id, office.people[by], button, words, work))


def wants_changes(office: Office, task: Task, words: str = "A chart.", by: str = "Mia") -> Task:
    button = office.button(task)
    return office.does(lambda work: decide.change_result(task.id, office.people[by], button, words, work))


def test_a_hard_tasks_plan_is_approved_before_anything_is_built(office: Office) -> None:
    task = planned(office)
    assert (task.stage, task.state, task.waits_for) == (Stage.DESIGN, S.WAITING, Wait.PLAN)
    assert office.owed(task.subject) == set()
    assert stage_of(approves(office, task)) == (Stage.BUILD, S.WORKING)
    assert office.owed(task.subject) == {"work"}
    assert office.owed(Subject("approval", task.approval_id)) == set()


def test_from_when_on_a_plan_is_approved_is_the_personas_rule(office: Office) -> None:
    office.hires("careful", plan_approved_from=1, max_complexity=2)
    office.hires("quick", plan_approved_from=11, min_complexity=9)
    assert office.plans(office.begin(complexity=2)).waits_for is Wait.PLAN
    assert office.plans(office.begin(complexity=10)).stage is Stage.BUILD


def test_one_of_many_who_press_decides(office: Office, database_url: str) -> None:
    task = planned(office)
    seen = office.button(task)
    doors = [opened(database_url, office.now) for _ in range(8)]

    def press(door: Storage, name: str) -> None:
        with door.unit_of_work() as work:
            decide.approve_plan(task.id, office.people[name], seen, work)

    names = ("Mia", "Max", "Alice", "Mia", "Max", "Alice", "Mia", "Max")
    outcomes = at_once(*[lambda d=d, n=n: press(d, n) for d, n in zip(doors, names, strict=True)])
    for door in doors:
        door.engine.dispose()
    assert outcomes.count(None) == 1
    assert [event.name for event in office.events(task.subject)].count("task.plan_approved") == 1


def test_a_plan_that_is_sent_back_is_made_anew(office: Office) -> None:
    task = planned(office)
    back = sends_back(office, task)
    assert (stage_of(back), back.round, office.said(task)[-1]) == ((Stage.DESIGN, S.WORKING), 2, "Cheaper.")
    with office.looking() as work:
        assert course.lacks(back, (), work) == (
            "The plan was sent back: write another one that does what was asked for.",
        )
        assert course.feedback(back, work) == ("Mia: Cheaper.",)
    again = office.plans(task)
    assert (again.waits_for, again.plan) == (Wait.PLAN, 2)
    with office.looking() as work:
        states = [one.state for one in work.approvals.history(task.subject)]
    assert states == [ApprovalState.CHANGES_REQUESTED, ApprovalState.PENDING]


def test_a_button_of_an_older_plan_decides_nothing(office: Office) -> None:
    task = planned(office)
    old = office.button(task)
    sends_back(office, task)
    office.plans(task, OUTLINE.model_copy(update={"approach": "Only read."}))
    with pytest.raises(Stale):
        approves(office, task, seen=old)
    assert office.task(task).stage is Stage.DESIGN


def test_what_it_may_cost_is_part_of_the_plan(office: Office) -> None:
    task = planned(office)
    old = office.button(task)
    office.does(lambda work: steer.raise_budget(task.id, office.people["Mia"], from_dollars(5), work))
    with pytest.raises(Stale):
        approves(office, task, seen=old)
    assert stage_of(approves(office, task)) == (Stage.BUILD, S.WORKING)


def test_only_who_may_decides(office: Office) -> None:
    task = planned(office)
    for name in ("Bob", "Charlie"):
        with pytest.raises(Forbidden):
            approves(office, task, name)
    with pytest.raises(Invalid, match="Say what should be different"):
        sends_back(office, task, "  ")


def test_who_asked_may_not_decide_where_the_policy_says_so(office: Office) -> None:
    office.policy("ada", requester_may_approve=False)
    task = planned(office, by="Mia")
    with pytest.raises(Forbidden, match="You asked for this task"):
        approves(office, task, "Mia")
    assert stage_of(approves(office, task, "Max")) == (Stage.BUILD, S.WORKING)


def test_nobody_decided_about_a_plan_and_somebody_asks_again(office: Office) -> None:
    task = planned(office)
    office.now.forward(timedelta(hours=73))
    office.works_off()
    blocked = office.task(task)
    assert (blocked.state, blocked.trouble) == (S.BLOCKED, "Nobody decided about its plan in time.")
    assert AlertKind.TASK_BLOCKED in office.alerts(task.subject)
    again = office.does(lambda work: steer.retry(task.id, office.people["Bob"], work))
    assert (again.state, again.waits_for, office.alerts(task.subject)) == (S.WAITING, Wait.PLAN, [])
    assert stage_of(approves(office, task)) == (Stage.BUILD, S.WORKING)


def test_a_plan_that_waits_through_a_pause_waits_on(office: Office) -> None:
    task = planned(office)
    bob = office.people["Bob"]
    office.does(lambda work: steer.pause(task.id, bob, work))
    with pytest.raises(Conflict, match="paused"):
        approves(office, task)
    office.does(lambda work: steer.resume(task.id, bob, work))
    assert stage_of(approves(office, task)) == (Stage.BUILD, S.WORKING)


def test_a_plan_that_expired_in_a_pause_is_asked_about_anew(office: Office) -> None:
    task = planned(office)
    bob = office.people["Bob"]
    office.does(lambda work: steer.pause(task.id, bob, work))
    office.now.forward(timedelta(hours=80))
    office.works_off()
    assert office.task(task).state is S.PAUSED
    again = office.does(lambda work: steer.resume(task.id, bob, work))
    assert (again.waits_for, again.approval_id != task.approval_id) == (Wait.PLAN, True)
    assert stage_of(approves(office, task)) == (Stage.BUILD, S.WORKING)


def test_a_result_that_needs_changes_is_built_again(office: Office) -> None:
    task = office.to_review()
    changed = wants_changes(office, task)
    assert (stage_of(changed), changed.round) == ((Stage.BUILD, S.WORKING), 2)
    assert office.said(task)[-1] == "A chart."
    with office.looking() as work:
        assert work.tasks.verdicts(changed) == []
    office.builds(task, b"# Report with a chart")
    office.tests(task)
    office.forward(task)
    assert office.accepts(task).state is S.COMPLETE


def test_two_have_to_accept_where_the_policy_says_so(office: Office) -> None:
    office.policy("ada", quorum=2)
    task = office.to_review()
    assert office.accepts(task, "Mia").state is S.WAITING
    assert office.accepts(task, "Alice").state is S.COMPLETE


def test_what_is_complete_can_be_asked_to_be_changed_and_queues(office: Office) -> None:
    office.accepts(office.to_review())
    [task] = office.in_state(S.COMPLETE)
    other = office.begin()
    with office.looking() as work:
        seen = of_result(task, work)
    mia = office.people["Mia"]
    with pytest.raises(Stale):
        office.does(lambda work: decide.change_result(task.id, mia, "0" * 32, "A chart.", work))
    with pytest.raises(Forbidden):
        office.does(
            lambda work: decide.change_result(task.id, office.people["Charlie"], seen, "A chart.", work)
        )
    again = office.does(lambda work: decide.change_result(task.id, mia, seen, "A chart.", work))
    assert (stage_of(again), again.persona_id, again.finished_at) == ((Stage.BUILD, S.QUEUED), "", None)
    office.does(lambda work: steer.stop(other.id, mia, work))
    office.works_off()
    assert office.task(task).state is S.WORKING


def test_what_is_not_asked_about_cannot_be_decided(office: Office) -> None:
    task = office.begin()
    mia = office.people["Mia"]
    with pytest.raises(Conflict, match="being worked on"):
        office.does(lambda work: decide.accept(task.id, mia, "0" * 16, work))
    with pytest.raises(Conflict, match="being worked on"):
        office.does(lambda work: decide.approve_plan(task.id, mia, "0" * 16, work))
