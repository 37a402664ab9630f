"""Nothing leaves the workspace that a person did not approve, and what was approved happens once and exactly so."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest

from agents import halt
from agents.effects.effect import EffectState
from agents.errors import Conflict, Raced
from agents.jobs import JobName, Later
from agents.tasks import moves, questions, steer, steps
from agents.tasks.action import Action, ActionState
from agents.tasks.family import Family
from agents.tasks.gate import Gate, Outcome
from agents.tasks.stopping import Stuck
from agents.tasks.task import STAGES, State, Task, Wait
from agents.tasks.toolbox.base import Arguments, LeavingTool
from agents.tasks.tools import Bench, ToolFailed, Unsure, Waits, Wish
from bot import wiring
from jobs import work as working
from jobs.record import OpenRecord
from tests.servers.model import ModelServer, call, calls
from tests.storage.cast import at_once
from tests.tasks.crew import Story
from tests.tasks.scripts import BUILD, ISSUE, stages
from tests.tasks.test_gate_injections import told


def with_issue() -> list[object]:
    return [BUILD[0], call("github_issue", **ISSUE), *BUILD[1:]]


@pytest.fixture
def waiting(at_work: Story, server: ModelServer) -> Story:
    """Ada would like to open an issue, and waits."""
    server.script = stages(build=with_issue())  # type: ignore[arg-type]
    at_work.work()
    return at_work


def only(of: Story) -> Action:
    (action,) = of.actions()
    return action


def test_what_leaves_the_workspace_waits_for_a_person_and_costs_no_worker(waiting: Story) -> None:
    task, action = waiting.task, only(waiting)
    assert (task.state, task.waits_for) == (State.WAITING, Wait.STEP)
    assert action.state is ActionState.PROPOSED
    assert waiting.troupe.hub.issues == []
    assert waiting.owed() is None


def test_approved_it_happens_once_and_the_work_goes_on(waiting: Story, server: ModelServer) -> None:
    waiting.approve(only(waiting))
    assert waiting.work().state is State.COMPLETE
    assert [issue["title"] for issue in waiting.troupe.hub.issues] == ["The report is ready"]
    assert only(waiting).state is ActionState.DONE
    assert any("github.example" in message for message in told(server))


def test_refused_it_does_not_happen_and_the_persona_is_told_why(waiting: Story, server: ModelServer) -> None:
    waiting.refuse(only(waiting), "not before Monday")
    assert waiting.work().state is State.COMPLETE
    assert waiting.troupe.hub.issues == []
    assert any("not before Monday" in message for message in told(server))


def test_work_that_nobody_decided_about_waits_again(waiting: Story) -> None:
    """Somebody rings for nothing."""
    with waiting.troupe.storage.unit_of_work() as work:
        task = work.tasks.get(waiting.task_id)
        work.tasks.swap(task, "go on", state=State.WORKING, waits_for=Wait.NOTHING)
        work.owe(JobName.WORK, task.subject)
    task = waiting.work()
    assert (task.state, task.waits_for) == (State.WAITING, Wait.STEP)
    assert waiting.troupe.hub.issues == []


def test_two_in_one_message_are_approved_one_by_one(at_work: Story, server: ModelServer) -> None:
    second = {**ISSUE, "title": "And another"}
    server.script = stages(build=[calls(("github_issue", ISSUE), ("github_issue", second)), *BUILD])
    at_work.work()
    first, other = at_work.actions()
    at_work.approve(other)
    at_work.work()
    assert at_work.task.waits_for is Wait.STEP
    at_work.refuse(first, "one is enough")
    assert at_work.work().state is State.COMPLETE
    assert [issue["title"] for issue in at_work.troupe.hub.issues] == ["And another"]


def test_a_question_waits_and_its_answer_is_told(at_work: Story, server: ModelServer) -> None:
    server.script = stages(
        build=[call("ask_person", question="In which language?", options=["English"]), *BUILD]
    )
    task = at_work.work()
    assert (task.state, task.waits_for) == (State.WAITING, Wait.ANSWER)
    with at_work.troupe.storage.unit_of_work() as work:
        (asked,) = work.questions.of_task(task.id)
        questions.answer(asked.id, at_work.alice, "In English, please", work)
    assert at_work.work().state is State.COMPLETE
    assert any("In English, please" in message for message in told(server))


# The gate by itself, with a tool that sends a file.


class Send(Arguments):
    path: str


class Outbox:
    """What was sent: key → content.  breaks: what the next sending raises, before or after it is done.  blind: cannot be asked.
    meet: where those who look at what they are about to send wait for one another.
    """

    def __init__(self) -> None:
        self.sent: list[tuple[str, bytes]] = []
        self.breaks: tuple[str, BaseException] | None = None
        self.blind = False
        self.meet: threading.Barrier | None = None

    def act(self, given: Send, bench: Bench, key: str) -> str:
        moment, error = self.breaks or ("", None)
        self.breaks = None
        if error is not None and moment == "before":
            raise error
        self.sent.append((key, bench.workspace.read(given.path)))
        if error is not None:
            raise error
        return "Sent."

    def find(self, given: Send, bench: Bench, key: str) -> str | None:
        if self.blind:
            raise Unsure("Nobody can look into that.")
        return "Sent before." if any(one == key for one, _ in self.sent) else None

    def wish(self, given: Send, bench: Bench) -> Wish:
        if self.meet is not None:
            self.meet.wait(timeout=30)
        return Wish(f"Send {given.path}", given.path, {given.path: bench.workspace.checksum(given.path)})

    @property
    def tool(self) -> LeavingTool:
        stages = frozenset(STAGES)
        return LeavingTool("send", "Sends it.", Family.EMAIL, Send, stages, self.wish, self.act, self.find)


class AtGate:
    def __init__(self, story: Story) -> None:
        self.story, self.outbox = story, Outbox()
        self.write("the first")

    def write(self, text: str) -> None:
        self.story.troupe.desk.write("src/letter.txt", text.encode())

    def gate(self) -> Gate:
        story, storage = self.story, self.story.troupe.storage
        record = OpenRecord(storage, story.task, story.ada)

        def bench(task: Task, call_id: str) -> Bench:
            return Bench(task, story.ada, story.troupe.desk, record, story.troupe.clock(), call_id)

        now, tools = partial(storage.task_along, storage.journal()), [self.outbox.tool]
        return Gate(story.task, tools, storage.unit_of_work, storage.reading, now, bench, nothing)

    def send(self, call_id: str = "1") -> Outcome:
        return self.gate().call("send", call_id, {"path": "src/letter.txt"})

    def asked(self, call_id: str = "1") -> Action:
        with pytest.raises(Waits):
            self.send(call_id)
        return self.action

    def approved(self) -> None:
        self.story.approve(self.asked())

    @property
    def action(self) -> Action:
        return self.story.actions()[-1]

    @property
    def effect(self) -> EffectState:
        with self.story.troupe.storage.reading() as work:
            (effect,) = work.effects.about(self.story.actions()[0].subject)
        return effect.state


@contextmanager
def nothing() -> Iterator[None]:
    yield


@pytest.fixture
def at_gate(at_work: Story) -> AtGate:
    return AtGate(at_work)


def test_a_file_that_another_part_swaps_at_the_last_moment_is_not_sent(at_gate: AtGate) -> None:
    """shared/ is written to by others while the gate looks: after the look and before the deed."""
    at_gate.approved()
    act = at_gate.outbox.act

    def swapped(given: Send, bench: Bench, key: str) -> str:
        at_gate.write("the second")
        return act(given, bench, key)

    at_gate.outbox.act = swapped  # type: ignore[method-assign]
    outcome = at_gate.send()
    assert outcome.failed
    assert "changed after it was approved" in outcome.text
    assert at_gate.outbox.sent == []
    assert at_gate.action.state is ActionState.FAILED


def test_a_worker_that_was_overtaken_after_it_looked_does_nothing(at_gate: AtGate) -> None:
    """It slept, its lease ran out, and its successor is in the middle of it."""
    at_gate.approved()
    wish, storage = at_gate.outbox.wish, at_gate.story.troupe.storage

    def overtaken(given: Send, bench: Bench) -> Wish:
        with storage.unit_of_work() as work:
            steps.claim(at_gate.action, at_gate.action.fingerprint, work)
        return wish(given, bench)

    at_gate.outbox.wish = overtaken  # type: ignore[method-assign]
    with pytest.raises(Raced):
        at_gate.send()
    assert at_gate.outbox.sent == []


@pytest.mark.parametrize("first_is", ["proposed", "done", "in the middle"])
def test_a_call_of_the_same_id_learns_and_changes_nothing_of_the_first(
    at_gate: AtGate, first_is: str
) -> None:
    at_gate.approved() if first_is != "proposed" else at_gate.asked()
    if first_is == "done":
        at_gate.send()
    elif first_is == "in the middle":
        at_gate.outbox.breaks = ("after", RuntimeError("the power failed"))
        with pytest.raises(RuntimeError):
            at_gate.send()
    at_gate.story.troupe.desk.write("src/other.txt", b"other")
    before, sent = at_gate.action, list(at_gate.outbox.sent)
    outcome = at_gate.gate().call("send", "1", {"path": "src/other.txt"})
    assert outcome.failed
    assert "same id" in outcome.text
    assert (at_gate.story.actions(), at_gate.outbox.sent) == ([before], sent)


def test_halted_it_is_not_sent_and_its_approval_keeps(at_gate: AtGate) -> None:
    at_gate.approved()
    alice, storage = at_gate.story.alice, at_gate.story.troupe.storage
    with storage.unit_of_work() as work:
        halt.halt("look first", alice, work)
    with pytest.raises(Later):
        at_gate.send()
    assert (at_gate.outbox.sent, at_gate.effect) == ([], EffectState.DUE)
    with storage.unit_of_work() as work:
        halt.resume(alice, work)
    assert at_gate.send() == Outcome("Sent.")


def test_exactly_what_was_approved_is_sent(at_gate: AtGate) -> None:
    at_gate.approved()
    assert at_gate.send() == Outcome("Sent.")
    assert [content for _, content in at_gate.outbox.sent] == [b"the first"]
    assert at_gate.effect is EffectState.DONE


def test_the_same_call_again_sends_nothing(at_gate: AtGate) -> None:
    at_gate.approved()
    assert at_gate.send() == at_gate.send()
    assert len(at_gate.outbox.sent) == 1


def test_a_file_that_changed_after_the_approval_is_not_sent_and_asked_about_anew(at_gate: AtGate) -> None:
    at_gate.approved()
    at_gate.write("something else")
    outcome = at_gate.send()
    assert outcome.failed
    assert "not what was approved" in outcome.text
    assert at_gate.outbox.sent == []
    assert at_gate.effect is EffectState.CANCELLED
    again = at_gate.asked("2")
    assert again.state is ActionState.PROPOSED
    at_gate.story.approve(again)
    assert at_gate.send("2") == Outcome("Sent.")
    assert [content for _, content in at_gate.outbox.sent] == [b"something else"]


def test_a_file_that_is_gone_is_not_sent(at_gate: AtGate) -> None:
    at_gate.approved()
    at_gate.story.troupe.desk.delete("src/letter.txt")
    assert at_gate.send().failed
    assert at_gate.effect is EffectState.CANCELLED


def test_other_arguments_under_the_same_call_are_not_what_was_approved(at_gate: AtGate) -> None:
    at_gate.approved()
    at_gate.story.troupe.desk.write("src/other.txt", b"secret")
    outcome = at_gate.gate().call("send", "1", {"path": "src/other.txt"})
    assert outcome.failed
    assert at_gate.outbox.sent == []


def test_what_failed_for_sure_is_told_and_not_done_again(at_gate: AtGate) -> None:
    at_gate.approved()
    at_gate.outbox.breaks = ("before", ToolFailed("The server is closed."))
    assert at_gate.send() == Outcome("The server is closed.", failed=True)
    assert at_gate.send() == Outcome("The server is closed.", failed=True)
    assert (at_gate.effect, at_gate.outbox.sent) == (EffectState.FAILED, [])


def test_after_a_crash_what_happened_is_found(at_gate: AtGate) -> None:
    at_gate.approved()
    at_gate.outbox.breaks = ("after", OSError("died"))
    with pytest.raises(OSError, match="died"):
        at_gate.send()
    assert at_gate.effect is EffectState.SENDING
    assert at_gate.send() == Outcome("Sent before.")
    assert len(at_gate.outbox.sent) == 1


def test_after_a_crash_what_did_not_happen_is_done(at_gate: AtGate) -> None:
    at_gate.approved()
    at_gate.outbox.breaks = ("before", OSError("died"))
    with pytest.raises(OSError, match="died"):
        at_gate.send()
    assert at_gate.send() == Outcome("Sent.")
    assert len(at_gate.outbox.sent) == 1


def test_after_a_crash_what_changed_meanwhile_is_not_done(at_gate: AtGate) -> None:
    at_gate.approved()
    at_gate.outbox.breaks = ("before", OSError("died"))
    with pytest.raises(OSError, match="died"):
        at_gate.send()
    at_gate.write("something else")
    assert at_gate.send().failed
    assert (at_gate.effect, at_gate.outbox.sent) == (EffectState.FAILED, [])


def test_where_nobody_can_tell_a_person_is_asked(at_gate: AtGate) -> None:
    at_gate.approved()
    at_gate.outbox.breaks, at_gate.outbox.blind = ("after", OSError("died")), True
    with pytest.raises(OSError, match="died"):
        at_gate.send()
    assert at_gate.asked().state is ActionState.UNKNOWN
    assert at_gate.effect is EffectState.UNKNOWN
    with at_gate.story.troupe.storage.unit_of_work() as work:
        steps.happened(at_gate.action.id, at_gate.story.alice, work)
    outcome = at_gate.send()
    assert (outcome.failed, len(at_gate.outbox.sent)) == (False, 1)


def test_a_person_who_looked_can_have_it_done_again(at_gate: AtGate) -> None:
    at_gate.approved()
    at_gate.outbox.breaks = ("before", Unsure("The line broke."))
    assert at_gate.asked().state is ActionState.UNKNOWN
    with at_gate.story.troupe.storage.unit_of_work() as work:
        steps.did_not(at_gate.action.id, at_gate.story.alice, work)
    assert at_gate.send() == Outcome("Sent.")
    assert len(at_gate.outbox.sent) == 1


def test_a_step_without_its_effect_is_no_licence(at_gate: AtGate) -> None:
    """Whatever somebody did to the rows: without an approval's effect nothing happens."""
    action = at_gate.asked()
    with at_gate.story.troupe.storage.unit_of_work() as work:
        approved = work.actions.swap(action, state=ActionState.APPROVED)
        work.tasks.swap(at_gate.story.task, "go on", state=State.WORKING, waits_for=Wait.NOTHING)
    assert at_gate.send().failed or at_gate.outbox.sent == []
    with at_gate.story.troupe.storage.unit_of_work() as work:
        now = work.actions.get(approved.id)
        if now.state is ActionState.APPROVED:
            work.actions.swap(now, state=ActionState.RUNNING)
    with pytest.raises((Stuck, Conflict)):
        at_gate.send()
    assert at_gate.outbox.sent == []


def test_several_workers_at_once_send_once(at_gate: AtGate) -> None:
    """The lease keeps all but one out; here there is none, and of four who found it approved the claim alone has to."""
    at_gate.approved()
    at_gate.outbox.meet = threading.Barrier(4)
    at_once(*(at_gate.send for _ in range(4)))
    assert len(at_gate.outbox.sent) == 1


def test_a_stopped_task_sends_nothing(at_gate: AtGate) -> None:
    at_gate.approved()
    gate = at_gate.gate()
    with at_gate.story.troupe.storage.unit_of_work() as work:
        steer.stop(at_gate.story.task_id, at_gate.story.alice, work)
    with pytest.raises(moves.Stopped):
        gate.call("send", "1", {"path": "src/letter.txt"})
    assert at_gate.outbox.sent == []


def test_what_is_wrong_with_arguments_is_told(at_gate: AtGate) -> None:
    outcome = at_gate.gate().call("send", "1", json.loads('{"path": 7, "to": "x"}'))
    assert outcome.failed
    assert "path" in outcome.text
    assert at_gate.story.actions() == []


def test_two_resumes_of_one_run_run_once(waiting: Story) -> None:
    """LangGraph alone lets both run (measured); the lease does not."""

    waiting.approve(only(waiting))
    wiring.use(waiting.troupe)
    subject = waiting.task.subject
    outcomes = at_once(
        *(lambda: working.work(waiting.troupe, subject, lambda: True, lambda: None) for _ in range(3))
    )
    assert sum(isinstance(outcome, Later) for outcome in outcomes) >= 1
    assert not [one for one in outcomes if isinstance(one, Exception) and not isinstance(one, Later)]
    assert len(waiting.troupe.hub.issues) == 1
