"""Sessions end, are renewed once for everybody, and are lost only when the server says so."""

from __future__ import annotations

import json
import subprocess
import sys
from base64 import urlsafe_b64encode
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from agents.publishing.platform import Account, OutcomeUnknown, RateLimited, SignInNeeded
from agents.writing.content import Content, Segment
from integrations.bluesky.connect import connect
from integrations.bluesky.publisher import BlueskyPublisher
from integrations.bluesky.session import kept
from integrations.bluesky.xrpc import Tokens, token_ends
from tests.bluesky.cast import Album, FileVault, clock, joined, open_door
from tests.servers.pds import Pds
from tests.servers.relay import Answer

POST = Content((Segment("Hello"),))
REFRESH, LOGIN = "refreshSession", "createSession"


def calls(pds: Pds, name: str) -> int:
    return sum(name in exchange.path for exchange in pds.relay.seen)


def send(publisher: BlueskyPublisher, account: Account) -> str:
    (plan,) = publisher.mint(POST, clock())
    return publisher.send(account, POST, plan, []).ref


def signed_by_nobody(ends: datetime) -> str:
    """An access token that looks as one does, until a server checks it."""
    parts = (
        {"typ": "at+jwt", "alg": "HS256"},
        {"scope": "com.atproto.appPass", "exp": int(ends.timestamp())},
    )
    encoded = [urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2lnbmF0dXJl"])


def change(vault: FileVault, account: Account, **credentials: str) -> None:
    vault.write(account.id, vault.read(account.id) | credentials)


@pytest.fixture
def expired(ada: Account, vault: FileVault) -> Account:
    change(vault, ada, access_jwt=signed_by_nobody(clock() - timedelta(hours=1)))
    return ada


@pytest.mark.parametrize("ends_in", [timedelta(hours=-1), timedelta(seconds=30), timedelta(hours=1)])
def test_a_token_that_is_no_good_is_renewed(
    publisher: BlueskyPublisher, pds: Pds, ada: Account, vault: FileVault, ends_in: timedelta
) -> None:
    """Before it is used when its end is near, else when the server refuses it."""
    change(vault, ada, access_jwt=signed_by_nobody(clock() + ends_in))
    before = vault.read(ada.id)

    send(publisher, ada)
    send(publisher, ada)

    after = vault.read(ada.id)
    assert (calls(pds, REFRESH), calls(pds, LOGIN)) == (1, 0)
    assert calls(pds, "putRecord") == (2 if ends_in < timedelta(minutes=1) else 3)
    assert after["access_jwt"] != before["access_jwt"]
    assert after["refresh_jwt"] != before["refresh_jwt"]
    assert after["app_password"] == before["app_password"]


def test_a_token_is_renewed_when_the_server_says_that_it_has_expired(
    publisher: BlueskyPublisher, pds: Pds, ada: Account
) -> None:
    words = b'{"error":"ExpiredToken","message":"Token has expired"}'
    pds.relay.answer(Answer(400, [("Content-Type", "application/json")], words), path="putRecord", times=1)
    send(publisher, ada)
    assert (calls(pds, REFRESH), calls(pds, LOGIN)) == (1, 0)


def test_eight_threads_renew_once(publisher: BlueskyPublisher, pds: Pds, expired: Account) -> None:
    pds.relay.slow(0.3, path=REFRESH)
    with ThreadPoolExecutor(8) as pool:
        refs = list(pool.map(lambda _: send(publisher, expired), range(8)))
    assert len(set(refs)) == 8
    assert (calls(pds, REFRESH), calls(pds, LOGIN)) == (1, 0)


def test_two_processes_renew_once(pds: Pds, expired: Account, vault: FileVault) -> None:
    pds.relay.slow(1.0, path=REFRESH)
    argv = [sys.executable, "-m", "tests.bluesky.one_post", str(vault.folder), expired.base_url]
    argv += [expired.handle, expired.external_id]
    root = Path(__file__).parents[2]
    running = [subprocess.Popen(argv, stdout=subprocess.PIPE, text=True, cwd=root) for _ in range(2)]
    refs = {process.communicate(timeout=30)[0] for process in running}
    assert [process.returncode for process in running] == [0, 0]
    assert len(refs) == 2
    assert (calls(pds, REFRESH), calls(pds, LOGIN)) == (1, 0)


def test_a_broken_connection_is_no_refusal(
    publisher: BlueskyPublisher, pds: Pds, expired: Account, vault: FileVault
) -> None:
    before = vault.read(expired.id)
    pds.relay.drop(path=REFRESH, times=1)
    pds.fails(500, path=REFRESH, times=1)
    for _ in range(2):
        with pytest.raises(OutcomeUnknown, match="Nothing was sent"):
            send(publisher, expired)
    pds.rate_limited(reset_s=20, path=REFRESH, times=1)
    with pytest.raises(RateLimited):
        send(publisher, expired)
    assert vault.read(expired.id) == before
    assert calls(pds, LOGIN) == 0
    send(publisher, expired)


@pytest.mark.parametrize("status", [400, 401, 403])
def test_a_gateways_refusal_is_not_the_servers(
    publisher: BlueskyPublisher, pds: Pds, expired: Account, vault: FileVault, status: int
) -> None:
    before = vault.read(expired.id)
    pds.relay.answer(Answer(status, [("Content-Type", "text/html")], b"<h1>Are you human?"))
    with pytest.raises((OutcomeUnknown, SignInNeeded)):
        send(publisher, expired)
    pds.relay.calm()
    assert vault.read(expired.id) == before
    assert calls(pds, LOGIN) == 0
    send(publisher, expired)


def test_an_answer_lost_on_the_way_costs_no_session(
    publisher: BlueskyPublisher, pds: Pds, expired: Account
) -> None:
    """The server has used up the refresh token, and we never heard of the new one."""
    pds.relay.drop(delivered=True, path=REFRESH, times=1)
    with pytest.raises(OutcomeUnknown):
        send(publisher, expired)
    send(publisher, expired)
    assert (calls(pds, REFRESH), calls(pds, LOGIN)) == (2, 0)


def test_a_session_that_is_lost_is_made_anew_once(
    publisher: BlueskyPublisher, pds: Pds, ada: Account, vault: FileVault
) -> None:
    change(vault, ada, access_jwt="", refresh_jwt=signed_by_nobody(clock() + timedelta(days=9)))
    send(publisher, ada)
    send(publisher, ada)
    assert (calls(pds, REFRESH), calls(pds, LOGIN)) == (1, 1)
    assert set(vault.read(ada.id)) == {"access_jwt", "refresh_jwt", "app_password"}


def test_without_an_app_password_a_person_is_asked(
    publisher: BlueskyPublisher, pds: Pds, ada: Account, vault: FileVault
) -> None:
    change(vault, ada, access_jwt="", refresh_jwt="gone", app_password="")
    with pytest.raises(SignInNeeded, match="Connect the account again"):
        send(publisher, ada)
    assert calls(pds, LOGIN) == 0


def test_a_password_that_was_taken_back_is_tried_once(
    publisher: BlueskyPublisher, pds: Pds, vault: FileVault
) -> None:
    eve = pds.account("eve")
    account = joined(connect(pds.url, eve.handle, eve.app_password, door=open_door()), vault)
    pds.revoke(eve)
    change(vault, account, access_jwt=signed_by_nobody(clock() - timedelta(hours=1)))
    pds.relay.seen.clear()

    for _ in range(2):
        with pytest.raises(SignInNeeded, match=eve.handle):
            send(publisher, account)

    assert calls(pds, LOGIN) == 1
    assert pds.records(eve.did) == []


def test_a_closed_account_keeps_its_password(
    publisher: BlueskyPublisher, pds: Pds, expired: Account, vault: FileVault
) -> None:
    """A take-down may be lifted again."""
    words = b'{"error":"AccountTakedown","message":"Account has been taken down"}'
    for path in (REFRESH, LOGIN):
        pds.relay.answer(Answer(401, [("Content-Type", "application/json")], words), path=path, times=1)
    with pytest.raises(SignInNeeded, match="taken down"):
        send(publisher, expired)
    assert vault.read(expired.id)["app_password"]
    send(publisher, expired)


def test_a_session_of_somebody_else_is_not_kept(
    publisher: BlueskyPublisher, pds: Pds, expired: Account, vault: FileVault
) -> None:
    before = vault.read(expired.id)
    body = {"did": "did:plc:mallory", "handle": "mallory.test", "accessJwt": "a", "refreshJwt": "b"}
    answer = Answer(200, [("Content-Type", "application/json")], json.dumps(body).encode())
    pds.relay.answer(answer, path=REFRESH, times=1)
    with pytest.raises(SignInNeeded, match="did:plc:mallory"):
        send(publisher, expired)
    assert vault.read(expired.id) == before


def test_whoever_waits_too_long_for_the_others_says_so(pds: Pds, expired: Account, vault: FileVault) -> None:
    hasty = FileVault(vault.folder, patience_s=0.1)
    publisher = BlueskyPublisher(hasty, Album(), open_door(), clock)
    with vault.locked(expired.id), pytest.raises(OutcomeUnknown, match="Nothing was sent"):
        send(publisher, expired)
    publisher.close()
    assert pds.relay.seen == []


def test_an_empty_token_never_replaces_a_good_one() -> None:
    assert kept(Tokens("did:plc:a", "a.test", "new", "")) == {"access_jwt": "new"}


@pytest.mark.parametrize(
    "token", ["", "x", "a.b.c", "é.é.é", "eyJhIjoxfQ.eyJleHAiOjEwMDAwMDAwMDAwMDAwMDB9.AAAA"]
)
def test_a_token_need_not_say_when_it_ends(token: str) -> None:
    assert token_ends(token) is None
