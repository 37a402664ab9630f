"""What the doctor says of Slack: a server that answers as Slack does, and what can be wrong with it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from typing import Any
from urllib.parse import parse_qs

import pytest

from bot.doctor import slack
from bot.doctor.finding import Finding, State
from bot.doctor.patient import Patient
from bot.slack.manifest import SCOPES
from bot.wiring import Troupe
from tests.cli.desk import Desk
from tests.doctor.test_checks import patient
from tests.servers.processes import free_port

OK, WARN, FAIL = State.OK, State.WARN, State.FAIL
Answer = dict[str, Any]


@dataclass
class Slack:
    """answers: by method, in place of a workspace where all is well.  asked: method and token, in order."""

    url: str = ""
    ahead: timedelta = timedelta()
    """By which its clock is ahead of ours."""
    scopes: tuple[str, ...] = SCOPES
    answers: dict[str, Answer] = field(default_factory=dict)
    asked: list[tuple[str, str]] = field(default_factory=list)

    def answer(self, method: str, sent: dict[str, list[str]]) -> Answer:
        if method in self.answers:
            return self.answers[method]
        if method == "auth.test":
            return {"ok": True, "user": "troupe", "team": "Acme"}
        if method == "users.conversations":
            first = not sent.get("cursor", [""])[0]
            names, more = (["press", "general"], "next") if first else (["launch"], "")
            channels = [{"id": f"C{name}", "name": name} for name in names]
            return {"ok": True, "channels": channels, "response_metadata": {"next_cursor": more}}
        assert method == "apps.connections.open", method
        return {"ok": True, "url": "wss://nowhere.test"}


@pytest.fixture
def there() -> Iterator[Slack]:
    world = Slack()

    class Door(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            sent = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            method = self.path.removeprefix("/api/")
            world.asked.append((method, self.headers["Authorization"].removeprefix("Bearer ")))
            body = json.dumps(world.answer(method, parse_qs(sent))).encode()
            self.send_response_only(200)
            self.send_header("Date", format_datetime(datetime.now(UTC) + world.ahead, usegmt=True))
            self.send_header("Content-Type", "application/json")
            self.send_header("X-OAuth-Scopes", ",".join(world.scopes))
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None: ...

    server = HTTPServer(("127.0.0.1", 0), Door)
    thread = Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    world.url = f"http://127.0.0.1:{server.server_address[1]}/api"
    yield world
    server.shutdown()
    thread.join()
    server.server_close()


def joined(desk: Desk, there: Slack, **settings: Any) -> Patient:
    tokens = {"slack_bot_token": "xoxb-b", "slack_app_token": "xapp-a", "slack_api_url": there.url}
    return patient(desk, **tokens | settings)


def found(looked: Patient) -> dict[str, Finding]:
    return {finding.name: finding for check in slack.CHECKS for finding in check(looked)}


def refused(error: str, **more: str) -> Answer:
    return {"ok": False, "error": error, **more}


def test_a_workspace_where_all_is_well(desk: Desk, troupe: Troupe, there: Slack) -> None:
    with troupe.storage.unit_of_work() as work:
        work.switches.beat("slack@here:1", "slack", work.now, {})
    told = found(joined(desk, there))
    assert {name: finding.state for name, finding in told.items() if finding.state is not OK} == {}
    assert told["bot token"].words == "Slack knows us as troupe in Acme"
    assert told["channels"].words == "Troupe is in #general, #launch, #press"
    assert told["app token"].words == "Socket Mode is on"
    assert ("auth.test", "xoxb-b") in there.asked and ("apps.connections.open", "xapp-a") in there.asked


def test_nothing_set_asks_nobody(desk: Desk, troupe: Troupe, there: Slack) -> None:
    told = found(patient(desk, slack_api_url=there.url))
    assert list(told) == ["settings"] and told["settings"].state is OK
    assert there.asked == []


@pytest.mark.parametrize(
    ("given", "missing"),
    [
        ({"slack_bot_token": "xoxb-b"}, "SLACK_APP_TOKEN"),
        ({"slack_app_token": "xapp-a"}, "SLACK_BOT_TOKEN"),
        ({"slack_bot_token": "xoxb-b", "slack_mode": "http"}, "SLACK_SIGNING_SECRET"),
    ],
)
def test_what_is_half_set_says_what_is_missing(
    desk: Desk, troupe: Troupe, given: dict[str, str], missing: str
) -> None:
    told = found(patient(desk, **given))
    assert [f.state for f in told.values()] == [FAIL]
    assert told["settings"].words.startswith(f"{missing} is not set")


def test_a_token_that_slack_does_not_accept(desk: Desk, troupe: Troupe, there: Slack) -> None:
    there.answers = {"auth.test": refused("token_revoked"), "apps.connections.open": refused("invalid_auth")}
    told = found(joined(desk, there))
    assert told["bot token"].state is FAIL and told["bot token"].words == "The token was revoked."
    assert "SLACK_BOT_TOKEN" in told["bot token"].remedy
    assert told["app token"].state is FAIL and "SLACK_APP_TOKEN" in told["app token"].remedy
    assert "scopes" not in told


def test_an_app_token_without_its_scope_and_socket_mode_off(desk: Desk, troupe: Troupe, there: Slack) -> None:
    there.answers["apps.connections.open"] = refused("missing_scope", needed="connections:write")
    assert "connections:write" in found(joined(desk, there))["app token"].words
    there.answers["apps.connections.open"] = refused("something_new")
    told = found(joined(desk, there))["app token"]
    assert "something_new" in told.words and "Socket Mode" in told.remedy
    there.answers["apps.connections.open"] = refused("ratelimited")
    assert found(joined(desk, there))["app token"].state is WARN


def test_scopes_that_are_missing_are_named(desk: Desk, troupe: Troupe, there: Slack) -> None:
    there.scopes = tuple(s for s in SCOPES if s not in ("im:write", "files:write"))
    told = found(joined(desk, there))["scopes"]
    assert told.state is FAIL and told.words == "The bot lacks files:write, im:write."
    assert "./troupe slack-manifest" in told.remedy
    there.scopes = (*SCOPES, "admin")
    told = found(joined(desk, there))["scopes"]
    assert told.state is OK and told.words.endswith("not needed: admin")


def test_no_channel_and_no_right_to_look(desk: Desk, troupe: Troupe, there: Slack) -> None:
    there.answers["users.conversations"] = {"ok": True, "channels": []}
    told = found(joined(desk, there))["channels"]
    assert told.state is WARN and "/invite @Troupe" in told.remedy
    there.answers["users.conversations"] = refused("missing_scope", needed="groups:read")
    assert "groups:read" in found(joined(desk, there))["channels"].words


def test_a_closed_channel_is_told_with_its_reason(desk: Desk, troupe: Troupe, there: Slack) -> None:
    with troupe.storage.unit_of_work() as work:
        old = work.channels.add("slack", "old", work.now, external_id="C1")
        work.channels.add("slack", "new", work.now, external_id="C2")
        work.channels.close(old.id, "The channel is archived.")
    told = found(joined(desk, there))
    assert told["#old"].state is WARN and "The channel is archived." in told["#old"].words
    assert "#new" not in told


@pytest.mark.parametrize(("minutes", "state", "word"), [(-6, FAIL, "ahead of"), (2, WARN, "behind")])
def test_a_clock_that_is_off(
    desk: Desk, troupe: Troupe, there: Slack, minutes: int, state: State, word: str
) -> None:
    there.ahead = timedelta(minutes=minutes)
    told = found(joined(desk, there))["clock"]
    assert told.state is state and word in told.words


def test_a_process_that_gives_no_sign_of_life(desk: Desk, troupe: Troupe, there: Slack) -> None:
    told = found(joined(desk, there))["process"]
    assert told.state is FAIL and "./troupe run slack" in told.remedy


def test_signed_requests_need_no_app_token(desk: Desk, troupe: Troupe, there: Slack) -> None:
    told = found(joined(desk, there, slack_mode="http", slack_signing_secret="s", slack_app_token=None))
    assert told["requests"].words.endswith(":8421/slack/events")
    assert "app token" not in told


@pytest.mark.parametrize(
    ("address", "state", "word"),
    [
        (None, OK, "emoji"),
        ("http://t.example.com", WARN, "https only"),
        ("https://t.example.com", OK, "fetches"),
    ],
)
def test_avatars_need_an_address(
    desk: Desk, troupe: Troupe, there: Slack, address: str | None, state: State, word: str
) -> None:
    told = found(joined(desk, there, public_url=address))["avatars"]
    assert told.state is state and word in told.words


def test_a_slack_that_does_not_answer(desk: Desk, troupe: Troupe, there: Slack) -> None:
    there.url = f"http://127.0.0.1:{free_port()}/api"
    told = found(joined(desk, there))
    assert told["bot token"].state is FAIL and "does not answer" in told["bot token"].words
    assert "SLACK_API_URL" in told["bot token"].remedy
    assert told["app token"].state is FAIL and told["channels"].state is FAIL


def test_the_command_says_it_and_tells_no_token(desk: Desk, troupe: Troupe, there: Slack) -> None:
    done = desk.run(
        "doctor",
        "slack",
        COLUMNS="200",
        SLACK_BOT_TOKEN="xoxb-very-secret",
        SLACK_APP_TOKEN="xapp-very-secret",
        SLACK_API_URL=there.url,
    )
    assert done.returncode == 1, done.stdout
    assert "Slack knows us as troupe in Acme" in done.stdout and "no sign of life" in done.stdout
    assert "very-secret" not in done.stdout + done.stderr
