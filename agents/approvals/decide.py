"""What people press under a draft. Each verb is one decision on exactly what its button showed."""

from __future__ import annotations

from datetime import datetime, timedelta

from agents.approvals import fingerprint as fp
from agents.approvals.approval import Approval, ApprovalState, Verdict
from agents.approvals.ask import TIMERS, ask
from agents.effects.effect import Effect, EffectKind, EffectState
from agents.errors import Conflict, Forbidden, Invalid, Stale
from agents.events import Actor, Event, Subject
from agents.jobs import JobName
from agents.people import Person, Role
from agents.work import Work
from agents.writing.facts import CheckState
from agents.writing.post import WORDS, State, Variant, Version

SOONEST = timedelta(seconds=10)
"""A post scheduled for sooner than this is as good as in the past by the time it is approved."""
FARTHEST = timedelta(days=366)


def approve(
    variant_id: str, by: Person, seen: str, work: Work, *, via: str = "", standing: bool = False
) -> Variant:
    """One person's yes; with the policy's quorum the effect is owed, now or at its time.

    Raises Forbidden, Stale or Conflict, saying what is true instead.
    """
    variant, approval = _open(variant_id, seen, "approve it", work)
    version = work.posts.version(variant.id, approval.version)
    after = _decide(approval, by, Verdict.APPROVE, seen, work, via=via, standing=standing)
    _must_pass_checks(version)
    if approval.publish_at is not None and approval.publish_at <= work.now:
        raise Conflict(
            "The time it was planned for has passed, so nothing was decided.",
            remedy="Press Schedule… for another time, or Post now.",
        )
    _note("post.approved", variant, approval, after, by, via, work)
    if after.state is not ApprovalState.APPROVED:
        return work.posts.swap(variant, "approve it")
    return _release(variant, after, work)


def reject(variant_id: str, by: Person, seen: str, reason: str, work: Work, *, via: str = "") -> Variant:
    """Ends this version at once."""
    variant, approval = _open(variant_id, seen, "reject it", work)
    after = _decide(approval, by, Verdict.REJECT, seen, work, note=reason, via=via)
    _note("post.rejected", variant, approval, after, by, via, work, reason=reason)
    _say(variant, by.actor, f"Rejected version {approval.version}" + (f": {reason}" if reason else "."), work)
    return work.posts.swap(variant, "reject it", state=State.REJECTED)


def request_changes(
    variant_id: str, by: Person, seen: str, feedback: str, work: Work, *, via: str = ""
) -> Variant:
    """Ends this version at once, and the persona writes the next one with all feedback so far."""
    if not feedback.strip():
        raise Invalid("Say what should be different.", field="feedback")
    variant, approval = _open(variant_id, seen, "ask for changes", work)
    after = _decide(approval, by, Verdict.REQUEST_CHANGES, seen, work, note=feedback, via=via)
    _note("post.changes_requested", variant, approval, after, by, via, work, feedback=feedback)
    _say(variant, by.actor, feedback, work)
    work.owe(JobName.WRITE, variant.subject)
    return work.posts.swap(variant, "ask for changes", state=State.WRITING)


def veto(variant_id: str, by: Person, seen: str, reason: str, work: Work, *, via: str = "") -> Variant:
    """Stops what was approved, as long as no worker has claimed its effect."""
    variant = work.posts.variant(variant_id)
    approval = _approval(variant, "veto it", work)
    after = approval.decided(by, Verdict.VETO, seen, work.now, alone=_alone(work), note=reason, via=via)
    effect = work.effects.of_approval(approval.id)
    if effect is not None:
        if effect.state is not EffectState.DUE or effect.partly_out:
            raise Conflict(
                "Too late to veto it: it is on its way or out.",
                remedy="What is out can be taken down from its card.",
            )
        work.effects.swap(effect, state=EffectState.CANCELLED)
    work.approvals.swap(approval, after)
    work.jobs.forget(variant.subject, JobName.PUBLISH)
    _forget_timers(approval, work)
    work.resolve_about(variant.subject, by.name)
    _note("post.vetoed", variant, approval, after, by, via, work, reason=reason)
    _say(variant, by.actor, f"Vetoed version {approval.version}" + (f": {reason}" if reason else "."), work)
    return work.posts.swap(variant, "veto it", state=State.REJECTED)


def schedule(
    variant_id: str, by: Person, seen: str, at: datetime | None, work: Work, *, via: str = ""
) -> Variant:
    """A decision on the same content at a new time; `at` None means now.

    The time is part of what is approved: the approval before is void, and this person's yes is the first one of a
    new approval.
    """
    doing = "schedule it" if at else "post it now"
    if at is not None:
        _must_be_ahead(at, work.now)
    variant = work.posts.variant(variant_id)
    if variant.state not in (State.IN_REVIEW, State.APPROVED, State.SCHEDULED, State.MISSED):
        raise _late(variant, doing)
    approval = _approval(variant, doing, work)
    if not fp.same(seen, approval.fingerprint):
        raise _stale()
    version = work.posts.version(variant.id, approval.version)
    post = work.posts.post(variant.post_id)
    variant, fresh = ask(variant, post, version, at, work, doing=doing)
    work.resolve_about(variant.subject, by.name)
    return approve(variant.id, by, fresh.fingerprint, work, via=via)


def unschedule(variant_id: str, by: Person, seen: str, work: Work) -> Variant:
    """Takes the time away: the same content waits for approval again."""
    by.must_be(Role.EDITOR, "unschedule a post")
    variant = work.posts.variant(variant_id)
    if variant.state is not State.SCHEDULED:
        raise _late(variant, "unschedule it")
    approval = _approval(variant, "unschedule it", work)
    if not fp.same(seen, approval.fingerprint):
        raise _stale()
    version = work.posts.version(variant.id, approval.version)
    was = variant.publish_at
    variant, _ = ask(variant, work.posts.post(variant.post_id), version, None, work, doing="unschedule it")
    at = was.isoformat() if was else None
    work.record(Event("post.unscheduled", variant.subject, by.actor, before={"publish_at": at}))
    return variant


def ask_again(variant_id: str, by: Person, work: Work) -> Variant:
    """A new approval for a version whose approval expired or was rejected by mistake."""
    by.must_be(Role.EDITOR, "ask for approval")
    variant = work.posts.variant(variant_id)
    if variant.state not in (State.EXPIRED, State.REJECTED, State.MISSED) or not variant.version:
        raise _late(variant, "ask for approval again")
    before = _approval(variant, "ask for approval again", work)
    if before.state is ApprovalState.VETOED and not before.policy.may_veto(by):
        raise Forbidden(
            "This version was vetoed, so you cannot ask for its approval again.",
            remedy="Press Write again for another version, or ask whoever may veto.",
        )
    version = work.posts.version(variant.id, variant.version)
    ahead = variant.publish_at if variant.publish_at and variant.publish_at > work.now + SOONEST else None
    variant, _ = ask(variant, work.posts.post(variant.post_id), version, ahead, work)
    work.resolve_about(variant.subject, by.name)
    work.record(Event("post.asked_again", variant.subject, by.actor, after={"version": version.number}))
    return variant


def drop(variant_id: str, by: Person, seen: str, work: Work) -> Variant:
    """What was missed is not posted at all."""
    by.must_be(Role.EDITOR, "drop a post")
    variant = work.posts.variant(variant_id)
    if variant.state is not State.MISSED:
        raise _late(variant, "drop it")
    approval = _approval(variant, "drop it", work)
    if not fp.same(seen, approval.fingerprint):
        raise _stale()
    work.resolve_about(variant.subject, by.name)
    work.record(Event("post.dropped", variant.subject, by.actor))
    return work.posts.swap(variant, "drop it", state=State.REJECTED)


def _release(variant: Variant, approval: Approval, work: Work) -> Variant:
    """The quorum is there: the effect is owed."""
    not_before = approval.publish_at or work.now
    work.effects.add(
        Effect(
            id=work.new_id(),
            kind=EffectKind.PUBLISH,
            subject=variant.subject,
            approval_id=approval.id,
            fingerprint=approval.fingerprint,
            state=EffectState.DUE,
            not_before=not_before,
        ),
        work.now,
    )
    work.owe(JobName.PUBLISH, variant.subject, not_before)
    return work.posts.swap(
        variant, "approve it", state=State.SCHEDULED if approval.publish_at else State.APPROVED
    )


def _decide(
    approval: Approval,
    by: Person,
    verdict: Verdict,
    seen: str,
    work: Work,
    *,
    note: str = "",
    via: str = "",
    standing: bool = False,
) -> Approval:
    after = approval.decided(
        by, verdict, seen, work.now, alone=_alone(work), note=note, via=via, standing=standing
    )
    work.approvals.swap(approval, after)
    if after.state is not ApprovalState.PENDING:
        _forget_timers(approval, work)
    return after


def _open(variant_id: str, seen: str, doing: str, work: Work) -> tuple[Variant, Approval]:
    """The variant with its approval; Stale is told before anything else that the click could be told."""
    variant = work.posts.variant(variant_id)
    approval = _approval(variant, doing, work)
    if approval.state is ApprovalState.PENDING and not fp.same(seen, approval.fingerprint):
        raise _stale()
    return variant, approval


def _approval(variant: Variant, doing: str, work: Work) -> Approval:
    if not variant.approval_id:
        raise _late(variant, doing)
    return work.approvals.get(variant.approval_id)


def _must_pass_checks(version: Version) -> None:
    if not version.blocked:
        return
    pending = [check.name for check in version.blocked if check.state is CheckState.PENDING]
    if pending:
        raise Conflict(
            f"Still being looked at: {', '.join(pending)}.",
            remedy="A moment, please; the card says when it is done.",
        )
    reasons = "; ".join(f"{check.name}: {check.reason}" for check in version.blocked)
    raise Conflict(f"It does not pass its checks: {reasons}", remedy="Press Edit… or Ask for changes…")


def _must_be_ahead(at: datetime, now: datetime) -> None:
    if at <= now + SOONEST:
        raise Invalid(
            "That time has passed.", remedy="Choose one that is still to come, or Post now.", field="at"
        )
    if at > now + FARTHEST:
        raise Invalid("That is more than a year ahead.", remedy="Choose a time within a year.", field="at")


def _late(variant: Variant, doing: str) -> Conflict:
    return Conflict(
        f"The post is {WORDS[variant.state]}, so you cannot {doing}.",
        remedy="Its card shows what can be done with it now.",
    )


def _stale() -> Stale:
    return Stale(
        "The post has changed since that button was drawn; nothing was decided.",
        remedy="The card now shows the present version: look at it and press again.",
    )


def _alone(work: Work) -> bool:
    return work.people.count_active() == 1


def _forget_timers(approval: Approval, work: Work) -> None:
    work.jobs.forget(Subject("approval", approval.id), *TIMERS)


def _say(variant: Variant, by: Actor, text: str, work: Work) -> None:
    """Everything said about a draft is in its thread."""
    origin = work.posts.post(variant.post_id).origin
    if origin:
        work.messages.say(origin, str(variant.subject), by, text, work.now)


def _note(
    name: str,
    variant: Variant,
    before: Approval,
    after: Approval,
    by: Person,
    via: str,
    work: Work,
    **more: str,
) -> None:
    work.record(
        Event(
            name,
            variant.subject,
            Actor("person", by.id, by.name, via),
            before={"approval": before.state.value, "approved_by": before.yes},
            after={
                "approval": after.state.value,
                "approved_by": after.yes,
                "quorum": after.policy.quorum,
                "version": after.version,
                "fingerprint": after.fingerprint,
                **more,
            },
        )
    )
