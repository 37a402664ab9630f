"""One mail, handed to a real mail server."""

from __future__ import annotations

import socket
import time
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from agents.oncall.reach import Sending
from integrations.mail import Mail, Mailer, compose
from integrations.mail_server import Server
from tests.integrations.certificates import Authority
from tests.oncall.post_office import PASSWORD, USER, PostOffice, opened
from tests.servers.processes import free_port

NOW = datetime(2026, 11, 21, 14, 30, tzinfo=UTC)
SENDER = "Troupe <troupe@troupe.test>"
MAIL = Mail("nora@example.com", "[high] A post failed", "In words: ä", "<p>In words: ä</p>", "p1", "alert-a1")


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def mailer(office: PostOffice) -> Iterator[Mailer]:
    with opened(office) as server:
        yield Mailer(server, SENDER)


@pytest.fixture(scope="module")
def authority() -> Authority:
    return Authority()


@pytest.fixture
def locked(office: PostOffice, authority: Authority, tmp_path: Path) -> Iterator[Server]:
    """It takes mail over TLS alone, from those who sign in."""
    with opened(office, tls=authority.server("localhost", tmp_path)) as server:
        yield Server("localhost", server.port, "starttls", USER, PASSWORD)


def test_it_arrives_in_words_and_as_html_with_what_threads_it(mailer: Mailer, office: PostOffice) -> None:
    assert mailer.send(MAIL, NOW).sending is Sending.SENT
    [mail] = office.mails
    assert (mail["From"], mail["To"], mail["Subject"]) == (SENDER, MAIL.to, MAIL.subject)
    assert mail["Message-ID"] == "<p1@troupe.test>"
    assert mail["References"] == mail["In-Reply-To"] == "<alert-a1@troupe.test>"
    assert mail["Auto-Submitted"] == "auto-generated"
    plain, html = mail.get_body(("plain",)), mail.get_body(("html",))
    assert plain is not None and plain.get_content().strip() == MAIL.text
    assert html is not None and html.get_content().strip() == MAIL.html


def test_nobody_writes_a_header_with_what_an_alert_says() -> None:
    mail = compose(replace(MAIL, subject="A\r\nBcc: eve@example.com\x00\u202e"), SENDER, NOW)
    assert mail["Bcc"] is None and mail["Subject"] == "A Bcc: eve@example.com"


@pytest.mark.parametrize(
    ("answer", "sending"),
    [("550 5.1.1 <nora@example.com> is unknown", Sending.REFUSED), ("451 4.7.1 Later", Sending.LATER)],
)
def test_what_the_server_says_decides(
    mailer: Mailer, office: PostOffice, answer: str, sending: Sending
) -> None:
    office.at_rcpt = [answer]
    at_rcpt = mailer.send(MAIL, NOW)
    office.after_data = [answer]
    after_data = mailer.send(MAIL, NOW)
    assert at_rcpt == after_data and at_rcpt.sending is sending and at_rcpt.words.startswith(answer[:3])
    assert MAIL.to not in at_rcpt.words and not office.mails
    assert mailer.send(MAIL, NOW).sending is Sending.SENT


def test_a_line_that_breaks_before_the_mail_lost_nothing_and_after_it_nobody_knows(
    mailer: Mailer, office: PostOffice
) -> None:
    office.hang_up = "at rcpt"
    assert mailer.send(MAIL, NOW).sending is Sending.LATER
    office.hang_up = "after data"
    unknown = mailer.send(MAIL, NOW)
    assert unknown.sending is Sending.UNKNOWN and len(office.mails) == 1
    office.hang_up = ""
    assert mailer.send(MAIL, NOW).sending is Sending.SENT
    assert len({mail["Message-ID"] for mail in office.mails}) == 1, (
        "two mails that nobody could tell are the same"
    )


def test_a_wrong_password_is_said_so_and_the_right_one_lets_in(
    office: PostOffice, locked: Server, authority: Authority
) -> None:
    def asking(server: Server) -> Mailer:
        return Mailer(server, SENDER, tls=authority.trusted())

    wrong = asking(replace(locked, password="guess")).send(MAIL, NOW)
    assert wrong.sending is Sending.REFUSED and "does not let Troupe in: 535" in wrong.words
    nobody = asking(replace(locked, user="", password="")).send(MAIL, NOW)
    assert nobody.sending is Sending.REFUSED and nobody.words.startswith("530")
    assert asking(locked).look().sending is Sending.SENT and not office.mails
    assert asking(locked).send(MAIL, NOW).sending is Sending.SENT


def test_starttls_believes_whom_it_is_told_to_and_nobody_else(
    office: PostOffice, locked: Server, authority: Authority
) -> None:
    assert Mailer(locked, SENDER, tls=authority.trusted()).send(MAIL, NOW).sending is Sending.SENT
    assert office.secure == [True]
    stranger = Mailer(locked, SENDER).send(MAIL, NOW)
    assert stranger.sending is Sending.REFUSED and "certificate" in stranger.words
    other = replace(locked, host="127.0.0.1")  # the certificate is of another name
    assert Mailer(other, SENDER, tls=authority.trusted()).send(MAIL, NOW).sending is Sending.REFUSED
    assert len(office.mails) == 1


def test_without_starttls_no_password_goes_over_the_line(mailer: Mailer, office: PostOffice) -> None:
    asked = Mailer(replace(mailer.server, tls="starttls", user=USER, password=PASSWORD), SENDER)
    refused = asked.send(MAIL, NOW)
    assert refused.sending is Sending.REFUSED and "STARTTLS" in refused.words and not office.mails


def test_who_does_not_answer_is_given_up_in_time() -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        begun = time.monotonic()
        port = silent.getsockname()[1]
        sent = Mailer(Server("127.0.0.1", port, "none"), SENDER, total_s=0.5).send(MAIL, NOW)
        assert sent.sending is Sending.LATER and time.monotonic() - begun < 3
    assert Mailer(Server("127.0.0.1", free_port(), "none"), SENDER).send(MAIL, NOW).sending is Sending.LATER


@pytest.mark.parametrize(
    ("url", "server"),
    [
        (
            "smtps://a%40b:p%3Aw@mail.example.com",
            Server("mail.example.com", 465, "from the start", "a@b", "p:w"),
        ),
        ("smtp://mail.example.com", Server("mail.example.com", 587, "starttls")),
        ("smtp://localhost:25", Server("localhost", 25, "none")),
        ("smtp://[::1]:2525", Server("::1", 2525, "none")),
    ],
)
def test_one_address_says_it_all(url: str, server: Server) -> None:
    assert Server.parse(url) == server and "p:w" not in repr(server)


@pytest.mark.parametrize(
    "url", ["mail.example.com", "http://mail.example.com", "smtp://", "smtp://host:port"]
)
def test_another_address_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match=r"smtp|[Pp]ort"):
        Server.parse(url)
