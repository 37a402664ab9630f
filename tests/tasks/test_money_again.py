"""A task that waits for somebody's money goes on by itself when there is enough again, and never to and fro."""

from __future__ import annotations

from datetime import UTC, datetime
from decimal import Decimal
from pathlib import Path
from typing import cast

import pytest

from agents.errors import BudgetExhausted
from agents.events import Subject
from agents.money import MicroUSD, from_dollars
from agents.personas import manage
from agents.tasks import course, steer
from agents.tasks.lack import Lack
from agents.tasks.task import State, Task, Wait
from bot import wiring
from bot.cards import Text
from bot.present import task as task_card
from bot.present.task_view import task_view
from bot.wiring import Troupe
from jobs import money
from jobs.watch import Rounds
from tests.servers.model import ModelServer
from tests.tasks.crew import crew, story
from tests.tasks.office import Office
from tests.tasks.test_split import crew as family
from tests.tasks.test_split import part, splits

S = State
DECEMBER = datetime(2026, 12, 1, 0, 0, 1, tzinfo=UTC)
NEXT = from_dollars("0.50")
"""What the next call may take."""


def stops(office: Office, task: Task, wanted: MicroUSD = NEXT) -> None:
    """It wanted to make a call for which there was no money, as jobs/work.py deals with it."""
    with office.looking() as work:
        whose = work.personas.get(work.tasks.get(task.id).persona_id)
    with (
        pytest.raises(BudgetExhausted) as caught,
        office.storage.task_budget(whose, task).reserve(wanted, "model"),
    ):
        pytest.fail("the call was made")
    refused = caught.value
    with office.storage.unit_of_work() as work:
        lack = money.lack(work.tasks.get(task.id), refused, wiring.process(), work)
        course.wait(work.tasks.get(task.id), Wait.BUDGET, work, why=refused.what, lack=lack)


def looks(office: Office) -> None:
    money.look(wiring.process())


def earns(office: Office, dollars: str) -> None:
    """@ada's budget is raised, as /persona edit does it."""
    with office.looking() as work:
        ada = work.personas.get(office.personas["ada"].id)
    richer = ada.profile.model_copy(update={"monthly_budget_usd": Decimal(dollars)})
    office.does(lambda work: manage.edit(ada.id, richer, office.people["Mia"], work))


def poor(office: Office) -> Task:
    """@ada has spent $4.80 of the $5 of this month, and her task waits."""
    task = office.begin(budget=from_dollars(100))
    office.spend(task, "4.80")
    stops(office, task)
    assert (office.task(task).state, office.task(task).waits_for) == (S.WAITING, Wait.BUDGET)
    return task


def waited(office: Office, task: Task) -> int:
    return [event.name for event in office.events(task.subject)].count("task.waiting")


def shown(office: Office, task: Task) -> tuple[str, list[str]]:
    """What its card says, and its buttons."""
    with office.looking() as work:
        card = task_card.card(task_view(task.id, work))
    return " ".join(b.text for b in card.blocks if isinstance(b, Text)), [b.label for b in card.buttons]


def test_it_goes_on_when_its_personas_month_is_raised_by_enough(office: Office) -> None:
    task = poor(office)
    looks(office)
    earns(office, "5.20")
    looks(office)
    assert (office.task(task).state, waited(office, task)) == (S.WAITING, 1)
    said = office.said(task)
    earns(office, "5.30")
    looks(office)
    assert (office.task(task).state, office.task(task).trouble) == (S.WORKING, "")
    assert (office.owed(task.subject), office.alerts(task.subject)) == ({"work"}, [])
    assert office.said(task) == said
    looks(office)
    assert office.events(task.subject)[-1].name == "task.money_is_back"


def test_it_goes_on_when_the_next_month_begins(office: Office) -> None:
    task = poor(office)
    office.now.moment = datetime(2026, 11, 30, 23, 59, 50, tzinfo=UTC)
    looks(office)
    assert office.task(task).state is S.WAITING
    office.now.moment = DECEMBER
    looks(office)
    assert (office.task(task).state, office.owed(task.subject)) == (S.WORKING, {"work"})


def test_a_call_larger_than_a_whole_month_waits_for_a_raise_alone(office: Office) -> None:
    task = office.begin(budget=from_dollars(100))
    stops(office, task, from_dollars(6))
    assert "A new month alone does not help" in shown(office, task)[0]
    office.now.moment = DECEMBER
    looks(office)
    assert office.task(task).state is S.WAITING
    earns(office, "6")
    looks(office)
    assert office.task(task).state is S.WORKING


@pytest.mark.parametrize("raised", [from_dollars(3), None])
def test_it_goes_on_when_the_teams_money_is_raised_or_not_limited_any_more(
    office: Office, raised: MicroUSD | None
) -> None:
    office.storage._team_budget = from_dollars("0.10")
    task = office.begin()
    stops(office, task)
    looks(office)
    assert office.task(task).state is S.WAITING
    text, buttons = shown(office, task)
    assert "The team's money for this month does not suffice." in text
    assert "TEAM_MONTHLY_BUDGET_USD" in text
    assert buttons == ["Try again", "Stop"]
    office.storage._team_budget = raised
    looks(office)
    assert office.task(task).state is S.WORKING


def test_a_part_goes_on_when_the_wholes_budget_is_raised(office: Office) -> None:
    task = family(office)
    [one] = splits(office, task, part("Read", "bea", "0.90"))
    office.works_off()
    office.spend(office.task(one), "0.80")
    office.does(lambda work: steer.raise_budget(one.id, office.people["Mia"], from_dollars(5), work))
    stops(office, office.task(one))
    text, buttons = shown(office, one)
    assert "The money of the task that it is a part of does not suffice." in text
    assert buttons == ["Show the whole", "Try again", "Stop"]
    office.does(lambda work: steer.raise_budget(task.id, office.people["Mia"], from_dollars(5), work))
    looks(office)
    assert office.task(one).state is S.WORKING


def test_while_others_take_from_the_same_money_it_does_not_go_to_and_fro(office: Office) -> None:
    """What is only set aside comes back when it is settled, for a moment: that is not for whoever waits."""
    office.hires("bea")
    task = office.begin(budget=from_dollars(100), to="ada")
    other = office.storage.task_budget(office.personas["ada"], task)
    with other.reserve(from_dollars("4.80"), "model") as reservation:
        stops(office, task)
        reservation.spent = from_dollars("0.10")
    for _ in range(3):
        looks(office)
    assert (office.task(task).state, waited(office, task)) == (S.WAITING, 1)
    office.now.moment = DECEMBER
    looks(office)
    assert office.task(task).state is S.WORKING


def test_its_card_says_whose_money_it_is_and_what_to_type(office: Office) -> None:
    task = poor(office)
    text, buttons = shown(office, task)
    assert "@ada has $0.20 left of $5.00 for 2026-11" in text
    assert "The money of @ada for this month does not suffice." in text
    assert "/persona edit @ada raises that budget or when the next month begins" in text
    assert buttons == ["Try again", "Stop"]
    office.does(lambda work: steer.retry(task.id, office.people["Bob"], work))
    assert office.task(task).state is S.WORKING


def test_its_own_money_is_raised_on_its_card(office: Office) -> None:
    task = office.begin()
    stops(office, task, from_dollars(2))
    assert shown(office, task)[1] == ["Raise budget…", "Stop"]
    looks(office)
    assert office.task(task).state is S.WAITING


def test_it_stays_where_somebody_halted_it_and_where_nobody_said_whose_money_it_was(office: Office) -> None:
    task = poor(office)
    office.does(lambda work: steer.pause(task.id, office.people["Bob"], work))
    earns(office, "50")
    looks(office)
    assert office.task(task).state is S.PAUSED
    office.does(lambda work: steer.resume(task.id, office.people["Bob"], work))
    office.does(lambda work: course.wait(office.now_of(task, work), Wait.BUDGET, work, why="Spent."))
    looks(office)
    assert office.task(task).state is S.WAITING
    assert shown(office, task)[1] == ["Raise budget…", "Stop"]


def test_its_persona_is_gone_and_with_it_whose_money_it_was(office: Office) -> None:
    task = poor(office)
    office.hires("bea")
    office.does(lambda work: manage.archive(office.personas["ada"].id, office.people["Mia"], work))
    looks(office)
    office.works_off()
    assert office.task(task).persona_id == office.personas["bea"].id


def test_what_it_needs_is_what_the_call_wanted_and_more_than_there_was() -> None:
    def lacks(wanted: int) -> Lack:
        return Lack.of(BudgetExhausted("No.", wanted=wanted), Subject("persona", "ada"), "2026-11", 100, 80)

    def there(lack: Lack, *limits: int, month: str = "2026-11", spent: int = 80) -> list[bool]:
        return [lack.is_there(month, limit, spent) for limit in limits]

    assert there(lacks(50), 100, 129, 130) == [False, False, True]
    assert there(lacks(10), 99, 100, 101) == [False, False, True]
    assert there(lacks(0), 100, 101) == [False, True]
    assert there(lacks(50), 49, 50, month="2026-12", spent=0) == [False, True]
    assert [lacks(wanted).comes_with_a_month for wanted in (100, 101)] == [True, False]
    assert Lack.read(lacks(50).noted) == lacks(50)
    assert Lack.read({"for": "budget"}) is None


def test_a_real_run_stops_for_its_personas_month_and_goes_on_in_the_clocks_round(
    tmp_path: Path, database_url: str, server: ModelServer
) -> None:
    troupe = crew(tmp_path, database_url, server.url)
    poor = story(troupe)
    broke = poor.ada.profile.model_copy(update={"monthly_budget_usd": Decimal("0.0001")})
    with troupe.storage.unit_of_work() as work:
        manage.edit(poor.ada.id, broke, poor.alice, work)
    assert (poor.work().state, poor.task.waits_for) == (S.WAITING, Wait.BUDGET)
    assert server.requests == []
    rounds = Rounds(cast(Troupe, troupe))
    rounds.look()
    assert poor.owed() is None
    with troupe.storage.unit_of_work() as work:
        rich = poor.ada.profile.model_copy(update={"monthly_budget_usd": Decimal(100)})
        manage.edit(poor.ada.id, rich, poor.alice, work)
    rounds.look()
    rounds.stop()
    assert poor.owed() is not None
    assert poor.work().state is S.COMPLETE
    troupe.close()


def test_money_that_others_hold_for_a_moment_is_waited_for_without_asking_anybody(
    tmp_path: Path, database_url: str, server: ModelServer
) -> None:
    troupe = crew(tmp_path, database_url, server.url)
    one = story(troupe)
    with troupe.storage.task_budget(one.ada, one.task).reserve(one.task.budget, "m"):
        assert one.work(1).state is S.WORKING
        assert server.requests == []
    assert one.work().state is S.COMPLETE
    troupe.close()
