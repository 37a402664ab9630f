"""The effect itself, in steps that may die anywhere: claim and intent, send, proof; each committed before the next.

What makes it once: an effect is claimed by compare-and-set; what identifies each segment at the platform is minted and
committed before anything is sent; after a crash or an unknown outcome we look at the platform before sending
again. Where neither can tell, a person is asked.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from datetime import datetime, timedelta

from agents.approvals.approval import ApprovalState
from agents.approvals.fingerprint import fingerprint
from agents.clock import Clock
from agents.effects.effect import Effect, EffectKind, EffectState
from agents.events import TROUPE, Event, Subject
from agents.jobs import Later
from agents.oncall.kinds import AlertKind
from agents.personas.persona import PersonaState
from agents.publishing.platform import (
    Account,
    Minted,
    OutcomeUnknown,
    Publisher,
    PublishError,
    RateLimited,
    Rejected,
    Sent,
    SignInNeeded,
)
from agents.work import Work
from agents.writing.content import Content
from agents.writing.post import State, Variant

GRACE = timedelta(minutes=15)
"""A scheduled post that is later than this was missed: a person decides, nobody is surprised by a blast of old posts."""
TRIES = 8
"""Runs of one effect before a person is asked; with the pauses below about four minutes."""
HALTED_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(seconds=60)
PATIENCE = timedelta(minutes=5)
"""Who waits longer than this for a platform's allowance is told of."""

Transaction = Callable[[], AbstractContextManager[Work]]


@dataclass(frozen=True, slots=True)
class Outside:
    """What publishing needs besides rows.  hold: renews this worker's lease; False when another worker took over."""

    transaction: Transaction
    publishers: Mapping[str, Publisher]
    clock: Clock
    hold: Callable[[], bool]


class Unseen(OutcomeUnknown):
    """An earlier run may have sent it, and the platform does not let us look: unknown, however definite its answer is."""

    def __init__(self, why: PublishError) -> None:
        super().__init__(f"{why.what} An earlier try may have reached it all the same.", remedy=why.remedy)
        self.wait = timedelta(seconds=why.retry_after_s if isinstance(why, RateLimited) else 0)


@dataclass(frozen=True, slots=True)
class Claim:
    """One effect in the hands of one worker.  again: an earlier run may have sent something."""

    effect: Effect
    variant: Variant
    account: Account
    content: Content
    again: bool


def publish(variant_id: str, outside: Outside) -> None:
    """Sends what was approved, once. Safe to call twice, late, or after dying anywhere inside it.

    Raises Later when it is owed again at another time.
    """
    with outside.transaction() as work:
        claim = _claim(variant_id, work, outside)
    if claim is None:
        return
    started = outside.clock()
    try:
        effect = _send(claim, outside)
    except PublishError as error:
        _note_failure(claim, error, started, outside)
        return
    if effect is not None:
        with outside.transaction() as work:
            work.effects.note_attempt(effect, started, work.now, "done", "")
            published(work.posts.variant(variant_id), effect, work)


def _claim(variant_id: str, work: Work, outside: Outside) -> Claim | None:
    """Takes the effect and notes the intent, or says why not."""
    variant = work.posts.variant(variant_id)
    effect = work.effects.of_approval(variant.approval_id) if variant.approval_id else None
    if effect is None or effect.state not in (EffectState.DUE, EffectState.SENDING):
        return None
    if effect.state is EffectState.DUE and work.now < effect.not_before:
        raise Later("It is not time yet.", effect.not_before)
    _must_be_free_to_act(variant, work)
    again = bool(effect.minted)
    version = work.posts.version(variant.id, variant.version)
    account = work.accounts.get(variant.account_id)
    if not again and work.now > effect.not_before + GRACE:
        _missed(variant, effect, work)
        return None
    if not _is_what_was_approved(effect, variant, version.content, work):
        wrong = "The post is not what was approved, so nothing more was sent."
        _failed(variant, effect, Rejected(wrong, remedy="Press Edit…, and ask for approval again."), work)
        return None
    publisher = outside.publishers[variant.platform]
    if not effect.minted:
        effect = work.effects.note_intent(effect, publisher.mint(version.content, work.now))
    effect = work.effects.swap(effect, state=EffectState.SENDING, attempts=effect.attempts + 1)
    if variant.state is not State.PUBLISHING:
        variant = work.posts.swap(variant, "publish it", state=State.PUBLISHING, trouble="")
        work.record(
            Event(
                "post.publishing",
                variant.subject,
                TROUPE,
                after={
                    "version": version.number,
                    "fingerprint": effect.fingerprint,
                    "attempt": effect.attempts,
                },
            )
        )
    return Claim(effect, variant, account, version.content, again)


def _send(claim: Claim, outside: Outside) -> Effect | None:
    """Every segment that is not proven out yet. None if another worker took over in the middle.

    Raises PublishError, or Later if Troupe was halted in the middle.
    """
    publisher = outside.publishers[claim.account.platform]
    effect = claim.effect
    for number, plan in enumerate(effect.minted[len(effect.sent) :]):
        if not outside.hold():
            return None
        if number:
            with outside.transaction() as work:
                _must_be_free_to_act(claim.variant, work)
        sent = _left_behind(publisher, claim, plan)
        if sent is None:
            sent = publisher.send(claim.account, claim.content, plan, effect.sent)
        with outside.transaction() as work:
            effect = work.effects.note_sent(effect, sent, work.now)
            work.touch(claim.variant.subject)
    return effect


def _left_behind(publisher: Publisher, claim: Claim, plan: Minted) -> Sent | None:
    """What an earlier run, which died or never heard the answer, may have sent."""
    if not claim.again:
        return None
    try:
        return publisher.find(claim.account, plan)
    except OutcomeUnknown:
        raise
    except PublishError as error:
        raise Unseen(error) from error


def published(variant: Variant, effect: Effect, work: Work) -> Variant | None:
    """Everything is out. None if another worker noted it first."""
    if effect.state is EffectState.DONE:
        return None
    work.effects.swap(effect, state=EffectState.DONE, error="")
    url = effect.sent[0].url if effect.sent else ""
    after = work.posts.swap(
        variant, "note it", state=State.PUBLISHED, url=url, published_at=work.now, trouble=""
    )
    work.resolve_about(variant.subject, "Troupe")
    work.record(
        Event(
            "post.published",
            variant.subject,
            TROUPE,
            after={"url": url, "version": variant.version, "segments": [sent.ref for sent in effect.sent]},
        )
    )
    return after


def _note_failure(claim: Claim, error: PublishError, started: datetime, outside: Outside) -> None:
    """What the outcome means: wait, try again, or ask a person. Nothing here is lost, nothing is sent."""
    later: Later | None = None
    with outside.transaction() as work:
        effect = work.effects.get(claim.effect.id)
        variant = work.posts.variant(claim.variant.id)
        if effect.state is not EffectState.SENDING or effect.attempts != claim.effect.attempts:
            return  # another worker took over: what it finds is what counts
        work.effects.note_attempt(effect, started, work.now, error.code, error.what)
        if isinstance(error, RateLimited):
            later = _wait(variant, effect, error, started, work)
        elif isinstance(error, OutcomeUnknown) and effect.attempts < TRIES:
            work.posts.swap(variant, "note it", trouble=f"{error.what} Trying again by itself.")
            work.touch(variant.subject)
            wait = error.wait if isinstance(error, Unseen) else timedelta()
            later = Later(error.what, work.now + max(wait, _pause(effect.attempts)))
        elif isinstance(error, OutcomeUnknown):
            _ask(variant, effect, error, work, group=claim.account.subject)
        else:
            _failed(variant, effect, error, work)
    if later is not None:
        raise later


def _wait(variant: Variant, effect: Effect, error: RateLimited, started: datetime, work: Work) -> Later:
    at = work.now + timedelta(seconds=max(error.retry_after_s, 1))
    if at - (work.effects.limited_since(effect) or started) > PATIENCE:
        work.raise_alert(
            AlertKind.PUBLISH_LIMITED,
            variant.subject,
            f"A post has to wait until {at:%Y-%m-%d %H:%M} UTC for {variant.platform}: {error.what}",
            kept="The post and its approval are kept.",
            remedy="Nothing: it goes out by itself after that. Edit… or Veto… on its card stops it.",
            group=Subject("account", variant.account_id),
            persona_id=variant.persona_id,
        )
    work.effects.swap(effect, state=EffectState.DUE, not_before=at, error=error.what)
    work.posts.swap(
        variant, "wait", state=State.APPROVED, trouble=f"{error.what} It goes out by itself after that."
    )
    work.record(Event("post.rate_limited", variant.subject, TROUPE, after={"until": at.isoformat()}))
    return Later(error.what, at)


def _ask(
    variant: Variant, effect: Effect, error: PublishError, work: Work, *, group: Subject | None = None
) -> None:
    """group: the account, where its server is the cause."""
    work.effects.swap(effect, state=EffectState.UNKNOWN, error=error.what)
    work.posts.swap(variant, "note it", state=State.UNKNOWN, trouble=error.what)
    work.record(Event("post.outcome_unknown", variant.subject, TROUPE, after={"why": error.what}))
    work.raise_alert(
        AlertKind.PUBLISH_UNKNOWN,
        variant.subject,
        f"A post may or may not be out on {variant.platform}: {error.what}",
        kept="The post and its approval are kept; nothing is sent again until you say so.",
        remedy="Look at the account, then press It is live, or It is not — send again.",
        group=group,
        persona_id=variant.persona_id,
    )


def _failed(variant: Variant, effect: Effect, error: PublishError, work: Work) -> None:
    out = f"{len(effect.sent)} of {len(effect.minted)} segments are out. " if effect.partly_out else ""
    work.effects.swap(effect, state=EffectState.FAILED, error=error.what)
    work.posts.swap(variant, "note it", state=State.FAILED, trouble=out + error.what)
    work.record(
        Event(
            "post.failed",
            variant.subject,
            TROUPE,
            after={"why": error.what, "segments_out": len(effect.sent)},
        )
    )
    signed_out = isinstance(error, SignInNeeded)
    if signed_out:
        work.accounts.mark(variant.account_id, "sign_in_needed")
    work.raise_alert(
        AlertKind.SIGN_IN_NEEDED if signed_out else AlertKind.PUBLISH_FAILED,
        variant.subject,
        f"A post could not be published on {variant.platform}: {error.what}",
        kept=f"{out}The post and its approval are kept.",
        remedy=error.remedy
        or ("Reconnect the account, then press Retry." if signed_out else "Press Retry, or edit it."),
        group=Subject("account", variant.account_id) if signed_out else None,
        persona_id=variant.persona_id,
    )


def _missed(variant: Variant, effect: Effect, work: Work) -> None:
    work.effects.swap(effect, state=EffectState.CANCELLED)
    work.posts.swap(variant, "note it", state=State.MISSED)
    planned = effect.not_before.isoformat()
    work.record(Event("post.missed", variant.subject, TROUPE, after={"planned_for": planned}))
    work.raise_alert(
        AlertKind.PUBLISH_MISSED,
        variant.subject,
        f"A post was not published at its time ({effect.not_before:%Y-%m-%d %H:%M} UTC): nothing could go out then.",
        kept="The post is kept as it was approved.",
        remedy="Press Post now, Reschedule… or Drop.",
        group=Subject("persona", variant.persona_id),
        persona_id=variant.persona_id,
    )


def _must_be_free_to_act(variant: Variant, work: Work) -> None:
    """Raises Later while Troupe is halted or the persona paused: then nothing leaves, and nothing is lost."""
    persona = work.personas.get(variant.persona_id)
    if work.switches.halted is not None or persona.state is not PersonaState.ACTIVE:
        raise Later("Halted or paused.", work.now + HALTED_PAUSE)


def _is_what_was_approved(effect: Effect, variant: Variant, content: Content, work: Work) -> bool:
    """The last look before anything leaves: what is about to happen is what people saw.

    False only if somebody changed rows by hand.
    """
    approval = work.approvals.get(effect.approval_id)
    now = fingerprint(content, variant.account_id, approval.publish_at)
    return approval.state is ApprovalState.APPROVED and {effect.fingerprint, approval.fingerprint} == {now}


def _pause(attempts: int) -> timedelta:
    """1, 2, 4, … seconds, at most a minute."""
    return min(timedelta(seconds=2 ** max(attempts - 1, 0)), LONGEST_PAUSE)


def give_up(variant_id: str, why: str, work: Work) -> None:
    """Publishing stumbled over something unforeseen, again and again: a person is asked, with buttons that go on from here."""
    variant = work.posts.variant(variant_id)
    effect = work.effects.of_approval(variant.approval_id) if variant.approval_id else None
    if effect is None:
        return
    if effect.state is EffectState.SENDING:
        _ask(variant, effect, OutcomeUnknown(why), work)
    elif effect.state is EffectState.DUE:
        _failed(variant, effect, Rejected(why), work)


def take_down(variant_id: str, outside: Outside) -> None:
    """Removes every segment, the last one first, each with proof. Safe to repeat. Raises Later like `publish`."""
    with outside.transaction() as work:
        variant = work.posts.variant(variant_id)
        effect = work.effects.of_approval(variant.approval_id, EffectKind.TAKE_DOWN)
        source = work.effects.of_approval(variant.approval_id)
        if effect is None or source is None or effect.state not in (EffectState.DUE, EffectState.SENDING):
            return
        _must_not_be_halted(work)
        effect = work.effects.swap(effect, state=EffectState.SENDING, attempts=effect.attempts + 1)
        account = work.accounts.get(variant.account_id)
    started = outside.clock()
    try:
        if not _remove(source, account, outside):
            return
    except PublishError as error:
        _note_still_up(effect, error, started, outside)
        return
    with outside.transaction() as work:
        work.effects.note_attempt(effect, started, work.now, "done", "")
        work.effects.swap(work.effects.get(effect.id), state=EffectState.DONE)
        work.posts.swap(work.posts.variant(variant_id), "note it", state=State.TAKEN_DOWN, trouble="")
        work.resolve_about(variant.subject, "Troupe")
        work.record(Event("post.taken_down", variant.subject, TROUPE))


def _remove(source: Effect, account: Account, outside: Outside) -> bool:
    """Everything that is out, also what there is no proof of because a person said that it is live.

    False if another worker took over. Raises PublishError, or Later if Troupe was halted in the middle.
    """
    publisher = outside.publishers[account.platform]
    proven = {sent.position: sent for sent in source.sent}
    for plan in reversed(source.minted):
        if not outside.hold():
            return False
        with outside.transaction() as work:
            _must_not_be_halted(work)
        sent = proven.get(plan.position) or publisher.find(account, plan)
        if sent is not None:
            publisher.delete(account, sent)
            with outside.transaction() as work:
                work.effects.note_gone(source, plan.position, work.now)
    return True


def _must_not_be_halted(work: Work) -> None:
    if work.switches.halted is not None:
        raise Later("Halted.", work.now + HALTED_PAUSE)


def _note_still_up(claimed: Effect, error: PublishError, started: datetime, outside: Outside) -> None:
    later: Later | None = None
    with outside.transaction() as work:
        effect = work.effects.get(claimed.id)
        if effect.state is not EffectState.SENDING or effect.attempts != claimed.attempts:
            return  # another worker took over
        work.effects.note_attempt(effect, started, work.now, error.code, error.what)
        if isinstance(error, RateLimited):
            later = Later(error.what, work.now + timedelta(seconds=max(error.retry_after_s, 1)))
        elif isinstance(error, OutcomeUnknown) and effect.attempts < TRIES:
            later = Later(error.what, work.now + _pause(effect.attempts))
        else:
            _still_up(effect, error, work)
    if later is not None:
        raise later


def _still_up(effect: Effect, error: PublishError, work: Work) -> None:
    variant = work.posts.variant(effect.subject.id)
    source = work.effects.of_approval(effect.approval_id)
    whole = source is not None and source.state is EffectState.DONE
    work.effects.swap(effect, state=EffectState.FAILED, error=error.what)
    before = State.PUBLISHED if whole else State.FAILED
    work.posts.swap(variant, "note it", state=before, trouble=f"Still up: {error.what}")
    work.record(Event("post.take_down_failed", variant.subject, TROUPE, after={"why": error.what}))
    work.raise_alert(
        AlertKind.TAKE_DOWN_FAILED,
        variant.subject,
        f"A post could not be taken down from {variant.platform}: {error.what}",
        kept="It is still up, at least in part.",
        remedy=error.remedy or "Press Take down again, or delete it on the platform itself.",
        persona_id=variant.persona_id,
    )


def give_up_taking_down(variant_id: str, why: str, work: Work) -> None:
    """Like `give_up`."""
    variant = work.posts.variant(variant_id)
    effect = work.effects.of_approval(variant.approval_id, EffectKind.TAKE_DOWN)
    if effect is not None and effect.state in (EffectState.DUE, EffectState.SENDING):
        _still_up(effect, OutcomeUnknown(why), work)
