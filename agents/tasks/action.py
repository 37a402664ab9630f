"""An action: what a persona wants to do beyond its workspace. A person sees exactly it, and then exactly it happens, once.

proposed → approved → running → done | failed | unknown; refused ends it. Whatever runs it compares the fingerprint
of what is about to run with what was approved.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any

from agents.approvals.fingerprint import digest
from agents.events import Subject


class ActionState(StrEnum):
    PROPOSED = "proposed"
    APPROVED = "approved"
    """The effect is owed, and no worker has begun."""
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    """It definitely did not happen."""
    UNKNOWN = "unknown"
    """It may have happened; a person is asked."""
    REFUSED = "refused"
    EXPIRED = "expired"
    """Nobody decided in time, and that is a no."""


A = ActionState
ALLOWED: Mapping[ActionState, frozenset[ActionState]] = {
    A.PROPOSED: frozenset({A.PROPOSED, A.APPROVED, A.REFUSED, A.EXPIRED}),
    A.APPROVED: frozenset({A.RUNNING, A.REFUSED, A.EXPIRED}),
    A.RUNNING: frozenset({A.RUNNING, A.APPROVED, A.DONE, A.FAILED, A.UNKNOWN}),
    A.UNKNOWN: frozenset({A.APPROVED, A.DONE, A.FAILED}),
    A.DONE: frozenset(),
    A.FAILED: frozenset(),
    A.REFUSED: frozenset(),
    A.EXPIRED: frozenset(),
}
"""Every move that an action may make."""

SETTLED = frozenset({A.DONE, A.FAILED, A.REFUSED, A.EXPIRED})
"""States in which the persona is told how it ended, and goes on."""


@dataclass(frozen=True, slots=True)
class Action:
    """call_id: the model's own id of the tool call.  arguments: exactly as they will be run, JSON values.

    shown: exactly what the approver reads: the command, the diff, the message.  attachments: of what is sent along, the
    path in the workspace and its SHA-256 at the time of asking.
    """

    id: str
    task_id: str
    persona_id: str
    call_id: str
    tool: str
    title: str
    """One line: "Send an e-mail to max@example.com"."""
    arguments: Mapping[str, Any]
    shown: str
    created_at: datetime
    attachments: Mapping[str, str] = field(default_factory=dict)
    state: ActionState = ActionState.PROPOSED
    approval_id: str = ""
    result: str = ""
    """What the persona is told: what came of it, or why it was refused."""
    revision: int = 1

    @property
    def subject(self) -> Subject:
        return Subject("action", self.id)

    @property
    def fingerprint(self) -> str:
        return fingerprint(self.tool, self.arguments, self.attachments)


def fingerprint(tool: str, arguments: Mapping[str, Any], attachments: Mapping[str, str]) -> str:
    """Of exactly what would run."""
    return digest({"tool": tool, "arguments": dict(arguments), "attachments": dict(attachments)})
