"""Money: set aside before a call in one conditional UPDATE for each budget, settled after it; a ledger row for every call."""

from __future__ import annotations

from collections.abc import Callable, Container, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any

from sqlalchemy import (
    BigInteger,
    Connection,
    Integer,
    String,
    bindparam,
    exists,
    func,
    insert,
    or_,
    select,
    update,
)

from agents.errors import BudgetExhausted
from agents.events import Subject
from agents.money import MicroUSD, dollars
from agents.personas.persona import Persona
from agents.writing.writer import Reservation, Usage
from storage.columns import new_id
from storage.journal import Journal
from storage.purses import Purse, Purses, purse_of
from storage.rows import Sent, attempt, insert_unless_there, one_trip
from storage.tables import BudgetRow, SpendRow

LEVELS = (50, 80, 100)
"""Percent of a budget at which people are told, once each."""


@dataclass(frozen=True, slots=True)
class Spent:
    """One budget, in micro-dollars."""

    limit: int
    spent: int
    reserved: int


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
        self,
        persona: Persona,
        purses: Sequence[Purse],
        subject: str,
        amount: int,
        model: str,
        now: datetime,
        opened: Container[str] = (),
    ) -> str:
        """The id of the ledger row.  opened: keys of purses that are known to be there; the others are, from then on.

        Raises BudgetExhausted when it does not fit into one of the purses any more; whoever calls rolls back then.
        """
        id = new_id()
        spend = {
            "id": id,
            "persona_id": persona.id,
            "budgets": " ".join(purse.key for purse in purses),
            "subject": subject,
            "provider": "",
            "model": model,
            "state": "reserved",
            "reserved": amount,
            "spent": 0,
            "input_tokens": 0,
            "output_tokens": 0,
            "at": now,
        }
        open = insert_unless_there(BudgetRow, self._connection.dialect.name)
        tries = []
        with one_trip(self._connection):
            for purse in purses:
                if purse.key not in opened:
                    Sent(self._connection, open, {**_EMPTY, "owner": str(purse.owner), "month": purse.month})
                wanted = {**_key(purse.key), "amount": amount, "most": purse.limit}
                tries.append(Sent(self._connection, _SET_ASIDE, wanted))
            Sent(self._connection, _RESERVE, spend)
        for purse, tried in zip(purses, tries, strict=True):
            if not tried.rows:
                raise self._exhausted(purse, amount)
        return id

    def settle(
        self, id: str, purses: Sequence[Purse], reservation: Reservation
    ) -> Callable[[], list[tuple[Purse, int]]]:
        """Books what was really spent, and frees the rest. A second settling changes nothing.

        purses: those that it was reserved in.  Returned: once that is written, those of which another share is spent now
        than people were told of, with 0, 50, 80 or 100 %: more, or less where a limit was raised meanwhile.
        """
        state = "settled" if reservation.spent is not None else "released"
        keys = [purse.key for purse in purses]
        books = self._close(id, keys, reservation.amount, state, reservation.spent or 0, reservation.usage)
        return lambda: [*_crossed(purses, books)]

    def close_lost(self, before: datetime) -> bool:
        """Gives up the oldest reservation from before then, if there is one: whoever made it died between call and settling.

        It is booked as spent in full. The call may have been made and billed, and nobody can tell any more; a persona
        that could spend the same money twice would outrun its budget, one that lost a call's worth of it does not.
        One for a transaction: the budgets of two are in no order, and would wait for somebody who waits for them.
        """
        lost = select(SpendRow.__table__).where(SpendRow.state == "reserved", SpendRow.at < before)
        row = self._connection.execute(lost.order_by(SpendRow.at).limit(1)).first()
        if row is not None:
            self._close(row.id, row.budgets.split(), row.reserved, "lost", row.reserved)
        return row is not None

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

    def note(self, purse: Purse, level: int) -> bool:
        """True if people are to be told of it: it is more than they were told of before. They are told once."""
        key = _here(purse.key)
        attempt(self._connection, BudgetRow, *key, BudgetRow.noticed > level, values={"noticed": level})
        return attempt(
            self._connection, BudgetRow, *key, BudgetRow.noticed < level, values={"noticed": level}
        )

    def _exhausted(self, purse: Purse, amount: int) -> BudgetExhausted:
        there = self.in_purse(purse)
        left = dollars(max(purse.limit - there.spent - there.reserved, 0))
        for_month = f" for {purse.month}" if purse.month else ""
        return BudgetExhausted(
            f"{purse.name} has {left} left of {dollars(purse.limit)}{for_month}, "
            f"and this call may take {dollars(amount)}.",
            remedy=purse.remedy,
            owner=purse.owner,
            wanted=amount,
        )

    def _close(
        self, id: str, keys: Sequence[str], held: int, state: str, took: int, usage: Usage | None = None
    ) -> list[Sent]:
        """The budgets as they stand then, without rows if it was closed before.  keys: of those that it was reserved in."""
        call = {"of": id, "held": held, "took": took, "state_then": state, **_USED}
        if usage is not None:
            call |= {"by": usage.provider, "read": usage.input_tokens, "written": usage.output_tokens}
        with one_trip(self._connection):
            Sent(self._connection, _HOLD, call)
            books = [Sent(self._connection, _BOOK, {**_key(key), **call}) for key in keys]
            Sent(self._connection, _CLOSE, call)
        return books


def _crossed(purses: Sequence[Purse], books: Sequence[Sent]) -> Iterator[tuple[Purse, int]]:
    for purse, book in zip(purses, books, strict=True):
        for spent, noticed in book.rows:
            level = _level(spent, purse.limit)
            if level != noticed:
                yield purse, level


# Built once and given their values when they run, as in storage/rows.py: every call of every model comes through here.
_BUDGETS = BudgetRow.metadata.tables[BudgetRow.__tablename__].c
_HERE = (
    _BUDGETS.owner == bindparam("owner_is", type_=String),
    _BUDGETS.month == bindparam("month_is", type_=String),
)
_AMOUNT = bindparam("amount", type_=BigInteger)
_SET_ASIDE = (
    update(_BUDGETS.owner.table)
    .where(*_HERE)
    .where(
        or_(_AMOUNT == 0, _BUDGETS.spent + _BUDGETS.reserved + _AMOUNT <= bindparam("most", type_=BigInteger))
    )
    .values(reserved=_BUDGETS.reserved + _AMOUNT)
    .returning(_BUDGETS.owner)
)
_SPENDS = SpendRow.metadata.tables[SpendRow.__tablename__].c
_RESERVE = insert(_SPENDS.id.table)
_OPEN = (_SPENDS.id == bindparam("of", type_=String), _SPENDS.state == "reserved")
_HOLD = select(_SPENDS.id).where(*_OPEN).with_for_update()
"""Whoever closes the same call at the same moment waits here, and finds it closed."""
_TOOK = bindparam("took", type_=BigInteger)
_BOOK = (
    update(_BUDGETS.owner.table)
    .where(*_HERE, exists().where(*_OPEN))
    .values(
        reserved=_BUDGETS.reserved - bindparam("held", type_=BigInteger),
        spent=_BUDGETS.spent + _TOOK,
    )
    .returning(_BUDGETS.spent, _BUDGETS.noticed)
)
_CLOSE = (
    update(_SPENDS.id.table)
    .where(*_OPEN)
    .values(
        state=bindparam("state_then", type_=String),
        spent=_TOOK,
        provider=bindparam("by", type_=String),
        input_tokens=bindparam("read", type_=Integer),
        output_tokens=bindparam("written", type_=Integer),
    )
)
_EMPTY = {"reserved": 0, "spent": 0, "noticed": 0}
_USED = {"by": "", "read": 0, "written": 0}


def _level(taken: int, limit: int) -> int:
    """The highest of LEVELS that is reached, 0 below all. A budget of nothing is never told of."""
    return max((level for level in LEVELS if limit > 0 and taken * 100 >= level * limit), default=0)


def _key(key: str) -> dict[str, str]:
    owner, _, month = key.partition("/")
    return {"owner_is": owner, "month_is": month}


def _here(key: str) -> tuple[Any, Any]:
    owner, _, month = key.partition("/")
    return BudgetRow.owner == owner, BudgetRow.month == month


class OpenBudget:
    """The writer's port, for one persona and one piece of work: each step is a transaction of its own.

    journals: which books a call, in a transaction that a power cut may undo (the call is then found open, and booked as it was
    reserved).  begin: the transaction that reserves.  ask: for the purses out of which a call is paid at that moment.
    tell: called, outside of any transaction, when another share of one of them is spent than people were told of; None where nobody
    is told.  at_once: whether a call is booked at its end, or with the next transaction that comes.
    """

    def __init__(
        self,
        journals: Callable[[], Journal],
        begin: Callable[[], AbstractContextManager[Connection]],
        persona: Persona,
        subject: str,
        clock: Callable[[], datetime],
        ask: Callable[[Connection, datetime], Purses],
        tell: Callable[[Purse, int], None] | None = None,
        *,
        at_once: bool = True,
    ) -> None:
        self._journals, self._begin, self._at_once = journals, begin, at_once
        self._persona, self._subject, self._clock = persona, subject, clock
        self._ask, self._tell = ask, tell
        self._opened: set[str] = set()

    @contextmanager
    def reserve(self, amount: MicroUSD, model: str) -> Iterator[Reservation]:
        now, reservation = self._clock(), Reservation(amount)
        journal = self._journals()
        try:
            with journal.along(self._begin(), lambda one: self._ask(one, now)) as (connection, asked):
                purses = asked()
                budgets, opened = Budgets(connection), self._opened
                id = budgets.reserve(self._persona, purses, self._subject, amount, model, now, opened)
                # Waits from here on, so that whoever is stopped right after the commit gives it back. Nothing is written
                # before the next transaction, which comes after the call.
                journal.add(partial(self._book, id, purses, reservation))
            self._opened.update(purse.key for purse in purses)
            yield reservation
        finally:
            if self._at_once:
                journal.flush()

    def _book(
        self, id: str, purses: Sequence[Purse], reservation: Reservation, connection: Connection
    ) -> Callable[[], None]:
        crossed = Budgets(connection).settle(id, purses, reservation)

        def tell() -> None:
            if self._tell:
                for purse, level in crossed():
                    self._tell(purse, level)

        return tell
