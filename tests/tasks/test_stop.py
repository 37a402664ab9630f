"""Stop halts within two seconds, whatever the persona is in the middle of."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

import pytest

from agents.tasks import steer
from agents.tasks.action import ActionState
from agents.tasks.task import State
from storage.journal import Journal
from tests.servers.model import Fault, ModelServer, call
from tests.tasks.crew import Story
from tests.tasks.scripts import BUILD, ISSUE, stages

WITHIN_S = 2.0


class Stopping:
    """Does `deed` as soon as `when` is so, and notes at what time."""

    def __init__(self, when: Callable[[], bool], deed: Callable[[], None]) -> None:
        self.at = 0.0
        self._when, self._deed = when, deed
        self._thread = threading.Thread(target=self._wait, daemon=True)
        self._thread.start()

    def _wait(self) -> None:
        until = time.monotonic() + 30
        while not self._when():
            if time.monotonic() > until:
                return
            time.sleep(0.02)
        self.at = time.monotonic()
        self._deed()

    def took(self) -> float:
        self._thread.join(10)
        assert self.at, "it never came so far"
        return time.monotonic() - self.at


def stop(of: Story) -> None:
    with of.troupe.storage.unit_of_work() as work:
        steer.stop(of.task_id, of.alice, work)


def pause(of: Story) -> None:
    with of.troupe.storage.unit_of_work() as work:
        steer.pause(of.task_id, of.alice, work)


def resume(of: Story) -> None:
    with of.troupe.storage.unit_of_work() as work:
        steer.resume(of.task_id, of.alice, work)


@pytest.mark.parametrize(("deed", "state"), [(stop, State.CANCELLED), (pause, State.PAUSED)])
def test_in_a_model_call_that_hangs(
    at_work: Story, server: ModelServer, deed: Callable[[Story], None], state: State
) -> None:
    server.faults = [Fault(hangs_s=30)]
    stopping = Stopping(lambda: len(server.requests) == 1, lambda: deed(at_work))
    task = at_work.work(most=1)
    assert stopping.took() < WITHIN_S
    assert task.state is state
    (row,) = at_work.spent()
    assert row.spent == row.reserved > 0, "an interrupted call is counted at its most"


def test_in_a_command_that_sleeps(at_work: Story, server: ModelServer) -> None:
    begun = at_work.troupe.desk.root / "src" / "begun"
    sleeps = call("run_command", command=["sh", "-c", "touch src/begun; sleep 60"], timeout_s=90)
    server.script = stages(build=[BUILD[0], sleeps, *BUILD[1:]])
    stopping = Stopping(begun.exists, lambda: stop(at_work))
    task = at_work.work()
    assert stopping.took() < WITHIN_S
    assert task.state is State.CANCELLED
    assert len(server.requests) == 4


def test_a_task_that_was_paused_goes_on_where_it_stood(at_work: Story, server: ModelServer) -> None:
    server.faults = [Fault(hangs_s=30)]
    Stopping(lambda: len(server.requests) == 1, lambda: pause(at_work))
    assert at_work.work(most=1).state is State.PAUSED
    resume(at_work)
    assert at_work.work().state is State.COMPLETE
    assert len(at_work.spent()) == len(server.requests) == 11


def test_halted_it_is_held_back_and_goes_on_afterwards(at_work: Story, server: ModelServer) -> None:
    def halt() -> None:
        with at_work.troupe.storage.unit_of_work() as work:
            work.switches.set("halted", {"by": "Alice"})

    server.faults = [Fault(hangs_s=30)]
    stopping = Stopping(lambda: len(server.requests) == 1, halt)
    task = at_work.work(most=1)
    assert stopping.took() < WITHIN_S
    assert (task.state, len(server.requests)) == (State.WORKING, 1)
    assert at_work.owed() is not None


def test_a_run_that_just_ended_keeps_how_far_it_came(
    at_work: Story, server: ModelServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A stop waits until what waits in its journal is written."""
    flush, left = Journal.flush, list[bool]()

    def slowly(journal: Journal) -> None:
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and not journal.is_empty and not left:
            left.append(True)
            pause(at_work)
            time.sleep(0.8)
            flush(journal)
            left.append(journal.is_empty)
        else:
            flush(journal)

    monkeypatch.setattr(Journal, "flush", slowly)
    assert at_work.work(most=1).state is State.PAUSED
    assert left == [True, True]
    assert not [row for row in at_work.spent() if row.state == "reserved"]


def test_an_effect_that_happens_just_now_is_noted(at_work: Story, server: ModelServer) -> None:
    """A stop waits for it for a moment: a person would else be asked what came of it."""
    server.script = stages(build=[BUILD[0], call("github_issue", **ISSUE), *BUILD[1:]])
    at_work.work()
    (action,) = at_work.actions()
    at_work.approve(action)
    hub = at_work.troupe.hub
    hub.takes_s = 0.8
    stopping = Stopping(hub.busy.is_set, lambda: stop(at_work))
    task = at_work.work()
    assert stopping.took() < WITHIN_S
    assert (task.state, len(hub.issues)) == (State.CANCELLED, 1)
    assert at_work.actions()[0].state is ActionState.DONE
