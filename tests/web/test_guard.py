"""Which hosts and origins the console answers, and how much it reads."""

from __future__ import annotations

import httpx
import pytest
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient

from bot.settings import load
from bot.web.guard import BODY_LIMIT, Guard
from tests.web.console import Console, Socket

ANYWHERE = "0.0.0.0"  # noqa: S104  a setting, nothing listens there


async def echo(request: Request) -> Response:
    return PlainTextResponse(str(len(await request.body())))


def guarded(host: str = "127.0.0.1", public_url: str | None = None) -> TestClient:
    app = Starlette(routes=[Route("/{path:path}", echo, methods=["GET", "POST"])])
    settings = load(_env_file=None, host=host, public_url=public_url)
    return TestClient(Guard(app, settings), base_url="http://localhost:8420")


@pytest.mark.parametrize(
    ("bound", "public", "host", "status"),
    [
        ("127.0.0.1", None, "localhost:8420", 200),
        ("127.0.0.1", None, "LOCALHOST", 200),
        ("127.0.0.1", None, "127.0.0.1:9", 200),
        ("::1", None, "[::1]:8420", 200),
        ("127.0.0.1", None, "evil.example", 403),
        ("127.0.0.1", None, "localhost.evil.example", 403),
        ("127.0.0.1", None, "192.168.0.7:8420", 403),
        ("127.0.0.1", None, "", 403),
        ("127.0.0.1", None, "[::1", 403),
        ("127.0.0.1", "https://troupe.example.com", "troupe.example.com", 200),
        (ANYWHERE, None, "192.168.0.7:8420", 200),
        (ANYWHERE, None, "evil.example", 403),
        (ANYWHERE, "https://troupe.example.com", "troupe.example.com", 200),
        (ANYWHERE, "https://troupe.example.com", "evil.example", 403),
    ],
)
def test_only_names_that_are_ours_are_answered(
    bound: str, public: str | None, host: str, status: int
) -> None:
    answer = guarded(bound, public).get("/", headers={"host": host})
    assert answer.status_code == status
    if status == 403:
        assert "PUBLIC_URL" in answer.text


def test_machines_may_call_us_by_any_name_to_ask_how_we_are() -> None:
    assert guarded().get("/readyz", headers={"host": "10.0.0.3"}).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("http://localhost:8420", 200),
        ("http://localhost:3000", 403),
        ("https://evil.example", 403),
        ("null", 403),
        ("https://troupe.example.com", 200),
        (None, 200),
    ],
)
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_pages_of_others_may_ask_nothing(origin: str | None, status: int, method: str) -> None:
    client = guarded(public_url="https://troupe.example.com")
    headers = {"origin": origin} if origin else {}
    assert client.request(method, "/", headers=headers).status_code == status


def test_a_body_that_is_too_large_is_refused_whether_it_says_so_or_not() -> None:
    client = guarded()
    assert client.post("/", content=b"x" * 1000).text == "1000"
    said = client.post("/", content=b"x" * (BODY_LIMIT + 1))
    assert said.status_code == 413

    def chunks() -> object:
        for _ in range(BODY_LIMIT // 1_000_000 + 2):
            yield b"x" * 1_000_000

    unsaid = client.post("/", content=chunks(), headers={"accept": "application/json"})  # type: ignore[arg-type]
    assert unsaid.status_code == 413
    assert unsaid.json()["error"]["code"] == "too_large"


def test_the_socket_is_closed_to_other_pages(console: Console) -> None:
    path = f"{console.address}/_nicegui_ws/socket.io/?EIO=4&transport=polling"
    cookies = {console.cookie: console.session("Alice")}
    assert httpx.get(path, cookies=cookies).status_code == 200
    for origin in ("https://evil.example", "http://localhost:3000"):
        assert httpx.get(path, cookies=cookies, headers={"origin": origin}).status_code == 403
    Socket(console, console.session("Alice")).close()
