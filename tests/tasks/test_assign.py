"""Who gets a task: by name, else the free one whose range fits most narrowly, else the one idle longest; never one too many."""

from __future__ import annotations

from datetime import timedelta

import pytest

from agents.errors import Conflict, Forbidden, Invalid
from agents.money import from_dollars
from agents.personas import manage
from agents.tasks import request as asking
from agents.tasks import steer
from agents.tasks.assign import assign
from agents.tasks.task import HELD, State, Task, Wait
from storage.unit_of_work import Storage
from tests.storage.cast import at_once, opened
from tests.tasks.office import Office

S = State


def holder(office: Office, task: Task) -> str:
    now = office.task(task)
    return next((h for h, p in office.personas.items() if p.id == now.persona_id), "")


def test_a_task_stands_where_it_was_asked_for_and_looks_for_somebody(office: Office) -> None:
    task = office.request(deadline=office.now() + timedelta(days=3))
    assert (task.state, task.estimated, task.budget) == (S.QUEUED, False, from_dollars(1))
    with office.looking() as work:
        assert [m.channel_id for m in work.messages.cards_of(task.subject)] == [office.channel]
    assert office.owed(task.subject) == {"assign", "task_due"}
    assert [event.name for event in office.events(task.subject)] == ["task.requested"]
    office.works_off()
    assert (holder(office, task), office.task(task).state) == ("ada", S.WORKING)
    assert office.owed(task.subject) == {"work", "task_due"}


def test_the_narrowest_range_that_fits_takes_it(office: Office) -> None:
    office.hires("broad", min_complexity=1, max_complexity=8)
    office.hires("narrow", min_complexity=2, max_complexity=4)
    office.hires("hard", min_complexity=8, max_complexity=9)
    assert holder(office, office.begin(complexity=3)) == "narrow"
    assert holder(office, office.begin(complexity=3)) == "broad"
    assert holder(office, office.begin(complexity=9)) == "hard"
    assert holder(office, office.begin(complexity=10)) == "ada"


def test_of_two_alike_the_one_idle_longest_takes_it(office: Office) -> None:
    office.hires("eve")
    first = office.begin()
    second = office.begin()
    assert {holder(office, first), holder(office, second)} == {"ada", "eve"}
    office.does(lambda work: steer.stop(second.id, office.people["Mia"], work))
    office.now.forward(timedelta(minutes=1))
    office.does(lambda work: steer.stop(first.id, office.people["Mia"], work))
    assert holder(office, office.begin()) == holder(office, second)


def test_who_is_named_takes_it_whatever_its_range(office: Office) -> None:
    office.hires("eve", max_complexity=2)
    assert holder(office, office.begin(to="eve", complexity=9)) == "eve"


def test_the_queue_moves_by_urgency_whenever_somebody_is_free(office: Office) -> None:
    held = office.begin()
    later = office.request(priority=2)
    urgent = office.request(priority=9)
    office.works_off()
    assert office.task(urgent).state is S.QUEUED
    assert "@ada has enough in hand" in office.task(urgent).trouble
    office.does(lambda work: steer.stop(held.id, office.people["Mia"], work))
    office.works_off()
    assert (office.task(urgent).state, office.task(later).state) == (S.WORKING, S.QUEUED)


def test_what_nobody_can_take_says_so_and_goes_on_when_it_is_corrected(office: Office) -> None:
    office.does(
        lambda work: manage.edit(
            office.personas["ada"].id,
            office.personas["ada"].profile.model_copy(
                update={
                    "tasks": office.personas["ada"].profile.tasks.model_copy(update={"max_complexity": 5})
                }
            ),
            office.people["Alice"],
            work,
        )
    )
    task = office.request(complexity=8)
    office.works_off()
    assert "No persona takes tasks of complexity 8" in office.task(task).trouble
    office.does(lambda work: steer.correct(task.id, office.people["Bob"], work, complexity=4))
    office.works_off()
    assert office.task(task).state is S.WORKING


def test_a_new_persona_and_one_that_is_woken_look_into_the_queue(office: Office) -> None:
    alice = office.people["Alice"]
    office.does(lambda work: manage.pause(office.personas["ada"].id, alice, work))
    task = office.request()
    office.works_off()
    assert "@ada is paused" in office.task(task).trouble
    office.does(lambda work: manage.resume(office.personas["ada"].id, alice, work))
    office.works_off()
    assert holder(office, task) == "ada"
    waits = office.request()
    office.works_off()
    profile = office.personas["ada"].profile.model_copy(update={"handle": "eve", "name": "Eve"})
    office.personas["eve"] = office.does(lambda work: manage.create(profile, alice, work))
    office.works_off()
    assert holder(office, waits) == "eve"


def test_a_persona_that_is_put_away_lets_its_tasks_go(office: Office) -> None:
    office.hires("eve", at_once=3)
    working = office.begin(to="eve")
    waiting = office.begin(to="eve", complexity=8)
    office.plans(waiting)
    paused = office.begin(to="eve")
    office.does(lambda work: steer.pause(paused.id, office.people["Bob"], work))
    office.does(lambda work: manage.archive(office.personas["eve"].id, office.people["Alice"], work))
    assert [office.task(t).persona_id for t in (working, waiting, paused)] == ["", "", ""]
    assert (office.task(waiting).state, office.task(waiting).waits_for) == (S.WAITING, Wait.PLAN)
    office.works_off()
    assert holder(office, working) == "ada"
    office.does(lambda work: steer.resume(paused.id, office.people["Bob"], work))
    assert office.task(paused).state is S.QUEUED


@pytest.mark.parametrize(("count", "places"), [(6, 1), (6, 3)])
def test_tasks_that_race_for_one_persona_never_take_more_than_its_places(
    office: Office, database_url: str, count: int, places: int
) -> None:
    office.does(
        lambda work: work.personas.change(
            work.personas.get(office.personas["ada"].id),
            profile=office.personas["ada"].profile.model_copy(
                update={"tasks": office.personas["ada"].profile.tasks.model_copy(update={"at_once": places})}
            ),
        )
    )
    tasks = [office.request() for _ in range(count)]
    doors = [opened(database_url, office.now) for _ in tasks]

    def take(door: Storage, task: Task) -> Task:
        with door.unit_of_work() as work:
            return assign(task.id, work)

    at_once(*[lambda d=d, t=t: take(d, t) for d, t in zip(doors, tasks, strict=True)])
    for door in doors:
        door.engine.dispose()
    with office.looking() as work:
        assert len(work.tasks.held_by(office.personas["ada"].id)) <= places
    office.now.forward(timedelta(seconds=10))
    office.works_off()
    with office.looking() as work:
        held = work.tasks.held_by(office.personas["ada"].id)
        assert len(held) == places and all(task.state in HELD for task in held)
    assert len(office.in_state(S.QUEUED)) == count - places


def test_two_that_are_freed_at_once_both_find_something_to_do(office: Office) -> None:
    """Each had the most urgent task look for it, which takes one of them: the other is not forgotten."""
    office.hires("eve")
    held = [office.begin(), office.begin()]
    queued = [office.request(priority=9), office.request(priority=1)]
    office.works_off()
    doors = [
        opened(str(office.storage.engine.url.render_as_string(hide_password=False)), office.now) for _ in held
    ]

    def stop(door: Storage, task: Task) -> None:
        with door.unit_of_work() as work:
            steer.stop(task.id, work.people.get(office.people["Mia"].id), work)

    at_once(*[lambda d=d, t=t: stop(d, t) for d, t in zip(doors, held, strict=True)])
    for door in doors:
        door.engine.dispose()
    office.now.forward(timedelta(seconds=10))
    office.works_off()
    assert {office.task(task).state for task in queued} == {S.WORKING}


def test_only_who_may_asks_and_only_for_what_can_be(office: Office) -> None:
    with pytest.raises(Forbidden):
        office.request(by="Charlie")
    with pytest.raises(Invalid, match="deadline has passed"):
        office.request(deadline=office.now.moment - timedelta(hours=1))
    for wrong in ({"complexity": 11}, {"priority": 0}, {"formats": ("../etc",)}, {"brief": "", "title": " "}):
        with pytest.raises(Invalid):
            office.request(**wrong)
    office.does(lambda work: manage.archive(office.personas["ada"].id, office.people["Alice"], work))
    office.personas["ada"] = office.does(lambda work: work.personas.by_handle("ada"))
    with pytest.raises(Conflict, match="archived"):
        office.request(to="ada")


@pytest.mark.parametrize(
    ("text", "title"),
    [
        ("Compare three queues. Then write it up.", "Compare three queues"),
        ("  one line without an end  ", "one line without an end"),
        ("First line\nsecond line", "First line"),
        ("v1.2 is out. Look.", "v1.2 is out"),
        ("", ""),
    ],
)
def test_a_title_is_the_first_sentence(text: str, title: str) -> None:
    assert asking.title_of(text) == title


def test_a_long_title_is_cut_between_words() -> None:
    title = asking.title_of("word " * 50)
    assert len(title) <= 100 and title.endswith("word…")


def test_what_looks_harder_is_estimated_higher() -> None:
    easy = asking.estimate("Fix the typo in the title.")
    middle = asking.estimate("Compare three libraries and write a report with charts.", formats=("pdf",))
    hard = asking.estimate(
        "Research, implement and deploy the migration of the database with tests. " * 20,
        ("a", "b", "c", "d"),
    )
    assert 1 <= easy < middle < hard <= 10
