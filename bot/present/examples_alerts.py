"""An example of every kind of alert in every state, and of what else its card may have to say."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta

from agents.events import SYSTEM, Subject
from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import KINDS, AlertKind
from bot.cards import Button, Card, Confirm, action
from bot.present import alert as alert_card
from bot.present import runbook
from bot.present.alert import AlertView

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
POST = "k3mq9v7x2a"
K = AlertKind


def examples() -> Mapping[str, tuple[Card, ...]]:
    return {
        "Alerts": tuple(alert_card.card(view(kind)) for kind in AlertKind),
        "Alerts, acknowledged": tuple(
            alert_card.card(view(kind, AlertState.ACKNOWLEDGED)) for kind in AlertKind
        ),
        "Alerts, resolved": tuple(alert_card.card(view(kind, AlertState.RESOLVED)) for kind in AlertKind),
        "Alerts, special": (_silenced(), _given(), _flapping(), _drill(), _many(), _missed_many()),
        "Alerts, answers": (
            alert_card.listing([view(kind).alert for kind in (K.BUDGET_EXHAUSTED, K.PROCESS_DOWN)]),
            alert_card.listing([]),
            runbook.card(K.PUBLISH_UNKNOWN, "https://troupe.example.com"),
        ),
    }


def view(kind: AlertKind, state: AlertState = AlertState.OPEN) -> AlertView:
    alert = Alert(
        id="al",
        kind=kind,
        severity=KINDS[kind].severity,
        cause=f"{kind.value}/post:{POST}",
        subject=Subject("post", POST),
        state=state,
        what="Ada's post “our new release” could not go out on Bluesky: the server did not answer.",
        kept="The post and its approval are kept; nothing was sent twice.",
        remedy="Press what fits, or look at its runbook.",
        count=3,
        first_at=NOW - timedelta(hours=2),
        last_at=NOW,
        handled_by="" if state is AlertState.OPEN else "Bob",
        acknowledged_at=None if state is AlertState.OPEN else NOW - timedelta(hours=1),
        resolved_at=NOW if state is AlertState.RESOLVED else None,
    )
    return AlertView(alert, NOW, _REMEDIES.get(kind, ()))


def _press(label: str, verb: str, id: str = POST, **more: object) -> Button:
    return Button(label, action(verb, id), **more)  # type: ignore[arg-type]


_SHOW = _press("Show the post", "post.show")
_REMEDIES: Mapping[AlertKind, tuple[Button, ...]] = {
    K.PUBLISH_FAILED: (_press("Retry", "post.retry", style="primary"), _press("Edit…", "post.edit")),
    K.PUBLISH_UNKNOWN: (
        _press("It is live", "post.is_live", style="primary"),
        _press("It is not — send again", "post.is_not_live"),
    ),
    K.PUBLISH_MISSED: (
        _press("Post now", "post.post_now", style="primary"),
        _press("Reschedule…", "post.schedule"),
        _press("Drop", "post.drop", style="danger"),
    ),
    K.PUBLISH_LIMITED: (_SHOW,),
    K.TAKE_DOWN_FAILED: (
        _press(
            "Take down",
            "post.take_down",
            style="danger",
            confirm=Confirm("Take this post down from Bluesky?", "Take it down"),
        ),
    ),
    K.SIGN_IN_NEEDED: (
        _press("Reconnect ada.example.com…", "persona.connect_bluesky", "ada", style="primary"),
    ),
    K.WRITING_FAILED: (_press("Write again", "post.write_again", style="primary"),),
    K.PROVIDER_DOWN: (_press("Write again", "post.write_again", style="primary"),),
    K.BUDGET_EXHAUSTED: (_press("Raise budget…", "persona.budget", "ada", style="primary"),),
    K.APPROVAL_ESCALATED: (_SHOW,),
    K.APPROVAL_EXPIRED: (_press("Ask again", "post.ask_again"), _SHOW),
    K.JOB_FAILED: (_SHOW,),
    K.QUEUE_LATE: (_press("Status", "system.status", SYSTEM.id),),
    K.PROCESS_DOWN: (_press("Status", "system.status", SYSTEM.id),),
    K.DATABASE_AWAY: (_press("Status", "system.status", SYSTEM.id),),
    K.EXTERNAL: (Button("Open its page", url="https://grafana.example.com/d/42"),),
}


def _but(kind: AlertKind, **changes: object) -> AlertView:
    shown = view(kind)
    return replace(shown, alert=replace(shown.alert, **changes))  # type: ignore[arg-type]


def _silenced() -> Card:
    return alert_card.card(_but(K.QUEUE_LATE, silenced_until=NOW + timedelta(hours=8)))


def _given() -> Card:
    return alert_card.card(replace(_but(K.EXTERNAL, assigned_to="bob", why="A disk is full."), whose="Bob"))


def _flapping() -> Card:
    return alert_card.card(_but(K.PROCESS_DOWN, reopened=4, count=12))


def _drill() -> Card:
    return alert_card.card(_but(K.PROCESS_DOWN, drill=True))


def _many() -> Card:
    things = tuple(f"Ada on Bluesky: release {n} (k3mq{n}), failed" for n in range(alert_card.SHOWN))
    buttons = (
        _press("Retry all", "alert.retry_all", "al", style="primary"),
        _press("One by one", "alert.each", "al"),
    )
    shown = _but(K.PUBLISH_FAILED, count=1204)
    return alert_card.card(replace(shown, things=things, suffering=1200, remedies=buttons))


def _missed_many() -> Card:
    things = ("Ada on Bluesky: release 1 (k3mq1), missed", "Ada on Bluesky: release 2 (k3mq2), missed")
    drop = Confirm("Drop 2 posts, so that none of them goes out?", "Drop them")
    buttons = (
        _press(
            "Post all now",
            "alert.post_all",
            "al",
            style="primary",
            confirm=Confirm("Publish 2 posts now?", "Post them now"),
        ),
        _press("Drop all", "alert.drop_all", "al", style="danger", confirm=drop),
        _press("One by one", "alert.each", "al"),
    )
    return alert_card.card(replace(view(K.PUBLISH_MISSED), things=things, suffering=2, remedies=buttons))
