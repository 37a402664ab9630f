"""The effect ledger: intent before, proof after, every attempt a row."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, or_, select

from agents.effects.effect import ALLOWED, Effect, EffectKind, EffectState
from agents.errors import Conflict
from agents.events import Subject
from agents.publishing.platform import Minted, RateLimited, Sent
from storage.rows import attempt, one, put, swap
from storage.tables import AttemptRow, EffectRow, EffectSegmentRow


class Effects:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, effect: Effect, now: datetime) -> None:
        put(
            self._connection,
            EffectRow,
            id=effect.id,
            kind=effect.kind.value,
            subject=str(effect.subject),
            approval_id=effect.approval_id,
            fingerprint=effect.fingerprint,
            state=effect.state.value,
            not_before=effect.not_before,
            attempts=effect.attempts,
            revision=effect.revision,
            created_at=now,
        )

    def get(self, id: str) -> Effect:
        query = select(EffectRow.__table__).where(EffectRow.id == id)
        return self._effect(one(self._connection, query, "There is no such effect."))

    def of_approval(self, approval_id: str, kind: EffectKind = EffectKind.PUBLISH) -> Effect | None:
        row = self._connection.execute(_OF_APPROVAL, {"approval": approval_id, "of_kind": kind.value}).first()
        return self._effect(row) if row else None

    def about(self, subject: Subject) -> list[Effect]:
        """Oldest first."""
        query = select(EffectRow.__table__).where(EffectRow.subject == str(subject))
        return [self._effect(row) for row in self._connection.execute(query.order_by(EffectRow.created_at))]

    def swap(self, before: Effect, **changes: Any) -> Effect:
        """Compare-and-set on the revision; a change of `state` must be allowed. Raises Conflict."""
        after = replace(before, **changes, revision=before.revision + 1)
        if "state" in changes and after.state not in ALLOWED[before.state]:
            raise Conflict(f"An effect that is {before.state.value} cannot become {after.state.value}.")
        swap(
            self._connection,
            EffectRow,
            EffectRow.id == before.id,
            EffectRow.revision == before.revision,
            values={**changes, "state": after.state.value, "revision": after.revision},
            lost="Another worker holds this effect.",
        )
        return after

    def note_intent(self, effect: Effect, minted: tuple[Minted, ...]) -> Effect:
        """Before anything is sent: what was chosen for each segment. Once written it is never changed."""
        for plan in minted:
            put(
                self._connection,
                EffectSegmentRow,
                effect_id=effect.id,
                position=plan.position,
                key=plan.key,
                created_at=plan.created_at,
            )
        return replace(effect, minted=minted)

    def note_sent(self, effect: Effect, sent: Sent, at: datetime) -> Effect:
        """The proof. Noting the same one again (two workers looked at once) is fine; what was taken down may go out anew."""
        row = EffectSegmentRow
        here = (row.effect_id == effect.id, row.position == sent.position)
        not_out = or_(row.sent_at.is_(None), row.gone_at.is_not(None))
        values = {"ref": sent.ref, "cid": sent.cid, "url": sent.url, "sent_at": at, "gone_at": None}
        attempt(self._connection, row, *here, not_out, values=values)
        return self.get(effect.id)

    def note_gone(self, effect: Effect, position: int, at: datetime) -> Effect:
        here = (EffectSegmentRow.effect_id == effect.id, EffectSegmentRow.position == position)
        attempt(self._connection, EffectSegmentRow, *here, values={"gone_at": at})
        return self.get(effect.id)

    def note_attempt(
        self, effect: Effect, started_at: datetime, ended_at: datetime, outcome: str, error: str
    ) -> None:
        values = {"started_at": started_at, "ended_at": ended_at, "outcome": outcome, "error": error}
        put(self._connection, AttemptRow, effect_id=effect.id, **values)

    def attempts(self, effect_id: str) -> list[Any]:
        """Rows with started_at, ended_at, outcome, error; oldest first."""
        query = select(AttemptRow.__table__).where(AttemptRow.effect_id == effect_id)
        return list(self._connection.execute(query.order_by(AttemptRow.id)))

    def limited_since(self, effect: Effect) -> datetime | None:
        """When the first of its last attempts began that were all told to wait; None if the last one was not."""
        since = None
        for row in reversed(self.attempts(effect.id)):
            if row.outcome != RateLimited.code:
                break
            since = row.started_at
        return since

    def _effect(self, row: Any) -> Effect:
        query = select(EffectSegmentRow.__table__).where(EffectSegmentRow.effect_id == row.id)
        segments = self._connection.execute(query.order_by(EffectSegmentRow.position)).all()
        return Effect(
            id=row.id,
            kind=EffectKind(row.kind),
            subject=Subject.parse(row.subject),
            approval_id=row.approval_id,
            fingerprint=row.fingerprint,
            state=EffectState(row.state),
            not_before=row.not_before,
            attempts=row.attempts,
            minted=tuple(Minted(s.position, s.key, s.created_at) for s in segments),
            sent=tuple(
                Sent(s.position, s.ref, s.cid, s.url) for s in segments if s.sent_at and s.gone_at is None
            ),
            error=row.error,
            revision=row.revision,
        )


_OF_APPROVAL = select(EffectRow.__table__).where(
    EffectRow.approval_id == bindparam("approval"), EffectRow.kind == bindparam("of_kind")
)
