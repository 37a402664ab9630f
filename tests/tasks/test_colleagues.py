"""One persona asks another: answered by that one's model, paid by the task that asks, once for each call, and not in circles."""

from __future__ import annotations

import pytest

from agents.personas.persona import Persona, PersonaState, Profile
from agents.tasks.tools import ToolFailed
from jobs.colleagues import IN_AN_HOUR, Colleagues
from tests.servers.model import ModelServer, say
from tests.tasks.crew import Story


@pytest.fixture
def bob(at_work: Story, server: ModelServer) -> Persona:
    server.script = lambda body: say(f"Answer {len(server.requests)}.")
    with at_work.troupe.storage.unit_of_work() as work:
        return work.personas.add(Profile(name="Bob", handle="bob"), work.now)


def ask(of: Story, call_id: str = "1", handle: str = "bob") -> str:
    colleagues = Colleagues(of.troupe)
    return colleagues.ask(of.ada, handle, "What is new?", of.task, call_id)


def test_the_other_one_answers_and_the_task_pays(at_work: Story, bob: Persona, server: ModelServer) -> None:
    assert ask(at_work) == "Answer 1."
    (body,) = server.requests
    assert "You are Bob (@bob)" in body["messages"][0]["content"]
    assert "tools" not in body
    (row,) = at_work.spent()
    assert (row.state, row.persona_id) == ("settled", at_work.ada.id)


def test_the_same_call_is_asked_once(at_work: Story, bob: Persona, server: ModelServer) -> None:
    assert ask(at_work, "1") == ask(at_work, "1") == "Answer 1."
    assert ask(at_work, "2") == "Answer 2."


def test_two_do_not_talk_for_ever(at_work: Story, bob: Persona, server: ModelServer) -> None:
    for number in range(IN_AN_HOUR):
        ask(at_work, str(number))
    with pytest.raises(ToolFailed, match="within an hour"):
        ask(at_work, "one more")
    assert ask(at_work, "0") == "Answer 1.", "what was answered stays answered"
    assert len(server.requests) == IN_AN_HOUR


def test_who_is_not_there_does_not_answer(at_work: Story, bob: Persona, server: ModelServer) -> None:
    with pytest.raises(ToolFailed):
        ask(at_work, handle="nobody")
    with at_work.troupe.storage.unit_of_work() as work:
        work.personas.change(bob, state=PersonaState.PAUSED)
    with pytest.raises(ToolFailed, match="paused"):
        ask(at_work)
    assert server.requests == []
