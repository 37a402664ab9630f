"""Approvals with the decisions of people."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, bindparam, select

from agents.approvals.approval import Approval, ApprovalState, Decision, Verdict
from agents.approvals.policy import Policy
from agents.errors import NotFound
from agents.events import Subject
from storage.rows import put, swap
from storage.tables import ApprovalRow, DecisionRow


class Approvals:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(self, approval: Approval) -> None:
        put(
            self._connection,
            ApprovalRow,
            id=approval.id,
            subject=str(approval.subject),
            version=approval.version,
            fingerprint=approval.fingerprint,
            policy=approval.policy.model_dump(mode="json"),
            state=approval.state.value,
            requested_by=approval.requested_by,
            authors=sorted(approval.authors),
            publish_at=approval.publish_at,
            created_at=approval.created_at,
            expires_at=approval.expires_at,
            revision=approval.revision,
        )

    def get(self, id: str) -> Approval:
        found = self.many([id])
        if id not in found:
            raise NotFound(
                "There is no such approval.", remedy="It may have been removed, or its id mistyped."
            )
        return found[id]

    def swap(self, before: Approval, after: Approval) -> Approval:
        """Raises Conflict when somebody was faster; saves the decisions that `after` has more than `before`."""
        swap(
            self._connection,
            ApprovalRow,
            ApprovalRow.id == before.id,
            ApprovalRow.revision == before.revision,
            values={"state": after.state.value, "revision": after.revision},
            lost="Somebody decided at the same moment, and was first.",
        )
        for number in range(len(before.decisions), len(after.decisions)):
            decision = asdict(after.decisions[number])
            put(self._connection, DecisionRow, approval_id=after.id, number=number, **decision)
        return after

    def many(self, approval_ids: Iterable[str]) -> dict[str, Approval]:
        """By id; for pages that show many."""
        found: dict[str, tuple[Any, list[Decision]]] = {}
        ids = [id for id in approval_ids if id]
        for row in self._connection.execute(_WITH_DECISIONS, {"are": ids}):
            _, decisions = found.setdefault(row.id, (row, []))
            if row.person_id is not None:
                decisions.append(_decision(row))
        return {id: _approval(row, tuple(decisions)) for id, (row, decisions) in found.items()}

    def history(self, subject: Subject) -> list[Approval]:
        """Every approval that was ever asked for about it, oldest first."""
        query = (
            select(ApprovalRow.id).where(ApprovalRow.subject == str(subject)).order_by(ApprovalRow.created_at)
        )
        ids = list(self._connection.execute(query).scalars())
        found = self.many(ids)
        return [found[id] for id in ids]

    def pending_since(self, moment: datetime) -> int:
        """How many are waiting since before `moment`."""
        query = select(ApprovalRow.id).where(
            ApprovalRow.state == ApprovalState.PENDING.value, ApprovalRow.created_at < moment
        )
        return len(self._connection.execute(query).all())


_WITH_DECISIONS = (
    select(
        ApprovalRow.__table__,
        *(column for column in DecisionRow.__table__.c if column.name != "approval_id"),
    )
    .outerjoin(DecisionRow, DecisionRow.approval_id == ApprovalRow.id)
    .where(ApprovalRow.id.in_(bindparam("are", expanding=True)))
    .order_by(ApprovalRow.id, DecisionRow.number)
)
"""One statement, so that nobody sees a decision without the state that it led to: PostgreSQL looks anew for each."""


def _decision(row: Any) -> Decision:
    return Decision(
        row.person_id, row.person_name, Verdict(row.verdict), row.at, row.note, row.via, row.standing
    )


def _approval(row: Any, decisions: tuple[Decision, ...]) -> Approval:
    return Approval(
        id=row.id,
        subject=Subject.parse(row.subject),
        version=row.version,
        fingerprint=row.fingerprint,
        policy=Policy.model_validate(row.policy),
        state=ApprovalState(row.state),
        requested_by=row.requested_by,
        authors=frozenset(row.authors),
        created_at=row.created_at,
        expires_at=row.expires_at,
        publish_at=row.publish_at,
        decisions=decisions,
        revision=row.revision,
    )
