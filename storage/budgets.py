"""Money: set aside before a call in one conditional UPDATE, settled after it; a ledger row for every call."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, select, true, update

from agents.errors import BudgetExhausted
from agents.money import MicroUSD, dollars, from_dollars
from agents.personas.persona import Persona
from agents.writing.writer import Reservation
from storage.columns import new_id
from storage.rows import attempt, put, put_unless_there
from storage.tables import BudgetRow, SpendRow


@dataclass(frozen=True, slots=True)
class Spent:
    """One persona's month, in micro-dollars."""

    limit: int
    spent: int
    reserved: int


def month_of(now: datetime) -> str:
    """Budgets run by calendar months in UTC."""
    return f"{now:%Y-%m}"


class Budgets:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, persona: Persona, now: datetime) -> Spent:
        query = select(BudgetRow.spent, BudgetRow.reserved).where(
            BudgetRow.persona_id == persona.id, BudgetRow.month == month_of(now)
        )
        row = self._connection.execute(query).first()
        limit = from_dollars(persona.profile.monthly_budget_usd)
        return Spent(limit, row.spent, row.reserved) if row else Spent(limit, 0, 0)

    def reserve(self, persona: Persona, subject: str, amount: int, model: str, now: datetime) -> str:
        """The id of the ledger row. Raises BudgetExhausted when it does not fit any more; nothing is kept then."""
        month, limit = month_of(now), from_dollars(persona.profile.monthly_budget_usd)
        here = (BudgetRow.persona_id == persona.id, BudgetRow.month == month)
        if not self._connection.execute(select(BudgetRow.month).where(*here)).first():
            fresh = {"persona_id": persona.id, "month": month, "reserved": 0, "spent": 0}
            put_unless_there(self._connection, BudgetRow, **fresh)
        fits = true() if amount == 0 else BudgetRow.spent + BudgetRow.reserved + amount <= limit
        if not attempt(
            self._connection, BudgetRow, *here, fits, values={"reserved": BudgetRow.reserved + amount}
        ):
            now_at = self.of(persona, now)
            raise BudgetExhausted(
                f"@{persona.handle} has {dollars(max(limit - now_at.spent - now_at.reserved, 0))} left of "
                f"{dollars(limit)} for {month}, and this call may take {dollars(amount)}.",
                remedy=f"Raise the budget with /persona edit @{persona.handle}, or wait for the next month.",
            )
        id = new_id()
        put(
            self._connection,
            SpendRow,
            id=id,
            persona_id=persona.id,
            month=month,
            subject=subject,
            provider="",
            model=model,
            state="reserved",
            reserved=amount,
            spent=0,
            input_tokens=0,
            output_tokens=0,
            at=now,
        )
        return id

    def settle(self, id: str, reservation: Reservation) -> None:
        """Books what was really spent, and frees the rest. A second settling changes nothing."""
        row = self._connection.execute(select(SpendRow.__table__).where(SpendRow.id == id)).one()
        usage = reservation.usage
        state = "settled" if reservation.spent is not None else "released"
        more = {}
        if usage:
            more = {
                "provider": usage.provider,
                "input_tokens": usage.input_tokens,
                "output_tokens": usage.output_tokens,
            }
        self._close(row, state, reservation.spent or 0, **more)

    def close_lost(self, before: datetime) -> int:
        """How many reservations older than `before` were given up: whoever made them died between call and settling.

        Each is booked as spent in full. The call may have been made and billed, and nobody can tell any more; a persona
        that could spend the same money twice would outrun its budget, one that lost a call's worth of it does not.
        """
        lost = select(SpendRow.__table__).where(SpendRow.state == "reserved", SpendRow.at < before)
        return sum(self._close(row, "lost", row.reserved) for row in self._connection.execute(lost).all())

    def _close(self, row: Any, state: str, spent: int, **more: Any) -> bool:
        """False if it was closed already."""
        still_open = (SpendRow.id == row.id, SpendRow.state == "reserved")
        closed = attempt(
            self._connection, SpendRow, *still_open, values={"state": state, "spent": spent, **more}
        )
        if closed:
            self._connection.execute(
                update(BudgetRow)
                .where(BudgetRow.persona_id == row.persona_id, BudgetRow.month == row.month)
                .values(reserved=BudgetRow.reserved - row.reserved, spent=BudgetRow.spent + spent)
            )
        return closed


class PersonaBudget:
    """The writer's port, for one persona and one piece of work: each step is a transaction of its own."""

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[Connection]],
        persona: Persona,
        subject: str,
        clock: Callable[[], datetime],
    ) -> None:
        self._transaction, self._persona, self._subject, self._clock = transaction, persona, subject, clock

    @contextmanager
    def reserve(self, amount: MicroUSD, model: str) -> Iterator[Reservation]:
        with self._transaction() as connection:
            id = Budgets(connection).reserve(self._persona, self._subject, amount, model, self._clock())
        reservation = Reservation(amount)
        try:
            yield reservation
        finally:
            with self._transaction() as connection:
                Budgets(connection).settle(id, reservation)
