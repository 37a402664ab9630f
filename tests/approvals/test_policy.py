"""Who may decide about a post, how many must, and what a decision does: the rule by itself."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from pydantic import ValidationError

from agents.approvals.approval import ALLOWED, Approval, ApprovalState, Verdict
from agents.approvals.policy import Policy
from agents.errors import Conflict, Forbidden, Stale
from agents.events import Subject
from agents.people import Person, Role

NOW = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)
SEEN = "0123456789abcdef" * 2
ALICE = Person("p-alice", "Alice", Role.OWNER)
MIA = Person("p-mia", "Mia", Role.MANAGER)
MAX = Person("p-max", "Max", Role.MANAGER)
BOB = Person("p-bob", "Bob", Role.EDITOR)
CHARLIE = Person("p-charlie", "Charlie", Role.VIEWER)
EVERYBODY = (ALICE, MIA, MAX, BOB, CHARLIE)
A, V = ApprovalState, Verdict


def asked(*, requested_by: Person = BOB, authors: tuple[Person, ...] = (), **policy: object) -> Approval:
    """A fresh approval under that policy."""
    return Approval(
        id="a1",
        subject=Subject("post", "v1"),
        version=1,
        fingerprint=SEEN,
        policy=Policy.model_validate(policy),
        state=A.PENDING,
        requested_by=requested_by.id,
        authors=frozenset(author.id for author in authors),
        created_at=NOW,
        expires_at=NOW + timedelta(hours=72),
    )


def decided(
    approval: Approval,
    by: Person,
    verdict: Verdict = V.APPROVE,
    seen: str = SEEN,
    *,
    alone: bool = False,
    via: str = "",
    at: datetime = NOW,
) -> Approval:
    return approval.decided(by, verdict, seen, at, alone=alone, via=via)


def may(approval: Approval, verdict: Verdict = V.APPROVE, *, alone: bool = False) -> set[str]:
    """Names of those who may."""
    names = set()
    for person in EVERYBODY:
        try:
            decided(approval, person, verdict, alone=alone)
            names.add(person.name)
        except Forbidden:
            continue
    return names


def test_managers_and_owners_decide_unless_the_policy_says_otherwise() -> None:
    assert may(asked()) == {"Alice", "Mia", "Max"}
    assert may(asked(approver_role="editor")) == {"Alice", "Mia", "Max", "Bob"}
    assert may(asked(approver_role="owner")) == {"Alice"}


def test_where_approvers_are_named_only_they_decide_whatever_their_role() -> None:
    named = asked(approvers=(BOB.id, CHARLIE.id))
    assert may(named) == {"Bob", "Charlie"}
    assert may(named, V.REJECT) == may(named, V.REQUEST_CHANGES) == {"Bob", "Charlie"}


@pytest.mark.parametrize("quorum", [1, 2, 3, 5])
def test_a_quorum_is_so_many_different_people(quorum: int) -> None:
    approval = asked(quorum=quorum, approver_role="viewer")
    for number, person in enumerate(EVERYBODY[:quorum], 1):
        assert approval.state is A.PENDING
        approval = decided(approval, person)
        assert approval.yes == number
    assert approval.state is A.APPROVED


def test_the_same_person_counts_once() -> None:
    once = decided(asked(quorum=2), ALICE)
    with pytest.raises(Conflict, match="You approved this already; it has 1 of 2"):
        decided(once, ALICE)


def test_who_asked_may_be_kept_from_approving_but_not_from_saying_no() -> None:
    own = asked(requested_by=MIA, requester_may_approve=False)
    assert may(own) == {"Alice", "Max"}
    assert may(own, V.REJECT) == may(own, V.REQUEST_CHANGES) == {"Alice", "Mia", "Max"}
    assert may(asked(requested_by=MIA)) == {"Alice", "Mia", "Max"}


def test_who_wrote_a_part_may_approve_only_while_there_is_nobody_else() -> None:
    own = asked(authors=(MIA, BOB))
    assert may(own, alone=True) == {"Alice", "Mia", "Max"}
    assert may(own) == {"Alice", "Max"}
    assert may(own, V.REJECT) == {"Alice", "Mia", "Max"}
    assert may(asked(authors=(MIA,), author_may_approve=True)) == {"Alice", "Mia", "Max"}
    assert may(asked(authors=(MIA,), author_may_approve=False), alone=True) == {"Alice", "Max"}


def test_owners_and_whoever_is_named_may_veto() -> None:
    assert may(asked(), V.VETO) == {"Alice"}
    assert may(asked(veto_role="manager", vetoers=(CHARLIE.id,)), V.VETO) == {
        "Alice",
        "Mia",
        "Max",
        "Charlie",
    }
    assert may(asked(approvers=(BOB.id,)), V.VETO) == {"Alice"}


def test_a_veto_stands_against_what_was_approved_and_nothing_else_does() -> None:
    approved = decided(asked(), MIA)
    assert decided(approved, ALICE, V.VETO).state is A.VETOED
    for verdict, person in ((V.REJECT, MAX), (V.REQUEST_CHANGES, MAX), (V.APPROVE, MAX)):
        with pytest.raises(Conflict, match="Too late: this version was approved by Mia"):
            decided(approved, person, verdict)


@pytest.mark.parametrize(
    ("verdict", "state", "words"),
    [
        (V.REJECT, A.REJECTED, "was rejected by Mia"),
        (V.REQUEST_CHANGES, A.CHANGES_REQUESTED, "was sent back for changes by Mia"),
        (V.VETO, A.VETOED, "was vetoed by Mia"),
    ],
)
def test_one_no_ends_the_version_and_the_next_is_told_who_it_was(
    verdict: Verdict, state: ApprovalState, words: str
) -> None:
    half = decided(asked(quorum=2, veto_role="manager"), MAX)
    ended = decided(half, MIA, verdict)
    assert (ended.state, len(ended.decisions), ended.revision) == (state, 2, half.revision + 1)
    for late in V:
        with pytest.raises(Conflict, match=words):
            decided(ended, ALICE, late)


def test_a_click_on_another_version_decides_nothing() -> None:
    for verdict in V:
        with pytest.raises(Stale, match="has changed since that button was drawn"):
            decided(asked(), ALICE, verdict, "f" * 16)
    for short in ("", SEEN[:15], SEEN[:15] + "x"):
        with pytest.raises(Stale):
            decided(asked(), ALICE, seen=short)
    assert decided(asked(), ALICE, seen=SEEN[:16]).state is A.APPROVED


def test_right_goes_before_content_and_content_before_state() -> None:
    """Who may not decide does not learn more than that; a click on an old version is stale, not too late."""
    over = decided(asked(), MIA)
    with pytest.raises(Forbidden):
        decided(over, CHARLIE, seen="f" * 16)
    with pytest.raises(Stale):
        decided(over, MAX, seen="f" * 16)


def test_what_expired_is_not_decided_any_more() -> None:
    approval = asked()
    last = approval.expires_at - timedelta(microseconds=1)
    assert decided(approval, ALICE, at=last).state is A.APPROVED
    for verdict in (V.APPROVE, V.REJECT, V.REQUEST_CHANGES, V.VETO):
        with pytest.raises(Conflict, match="expired before anybody decided"):
            decided(approval, ALICE, verdict, at=approval.expires_at)
    with pytest.raises(Conflict, match="expired before anybody decided"):
        decided(approval.moved(A.EXPIRED), ALICE)


def test_an_approval_that_was_given_does_not_expire() -> None:
    given = decided(asked(), MIA)
    assert decided(given, ALICE, V.VETO, at=given.expires_at + timedelta(days=9)).state is A.VETOED


def test_a_key_decides_only_where_the_policy_says_so() -> None:
    for verdict in V:
        with pytest.raises(Forbidden, match="The API key robot may not decide"):
            decided(asked(), ALICE, verdict, via="robot")
    by_key = decided(asked(keys_may_decide=True), MIA, via="robot")
    assert (by_key.state, by_key.decisions[0].via) == (A.APPROVED, "robot")
    with pytest.raises(Forbidden):
        decided(asked(keys_may_decide=True), CHARLIE, via="robot")


def test_who_was_removed_decides_nothing() -> None:
    gone = replace(ALICE, removed_at=NOW)
    for policy in (asked(), asked(approvers=(ALICE.id,)), asked(vetoers=(ALICE.id,))):
        for verdict in V:
            with pytest.raises(Forbidden):
                decided(policy, gone, verdict)


def test_an_approval_makes_only_moves_that_are_allowed() -> None:
    for state, allowed in ALLOWED.items():
        for to in (A.VOID, A.EXPIRED):
            approval = replace(asked(), state=state)
            if to in allowed:
                assert approval.moved(to).state is to
            else:
                with pytest.raises(Conflict):
                    approval.moved(to)
    assert ALLOWED[A.VOID] == ALLOWED[A.REJECTED] == ALLOWED[A.VETOED] == frozenset()


@pytest.mark.parametrize(
    "wrong",
    [{"quorum": 0}, {"quorum": 21}, {"approvers": ("",)}, {"expires_after_hours": 0}, {"unknown": 1}],
    ids=str,
)
def test_a_policy_that_makes_no_sense_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError):
        Policy.model_validate(wrong)
