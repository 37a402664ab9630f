"""What a run's calls took is booked with its next transaction, and not later than that."""

from __future__ import annotations

import pytest
from sqlalchemy import select

from agents.errors import BudgetExhausted
from agents.money import MicroUSD
from agents.personas.persona import Persona
from agents.tasks import steer
from agents.tasks.task import State, Task
from agents.writing.writer import Usage
from storage.budgets import Spent
from storage.journal import Journal
from storage.purses import Purse
from storage.tables import SpendRow
from storage.unit_of_work import Storage
from tests.storage.cast import opened
from tests.tasks.office import Office


@pytest.fixture
def task(office: Office) -> Task:
    return office.begin()


@pytest.fixture
def ada(office: Office) -> Persona:
    return office.personas["ada"]


def spends(storage: Storage) -> list[tuple[str, int, int]]:
    query = select(SpendRow.state, SpendRow.reserved, SpendRow.spent).order_by(SpendRow.at)
    with storage.reading() as work:
        return [(row.state, row.reserved, row.spent) for row in work.connection.execute(query)]


def call(office: Office, journal: Journal, ada: Persona, task: Task, took: int) -> None:
    budget = office.storage.task_budget(ada, task, journal)
    with budget.reserve(MicroUSD(100), "m") as reservation:
        reservation.settle(Usage("p", "m", 1, 1, MicroUSD(took)))


def test_a_call_is_booked_with_the_next_reservation(office: Office, task: Task, ada: Persona) -> None:
    journal = office.storage.journal()
    call(office, journal, ada, task, 30)
    assert spends(office.storage) == [("reserved", 100, 0)]
    call(office, journal, ada, task, 40)
    assert spends(office.storage) == [("settled", 100, 30), ("reserved", 100, 0)]
    journal.flush()
    assert spends(office.storage) == [("settled", 100, 30), ("settled", 100, 40)]
    with office.storage.reading() as work:
        assert work.budgets.in_purse(Purse(task.subject, "", 0, "", "")).spent == 70
        assert work.budgets.in_purse(Purse(task.subject, "", 0, "", "")).reserved == 0


def test_what_the_last_call_gave_back_can_be_spent(office: Office, task: Task, ada: Persona) -> None:
    """It is booked before the next is set aside, in the same transaction."""
    journal, most = office.storage.journal(), int(task.budget)
    budget = office.storage.task_budget(ada, task, journal)
    for _ in range(3):
        with budget.reserve(MicroUSD(most), "m") as reservation:
            reservation.settle(Usage("p", "m", 1, 1, MicroUSD(0)))
    journal.flush()
    assert spends(office.storage) == [("settled", most, 0)] * 3


def test_a_refused_call_does_not_undo_the_booking_of_the_one_before(
    office: Office, task: Task, ada: Persona
) -> None:
    journal, most = office.storage.journal(), int(task.budget)
    call(office, journal, ada, task, 30)
    with (
        pytest.raises(BudgetExhausted),
        office.storage.task_budget(ada, task, journal).reserve(MicroUSD(most), "m"),
    ):
        pytest.fail("the call was made")
    journal.flush()
    assert spends(office.storage) == [("settled", 100, 30)]


def test_who_dies_before_it_is_booked_has_spent_what_was_set_aside(
    office: Office, task: Task, ada: Persona, database_url: str
) -> None:
    call(office, office.storage.journal(), ada, task, 30)  # and its journal is gone
    after = opened(database_url, office.now)
    with after.unit_of_work() as work:
        assert work.budgets.taken(task.subject) == 100
    after.engine.dispose()


class Stop(KeyboardInterrupt):
    """As a stop interrupts whatever runs."""


@pytest.mark.parametrize("stopped", [Stop, ZeroDivisionError])
def test_who_is_stopped_between_the_reservation_and_the_call_gives_it_back(
    office: Office, task: Task, ada: Persona, stopped: type[BaseException]
) -> None:
    def stop() -> None:
        raise stopped

    journal = office.storage.journal()
    journal.add(lambda _: stop)  # when it is committed
    with pytest.raises(stopped):
        call(office, journal, ada, task, 30)
    assert spends(office.storage) == [("reserved", 100, 0)]
    journal.flush()
    assert spends(office.storage) == [("released", 100, 0)]
    with office.storage.reading() as work:
        assert work.budgets.taken(task.subject) == 0


def test_what_is_written_again_is_booked_once(office: Office, task: Task, ada: Persona) -> None:
    """A stop came between the commit and whatever notes it."""
    journal, again = office.storage.journal(), office.storage.journal()
    call(office, journal, ada, task, 30)
    again._waiting = list(journal._waiting)
    journal.flush()
    again.flush()
    with office.storage.reading() as work:
        assert work.budgets.in_purse(Purse(task.subject, "", 0, "", "")) == Spent(0, 30, 0)


def test_a_look_at_the_task_writes_what_waits(office: Office, task: Task, ada: Persona) -> None:
    journal = office.storage.journal()
    call(office, journal, ada, task, 30)
    assert office.storage.task_along(journal, task) is task
    assert spends(office.storage) == [("settled", 100, 30)]
    assert journal.is_empty


def test_a_task_that_was_stopped_meanwhile_is_seen_as_it_is(office: Office, task: Task, ada: Persona) -> None:
    journal = office.storage.journal()
    call(office, journal, ada, task, 30)
    office.does(lambda work: steer.stop(task.id, office.people["Bob"], work))
    assert office.storage.task_along(journal, task).state is State.CANCELLED
