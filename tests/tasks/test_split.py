"""A task in parts: other personas do them, with money out of the task's own, and the task waits for all of them."""

from __future__ import annotations

import pytest

from agents.errors import BudgetExhausted, Conflict, Invalid, NotFound
from agents.events import Subject
from agents.money import MicroUSD, from_dollars
from agents.personas import manage
from agents.tasks import course, steer
from agents.tasks.assign import assign
from agents.tasks.split import left, split
from agents.tasks.task import State, Task, Wait
from agents.tasks.tools import Part
from tests.tasks.office import Office

S = State


def part(title: str = "Read", handle: str = "", dollars: str = "0.20") -> Part:
    return Part(title, f"{title} it.", handle, from_dollars(dollars))


def splits(office: Office, task: Task, *parts: Part, call: str = "d-1") -> list[Task]:
    made = office.does(lambda work: split(office.now_of(task, work), call, parts, work))
    office.does(lambda work: course.wait(office.now_of(task, work), Wait.PARTS, work))
    return list(made)


def crew(office: Office) -> Task:
    for handle in ("bea", "cleo", "dora"):
        office.hires(handle)
    return office.begin(to="ada")


def finishes(office: Office, task: Task) -> None:
    office.plans(task)
    office.builds(task)
    office.tests(task)
    office.forward(task)


def holder(office: Office, task: Task) -> str:
    """Handle of the persona that works on it, "" for nobody."""
    now = office.task(task)
    handles = {persona.id: handle for handle, persona in office.personas.items()}
    return handles[now.persona_id] if now.state is S.WORKING else ""


def in_person(office: Office, name: str) -> list[Subject | None]:
    """The cards in that person's own channel in the console."""
    with office.storage.unit_of_work() as work:
        channel = work.channels.direct(office.people[name].id, work.now)
        return [m.card for m in work.messages.in_channel(channel.id, office.people[name].id)]


def test_a_task_waits_until_its_last_part_is_done(office: Office) -> None:
    task = crew(office)
    one, two = splits(office, task, part("Read", "bea"), part("Measure"))
    assert (office.task(task).state, office.task(task).waits_for) == (S.WAITING, Wait.PARTS)
    assert office.owed(task.subject) == set()
    office.works_off()
    assert {office.task(one).state, office.task(two).state} == {S.WORKING}
    assert (one.parent_id, one.depth, one.reviewed, one.requested_by) == (
        task.id,
        2,
        False,
        task.requested_by,
    )
    finishes(office, one)
    assert office.task(task).state is S.WAITING
    finishes(office, two)
    office.works_off()
    assert (holder(office, task), office.owed(task.subject)) == ("ada", {"work"})


def test_a_part_that_fails_or_is_stopped_does_not_hold_up_the_whole(office: Office) -> None:
    task = crew(office)
    one, two = splits(office, task, part("Read", "bea"), part("Measure", "cleo"))
    office.works_off()
    office.does(lambda work: course.fail(office.now_of(one, work), "Gone.", work))
    office.does(lambda work: steer.stop(two.id, office.people["Bob"], work))
    office.works_off()
    assert office.task(task).state is S.WORKING


def test_whoever_waits_for_a_part_does_it_if_nobody_else_can(office: Office) -> None:
    task = office.begin(to="ada")
    [one] = splits(office, task, part())
    office.works_off()
    assert (holder(office, one), office.task(task).state) == ("ada", S.WAITING)
    finishes(office, one)
    office.works_off()
    assert (holder(office, task), office.task(task).waits_for) == ("ada", Wait.NOTHING)


def test_a_part_goes_to_somebody_else_where_there_is_one(office: Office) -> None:
    office.hires("eve", min_complexity=3, max_complexity=3)
    task = office.begin(to="eve")
    [one] = splits(office, task, part())
    assert office.task(task).state is S.WAITING
    office.works_off()
    assert holder(office, one) == "ada", "eve fits more narrowly, but it is what she waits for"


def test_two_that_each_wait_for_a_part_of_the_other_both_go_on(office: Office) -> None:
    office.hires("bea")
    whole = {handle: office.begin(to=handle) for handle in ("ada", "bea")}
    [for_bea] = splits(office, whole["ada"], part("Read", "bea"))
    [for_ada] = splits(office, whole["bea"], part("Read", "ada"))
    office.works_off()
    assert (holder(office, for_bea), holder(office, for_ada)) == ("bea", "ada")
    for one in (for_bea, for_ada):
        finishes(office, one)
        office.works_off()
    for handle, task in whole.items():
        assert (holder(office, task), office.task(task).waits_for) == (handle, Wait.NOTHING)


def test_whole_and_part_never_take_more_than_their_persona_may(office: Office) -> None:
    task = crew(office)
    [one] = splits(office, task, part("Read", "bea"))
    other = office.begin(to="ada")
    assert office.task(other).state is S.WORKING
    finishes(office, office.does(lambda work: assign(one.id, work)))
    office.works_off()
    assert (office.task(task).state, holder(office, task)) == (S.QUEUED, "")
    assert "@ada has enough in hand" in office.task(task).trouble, "though cleo and dora are free"
    office.does(lambda work: steer.stop(other.id, office.people["Bob"], work))
    office.works_off()
    assert holder(office, task) == "ada"


def test_paused_meanwhile_it_takes_no_place_and_queues_when_it_goes_on(office: Office) -> None:
    task = crew(office)
    [one] = splits(office, task, part("Read", "bea"))
    office.works_off()
    bob = office.people["Bob"]
    office.does(lambda work: steer.pause(task.id, bob, work))
    office.begin(to="ada")
    office.does(lambda work: steer.resume(task.id, bob, work))
    assert (office.task(task).state, office.task(task).waits_for) == (S.WAITING, Wait.PARTS)
    office.does(lambda work: steer.pause(task.id, bob, work))
    finishes(office, one)
    office.does(lambda work: steer.resume(task.id, bob, work))
    office.works_off()
    assert (office.task(task).state, office.task(task).asked_for) == (S.QUEUED, office.personas["ada"].id)
    with office.looking() as work:
        assert work.tasks.load() == {office.personas["ada"].id: 1}


def test_who_waits_for_parts_and_is_put_away_is_followed_by_another(office: Office) -> None:
    task = crew(office)
    [one] = splits(office, task, part("Read", "bea"))
    office.works_off()
    office.does(lambda work: manage.archive(office.personas["ada"].id, office.people["Alice"], work))
    assert (office.task(task).state, office.task(task).persona_id) == (S.WAITING, "")
    finishes(office, one)
    office.works_off()
    assert holder(office, task) in {"bea", "cleo", "dora"}


def test_a_part_whose_persona_is_paused_is_shown_to_whoever_asked_for_the_whole(office: Office) -> None:
    task = crew(office)
    busy = office.begin(to="bea")
    [one] = splits(office, task, part("Read", "bea"))
    office.works_off()
    assert "has enough in hand" in office.task(one).trouble
    assert one.subject not in in_person(office, "Bob")
    alice = office.people["Alice"]
    office.does(lambda work: manage.pause(office.personas["bea"].id, alice, work))
    office.works_off()
    assert "@bea is paused: give it to another persona" in office.task(one).trouble
    assert one.subject in in_person(office, "Bob")
    assert office.task(busy).state is S.WORKING
    office.does(lambda work: steer.give(one.id, office.people["Bob"], office.personas["cleo"], work))
    office.works_off()
    assert holder(office, one) == "cleo"


def test_a_part_whose_persona_is_put_away_is_taken_by_another(office: Office) -> None:
    task = crew(office)
    office.begin(to="bea")
    [one] = splits(office, task, part("Read", "bea"))
    office.works_off()
    office.does(lambda work: manage.archive(office.personas["bea"].id, office.people["Alice"], work))
    office.works_off()
    assert holder(office, one) in {"ada", "cleo", "dora"}


def test_the_same_call_makes_its_parts_once(office: Office) -> None:
    task = crew(office)
    first = splits(office, task, part(), part("Measure"))
    again = office.does(lambda work: split(office.now_of(task, work), "d-1", (part(), part("Measure")), work))
    assert [p.id for p in again] == [p.id for p in first]
    with office.looking() as work:
        assert len(work.tasks.parts(task.id)) == 2


def test_with_the_whole_its_parts_end(office: Office) -> None:
    task = crew(office)
    parts = splits(office, task, part("Read", "bea"), part("Measure", "cleo"))
    office.works_off()
    office.does(lambda work: steer.stop(task.id, office.people["Bob"], work))
    assert {office.task(one).state for one in parts} == {S.CANCELLED}
    assert office.task(task).state is S.CANCELLED
    with office.looking() as work:
        assert work.tasks.load() == {}


def test_there_are_at_most_five_and_they_are_split_twice(office: Office) -> None:
    task = crew(office)
    with pytest.raises(Invalid, match="at most 5 parts"):
        splits(office, task, *[part(f"Part {n}") for n in range(6)])
    with pytest.raises(Invalid, match="at most 5 parts"):
        splits(office, task)
    [child] = splits(office, task, part("Read", "bea", "0.50"))
    office.works_off()
    [grandchild] = splits(office, child, part("Read", "cleo", "0.10"))
    office.works_off()
    with pytest.raises(Conflict, match="a part of a part"):
        splits(office, grandchild, part("Read", "dora", "0.01"))


def test_nobody_waits_for_a_part_of_its_own(office: Office) -> None:
    task = crew(office)
    with pytest.raises(Invalid, match="at work on this task itself"):
        splits(office, task, part("Read", "@ada"))
    [child] = splits(office, task, part("Read", "bea"))
    office.works_off()
    for handle in ("ada", "bea"):
        with pytest.raises(Invalid, match="at work on this task itself"):
            splits(office, child, part("Again", handle, "0.01"))
    with pytest.raises(NotFound, match="Did you mean @cleo"):
        splits(office, child, part("Again", "clea", "0.01"))


def test_parts_are_paid_out_of_the_whole(office: Office) -> None:
    task = crew(office)
    office.spend(task, "0.30")
    with pytest.raises(Invalid, match=r"has \$0.70 left, and the parts would take \$0.80"):
        splits(office, task, part("Read", "bea", "0.50"), part("Measure", "cleo", "0.30"))
    one, two = splits(office, task, part("Read", "bea", "0.40"), part("Measure", "cleo", "0"))
    assert (one.budget, two.budget) == (from_dollars("0.40"), from_dollars("0.15"))
    with office.looking() as work:
        assert left(office.task(task), work) == from_dollars("0.15")
    office.works_off()
    office.spend(one, "0.10")
    with office.looking() as work:
        assert work.budgets.taken(task.subject) == from_dollars("0.40")
        assert left(office.task(task), work) == from_dollars("0.15")


def test_a_part_never_takes_more_than_its_own_or_than_the_whole_has(office: Office) -> None:
    task = crew(office)
    [one] = splits(office, task, part("Read", "bea", "0.40"))
    office.works_off()
    with pytest.raises(BudgetExhausted, match="“Read” has") as caught:
        office.spend(one, "0.41")
    assert caught.value.owner == one.subject
    office.does(
        lambda work: steer.raise_budget(one.id, office.people["Mia"], MicroUSD(from_dollars(5)), work)
    )
    with pytest.raises(BudgetExhausted, match="“Compare queues” has") as caught:
        office.spend(one, "1.10")
    assert caught.value.owner == task.subject
