"""A persona never outruns its budget: the ledger on both databases, under many hands, and after a crash."""

from __future__ import annotations

import threading
import time
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Connection, select

from agents.errors import BudgetExhausted
from agents.events import Subject
from agents.money import MicroUSD, from_dollars
from agents.personas.persona import Persona
from storage.purses import Purse, purse_of
from storage.rows import one_trip
from storage.tables import BudgetRow, SpendRow
from storage.unit_of_work import Storage
from tests.storage.cast import Now, at_once, opened, persona
from tests.storage.processes import in_processes
from tests.writing.budget_contract import BudgetContract, Opened, usage

DOLLAR = 1_000_000


def ada(storage: Storage, dollars: str = "1") -> Persona:
    with storage.unit_of_work() as work:
        return persona(work, monthly_budget_usd=dollars)


def ledger(storage: Storage, of: Persona) -> tuple[int, int]:
    """spent, reserved"""
    with storage.reading() as work:
        spent = work.budgets.of(of, work.now)
        return spent.spent, spent.reserved


def states(storage: Storage) -> list[tuple[object, ...]]:
    with storage.reading() as work:
        query = select(SpendRow.state, SpendRow.reserved, SpendRow.spent).order_by(SpendRow.at)
        return [tuple(row) for row in work.connection.execute(query)]


class TestLedger(BudgetContract):
    @pytest.fixture(autouse=True)
    def _on(self, storage: Storage) -> None:
        self.storage = storage

    def open(self, limit: int) -> Opened:
        of = ada(self.storage, f"{limit / DOLLAR:.6f}")
        budget = self.storage.budget(of, Subject("post", "p1"))
        return Opened(budget, lambda: ledger(self.storage, of)[0], lambda: ledger(self.storage, of)[1])


def test_every_call_is_a_row_with_what_it_took(storage: Storage) -> None:
    budget = storage.budget(ada(storage), Subject("post", "p1"))
    with budget.reserve(MicroUSD(500), "gpt-5-mini") as reservation:
        reservation.settle(usage(200))
    with storage.reading() as work:
        [row] = work.connection.execute(select(SpendRow.__table__)).all()
    assert (row.subject, row.model, row.provider, row.state) == ("post:p1", "gpt-5-mini", "openai", "settled")
    assert (row.reserved, row.spent, row.input_tokens, row.output_tokens) == (500, 200, 1000, 100)


def test_what_is_refused_says_what_is_left(storage: Storage) -> None:
    budget = storage.budget(ada(storage, "0.50"), Subject("post", "p1"))
    with (
        budget.reserve(MicroUSD(200_000), "m"),
        pytest.raises(BudgetExhausted, match=r"@ada has \$0\.30 left of \$0\.50.*may take \$0\.31"),
        budget.reserve(MicroUSD(310_000), "m"),
    ):
        pytest.fail("the call was made")


def test_a_month_has_its_own_money(storage: Storage, now: Now) -> None:
    of = ada(storage)
    now.moment = datetime(2026, 11, 30, 23, 59, 59, tzinfo=UTC)
    budget = storage.budget(of, Subject("post", "p1"))
    with budget.reserve(MicroUSD(DOLLAR), "m") as reservation:
        now.forward(timedelta(seconds=2))
        with budget.reserve(MicroUSD(DOLLAR), "m"):
            pass
        reservation.settle(usage(DOLLAR))
    assert ledger(storage, of) == (0, 0)
    with storage.reading() as work:
        rows = work.connection.execute(select(BudgetRow.month, BudgetRow.spent).order_by(BudgetRow.month))
        assert [tuple(row) for row in rows] == [("2026-11", DOLLAR), ("2026-12", 0)]


def test_many_hands_never_hold_more_than_there_is(storage: Storage, database_url: str) -> None:
    """Not only at the end: at no moment is more reserved and spent than the limit."""
    of = ada(storage)
    ended = threading.Event()
    most: list[int] = []

    def watch() -> None:
        watcher = opened(database_url)
        while not ended.is_set():
            most.append(sum(ledger(watcher, of)))
        watcher.engine.dispose()

    def call(number: int) -> None:
        mine = opened(database_url)
        budget = mine.budget(of, Subject("post", f"p{number}"))
        for _ in range(5):
            try:
                with budget.reserve(MicroUSD(130_000), "m") as reservation:
                    if number % 2:
                        reservation.settle(usage(40_000))
            except BudgetExhausted:
                continue
        mine.engine.dispose()

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        assert at_once(*[lambda n=n: call(n) for n in range(10)]) == [None] * 10
    finally:
        ended.set()
        watcher.join()
    assert max(most) <= DOLLAR
    assert ledger(storage, of)[1] == 0
    calls = [state for state, _, _ in states(storage) if state == "settled"]
    assert ledger(storage, of)[0] == 40_000 * len(calls) <= DOLLAR


def test_a_reservation_whose_worker_died_is_spent_an_hour_later_and_never_free_before(
    storage: Storage,
) -> None:
    of = ada(storage)
    with storage.unit_of_work() as work:
        at = work.now
        work.budgets.reserve(of, (purse_of(of, at),), "post:p1", 400_000, "m", at)
        work.budgets.reserve(of, (purse_of(of, at),), "post:p2", 100_000, "m", at + timedelta(minutes=30))
    assert ledger(storage, of) == (0, 500_000)
    with storage.unit_of_work() as work:
        assert not work.budgets.close_lost(at)
        assert work.budgets.close_lost(at + timedelta(minutes=1))
        assert not work.budgets.close_lost(at + timedelta(minutes=1))
    assert ledger(storage, of) == (400_000, 100_000)
    assert states(storage) == [("lost", 400_000, 400_000), ("reserved", 100_000, 0)]


def test_who_settles_after_it_was_given_up_changes_nothing(storage: Storage) -> None:
    """A worker that slept for an hour in the middle of a call: the money was booked, and is not booked twice."""
    of = ada(storage)
    budget = storage.budget(of, Subject("post", "p1"))
    with budget.reserve(MicroUSD(300_000), "m") as reservation:
        with storage.unit_of_work() as work:
            assert work.budgets.close_lost(work.now + timedelta(seconds=1))
        reservation.settle(usage(100_000))
    assert ledger(storage, of) == (300_000, 0)


def test_the_sweep_and_a_call_never_wait_for_each_other(storage: Storage) -> None:
    """Calls of two tasks of one persona were lost; somebody at the second task takes its budget and then the persona's."""
    of = ada(storage)
    own = [Purse(Subject("task", name), "", DOLLAR, name, "") for name in ("first", "second")]
    with storage.unit_of_work() as work:
        at = work.now
        for age, purse in enumerate(own):
            purses = (purse, purse_of(of, at))
            work.budgets.reserve(of, purses, str(purse.owner), 100, "m", at - timedelta(hours=2 - age))

    def sweep() -> int:
        closed = 0
        while True:
            with storage.unit_of_work() as work:
                if not work.budgets.close_lost(at):
                    return closed
                closed += 1
                time.sleep(0.5)

    def call() -> None:
        with storage.unit_of_work() as work:
            work.budgets.reserve(of, own[1:], "task:second", 100, "m", at)
            time.sleep(1)
            work.budgets.reserve(of, (purse_of(of, at),), "task:second", 100, "m", at)

    assert at_once(sweep, call) == [2, None]


def reserve_in(url: str, persona_id: str) -> int:
    """How many calls of a quarter dollar one process could make."""
    storage = opened(url)
    with storage.reading() as work:
        budget = storage.budget(work.personas.get(persona_id), Subject("post", "p1"))
    made = 0
    for _ in range(4):
        try:
            with budget.reserve(MicroUSD(250_000), "m") as reservation:
                reservation.settle(usage(250_000))
                made += 1
        except BudgetExhausted:
            break
    storage.engine.dispose()
    return made


def test_processes_share_one_budget(storage: Storage, database_url: str) -> None:
    of = ada(storage)
    assert sum(in_processes(3, reserve_in, database_url, of.id)) == 4
    assert ledger(storage, of) == (from_dollars(1), 0)


def test_only_settling_does_not_wait_for_the_disk(storage: Storage) -> None:
    """What a power cut undoes of it is booked as it was reserved; everything else is there for good once it is committed."""
    sqlite = storage.engine.dialect.name == "sqlite"
    query = "PRAGMA synchronous" if sqlite else "SHOW synchronous_commit"

    def waits(connection: Connection) -> str:
        return str(connection.exec_driver_sql(query).scalar_one())

    with storage._hasty() as connection:
        with one_trip(connection):
            """From here on."""
        assert waits(connection) == ("1" if sqlite else "off")
    with storage.engine.begin() as connection:
        assert waits(connection) == ("2" if sqlite else "on")
