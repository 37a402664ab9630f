"""Alerts to practise with: realistic, about something real, and harmless whatever is pressed."""

from __future__ import annotations

from collections.abc import Mapping

from agents.events import Actor, Event, Subject
from agents.oncall.alert import Alert
from agents.oncall.kinds import AlertKind, Severity
from agents.personas.persona import Persona, PersonaState
from storage.unit_of_work import UnitOfWork

WORDS: Mapping[AlertKind, str] = {
    AlertKind.PUBLISH_FAILED: "{persona}'s post could not be published on Bluesky: the server failed (500).",
    AlertKind.PUBLISH_UNKNOWN: "{persona}'s post was handed to Bluesky, and the connection broke before its answer came.",
    AlertKind.PUBLISH_MISSED: "{persona}'s post was to go out at 09:00, and Troupe was not running.",
    AlertKind.PUBLISH_LIMITED: "Bluesky takes no more posts of {persona} before 14:00 UTC.",
    AlertKind.TAKE_DOWN_FAILED: "{persona}'s post is still on Bluesky: the server failed (503) when it was to be taken down.",
    AlertKind.SIGN_IN_NEEDED: "Bluesky does not let {persona} in any more: the app password was revoked.",
    AlertKind.WRITING_FAILED: "{persona}'s draft could not be written: every model of the chain was asked, and none wrote a post.",
    AlertKind.PROVIDER_DOWN: "The provider of {persona}'s model has answered 429 for five minutes.",
    AlertKind.BUDGET_EXHAUSTED: "{persona} has used up this month's budget.",
    AlertKind.APPROVAL_ESCALATED: "{persona}'s post has waited for approval for half of its time.",
    AlertKind.APPROVAL_EXPIRED: "{persona}'s post waited for approval until its time was over.",
    AlertKind.TASK_BLOCKED: "A task of {persona} is stuck in build: the file that its plan names is not there.",
    AlertKind.TASK_FAILED: "A task of {persona} was given up: the page that it was to read is gone.",
    AlertKind.TASK_LATE: "A task of {persona} was due an hour ago and waits for somebody to approve its plan.",
    AlertKind.TASK_BUDGET: "A task of {persona} waits for money: it has $0.01 left of $1.00.",
    AlertKind.STEP_UNKNOWN: "{persona} was sending an e-mail, and the connection broke before the server's answer came.",
    AlertKind.JOB_FAILED: "A job about {persona} failed 6 times: OperationalError.",
    AlertKind.QUEUE_LATE: "The most overdue job waits for 3 min.",
    AlertKind.PROCESS_DOWN: "worker on this host stopped without a goodbye, and none of its kind is left.",
    AlertKind.CLOCK_JUMPED: "This machine's clock jumped an hour ahead.",
    AlertKind.DATABASE_AWAY: "The database did not answer for 2 min.",
    AlertKind.LOG_LOST: "The log cannot be written: no space is left on the device.",
    AlertKind.SURFACE_DOWN: "Slack does not let Troupe in any more: the token was revoked.",
    AlertKind.CHANNEL_CLOSED: "Nothing can be said in #general any more: the channel was archived.",
    AlertKind.DELIVERY_FAILED: "{persona}'s card could not be shown: Slack answered invalid_blocks.",
    AlertKind.PAGE_FAILED: "Nobody on call could be reached by e-mail: the mail server does not answer.",
    AlertKind.EXTERNAL: "DiskAlmostFull: /srv has 2 % left, says a system that takes part in this drill.",
}
"""What each kind could say."""


def raise_drill(kind: AlertKind, by: Actor, work: UnitOfWork, *, severity: Severity | None = None) -> Alert:
    """An alert like a real one, about a persona where there is one, and never the same cause as a real one."""
    persona = _somebody(work)
    name = f"@{persona.handle}" if persona else "a persona"
    subject = Subject("persona", persona.id) if persona else Subject("drill", kind.value)
    alert = work.raise_alert(
        kind,
        subject,
        f"This is a drill. {WORDS[kind].format(persona=name)}",
        kept="Nothing happened: somebody practises.",
        remedy=f"Do what you would do at night: take it, look into its runbook ({kind.value}), resolve it.",
        # A cause of its own each time: a real failure must never be counted up to a drill, nor a drill to one before it.
        group=Subject("drill", work.new_id()),
        severity=severity,
        why="Somebody ran ./troupe drill.",
        persona_id=persona.id if persona else "",
        drill=True,
    )
    after = {"kind": kind.value, "severity": alert.severity.value}
    work.record(Event("alert.drilled", alert.about, by, after=after))
    return alert


def _somebody(work: UnitOfWork) -> Persona | None:
    """Of those at work the first by handle, so that a drill goes where their real alerts would."""
    active = [persona for persona in work.personas.all() if persona.state is PersonaState.ACTIVE]
    return min(active, key=lambda persona: persona.handle, default=None)
