"""Deadlines: told a day before, late once they are over; and what becomes of a workspace afterwards."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import timedelta

import pytest

from agents.oncall.kinds import AlertKind
from agents.tasks import decide, steer
from agents.tasks.asking import ARCHIVE, deliverables, of_result
from agents.tasks.task import State, Task
from bot import wiring
from tests.tasks.office import Office, day

S = State


def deadline(office: Office, ahead: timedelta) -> Task:
    return office.begin(deadline=office.now() + ahead)


def test_it_is_told_a_day_before_and_late_when_it_is_over(office: Office) -> None:
    task = deadline(office, day(3))
    office.now.forward(day(2) + timedelta(minutes=1))
    office.works_off()
    assert office.said(task) == ["Due in 24 h, and being worked on."]
    assert office.alerts(task.subject) == []
    office.now.forward(day(1))
    office.works_off()
    assert office.alerts(task.subject) == [AlertKind.TASK_LATE]
    assert office.task(task).state is S.WORKING
    assert "task_due" not in office.owed(task.subject)


def test_a_near_deadline_is_not_told_of_before_it_is_over(office: Office) -> None:
    task = deadline(office, timedelta(hours=2))
    office.works_off()
    assert office.said(task) == []
    office.now.forward(timedelta(hours=2, minutes=1))
    office.works_off()
    assert office.alerts(task.subject) == [AlertKind.TASK_LATE]


def test_a_deadline_that_was_put_off_counts_alone(office: Office) -> None:
    task = deadline(office, timedelta(hours=2))
    later = office.now() + day(4)
    office.does(lambda work: steer.correct(task.id, office.people["Bob"], work, deadline=later))
    office.now.forward(timedelta(hours=3))
    office.works_off()
    assert office.alerts(task.subject) == []
    office.now.forward(day(4))
    office.works_off()
    assert office.alerts(task.subject) == [AlertKind.TASK_LATE]


def test_what_is_over_is_never_late(office: Office) -> None:
    task = deadline(office, timedelta(hours=2))
    office.does(lambda work: steer.stop(task.id, office.people["Bob"], work))
    office.now.forward(day(1))
    office.works_off()
    assert office.alerts(task.subject) == []


@dataclass
class Folders:
    """Workspaces, as far as tidying knows them."""

    there: set[str] = field(default_factory=set)

    def exists(self, task_id: str) -> bool:
        return task_id in self.there

    def remove(self, task_id: str) -> None:
        self.there.discard(task_id)

    def zip(self) -> bytes:
        return b"PK zipped"


@pytest.fixture
def folders(office: Office) -> Folders:
    made = Folders()
    stub = wiring.process()
    vars(stub).update(workspaces=made, workspace=lambda task: made)
    return made


def test_a_finished_tasks_workspace_is_one_file_soon_and_gone_in_time(
    office: Office, folders: Folders
) -> None:
    task = office.to_review()
    folders.there.add(task.id)
    office.accepts(task)
    office.now.forward(timedelta(minutes=1))
    office.works_off()
    assert office.task(task).archived_at is not None
    with office.looking() as work:
        assert [file.path for file in work.artifacts.of_task(task.id)] == ["report.md", ARCHIVE]
        assert [file.path for file in deliverables(task, work)] == ["report.md"]
    assert folders.there == {task.id}
    office.now.forward(day(29))
    office.works_off()
    assert folders.there == {task.id}
    office.now.forward(day(2))
    office.works_off()
    assert (folders.there, office.owed(task.subject)) == (set(), set())
    with office.looking() as work:
        assert len(work.artifacts.of_task(task.id)) == 2


def test_the_workspace_of_a_task_that_works_again_stays(office: Office, folders: Folders) -> None:
    task = office.to_review()
    folders.there.add(task.id)
    office.accepts(task)
    office.now.forward(timedelta(minutes=1))
    office.works_off()
    with office.looking() as work:
        seen = of_result(task, work)
    office.does(lambda work: decide.change_result(task.id, office.people["Mia"], seen, "More.", work))
    assert office.task(task).archived_at is None
    office.now.forward(day(60))
    office.works_off()
    assert folders.there == {task.id}
    assert office.task(task).state is S.WORKING


def test_what_was_stopped_is_put_away_after_its_worker_has_let_go(office: Office, folders: Folders) -> None:
    task = office.begin()
    folders.there.add(task.id)
    office.does(lambda work: steer.stop(task.id, office.people["Bob"], work))
    office.works_off()
    assert office.task(task).archived_at is None
    office.now.forward(timedelta(seconds=16))
    office.works_off()
    assert office.task(task).archived_at is not None
