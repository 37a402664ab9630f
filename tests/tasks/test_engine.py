"""A persona at work from its plan to its files: the real engine and clients, against a server that follows a script."""

from __future__ import annotations

from agents.tasks.task import Stage, State
from tests.servers.model import ModelServer
from tests.tasks.crew import Story


def test_a_task_goes_from_its_plan_to_its_files(at_work: Story, server: ModelServer) -> None:
    task = at_work.work()
    assert (task.stage, task.state) == (Stage.REVIEW, State.COMPLETE), task.trouble
    with at_work.troupe.storage.reading() as work:
        (report,) = work.artifacts.of_task(task.id)
        assert work.artifacts.data(report.id) == b"# Report\nAll is well.\n"
        said = [message.text for message in work.messages.in_thread(task.thread)]
    assert report.path == "report.md"
    assert "The report is in output/report.md." in said


def test_every_call_is_in_the_ledger_once(at_work: Story, server: ModelServer) -> None:
    at_work.work()
    rows = at_work.spent()
    assert len(rows) == len(server.requests) == 10
    assert {row.state for row in rows} == {"settled"}
    assert {(row.input_tokens, row.output_tokens) for row in rows} == {(100, 20)}


def test_nothing_of_a_finished_task_is_kept_in_checkpoints(at_work: Story) -> None:
    at_work.work()
    assert at_work.kept() == 0
