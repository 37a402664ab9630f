"""The counterparts are real, and do what the stories told with them rely on."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

import httpx
import openai
import psutil
import psycopg
import pytest
import redis
from pydantic import BaseModel

from tests.servers.pds import POSTS, Account, Pds
from tests.servers.processes import Process, ServerError

if TYPE_CHECKING:
    from playwright.sync_api import Page

    from tests.servers.aimock import Aimock
    from tests.servers.postgres import Postgres
    from tests.servers.redis_server import Redis

ROOT = Path(__file__).parent.parent.parent


# PostgreSQL


def rows(url: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as connection:
        cursor = connection.execute(query.encode())
        return cursor.fetchall() if cursor.description else []


@pytest.mark.parametrize("turn", ["first", "second"])
def test_every_test_has_a_database_of_its_own(postgres_url: str, turn: str) -> None:
    rows(postgres_url, "CREATE TABLE post AS SELECT 'hello' AS text")  # fails in a database that has seen it
    assert rows(postgres_url, "SELECT text FROM post") == [("hello",)], turn


def test_a_database_is_a_copy_of_its_template(postgres: Postgres) -> None:
    built = []

    def build(url: str) -> None:
        built.append(url)
        rows(url, "CREATE TABLE persona (name text)")

    for _ in range(2):
        with postgres.database(postgres.template("persona", build)) as url:
            rows(url, "INSERT INTO persona VALUES ('ada')")
            assert rows(url, "SELECT name FROM persona") == [("ada",)]
    assert len(built) == 1


def test_postgres_comes_back_with_what_was_committed(postgres: Postgres, postgres_url: str) -> None:
    rows(postgres_url, "CREATE TABLE post AS SELECT 1 AS id")
    postgres.kill()
    with pytest.raises(psycopg.OperationalError):
        rows(postgres_url, "SELECT 1")
    postgres.start()
    assert rows(postgres_url, "SELECT id FROM post") == [(1,)]


# Redis


def test_redis_dies_and_comes_back_empty_at_the_same_address(redis_server: Redis, redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.ping()
        client.set("draft", "1")
        redis_server.kill()
        with pytest.raises(redis.ConnectionError):
            client.get("draft")
        redis_server.start()
        assert client.get("draft") is None
        client.set("draft", "2")  # left behind for the next test, which must not see it


def test_redis_is_empty_for_each_test(redis_url: str) -> None:
    with redis.Redis.from_url(redis_url) as client:
        assert client.dbsize() == 0


# Chromium


def test_a_page_is_shown_and_clicked(page: Page) -> None:
    page.set_content("<title>Troupe</title><button onclick=\"document.title='Approved'\">Approve</button>")
    assert page.title() == "Troupe"
    page.get_by_role("button", name="Approve").click()
    assert page.title() == "Approved"


# The OpenAI-compatible server


class Draft(BaseModel):
    text: str
    hashtags: list[str]


Ask: TypeAlias = Callable[[str], Draft | None]


@pytest.fixture
def model(aimock: Aimock) -> Iterator[Ask]:
    """Asks for a draft by structured output, without any retry."""
    with openai.OpenAI(base_url=aimock.url, api_key="mock", max_retries=0, timeout=1) as client:

        def ask(words: str) -> Draft | None:
            done = client.chat.completions.parse(
                model="gpt-4o", messages=[{"role": "user", "content": words}], response_format=Draft
            )
            return done.choices[0].message.parsed

        yield ask


def test_a_draft_is_answered_in_the_form_asked_for(aimock: Aimock, model: Ask) -> None:
    aimock.answer("release", {"text": "Out now.", "hashtags": ["troupe"]}, responseFormat="json_schema")
    assert model("announce our release") == Draft(text="Out now.", hashtags=["troupe"])
    [entry] = aimock.journal()
    assert entry["body"]["response_format"]["json_schema"]["name"] == "Draft"
    assert entry["response"]["status"] == 200


def test_the_model_fails_in_every_way_and_recovers(aimock: Aimock, model: Ask) -> None:
    aimock.answer("release", {"text": "Out now.", "hashtags": []})
    aimock.rate_limit()
    with pytest.raises(openai.RateLimitError) as limited:
        model("release")
    assert limited.value.response.headers["retry-after"] == "1"
    aimock.fail()
    with pytest.raises(openai.InternalServerError):
        model("release")
    aimock.disconnect()
    with pytest.raises(openai.APIConnectionError):
        model("release")
    aimock.hang()
    with pytest.raises(openai.APITimeoutError):
        model("release")
    aimock.calm()
    aimock.fail_once(503)
    with pytest.raises(openai.InternalServerError):
        model("release")
    assert model("release") is not None
    assert [entry["response"]["status"] for entry in aimock.journal()] == [429, 500, 0, 503, 200]


def test_what_nobody_scripted_is_an_error(aimock: Aimock, model: Ask) -> None:
    with pytest.raises(openai.InternalServerError, match="no fixture matched"):
        model("something else")
    aimock.server.kill()
    with pytest.raises(openai.APIConnectionError):
        model("something else")


# The Bluesky PDS


@pytest.fixture
def ada(pds: Pds) -> Account:
    return pds.account("ada")


Put: TypeAlias = Callable[[str, str], httpx.Response]
KEY, OTHER_KEY = "3jzfcijpj2z2a", "3jzfcijpj2z2b"


@pytest.fixture
def put(pds: Pds, ada: Account) -> Put:
    """Puts a post of Ada's as a client does: through the relay, with a time limit, without retries."""
    token = pds.token(ada)

    def put(rkey: str, text: str) -> httpx.Response:
        record = {"$type": POSTS, "text": text, "createdAt": "2026-01-01T00:00:00.000Z"}
        return httpx.post(
            f"{pds.url}/xrpc/com.atproto.repo.putRecord",
            json={"repo": ada.did, "collection": POSTS, "rkey": rkey, "record": record},
            headers={"Authorization": f"Bearer {token}"},
            timeout=1,
        )

    return put


def test_a_record_put_twice_under_one_key_is_there_once(pds: Pds, ada: Account, put: Put) -> None:
    first, second = put(KEY, "hello").json(), put(KEY, "hello").json()
    assert (first["uri"], first["cid"]) == (second["uri"], second["cid"])
    [record] = pds.records(ada.did)
    assert record == pds.record(ada.did, KEY)
    assert record["value"]["text"] == "hello"
    pds.delete(ada, KEY)
    assert pds.record(ada.did, KEY) is None


def test_all_records_are_read_oldest_first_over_several_pages(pds: Pds, ada: Account) -> None:
    token = pds.token(ada)
    value = {"$type": POSTS, "createdAt": "2026-01-01T00:00:00.000Z"}
    writes = [
        {
            "$type": "com.atproto.repo.applyWrites#create",
            "collection": POSTS,
            "value": {**value, "text": str(n)},
        }
        for n in range(120)
    ]
    pds.call("com.atproto.repo.applyWrites", token=token, repo=ada.did, writes=writes)
    assert [record["value"]["text"] for record in pds.records(ada.did)] == [str(n) for n in range(120)]


def test_an_app_password_signs_in_until_it_is_revoked(pds: Pds, ada: Account) -> None:
    def sign_in() -> dict[str, Any]:
        return pds.call("com.atproto.server.createSession", identifier=ada.handle, password=ada.app_password)

    service = sign_in()["didDoc"]["service"][0]
    assert service["serviceEndpoint"] == pds.url  # a client that follows it does not get past the relay
    pds.revoke(ada)
    with pytest.raises(httpx.HTTPStatusError, match="401"):
        sign_in()


def test_the_pds_is_killed_and_comes_back_with_its_records(pds: Pds, ada: Account, put: Put) -> None:
    assert put(KEY, "before").is_success
    pds.server.kill()
    with pytest.raises(httpx.TransportError):
        put(OTHER_KEY, "while it is down")
    pds.server.start()
    assert put(OTHER_KEY, "after").is_success
    assert [record["value"]["text"] for record in pds.records(ada.did)] == ["before", "after"]


def test_a_paused_pds_does_what_it_was_asked_later(pds: Pds, ada: Account, put: Put) -> None:
    pds.server.pause()
    with pytest.raises(httpx.ReadTimeout):
        put(KEY, "hello")
    pds.server.resume()
    assert eventually(lambda: pds.record(ada.did, KEY))


# The relay


def test_the_relay_refuses_in_the_words_of_a_pds(pds: Pds, ada: Account, put: Put) -> None:
    pds.fails(500, times=1)
    pds.unauthorized(path="putRecord", times=1)
    pds.rate_limited(reset_s=30, times=1)
    failed, unauthorized, limited, passed = (put(KEY, "hello") for _ in range(4))
    assert failed.status_code == 500
    assert (unauthorized.status_code, unauthorized.json()["error"]) == (401, "AuthenticationRequired")
    assert (limited.status_code, limited.headers["ratelimit-remaining"]) == (429, "0")
    assert 20 < int(limited.headers["ratelimit-reset"]) - time.time() <= 30
    assert passed.is_success
    assert len(pds.records(ada.did)) == 1
    assert [(seen.status, seen.fault) for seen in pds.relay.seen] == [
        (500, "answer"),
        (401, "answer"),
        (429, "answer"),
        (200, None),
    ]


@pytest.mark.parametrize("delivered", [True, False])
def test_the_relay_drops_an_answer_before_or_after_the_deed(
    pds: Pds, ada: Account, put: Put, delivered: bool
) -> None:
    pds.relay.drop(delivered=delivered, times=1)
    with pytest.raises(httpx.RemoteProtocolError):
        put(KEY, "hello")
    assert bool(pds.record(ada.did, KEY)) is delivered
    assert put(KEY, "hello").is_success  # and a second try finds it done, or does it
    first, second = (seen.body for seen in pds.relay.seen)
    assert first == second


@pytest.mark.parametrize("delivered", [True, False])
def test_the_relay_hangs_before_or_after_the_deed(pds: Pds, ada: Account, put: Put, delivered: bool) -> None:
    pds.relay.hang(delivered=delivered)
    with pytest.raises(httpx.ReadTimeout):
        put(KEY, "hello")
    pds.relay.calm()
    assert bool(pds.record(ada.did, KEY)) is delivered
    assert put(KEY, "hello").is_success


def test_the_relay_is_slow_only_where_it_was_asked_to_be(pds: Pds, put: Put) -> None:
    pds.relay.slow(0.4, path="putRecord")
    began = time.monotonic()
    assert httpx.get(f"{pds.url}/xrpc/_health").is_success
    assert time.monotonic() - began < 0.4
    assert put(KEY, "hello").is_success
    assert time.monotonic() - began >= 0.4


# What starts and ends them


def test_a_server_that_does_not_start_says_why(tmp_path: Path) -> None:
    failing = [sys.executable, "-c", "raise SystemExit('no such option')"]
    with pytest.raises(ServerError, match="no such option"):
        Process(failing, log=tmp_path / "log", ready=lambda: False).start()


KILLED = """
import os, signal, psutil
from tests.servers import browser, postgres, redis_server
with redis_server.running() as redis, postgres.running(), browser.running() as chromium:
    chromium.new_page()
    redis.pause()
    print(*(child.pid for child in psutil.Process().children(recursive=True)), flush=True)
    os.kill(os.getpid(), signal.SIGKILL)
"""


def test_nothing_is_left_when_we_are_killed() -> None:
    killed = subprocess.run([sys.executable, "-c", KILLED], cwd=ROOT, capture_output=True, text=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    children = [int(pid) for pid in killed.stdout.split()]
    assert len(children) > 5  # Redis, PostgreSQL and its own, the browser and its own, the janitor
    assert eventually(lambda: not any(psutil.pid_exists(pid) for pid in children))


def eventually(check: Callable[[], object], within_s: float = 10.0) -> bool:
    """Whether the check comes true in that time."""
    deadline = time.monotonic() + within_s
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.05)
    return False
