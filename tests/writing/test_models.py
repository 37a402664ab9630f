"""The real client against real servers on loopback: what a model can do to us, and what people are then told."""

from __future__ import annotations

import json
import threading
import time
from email.utils import formatdate
from http.server import BaseHTTPRequestHandler
from typing import Any

import pytest

from agents.errors import BudgetExhausted
from agents.writing.checks import Moderation
from agents.writing.prompts import Message
from agents.writing.writer import ContentType, Draft, Line
from integrations.llm.chain import Chain
from integrations.llm.link import NOTHING, Again, CallFailed, Malformed, Never, Refused, TimedOut, Tokens
from integrations.llm.moderation import moderator
from integrations.llm.openai_chat import OpenAIChat
from integrations.llm.prices import Rates, price_of
from integrations.llm.rehearsal import Rehearsal
from tests.servers.aimock import Aimock
from tests.writing.cast import NOW, Purse, assignment, profile
from tests.writing.serving import POST, USAGE, Handle, completion, says, serving

ASK = (Message("user", "Write a post."),)


def link(url: str, model: str = "gpt-5-mini", timeout_s: float = 5.0, provider: str = "openai") -> OpenAIChat:
    price = price_of(provider, model, "https://api.openai.com/v1")
    return OpenAIChat(provider, model, base_url=url, api_key="sk-test", price=price, timeout_s=timeout_s)


def chain(*links: OpenAIChat, deadline_s: float = 60.0) -> Chain:
    """Waits between tries are skipped."""
    return Chain(links, Rehearsal(), deadline_s=deadline_s, sleep=lambda seconds: None)


def write(*links: OpenAIChat, purse: Purse | None = None, deadline_s: float = 60.0, **known: Any) -> Draft:
    return chain(*links, deadline_s=deadline_s).write(assignment(**known), purse or Purse())


# A server that nobody here wrote


def test_a_draft_with_its_usage_and_its_price(aimock: Aimock) -> None:
    aimock.load(
        {
            "match": {
                "userMessage": "our new release",
                "model": "gpt-5-mini",
                "responseFormat": "json_schema",
            },
            "response": {"content": json.dumps(POST), "usage": USAGE},
        }
    )
    purse = Purse()
    draft = write(link(aimock.url), purse=purse)
    assert draft.segments == ("Our new release is out.",)
    assert (draft.usage.provider, draft.usage.model, draft.usage.notes) == ("openai", "gpt-5-mini", ())
    assert (draft.usage.input_tokens, draft.usage.output_tokens) == (1000, 50)
    assert draft.usage.cost == purse.spent == 1000 * 250_000 // 1_000_000 + 50 * 2
    body = aimock.journal()[-1]["body"]
    assert body["response_format"]["json_schema"]["strict"] is True
    assert body["max_completion_tokens"] == 8_000
    assert "temperature" not in body  # models that think first refuse it


def test_a_thread_and_an_answer(aimock: Aimock) -> None:
    aimock.answer("our new release", {"segments": ["One", " ", "Two"]})
    aimock.answer("Hello Ada", "Hi Alice!")
    assert write(link(aimock.url), type=ContentType.THREAD).segments == ("One", "Two")
    answer = chain(link(aimock.url)).answer(profile(), [Line("Alice", "Hello Ada")], NOW, Purse())
    assert answer.text == "Hi Alice!"
    assert "response_format" not in aimock.journal()[-1]["body"]


def test_too_many_requests_then_fine(aimock: Aimock) -> None:
    aimock.answer("our new release", POST)
    aimock.fail_once(429)
    draft = write(link(aimock.url))
    assert draft.segments == ("Our new release is out.",)
    assert draft.usage.notes == ("gpt-5-mini: too many requests (429)",)


def test_a_server_that_fails_hands_over_to_the_next(aimock: Aimock) -> None:
    aimock.load({"match": {"model": "gpt-5"}, "response": {"error": {"message": "boom"}, "status": 500}})
    aimock.answer("our new release", POST, model="gpt-5-mini")
    draft = write(link(aimock.url, "gpt-5"), link(aimock.url))
    assert (draft.usage.model, draft.usage.notes) == (
        "gpt-5-mini",
        ("gpt-5: the server failed (500), 3 times",),
    )


def test_a_server_that_hangs_hands_over_to_the_next(aimock: Aimock) -> None:
    aimock.answer("our new release", POST)
    with serving(lambda handler: time.sleep(3)) as url:
        purse, started = Purse(), time.monotonic()
        draft = write(link(url, "gpt-5", timeout_s=0.5), link(aimock.url), purse=purse, deadline_s=5)
        assert time.monotonic() - started < 4
    assert (draft.usage.model, draft.segments) == ("gpt-5-mini", ("Our new release is out.",))
    assert draft.usage.notes[-1] == "gpt-5: no answer in time, 3 times"
    assert purse.ledger[0].spent == purse.ledger[0].amount


def test_aimock_hanging_is_cut_and_rehearsed(aimock: Aimock) -> None:
    aimock.answer("our new release", POST)
    aimock.hang()
    started = time.monotonic()
    draft = write(link(aimock.url, timeout_s=1.2), deadline_s=1.5)
    assert time.monotonic() - started < 3
    assert draft.usage.rehearsal


def test_when_all_fail_the_rehearsal_model_writes_and_says_why(aimock: Aimock) -> None:
    aimock.fail()
    draft = write(link(aimock.url, "gpt-5"), link(aimock.url))
    assert draft.usage.rehearsal
    assert draft.usage.notes == (
        "gpt-5: the server failed (500), 3 times",
        "gpt-5-mini: the server failed (500), 3 times",
        "no model answered, so the rehearsal model wrote this",
    )


def test_an_answer_that_is_no_json_is_asked_for_once_more(aimock: Aimock) -> None:
    aimock.load(
        {
            "match": {"userMessage": "our new release", "sequenceIndex": 0},
            "response": {"content": "Sure! Here is your post.", "usage": USAGE},
        }
    )
    aimock.answer("This cannot be used", POST)
    purse = Purse()
    draft = write(link(aimock.url), purse=purse)
    assert draft.segments == ("Our new release is out.",)
    assert "not the JSON object" in draft.usage.notes[0]
    assert [message["role"] for message in aimock.journal()[-1]["body"]["messages"]] == [
        "system", "user", "assistant", "user",
    ]  # fmt: skip
    assert purse.ledger[0].spent == 350


def test_a_long_draft_goes_back_to_the_model(aimock: Aimock) -> None:
    aimock.answer("This cannot be used", POST)
    aimock.answer("our new release", {"segments": ["x" * 314]})
    assert write(link(aimock.url)).segments == ("Our new release is out.",)
    assert "14 graphemes too long (314 of 300)" in aimock.journal()[-1]["body"]["messages"][-1]["content"]


def test_the_budget_is_asked_first(aimock: Aimock) -> None:
    with pytest.raises(BudgetExhausted):
        write(link(aimock.url), purse=Purse(100))
    assert aimock.journal() == []


def test_twenty_people_at_once_stay_within_the_budget(aimock: Aimock) -> None:
    aimock.load(
        {
            "match": {"userMessage": "our new release"},
            "response": {"content": json.dumps(POST), "usage": USAGE},
        }
    )
    one, purse, outcomes = chain(link(aimock.url)), Purse(70_000), list[str]()

    def person() -> None:
        try:
            outcomes.append(one.write(assignment(), purse).segments[0])
        except BudgetExhausted:
            outcomes.append("refused")

    people = [threading.Thread(target=person) for _ in range(20)]
    for human in people:
        human.start()
    for human in people:
        human.join()
    written = outcomes.count("Our new release is out.")
    assert written + outcomes.count("refused") == 20
    assert purse.spent == 350 * written <= 70_000
    assert written >= 3


def test_a_closed_connection_is_tried_again_and_counted(aimock: Aimock) -> None:
    aimock.disconnect()
    with pytest.raises(Again) as broke:
        link(aimock.url).draft(ASK, timeout_s=5)
    assert (broke.value.reason, broke.value.spent) == ("the connection broke off", None)


def test_moderation_is_asked_where_there_is_a_key(aimock: Aimock) -> None:
    assert moderator("", aimock.url) is None
    asked = moderator("sk-test", aimock.url)
    assert asked is not None
    assert asked.look("Hello").skipped == "The moderation service answered 503."  # it takes no such fixture
    assert aimock.journal()[-1]["path"] == "/v1/moderations"


def test_tracing_stays_off_whatever_the_environment_says(
    aimock: Aimock, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[str] = []
    with serving(lambda handler: seen.append(handler.path)) as url:
        monkeypatch.setenv("LANGSMITH_TRACING", "true")
        monkeypatch.setenv("LANGSMITH_ENDPOINT", url)
        monkeypatch.setenv("LANGSMITH_API_KEY", "lsv2_test")
        monkeypatch.setenv("LANGSMITH_GATEWAY", url)
        aimock.answer("our new release", POST)
        assert not write(link(aimock.url)).usage.rehearsal
        time.sleep(0.3)
    assert seen == []


# A server that says what aimock does not


def failure(handle: Handle, **known: Any) -> CallFailed:
    with serving(handle) as url, pytest.raises(CallFailed) as caught:
        link(url, **known).draft(ASK, timeout_s=2)
    return caught.value


def error(**body: str) -> dict[str, object]:
    return {"error": {"message": "said the server", "type": "x", "code": None, **body}}


@pytest.mark.parametrize(
    ("status", "body", "kind", "reason"),
    [
        (400, error(), Never, "the request was refused (400): said the server"),
        (400, error(code="context_length_exceeded", message="context_length_exceeded"), Refused, "the text is too long"),
        (401, error(message="Incorrect API key provided: sk-secret"), Never, "the key was refused (401)"),
        (402, error(), Never, "the account has no credit left"),
        (403, error(), Never, "the key was refused (403)"),
        (404, error(), Never, "there is no such model"),
        (422, error(), Never, "the request was refused (422)"),
        (429, error(), Again, "too many requests (429)"),
        (429, error(code="insufficient_quota"), Never, "the account has no credit left"),
        (408, error(), Again, "the server failed (408)"),
        (503, "<html>busy</html>", Again, "the server failed (503)"),
        (200, {"error": {"code": 429, "message": "Upstream is busy"}}, Again, "Upstream is busy (429)"),
        (200, {"error": {"code": 403, "message": "Flagged"}}, Never, "Flagged (403)"),
        (200, "<html>hello</html>", Malformed, "the server sent"),
        (200, "{broken", Malformed, "the server sent broken JSON"),
        (200, {"no": "choices"}, Malformed, "the server sent no chat completion"),
        (200, completion('{"segments": []}'), Malformed, "the answer is not the JSON object that was asked for: segments"),
        (200, completion('["a"]'), Malformed, "the answer is not the JSON object"),
        (200, completion(None), Malformed, "the answer is not the JSON object"),
        (200, completion('{"segm', finish="length"), Malformed, "the answer broke off"),
        (200, completion("", finish="content_filter"), Refused, "its content filter stepped in"),
        (200, completion(None, refusal="I can't help with that."), Refused, "it refused: I can't help with that."),
    ],
)  # fmt: skip
def test_every_way_to_fail_is_one_of_ours(
    status: int, body: object, kind: type[CallFailed], reason: str
) -> None:
    failed = failure(says(status, body))
    assert type(failed) is kind
    assert failed.reason.startswith(reason)
    assert "sk-secret" not in str(failed)


def test_what_was_used_is_known_although_the_answer_is_of_no_use() -> None:
    used = Tokens(1000, 50)
    assert failure(says(200, completion('{"segm', finish="length"))).spent == used
    assert failure(says(200, completion("no"))).spent == used
    assert failure(says(200, completion("no", usage=None))).spent is None
    assert failure(says(429, error())).spent == NOTHING
    assert failure(says(200, "{broken")).spent is None


@pytest.mark.parametrize(
    ("headers", "low", "high"),
    [
        ({"retry_after": "7"}, 7, 7),
        ({"retry_after_ms": "250"}, 0.25, 0.25),
        ({"retry_after": formatdate(0, usegmt=True)}, 0, 0),
    ],
)
def test_retry_after_is_read_in_all_its_forms(headers: dict[str, str], low: float, high: float) -> None:
    failed = failure(says(429, error(), **headers))
    assert isinstance(failed, Again)
    assert failed.retry_after_s is not None
    assert low <= failed.retry_after_s <= high


def test_retry_after_is_read_as_a_date() -> None:
    failed = failure(says(429, error(), retry_after=formatdate(time.time() + 90, usegmt=True)))
    assert isinstance(failed, Again)
    assert failed.retry_after_s is not None
    assert 60 <= failed.retry_after_s <= 90


@pytest.mark.parametrize("headers", [{}, {"retry_after": "soon"}])
def test_without_a_readable_retry_after_the_chain_decides(headers: dict[str, str]) -> None:
    failed = failure(says(429, error(), **headers))
    assert isinstance(failed, Again)
    assert failed.retry_after_s is None


def test_a_server_that_drips_is_cut_too() -> None:
    def drip(handler: BaseHTTPRequestHandler) -> None:
        handler.send_response(200)
        handler.send_header("content-type", "application/json")
        handler.end_headers()
        for _ in range(40):
            handler.wfile.write(b" ")
            handler.wfile.flush()
            time.sleep(0.1)

    with serving(drip) as url:
        started = time.monotonic()
        with pytest.raises(TimedOut) as caught:
            link(url).draft(ASK, timeout_s=0.5)
    assert time.monotonic() - started < 2
    assert caught.value.spent is None


def test_nobody_there_costs_nothing() -> None:
    with serving(says(200, {})) as url:
        pass
    with pytest.raises(Again) as caught:
        link(url).draft(ASK, timeout_s=2)
    assert (caught.value.reason, caught.value.spent) == ("nothing answers at 127.0.0.1", NOTHING)


def test_openrouter_names_its_own_price_and_others_are_not_believed() -> None:
    used = {**USAGE, "cost": 0.00123, "prompt_tokens_details": {"cached_tokens": 600}}
    with serving(says(200, completion(json.dumps(POST), usage=used))) as url:
        assert link(url, provider="openrouter").draft(ASK, timeout_s=2).tokens == Tokens(1000, 50, 600, 1230)  # type: ignore[arg-type]
        assert link(url).draft(ASK, timeout_s=2).tokens == Tokens(1000, 50, 600)


def test_a_server_that_counts_nothing_is_counted_at_its_most() -> None:
    purse = Purse()
    with serving(says(200, completion(json.dumps(POST), usage=None))) as url:
        asked = link(url)
        asked.price = Rates(1_000_000, 1_000_000)
        draft = write(asked, purse=purse)
    assert purse.spent == purse.ledger[0].amount == draft.usage.cost
    assert "counted at its most" in draft.usage.notes[0]


def test_moderation_names_what_it_objects_to() -> None:
    fine = {"id": "1", "model": "m", "results": [{"flagged": False, "categories": {"hate": False}, "category_scores": {}}]}  # fmt: skip
    flagged = {"id": "1", "model": "m", "results": [{"flagged": True, "categories": {"hate": False, "self-harm/intent": True}, "category_scores": {}}]}  # fmt: skip
    with serving(says(200, flagged)) as url:
        asked = moderator("k", url)
        assert asked is not None
        assert asked.look("x") == Moderation(True, ("self-harm/intent",))
    with serving(says(200, fine)) as url:
        asked = moderator("k", url)
        assert asked is not None
        assert asked.look("x") == Moderation()
    with serving(says(404, error())) as url:
        asked = moderator("k", url)
        assert asked is not None
        assert asked.look("x").skipped == "The model's server has no moderation service."
    with serving(says(200, {"results": []})) as url:
        asked = moderator("k", url)
        assert asked is not None
        assert "not its own" in asked.look("x").skipped
