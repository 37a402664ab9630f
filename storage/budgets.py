"""Money: set aside before a call in one conditional UPDATE for each budget, settled after it; a ledger row for every call."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, Connection, String, bindparam, func, or_, select, update

from agents.errors import BudgetExhausted
from agents.events import Subject
from agents.money import MicroUSD, dollars, from_dollars
from agents.personas.persona import Persona
from agents.tasks.task import Task
from agents.writing.writer import Reservation
from storage.columns import new_id
from storage.rows import attempt, put, put_unless_there
from storage.tables import BudgetRow, SpendRow

TEAM = Subject("team", "troupe")
LEVELS = (50, 80, 100)
"""Percent of a budget at which people are told, once each."""


@dataclass(frozen=True, slots=True)
class Spent:
    """One budget, in micro-dollars."""

    limit: int
    spent: int
    reserved: int


@dataclass(frozen=True, slots=True)
class Purse:
    """A budget that a call is paid out of.  limit: in micro-dollars.  name: "@ada".  remedy: how to get more."""

    owner: Subject
    month: str
    limit: int
    name: str
    remedy: str

    @property
    def key(self) -> str:
        return f"{self.owner}/{self.month}"


def month_of(now: datetime) -> str:
    """Budgets run by calendar months in UTC."""
    return f"{now:%Y-%m}"


def purse_of(persona: Persona, now: datetime) -> Purse:
    """A persona's own, for this month."""
    return Purse(
        persona.subject,
        month_of(now),
        from_dollars(persona.profile.monthly_budget_usd),
        f"@{persona.handle}",
        f"Raise the budget with /persona edit @{persona.handle}, or wait for the next month.",
    )


def purses_of(
    task: Task, parents: Sequence[Task], persona: Persona, team: int | None, now: datetime
) -> tuple[Purse, ...]:
    """Out of which a call for a task is paid: the innermost first, always in this order, so that no two wait for each other.

    parents: the tasks that it is a part of, nearest first.  team: everybody's for a month, None without a limit.
    """
    remedy = "Press Raise budget… on its card."
    own = Purse(task.subject, "", task.budget, f"The task “{task.title}”", remedy)
    above = (Purse(one.subject, "", one.budget, f"The task “{one.title}”", remedy) for one in parents)
    return (own, *above, purse_of(persona, now), *purse_of_team(team, now))


def purse_of_team(limit: int | None, now: datetime) -> tuple[Purse, ...]:
    """() without a limit."""
    if limit is None:
        return ()
    remedy = "Raise TEAM_MONTHLY_BUDGET_USD, or wait for the next month."
    return (Purse(TEAM, month_of(now), limit, "The team", remedy),)


class Budgets:
    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def of(self, persona: Persona, now: datetime) -> Spent:
        return self.in_purse(purse_of(persona, now))

    def in_purse(self, purse: Purse) -> Spent:
        query = select(BudgetRow.spent, BudgetRow.reserved).where(*_here(purse.key))
        row = self._connection.execute(query).first()
        return Spent(purse.limit, row.spent, row.reserved) if row else Spent(purse.limit, 0, 0)

    def reserve(
        self, persona: Persona, purses: Sequence[Purse], subject: str, amount: int, model: str, now: datetime
    ) -> str:
        """The id of the ledger row.

        Raises BudgetExhausted when it does not fit into one of the purses any more; whoever calls rolls back then.
        """
        for purse in purses:
            self._set_aside(purse, amount)
        id = new_id()
        put(
            self._connection,
            SpendRow,
            id=id,
            persona_id=persona.id,
            budgets=" ".join(purse.key for purse in purses),
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

    def calls(self, subject: Subject) -> tuple[int, int]:
        """How many calls were made for it, and what they took, in micro-dollars; open ones at their reservation."""
        taken = func.sum(func.coalesce(SpendRow.spent, 0))
        held = func.sum(SpendRow.reserved).filter(SpendRow.state == "reserved")
        made = func.count().filter(SpendRow.state != "released")
        query = select(made, func.coalesce(taken, 0) + func.coalesce(held, 0))
        row = self._connection.execute(query.where(SpendRow.subject == str(subject))).one()
        return int(row[0]), int(row[1])

    def models(self, subject: Subject) -> list[str]:
        """Which models were asked for it, by name."""
        made = (SpendRow.subject == str(subject), SpendRow.state != "released", SpendRow.model != "")
        query = select(SpendRow.model).where(*made).distinct().order_by(SpendRow.model)
        return [row.model for row in self._connection.execute(query)]

    def taken(self, owner: Subject, month: str = "") -> int:
        """What is spent and set aside of that owner's money, in micro-dollars."""
        query = select(BudgetRow.spent + BudgetRow.reserved).where(*_here(f"{owner}/{month}"))
        return int(self._connection.execute(query).scalar() or 0)

    def crossed(self, purses: Sequence[Purse]) -> list[tuple[Purse, int]]:
        """Of which purses so much is spent by now that people are to be told, with 50, 80 or 100 %.

        Where a limit was raised meanwhile, people are told anew of what it had not reached under the new one.
        """
        owned = BudgetRow.owner.in_([str(purse.owner) for purse in purses])
        query = select(BudgetRow.owner, BudgetRow.month, BudgetRow.spent, BudgetRow.noticed).where(owned)
        rows = {f"{row.owner}/{row.month}": row for row in self._connection.execute(query)}
        found = []
        for purse in purses:
            row = rows.get(purse.key)
            level = _level(row.spent, purse.limit) if row else 0
            if row and level > row.noticed:
                found.append((purse, level))
            elif row and level < row.noticed:
                attempt(self._connection, BudgetRow, *_here(purse.key), values={"noticed": level})
        return found

    def note_crossed(self, purse: Purse, level: int) -> bool:
        """False if it was noted before: people are told once."""
        here = (*_here(purse.key), BudgetRow.noticed < level)
        return attempt(self._connection, BudgetRow, *here, values={"noticed": level})

    def _set_aside(self, purse: Purse, amount: int) -> None:
        wanted = {**_key(purse.key), "amount": amount, "most": purse.limit}
        if self._connection.execute(_SET_ASIDE, wanted).rowcount == 1:
            return
        fresh = {"owner": str(purse.owner), "month": purse.month, "reserved": 0, "spent": 0, "noticed": 0}
        put_unless_there(self._connection, BudgetRow, **fresh)
        if self._connection.execute(_SET_ASIDE, wanted).rowcount == 1:
            return
        there = self.in_purse(purse)
        left = dollars(max(purse.limit - there.spent - there.reserved, 0))
        for_month = f" for {purse.month}" if purse.month else ""
        raise BudgetExhausted(
            f"{purse.name} has {left} left of {dollars(purse.limit)}{for_month}, "
            f"and this call may take {dollars(amount)}.",
            remedy=purse.remedy,
            owner=purse.owner,
        )

    def _close(self, row: Any, state: str, spent: int, **more: Any) -> bool:
        """False if it was closed already."""
        still_open = (SpendRow.id == row.id, SpendRow.state == "reserved")
        closed = attempt(
            self._connection, SpendRow, *still_open, values={"state": state, "spent": spent, **more}
        )
        took = {"held": row.reserved, "took": spent}
        if closed and (keys := row.budgets.split()):
            self._connection.execute(_BOOK, [{**_key(key), **took} for key in keys])
        return closed


# Built once and given their values when they run, as in storage/rows.py: every call of every model comes through here.
_BUDGETS = BudgetRow.metadata.tables[BudgetRow.__tablename__].c
_OF, _IN = bindparam("of", type_=String), bindparam("in_month", type_=String)
_AMOUNT = bindparam("amount", type_=BigInteger)
_SET_ASIDE = (
    update(_BUDGETS.owner.table)
    .where(_BUDGETS.owner == _OF, _BUDGETS.month == _IN)
    .where(
        or_(_AMOUNT == 0, _BUDGETS.spent + _BUDGETS.reserved + _AMOUNT <= bindparam("most", type_=BigInteger))
    )
    .values(reserved=_BUDGETS.reserved + _AMOUNT)
)
_BOOK = (
    update(_BUDGETS.owner.table)
    .where(_BUDGETS.owner == _OF, _BUDGETS.month == _IN)
    .values(
        reserved=_BUDGETS.reserved - bindparam("held", type_=BigInteger),
        spent=_BUDGETS.spent + bindparam("took", type_=BigInteger),
    )
)


def _level(taken: int, limit: int) -> int:
    """The highest of LEVELS that is reached, 0 below all. A budget of nothing is never told of."""
    return max((level for level in LEVELS if limit > 0 and taken * 100 >= level * limit), default=0)


def _key(key: str) -> dict[str, str]:
    owner, _, month = key.partition("/")
    return {"of": owner, "in_month": month}


def _here(key: str) -> tuple[Any, Any]:
    owner, _, month = key.partition("/")
    return BudgetRow.owner == owner, BudgetRow.month == month


class OpenBudget:
    """The writer's port, for one persona and one piece of work: each step is a transaction of its own.

    settling: one that a power cut may undo: the call is then found open, and booked as it was reserved.
    purses: out of which a call is paid at that moment.  tell: called, outside of any transaction, when 50, 80 or 100 % of
    one of them were reached and nobody was told of it; None where nobody is.
    """

    def __init__(
        self,
        transaction: Callable[[], AbstractContextManager[Connection]],
        settling: Callable[[], AbstractContextManager[Connection]],
        persona: Persona,
        subject: str,
        clock: Callable[[], datetime],
        purses: Callable[[datetime], Sequence[Purse]],
        tell: Callable[[Purse, int], None] | None = None,
    ) -> None:
        self._transaction, self._settling = transaction, settling
        self._persona, self._subject, self._clock = persona, subject, clock
        self._purses, self._tell = purses, tell

    @contextmanager
    def reserve(self, amount: MicroUSD, model: str) -> Iterator[Reservation]:
        now = self._clock()
        purses = self._purses(now)
        with self._transaction() as connection:
            id = Budgets(connection).reserve(self._persona, purses, self._subject, amount, model, now)
        reservation = Reservation(amount)
        try:
            yield reservation
        finally:
            with self._settling() as connection:
                budgets = Budgets(connection)
                budgets.settle(id, reservation)
                crossed = budgets.crossed(purses) if self._tell else []
            for purse, level in crossed:
                if self._tell:
                    self._tell(purse, level)
