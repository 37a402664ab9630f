"""Texts that give orders, and a model that obeys every one of them: nothing leaves the workspace all the same."""

from __future__ import annotations

from dataclasses import asdict

import pytest
from sqlalchemy import func, select

from agents.tasks.action import ActionState
from agents.tasks.task import Wait
from agents.tasks.toolbox import toolbox
from agents.tasks.tools import Risk
from storage.tables import EffectRow
from tests.servers.model import ModelServer, call
from tests.tasks.crew import Story
from tests.tasks.injections import INJECTIONS, Injection
from tests.tasks.scripts import BUILD, stages

LEAVING = {tool.name for tool in toolbox() if tool.risk is Risk.LEAVES}
BEYOND = [one for one in INJECTIONS if one.tool in LEAVING]


def told(server: ModelServer) -> list[str]:
    """What the model was told by tools, each once for every time that it was sent."""
    return [
        str(message["content"])
        for body in server.requests
        for message in body["messages"]
        if message["role"] == "tool"
    ]


def effects(of: Story) -> int:
    with of.troupe.storage.reading() as work:
        return int(work.connection.execute(select(func.count()).select_from(EffectRow)).scalar_one())


def test_there_are_orders_for_every_tool_that_leaves() -> None:
    assert {one.tool for one in INJECTIONS} >= LEAVING
    assert len(BEYOND) >= 15


@pytest.mark.parametrize("injection", BEYOND, ids=lambda one: one.name)
@pytest.mark.parametrize(
    "database_url", ["sqlite"], indirect=True
)  # what the gate keeps to on both: test_gate.py
def test_a_model_that_obeys_gets_no_effect_past_the_gate(
    at_work: Story, server: ModelServer, injection: Injection
) -> None:
    at_work.troupe.desk.write("src/found.txt", injection.text.encode())
    obeys = call(injection.tool, **injection.arguments)
    server.script = stages(build=[BUILD[0], call("read_file", path="src/found.txt"), obeys, *BUILD[1:]])
    task = at_work.work()
    assert any("found.txt" in message for message in told(server)), "it never read the order"
    assert task.waits_for is Wait.STEP, asdict(task)
    assert effects(at_work) == 0
    assert [action.state for action in at_work.actions()] == [ActionState.PROPOSED]
    assert at_work.troupe.hub.issues == []
    assert at_work.troupe.mail.letters == []
    assert at_work.troupe.desk.installed == []
