"""One model behind any server that speaks OpenAI's chat protocol: OpenAI, Azure (its v1 address), OpenRouter, Ollama, vLLM.

LangChain is imported when a link is first asked, never before, so that a process that asks nobody stays small.
Nothing is traced: a switch for LangSmith in the environment is overruled here.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import TYPE_CHECKING, Any

from pydantic import SecretStr, ValidationError

from agents.money import from_dollars
from agents.writing.prompts import DraftOut, Message
from agents.writing.writer import Tell, untold
from integrations.llm.link import MAX_OUTPUT_TOKENS, Malformed, Price, Refused, Reply, Tokens

if TYPE_CHECKING:
    from langchain_core.messages import AIMessage

    from integrations.llm.streaming import StreamingChat

NO_KEY = "none"
"""Servers of one's own want no key, but the client insists on one."""

DRAFT_SCHEMA = {
    **DraftOut.model_json_schema(),
    "title": "draft",
    "description": "The post that was asked for.",
}
"""As a schema, not as a class: so the client hands over what was answered even where it does not fit, with its usage."""


class OpenAIChat:
    """A link.  timeout_s: of one call, from the first byte sent to the last one read."""

    def __init__(
        self, provider: str, model: str, *, base_url: str, api_key: str, price: Price, timeout_s: float = 20.0
    ) -> None:
        self.provider, self.model, self.price, self.timeout_s = provider, model, price, timeout_s
        self.base_url, self._api_key = base_url, SecretStr(api_key or NO_KEY)

    def draft(self, messages: Sequence[Message], *, timeout_s: float) -> Reply[DraftOut]:
        asked = self._chat.with_structured_output(
            DRAFT_SCHEMA, method="json_schema", include_raw=True, strict=True, **_limits(timeout_s)
        )
        found = self._call(asked, messages)
        raw, tokens = found["raw"], self._tokens(found["raw"])
        if refusal := raw.additional_kwargs.get("refusal"):
            raise Refused(f"it refused: {refusal}"[:200], spent=tokens)
        try:
            return Reply(DraftOut.model_validate(found["parsed"]), tokens)
        except ValidationError as error:
            raise Malformed(_wrong(error, found), answered=raw.text, spent=tokens) from None

    def answer(self, messages: Sequence[Message], *, timeout_s: float, tell: Tell = untold) -> Reply[str]:
        from langsmith.run_helpers import tracing_context

        from integrations.llm.streaming import listen

        with tracing_context(enabled=False):
            heard = listen(self._chat, _turns(messages), _limits(timeout_s), tell, self._tokens_of)
        if not heard.text:
            raise Malformed("it answered nothing", spent=heard.tokens)
        return Reply(heard.text, heard.tokens)

    @cached_property
    def _chat(self) -> StreamingChat:
        from integrations.llm.http_client import deadline_client
        from integrations.llm.streaming import StreamingChat

        return StreamingChat(
            model=self.model,
            base_url=self.base_url,
            api_key=self._api_key,
            max_retries=0,  # the chain retries, with the budget asked each time
            http_client=deadline_client(),
            use_responses_api=False,  # what every compatible server speaks is chat completions
        )

    def _call(self, asked: Any, messages: Sequence[Message]) -> Any:
        from langsmith.run_helpers import tracing_context

        from integrations.llm.outcomes import read_outcome

        with tracing_context(enabled=False), read_outcome(self._tokens_of):
            return asked.invoke(_turns(messages))

    def _tokens(self, raw: AIMessage) -> Tokens | None:
        return self._tokens_of(raw.response_metadata.get("token_usage"))

    def _tokens_of(self, usage: Any) -> Tokens | None:
        return read_usage(self.provider, usage)


def read_usage(provider: str, usage: Any) -> Tokens | None:
    """usage: as the server reports it; a server that reports none leaves us to count the worst case."""
    if not usage:
        return None
    details = usage.get("prompt_tokens_details") or {}
    cost = usage.get("cost") if provider == "openrouter" else None
    return Tokens(
        input=usage.get("prompt_tokens") or 0,
        output=usage.get("completion_tokens") or 0,
        cached=details.get("cached_tokens") or 0,
        billed=None if cost is None else from_dollars(str(cost)),
    )


def _turns(messages: Sequence[Message]) -> list[tuple[str, str]]:
    return [(message.role, message.text) for message in messages]


def _limits(timeout_s: float) -> dict[str, Any]:
    return {"timeout": timeout_s, "max_completion_tokens": MAX_OUTPUT_TOKENS}


def _wrong(error: ValidationError, found: dict[str, Any]) -> str:
    if found["parsing_error"] is not None or found["parsed"] is None:
        return "the answer is not the JSON object that was asked for"
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(map(str, first["loc"]))
    return f"the answer is not the JSON object that was asked for: {where or 'it'}: {first['msg']}"
