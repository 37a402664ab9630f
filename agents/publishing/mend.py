"""What people press when publishing did not end well, and to take down what is out."""

from __future__ import annotations

from agents.approvals.approval import Approval
from agents.effects.effect import Effect, EffectKind, EffectState
from agents.errors import Conflict, Forbidden
from agents.events import Event
from agents.jobs import JobName
from agents.people import Person, Role
from agents.publishing.publish import published
from agents.work import Work
from agents.writing.post import WORDS, State, Variant


def retry(variant_id: str, by: Person, work: Work) -> Variant:
    """Sends the same content again under the same approval; segments that are out stay as they are."""
    by.must_be(Role.EDITOR, "retry a post")
    variant, _, effect = _with_effect(variant_id, "retry it", (State.FAILED,), work)
    return _owe_again(variant, effect, EffectState.DUE, State.APPROVED, by, "post.retried", work)


def is_live(variant_id: str, by: Person, work: Work) -> Variant:
    """A person looked: it is out. Nothing is sent. Raises Conflict for a thread of which more than one post is unproven:
    what was never sent would be missing for good."""
    variant, approval, effect = _with_effect(variant_id, "say that it is live", (State.UNKNOWN,), work)
    _must_decide(by, approval)
    if len(effect.minted) - len(effect.sent) > 1:
        raise Conflict(
            f"Only {len(effect.sent)} of {len(effect.minted)} posts of this thread are proven out.",
            remedy="Press It is not — send again: what is out is found, and not sent a second time.",
        )
    work.record(Event("post.found_live", variant.subject, by.actor))
    after = published(variant, effect, work)
    work.resolve_about(variant.subject, by.name)
    return after or work.posts.variant(variant_id)


def is_not_live(variant_id: str, by: Person, work: Work) -> Variant:
    """A person looked: it is not out, or not all of it. What is missing is sent.

    It stays under way, and so cannot be edited before that: of a thread a part may be out that nobody has proof of.
    """
    variant, approval, effect = _with_effect(variant_id, "send it again", (State.UNKNOWN,), work)
    _must_decide(by, approval)
    return _owe_again(variant, effect, EffectState.SENDING, State.PUBLISHING, by, "post.found_missing", work)


def take_down(variant_id: str, by: Person, work: Work) -> Variant:
    """Owes the removal from the platform. Who could approve the post can have it taken down."""
    states = (State.PUBLISHED, State.FAILED)
    variant, approval, effect = _with_effect(variant_id, "take it down", states, work)
    _must_decide(by, approval)
    if variant.state is State.FAILED and not effect.sent:
        raise Conflict("Nothing of this post is out, as far as Troupe knows.")
    before = work.effects.of_approval(approval.id, EffectKind.TAKE_DOWN)
    if before is None:
        removal = Effect(
            id=work.new_id(),
            kind=EffectKind.TAKE_DOWN,
            subject=variant.subject,
            approval_id=approval.id,
            fingerprint=effect.fingerprint,
            state=EffectState.DUE,
            not_before=work.now,
        )
        work.effects.add(removal, work.now)
    else:
        work.effects.swap(before, state=EffectState.DUE, attempts=0)
    work.owe(JobName.TAKE_DOWN, variant.subject)
    work.record(Event("post.taking_down", variant.subject, by.actor))
    return work.posts.swap(variant, "take it down", state=State.TAKING_DOWN, trouble="")


def _owe_again(
    variant: Variant, effect: Effect, again: EffectState, state: State, by: Person, event: str, work: Work
) -> Variant:
    work.effects.swap(effect, state=again, not_before=work.now, attempts=0)
    work.owe(JobName.PUBLISH, variant.subject)
    work.resolve_about(variant.subject, by.name)
    work.record(Event(event, variant.subject, by.actor, after={"fingerprint": effect.fingerprint}))
    return work.posts.swap(variant, "send it again", state=state, trouble="")


def _with_effect(
    variant_id: str, doing: str, states: tuple[State, ...], work: Work
) -> tuple[Variant, Approval, Effect]:
    variant = work.posts.variant(variant_id)
    effect = work.effects.of_approval(variant.approval_id) if variant.approval_id else None
    if variant.state not in states or effect is None:
        raise Conflict(
            f"The post is {WORDS[variant.state]}, so you cannot {doing}.",
            remedy="Its card shows what can be done with it now.",
        )
    return variant, work.approvals.get(variant.approval_id), effect


def _must_decide(by: Person, approval: Approval) -> None:
    if by.via and not approval.policy.keys_may_decide:
        raise Forbidden(
            f"The API key {by.via} may not decide about this persona's posts.",
            remedy="Decide in the console.",
        )
    if not approval.policy.may_approve(by):
        raise Forbidden("Only who may approve this post can do that.", remedy="Ask one of them.")
