"""Listening to a model while it answers. Imported when a link is first asked, as LangChain is."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import openai
from langchain_core.messages import AIMessageChunk
from langchain_core.outputs import ChatGenerationChunk
from langchain_openai import ChatOpenAI

from agents.writing.writer import Tell
from integrations.llm.link import NOTHING, Again, CallFailed, Tokens
from integrations.llm.outcomes import ReadUsage, read_outcome

USAGE = "usage_as_said"
"""Where a chunk carries the server's own words about what was used, as JSON: LangChain would add up numbers."""

PLAIN = {"Accept-Encoding": "identity"}
"""What is compressed waits for more before it is sent on."""

Turns = list[tuple[str, str]]


class StreamingChat(ChatOpenAI):
    """Hands on what the server says was used; LangChain's own form of it has no room for a price (OpenRouter)."""

    def _convert_chunk_to_generation_chunk(
        self, chunk: dict[str, Any], default_chunk_class: type, base_generation_info: dict[str, Any] | None
    ) -> ChatGenerationChunk | None:
        made = super()._convert_chunk_to_generation_chunk(chunk, default_chunk_class, base_generation_info)
        if made is not None and chunk.get("usage"):
            made.generation_info = {**(made.generation_info or {}), USAGE: json.dumps(chunk["usage"])}
        return made


@dataclass(slots=True)
class Heard:
    """What there is of an answer.  tokens: None as long as the server did not say."""

    text: str = ""
    tokens: Tokens | None = None
    ended: bool = False
    """Whether the model said that this was all. A connection may end before."""


def listen(
    chat: StreamingChat, turns: Turns, limits: Mapping[str, Any], tell: Tell, usage: ReadUsage
) -> Heard:
    """Asks, and tells the text so far whenever there is more of it.  limits: of the call; `timeout` in seconds.

    Raises CallFailed. What broke off after it had begun may be paid for, whatever the server says.
    """
    heard = Heard()
    try:
        for chunk in _chunks(chat, turns, limits, usage):
            _hear(chunk, heard, usage)
            if chunk.text and heard.text:
                tell(heard.text)
    except CallFailed as failed:
        if heard.text and failed.spent == NOTHING:
            failed.spent = heard.tokens
        raise
    if not heard.ended:
        raise Again("the answer broke off", spent=heard.tokens)
    heard.text = heard.text.rstrip()
    return heard


def _hear(chunk: AIMessageChunk, heard: Heard, usage: ReadUsage) -> None:
    said = chunk.response_metadata
    heard.text = (heard.text + chunk.text).lstrip()
    heard.ended = heard.ended or "finish_reason" in said
    if USAGE in said:
        heard.tokens = usage(json.loads(said[USAGE]))


def _chunks(
    chat: StreamingChat, turns: Turns, limits: Mapping[str, Any], usage: ReadUsage
) -> Iterator[AIMessageChunk]:
    """Raises CallFailed; what the listener raises is its own."""
    with read_outcome(usage):
        yield from _said(chat, turns, limits)


def _said(chat: StreamingChat, turns: Turns, limits: Mapping[str, Any]) -> Iterator[AIMessageChunk]:
    """A server that refuses to stream, or to count while it does, is asked again for the whole; a refusal is free."""
    ends_at = time.monotonic() + limits["timeout"]
    try:
        yield from chat.stream(turns, stream_usage=True, extra_headers=PLAIN, **limits)
    except (openai.BadRequestError, openai.UnprocessableEntityError) as refused:
        if "stream" not in str(refused.body).lower():
            raise
        left = max(0.0, ends_at - time.monotonic())
        whole = chat.invoke(turns, **{**limits, "timeout": left})
        yield AIMessageChunk(
            content=whole.text,
            response_metadata={
                "finish_reason": whole.response_metadata.get("finish_reason"),
                USAGE: json.dumps(whole.response_metadata.get("token_usage")),
            },
        )
