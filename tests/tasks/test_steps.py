"""A step that leaves the workspace: a person sees exactly it, and then exactly it happens, once."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from agents.approvals.approval import ApprovalState
from agents.approvals.fingerprint import SHOWN
from agents.effects.effect import Effect, EffectKind, EffectState
from agents.errors import Conflict, Forbidden, Stale
from agents.events import Subject
from agents.jobs import Later
from agents.oncall.kinds import AlertKind
from agents.people import Person
from agents.tasks import moves, steer, steps
from agents.tasks.action import Action, ActionState, fingerprint
from agents.tasks.task import State, Task, Wait
from agents.tasks.tools import Wish
from storage.unit_of_work import Storage
from tests.storage.cast import at_once, opened
from tests.tasks.office import MAIL, WISH, Office

A, E, S = ActionState, EffectState, State


def effect(office: Office, action: Action) -> Effect:
    with office.looking() as work:
        found = work.effects.of_approval(action.approval_id, EffectKind.ACT)
    assert found is not None
    return found


def claim(office: Office, action: Action, seen: str = "") -> Effect:
    return office.does(lambda work: steps.claim(action, seen or action.fingerprint, work))


def asked(office: Office) -> tuple[Task, Action]:
    task = office.begin()
    return task, office.proposes(task)


def approved(office: Office) -> tuple[Task, Action]:
    task, action = asked(office)
    return task, office.approves_step(action)


def test_a_step_waits_for_a_person_and_costs_nobody_meanwhile(office: Office) -> None:
    task, action = asked(office)
    now = office.task(task)
    assert (now.state, now.waits_for, office.owed(task.subject)) == (S.WAITING, Wait.STEP, set())
    assert (action.state, action.shown) == (A.PROPOSED, WISH.shown)
    approval = Subject("approval", action.approval_id)
    assert office.owed(approval) == {"remind", "expire"}
    with office.looking() as work:
        kept = work.approvals.get(action.approval_id)
        assert (kept.subject, kept.fingerprint) == (action.subject, action.fingerprint)
        assert next(m.channel_id for m in work.messages.cards_of(action.subject)) == office.channel


def test_the_same_call_is_the_same_step(office: Office) -> None:
    task, action = asked(office)
    again = office.proposes(task)
    other = office.proposes(task, call="call-2")
    assert again.id == action.id != other.id


def test_what_was_approved_happens_once(office: Office) -> None:
    task, action = approved(office)
    assert (action.state, office.task(task).state) == (A.APPROVED, S.WORKING)
    assert (effect(office, action).state, office.owed(task.subject)) == (E.DUE, {"work"})
    claimed = claim(office, action)
    assert (claimed.state, claimed.attempts) == (E.SENDING, 1)
    office.does(lambda work: steps.done(action, claimed, "Sent.", work))
    office.does(lambda work: steps.done(action, claimed, "Sent.", work))
    assert (office.step(action).state, office.step(action).result) == (A.DONE, "Sent.")
    assert effect(office, action).state is E.DONE
    with pytest.raises(Conflict, match="done, so it was not done"):
        claim(office, action)
    names = [event.name for event in office.events(action.subject)]
    assert names == ["action.proposed", "action.approved", "action.started", "action.done"]


def test_fifty_who_approve_at_once_make_one_effect(office: Office, database_url: str) -> None:
    task, action = asked(office)
    seen = action.fingerprint[:SHOWN]
    people = [office.people[name] for name in ("Mia", "Max", "Alice")]
    doors = [opened(database_url, office.now) for _ in range(10)]

    def press(door: Storage, by: Person) -> None:
        with door.unit_of_work() as work:
            steps.approve(action.id, by, seen, work)

    clicks = [(doors[n % 10], people[n % 3]) for n in range(50)]
    outcomes = at_once(*[lambda d=d, p=p: press(d, p) for d, p in clicks])
    for door in doors:
        door.engine.dispose()
    assert outcomes.count(None) == 1
    assert all(isinstance(one, Conflict) for one in outcomes if one is not None)
    with office.looking() as work:
        assert len(work.effects.about(action.subject)) == 1
    assert office.owed(task.subject) == {"work"}


def test_only_what_was_approved_happens(office: Office) -> None:
    _, action = approved(office)
    other = fingerprint("send_email", {**MAIL, "to": "eve@example.com"}, {})
    with pytest.raises(Stale, match="not what was approved"):
        claim(office, action, other)
    assert effect(office, action).state is E.DUE


def test_a_button_of_another_step_decides_nothing(office: Office) -> None:
    _, action = asked(office)
    with pytest.raises(Stale):
        office.does(lambda work: steps.approve(action.id, office.people["Mia"], "0" * SHOWN, work))
    assert office.step(action).state is A.PROPOSED


def test_only_who_may_decides(office: Office) -> None:
    _, action = asked(office)
    for name in ("Bob", "Charlie"):
        with pytest.raises(Forbidden):
            office.approves_step(action, name)
    key = replace(office.people["Mia"], via="ci")
    with pytest.raises(Forbidden, match="API key ci"):
        office.does(lambda work: steps.approve(action.id, key, action.fingerprint, work))


def test_two_have_to_approve_where_the_policy_says_so(office: Office) -> None:
    office.policy("ada", quorum=2)
    task, action = asked(office)
    assert office.approves_step(action, "Mia").state is A.PROPOSED
    with pytest.raises(Conflict, match="You approved this already"):
        office.approves_step(action, "Mia")
    assert office.task(task).state is S.WAITING
    assert office.approves_step(action, "Max").state is A.APPROVED
    assert office.task(task).state is S.WORKING


def test_a_standing_approval_does_not_count(office: Office) -> None:
    task = office.begin()
    with office.storage.unit_of_work() as work:
        until = work.now + timedelta(days=3)
        ada, alice = office.personas["ada"], office.people["Alice"]
        grant = work.personas.grant_standing(ada.id, "", alice.id, 5, until, work.now)
    assert office.proposes(task).state is A.PROPOSED
    with office.looking() as work:
        assert [one.left for one in work.personas.standing(ada.id, work.now)] == [grant.left]


def test_what_is_refused_is_told_with_its_reason(office: Office) -> None:
    task, action = asked(office)
    seen = action.fingerprint
    refused = office.does(
        lambda work: steps.refuse(action.id, office.people["Mia"], seen, "Wrong man.", work)
    )
    assert (refused.state, refused.result) == (A.REFUSED, "Mia refused it: Wrong man.")
    assert (office.task(task).state, office.owed(task.subject)) == (S.WORKING, {"work"})


def test_what_was_approved_is_taken_back_until_it_begins(office: Office) -> None:
    _, action = approved(office)
    alice = office.people["Alice"]
    office.does(lambda work: steps.refuse(action.id, alice, action.fingerprint, "", work))
    assert (office.step(action).state, effect(office, action).state) == (A.REFUSED, E.CANCELLED)
    _, other = approved_again(office)
    claim(office, other)
    with pytest.raises(Conflict, match="Too late"):
        office.does(lambda work: steps.refuse(other.id, alice, other.fingerprint, "", work))


def approved_again(office: Office) -> tuple[Task, Action]:
    [task] = office.in_state(S.WORKING)
    return task, office.approves_step(office.proposes(task, call="call-9"))


def test_nobody_decided_and_that_is_a_no(office: Office) -> None:
    task, action = asked(office)
    office.now.forward(timedelta(hours=73))
    office.works_off()
    assert (office.step(action).state, office.task(task).state) == (A.EXPIRED, S.WORKING)
    assert office.said(task)[-1] == (
        "Nobody decided about “Send an e-mail to max@example.com” in time, so it is not done."
    )
    with pytest.raises(Conflict):
        office.approves_step(action)


def test_whoever_may_decide_is_told_reminded_and_in_the_end_somebody_else(office: Office) -> None:
    office.policy("ada", escalate_to=office.people["Alice"].id)
    task, action = asked(office)
    office.now.forward(timedelta(hours=5))
    office.works_off()
    assert office.said(task)[-1].startswith("Still waiting for a decision")
    office.now.forward(timedelta(hours=32))
    office.works_off()
    assert office.alerts(action.subject) == [AlertKind.APPROVAL_ESCALATED]
    assert [event.name for event in office.events(action.subject)][-1] == "approval.escalated"


def test_nothing_leaves_while_troupe_is_halted(office: Office) -> None:
    _, action = approved(office)
    office.does(lambda work: work.switches.set("halted", {"by": "Mia"}))
    with pytest.raises(Later):
        claim(office, action)
    assert effect(office, action).state is E.DUE


def test_nothing_leaves_for_a_task_that_was_paused_or_given_away(office: Office) -> None:
    task, action = approved(office)
    office.does(lambda work: steer.pause(task.id, office.people["Bob"], work))
    with pytest.raises(moves.Stopped):
        claim(office, action)
    office.does(lambda work: steer.resume(task.id, office.people["Bob"], work))
    assert claim(office, action).attempts == 1


def test_a_worker_that_died_in_the_middle_is_followed_by_one_that_looks_first(office: Office) -> None:
    _, action = approved(office)
    claim(office, action)
    again = claim(office, action)
    assert (again.state, again.attempts) == (E.SENDING, 2)


def test_what_failed_for_certain_is_told_to_the_persona(office: Office) -> None:
    task, action = approved(office)
    claimed = claim(office, action)
    office.does(lambda work: steps.failed(action, claimed, "The server does not know max.", work))
    assert (office.step(action).state, office.step(action).result) == (
        A.FAILED,
        "The server does not know max.",
    )
    assert (office.task(task).state, office.alerts(action.subject)) == (S.WORKING, [])


def unsure(office: Office) -> tuple[Task, Action]:
    task, action = approved(office)
    claimed = claim(office, action)
    office.does(lambda work: steps.unsure(action, claimed, "The connection broke.", work))
    return task, action


def test_where_nobody_can_tell_a_person_is_asked(office: Office) -> None:
    task, action = unsure(office)
    assert (office.step(action).state, effect(office, action).state) == (A.UNKNOWN, E.UNKNOWN)
    assert (office.task(task).waits_for, office.alerts(action.subject)) == (
        Wait.STEP,
        [AlertKind.STEP_UNKNOWN],
    )
    assert office.owed(task.subject) == set()
    with pytest.raises(Forbidden):
        office.does(lambda work: steps.happened(action.id, office.people["Bob"], work))


def test_a_person_who_saw_it_settles_it(office: Office) -> None:
    task, action = unsure(office)
    office.does(lambda work: steps.happened(action.id, office.people["Mia"], work))
    assert (office.step(action).state, effect(office, action).state) == (A.DONE, E.DONE)
    assert (office.task(task).state, office.alerts(action.subject)) == (S.WORKING, [])


def test_what_did_not_happen_is_done_under_the_same_approval(office: Office) -> None:
    task, action = unsure(office)
    office.does(lambda work: steps.did_not(action.id, office.people["Mia"], work))
    assert (office.step(action).state, office.task(task).state) == (A.APPROVED, S.WORKING)
    claimed = claim(office, action)
    assert (claimed.attempts, claimed.fingerprint) == (1, action.fingerprint)
    with office.looking() as work:
        assert work.approvals.get(action.approval_id).state is ApprovalState.APPROVED


def test_a_task_that_is_stopped_asks_nobody_any_more(office: Office) -> None:
    task, waiting = asked(office)
    ready = office.approves_step(office.proposes(task, call="call-2"))
    office.does(lambda work: steer.stop(task.id, office.people["Bob"], work))
    assert [office.step(one).state for one in (waiting, ready)] == [A.REFUSED, A.REFUSED]
    assert effect(office, ready).state is E.CANCELLED
    assert office.owed(Subject("approval", waiting.approval_id)) == set()
    with pytest.raises(Conflict):
        office.approves_step(waiting)


def test_what_was_under_way_when_its_task_was_stopped_is_not_forgotten(office: Office) -> None:
    task, action = approved(office)
    claimed = claim(office, action)
    office.does(lambda work: steer.stop(task.id, office.people["Bob"], work))
    assert (office.step(action).state, office.alerts(action.subject)) == (A.UNKNOWN, [AlertKind.STEP_UNKNOWN])
    office.does(lambda work: steps.done(action, claimed, "Sent.", work))
    assert (office.step(action).state, office.alerts(action.subject)) == (A.DONE, [])
    assert office.task(task).state is S.CANCELLED


def test_in_doubt_about_a_stopped_task_nothing_is_done_again(office: Office) -> None:
    task, action = approved(office)
    claim(office, action)
    office.does(lambda work: steer.stop(task.id, office.people["Bob"], work))
    office.does(lambda work: steps.did_not(action.id, office.people["Mia"], work))
    assert (office.step(action).state, effect(office, action).state) == (A.FAILED, E.FAILED)
    assert "work" not in office.owed(task.subject)


def test_what_is_not_what_was_approved_any_more_is_used_up(office: Office) -> None:
    _, action = approved(office)
    office.does(lambda work: steps.changed(office.step(action), "The file changed.", work))
    assert (office.step(action).state, effect(office, action).state) == (A.REFUSED, E.CANCELLED)
    with office.looking() as work:
        assert work.approvals.get(action.approval_id).state is ApprovalState.VOID


def test_the_files_that_go_along_are_part_of_what_is_approved(office: Office) -> None:
    task = office.begin()
    one = office.proposes(task, "a", Wish("Mail", "m", {"output/a.pdf": "1" * 64}))
    two = office.proposes(task, "b", Wish("Mail", "m", {"output/a.pdf": "2" * 64}))
    assert one.fingerprint != two.fingerprint
