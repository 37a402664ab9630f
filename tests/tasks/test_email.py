"""E-mail that personas send: what was shown is what is sent, to whom it may go, and a doubt where nobody can tell."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from agents.tasks.toolbox.email import TOTAL, Mail, send_email
from agents.tasks.tools import Bench, ToolFailed, Unsure
from integrations.letters import Letters
from integrations.mail import Mailer
from integrations.mail_server import Server
from tests.oncall.post_office import PostOffice, opened
from tests.servers.processes import free_port
from tests.tasks.outside import bench


@dataclass
class Desk:
    office: PostOffice
    root: Path
    server: Server
    known: set[str] = field(default_factory=set)

    @property
    def bench(self) -> Bench:
        mailer = Mailer(self.server, "Troupe <troupe@example.com>", total_s=5)
        return bench(self.root, {"mail": Letters(mailer, ("example.com",), self.known.__contains__)})

    def act(self, mail: Mail, key: str = "key-1") -> str:
        return send_email.act(mail, self.bench, key)


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    office = PostOffice()
    (tmp_path / "output").mkdir()
    (tmp_path / "output/report.pdf").write_bytes(b"%PDF-1.7 " + bytes(range(256)) * 40)
    (tmp_path / "output/Größe.csv").write_text("a,b\n1,2\n")
    with opened(office) as server:
        yield Desk(office, tmp_path, server)


def mail(**changes: Any) -> Mail:
    return Mail(**{"to": "max@example.com", "subject": "The report", "body": "Here it is.\n\nAda", **changes})


FILES = ("output/report.pdf", "output/Größe.csv")


class TestSending:
    def test_the_person_sees_all_of_it(self, desk: Desk) -> None:
        wish = send_email.wish(mail(attachments=FILES), desk.bench)
        assert wish.title == "Send an e-mail to max@example.com"
        assert wish.shown == (
            "From: Troupe <troupe@example.com>\nTo: max@example.com\nSubject: The report\n"
            "Attached: output/report.pdf (10,249 bytes)\nAttached: output/Größe.csv (8 bytes)\n\nHere it is.\n\nAda"
        )
        assert wish.attachments == {
            path: hashlib.sha256((desk.root / path).read_bytes()).hexdigest() for path in FILES
        }
        assert desk.office.callers == 0

    def test_what_was_shown_is_what_is_sent(self, desk: Desk) -> None:
        assert desk.act(mail(attachments=FILES)) == "The mail server took the e-mail to max@example.com."
        [sent] = desk.office.mails
        assert (sent["To"], sent["Subject"]) == ("max@example.com", "The report")
        assert sent["From"] == "Troupe <troupe@example.com>"
        body = sent.get_body()
        assert body is not None
        assert body.get_content().replace("\r\n", "\n").strip() == "Here it is.\n\nAda"
        found = {part.get_filename(): part for part in sent.iter_attachments()}
        assert list(found) == ["report.pdf", "Größe.csv"]
        assert found["report.pdf"].get_content() == (desk.root / "output/report.pdf").read_bytes()
        assert found["report.pdf"].get_content_type() == "application/pdf"
        assert found["Größe.csv"].get_content_type() == "text/csv"

    def test_a_repeat_can_be_recognised_and_another_mail_is_another(self, desk: Desk) -> None:
        for key in ("key-1", "key-1", "key-2"):
            desk.act(mail(), key)
        first, again, other = [sent["Message-ID"] for sent in desk.office.mails]
        assert first == again != other
        assert "key-1" not in first

    def test_somebody_who_gave_their_address_may_be_written_to(self, desk: Desk) -> None:
        with pytest.raises(ToolFailed, match=r"addresses in example\.com, and to people who gave"):
            send_email.wish(mail(to="eva@elsewhere.org"), desk.bench)
        desk.known.add("eva@elsewhere.org")
        assert "eva@elsewhere.org" in send_email.wish(mail(to="eva@elsewhere.org"), desk.bench).shown

    @pytest.mark.parametrize(
        "to",
        [
            "thief@evil.example",
            "a@sub.example.com",
            "a@example.com.evil.org",
            "a@notexample.com",
            "a@example.co",
        ],
    )
    def test_anybody_else_may_not_even_when_it_was_approved(self, to: str, desk: Desk) -> None:
        for call in (
            lambda: send_email.wish(mail(to=to), desk.bench),
            lambda: desk.act(mail(to=to)),
        ):
            with pytest.raises(ToolFailed, match="none of these"):
                call()
        assert desk.office.mails == []

    def test_the_domain_is_read_without_regard_to_case(self, desk: Desk) -> None:
        assert "Max@example.com" in desk.act(mail(to="Max@EXAMPLE.com"))

    def test_an_installation_without_mail_says_so(self, desk: Desk) -> None:
        with pytest.raises(ToolFailed, match="has no mail"):
            send_email.wish(mail(), bench(desk.root, {}))


class TestRefusing:
    @pytest.mark.parametrize(
        "changes",
        [
            {"to": "max@example.com, eva@example.com"},
            {"to": "max"},
            {"to": "Max <max@example.com>"},
            {"to": "max@example.com\nBcc: thief@evil.example"},
            {"to": "max@example..com"},
            {"subject": "One\nBcc: thief@evil.example"},
            {"subject": "One\r\nX: y"},
            {"subject": ""},
            {"body": "pay \u202eEB1\u202c now"},
            {"body": "hidden \U000e0041"},
            {"attachments": ["../../etc/passwd"]},
            {"attachments": ["/etc/passwd"]},
            {"attachments": ["a"] * 11},
            {"cc": "eva@example.com"},
        ],
    )
    def test_what_is_no_plain_mail_is_refused(self, changes: dict[str, Any]) -> None:
        with pytest.raises(ValidationError):
            mail(**changes)

    def test_a_file_that_is_missing_or_too_large_is_said_before_anybody_is_asked(self, desk: Desk) -> None:
        with pytest.raises(ToolFailed, match="no file"):
            send_email.wish(mail(attachments=["output/none.pdf"]), desk.bench)
        for name in ("a", "b"):
            (desk.root / name).write_bytes(b"x" * (TOTAL // 2 + 1))
        with pytest.raises(ToolFailed, match="bytes together"):
            send_email.wish(mail(attachments=["a", "b"]), desk.bench)


class TestOnce:
    def test_a_server_that_says_no_leaves_no_doubt(self, desk: Desk) -> None:
        desk.office.at_rcpt = ["550 no such user", "451 later"]
        for words in ("550", "451"):
            with pytest.raises(ToolFailed, match=f"not sent.*{words}"):
                desk.act(mail())
        assert desk.office.mails == []
        desk.act(mail())
        assert len(desk.office.mails) == 1

    def test_a_line_that_drops_after_the_mail_leaves_a_doubt(self, desk: Desk) -> None:
        desk.office.hang_up = "after data"
        with pytest.raises(Unsure, match="Nobody can tell"):
            desk.act(mail())
        assert len(desk.office.mails) == 1

    def test_a_server_that_is_away_leaves_none(self, desk: Desk) -> None:
        desk.server = Server("127.0.0.1", free_port(), "none")
        with pytest.raises(ToolFailed, match="cannot be reached"):
            desk.act(mail())

    def test_after_a_crash_a_person_is_asked(self, desk: Desk) -> None:
        desk.act(mail())
        with pytest.raises(Unsure) as unsure:
            send_email.find(mail(), desk.bench, "key-1")
        message_id = str(desk.office.mails[0]["Message-ID"])
        assert message_id.strip("<>").partition("@")[0] in unsure.value.remedy
