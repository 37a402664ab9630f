"""The agent of one stage: LangChain's loop of model and tools on LangGraph's checkpoints, with every call of a tool at our gate.

One of the few modules that load LangChain; only workers import it. Models, checkpointer and gate are handed in.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from langchain.agents import create_agent
from langchain.agents.middleware import (
    AgentMiddleware,
)
from langchain_core.language_models import BaseChatModel
from langchain_core.messages import (
    AIMessage,
    HumanMessage,
)
from langchain_core.tools import BaseTool, StructuredTool
from langgraph.checkpoint.base import BaseCheckpointSaver
from langsmith.run_helpers import tracing_context

from agents.tasks.gate import Gate
from agents.tasks.middleware import TROUBLE, USUAL, AtTheGate, Course, Grown, Limits, around, summing
from agents.tasks.stopping import Stuck
from agents.tasks.task import Wait
from agents.tasks.toolbox.offer import described
from agents.tasks.tools import Tool


@dataclass(frozen=True, slots=True)
class Ended:
    """How a run ended.  waits: for what, NOTHING if it came to its end.  said: the persona's last words."""

    waits: Wait = Wait.NOTHING
    said: str = ""


class Agent:
    """models: first choice first; each is asked only where those before it failed.  keep: writes down what the checkpointer
    holds back until the next transaction; called when a run has ended, however it did."""

    def __init__(
        self,
        models: Sequence[BaseChatModel],
        tools: Iterable[Tool],
        gate: Gate,
        checkpointer: BaseCheckpointSaver[Any],
        keep: Callable[[], None],
        system_prompt: str,
        clock: Callable[[], datetime],
        limits: Limits = USUAL,
    ) -> None:
        self._models, self._tools, self._gate = models, [_offered(tool) for tool in tools], gate
        self._checkpointer, self._keep, self._system_prompt = checkpointer, keep, system_prompt
        self._clock, self._limits = clock, limits

    def run(self, thread: str, opening: str, more: str = "") -> Ended:
        """Begins, or goes on where an earlier run ended, waited or died: nothing that is done is done again.

        thread: the run's name for ever.  opening: the first message.  more: said to one that had come to its end.
        Raises Stuck, ModelFailed, BudgetExhausted, moves.Stopped, and whatever an unforeseen error is.
        """
        config = {"configurable": {"thread_id": thread}, "max_concurrency": 1, "recursion_limit": 10_000}
        course = Course(self._clock, self._limits)
        with tracing_context(enabled=False):
            graph = self._graph(course, [])
            there = graph.get_state(config)
            if there.values and not there.next and not more:
                return Ended(said=_said(there.values))
            # In the middle of something what stands there is enough; what waits is not answered, but looks again.
            given = None if there.next else _message(more if there.values else opening)
            try:
                return self._run(graph, given, config)
            except Grown:
                graph = self._graph(course, [summing(self._models, self._limits)])
                return self._run(graph, None, config)

    def _run(self, graph: Any, given: Mapping[str, Any] | None, config: Mapping[str, Any]) -> Ended:
        try:
            return _ended(graph.invoke(given, config, durability="sync"))
        finally:
            self._keep()

    def _graph(self, course: Course, before: Sequence[AgentMiddleware[Any, Any, Any]]) -> Any:
        """before: what acts between two steps. Each is a node with a checkpoint of its own, so it is there only if needed."""
        course.shortens = bool(before)
        return create_agent(
            self._models[0],
            self._tools,
            system_prompt=self._system_prompt,
            middleware=[*before, around(course, self._models, self._limits), AtTheGate(self._gate, course)],
            checkpointer=self._checkpointer,
        )


def _message(text: str) -> dict[str, Any]:
    return {"messages": [HumanMessage(text)]}


def _ended(values: Mapping[str, Any]) -> Ended:
    waiting = values.get("__interrupt__")
    if waiting:
        return Ended(Wait(waiting[0].value))
    if trouble := values["messages"][-1].additional_kwargs.get(TROUBLE):
        raise Stuck(trouble)
    return Ended(said=_said(values))


def _said(values: Mapping[str, Any]) -> str:
    last = values["messages"][-1]
    return last.text.strip() if isinstance(last, AIMessage) else ""


def _offered(tool: Tool) -> BaseTool:
    """What a model is told of a tool. By itself it can do nothing: only the gate runs tools."""

    def ungated(**_: Any) -> str:
        raise RuntimeError(f"{tool.name} was called past the gate")

    told = described(tool)["function"]
    return StructuredTool(
        name=tool.name, description=tool.summary, args_schema=told["parameters"], func=ungated
    )
