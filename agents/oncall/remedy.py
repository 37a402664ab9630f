"""One remedy for everything that suffers from the same cause, and what follows when the cause itself is mended."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from hashlib import sha256

from agents.approvals import decide
from agents.errors import Conflict, Halted, NotFound, Stale
from agents.events import Subject
from agents.oncall.alert import Alert
from agents.oncall.kinds import AlertKind, Severity
from agents.people import Person
from agents.personas.persona import Persona
from agents.publishing import mend
from agents.publishing.platform import Account
from agents.work import Work
from agents.writing import draft
from agents.writing.post import State, Variant

BATCH = 50
"""Posts that one press deals with: some tenths of a second, for which nobody else can write to an SQLite file."""


@dataclass(frozen=True, slots=True)
class Done:
    """How many posts one press dealt with, and how many are left for the next."""

    posts: int
    left: int


def retry_all(alert_id: str, by: Person, work: Work) -> Done:
    """Sends every failed post of it again, each under its own approval."""
    alert = work.alerts.get(alert_id)
    return _each(alert, _in(State.FAILED, alert, work), lambda v: mend.retry(v.id, by, work), "retry", work)


def write_all(alert_id: str, by: Person, work: Work) -> Done:
    """Has every draft of it written again that no model of the chain wrote."""
    alert = work.alerts.get(alert_id)
    wanted = [post for post in posts(suffering(alert, work), work) if to_be_written(post, work)]
    return _each(alert, wanted, lambda v: draft.write_again(v.id, by, work), "have written again", work)


def post_all(alert_id: str, seen: str, by: Person, work: Work, *, via: str = "") -> Done:
    """Every post that missed its time goes out now, by this person's decision.  seen: the mark of those that were shown."""
    alert = _must_be_those(alert_id, seen, work)

    def post(variant: Variant) -> Variant:
        return decide.schedule(variant.id, by, _fingerprint(variant, work), None, work, via=via)

    return _each(alert, _in(State.MISSED, alert, work), post, "post", work)


def drop_all(alert_id: str, seen: str, by: Person, work: Work) -> Done:
    """None of the posts that missed their time goes out.  seen: as above."""
    alert = _must_be_those(alert_id, seen, work)

    def drop(variant: Variant) -> Variant:
        return decide.drop(variant.id, by, _fingerprint(variant, work), work)

    return _each(alert, _in(State.MISSED, alert, work), drop, "drop", work)


def mark(things: Iterable[Subject]) -> str:
    """What tells one set of posts from another on a button: eight hexadecimal digits."""
    return sha256(" ".join(sorted(map(str, things))).encode()).hexdigest()[:8]


def suffering(alert: Alert, work: Work) -> list[Subject]:
    """What is not mended yet, what failed last first; at most BATCH."""
    return [one.subject for one in work.alerts.about(alert.id, limit=BATCH) if one.mended_at is None]


def posts(things: Iterable[Subject], work: Work) -> list[Variant]:
    """Those of them that are posts and are there: a drill is about things that never were."""
    found = []
    for thing in things:
        with suppress(NotFound):
            if thing.kind == "post":
                found.append(work.posts.variant(thing.id))
    return found


def account_is_back(account: Account, by: Person, work: Work) -> None:
    """Somebody signed in again. What had failed meanwhile is not sent by that: a mild alert says where to press."""
    for variant in posts(work.resolve_cause(AlertKind.SIGN_IN_NEEDED, account.subject, by.name), work):
        if variant.state is State.FAILED:
            work.raise_alert(
                AlertKind.PUBLISH_FAILED,
                variant.subject,
                f"Posts of {account.handle} failed while its account was signed out.",
                kept="They and their approvals are kept.",
                remedy=f"{account.handle} is connected again: press Retry for what should still go out.",
                group=account.subject,
                severity=Severity.LOW,
                why="The account had to be connected again, and is now.",
                persona_id=account.persona_id,
            )


def budget_is_back(persona: Persona, by: Person, work: Work) -> None:
    """There is money again, so what could not be written for want of it is written. Nothing, while the persona may not work."""
    try:
        draft.must_be_working(persona, work)
    except (Conflict, Halted):
        return
    for variant in posts(work.resolve_cause(AlertKind.BUDGET_EXHAUSTED, persona.subject, by.name), work):
        if variant.state is State.WRITE_FAILED:
            draft.write_again(variant.id, by, work)


def to_be_written(variant: Variant, work: Work) -> bool:
    """Whether nobody wrote it, or only the rehearsal model."""
    return variant.state is State.WRITE_FAILED or draft.stood_in(variant, work)


def _in(state: State, alert: Alert, work: Work) -> list[Variant]:
    return [variant for variant in posts(suffering(alert, work), work) if variant.state is state]


def _each(
    alert: Alert, fitting: Sequence[Variant], do: Callable[[Variant], object], doing: str, work: Work
) -> Done:
    """Raises Conflict if there is nothing to do it with."""
    if not fitting:
        raise Conflict(f"There is nothing left to {doing}.", remedy="Its card shows how it stands now.")
    for variant in fitting:
        do(variant)
    return Done(len(fitting), work.alerts.suffering(alert.id))


def _must_be_those(alert_id: str, seen: str, work: Work) -> Alert:
    alert = work.alerts.get(alert_id)
    if mark(suffering(alert, work)) != seen:
        raise Stale(
            "Other posts are meant by now; nothing was decided.",
            remedy="The card now shows which: look at it and press again.",
        )
    return alert


def _fingerprint(variant: Variant, work: Work) -> str:
    return work.approvals.get(variant.approval_id).fingerprint
