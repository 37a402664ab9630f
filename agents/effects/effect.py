"""What leaves the product, and the ledger that makes it happen once.

due → sending → done | failed | unknown; a crash in `sending` is found by its expired lease and reconciled.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Any, Protocol

from agents.events import Subject
from agents.publishing.platform import Minted, Sent


class EffectKind(StrEnum):
    PUBLISH = "publish"
    TAKE_DOWN = "take_down"
    ACT = "act"
    """What a persona does for a task beyond its workspace."""


class EffectState(StrEnum):
    DUE = "due"
    """Owed; nothing has been sent."""
    SENDING = "sending"
    """A worker claimed it and may have sent something."""
    DONE = "done"
    FAILED = "failed"
    UNKNOWN = "unknown"
    """A person must look."""
    CANCELLED = "cancelled"
    """Its approval was voided before anybody claimed it."""


E = EffectState
ALLOWED: Mapping[EffectState, frozenset[EffectState]] = {
    E.DUE: frozenset({E.SENDING, E.CANCELLED, E.FAILED}),
    E.SENDING: frozenset({E.SENDING, E.DUE, E.DONE, E.FAILED, E.UNKNOWN}),
    E.DONE: frozenset(),
    E.FAILED: frozenset({E.DUE, E.CANCELLED}),
    E.UNKNOWN: frozenset({E.SENDING, E.DONE, E.FAILED}),
    E.CANCELLED: frozenset(),
}
"""Every move that an effect may make. Back to DUE only by a person's word, or when nothing was sent."""


@dataclass(frozen=True, slots=True)
class Effect:
    """One approval's effect.  minted: what was chosen before sending, one per segment; sent: what is proven out."""

    id: str
    kind: EffectKind
    subject: Subject
    approval_id: str
    fingerprint: str
    state: EffectState
    not_before: datetime
    attempts: int = 0
    minted: tuple[Minted, ...] = ()
    sent: tuple[Sent, ...] = ()
    error: str = ""
    revision: int = 1

    @property
    def partly_out(self) -> bool:
        return bool(self.sent)


class Effects(Protocol):
    """The ledger. `swap` is a compare-and-set and raises Raced for the loser."""

    def add(self, effect: Effect, now: datetime) -> None: ...
    def get(self, id: str) -> Effect: ...
    def of_approval(self, approval_id: str, kind: EffectKind = EffectKind.PUBLISH) -> Effect | None: ...
    def swap(self, before: Effect, **changes: Any) -> Effect: ...

    def note_intent(self, effect: Effect, minted: tuple[Minted, ...]) -> Effect:
        """Before anything is sent: what was chosen for each segment, never changed again."""

    def note_sent(self, effect: Effect, sent: Sent, at: datetime) -> Effect: ...
    def note_gone(self, effect: Effect, position: int, at: datetime) -> Effect: ...
    def note_attempt(
        self, effect: Effect, started_at: datetime, ended_at: datetime, outcome: str, error: str
    ) -> None: ...
    def limited_since(self, effect: Effect) -> datetime | None:
        """When the first of its last attempts began that were all told to wait; None if the last one was not."""
