"""What is pressed on the card of an alert, and who is asked when nobody answers: the same in every chat."""

from __future__ import annotations

from datetime import timedelta

from agents.effects.effect import EffectState
from agents.events import Subject
from agents.oncall.alert import Alert
from agents.oncall.kinds import AlertKind, Severity
from agents.writing.post import State
from tests.servers.pds import Pds
from tests.surfaces.hands import Card, Hands
from tests.surfaces.rows import put, variant
from tests.surfaces.stories import presses

KEPT = "Nothing is lost."
BUDGET = "Budget for a month, in US dollars"
UNTIL = "Until when, in your time zone"


# ---- dealing with it ----


@presses("alert.silence_for", "alert.unsilence", "alert.silence")
def an_alert_is_silenced_and_speaks_again(at: Hands, pds: Pds) -> None:
    card, now = alert(at, AlertKind.QUEUE_LATE, Subject("queue", "drafts")), at.crew.troupe.clock()
    for hours in ("1", "8"):
        at.presses("bob", f"Silence for {hours} h", card)
        at.has(card, "silenced", "Silent until")
        at.presses("bob", "End the silence", card)
        at.until(lambda: "silenced" not in card.words and "Silence until…" in at.buttons(card))
    form = at.opens("bob", "Silence until…", card, "Silence the alert")
    again = form.fill({UNTIL: at.moment(now + timedelta(days=15))}).refused(UNTIL, "14 days at most")
    again.fill({UNTIL: at.moment(now + timedelta(days=2))}).sends()
    at.has(card, "silenced", "Silent until")


@presses("alert.escalate", "alert.reassign", "alert.details", "alert.runbook")
def an_alert_is_passed_on(at: Hands, pds: Pds) -> None:
    card = alert(at, AlertKind.LOG_LOST, Subject("log", "main"), severity=Severity.LOW)
    at.presses("bob", "Runbook", card)
    at.told("bob", "What was not lost")
    at.presses("bob", "Escalate", card)
    at.has(card, "medium")
    at.shows(at.direct("mia"), "Something failed.")
    at.fill(
        "mia",
        "Reassign…",
        card,
        "Reassign the alert",
        {"Who deals with it from now on?": "Alice (owner)"},
    )
    at.has(card, "Given to", "Alice")
    at.shows(at.direct("alice"), "Something failed.")
    at.presses("charlie", "Details", card)
    told = at.told("charlie", "Details: ").words
    assert told.index("Bob called for more people") < told.index("Mia gave it to somebody (Alice)")


@presses("alert.show")
def alerts_are_looked_through(at: Hands, pds: Pds) -> None:
    alert(at, AlertKind.LOG_LOST, Subject("log", "main"), severity=Severity.LOW)
    raised(at, AlertKind.QUEUE_LATE, Subject("queue", "drafts"), what="Drafts wait for an hour.")
    listed = at.ask("charlie", "/alert list", "2 open alerts")
    assert KEPT not in listed.words
    at.presses("charlie", "Show 1", listed)
    assert "Drafts wait for an hour." in at.told("charlie", KEPT).words
    at.presses("charlie", "Show 2", listed)
    at.told("charlie", "Its card stands in this channel.")


# ---- what mends it ----


@presses("alert.each", "alert.retry_all")
def what_failed_together_is_sent_again_together(at: Hands, pds: Pds) -> None:
    failed = (EffectState.SENDING, EffectState.FAILED)
    posts = planned(at, "one", "two")
    for about in ("one", "two"):
        put(at.crew.troupe, about, State.FAILED, effect=failed)
    card = alert(at, AlertKind.PUBLISH_FAILED, *subjects(at, "one", "two"))
    at.presses("bob", "One by one", card)
    each = at.told("bob", "One by one")
    assert {"1: Retry", "2: Retry"} <= {*at.buttons(each)}
    at.presses("mia", "Retry all", card)
    at.has(card, "Resolved by")
    for post in posts:
        at.has(post, "published")


@presses("alert.write_all")
def what_no_model_wrote_is_written_again(at: Hands, pds: Pds) -> None:
    posts = [at.draft("one"), at.draft("two")]
    card = alert(at, AlertKind.PROVIDER_DOWN, *subjects(at, "one", "two"))
    at.presses("bob", "Write all again", card)
    for post in posts:
        at.has(post, "2, by Ada")


@presses("alert.post_all")
def what_missed_its_time_goes_out_together(at: Hands, pds: Pds) -> None:
    posts, card = missed(at)
    at.confirms("mia", "Post all now", card, "Publish 2 posts now?")
    everything_is(at, posts, card, "published")


@presses("alert.drop_all")
def what_missed_its_time_is_dropped_together(at: Hands, pds: Pds) -> None:
    posts, card = missed(at)
    at.declines("mia", "Drop all", card, "Drop 2 posts")
    assert "open" in card.words
    at.confirms("mia", "Drop all", card, "Drop 2 posts")
    everything_is(at, posts, card, "rejected")


def missed(at: Hands) -> tuple[list[Card], Card]:
    """Two posts, and the alert about both."""
    posts = planned(at, "one", "two")
    for about in ("one", "two"):
        put(at.crew.troupe, about, State.MISSED)
    return posts, alert(at, AlertKind.PUBLISH_MISSED, *subjects(at, "one", "two"))


def everything_is(at: Hands, posts: list[Card], card: Card, state: str) -> None:
    at.has(card, "Resolved by")
    for post in posts:
        at.has(post, state)


@presses("persona.budget")
def a_budget_is_raised_from_the_alert(at: Hands, pds: Pds) -> None:
    ada = at.crew.ada
    card = alert(at, AlertKind.BUDGET_EXHAUSTED, ada.subject)
    form = at.opens("mia", "Raise budget…", card, "Budget")
    assert form.value(BUDGET) == str(ada.profile.monthly_budget_usd)
    form.fill({BUDGET: "99"}).sends()
    at.has(card, "Resolved by", "Mia")
    assert "$99" in at.ask("bob", "/persona show", "Ada (@ada)", persona="@ada").words


# ---- who is asked ----


@presses("escalation.change", "escalation.reset")
def who_is_asked_is_changed(at: Hands, pds: Pds) -> None:
    card = at.ask("mia", "/oncall escalation", "High (the default)", severity="high")
    form = at.opens("mia", "Change…", card, "Who is asked, and when")
    assert form.value("Then") == "after 15 min: layer 2"
    again = form.fill({"Then": "after a while: owners"}).refused("Then", "no time that a step could wait")
    again.fill({"Then": "after 10 min: owners"}).sends()
    told = at.told("mia", "after 10 min: owners")
    at.presses("mia", "Back to the default", told)
    at.until(lambda: "after 15 min: layer 2" in at.private("mia")[-1].words)


# ---- what there is to deal with ----


def alert(at: Hands, kind: AlertKind, *about: Subject, severity: Severity | None = None) -> Card:
    """Its card in the channel where everybody is."""
    one = raised(at, kind, *about, severity=severity)
    with at.crew.troupe.storage.unit_of_work() as work:
        here = work.channels.known_as(at.surface, at.general.id) or work.channels.add(
            at.surface, "general", work.now, external_id=at.general.id
        )
        work.place(here.id, one.about)
    return at.shows(at.general, one.what, one.id)


def raised(
    at: Hands,
    kind: AlertKind,
    *about: Subject,
    what: str = "Something failed.",
    severity: Severity | None = None,
) -> Alert:
    """About each of them, by one cause."""
    cause = at.crew.ada.subject
    with at.crew.troupe.storage.unit_of_work() as work:
        found: list[Alert] = [
            work.raise_alert(kind, one, what, kept=KEPT, remedy="Look.", group=cause, severity=severity)
            for one in about
        ]
    return found[-1]


def planned(at: Hands, *abouts: str) -> list[Card]:
    """Posts with an approval that go out tomorrow.

    Mia alone decides, so that no more cards are redrawn than Slack allows at once.
    """
    at.ask("mia", "/persona approvers", "Mia", persona="@ada", people="Mia")
    tomorrow = at.moment(at.crew.troupe.clock() + timedelta(days=1))
    cards = []
    for about in abouts:
        card = at.draft(about)
        at.fill("mia", "Schedule…", card, "Schedule the post", {"When, in your own time zone": tomorrow})
        at.has(card, "scheduled")
        cards.append(card)
    return cards


def subjects(at: Hands, *abouts: str) -> list[Subject]:
    return [variant(at.crew.troupe, about).subject for about in abouts]
