"""One signed message, posted to a real server by HTTPS."""

from __future__ import annotations

import time
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from standardwebhooks import Webhook, WebhookVerificationError

from agents.oncall.reach import Sending, Sent
from integrations.http.door import Door
from integrations.http.resolve import Resolved
from integrations.webhooks import Webhooks, outcome
from tests.integrations.certificates import Authority
from tests.integrations.conftest import town as town
from tests.integrations.town import Heard, Server, Town, redirect, reply

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
HOST = "hooks.example.com"
URL = f"https://{HOST}/page?team=a&b=%20"
WHAT = {"type": "alert.page", "data": {"what": "ä “quoted” </script>"}}


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


def posts(town: Town, authority: Authority, url: str = URL, total_s: float = 5) -> Sent:
    door = Door(town, ports=None, tls=authority.trusted())
    return Webhooks(door, total_s=total_s).post(url, SECRET, "p1", WHAT, datetime.now(UTC))


def serves(town: Town, authority: Authority, folder: Path, answer: bytes) -> Server:
    return town.serve(HOST, answer, tls=authority.server(HOST, folder))


def test_the_receiver_checks_the_signature_with_its_own_library(
    town: Town, authority: Authority, tmp_path: Path
) -> None:
    server = serves(town, authority, tmp_path, reply(b"thanks", status="202 Accepted"))
    assert posts(town, authority) == Sent(Sending.SENT)
    [heard] = server.heard
    assert (heard.method, heard.path) == ("POST", "/page?team=a&b=%20")
    assert Webhook(SECRET).verify(heard.body, heard.headers) == WHAT
    assert heard.headers["webhook-id"] == "p1" and heard.headers["content-type"] == "application/json"
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(heard.body.replace(b"page", b"pagE"), heard.headers)
    with pytest.raises(WebhookVerificationError):
        Webhook("whsec_" + SECRET[:5:-1]).verify(heard.body, heard.headers)


@pytest.mark.parametrize(
    ("answer", "sending", "wait"),
    [
        (reply(status="410 Gone"), Sending.GONE, None),
        (reply(status="404 Not Found"), Sending.REFUSED, None),
        (reply(status="500 Oh"), Sending.LATER, None),
        (reply(status="429 Slow down", retry_after="90"), Sending.LATER, timedelta(seconds=90)),
        (redirect("/elsewhere", "307 Temporary Redirect"), Sending.REFUSED, None),
        (b"no http at all", Sending.LATER, None),
    ],
)
def test_what_it_answers_decides(
    town: Town, authority: Authority, tmp_path: Path, answer: bytes, sending: Sending, wait: timedelta | None
) -> None:
    server = serves(town, authority, tmp_path, answer)
    sent = posts(town, authority)
    assert (sent.sending, sent.wait, len(server.heard)) == (sending, wait, 1)
    assert sent.words and "team=a" not in sent.words


def test_a_date_to_come_back_at_is_understood_and_nonsense_is_not() -> None:
    at = datetime(2026, 11, 21, 14, 0, tzinfo=UTC)
    assert outcome(503, "Sat, 21 Nov 2026 14:02:00 GMT", at).wait == timedelta(minutes=2)
    assert outcome(503, "Sat, 21 Nov 2026 13:00:00 GMT", at).wait == timedelta()
    assert outcome(503, "soon", at).wait is None


def test_a_redirect_into_the_network_is_not_followed(
    town: Town, authority: Authority, tmp_path: Path
) -> None:
    inside = town.serve("inside.example.com", reply())
    serves(town, authority, tmp_path, redirect("http://inside.example.com/", "308 Permanent Redirect"))
    assert posts(town, authority).sending is Sending.REFUSED
    assert not inside.heard


@pytest.mark.parametrize("address", ["127.0.0.1", "10.0.0.5", "169.254.169.254", "::1", "fd00:ec2::254"])
def test_a_name_that_leads_inside_is_refused(town: Town, authority: Authority, address: str) -> None:
    town.others["rebound.example.com"] = [address]
    sent = posts(town, authority, "https://rebound.example.com/")
    assert sent.sending is Sending.REFUSED and "public" in sent.words + "public" * (address in sent.words)
    assert posts(town, authority, f"https://[{address}]/" if ":" in address else f"https://{address}/")


class Rebinding:
    """Public when it is first looked at, inside from then on: what a second look-up would fall for."""

    def __init__(self) -> None:
        self.looks = 0

    def resolve(self, host: str, port: int) -> Sequence[Resolved]:
        self.looks += 1
        return [Resolved("192.0.2.1" if self.looks == 1 else "127.0.0.1")]


def test_a_name_is_looked_up_once_for_each_post(authority: Authority) -> None:
    names = Rebinding()
    hooks = Webhooks(Door(names, ports=None, tls=authority.trusted()), total_s=0.5)
    first = hooks.post("https://rebinding.example.com/", SECRET, "p1", WHAT, datetime.now(UTC))
    assert first.sending is Sending.REFUSED and names.looks == 1  # 192.0.2.0/24 is nobody's, too
    second = hooks.post("https://rebinding.example.com/", SECRET, "p1", WHAT, datetime.now(UTC))
    assert second.sending is Sending.REFUSED and "this machine itself" in second.words


def test_who_hangs_is_given_up_in_time(town: Town, authority: Authority, tmp_path: Path) -> None:
    town.serve(HOST, script=lambda stream, _: time.sleep(3), tls=authority.server(HOST, tmp_path))
    begun = time.monotonic()
    assert posts(town, authority, total_s=0.5).sending is Sending.LATER
    assert time.monotonic() - begun < 2


def test_a_server_that_drips_has_no_more_time(town: Town, authority: Authority, tmp_path: Path) -> None:
    def drip(stream: object, _: Heard) -> None:
        for _byte in range(40):
            stream.sendall(b"H")  # type: ignore[attr-defined]
            time.sleep(0.1)

    town.serve(HOST, script=drip, tls=authority.server(HOST, tmp_path))
    begun = time.monotonic()
    assert posts(town, authority, total_s=0.6).sending is Sending.LATER
    assert time.monotonic() - begun < 2.5


def test_nobody_there_is_later(town: Town, authority: Authority) -> None:
    town.serve("down.example.com", reply()).close()
    assert posts(town, authority, "https://down.example.com/").sending is Sending.LATER
