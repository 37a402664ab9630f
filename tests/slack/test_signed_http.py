"""Signed HTTP: what Slack did not sign is not read, what comes twice acts once, what makes no sense changes nothing."""

from __future__ import annotations

import copy
import hashlib
import hmac
import json
import socket
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import pytest
from sqlalchemy import func, select

from bot import commands
from bot.slack.manifest import PATH, manifest
from storage.tables import EventRow, MessageRow
from tests.slack.emulator import Emulator, Patience, Reply
from tests.slack.emulator.emulator import SIGNING_SECRET
from tests.slack.stories import ask, draft, shows, variant
from tests.slack.team import Team, team

JSON = "application/json"
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def crew(tmp_path: Path, redis_url: str) -> Iterator[Team]:
    """A team whose Slack reaches it by signed HTTP."""
    commands.load()
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    url = f"http://127.0.0.1:{port}{PATH}"
    settings = {"slack_mode": "http", "slack_http_port": port, "slack_signing_secret": SIGNING_SECRET}
    patience = Patience(retries_s=(0.0, 0.2, 0.5))
    with (
        Emulator(manifest(), request_url=url, patience=patience).running() as slack,
        team(tmp_path, slack, redis_url, **settings) as made,
    ):
        yield made


def signed(
    body: bytes, kind: str = JSON, *, at: object = None, secret: str = SIGNING_SECRET
) -> dict[str, str]:
    moment = str(int(time.time()) if at is None else at)
    digest = hmac.new(secret.encode(), f"v0:{moment}:".encode() + body, hashlib.sha256).hexdigest()
    return {"Content-Type": kind, "X-Slack-Request-Timestamp": moment, "X-Slack-Signature": f"v0={digest}"}


def posts(crew: Team, body: bytes, headers: dict[str, str]) -> Reply:
    return crew.slack.posts(body, headers)


def count(crew: Team) -> tuple[int, int]:
    """How much happened, and how much was said. An attempt that was refused is a fact as well, but no change."""
    changes = select(func.count()).select_from(EventRow).where(EventRow.refused == "")
    with crew.troupe.storage.engine.connect() as connection:
        happened = connection.execute(changes).scalar_one()
        return happened, connection.execute(select(func.count()).select_from(MessageRow)).scalar_one()


def settled(crew: Team) -> tuple[int, int]:
    """The same, when nothing happens any more."""
    before = count(crew)
    time.sleep(0.7)
    return before if count(crew) == before else settled(crew)


# ---- who sends ----


def test_slack_checks_the_url_and_all_works_over_it(crew: Team) -> None:
    assert crew.slack.verifies_url()
    ask(crew.bob, "/people me", crew.general, "You are Bob")


@pytest.mark.parametrize("how", ["unsigned", "bad", "old", "future"])
def test_what_is_not_signed_by_slack_now_is_refused(
    crew: Team, how: Any, capfd: pytest.CaptureFixture[str]
) -> None:
    before = count(crew)
    crew.slack.signs(how)
    answer = crew.bob.types("/persona new Mallory from founder", in_=crew.general)
    assert not answer.ok and answer.sent is not None and answer.sent.reply is not None
    assert answer.sent.reply.status == 401
    assert count(crew) == before
    assert "slack.not_signed" in capfd.readouterr().out


def test_nothing_is_read_before_it_is_known_who_sent_it(crew: Team) -> None:
    """What nobody could read is refused for its signature, as long as it has none, and for what it is after that."""
    broken = b'{"type": '
    assert posts(crew, broken, {"Content-Type": "application/json"}).status == 401
    assert posts(crew, broken, signed(broken)).status == 400


def test_timestamps_of_all_sorts(crew: Team) -> None:
    body = b'{"type": "url_verification", "challenge": "x"}'
    for at in ("", "soon", "-1", "1e9", "9" * 400, "NaN", "1 1", 0, 2**63, "1.5", "\u00b2"):
        assert posts(crew, body, signed(body, at=at)).status == 401, at


def test_five_minutes_and_no_longer(crew: Team) -> None:
    body = b'{"type": "url_verification", "challenge": "x"}'
    now = int(time.time())
    assert posts(crew, body, signed(body, at=now - 280)).status == 200
    assert posts(crew, body, signed(body, at=now - 310)).status == 401
    assert posts(crew, body, signed(body, at=now + 310)).status == 401


def test_signatures_of_all_sorts(crew: Team, capfd: pytest.CaptureFixture[str]) -> None:
    body = b'{"type": "url_verification", "challenge": "x"}'
    good = signed(body)
    for wrong in ("", "v0", "v0=", "v1" + good["X-Slack-Signature"][2:], "v0=\u00e9", "v0=" + "0" * 4000):
        assert posts(crew, body, good | {"X-Slack-Signature": wrong}).status == 401, wrong[:80]
    assert posts(crew, body + b" ", good).status == 401
    assert "Traceback" not in "".join(capfd.readouterr())


def test_three_megabytes_are_not_read(crew: Team) -> None:
    assert crew.slack.signed is not None
    body = b'{"x": "' + b"x" * 3_000_000 + b'"}'
    for headers in (signed(body), {"Content-Type": JSON}):
        request = Request(crew.slack.signed.url, body, headers)  # noqa: S310 - http, to this machine
        with pytest.raises(URLError) as refused:
            urlopen(request, timeout=5)  # noqa: S310
        # It may hang up while we still send.
        assert not isinstance(refused.value, HTTPError) or refused.value.code in (401, 413)
        if isinstance(refused.value, HTTPError):
            refused.value.close()
    assert crew.slack.verifies_url()


BROKEN = [
    (JSON, b"{"),
    (JSON, b""),
    (JSON, b"[]"),
    (JSON, b"null"),
    (JSON, b'"x"'),
    (JSON, b"\xff\xfe\x00"),
    (JSON, b'{"type": "event_callback"}'),
    (JSON, b'{"type": "event_callback", "event": []}'),
    (JSON, b'{"type": "event_callback", "event": {"type": 7}}'),
    (
        JSON,
        b'{"type": "event_callback", "event": {"type": "message", "ts": {}, "user": [], "channel": 1}}',
    ),
    (JSON, b'{"type":"event_callback","event":{"type":"message","ts":"x","user":"U1","channel":"C1"}}'),
    (JSON, b'{"type": "event_callback", "event": {"type": "app_home_opened"}}'),
    (JSON, b"[" * 100_000),
    (FORM, b"payload=%7B"),
    (FORM, b"payload="),
    (FORM, b"payload=[]"),
    (FORM, b"payload=null"),
    (FORM, b"payload=%FF%FE"),
    (FORM, b"payload=%7B%22type%22%3A%22block_actions%22%7D"),
    (FORM, b"command=/post"),
    (FORM, b"command="),
    (FORM, b"command=/post&text=list&user_id=U1"),
    ("text/plain", b"hello"),
    ("", b"\x00"),
]


def test_what_is_broken_is_refused_in_peace(crew: Team, capfd: pytest.CaptureFixture[str]) -> None:
    before = count(crew)
    for kind, body in BROKEN:
        assert posts(crew, body, signed(body, kind)).status in (400, 401), (kind, body[:80])
    assert count(crew) == before
    assert "Traceback" not in "".join(capfd.readouterr())
    assert crew.slack.verifies_url()


# ---- what comes twice ----


def test_a_command_that_is_replayed_acts_once(crew: Team) -> None:
    answer = crew.mia.types('/persona new "Yara Bell" from founder', in_=crew.general)
    shows(crew.general, "Yara Bell")
    assert answer.sent is not None
    before = count(crew)
    assert crew.slack.replay(answer.sent).status == 200
    time.sleep(0.7)
    assert count(crew) == before


def test_a_click_that_is_replayed_acts_once(crew: Team) -> None:
    card = draft(crew, "clicked twice")
    answer = crew.mia.clicks("Approve", on=card)
    shows(crew.general, "clicked twice", "Take down")
    assert answer.sent is not None
    before = count(crew)
    assert crew.slack.replay(answer.sent).status == 200
    time.sleep(0.7)
    assert count(crew) == before


def test_a_form_that_is_replayed_acts_once(crew: Team) -> None:
    card = draft(crew, "sent twice")
    crew.mia.clicks("Ask for changes…", on=card)
    modal = crew.mia.modal
    modal.fill({"What should be different?": "shorter, please"})
    submitted = modal.submit()
    assert submitted.ok, submitted
    shows(crew.general, "sent twice", "2, by Ada", "waiting for approval")
    sent = crew.slack.deliveries("view_submission")[-1]
    before = count(crew)
    assert crew.slack.replay(sent).status == 200
    time.sleep(0.7)
    assert count(crew) == before


# ---- what makes no sense ----


def click(crew: Team, card: Any, action: str, **option: Any) -> dict[str, Any]:
    """What Slack would send for a press of anything on a message."""
    element: dict[str, Any] = {"type": "button", "action_id": action, "block_id": "b", "action_ts": "1.1"}
    if option:
        element |= {"type": "static_select", "selected_option": option}
    return {
        "type": "block_actions",
        "user": {"id": crew.mia.id, "team_id": crew.slack.team},
        "team": {"id": crew.slack.team},
        "api_app_id": "A0TROUPE",
        "trigger_id": f"1.{time.time_ns()}.x",
        "container": {"type": "message", "message_ts": card.ts, "channel_id": crew.general.id},
        "channel": {"id": crew.general.id, "name": "general"},
        "response_url": crew.slack.do(lambda: crew.slack.world.response_url(crew.general.id, crew.mia.id)),
        "actions": [element],
    }


def answered(crew: Team, told: int) -> None:
    """Mia is told something more in private."""
    crew.slack.until(lambda: len(crew.mia.private(crew.general)) > told, 5)


def interacts(crew: Team, payload: dict[str, Any]) -> Reply:
    body = urlencode({"payload": json.dumps(payload)}).encode()
    return posts(crew, body, signed(body, FORM))


def test_presses_of_what_was_never_offered_are_answered_plainly(
    crew: Team, capfd: pytest.CaptureFixture[str]
) -> None:
    card = draft(crew, "not so")
    one = variant(crew, "not so")
    before = settled(crew)
    actions = [
        "nothing",
        "post.nothing:x:y",
        "post.approve",
        "post.approve::",
        f"post.approve:{one.id}:wrong",
        "post.approve:no-such-post:seen",
        f"persona.archive:{one.id}:",
        f"alert.resolve:{one.id}:",
        "post.approve:" + "x" * 242,
        "?",
        "?post.nothing:x:y",
        "'; drop table posts; --",
        "post.approve:\u202e:\u0000"[:-1],
    ]
    for action in actions:
        told = len(crew.mia.private(crew.general))
        assert interacts(crew, click(crew, card, action)).status == 200, action
        answered(crew, told)
    for option in ({"value": "post.nothing:x:y"}, {"value": ["x"]}, {"text": 7}, {"value": "x" * 300}):
        told = len(crew.mia.private(crew.general))
        assert interacts(crew, click(crew, card, "menu", **option)).status == 200
        answered(crew, told)
    assert count(crew) == before
    assert "Traceback" not in "".join(capfd.readouterr())


def test_views_that_were_tampered_with_change_nothing(crew: Team, capfd: pytest.CaptureFixture[str]) -> None:
    card = draft(crew, "tampered")
    crew.mia.clicks("Ask for changes…", on=card)
    modal = crew.mia.modal
    modal.fill({"What should be different?": "shorter, please"})
    modal.submit()
    shows(crew.general, "tampered", "2, by Ada", "waiting for approval")
    good = crew.slack.deliveries("view_submission")[-1].payload
    before = settled(crew)
    tampered: list[tuple[str, Any]] = [
        ("private_metadata", ""),
        ("private_metadata", "{"),
        ("private_metadata", "[]"),
        ("private_metadata", '["post.nothing:x:y", "c", "", "", ""]'),
        ("private_metadata", '["post.changes:no-such:seen", "no-channel", "thread", "post:x", ""]'),
        ("private_metadata", '["system.halt::", "", "", "", "http://127.0.0.1:1/"]'),
        ("private_metadata", "7"),
        ("callback_id", "nothing"),
        ("callback_id", ""),
        ("state", {}),
        ("state", None),
        ("state", {"values": []}),
        ("state", {"values": {"reason": {"x": 7}}}),
        ("state", {"values": {"reason": {"x": {"type": "plain_text_input", "value": ["x"]}}}}),
        (
            "state",
            {"values": {"reason": {"x": {"type": "static_select", "selected_option": {"value": "?"}}}}},
        ),
    ]
    for number, (key, value) in enumerate(tampered):
        payload = copy.deepcopy(good)
        payload["view"] |= {key: value, "id": f"V{number}"}
        reply = interacts(crew, payload)
        assert reply.status == 200, (key, value, reply)
    time.sleep(0.7)
    assert count(crew) == before
    assert "Traceback" not in "".join(capfd.readouterr())
