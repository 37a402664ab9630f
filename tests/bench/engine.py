"""A persona's engine beside a bare LangGraph agent, both with a model that answers at once: what a step costs without it.

A round is one answer of the model and the one call of a tool that it asks for: two of LangGraph's steps, with a checkpoint
each. The bare agent keeps them with LangGraph's own saver as it comes, on the same database, and makes one transaction of ours
in each round; ours pays each answer out of the task's purses, and each call passes the gate.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from datetime import timedelta
from functools import partial
from itertools import pairwise
from typing import Any, cast

from langchain.agents import create_agent
from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import AIMessage, BaseMessage
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.tools import tool
from langgraph.checkpoint.postgres import PostgresSaver
from langgraph.checkpoint.sqlite import SqliteSaver
from pydantic import BaseModel, PrivateAttr
from sqlalchemy import URL

from agents.events import Actor, Event
from agents.money import MicroUSD
from agents.tasks import assign
from agents.tasks.agent import Agent
from agents.tasks.family import Family
from agents.tasks.gate import Gate
from agents.tasks.middleware import Limits
from agents.tasks.request import Request, request
from agents.tasks.task import Stage, Task
from agents.tasks.tools import Bench, Risk, Tool
from agents.writing.writer import Budget, Usage
from storage.columns import new_id
from tests.bench.house import House
from tests.tasks.outside import Folder

PRICE = MicroUSD(10)
ENOUGH = Limits(model_calls=10_000, tool_calls=10_000, lasts=timedelta(hours=1))
PROMPT = "Look at each page, one after the other."


class Look(BaseModel):
    number: int


class LookTool:
    """Looks only, and finds it at once."""

    name, summary, needs = "look", "Looks at a page.", ""
    family, risk = Family.FILES, Risk.READ
    arguments, stages = Look, frozenset(Stage)

    def run(self, given: Look, bench: Bench) -> str:
        return f"page {given.number}"


class Scripted(BaseChatModel):
    """Looks at `rounds` pages.  asked: when it was, each time.  Pays each call out of `budget`, if there is one; calls
    `begins` at the beginning of each."""

    rounds: int
    _asked: list[float] = PrivateAttr(default_factory=list)
    _budget: Budget | None = PrivateAttr(default=None)
    _begins: Callable[[], None] | None = PrivateAttr(default=None)

    @property
    def asked(self) -> list[float]:
        return self._asked

    @property
    def _llm_type(self) -> str:
        return "scripted"

    def told(self, budget: Budget, begins: Callable[[], None] | None) -> Scripted:
        self._budget, self._begins = budget, begins
        return self

    def bind_tools(self, tools: Any, **_: Any) -> Any:
        return self

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **_: Any,
    ) -> ChatResult:
        if self._begins is not None:
            self._begins()
        self._asked.append(time.perf_counter())
        if self._budget is not None:
            with self._budget.reserve(PRICE, "scripted") as reservation:
                reservation.settle(Usage("scripted", "scripted", 100, 20, PRICE))
        return ChatResult(generations=[ChatGeneration(message=self._answer(len(self._asked)))])

    def _answer(self, number: int) -> AIMessage:
        if number > self.rounds:
            return AIMessage("That was the last one.")
        call = {"name": "look", "args": {"number": number}, "id": f"call-{number}"}
        usage: Any = {"input_tokens": 100, "output_tokens": 20, "total_tokens": 120}
        return AIMessage("", tool_calls=[cast(Any, call)], usage_metadata=usage)


def a_task(home: House) -> Task:
    """Zoe works on it."""
    with home.troupe.storage.unit_of_work() as work:
        asked = Request(home.alice, "Look at pages", PROMPT, home.place.channel, home.zoe, complexity=3)
        task = request(asked, work)
    with home.troupe.storage.unit_of_work() as work:
        return assign.assign(task.id, work)


def ours(home: House, task: Task, rounds: int, begins: Callable[[], None] | None = None) -> list[float]:
    """ms of each round of one run, as jobs/work.py makes it.  begins: called at the beginning of each."""
    troupe, persona = home.troupe, home.zoe
    storage, tools = troupe.storage, (cast(Tool, LookTool()),)
    journal = storage.journal()
    model = Scripted(rounds=rounds).told(storage.task_budget(persona, task, journal), begins)
    desk = Folder(troupe.settings.troupe_home)

    def bench(now: Task, call_id: str) -> Bench:
        return Bench(now, persona, cast(Any, desk), cast(Any, None), troupe.clock(), call_id)

    now = partial(storage.task_along, journal)
    gate = Gate(task, tools, storage.unit_of_work, storage.reading, now, bench, nullcontext)
    saver = troupe.checkpoints.along(journal)
    agent = Agent([model], tools, gate, saver, journal.flush, PROMPT, troupe.clock, ENOUGH)
    agent.run(f"{task.id}/{new_id()}", "Begin.")
    return _between(model.asked)


def bare(home: House, task: Task, rounds: int) -> list[float]:
    """The same of a bare agent, with one transaction of ours in each round."""

    @tool
    def look(number: int) -> str:
        """Looks at a page."""
        noted(home, task)
        return f"page {number}"

    model = Scripted(rounds=rounds)
    config = {"configurable": {"thread_id": f"{task.id}/{new_id()}"}, "recursion_limit": 100_000}
    with _its_own_saver(home.troupe.storage.engine.url) as saver:
        agent: Any = create_agent(model, [look], system_prompt=PROMPT, checkpointer=saver)
        agent.invoke({"messages": [("user", "Begin.")]}, config, durability="sync")
    return _between(model.asked)


@contextmanager
def _its_own_saver(url: URL) -> Iterator[Any]:
    """As LangGraph's documentation opens it. The tables are there: ours made them."""
    if url.get_backend_name() == "sqlite":
        with SqliteSaver.from_conn_string(str(url.database)) as saver:
            yield saver
        return
    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    with PostgresSaver.from_conn_string(address) as saver:
        yield saver


def noted(home: House, task: Task) -> None:
    """One transaction: looks the task up and records an event."""
    with home.troupe.storage.unit_of_work() as work:
        now = work.tasks.get(task.id)
        work.record(Event("task.looked", now.subject, Actor("persona", home.zoe.id, home.zoe.name)))


def _between(asked: list[float]) -> list[float]:
    return [(after - before) * 1000 for before, after in pairwise(asked)]
