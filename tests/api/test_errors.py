"""Whatever is wrong with a request, the answer has one shape and says what to do."""

from __future__ import annotations

import json
import socket
from collections.abc import Iterator
from importlib import import_module
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient
from structlog.contextvars import merge_contextvars
from structlog.testing import capture_logs

from agents.errors import TroupeError
from bot.web.api.errors import STATUS
from tests.api.team import Team

MEMBERS = {"code", "message", "remedy", "field", "correlation_id"}
ASK = "/api/commands"


def error_of(answer: Any, status: int, code: str) -> dict[str, str]:
    assert answer.status_code == status, answer.text
    error: dict[str, str] = answer.json()["error"]
    assert set(answer.json()) == {"error"} and set(error) - {"fields"} == MEMBERS
    assert error["code"] == code
    assert error["message"] and error["remedy"]
    assert error["correlation_id"] == answer.headers["x-correlation-id"]
    return error


@pytest.mark.parametrize("path", ["/api/nothing", "/api/", "/api/commands/", "/api/cards/post"])
def test_what_is_not_there(alice: TestClient, path: str) -> None:
    assert path in error_of(alice.get(path), 404, "not_found")["message"]


def test_a_kind_of_card_that_there_is_not(alice: TestClient) -> None:
    assert "post" in error_of(alice.get("/api/cards/posts/abc"), 404, "not_found")["remedy"]


def test_a_card_that_there_is_not(alice: TestClient) -> None:
    assert "post" in error_of(alice.get("/api/cards/post/0123456789"), 404, "not_found")["message"]


def test_a_channel_that_there_is_not(alice: TestClient) -> None:
    assert "general" in error_of(alice.get("/api/channels/genral/messages"), 404, "not_found")["remedy"]


def test_another_method(alice: TestClient) -> None:
    answer = alice.get(ASK)
    assert "POST" in error_of(answer, 405, "method_not_allowed")["remedy"]
    assert answer.headers["allow"] == "POST"


def test_another_type_of_body(alice: TestClient) -> None:
    answer = alice.post(ASK, content="text=/post queue", headers={"Content-Type": "text/plain"})
    assert "application/json" in error_of(answer, 415, "wrong_type")["remedy"]
    error_of(alice.post("/api/pictures", json={}), 415, "wrong_type")
    error_of(alice.post(ASK, content=b"{}"), 415, "wrong_type")


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b'{"text": "/post \xff queue"}',
        b'{"text": "half a character \\ud800"}',
        b'{"text": "nothing \\u0000"}',
        b'{"text": "/post queue", "channel": NaN}',
        b"[" * 500_000,
        b'{"values":' * 90_000,
        b'{"text": ' + b"9" * 5000 + b"}",
    ],
)
def test_a_body_that_is_no_json(alice: TestClient, body: bytes) -> None:
    answer = alice.post(ASK, content=body, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422)
    error_of(answer, answer.status_code, answer.json()["error"]["code"])


def test_broken_utf8_is_said_to_be_that(alice: TestClient) -> None:
    broken = alice.post(ASK, content=b'{"text": "\xff"}', headers={"Content-Type": "application/json"})
    assert "UTF-8" in error_of(broken, 400, "unreadable")["message"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": 7}, "text"),
        ({"text": "/post queue", "chanel": "general"}, "chanel"),
        ({"text": "x" * 8001}, "text"),
        ({"text": "/post queue", "channel": "x" * 101}, "channel"),
        ({"text": "/post queue", "channel": "nowhere"}, "channel"),
        ({"text": "hello", "channel": "general", "thread": "post"}, "thread"),
    ],
)
def test_a_wrong_value_names_its_field(alice: TestClient, body: dict[str, object], field: str) -> None:
    answer = alice.post(ASK, json=body)
    code = answer.json()["error"]["code"]
    assert error_of(answer, 404 if code == "not_found" else 422, code)["field"] == field


@pytest.mark.parametrize("action", ["", "post.approve", "a:b:c", "x" * 101, "post.approve:0123456789:abc"])
def test_a_button_that_there_is_not(alice: TestClient, action: str) -> None:
    answer = alice.post("/api/actions", json={"action": action})
    assert answer.status_code in (404, 422)
    assert answer.json()["error"]["remedy"]


def test_what_goes_wrong_with_us_is_said_and_logged_under_its_id(team: Team, alice: TestClient) -> None:
    team.troupe.__dict__["storage"].reading = None  # a fault that nobody foresaw
    with capture_logs(processors=[merge_contextvars]) as logged:
        error = error_of(alice.get("/api/channels"), 500, "broken")
    assert error["correlation_id"] in error["remedy"]
    assert "NoneType" not in error["message"]
    assert [(line["event"], line["correlation"]) for line in logged] == [
        ("api.stumbled", error["correlation_id"])
    ]


def test_every_code_of_ours_has_a_status_that_fits() -> None:
    def kinds(error: type[TroupeError]) -> Iterator[type[TroupeError]]:
        yield error
        for kind in error.__subclasses__():
            yield from kinds(kind)

    for module in ("http.errors", "bluesky.connect", "llm.chain"):
        import_module(f"integrations.{module}")
    plainly_422 = {"error", "later", "address_refused", "answer_of_wrong_type"}
    unknown = {kind.code for kind in kinds(TroupeError)} - set(STATUS) - plainly_422
    assert not unknown, f"give {unknown} a status in bot/web/api/errors.py"


def test_a_long_line_full_of_names_keeps_nobody_waiting(alice: TestClient) -> None:
    """Each "on" might begin the platforms; to ask the database for every one of them took ten seconds."""
    answer = alice.post(ASK, json={"text": "/post draft @ada " + "on x " * 1500})
    error_of(answer, 404, "not_found")
    assert answer.elapsed.total_seconds() < 3


# --- bodies, as a real server gets them -----------------------------------------------------------------------------


def headers(team: Team) -> dict[str, str]:
    return {"Authorization": f"Bearer {team.key()}", "Content-Type": "application/json"}


def test_ten_megabytes_are_not_read(team: Team, address: str) -> None:
    for _ in range(5):
        answer = httpx.post(address + ASK, content=b"x" * 10_000_000, headers=headers(team))
        assert "1,000,000 bytes" in error_of(answer, 413, "too_large")["message"]


def test_chunks_are_counted(team: Team, address: str) -> None:
    def chunks() -> Iterator[bytes]:
        for _ in range(200):
            yield b"x" * 50_000

    answer = httpx.post(address + ASK, content=chunks(), headers=headers(team))
    assert "1,000,000 bytes" in error_of(answer, 413, "too_large")["message"]


def test_a_body_that_never_ends_is_cut_off(team: Team, address: str) -> None:
    """Sends until it is answered; what was sent by then is not much more than the limit."""
    sent, place = 0, urlsplit(address)
    with socket.create_connection((place.hostname, place.port), timeout=10) as plug:
        lines = [f"POST {ASK} HTTP/1.1", f"Host: {place.netloc}", "Transfer-Encoding: chunked"]
        lines += [f"{name}: {value}" for name, value in headers(team).items()]
        plug.sendall("\r\n".join([*lines, "", ""]).encode())
        plug.setblocking(False)
        while sent < 50_000_000:
            try:
                if plug.recv(12) == b"HTTP/1.1 413":
                    break
            except BlockingIOError:
                pass
            except ConnectionError:  # cut off before the answer was read: the same end
                break
            try:
                sent += plug.send(b"2000\r\n" + b"x" * 0x2000 + b"\r\n")
            except BlockingIOError:
                continue
            except ConnectionError:
                break
    assert sent < 10_000_000


def test_a_lie_about_the_length_does_not_help(team: Team, address: str) -> None:
    place = urlsplit(address)
    for length in ("5", "99999999999999999999"):
        with socket.create_connection((place.hostname, place.port), timeout=10) as plug:
            lines = [f"POST {ASK} HTTP/1.1", f"Host: {place.netloc}", f"Content-Length: {length}"]
            lines += [f"{name}: {value}" for name, value in headers(team).items()]
            plug.sendall("\r\n".join([*lines, "", ""]).encode() + b"x" * 5)
            first = plug.recv(65536).split(b"\r\n")[0]
        assert first.split()[1] in (b"400", b"413"), first


def test_nobody_without_a_key_has_a_body_read(team: Team, address: str) -> None:
    answer = httpx.post(
        address + ASK, content=b"x" * 10_000_000, headers={"Authorization": "Bearer troupe_no"}
    )
    assert answer.status_code == 401


def test_a_picture_of_eight_megabytes_may_come_and_more_may_not(team: Team, address: str) -> None:
    key = {"Authorization": f"Bearer {team.key()}"}
    fits = {"picture": ("a.png", b"x" * 8_000_000, "image/png")}
    assert httpx.post(f"{address}/api/pictures", files=fits, headers=key).json()["error"]["code"] == "invalid"
    more = {"picture": ("a.png", b"x" * 8_100_000, "image/png")}
    error_of(httpx.post(f"{address}/api/pictures", files=more, headers=key), 413, "too_large")


# --- anything at all ------------------------------------------------------------------------------------------------

words = st.text(max_size=40) | st.sampled_from(
    ["/post queue", '/post draft @ada "x"', "/post show", "/help", "#general"]
)
names = st.text(st.characters(exclude_categories=["Cc", "Cs"]), max_size=40) | st.sampled_from(
    ["cards", "channels", "post"]
)
values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | words,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(words, inner, max_size=3),
    max_leaves=8,
)
bodies = st.fixed_dictionaries(
    {}, optional=dict.fromkeys(("text", "channel", "thread", "action", "values"), words | values)
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.sampled_from(["commands", "actions"]), body=bodies | values)
def test_whatever_is_sent_is_answered_properly(alice: TestClient, path: str, body: object) -> None:
    answer = alice.post(
        f"/api/{path}", content=json.dumps(body), headers={"Content-Type": "application/json"}
    )
    assert answer.status_code < 500
    if answer.status_code != 200:
        error_of(answer, answer.status_code, answer.json()["error"]["code"])


@settings(max_examples=100, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(path=st.lists(names, min_size=1, max_size=4), query=st.dictionaries(words, words, max_size=2))
def test_whatever_is_looked_for_is_answered_properly(
    alice: TestClient, path: list[str], query: dict[str, str]
) -> None:
    steps = "/".join(quote(step, safe="") for step in path)
    answer = alice.get(f"/api/{steps}", params=query)
    assert answer.status_code < 500
    if answer.status_code != 200 and not answer.headers["content-type"].startswith("text/"):
        error_of(answer, answer.status_code, answer.json()["error"]["code"])
