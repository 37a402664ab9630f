"""How much there is of everything: counted for people who watch over an installation. Reads only."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import Connection, Select, case, func, literal, select

from agents.oncall.alert import AlertState
from storage.purses import month_of
from storage.tables import AlertRow, BudgetRow, EffectRow, JobRow, PersonaRow, VariantRow


class Figures:
    """On a reading transaction. Each is one query over an index."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def posts(self) -> dict[str, int]:
        """Variants by state."""
        return self._counts(select(VariantRow.state, func.count()).group_by(VariantRow.state))

    def effects(self) -> dict[str, int]:
        """By state."""
        return self._counts(select(EffectRow.state, func.count()).group_by(EffectRow.state))

    def open_alerts(self) -> dict[str, int]:
        """Not resolved, by severity."""
        query = select(AlertRow.severity, func.count()).where(AlertRow.state != AlertState.RESOLVED.value)
        return self._counts(query.group_by(AlertRow.severity))

    def jobs(self, now: datetime) -> tuple[int, int]:
        """Not done: how many are due (or in a worker's hands), and how many are for later."""
        due = func.coalesce(func.sum(case((JobRow.due_at <= now, 1), else_=0)), 0)
        query = select(due, func.count()).where(JobRow.done_at.is_(None))
        overdue, all_open = self._connection.execute(query).one()
        return int(overdue), int(all_open) - int(overdue)

    def spend(self, now: datetime, *, most: int) -> tuple[dict[str, int], int]:
        """This month's, in micro-dollars: of the `most` personas that spent most, by handle, and of all together."""
        here = BudgetRow.month == month_of(now)
        dearest = (
            select(PersonaRow.handle, BudgetRow.spent)
            .join(PersonaRow, BudgetRow.owner == literal("persona:") + PersonaRow.id)
            .where(here)
            .order_by(BudgetRow.spent.desc(), PersonaRow.handle)
            .limit(most)
        )
        personas = BudgetRow.owner.startswith("persona:")
        total = select(func.coalesce(func.sum(BudgetRow.spent), 0)).where(here, personas)
        return self._counts(dearest), int(self._connection.execute(total).scalar_one())

    def _counts(self, query: Select[str, int]) -> dict[str, int]:
        return {name: int(count) for name, count in self._connection.execute(query)}
