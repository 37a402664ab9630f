"""An answer grows while somebody reads it: the pieces as they come, what breaks off, and what it costs all the same."""

from __future__ import annotations

import json
import time
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from agents.errors import BudgetExhausted
from agents.writing.prompts import Message
from agents.writing.writer import Answer, Line
from integrations.llm.chain import Chain
from integrations.llm.link import NOTHING, Again, CallFailed, Malformed, Never, TimedOut, Tokens
from integrations.llm.openai_chat import OpenAIChat
from integrations.llm.prices import Rates, price_of
from integrations.llm.rehearsal import Rehearsal
from tests.servers.aimock import Aimock
from tests.writing.cast import NOW, Purse, profile
from tests.writing.serving import USAGE, Handle, completion, says, serving

ASK = (Message("user", "Hello Ada"),)
TALK = [Line("Alice", "Hello Ada")]
STORY = (
    "Once upon a time there was a release. It had everything that people had been asking for. They were glad."
)


def link(
    url: str, model: str = "gpt-5-mini", *, timeout_s: float = 5.0, provider: str = "openai"
) -> OpenAIChat:
    price = price_of(provider, model, "https://api.openai.com/v1")
    return OpenAIChat(provider, model, base_url=url, api_key="sk-test", price=price, timeout_s=timeout_s)


def answer(
    *links: OpenAIChat, told: list[str], purse: Purse | None = None, deadline_s: float = 60.0
) -> Answer:
    """Waits between tries are skipped."""
    asked = Chain(links, Rehearsal(), deadline_s=deadline_s, sleep=lambda seconds: None)
    return asked.answer(profile(), TALK, NOW, purse or Purse(), told.append)


def story(aimock: Aimock, **response: Any) -> None:
    """aimock tells it in pieces of five characters."""
    said = {"content": STORY, "usage": USAGE}
    aimock.load({"match": {"userMessage": "Hello Ada"}, "response": said, "chunkSize": 5, **response})


def grows(told: list[str], into: str) -> bool:
    """Each time longer than before, and always the beginning of the whole."""
    return all(map(into.startswith, told)) and sorted(set(told), key=len) == told


# A server that nobody here wrote


def test_the_text_so_far_is_told_whole_each_time_and_paid_as_the_last_chunk_says(aimock: Aimock) -> None:
    story(aimock)
    told: list[str] = []
    purse = Purse()
    found = answer(link(aimock.url), told=told, purse=purse)
    assert found.text == STORY
    assert told[0] == "Once "
    assert told[-1] == STORY
    assert len(told) >= len(STORY) // 6
    assert grows(told, STORY)
    assert (found.usage.input_tokens, found.usage.output_tokens, found.usage.notes) == (1000, 50, ())
    assert found.usage.cost == purse.spent == purse.ledger[0].spent == 350
    body = aimock.journal()[-1]["body"]
    assert (body["stream"], body["stream_options"]) == (True, {"include_usage": True})
    assert body["max_completion_tokens"] == 8_000


def test_words_come_before_the_answer_is_over(aimock: Aimock) -> None:
    story(aimock, latency=20)
    came: list[float] = []
    begun = time.monotonic()
    link(aimock.url).answer(ASK, timeout_s=5, tell=lambda text: came.append(time.monotonic() - begun))
    assert came[0] < came[-1] / 2


def test_what_breaks_off_midway_is_told_anew_by_the_next_link_and_counted(aimock: Aimock) -> None:
    aimock.load({
        "match": {"userMessage": "Hello Ada", "model": "gpt-5"},
        "response": {"content": STORY, "usage": USAGE}, "chunkSize": 5, "truncateAfterChunks": 6, "latency": 10,
    })  # fmt: skip
    aimock.answer("Hello Ada", "Hi Alice!", model="gpt-5-mini")
    told: list[str] = []
    purse = Purse()
    found = answer(link(aimock.url, "gpt-5"), link(aimock.url), told=told, purse=purse)
    assert (found.text, found.usage.model) == ("Hi Alice!", "gpt-5-mini")
    assert found.usage.notes[-1] == "gpt-5: the connection broke off, 3 times"
    first = [text for text in told if STORY.startswith(text)]
    assert len(first) >= 3
    assert told[-1] == "Hi Alice!"
    assert [entry.spent == entry.amount for entry in purse.ledger] == [True, True, True, False]
    assert purse.reserved == 0
    assert found.usage.cost == purse.spent


def test_when_every_stream_breaks_off_the_rehearsal_model_answers_and_says_why(aimock: Aimock) -> None:
    story(aimock, truncateAfterChunks=4, latency=10)
    told: list[str] = []
    purse = Purse()
    found = answer(link(aimock.url), told=told, purse=purse)
    assert found.usage.rehearsal
    assert found.usage.notes[-1] == "no model answered, so the rehearsal model wrote this"
    assert found.text.startswith(told[-1])
    assert [entry.spent for entry in purse.ledger] == [entry.amount for entry in purse.ledger]
    assert found.usage.cost == purse.spent > 0


def test_a_connection_that_is_cut_before_the_first_word(aimock: Aimock) -> None:
    aimock.disconnect()
    with pytest.raises(Again) as broke:
        link(aimock.url).answer(ASK, timeout_s=5)
    assert (broke.value.reason, broke.value.spent) == ("the connection broke off", None)


def test_a_busy_server_costs_nothing_and_is_asked_again(aimock: Aimock) -> None:
    story(aimock)
    aimock.fail_once(429)
    told: list[str] = []
    purse = Purse()
    assert answer(link(aimock.url), told=told, purse=purse).text == STORY
    assert [entry.spent for entry in purse.ledger] == [0, 350]


def test_the_budget_is_asked_before_the_first_word(aimock: Aimock) -> None:
    story(aimock)
    told: list[str] = []
    with pytest.raises(BudgetExhausted):
        answer(link(aimock.url), told=told, purse=Purse(100))
    assert (told, aimock.journal()) == ([], [])


def test_whoever_cannot_take_the_words_is_heard_and_the_call_is_paid(aimock: Aimock) -> None:
    story(aimock)
    purse = Purse()
    asked = Chain([link(aimock.url)], Rehearsal())

    def full(text: str) -> None:
        raise ValueError("the disk is full")

    with pytest.raises(ValueError, match="the disk is full"):
        asked.answer(profile(), TALK, NOW, purse, full)
    assert [entry.spent == entry.amount > 0 for entry in purse.ledger] == [True]


# A server that says what aimock does not


def event(text: str | None = None, *, finish: str | None = None, usage: object = None) -> str:
    delta = {} if text is None else {"role": "assistant", "content": text}
    choices = [] if usage else [{"index": 0, "delta": delta, "finish_reason": finish}]
    chunk = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return f"data: {json.dumps({**chunk, 'choices': choices, 'usage': usage})}\n\n"


def streams(*events: str, pause_s: float = 0.0, mime: str = "text/event-stream") -> Handle:
    """Ends the connection in order after the last event."""

    def handle(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", mime)
        handler.end_headers()
        for one in events:
            handler.wfile.write(one.encode())
            handler.wfile.flush()
            time.sleep(pause_s)

    return handle


END = (event(finish="stop"), event(usage=USAGE), "data: [DONE]\n\n")


def heard(handle: Handle, **known: Any) -> tuple[str, Tokens | None, list[str]]:
    told: list[str] = []
    with serving(handle) as url:
        reply = link(url, **known).answer(ASK, timeout_s=2, tell=told.append)
    return reply.value, reply.tokens, told


def failure(handle: Handle, timeout_s: float = 2.0) -> CallFailed:
    with serving(handle) as url, pytest.raises(CallFailed) as caught:
        link(url).answer(ASK, timeout_s=timeout_s)
    return caught.value


def test_pieces_are_heard_as_they_are_split() -> None:
    pieces = (": keep the line open\n\n", event(""), event("\n Hi"), event(" Ali"), event("ce! \n"), *END)
    assert heard(streams(*pieces)) == ("Hi Alice!", Tokens(1000, 50), ["Hi", "Hi Ali", "Hi Alice! \n"])


def test_a_stream_is_one_whatever_it_calls_itself() -> None:
    assert heard(streams(event("Hi"), *END, mime="application/json"))[0] == "Hi"


def test_a_server_that_does_not_stream_is_heard_in_one_piece() -> None:
    said = heard(says(200, completion("Hi Alice!")))
    assert said == ("Hi Alice!", Tokens(1000, 50), ["Hi Alice!"])


@pytest.mark.parametrize("status", [400, 422])
def test_a_server_that_refuses_to_stream_is_asked_for_the_whole(status: int) -> None:
    asked: list[dict[str, Any]] = []

    def handle(handler: BaseHTTPRequestHandler) -> None:
        body = json.loads(handler.received)  # type: ignore[attr-defined]  # what `serving` read
        asked.append(body)
        refused = {"error": {"message": "stream_options is not supported", "param": "stream_options"}}
        (says(status, refused) if "stream_options" in body else says(200, completion("Hi!")))(handler)

    assert heard(handle) == ("Hi!", Tokens(1000, 50), ["Hi!"])
    assert [body.get("stream", False) for body in asked] == [True, False]


def test_the_price_that_openrouter_names_is_in_the_last_chunk_too() -> None:
    used = {**USAGE, "cost": 0.00123, "prompt_tokens_details": {"cached_tokens": 600}}
    stream = streams(event("Hi"), event(finish="stop"), event(usage=used), "data: [DONE]\n\n")
    assert heard(stream, provider="openrouter")[1] == Tokens(1000, 50, 600, 1230)  # type: ignore[arg-type]
    assert heard(stream)[1] == Tokens(1000, 50, 600)


def test_a_server_that_counts_as_it_goes_is_believed_in_the_end() -> None:
    early = {**USAGE, "completion_tokens": 1, "cost": 0.1}
    late = {**USAGE, "cost": 0.2}
    stream = streams(
        event("Hi"), event(usage=early), event(finish="stop"), event(usage=late), "data: [DONE]\n\n"
    )
    assert heard(stream)[1] == Tokens(1000, 50)


def test_a_stream_without_a_count_is_counted_at_its_most() -> None:
    told: list[str] = []
    purse = Purse()
    with serving(streams(event("Hi"), event(finish="stop"), "data: [DONE]\n\n")) as url:
        asked = link(url)
        asked.price = Rates(1_000_000, 1_000_000)
        found = answer(asked, told=told, purse=purse)
    assert found.text == "Hi"
    assert purse.spent == purse.ledger[0].amount == found.usage.cost
    assert "counted at its most" in found.usage.notes[0]


@pytest.mark.parametrize(
    ("handle", "kind", "reason", "spent"),
    [
        (streams(event("Hi"), event(" Al")), Again, "the answer broke off", None),
        (streams(event("Hi"), 'data: {"error": {"code": 502, "message": "Upstream died"}}\n\n'), Again, "Upstream died (502)", None),
        (streams('data: {"error": {"code": 403, "message": "Flagged"}}\n\n'), Never, "Flagged (403)", NOTHING),
        (streams(event("Hi"), "data: {broken\n\n"), Malformed, "the server sent broken JSON", None),
        (streams(event(" \n"), *END), Malformed, "it answered nothing", Tokens(1000, 50)),
        (streams(), Malformed, "the server sent no chat completion", None),
        (says(200, {"error": {"code": 429, "message": "Busy"}}), Again, "Busy (429)", NOTHING),
        (says(200, {"no": "choices"}), Malformed, "the server sent no chat completion", None),
        (says(200, "<html>hello</html>"), Malformed, "the server sent no chat completion", None),
        (says(200, "{broken"), Malformed, "the server sent no chat completion", None),
        (says(200, completion("")), Malformed, "it answered nothing", Tokens(1000, 50)),
        (says(400, {"error": {"message": "no"}}), Never, "the request was refused (400): no", NOTHING),
        (says(401, {"error": {"message": "sk-secret"}}), Never, "the key was refused (401)", NOTHING),
        (says(429, {"error": {"message": "slow down"}}), Again, "too many requests (429)", NOTHING),
        (says(503, "busy"), Again, "the server failed (503)", NOTHING),
    ],
)  # fmt: skip
def test_every_way_to_fail_is_one_of_ours(
    handle: Handle, kind: type[CallFailed], reason: str, spent: Tokens | None
) -> None:
    failed = failure(handle)
    assert (type(failed), failed.reason, failed.spent) == (kind, reason, spent)


def test_silence_between_two_pieces_is_cut() -> None:
    begun = time.monotonic()
    failed = failure(streams(event("Hi"), event(" Alice"), pause_s=3), timeout_s=0.5)
    assert (type(failed), failed.spent) == (TimedOut, None)
    assert time.monotonic() - begun < 2


def test_an_answer_that_drips_is_cut_too() -> None:
    begun = time.monotonic()
    failed = failure(streams(*[event("x")] * 40, pause_s=0.1), timeout_s=0.5)
    assert (type(failed), failed.spent) == (TimedOut, None)
    assert time.monotonic() - begun < 2


# The rehearsal model


def test_the_rehearsal_model_speaks_in_groups_of_words_the_same_each_time_and_never_for_long() -> None:
    spoken: list[list[str]] = []
    for _ in range(2):
        told: list[str] = []
        slept: list[float] = []
        found = Rehearsal().answer(profile(), TALK, told.append, slept.append)
        assert grows(told, found.text)
        assert len(told) > 5
        assert 0 < sum(slept) <= 1.0
        spoken.append(told)
    assert spoken[0] == spoken[1]
