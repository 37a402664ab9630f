"""The rehearsal worker at a desk: it is asked, what it calls is done by the real tools, and so on until it has said its last words."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage

from agents.errors import TroupeError
from agents.tasks.prompts import instructions, opening
from agents.tasks.task import Stage, Task
from agents.tasks.toolbox import toolbox
from agents.tasks.toolbox.offer import called, described, given, offered
from agents.tasks.tools import Risk, Tool, ToolFailed
from integrations.llm.rehearsal.worker import RehearsalWorker
from tests.tasks.fakes import NOW, Desk

CALLS = 60
"""No go at a stage takes more."""

Deed = Callable[[Tool, Any, Desk, str], str]


def approved(tool: Tool, arguments: Any, desk: Desk, call_id: str) -> str:
    """Whatever would leave the workspace is approved at once."""
    bench = desk.bench(call_id)
    if tool.risk is not Risk.LEAVES:
        return tool.run(arguments, bench)
    leaving: Any = tool
    leaving.wish(arguments, bench)
    return str(leaving.act(arguments, bench, call_id))


def refused(tool: Tool, arguments: Any, desk: Desk, call_id: str) -> str:
    if tool.risk is Risk.LEAVES:
        raise ToolFailed("Alice refused it: not today.")
    return approved(tool, arguments, desk, call_id)


@dataclass
class Went:
    """How a stage went."""

    messages: list[BaseMessage]
    calls: list[tuple[str, dict[str, Any]]] = field(default_factory=list)
    said: str = ""

    def of(self, tool: str) -> list[dict[str, Any]]:
        return [arguments for name, arguments in self.calls if name == tool]

    @property
    def failed(self) -> list[str]:
        return [str(m.text) for m in self.messages if isinstance(m, ToolMessage) and m.status == "error"]


def goes(desk: Desk, stage: Stage, *feedback: str, lacks: Sequence[str] = (), do: Deed = approved) -> Went:
    """One stage, from its opening to the last words.  lacks: told one by one when it has ended."""
    task = desk.record.task = replace(desk.record.task, stage=stage)
    tools = offered(toolbox(), desk.persona, stage, desk.outside)
    model = RehearsalWorker().bind_tools([described(tool) for tool in tools])
    went = Went(
        [SystemMessage(instructions(task, desk.persona, NOW)), HumanMessage(_opening(task, desk, feedback))]
    )
    waiting = list(lacks)
    while len(went.calls) < CALLS * (1 + len(lacks) - len(waiting)):
        answer = model.invoke(went.messages)
        assert isinstance(answer, AIMessage) and answer.usage_metadata
        assert answer.usage_metadata["total_tokens"] == 0
        went.messages.append(answer)
        for call in answer.tool_calls:
            went.calls.append((call["name"], call["args"]))
            went.messages.append(_answer(call, tools, desk, do))
        if not answer.tool_calls:
            went.said = answer.text
            if not waiting:
                return went
            went.messages.append(HumanMessage(waiting.pop(0)))
    raise AssertionError(f"It does not end: {went.calls[-3:]}")


def _opening(task: Task, desk: Desk, feedback: Sequence[str]) -> str:
    files = [entry.path for entry in desk.workspace.list() if not entry.is_folder]
    plan = desk.record.plans[-1] if desk.record.plans else None
    return opening(task, plan, files, feedback)


def _answer(call: Any, tools: Sequence[Tool], desk: Desk, do: Deed) -> ToolMessage:
    tool = called(call["name"], tools)  # raises: it never calls what it was not offered
    arguments = given(tool, call["args"])  # raises: its arguments are always right
    try:
        return ToolMessage(do(tool, arguments, desk, call["id"]), tool_call_id=call["id"])
    except TroupeError as error:
        return ToolMessage(str(error), tool_call_id=call["id"], status="error")
