"""An approval: the exact content, the policy as it stood, the decisions of people, the state."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import Protocol

from agents.approvals import fingerprint as fp
from agents.approvals.policy import Policy
from agents.errors import Conflict, Forbidden, Stale
from agents.events import Subject
from agents.people import Person


class Verdict(StrEnum):
    APPROVE = "approve"
    REQUEST_CHANGES = "request_changes"
    REJECT = "reject"
    VETO = "veto"


class ApprovalState(StrEnum):
    PENDING = "pending"
    APPROVED = "approved"
    CHANGES_REQUESTED = "changes_requested"
    REJECTED = "rejected"
    VETOED = "vetoed"
    EXPIRED = "expired"
    VOID = "void"
    """The content changed after it was asked for, or after it was given."""


A = ApprovalState
ALLOWED: Mapping[ApprovalState, frozenset[ApprovalState]] = {
    A.PENDING: frozenset(
        {A.PENDING, A.APPROVED, A.CHANGES_REQUESTED, A.REJECTED, A.VETOED, A.EXPIRED, A.VOID}
    ),
    A.APPROVED: frozenset({A.VETOED, A.VOID}),
    A.CHANGES_REQUESTED: frozenset(),
    A.REJECTED: frozenset(),
    A.VETOED: frozenset(),
    A.EXPIRED: frozenset({A.VOID}),
    A.VOID: frozenset(),
}
"""Every move that an approval may make."""

_ENDS = {
    Verdict.REQUEST_CHANGES: A.CHANGES_REQUESTED,
    Verdict.REJECT: A.REJECTED,
    Verdict.VETO: A.VETOED,
}
_DONE = {
    A.APPROVED: "was approved",
    A.CHANGES_REQUESTED: "was sent back for changes",
    A.REJECTED: "was rejected",
    A.VETOED: "was vetoed",
    A.EXPIRED: "expired before anybody decided",
    A.VOID: "was changed after that, so the approval no longer counts",
}


_NOUNS = {"post": "post", "task": "task", "action": "step"}


@dataclass(frozen=True, slots=True)
class Decision:
    """One person's verdict. `standing` when it came from a standing approval that the person gave beforehand."""

    person_id: str
    person_name: str
    verdict: Verdict
    at: datetime
    note: str = ""
    via: str = ""
    standing: bool = False


@dataclass(frozen=True, slots=True)
class Approval:
    """One thing to be done, one approval, one effect.  subject: what is asked about: a post, a task, an action."""

    id: str
    subject: Subject
    version: int
    fingerprint: str
    policy: Policy
    state: ApprovalState
    requested_by: str
    authors: frozenset[str]
    created_at: datetime
    expires_at: datetime
    publish_at: datetime | None = None
    decisions: tuple[Decision, ...] = ()
    revision: int = 1

    @property
    def noun(self) -> str:
        """What people call it."""
        return _NOUNS[self.subject.kind]

    @property
    def yes(self) -> int:
        """Different people who approved."""
        return len({d.person_id for d in self.decisions if d.verdict is Verdict.APPROVE})

    def decided(
        self,
        by: Person,
        verdict: Verdict,
        seen: str,
        now: datetime,
        *,
        alone: bool,
        note: str = "",
        via: str = "",
        standing: bool = False,
    ) -> Approval:
        """This approval with one more decision. The rule of the house: right, content, state, in that order.

        seen: the fingerprint on the button.  alone: whether this is the only person in the team.
        via: the API key it came through, "" for a person's own click.
        Raises Forbidden, Stale or Conflict, each saying what is true instead.
        """
        self._must_be_entitled(by, verdict, alone=alone, via=via)
        if not fp.same(seen, self.fingerprint):
            raise Stale(
                f"The {self.noun} has changed since that button was drawn; nothing was decided.",
                remedy="The card now shows the present version: look at it and press again.",
            )
        self._must_be_open(verdict, now)
        if verdict is Verdict.APPROVE and any(
            d.person_id == by.id and d.verdict is Verdict.APPROVE for d in self.decisions
        ):
            raise Conflict(
                f"You approved this already; it has {self.yes} of {self.policy.quorum}.",
                remedy="Somebody else has to approve it too.",
            )
        decision = Decision(by.id, by.name, verdict, now, note, via, standing)
        after = replace(self, decisions=(*self.decisions, decision), revision=self.revision + 1)
        if verdict is not Verdict.APPROVE:
            return replace(after, state=_ENDS[verdict])
        return replace(after, state=A.APPROVED if after.yes >= self.policy.quorum else A.PENDING)

    def moved(self, to: ApprovalState) -> Approval:
        """This approval expired or void. Raises Conflict naming both states."""
        if to not in ALLOWED[self.state]:
            raise Conflict(
                f"An approval that {_DONE.get(self.state, 'is pending')} cannot become {to.value}."
            )
        return replace(self, state=to, revision=self.revision + 1)

    def _must_be_open(self, verdict: Verdict, now: datetime) -> None:
        veto_after_yes = verdict is Verdict.VETO and self.state is A.APPROVED
        if self.state is not A.PENDING and not veto_after_yes:
            last = self.decisions[-1].person_name if self.decisions else ""
            who = f" by {last}" if last and self.state not in (A.EXPIRED, A.VOID) else ""
            what = "version" if self.subject.kind == "post" else self.noun
            raise Conflict(
                f"Too late: this {what} {_DONE[self.state]}{who}.", remedy="Your click changed nothing."
            )
        if now >= self.expires_at and self.state is A.PENDING:
            raise Conflict(
                "This approval expired before anybody decided.",
                remedy="Press Ask again on the card for a new one.",
            )

    def _must_be_entitled(self, by: Person, verdict: Verdict, *, alone: bool, via: str) -> None:
        policy = self.policy
        if via and not policy.keys_may_decide:
            raise Forbidden(
                f"The API key {via} may not decide about this persona's {self.noun}s.",
                remedy="Decide in the console, or let keys decide with /persona policy … keys yes.",
            )
        if verdict is Verdict.VETO:
            if not policy.may_veto(by):
                raise Forbidden(
                    f"You may not veto this {self.noun}.", remedy=f"An {policy.veto_role.value} may."
                )
            return
        if not policy.may_approve(by):
            whom = (
                "the people named for this persona" if policy.approvers else f"a {policy.approver_role.value}"
            )
            raise Forbidden(
                f"Only {whom} may decide about this {self.noun}.",
                remedy="Ask one of them to look at the card.",
            )
        if verdict is not Verdict.APPROVE:
            return
        authors_may = alone if policy.author_may_approve is None else policy.author_may_approve
        if by.id in self.authors and not authors_may:
            raise Forbidden("You wrote a part of this version, so somebody else has to approve it.")
        if by.id == self.requested_by and not policy.requester_may_approve:
            raise Forbidden(f"You asked for this {self.noun}, so somebody else has to approve it.")


class Approvals(Protocol):
    """Where approvals are kept. `swap` raises Conflict when somebody was faster."""

    def get(self, id: str) -> Approval: ...
    def add(self, approval: Approval) -> None: ...
    def swap(self, before: Approval, after: Approval) -> Approval: ...
    def history(self, subject: Subject) -> list[Approval]:
        """Every approval that was ever asked for about it, oldest first."""
