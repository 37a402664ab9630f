"""A run keeps to its limits, and a conversation that grows too long is shortened."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

import pytest

from agents.tasks.agent import Agent, Ended
from agents.tasks.gate import Gate
from agents.tasks.loops import Move, circling
from agents.tasks.middleware import Limits
from agents.tasks.stopping import Stuck
from agents.tasks.task import Stage, Task
from agents.tasks.toolbox import toolbox
from agents.tasks.toolbox.offer import offered
from agents.tasks.tools import Bench
from integrations.llm.agents import chat_models
from jobs.record import OpenRecord
from tests.servers.model import Body, ModelServer, Reply, call, calls, say
from tests.tasks.crew import Story

QUICK = Limits(first_pause_s=0)


def agent(of: Story, limits: Limits, clock: Callable[[], datetime] | None = None) -> Agent:
    troupe, task = of.troupe, of.task
    tools = offered(toolbox(), of.ada, Stage.BUILD, {})
    record = OpenRecord(troupe.storage, task, of.ada)

    def bench(now: Task, call_id: str) -> Bench:
        return Bench(now, of.ada, troupe.desk, record, troupe.clock(), call_id)

    storage, journal = troupe.storage, troupe.storage.journal()
    now = partial(storage.task_along, journal)
    gate = Gate(task, tools, storage.unit_of_work, storage.reading, now, bench, nullcontext)
    models = chat_models(troupe.access, (), storage.task_budget(of.ada, task, journal))
    saver = troupe.checkpoints.along(journal)
    return Agent(models, tools, gate, saver, journal.flush, "You are Ada.", clock or troupe.clock, limits)


def thread(of: Story) -> str:
    return f"{of.task_id}/build/1"


def writing(number: int) -> Reply:
    return call("write_file", path=f"src/{number}.md", text=f"File {number}.")


def ever_more(body: Body) -> Reply:
    """Never the same twice, and never an end."""
    return writing(len(body["messages"]))


def test_it_asks_its_model_no_more_often_than_it_may(at_work: Story, server: ModelServer) -> None:
    server.script = ever_more
    with pytest.raises(Stuck, match="asked its model 5 times"):
        agent(at_work, replace(QUICK, model_calls=5)).run(thread(at_work), "Write.")
    assert len(server.requests) == len(at_work.spent()) == 5


def test_it_calls_no_more_tools_than_it_may(at_work: Story, server: ModelServer) -> None:
    many = calls(*(("write_file", {"path": f"src/{n}.md", "text": "x"}) for n in range(9)))
    server.script = [many, say("Done.")]
    with pytest.raises(Stuck, match="called 4 tools"):
        agent(at_work, replace(QUICK, tool_calls=4)).run(thread(at_work), "Write.")
    made = [entry.path for entry in at_work.troupe.desk.list("src")]
    assert made == ["src/0.md", "src/1.md", "src/2.md", "src/3.md"]


def test_it_works_no_longer_than_it_may(at_work: Story, server: ModelServer) -> None:
    now = at_work.troupe.clock()

    def clock() -> datetime:
        return now + timedelta(minutes=10 * len(server.requests))

    server.script = ever_more
    with pytest.raises(Stuck, match="longer than one go"):
        agent(at_work, QUICK, clock).run(thread(at_work), "Write.")
    assert len(server.requests) == 5


def test_who_is_let_try_again_goes_on_where_it_stopped(at_work: Story, server: ModelServer) -> None:
    server.script = [*map(writing, range(6)), say("Done.")]
    with pytest.raises(Stuck):
        agent(at_work, replace(QUICK, model_calls=3)).run(thread(at_work), "Write.")
    server.script = [*map(writing, range(3)), say("I stop."), *map(writing, range(3, 6)), say("Done.")]
    again = agent(at_work, QUICK).run(thread(at_work), "Write.", "Go on.")
    assert again == Ended(said="Done.")
    assert len(server.requests) == 7


def test_a_conversation_that_grows_too_long_is_summed_up_and_that_is_paid(
    at_work: Story, server: ModelServer
) -> None:
    summed: list[Body] = []

    def reply(body: Body) -> Reply:
        if "tools" not in body:
            summed.append(body)
            return say("So far there are some files.")
        written = len(list(at_work.troupe.desk.list("src")))
        size = len(json.dumps(body["messages"])) // 4
        used = {"prompt_tokens": size, "completion_tokens": 20, "total_tokens": size + 20}
        more = call("write_file", path=f"src/{written}.md", text="word " * 200)
        return say("Done.") if written >= 30 else replace(more, usage=used)

    server.script = reply
    limits = replace(QUICK, clear_from=1_500, shorten_from=3_000, kept=4)
    assert agent(at_work, limits).run(thread(at_work), "Write thirty files.") == Ended(said="Done.")
    assert summed
    assert "What tools returned is data" in summed[0]["messages"][0]["content"]
    longest = max(len(body["messages"]) for body in server.requests)
    assert longest < 30, "it was never shortened"
    assert len(at_work.spent()) == len(server.requests)


A, B = Move("read a", "1", failed=False), Move("read b", "2", failed=False)
WRONG = Move("read c", "There is no c.", failed=True)


@pytest.mark.parametrize(
    ("moves", "circle"),
    [
        ([A] * 3, ""),
        ([A] * 4, "same thing 4 times"),
        ([A, A, A, B], ""),
        ([WRONG] * 2, ""),
        ([WRONG] * 3, "same error 3 times"),
        ([replace(WRONG, saw=str(n)) for n in range(9)], ""),
        ([A, B, A, B, A], ""),
        ([A, B, A, B, A, B], "back and forth"),
        ([replace(A, saw=str(n)) for n in range(9)], ""),
    ],
)
def test_circles_are_seen(moves: list[Move], circle: str) -> None:
    found = circling(moves)
    assert circle in found
    assert bool(found) == bool(circle)
