"""Each morning everybody hears what runs for them, what waits for them and what is late; nobody hears of nothing."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from agents import team
from agents.jobs import JobName
from agents.people import Role
from agents.tasks import course, digest, questions, steer
from agents.tasks.task import Wait
from tests.tasks.office import Office

WINTER = datetime(2026, 11, 21, 9, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("now", "zone", "at"),
    [
        (WINTER, "UTC", datetime(2026, 11, 22, 9, 0, tzinfo=UTC)),
        (WINTER - timedelta(minutes=1), "UTC", WINTER),
        (WINTER, "Europe/Berlin", datetime(2026, 11, 22, 8, 0, tzinfo=UTC)),
        (WINTER, "America/New_York", datetime(2026, 11, 21, 14, 0, tzinfo=UTC)),
        (WINTER, "Asia/Kathmandu", datetime(2026, 11, 22, 3, 15, tzinfo=UTC)),
        (datetime(2027, 3, 27, 12, 0, tzinfo=UTC), "Europe/Berlin", datetime(2027, 3, 28, 7, 0, tzinfo=UTC)),
    ],
)
def test_morning_is_nine_where_the_person_is(now: datetime, zone: str, at: datetime) -> None:
    assert digest.next_morning(now, zone) == at


def morning(office: Office) -> None:
    """Until just after the next nine o'clock, and everything that is due then."""
    office.now.moment = digest.next_morning(office.now.moment, "UTC") + timedelta(seconds=1)
    office.works_off()


def test_each_hears_of_their_own(office: Office) -> None:
    office.hires("eve", at_once=3)
    running = office.begin(to="eve", title="Write the handbook")
    plan = office.plans(office.begin(to="eve", title="Migrate", complexity=8))
    late = office.request(by="Alice", title="Yesterday's news", deadline=office.now() + timedelta(hours=3))
    morning(office)
    [bob] = office.told("Bob")
    assert bob == (
        "Running for you (2)\n"
        f"- Write the handbook ({running.id}): being worked on, in design\n"
        f"- Migrate ({plan.id}): waits for approval of its plan"
    )
    mia = office.told("Mia")[-1]
    assert mia == f"Waits for you (1)\n- Migrate ({plan.id}): waits for approval of its plan"
    assert f"Late (1)\n- Yesterday's news ({late.id})" in office.told("Alice")[-1]
    assert office.told("Charlie") == []


def test_what_waits_for_an_answer_waits_for_who_asked(office: Office) -> None:
    task = office.begin()
    office.does(lambda work: questions.ask(task, "q", "Which one?", (), work))
    office.does(lambda work: course.wait(office.now_of(task, work), Wait.ANSWER, work))
    blocked = office.request()
    morning(office)
    assert office.told("Bob")[-1].startswith(f"Waits for you (1)\n- Compare queues ({task.id}): waits for an")
    assert f"({blocked.id}): waiting for a free persona" in office.told("Bob")[-1]
    assert office.told("Mia") == []


def test_it_comes_every_morning_and_ends_with_the_last_task(office: Office) -> None:
    task = office.begin()
    morning(office)
    morning(office)
    assert len(office.told("Bob")) == 2
    office.does(lambda work: steer.stop(task.id, office.people["Bob"], work))
    morning(office)
    assert len(office.told("Bob")) == 2
    bob = office.people["Bob"]
    assert JobName.DIGEST.value not in office.owed(bob.subject)
    office.request()
    assert office.owed(bob.subject) == {"digest"}


def test_however_many_tasks_there_are_it_is_one_row_and_one_message(office: Office) -> None:
    for _ in range(12):
        office.request()
    morning(office)
    [told] = office.told("Bob")
    assert told.count("\n- ") == 11 and told.endswith("- and 2 more: /task list")


def test_who_wants_none_gets_none(office: Office) -> None:
    office.begin()
    bob = office.people["Bob"]
    assert office.does(lambda work: digest.turn(bob, False, work))
    assert not office.does(lambda work: digest.turn(bob, False, work))
    morning(office)
    assert office.told("Bob") == []
    assert office.does(lambda work: digest.turn(bob, True, work))
    morning(office)
    assert len(office.told("Bob")) == 1


def test_who_was_removed_hears_nothing_and_who_came_later_does(office: Office) -> None:
    office.begin(by="Mia", complexity=8)
    office.does(lambda work: team.remove(office.people["Mia"].id, office.people["Alice"], work))
    office.people["Zoe"] = office.does(
        lambda work: team.invite("Zoe", Role.EDITOR, office.people["Alice"], work).person
    )
    office.request(by="Zoe")
    morning(office)
    assert office.told("Mia") == []
    assert len(office.told("Zoe")) == 1
