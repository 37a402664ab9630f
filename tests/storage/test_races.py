"""Many hands on one row: exactly one wins, and the others are told so, on both databases."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta

import pytest

from agents.approvals.approval import ApprovalState, Decision, Verdict
from agents.approvals.policy import Policy
from agents.effects.effect import Effect, EffectKind, EffectState
from agents.errors import Conflict, NotSignedIn, Raced
from agents.events import Subject
from agents.oncall.alert import FLAPS, AlertState
from agents.oncall.kinds import AlertKind
from agents.people import Identity, Role
from agents.personas.persona import Profile
from agents.publishing.platform import Minted
from agents.writing.content import Content, Segment
from agents.writing.post import State, Version
from storage.stage import Stage
from storage.unit_of_work import Storage, UnitOfWork
from tests.storage.cast import Now, account, approval, at_once, person, persona, variant

HANDS = 8
ABOUT = Subject("post", "p1")


def many(storage: Storage, act: Callable[[UnitOfWork], object], hands: int = HANDS) -> list[object]:
    """What each of `hands` threads got out of `act` in a unit of work of its own."""

    def once() -> object:
        with storage.unit_of_work() as work:
            return act(work)

    return at_once(*[once] * hands)


def kinds(outcomes: list[object]) -> Counter[str]:
    return Counter(type(outcome).__name__ for outcome in outcomes)


def test_a_variant_changes_once(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        seen = variant(work)
    outcomes = many(storage, lambda work: work.posts.swap(seen, "schedule it", state=State.SCHEDULED))
    assert kinds(outcomes) == {"Variant": 1, "Raced": HANDS - 1}
    with storage.reading() as work:
        assert work.posts.variant(seen.id) in outcomes
        assert work.posts.variant(seen.id).revision == seen.revision + 1


def test_an_illegal_move_names_both_states(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        seen = variant(work, state=State.PUBLISHED)
        with pytest.raises(Conflict, match=r"published.*schedule it.*scheduled"):
            work.posts.swap(seen, "schedule it", state=State.SCHEDULED)


def test_an_approval_is_decided_once(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        asked = approval(work, variant(work))

    def decide(work: UnitOfWork) -> object:
        yes = Decision("p1", "Alice", Verdict.APPROVE, work.now)
        after = replace(asked, state=ApprovalState.APPROVED, decisions=(yes,), revision=asked.revision + 1)
        return work.approvals.swap(asked, after)

    assert kinds(many(storage, decide)) == {"Approval": 1, "Raced": HANDS - 1}
    with storage.reading() as work:
        assert len(work.approvals.get(asked.id).decisions) == 1


def test_an_effect_is_claimed_once(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        asked = approval(work, variant(work))
        effect = Effect("e1", EffectKind.PUBLISH, asked.subject, asked.id, "f", EffectState.DUE, work.now)
        work.effects.add(effect, work.now)

    def claim(work: UnitOfWork) -> object:
        work.effects.note_intent(effect, (Minted(0, work.new_id(), work.now),))
        return work.effects.swap(effect, state=EffectState.SENDING, attempts=1)

    assert kinds(many(storage, claim)) == {"Effect": 1, "Raced": HANDS - 1}
    with storage.reading() as work:
        assert len(work.effects.get("e1").minted) == 1


def test_an_approval_has_one_effect_of_a_kind(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        asked = approval(work, variant(work))

    def owe(work: UnitOfWork) -> None:
        effect = Effect(
            work.new_id(), EffectKind.PUBLISH, asked.subject, asked.id, "f", EffectState.DUE, work.now
        )
        work.effects.add(effect, work.now)

    assert kinds(many(storage, owe)) == {"NoneType": 1, "Raced": HANDS - 1}


def test_a_version_has_one_author_at_a_time(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        seen, alice = variant(work), person(work)

    def write(work: UnitOfWork) -> None:
        content = Content((Segment(f"words {work.new_id()}"),))
        work.posts.add_version(Version(seen.id, 2, content, alice.actor, frozenset(), work.now))

    assert kinds(many(storage, write)) == {"NoneType": 1, "Raced": HANDS - 1}
    with storage.reading() as work:
        assert [v.number for v in work.posts.versions(seen.id)] == [1, 2]


def test_one_cause_is_one_alert_however_many_raise_it(storage: Storage) -> None:
    def fail(work: UnitOfWork) -> object:
        return work.raise_alert(AlertKind.PUBLISH_FAILED, ABOUT, "It failed.", kept="", remedy="")

    assert kinds(many(storage, fail)) == {"Alert": HANDS}
    with storage.reading() as work:
        [alert] = work.alerts.unresolved()
        assert alert.count == HANDS
        assert len(work.messages.cards_of(Subject("alert", alert.id))) <= 1


def test_the_same_cause_is_counted_while_it_is_not_resolved(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        first = work.raise_alert(AlertKind.PUBLISH_FAILED, ABOUT, "a", kept="", remedy="")
        again = work.raise_alert(AlertKind.PUBLISH_FAILED, ABOUT, "b", kept="", remedy="")
        other = work.raise_alert(AlertKind.PUBLISH_MISSED, ABOUT, "c", kept="", remedy="")
        assert (again.id, again.count, again.what) == (first.id, 2, "b")
        assert other.id != first.id
        now = work.alerts.get(first.id)
        work.alerts.change(now, state=AlertState.ACKNOWLEDGED, handled_by="Alice")
        still = work.raise_alert(AlertKind.PUBLISH_FAILED, ABOUT, "d", kept="", remedy="")
        assert (still.state, still.handled_by, still.count) == (AlertState.ACKNOWLEDGED, "Alice", 3)
        work.resolve_about(ABOUT, "Alice")
        resolved = work.alerts.get(first.id)
        with pytest.raises(Conflict, match=r"resolved by Alice.*acknowledged"):
            work.alerts.change(resolved, state=AlertState.ACKNOWLEDGED)


@pytest.mark.parametrize(("later", "same"), [(FLAPS - timedelta(seconds=1), True), (FLAPS * 1.1, False)])
def test_the_same_cause_soon_after_its_end_is_the_same_alert_again(
    storage: Storage, now: Now, later: timedelta, same: bool
) -> None:
    with storage.unit_of_work() as work:
        first = work.raise_alert(AlertKind.PUBLISH_FAILED, ABOUT, "a", kept="", remedy="")
        work.resolve_about(ABOUT, "Alice")
    now.forward(later)
    with storage.unit_of_work() as work:
        back = work.raise_alert(AlertKind.PUBLISH_FAILED, ABOUT, "b", kept="", remedy="")
    assert (back.id == first.id) is same
    assert (back.state, back.handled_by, back.resolved_at) == (AlertState.OPEN, "", None)
    assert (back.count, back.reopened) == ((2, 1) if same else (1, 0))


def test_a_cause_that_comes_back_while_many_look_is_open_once(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        first = work.raise_alert(AlertKind.PUBLISH_FAILED, ABOUT, "a", kept="", remedy="")
        work.resolve_about(ABOUT, "Alice")

    def fail(work: UnitOfWork) -> object:
        return work.raise_alert(AlertKind.PUBLISH_FAILED, ABOUT, "again", kept="", remedy="")

    outcomes = many(storage, fail)
    with storage.reading() as work:
        [alert] = work.alerts.unresolved()
    assert (alert.id, alert.reopened) == (first.id, 1)
    assert alert.count == 1 + kinds(outcomes)["Alert"], "who lost looks again, and is counted then"


def test_an_alert_is_handled_once(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        seen = work.raise_alert(AlertKind.JOB_FAILED, ABOUT, "x", kept="", remedy="")
    outcomes = many(storage, lambda work: work.alerts.change(seen, state=AlertState.RESOLVED))
    assert kinds(outcomes) == {"Alert": 1, "Raced": HANDS - 1}


def test_a_person_has_one_direct_channel(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        alice = person(work)
    outcomes = many(storage, lambda work: work.tell(alice.id, ABOUT))
    assert kinds(outcomes) == {"NoneType": HANDS}
    with storage.reading() as work:
        [channel] = work.channels.on("console")
        assert channel.direct_to == alice.id
        assert [m.channel_id for m in work.messages.cards_of(ABOUT)] == [channel.id]


def test_troupe_is_halted_by_one_person(storage: Storage) -> None:
    outcomes = many(storage, lambda work: work.switches.set("halted", {"by": work.new_id()}))
    assert outcomes.count(True) == 1 and outcomes.count(False) == HANDS - 1
    assert many(storage, lambda work: work.switches.clear("halted")).count(True) == 1
    with storage.reading() as work:
        assert work.switches.halted is None


def test_a_lease_has_one_holder_until_it_runs_out(storage: Storage) -> None:
    def take(work: UnitOfWork) -> object:
        return work.switches.lease("clock", work.new_id(), work.now, timedelta(seconds=5))

    assert many(storage, take).count(True) == 1
    assert many(storage, take).count(True) == 0
    with storage.unit_of_work() as work:
        later = work.now + timedelta(seconds=6)
        assert work.switches.lease("clock", "b", later, timedelta(seconds=5))
        assert not work.switches.lease("clock", "c", later, timedelta(seconds=5))
        work.switches.release("clock", "c")
        assert not work.switches.lease("clock", "c", later, timedelta(seconds=5))
        assert work.switches.lease("clock", "b", later, timedelta(seconds=5))
        work.switches.release("clock", "b")
        assert work.switches.lease("clock", "c", later, timedelta(seconds=5))


def test_a_sign_in_code_works_once(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        alice = person(work)
        code = work.access.new_code(alice.id, work.now)
    outcomes = many(storage, lambda work: work.access.use_code(code, work.now))
    assert outcomes.count(alice.id) == 1
    assert kinds(outcomes) == {"str": 1, "NotSignedIn": HANDS - 1}
    assert all("used already" in o.what for o in outcomes if isinstance(o, NotSignedIn))


@pytest.mark.parametrize(
    "take",
    [
        lambda work: work.people.add("Alice", Role.OWNER, work.now),
        lambda work: work.personas.add(Profile(name="Ada", handle="ada"), work.now),
        lambda work: work.channels.add("console", "general", work.now),
        lambda work: work.access.new_key("robot", work.people.everyone()[0].id, Role.EDITOR, work.now),
    ],
    ids=["person", "persona", "channel", "key"],
)
def test_a_name_is_taken_once(storage: Storage, take: Callable[[UnitOfWork], object]) -> None:
    """A loser meets the winner's row before its insert or at it; then it looks again and is told that it is taken."""
    with storage.unit_of_work() as work:
        person(work, "Zoe")
    outcomes = many(storage, take)
    assert len([o for o in outcomes if not isinstance(o, Exception)]) == 1
    assert len([o for o in outcomes if isinstance(o, Conflict)]) == HANDS - 1
    [again] = many(storage, take, 1)
    assert isinstance(again, Conflict) and not isinstance(again, Raced)


def test_an_identity_belongs_to_one_person(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        people = [person(work, f"P{number}") for number in range(HANDS)]

    def link(of: str) -> Callable[[], None]:
        def once() -> None:
            with storage.unit_of_work() as work:
                work.people.link(Identity(of, "slack", "U1"), work.now)

        return once

    assert kinds(at_once(*[link(p.id) for p in people])).keys() <= {"NoneType", "Raced", "Conflict"}
    with storage.unit_of_work() as work:
        owner = work.people.known_as("slack", "U1")
        assert owner in people
        work.people.link(Identity(owner.id, "slack", "U1"), work.now)
        other = next(p for p in people if p != owner)
        with pytest.raises(Conflict, match=owner.name):
            work.people.link(Identity(other.id, "slack", "U1"), work.now)


def test_a_first_policy_is_set_by_many(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        ada = persona(work)
    quorums = iter(range(1, HANDS + 1))

    def put(work: UnitOfWork) -> None:
        work.personas.set_policy(ada.id, "stage", Policy(quorum=next(quorums)))

    assert kinds(many(storage, put)) == {"NoneType": HANDS}
    with storage.reading() as work:
        assert work.personas.policy(ada.id, "stage").quorum in range(1, HANDS + 1)


def test_the_same_stage_post_put_by_two_workers_is_one(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        on = account(work, persona(work))
        at = work.now
    stage = Stage(storage.engine)
    put = [lambda: stage.put("k1", on.id, Segment("Hello"), "", at)] * HANDS
    assert kinds(at_once(*put)) == {"NoneType": HANDS}
    assert [post.key for post in stage.feed()] == ["k1"]


def test_a_standing_approval_is_used_as_often_as_it_says(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        ada, alice = persona(work), person(work)
        until = work.now + timedelta(days=1)
        given = work.personas.grant_standing(ada.id, "", alice.id, 3, until, work.now)
    assert many(storage, lambda work: work.personas.use_standing(given.id)).count(True) == 3
    with storage.reading() as work:
        assert work.personas.standing(ada.id, work.now) == []
