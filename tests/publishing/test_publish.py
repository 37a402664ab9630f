"""What is approved goes out once; how each outcome is told; what keeps a post from leaving."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict
from datetime import timedelta

import pytest
from sqlalchemy import update

from agents import halt
from agents.approvals import decide
from agents.approvals.approval import ApprovalState
from agents.effects.effect import EffectKind, EffectState
from agents.errors import Conflict, Forbidden
from agents.oncall.kinds import AlertKind
from agents.people import Role
from agents.personas import manage
from agents.publishing import mend
from agents.publishing.platform import OutcomeUnknown, RateLimited, Rejected, SignInNeeded
from agents.publishing.publish import GRACE, TRIES
from agents.writing import draft
from agents.writing.content import Content, Segment
from agents.writing.post import State, Variant
from storage.tables import AccountRow, ApprovalRow, EffectRow, VersionRow
from storage.unit_of_work import UnitOfWork
from tests.publishing.desk import Desk, Dies, Killed
from tests.publishing.fake import FakePublisher
from tests.storage.cast import Now, account, person, persona

LOST = OutcomeUnknown("The connection broke.")


def test_what_was_approved_goes_out(desk: Desk, fake: FakePublisher) -> None:
    post = desk.approved("Exactly this")
    assert desk.publish(post) is None

    after, effect = desk.post(post), desk.effect(post)
    assert fake.texts == ["Exactly this"]
    assert (after.state, after.trouble, after.published_at is None) == (State.PUBLISHED, "", False)
    assert after.url == f"https://fake.test/{effect.minted[0].key}"
    assert (effect.state, effect.attempts) == (EffectState.DONE, 1)
    assert desk.outcomes(post) == ["done"]
    assert desk.events(post) == ["post.approved", "post.publishing", "post.published"]
    assert desk.alerts(post) == []
    assert fake.calls == ["send"], "a first try has nothing to look for"


def test_a_second_run_does_nothing(desk: Desk, fake: FakePublisher) -> None:
    post = desk.approved("Once")
    for _ in range(3):
        assert desk.publish(post) is None
    assert fake.calls == ["send"]
    assert desk.outcomes(post) == ["done"]


def test_what_nobody_approved_stays(desk: Desk, fake: FakePublisher) -> None:
    post = desk.waiting("Not yet")
    assert desk.publish(post) is None
    assert fake.calls == []
    assert desk.post(post).state is State.IN_REVIEW


def test_rejected_by_the_platform(desk: Desk, fake: FakePublisher) -> None:
    post = desk.approved()
    fake.fails("send", Rejected("It says no. Nothing of it is out.", remedy="Say it otherwise."))
    assert desk.publish(post) is None

    assert (desk.post(post).state, desk.effect(post).state) == (State.FAILED, EffectState.FAILED)
    assert desk.post(post).trouble == "It says no. Nothing of it is out."
    (alert,) = desk.alerts(post)
    assert alert.kind is AlertKind.PUBLISH_FAILED
    assert "It says no" in alert.what
    assert "stage" in alert.what
    assert alert.remedy == "Say it otherwise."
    assert "are kept" in alert.kept
    assert desk.outcomes(post) == ["rejected"]
    desk.publish(post)
    assert fake.calls == ["send"], "nobody pressed Retry"


def test_retry_sends_it_under_the_same_approval(desk: Desk, fake: FakePublisher) -> None:
    post = desk.approved("Again")
    fake.fails("send", Rejected("No."))
    desk.publish(post)
    before = desk.effect(post)
    desk.does(lambda work: mend.retry(post.id, desk.bob, work))
    assert desk.alerts(post) == []
    assert desk.publish(post) is None
    after = desk.effect(post)
    assert fake.texts == ["Again"]
    assert (after.id, after.minted, after.approval_id) == (before.id, before.minted, before.approval_id)
    assert desk.post(post).state is State.PUBLISHED


def test_told_to_wait_it_waits_and_goes_out(desk: Desk, fake: FakePublisher, now: Now) -> None:
    post = desk.approved("Patience")
    fake.fails("send", RateLimited("Too many posts.", retry_after_s=90))
    began = now()
    later = desk.publish(post)
    assert later is not None
    assert timedelta(seconds=90) <= later.at - began < timedelta(seconds=91)
    assert (desk.post(post).state, desk.effect(post).state) == (State.APPROVED, EffectState.DUE)
    assert "by itself" in desk.post(post).trouble
    assert desk.alerts(post) == []

    now.forward(timedelta(seconds=90) + 2 * GRACE)
    assert desk.publish(post) is None, "what waited because it was told to is not missed"
    assert fake.texts == ["Patience"]
    assert desk.post(post).trouble == ""
    assert desk.outcomes(post) == ["rate_limited", "done"]


def test_signed_out_reconnected_and_retried(desk: Desk, fake: FakePublisher) -> None:
    post = desk.approved("Back in")
    fake.fails("send", SignInNeeded("The session is over."))
    desk.publish(post)
    assert desk.account_now().state == "sign_in_needed"
    (alert,) = desk.alerts(post)
    assert (alert.kind, alert.remedy) == (
        AlertKind.SIGN_IN_NEEDED,
        "Reconnect the account, then press Retry.",
    )
    assert desk.post(post).state is State.FAILED

    with desk.storage.unit_of_work() as work:
        again = work.accounts.connect(desk.ada.id, "stage", desk.ada.handle, {"token": "t1"}, work.now)
    assert again == desk.account
    desk.does(lambda work: mend.retry(post.id, desk.bob, work))
    assert desk.publish(post) is None
    assert fake.texts == ["Back in"]
    assert desk.account_now().state == "connected"


@pytest.mark.parametrize("delivered", [True, False])
def test_an_unknown_outcome_is_looked_up_before_it_is_sent_again(
    desk: Desk, fake: FakePublisher, delivered: bool
) -> None:
    post = desk.approved("Did it arrive?")
    fake.fails("send", LOST, delivered=delivered)
    later = desk.publish(post)
    assert later is not None
    assert (desk.post(post).state, desk.effect(post).state) == (State.PUBLISHING, EffectState.SENDING)
    assert "Trying again by itself" in desk.post(post).trouble

    assert desk.publish(post) is None
    assert fake.calls == ["send", "find"] + ([] if delivered else ["send"])
    assert len(fake.arrived) == 1
    assert desk.post(post).state is State.PUBLISHED
    assert desk.post(post).trouble == ""


def unknown(desk: Desk, *texts: str) -> Variant:
    """A post that nobody could send or find until a person is asked."""
    post = desk.approved(*texts)
    desk.fake.fails("send", LOST, times=TRIES)
    desk.fake.fails("find", LOST, times=TRIES - 1)
    pauses = []
    for _ in range(TRIES - 1):
        began = desk.now()
        later = desk.publish(post)
        assert later is not None
        pauses.append(round((later.at - began).total_seconds()))
        desk.now.moment = later.at
    assert pauses == [1, 2, 4, 8, 16, 32, 60]
    assert desk.publish(post) is None
    return post


def test_after_enough_tries_a_person_is_asked(desk: Desk, fake: FakePublisher) -> None:
    post = unknown(desk, "Where is it?")
    assert (desk.post(post).state, desk.effect(post).state) == (State.UNKNOWN, EffectState.UNKNOWN)
    (alert,) = desk.alerts(post)
    assert alert.kind is AlertKind.PUBLISH_UNKNOWN
    assert "may or may not be out" in alert.what
    assert "nothing is sent again until you say so" in alert.kept
    assert "It is live" in alert.remedy
    asked = list(fake.calls)
    desk.publish(post)
    assert fake.calls == asked, "nothing is asked or sent until a person says so"
    assert desk.outcomes(post) == ["outcome_unknown"] * TRIES


def test_a_person_found_it_live(desk: Desk, fake: FakePublisher) -> None:
    post = unknown(desk, "Here")
    desk.does(lambda work: mend.is_live(post.id, desk.alice, work))
    assert (desk.post(post).state, desk.effect(post).state) == (State.PUBLISHED, EffectState.DONE)
    assert desk.alerts(post) == []
    assert fake.arrived == []
    assert desk.events(post)[-2:] == ["post.found_live", "post.published"]


def test_a_thread_that_broke_off_cannot_be_called_live(desk: Desk, fake: FakePublisher) -> None:
    post = unknown(desk, "One", "Two", "Three")
    with pytest.raises(Conflict, match="Only 0 of 3 posts of this thread are proven out"):
        desk.does(lambda work: mend.is_live(post.id, desk.alice, work))
    assert desk.post(post).state is State.UNKNOWN


def test_a_person_found_it_missing(desk: Desk, fake: FakePublisher) -> None:
    post = unknown(desk, "Nowhere")
    fake.calm()
    desk.does(lambda work: mend.is_not_live(post.id, desk.alice, work))
    assert desk.alerts(post) == []
    assert desk.publish(post) is None
    assert fake.texts == ["Nowhere"]
    assert len(fake.arrived) == 1
    assert fake.calls[-2:] == ["find", "send"], "people err: it is looked up all the same"


def test_only_who_may_approve_says_whether_it_is_live(desk: Desk) -> None:
    post = unknown(desk, "Hm")
    for verb in (mend.is_live, mend.is_not_live):
        with pytest.raises(Forbidden, match="may approve this post"):
            desk.does(lambda work, verb=verb: verb(post.id, desk.bob, work))  # type: ignore[misc]
    assert desk.post(post).state is State.UNKNOWN


def test_a_thread_goes_on_at_the_segment_where_it_stopped(desk: Desk, fake: FakePublisher) -> None:
    post = desk.approved("One", "Two", "Three")
    fake.meanwhile("send", lambda: None)
    fake.fails("send", Rejected("Not this one."))
    desk.publish(post)
    assert fake.texts == ["One"]
    assert desk.post(post).trouble == "1 of 3 segments are out. Not this one."
    assert "1 of 3 segments are out" in desk.alerts(post)[0].kept

    desk.does(lambda work: mend.retry(post.id, desk.bob, work))
    desk.publish(post)
    assert fake.texts == ["One", "Two", "Three"]
    assert len(fake.arrived) == 3
    refs = [sent.ref for sent in desk.effect(post).sent]
    assert [out.reply_to for out in fake.out.values()] == ["", refs[0], refs[1]]


@pytest.mark.parametrize("how", ["content", "account", "time", "effect", "approval"])
def test_rows_changed_by_hand_send_nothing(desk: Desk, fake: FakePublisher, how: str) -> None:
    post = desk.approved("As approved")
    with desk.storage.unit_of_work() as work:
        tamper(how, post, work)
    assert desk.publish(post) is None
    assert fake.calls == []
    assert (desk.post(post).state, desk.effect(post).state) == (State.FAILED, EffectState.FAILED)
    (alert,) = desk.alerts(post)
    assert "not what was approved" in alert.what
    assert desk.publish(post) is None
    assert fake.calls == []


def tamper(how: str, post: Variant, work: UnitOfWork) -> None:
    other = asdict(Content((Segment("As forged"),)))
    elsewhere = account(work, persona(work, "eve"))
    approval = update(ApprovalRow).where(ApprovalRow.id == post.approval_id)
    changes = {
        "content": update(VersionRow).where(VersionRow.variant_id == post.id).values(content=other),
        "account": update(AccountRow).where(AccountRow.id == post.account_id).values(handle="x"),
        "time": approval.values(publish_at=work.now + timedelta(days=1)),
        "effect": update(EffectRow)
        .where(EffectRow.subject == str(post.subject))
        .values(fingerprint="0" * 64),
        "approval": approval.values(state=ApprovalState.VOID.value),
    }
    work.connection.execute(changes[how])
    if how == "account":
        work.posts.swap(post, "forge it", account_id=elsewhere.id)


def paused(desk: Desk, work: UnitOfWork) -> None:
    manage.pause(desk.ada.id, desk.alice, work)


def running(desk: Desk, work: UnitOfWork) -> None:
    manage.resume(desk.ada.id, desk.alice, work)


def halted(desk: Desk, work: UnitOfWork) -> None:
    halt.halt("a bad day", desk.alice, work)


def resumed(desk: Desk, work: UnitOfWork) -> None:
    halt.resume(desk.alice, work)


Switch = Callable[[Desk, UnitOfWork], None]


@pytest.mark.parametrize(("off", "on"), [(halted, resumed), (paused, running)], ids=["halted", "paused"])
def test_while_it_is_stopped_nothing_leaves_and_nothing_is_lost(
    desk: Desk, fake: FakePublisher, off: Switch, on: Switch
) -> None:
    post = desk.approved("Held")
    with desk.storage.unit_of_work() as work:
        off(desk, work)
    began = desk.now()
    later = desk.publish(post)
    assert later is not None
    assert later.at - began < timedelta(seconds=6)
    assert fake.calls == []
    assert (desk.post(post).state, desk.effect(post).attempts) == (State.APPROVED, 0)
    with desk.storage.unit_of_work() as work:
        on(desk, work)
    assert desk.publish(post) is None
    assert fake.texts == ["Held"]


def test_what_is_in_doubt_is_not_looked_for_while_halted(desk: Desk, fake: FakePublisher) -> None:
    post = desk.approved("Half")
    fake.fails("send", LOST, delivered=True)
    desk.publish(post)
    with desk.storage.unit_of_work() as work:
        halted(desk, work)
    assert desk.publish(post) is not None
    assert fake.calls == ["send"]
    with desk.storage.unit_of_work() as work:
        resumed(desk, work)
    desk.publish(post)
    assert len(fake.arrived) == 1
    assert desk.post(post).state is State.PUBLISHED


def test_halted_in_the_middle_of_a_thread_the_rest_waits(desk: Desk, fake: FakePublisher) -> None:
    post = desk.approved("One", "Two")

    def halt_it() -> None:
        with desk.storage.unit_of_work() as work:
            halted(desk, work)

    fake.meanwhile("send", halt_it, delivered=True)
    assert desk.publish(post) is not None
    assert fake.texts == ["One"]
    with desk.storage.unit_of_work() as work:
        resumed(desk, work)
    assert desk.publish(post) is None
    assert fake.texts == ["One", "Two"]
    assert len(fake.arrived) == 2


def test_before_its_time_nothing_leaves(desk: Desk, fake: FakePublisher, now: Now) -> None:
    at = now() + timedelta(hours=1)
    post = desk.approved("Not yet", at=at)
    later = desk.publish(post)
    assert later is not None
    assert later.at == at
    assert fake.calls == []
    now.moment = at
    assert desk.publish(post) is None
    assert fake.texts == ["Not yet"]


def test_missed_beyond_grace_a_person_decides(desk: Desk, fake: FakePublisher, now: Now) -> None:
    at = now() + timedelta(hours=1)
    post = desk.approved("On time", at=at)
    now.moment = at + GRACE + timedelta(seconds=1)
    assert desk.publish(post) is None
    assert fake.calls == []
    assert (desk.post(post).state, desk.effect(post).state) == (State.MISSED, EffectState.CANCELLED)
    (alert,) = desk.alerts(post)
    assert alert.kind is AlertKind.PUBLISH_MISSED
    assert f"{at:%Y-%m-%d %H:%M} UTC" in alert.what
    assert "Post now" in alert.remedy

    seen = desk.effect(post).fingerprint
    desk.does(lambda work: decide.schedule(post.id, desk.alice, seen, None, work))
    assert desk.alerts(post) == []
    assert desk.publish(post) is None
    assert fake.texts == ["On time"]


def test_late_within_grace_it_goes_out(desk: Desk, fake: FakePublisher, now: Now) -> None:
    at = now() + timedelta(hours=1)
    post = desk.approved("A little late", at=at)
    now.moment = at + GRACE - timedelta(seconds=1)
    assert desk.publish(post) is None
    assert fake.texts == ["A little late"]


def test_another_worker_takes_over_between_two_segments(desk: Desk, fake: FakePublisher) -> None:
    post = desk.approved("One", "Two")
    asked = 0

    def hold() -> bool:
        nonlocal asked
        asked += 1
        if asked == 2:
            desk.publish(post)
            return False
        return True

    assert desk.publish(post, hold=hold) is None
    assert fake.texts == ["One", "Two"]
    assert len(fake.arrived) == 2
    assert desk.post(post).state is State.PUBLISHED
    assert desk.events(post).count("post.published") == 1


@pytest.mark.parametrize("delivered", [True, False])
def test_another_worker_takes_over_while_the_first_one_sends(
    desk: Desk, fake: FakePublisher, delivered: bool
) -> None:
    """The first one stalls for longer than its lease, before or after the platform got it; then it wakes up."""
    post = desk.approved("One", "Two")
    held = iter([True, False])
    fake.meanwhile("send", lambda: desk_runs(desk, post), delivered=delivered)
    assert desk.publish(post, hold=lambda: next(held, False)) is None
    assert fake.texts == ["One", "Two"]
    assert len(desk.effect(post).sent) == 2
    assert desk.post(post).state is State.PUBLISHED
    assert desk.events(post).count("post.published") == 1


def desk_runs(desk: Desk, post: Variant) -> None:
    assert desk.publish(post) is None


@pytest.mark.parametrize("error", [Rejected("No."), LOST, RateLimited("Wait.", retry_after_s=5)])
def test_the_failure_of_a_worker_that_was_overtaken_changes_nothing(
    desk: Desk, fake: FakePublisher, error: Rejected | OutcomeUnknown | RateLimited
) -> None:
    """It fails while the one that took over is still sending."""
    post = desk.approved("One")
    first, second = iter([True]), Dies(4)

    def overtaken() -> None:
        with pytest.raises(Killed):  # between its claim and its sending: the effect is in its hands
            desk.publish(post, dies=second)
        raise error

    fake.meanwhile("send", overtaken)
    assert desk.publish(post, hold=lambda: next(first, False)) is None
    assert (desk.post(post).state, desk.effect(post).state) == (State.PUBLISHING, EffectState.SENDING)
    assert desk.alerts(post) == []
    assert desk.publish(post) is None
    assert fake.texts == ["One"]
    assert len(fake.arrived) == 1


@pytest.mark.parametrize(
    "error", [Rejected("No."), SignInNeeded("Out."), RateLimited("Wait.", retry_after_s=9)]
)
def test_what_cannot_be_looked_for_is_still_in_doubt(
    desk: Desk, fake: FakePublisher, error: Rejected | SignInNeeded | RateLimited
) -> None:
    """It may be out from the first try: nobody may edit it and send it a second time before that is known."""
    post = desk.approved("Out already")
    fake.fails("send", LOST, delivered=True)
    fake.fails("find", error)
    desk.publish(post)
    assert desk.publish(post) is not None
    assert (desk.post(post).state, desk.effect(post).state) == (State.PUBLISHING, EffectState.SENDING)
    with pytest.raises(Conflict):
        edit(desk, post, "Something else")
    assert desk.publish(post) is None
    assert len(fake.arrived) == 1
    assert desk.post(post).state is State.PUBLISHED


def edit(desk: Desk, post: Variant, text: str) -> Variant:
    return desk.does(lambda work: draft.edit(post.id, desk.bob, "", text, desk.fake.rules, work))


def test_an_edit_of_a_scheduled_post_voids_its_approval(desk: Desk, fake: FakePublisher, now: Now) -> None:
    at = now() + timedelta(hours=1)
    post = desk.approved("First wording", at=at)
    before = desk.effect(post)
    edited = edit(desk, post, "Second wording")
    with desk.storage.reading() as work:
        assert work.approvals.get(before.approval_id).state is ApprovalState.VOID
        assert work.effects.get(before.id).state is EffectState.CANCELLED
        assert work.approvals.get(edited.approval_id).state is ApprovalState.PENDING
    now.moment = at
    assert desk.publish(post) is None
    assert fake.calls == []
    assert "approval.voided" in desk.events(post)


def test_a_thread_that_is_partly_out_is_not_vetoed_or_edited(
    desk: Desk, fake: FakePublisher, now: Now
) -> None:
    post = desk.approved("One", "Two")
    fake.meanwhile("send", lambda: None)
    fake.fails("send", RateLimited("Wait.", retry_after_s=5))
    desk.publish(post)
    seen = desk.effect(post).fingerprint
    with pytest.raises(Conflict, match="Too late to veto"):
        desk.does(lambda work: decide.veto(post.id, desk.alice, seen, "", work))
    with pytest.raises(Conflict):
        edit(desk, post, "Something else")
    now.forward(timedelta(seconds=5))
    assert desk.publish(post) is None
    assert fake.texts == ["One", "Two"]


def published(desk: Desk, *texts: str) -> Variant:
    post = desk.approved(*texts)
    desk.publish(post)
    return desk.does(lambda work: mend.take_down(post.id, desk.alice, work))


def test_taken_down_the_last_segment_first(desk: Desk, fake: FakePublisher) -> None:
    post = published(desk, "One", "Two", "Three")
    left: list[list[str]] = []
    for _ in range(3):
        fake.meanwhile("delete", lambda: left.append(fake.texts), delivered=True)
    assert desk.take_down(post) is None
    assert left == [["One", "Two"], ["One"], []]
    assert desk.post(post).state is State.TAKEN_DOWN
    assert desk.effect(post, EffectKind.TAKE_DOWN).state is EffectState.DONE
    desk.take_down(post)
    desk.publish(post)
    assert fake.calls == ["send"] * 3 + ["delete"] * 3


def test_a_take_down_in_doubt_is_tried_again(desk: Desk, fake: FakePublisher) -> None:
    post = published(desk, "One", "Two")
    fake.fails("delete", LOST, delivered=True)
    assert desk.take_down(post) is not None
    assert desk.post(post).state is State.TAKING_DOWN
    assert desk.take_down(post) is None
    assert fake.texts == []
    assert desk.outcomes(post, EffectKind.TAKE_DOWN) == ["outcome_unknown", "done"]


def test_what_cannot_be_taken_down_is_still_up_and_said_to_be(desk: Desk, fake: FakePublisher) -> None:
    post = published(desk, "Stuck")
    fake.fails("delete", Rejected("It may not be removed."))
    assert desk.take_down(post) is None
    assert desk.post(post).state is State.PUBLISHED
    assert desk.post(post).trouble == "Still up: It may not be removed."
    (alert,) = desk.alerts(post)
    assert alert.kind is AlertKind.TAKE_DOWN_FAILED
    desk.does(lambda work: mend.take_down(post.id, desk.alice, work))
    assert desk.take_down(post) is None
    assert fake.texts == []
    assert desk.alerts(post) == []


def test_nothing_is_taken_down_while_halted(desk: Desk, fake: FakePublisher) -> None:
    post = published(desk, "Stays for now")
    with desk.storage.unit_of_work() as work:
        halted(desk, work)
    assert desk.take_down(post) is not None
    assert fake.texts == ["Stays for now"]


def test_only_who_may_approve_takes_down(desk: Desk) -> None:
    post = desk.approved()
    desk.publish(post)
    with desk.storage.unit_of_work() as work:
        mia = person(work, "Mia", Role.MANAGER)
    with pytest.raises(Forbidden, match="may approve this post"):
        desk.does(lambda work: mend.take_down(post.id, desk.bob, work))
    assert desk.does(lambda work: mend.take_down(post.id, mia, work)).state is State.TAKING_DOWN
