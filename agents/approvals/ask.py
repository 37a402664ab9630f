"""Asking for approval: a new version, or a new time, makes a new approval and voids the one before."""

from __future__ import annotations

from datetime import datetime

from agents.approvals.approval import Approval, ApprovalState
from agents.approvals.fingerprint import fingerprint
from agents.effects.effect import EffectState
from agents.errors import Conflict
from agents.events import TROUPE, Event, Subject
from agents.jobs import JobName
from agents.people import Person
from agents.work import Work
from agents.writing.post import Post, State, Variant, Version

TIMERS = (JobName.REMIND, JobName.ESCALATE, JobName.EXPIRE)


def ask(
    variant: Variant,
    post: Post,
    version: Version,
    publish_at: datetime | None,
    work: Work,
    *,
    doing: str = "ask for approval",
) -> tuple[Variant, Approval]:
    """A pending approval for exactly this version at exactly this time (None: as soon as it is approved).

    Any approval before it is void from here on, and an effect that nobody claimed yet is cancelled.
    Raises Conflict when the present state does not allow it.
    """
    withdraw(variant, work, doing=doing)
    policy = work.personas.policy(variant.persona_id, variant.platform)
    approval = Approval(
        id=work.new_id(),
        subject=variant.subject,
        version=version.number,
        fingerprint=fingerprint(version.content, variant.account_id, publish_at),
        policy=policy,
        state=ApprovalState.PENDING,
        requested_by=post.requested_by,
        authors=version.authors,
        created_at=work.now,
        expires_at=work.now + policy.expires_after,
        publish_at=publish_at,
    )
    begin(approval, work)
    after = work.posts.swap(
        variant,
        doing,
        state=State.IN_REVIEW,
        version=version.number,
        approval_id=approval.id,
        publish_at=publish_at,
        trouble="",
    )
    return after, approval


def begin(approval: Approval, work: Work) -> None:
    """People can decide from here on: it is kept, and reminded of, escalated and ended in time."""
    work.approvals.add(approval)
    about, policy = Subject("approval", approval.id), approval.policy
    work.owe(JobName.REMIND, about, work.now + policy.remind_after)
    work.owe(JobName.EXPIRE, about, approval.expires_at)
    if policy.escalate_to:
        work.owe(JobName.ESCALATE, about, work.now + policy.expires_after / 2)


def tell_approvers(approval: Approval, work: Work) -> None:
    """Everybody who may decide is told directly, but for whoever asked: they look at the card already."""
    for person in work.people.everyone():
        if person.id != approval.requested_by and may_decide(approval, person, work):
            work.tell(person.id, approval.subject)


def may_decide(approval: Approval, person: Person, work: Work) -> bool:
    """Whether this person's approval would count."""
    alone = work.people.count_active() == 1
    authors_may = alone if approval.policy.author_may_approve is None else approval.policy.author_may_approve
    return (
        approval.policy.may_approve(person)
        and (authors_may or person.id not in approval.authors)
        and (approval.policy.requester_may_approve or person.id != approval.requested_by)
    )


def withdraw(variant: Variant, work: Work, *, doing: str) -> None:
    """Voids the present approval and cancels its effect. Raises Conflict if the effect has begun."""
    if not variant.approval_id:
        return
    approval = work.approvals.get(variant.approval_id)
    effect = work.effects.of_approval(approval.id)
    if effect is not None and effect.state is not EffectState.CANCELLED:
        if effect.state not in (EffectState.DUE, EffectState.FAILED) or effect.partly_out:
            raise Conflict(
                f"Too late to {doing}: a part of it is out, or on its way.",
                remedy="The card shows how it ends; what is out can be taken down.",
            )
        work.effects.swap(effect, state=EffectState.CANCELLED)
    if approval.state in (ApprovalState.PENDING, ApprovalState.APPROVED, ApprovalState.EXPIRED):
        work.approvals.swap(approval, approval.moved(ApprovalState.VOID))
        if approval.decisions:
            work.record(
                Event(
                    "approval.voided",
                    variant.subject,
                    TROUPE,
                    before={
                        "approved_by": [d.person_name for d in approval.decisions],
                        "version": approval.version,
                    },
                    after={"because": doing},
                )
            )
    work.jobs.forget(Subject("approval", approval.id), *TIMERS)
    work.jobs.forget(variant.subject, JobName.PUBLISH)
