"""What people press under a draft, and what comes of it: on both databases, with the real jobs."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import partial

import pytest

from agents.approvals import decide
from agents.approvals.approval import ApprovalState
from agents.approvals.decide import SOONEST
from agents.effects.effect import EffectState
from agents.errors import Conflict, Forbidden, Invalid, Stale
from agents.jobs import JobName, Later
from agents.oncall.kinds import AlertKind
from agents.publishing import publish
from agents.writing import draft
from agents.writing.post import State, Variant
from bot.platforms import RULES
from storage.unit_of_work import UnitOfWork
from tests.approvals.house import House, words

HOUR = timedelta(hours=1)
S, A = State, ApprovalState


def test_what_is_approved_goes_out_as_it_was_shown(house: House) -> None:
    post = house.draft(parts=2)
    with house.looking() as work:
        shown = [segment.text for segment in work.posts.version(post.id, 1).content.segments]
    house.approves("Mia", post)
    assert house.post(post).state is S.APPROVED
    house.work_off()
    assert house.post(post).state is S.PUBLISHED
    assert house.fake.texts == shown


def test_a_quorum_is_counted_before_anything_is_owed(house: House) -> None:
    house.policy(quorum=2)
    post = house.draft()
    house.approves("Mia", post)
    house.work_off()
    assert house.post(post).state is S.IN_REVIEW and house.fake.texts == []
    with pytest.raises(Conflict, match="approved this already"):
        house.approves("Mia", post)
    house.approves("Max", post)
    house.work_off()
    assert len(house.fake.texts) == 1


def test_a_policy_that_changes_later_does_not_reach_back(house: House) -> None:
    post = house.draft()
    house.policy(quorum=3)
    house.approves("Mia", post)
    assert house.post(post).state is S.APPROVED


def test_an_old_button_only_shows_the_new_version(house: House) -> None:
    post = house.draft()
    old = house.button(post)
    mia = house.people["Mia"]
    house.does(lambda work: draft.edit(post.id, house.people["Bob"], old, words(), RULES["stage"], work))
    presses: list[Callable[[UnitOfWork], Variant]] = [
        lambda work: decide.approve(post.id, mia, old, work),
        lambda work: decide.reject(post.id, mia, old, "", work),
        lambda work: decide.request_changes(post.id, mia, old, "shorter", work),
        lambda work: decide.veto(post.id, house.people["Alice"], old, "", work),
        lambda work: decide.schedule(post.id, mia, old, work.now + HOUR, work),
        lambda work: draft.edit(post.id, mia, old, words(), RULES["stage"], work),
    ]
    for press in presses:
        with pytest.raises(Stale):
            house.does(press)
    assert house.approval(post).decisions == ()
    house.approves("Mia", post)
    assert house.post(post).state is S.APPROVED


def test_an_edit_voids_what_was_approved_and_nothing_of_it_leaves(house: House) -> None:
    """Also of a post that is scheduled: text, time and approval belong together."""
    post = house.draft()
    seen = house.button(post)
    at = house.now.moment + 2 * HOUR
    house.does(lambda work: decide.schedule(post.id, house.people["Mia"], seen, at, work))
    scheduled = house.approval(post)
    house.does(lambda work: draft.edit(post.id, house.people["Bob"], "", words(), RULES["stage"], work))
    with house.looking() as work:
        assert work.approvals.get(scheduled.id).state is A.VOID
        effect = work.effects.of_approval(scheduled.id)
        assert effect is not None and effect.state is EffectState.CANCELLED
    house.now.forward(3 * HOUR)
    house.work_off()
    assert house.fake.texts == []
    assert house.post(post).state is S.IN_REVIEW
    [voided] = [e for e in house.events(post) if e.name == "approval.voided"]
    assert voided.before == {"approved_by": ["Mia"], "version": 1}


def test_a_new_time_is_a_new_decision_on_the_same_content(house: House) -> None:
    post = house.draft()
    mia = house.people["Mia"]
    first, second = house.now.moment + HOUR, house.now.moment + 5 * HOUR
    for at in (first, second):
        seen = house.button(post)
        schedule = partial(decide.schedule, post.id, mia, seen, at)
        house.does(schedule)
    assert (house.post(post).state, house.post(post).publish_at) == (S.SCHEDULED, second)
    house.now.forward(2 * HOUR)
    house.work_off()
    assert house.fake.texts == []
    house.now.forward(3 * HOUR)
    house.work_off()
    assert len(house.fake.texts) == 1


def test_a_job_that_was_taken_before_the_post_was_rescheduled_sends_nothing(house: House) -> None:
    """Its row is in a worker's hand, so it cannot be taken back; what it finds is the new effect."""
    post = house.draft()
    house.approves("Mia", post)
    seen, later = house.button(post), house.now.moment + 5 * HOUR
    house.does(lambda work: decide.schedule(post.id, house.people["Mia"], seen, later, work))
    outside = publish.Outside(house.storage.unit_of_work, {"stage": house.fake}, house.now, lambda: True)
    with pytest.raises(Later) as put_off:
        publish.publish(post.id, outside)
    assert put_off.value.at == later
    assert house.fake.calls == []


def test_with_a_quorum_of_two_both_approve_the_same_time(house: House) -> None:
    house.policy(quorum=2)
    post = house.draft()
    seen, at = house.button(post), house.now.moment + HOUR
    house.does(lambda work: decide.schedule(post.id, house.people["Mia"], seen, at, work))
    assert house.post(post).state is S.IN_REVIEW
    with pytest.raises(Stale):
        house.approves("Max", post, seen)
    house.approves("Max", post)
    assert house.post(post).state is S.SCHEDULED
    assert [d.person_name for d in house.approval(post).decisions] == ["Mia", "Max"]


def test_a_time_that_passed_before_the_second_yes_is_not_approved(house: House) -> None:
    house.policy(quorum=2)
    post = house.draft()
    seen, at = house.button(post), house.now.moment + HOUR
    house.does(lambda work: decide.schedule(post.id, house.people["Mia"], seen, at, work))
    house.now.forward(2 * HOUR)
    with pytest.raises(Conflict, match="time it was planned for has passed"):
        house.approves("Max", post)
    assert [d.person_name for d in house.approval(post).decisions] == ["Mia"]


@pytest.mark.parametrize(
    ("gap", "words"),
    [(-HOUR, "has passed"), (SOONEST, "has passed"), (timedelta(days=400), "more than a year")],
)
def test_a_time_that_makes_no_sense_is_refused(house: House, gap: timedelta, words: str) -> None:
    post = house.draft()
    seen = house.button(post)
    with pytest.raises(Invalid, match=words) as refused:
        house.does(lambda work: decide.schedule(post.id, house.people["Mia"], seen, work.now + gap, work))
    assert refused.value.field == "at"


def test_taking_the_time_away_asks_again(house: House) -> None:
    post = house.draft()
    seen, at = house.button(post), house.now.moment + HOUR
    house.does(lambda work: decide.schedule(post.id, house.people["Mia"], seen, at, work))
    seen = house.button(post)
    with pytest.raises(Forbidden):
        house.does(lambda work: decide.unschedule(post.id, house.people["Charlie"], seen, work))
    house.does(lambda work: decide.unschedule(post.id, house.people["Bob"], seen, work))
    assert (house.post(post).state, house.post(post).publish_at) == (S.IN_REVIEW, None)
    house.now.forward(2 * HOUR)
    house.work_off()
    assert house.fake.texts == []


def test_asking_for_changes_brings_the_next_version_with_all_feedback(house: House) -> None:
    post = house.draft()
    for feedback in ("shorter", "and funnier"):
        seen = house.button(post)
        house.does(partial(decide.request_changes, post.id, house.people["Mia"], seen, feedback))
        assert house.post(post).state is S.WRITING
        house.work_off()
    with house.looking() as work:
        assert draft.feedback(post.id, work) == ("shorter", "and funnier")
        assert [v.note for v in work.posts.versions(post.id)] == ["", "shorter", "and funnier"]
    seen = house.button(post)
    with pytest.raises(Invalid) as refused:
        house.does(lambda work: decide.request_changes(post.id, house.people["Mia"], seen, "  ", work))
    assert refused.value.field == "feedback"


def test_a_veto_stops_what_nobody_sent_yet_and_only_that(house: House) -> None:
    post = house.draft()
    house.approves("Mia", post)
    seen, alice = house.button(post), house.people["Alice"]
    house.does(lambda work: decide.veto(post.id, alice, seen, "no", work))
    house.work_off()
    assert house.post(post).state is S.REJECTED and house.fake.texts == []
    out = house.draft()
    house.approves("Mia", out)
    house.work_off()
    seen = house.button(out)
    with pytest.raises(Conflict, match="on its way or out"):
        house.does(lambda work: decide.veto(out.id, alice, seen, "", work))


def test_who_may_not_veto_does_not_ask_again_for_what_was_vetoed(house: House) -> None:
    post = house.draft()
    seen = house.button(post)
    house.does(lambda work: decide.veto(post.id, house.people["Alice"], seen, "no", work))
    with pytest.raises(Forbidden, match="was vetoed"):
        house.does(lambda work: decide.ask_again(post.id, house.people["Mia"], work))
    house.does(lambda work: decide.ask_again(post.id, house.people["Alice"], work))
    assert house.post(post).state is S.IN_REVIEW


def test_a_version_that_was_rejected_may_be_asked_for_again(house: House) -> None:
    post = house.draft()
    seen = house.button(post)
    house.does(lambda work: decide.reject(post.id, house.people["Mia"], seen, "by mistake", work))
    assert house.post(post).state is S.REJECTED
    house.does(lambda work: decide.ask_again(post.id, house.people["Bob"], work))
    with pytest.raises(Conflict, match="waiting for approval"):
        house.does(lambda work: decide.ask_again(post.id, house.people["Bob"], work))
    house.approves("Max", post)
    house.work_off()
    assert len(house.fake.texts) == 1


def test_what_is_waiting_for_a_decision_is_not_written_again(house: House) -> None:
    post = house.draft()
    with pytest.raises(Conflict, match="waiting for approval"):
        house.does(lambda work: draft.write_again(post.id, house.people["Bob"], work))
    house.approves("Mia", post)
    assert house.post(post).state is S.APPROVED


def test_a_check_that_fails_keeps_a_version_from_being_approved(house: House) -> None:
    post = house.draft()
    house.does(lambda work: draft.edit(post.id, house.people["Bob"], "", "long " * 200, RULES["stage"], work))
    seen, mia = house.button(post), house.people["Mia"]
    presses: list[Callable[[UnitOfWork], Variant]] = [
        lambda work: decide.approve(post.id, mia, seen, work),
        lambda work: decide.schedule(post.id, mia, seen, work.now + HOUR, work),
    ]
    for press in presses:
        with pytest.raises(Conflict, match=r"does not pass its checks: length: .* too long"):
            house.does(press)
    assert house.approval(post).state is A.PENDING


def test_everybody_who_may_decide_is_told_but_for_who_asked(house: House) -> None:
    post = house.draft(by="Mia")
    assert [name for name in house.people if post.subject in house.told(name)] == ["Alice", "Max"]
    house.policy(approvers=("Bob", "Charlie"))
    other = house.draft(by="Bob")
    assert [name for name in house.people if other.subject in house.told(name)] == ["Charlie"]


def test_nobody_is_told_who_could_not_approve_it(house: House) -> None:
    """Mia wrote a part of it, so her yes would not count."""
    post = house.draft()
    house.does(lambda work: draft.edit(post.id, house.people["Mia"], "", words(), RULES["stage"], work))
    with pytest.raises(Forbidden, match="You wrote a part"):
        house.approves("Mia", post)
    house.approves("Max", post)
    assert house.post(post).state is S.APPROVED


def test_nobody_decides_so_they_are_reminded_somebody_else_is_told_and_it_expires(house: House) -> None:
    house.policy(expires_after_hours=24, remind_after_hours=4, escalate_to="Charlie")
    post = house.draft()
    assert post.subject not in house.told("Charlie")
    house.now.forward(timedelta(hours=4, minutes=1))
    house.work_off()
    assert "approval.reminded" in [e.name for e in house.events(post)]
    house.now.forward(timedelta(hours=8))
    house.work_off()
    assert post.subject in house.told("Charlie")
    assert house.alerts(post) == [AlertKind.APPROVAL_ESCALATED]
    house.now.forward(timedelta(hours=12))
    house.work_off()
    assert house.post(post).state is S.EXPIRED
    assert house.alerts(post) == [AlertKind.APPROVAL_EXPIRED], "waiting is over"
    with pytest.raises(Conflict, match="expired"):
        house.approves("Mia", post)
    house.does(lambda work: decide.ask_again(post.id, house.people["Bob"], work))
    assert house.alerts(post) == []
    house.approves("Mia", post)
    house.work_off()
    assert len(house.fake.texts) == 1


def test_a_decision_takes_back_its_timers(house: House) -> None:
    post = house.draft()
    house.approves("Mia", post)
    house.work_off()
    house.now.forward(timedelta(days=9))
    with house.storage.unit_of_work() as work:
        assert [owed.job.name for owed in work.jobs.claim_due(work.now)] == []
    assert house.post(post).state is S.PUBLISHED


def test_what_was_missed_is_asked_about_and_can_still_go_out(house: House) -> None:
    post = house.draft()
    seen, at = house.button(post), house.now.moment + HOUR
    mia = house.people["Mia"]
    house.does(lambda work: decide.schedule(post.id, mia, seen, at, work))
    house.now.forward(HOUR + publish.GRACE + timedelta(seconds=1))
    house.work_off()
    assert (house.post(post).state, house.alerts(post)) == (S.MISSED, [AlertKind.PUBLISH_MISSED])
    assert house.fake.calls == []
    seen = house.button(post)
    house.does(lambda work: decide.schedule(post.id, mia, seen, None, work))
    house.work_off()
    assert house.post(post).state is S.PUBLISHED and len(house.fake.texts) == 1


def test_what_was_missed_can_be_dropped(house: House) -> None:
    post = house.draft()
    seen, at = house.button(post), house.now.moment + HOUR
    house.does(lambda work: decide.schedule(post.id, house.people["Mia"], seen, at, work))
    house.now.forward(2 * HOUR)
    house.work_off()
    seen = house.button(post)
    house.does(lambda work: decide.drop(post.id, house.people["Bob"], seen, work))
    assert house.post(post).state is S.REJECTED and house.alerts(post) == []
    house.now.forward(2 * HOUR)
    house.work_off()
    assert house.fake.calls == []


def test_a_yes_given_beforehand_lets_out_what_has_no_remark(house: House) -> None:
    mia = house.people["Mia"]
    ada = house.personas["ada"].id
    with house.storage.unit_of_work() as work:
        given = work.personas.grant_standing(ada, "", mia.id, 2, work.now + timedelta(days=1), work.now)
    posts = [house.draft() for _ in range(3)]
    assert [house.post(post).state for post in posts] == [S.PUBLISHED, S.PUBLISHED, S.IN_REVIEW]
    [decision] = house.approval(posts[0]).decisions
    assert (decision.person_name, decision.standing) == ("Mia", True)
    with house.looking() as work:
        assert work.personas.standing(ada, work.now) == []
        assert not work.personas.use_standing(given.id)


def test_a_yes_given_beforehand_is_used_only_where_it_counts(house: House) -> None:
    """Not on a platform it is not for, not by who asked where askers may not, not twice by one person for a quorum."""
    house.policy(quorum=2, requester_may_approve=False)
    ada, until = house.personas["ada"].id, house.now.moment + timedelta(days=1)
    with house.storage.unit_of_work() as work:
        for name, platform in (("Mia", ""), ("Max", ""), ("Max", "stage"), ("Alice", "bluesky")):
            work.personas.grant_standing(ada, platform, house.people[name].id, 5, until, work.now)
    post = house.draft(by="Mia")
    assert house.post(post).state is S.IN_REVIEW
    assert [d.person_name for d in house.approval(post).decisions] == ["Max"]
    with house.looking() as work:
        left = sorted(grant.left for grant in work.personas.standing(ada, work.now))
    assert left == [4, 5, 5, 5]


def test_what_people_decided_is_on_record_with_before_and_after(house: House) -> None:
    house.policy(quorum=2)
    post = house.draft()
    house.approves("Mia", post)
    house.approves("Max", post)
    first, second = [e for e in house.events(post) if e.name == "post.approved"]
    assert (first.actor.name, first.before["approved_by"], first.after["approved_by"]) == ("Mia", 0, 1)
    assert (second.before["approval"], second.after["approval"]) == ("pending", "approved")
    assert second.after["fingerprint"] == house.approval(post).fingerprint
    assert second.after["quorum"] == 2 and second.after["version"] == 1


def test_the_worker_is_rung_at_once_and_once(house: House) -> None:
    post = house.draft()
    house.bell.rung.clear()
    house.approves("Mia", post)
    owed = [owed.job for committed in house.bell.rung for owed in committed.owed]
    assert [(job.name, job.subject) for job in owed] == [(JobName.PUBLISH, post.subject)]
