"""Every kind of thing that can go wrong: how bad it is, what it is called, what is usually behind it.

How to deal with each is a page of its own, `docs/runbooks/KIND.md`; a kind without one fails a test.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Severity(StrEnum):
    """From the worst to the mildest."""

    CRITICAL = "critical"
    HIGH = "high"
    MEDIUM = "medium"
    LOW = "low"

    def covers(self, other: Severity) -> bool:
        """True if this one is at least as bad as `other`."""
        return _RANK[self] <= _RANK[other]


_RANK = {severity: rank for rank, severity in enumerate(Severity)}


class AlertKind(StrEnum):
    PUBLISH_FAILED = "publish_failed"
    PUBLISH_UNKNOWN = "publish_unknown"
    PUBLISH_MISSED = "publish_missed"
    PUBLISH_LIMITED = "publish_limited"
    TAKE_DOWN_FAILED = "take_down_failed"
    SIGN_IN_NEEDED = "sign_in_needed"
    WRITING_FAILED = "writing_failed"
    PROVIDER_DOWN = "provider_down"
    BUDGET_EXHAUSTED = "budget_exhausted"
    APPROVAL_ESCALATED = "approval_escalated"
    APPROVAL_EXPIRED = "approval_expired"
    TASK_BLOCKED = "task_blocked"
    TASK_FAILED = "task_failed"
    TASK_LATE = "task_late"
    TASK_BUDGET = "task_budget"
    STEP_UNKNOWN = "step_unknown"
    JOB_FAILED = "job_failed"
    QUEUE_LATE = "queue_late"
    PROCESS_DOWN = "process_down"
    SURFACE_DOWN = "surface_down"
    CHANNEL_CLOSED = "channel_closed"
    DELIVERY_FAILED = "delivery_failed"
    PAGE_FAILED = "page_failed"
    DATABASE_AWAY = "database_away"
    LOG_LOST = "log_lost"
    CLOCK_JUMPED = "clock_jumped"
    EXTERNAL = "external"


@dataclass(frozen=True, slots=True)
class Kind:
    """severity: unless whoever raises the alert knows better.  title: the headline of its card.  cause: what is usually
    behind it, in a sentence that helps somebody who was just woken up."""

    severity: Severity
    title: str
    cause: str


KINDS: Mapping[AlertKind, Kind] = {
    AlertKind.PUBLISH_FAILED: Kind(
        Severity.HIGH,
        "A post could not be published",
        "The platform refused this post, or its server has trouble of its own.",
    ),
    AlertKind.PUBLISH_UNKNOWN: Kind(
        Severity.HIGH,
        "A post may or may not be out",
        "The connection broke after the post had been handed over and before the platform's answer came.",
    ),
    AlertKind.PUBLISH_MISSED: Kind(
        Severity.MEDIUM,
        "A scheduled post missed its time",
        "Troupe was not running, or was halted, when the post should have gone out.",
    ),
    AlertKind.PUBLISH_LIMITED: Kind(
        Severity.LOW,
        "A platform wants us to wait",
        "The account has posted as much as the platform allows for now.",
    ),
    AlertKind.TAKE_DOWN_FAILED: Kind(
        Severity.MEDIUM,
        "A post could not be taken down",
        "The platform refused, or its server has trouble of its own.",
    ),
    AlertKind.SIGN_IN_NEEDED: Kind(
        Severity.HIGH,
        "An account has to be connected again",
        "The app password was revoked or changed, or the account's session ran out for good.",
    ),
    AlertKind.WRITING_FAILED: Kind(
        Severity.MEDIUM,
        "A draft could not be written",
        "Every model of the persona's chain refused or answered with something that is no post.",
    ),
    AlertKind.PROVIDER_DOWN: Kind(
        Severity.HIGH,
        "No language model answers",
        "The provider has an outage or limits this key, or the key is no longer valid.",
    ),
    AlertKind.BUDGET_EXHAUSTED: Kind(
        Severity.MEDIUM,
        "A persona's budget is used up",
        "The persona wrote more than its monthly budget was made for.",
    ),
    AlertKind.APPROVAL_ESCALATED: Kind(
        Severity.LOW, "Something waits for approval", "Whoever may approve has not looked yet."
    ),
    AlertKind.APPROVAL_EXPIRED: Kind(Severity.LOW, "Nobody decided in time", "Whoever may approve was away."),
    AlertKind.TASK_BLOCKED: Kind(
        Severity.MEDIUM,
        "A task cannot go on by itself",
        "The persona did not get a stage done in several tries, or nobody decided about its plan or its result in time.",
    ),
    AlertKind.TASK_FAILED: Kind(
        Severity.MEDIUM,
        "A task was given up",
        "Something that it needs is not to be had, or Troupe stumbled over it again and again.",
    ),
    AlertKind.TASK_LATE: Kind(
        Severity.LOW,
        "A task is past its deadline",
        "It waited for a persona or for a person longer than it had time.",
    ),
    AlertKind.TASK_BUDGET: Kind(
        Severity.LOW,
        "A task has no money left",
        "The task took more calls of a model than its budget was made for, or the persona's or the team's month is used up.",
    ),
    AlertKind.STEP_UNKNOWN: Kind(
        Severity.HIGH,
        "A persona's step may or may not have happened",
        "The connection broke, or the worker died, after the step had begun and before its answer came.",
    ),
    AlertKind.JOB_FAILED: Kind(
        Severity.MEDIUM,
        "Something Troupe should have done failed",
        "A fault of Troupe's own, or a part of the machine that it needs: the log says which.",
    ),
    AlertKind.QUEUE_LATE: Kind(
        Severity.HIGH,
        "Work waits longer than it should",
        "Too few workers run, they are stuck, or Redis is away.",
    ),
    AlertKind.PROCESS_DOWN: Kind(
        Severity.CRITICAL,
        "A part of Troupe has stopped",
        "It was killed, ran out of memory, or its machine is gone.",
    ),
    AlertKind.SURFACE_DOWN: Kind(
        Severity.CRITICAL,
        "A chat does not let Troupe in",
        "The token was revoked, or the chat has an outage.",
    ),
    AlertKind.CHANNEL_CLOSED: Kind(
        Severity.MEDIUM,
        "Nothing can be said in a channel any more",
        "The channel was archived or deleted, or Troupe was removed from it.",
    ),
    AlertKind.DELIVERY_FAILED: Kind(
        Severity.MEDIUM, "A message could not be shown", "The chat refused it, or does not answer."
    ),
    AlertKind.PAGE_FAILED: Kind(
        Severity.HIGH,
        "Somebody on call could not be reached",
        "The address is wrong, or the mail server or the receiving end does not answer.",
    ),
    AlertKind.DATABASE_AWAY: Kind(
        Severity.HIGH,
        "The database could not be used for a while",
        "The database was restarted, its disk is full, or another program holds its lock.",
    ),
    AlertKind.LOG_LOST: Kind(
        Severity.MEDIUM, "A log cannot be written", "The disk is full, or the folder may not be written to."
    ),
    AlertKind.CLOCK_JUMPED: Kind(
        Severity.HIGH,
        "The machine's clock jumped",
        "It was set by hand or by a time server, or a virtual machine was moved or restored.",
    ),
    AlertKind.EXTERNAL: Kind(
        Severity.MEDIUM,
        "An alert from outside",
        "Another system of yours says so; its own page has the details.",
    ),
}
