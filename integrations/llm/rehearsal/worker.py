"""The rehearsal model as an agent's chat model: offline, deterministic, it does a small task by calling the real tools.

It keeps nothing between calls: each time it plays its script again, feeds it what the messages say that tools answered,
and makes the first call that is not among them.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Callable, Mapping, Sequence
from hashlib import sha256
from typing import Any

from langchain_core.callbacks import CallbackManagerForLLMRun
from langchain_core.language_models import BaseChatModel, LanguageModelInput
from langchain_core.messages import AIMessage, BaseMessage, HumanMessage, SystemMessage, ToolMessage
from langchain_core.messages.ai import UsageMetadata
from langchain_core.outputs import ChatGeneration, ChatResult
from langchain_core.runnables import Runnable
from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

from integrations.llm.rehearsal.worker_job import Call, Job, Told, read_job
from integrations.llm.rehearsal.worker_script import script

Answers = Mapping[str, Sequence[Told]]
"""By a call's key: what it was answered each time."""


class RehearsalWorker(BaseChatModel):
    """Never fails, costs nothing, asks nobody."""

    model_name: str = "rehearsal"
    offered: frozenset[str] = frozenset()
    """Names of the tools that are bound."""

    @property
    def _llm_type(self) -> str:
        return "rehearsal"

    def bind_tools(
        self,
        tools: Sequence[dict[str, Any] | type | Callable[..., Any] | BaseTool],
        *,
        tool_choice: str | None = None,
        **kwargs: Any,
    ) -> Runnable[LanguageModelInput, AIMessage]:
        """tool_choice: is not heeded; the script knows what comes next."""
        names = (convert_to_openai_tool(tool)["function"]["name"] for tool in tools)
        return self.model_copy(update={"offered": frozenset(names)})

    def _generate(
        self,
        messages: list[BaseMessage],
        stop: list[str] | None = None,
        run_manager: CallbackManagerForLLMRun | None = None,
        **kwargs: Any,
    ) -> ChatResult:
        return ChatResult(generations=[ChatGeneration(message=_next(messages, self.offered))])


def _next(messages: Sequence[BaseMessage], offered: frozenset[str]) -> AIMessage:
    told = [str(m.text) for m in messages if isinstance(m, HumanMessage)]
    ordered = [*told[:1], *(str(m.text) for m in messages if isinstance(m, SystemMessage)), *told[1:]]
    job, answers, played = read_job(ordered, offered), _answers(messages), Counter[str]()
    words = ""
    for n in range(
        max(1, len(told))
    ):  # whatever is said after the first message sends it over its work once more
        move = _play(job, answers, played, again=n > 0)
        if isinstance(move, Call):
            return _message("", [_tool_call(move, "\n".join(told[:1]), played[move.key])])
        words = move
    return _message(words, [])


def _play(job: Job, answers: Answers, played: Counter[str], *, again: bool) -> Call | str:
    """The first call that was not answered yet, or its last words.  played: how often each call was made so far."""
    scene = script(job, again=again)
    try:
        call = next(scene)
        while len(known := answers.get(call.key, ())) > played[call.key]:
            played[call.key] += 1
            call = scene.send(known[played[call.key] - 1])
    except StopIteration as end:
        return str(end.value)
    return call


def _answers(messages: Sequence[BaseMessage]) -> Answers:
    by_id = {m.tool_call_id: m for m in messages if isinstance(m, ToolMessage)}
    answers: defaultdict[str, list[Told]] = defaultdict(list)
    for message in messages:
        for call in message.tool_calls if isinstance(message, AIMessage) else ():
            if answer := by_id.get(call["id"] or ""):
                told = Told(str(answer.text), failed=answer.status == "error")
                answers[Call(call["name"], call["args"]).key].append(told)
    return answers


def _tool_call(call: Call, told: str, nth: int) -> dict[str, Any]:
    """Its id is the same for the same call of the same stage, so that a run that is repeated asks nothing twice."""
    digest = sha256(f"{told}\n{call.key}\n{nth}".encode("utf-8", "replace")).hexdigest()
    return {"name": call.tool, "args": dict(call.arguments), "id": f"call_{digest[:24]}", "type": "tool_call"}


def _message(content: str, calls: list[dict[str, Any]]) -> AIMessage:
    return AIMessage(
        content,
        tool_calls=calls,
        usage_metadata=UsageMetadata(input_tokens=0, output_tokens=0, total_tokens=0),
        response_metadata={"model_name": "rehearsal", "model_provider": "rehearsal"},
    )
