"""A task in parts: other personas do them, with money out of the task's own, and the task waits for all of them."""

from __future__ import annotations

import pytest

from agents.errors import BudgetExhausted, Conflict, Invalid, NotFound
from agents.money import MicroUSD, from_dollars
from agents.tasks import course, steer
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
    assert (office.task(task).state, office.owed(task.subject)) == (S.WORKING, {"work"})


def test_a_part_that_fails_or_is_stopped_does_not_hold_up_the_whole(office: Office) -> None:
    task = crew(office)
    one, two = splits(office, task, part("Read", "bea"), part("Measure", "cleo"))
    office.works_off()
    office.does(lambda work: course.fail(office.now_of(one, work), "Gone.", work))
    office.does(lambda work: steer.stop(two.id, office.people["Bob"], work))
    assert office.task(task).state is S.WORKING


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
