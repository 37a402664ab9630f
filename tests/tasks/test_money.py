"""Each call is paid out of the task, the tasks above it, its persona's month and the team's; people hear of it once."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal

import pytest

from agents.errors import BudgetExhausted
from agents.money import from_dollars
from agents.personas import manage
from agents.tasks import steer
from agents.tasks.task import Task
from storage.unit_of_work import Storage
from tests.storage.cast import at_once, opened
from tests.tasks.office import Office
from tests.tasks.test_split import crew, part, splits


def taken(office: Office, task: Task) -> tuple[int, int]:
    """By the task, and by @ada this month."""
    with office.looking() as work:
        ada = work.personas.get(office.personas["ada"].id)
        return work.budgets.taken(task.subject), work.budgets.of(ada, work.now).spent


def test_a_call_is_counted_everywhere_at_once(office: Office) -> None:
    task = office.begin()
    office.spend(task, "0.25")
    assert taken(office, task) == (from_dollars("0.25"),) * 2
    with office.looking() as work:
        assert work.budgets.calls(task.subject) == (1, from_dollars("0.25"))


def test_what_does_not_fit_says_whose_money_it_was_and_what_to_press(office: Office) -> None:
    task = office.begin()
    with pytest.raises(BudgetExhausted, match=r"has \$1.00 left of \$1.00") as caught:
        office.spend(task, "1.01")
    assert (caught.value.owner, caught.value.remedy) == (task.subject, "Press Raise budget… on its card.")
    assert taken(office, task) == (0, 0)


def test_a_personas_month_holds_for_all_of_its_tasks(office: Office) -> None:
    task = office.begin(budget=from_dollars(100))
    with pytest.raises(BudgetExhausted, match="@ada has") as caught:
        office.spend(task, "6")
    assert caught.value.owner == office.personas["ada"].subject
    ada = office.personas["ada"]
    richer = ada.profile.model_copy(update={"monthly_budget_usd": Decimal(10)})
    office.does(lambda work: manage.edit(ada.id, richer, office.people["Mia"], work))
    office.spend(task, "6")


def test_a_teams_month_holds_for_everybody(office: Office, database_url: str) -> None:
    task = office.begin(budget=from_dollars(100))
    thrifty = opened(database_url, office.now)
    thrifty._team_budget = from_dollars(2)
    ada = office.personas["ada"]
    with thrifty.task_budget(ada, task).reserve(from_dollars("1.50"), "m") as reservation:
        reservation.spent = from_dollars("1.50")
    with (
        pytest.raises(BudgetExhausted, match=r"The team has \$0.50 left of \$2.00 for 2026-11"),
        thrifty.budget(ada, task.subject).reserve(from_dollars("0.60"), "m"),
    ):
        pytest.fail("the call was made")
    office.now.moment = datetime(2026, 12, 1, tzinfo=UTC)
    with thrifty.budget(ada, task.subject).reserve(from_dollars("0.60"), "m"):
        pass
    thrifty.engine.dispose()


def test_a_budget_that_is_raised_counts_from_the_next_call_on(office: Office) -> None:
    task = office.begin()
    budget = office.storage.task_budget(office.personas["ada"], task)
    with pytest.raises(BudgetExhausted), budget.reserve(from_dollars(2), "m"):
        pytest.fail("the call was made")
    office.does(lambda work: steer.raise_budget(task.id, office.people["Mia"], from_dollars(3), work))
    with budget.reserve(from_dollars(2), "m") as reservation:
        reservation.spent = from_dollars(2)
    assert taken(office, task)[0] == from_dollars(2)


def test_the_thread_hears_of_it_at_50_80_and_100_percent_once_each(office: Office) -> None:
    task = office.begin()
    spent = ("0.49", "0.01", "0.10", "0.20", "0.10", "0.10")
    heard = []
    for amount in spent:
        before = len(office.said(task))
        office.spend(task, amount)
        heard.append(office.said(task)[before:])
    name = "The task “Compare queues” has spent"
    assert heard == [
        [],
        [f"{name} 50 % of $1.00."],
        [],
        [f"{name} 80 % of $1.00."],
        [],
        [f"{name} all of $1.00. The next call that costs something waits for more."],
    ]


def test_after_a_raise_it_is_told_anew_of_what_is_reached_anew(office: Office) -> None:
    task = office.begin()
    office.spend(task, "1")
    office.does(lambda work: steer.raise_budget(task.id, office.people["Mia"], from_dollars(2), work))
    office.spend(task, "0.10")
    before = len(office.said(task))
    office.spend(task, "0.50")
    assert office.said(task)[before:] == ["The task “Compare queues” has spent 80 % of $2.00."]


def test_a_part_tells_the_whole_of_its_money(office: Office) -> None:
    task = crew(office)
    [one] = splits(office, task, part("Read", "bea", "0.90"))
    office.works_off()
    office.spend(one, "0.60")
    assert office.said(task) == ["The task “Compare queues” has spent 50 % of $1.00."]
    assert office.said(one) == ["The task “Read” has spent 50 % of $0.90."]


def test_a_free_call_is_made_with_nothing_left(office: Office) -> None:
    task = office.begin(budget=from_dollars(0))
    office.spend(task, "0")
    with office.looking() as work:
        assert work.budgets.calls(task.subject) == (1, 0)
    assert office.said(task) == []


def test_many_hands_never_take_more_than_there_is_and_it_is_told_once(
    office: Office, database_url: str
) -> None:
    task = office.begin()
    doors = [opened(database_url, office.now) for _ in range(8)]

    def call(door: Storage) -> None:
        for _ in range(4):
            try:
                with door.task_budget(office.personas["ada"], task).reserve(from_dollars("0.07"), "m") as one:
                    one.spent = from_dollars("0.05")
            except BudgetExhausted:
                continue

    assert at_once(*[lambda d=d: call(d) for d in doors]) == [None] * 8
    for door in doors:
        door.engine.dispose()
    spent, month = taken(office, task)
    assert from_dollars("0.90") <= spent <= from_dollars(1)
    assert spent == month
    told = [text for text in office.said(task) if "50 %" in text]
    assert len(told) == 1
