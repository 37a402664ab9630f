"""What the doctor says of the mail server, whom it really asks; it sends nothing."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from bot.doctor import examine
from bot.doctor.finding import Finding, State
from bot.settings import WrongSetting, load
from bot.wiring import build
from integrations.mail_server import Server
from tests.bench.house import NO_REDIS
from tests.integrations.certificates import Authority
from tests.oncall.post_office import PostOffice, opened
from tests.servers.processes import free_port

SENDER = "Troupe <troupe@troupe.test>"


@pytest.fixture
def office() -> PostOffice:
    return PostOffice()


@pytest.fixture
def plain(office: PostOffice) -> Iterator[Server]:
    with opened(office) as server:
        yield server


def found(folder: Path, **settings: str) -> Finding:
    troupe = build(load(troupe_home=folder, redis_url=NO_REDIS, **settings))
    [(_, finding)] = examine(troupe, ["mail"])
    return finding


def test_a_server_that_takes_mail_is_fine_and_gets_none(
    tmp_path: Path, plain: Server, office: PostOffice
) -> None:
    finding = found(tmp_path, smtp_from=SENDER, smtp_url=f"smtp://127.0.0.1:{plain.port}")
    assert finding.state is State.OK and "takes mail: without TLS, on this machine" in finding.words
    assert office.callers == 1 and not office.mails


def test_what_does_not_work_has_a_remedy(tmp_path: Path, plain: Server, office: PostOffice) -> None:
    gone = found(tmp_path, smtp_from=SENDER, smtp_url=f"smtp://127.0.0.1:{free_port()}")
    assert gone.state is State.FAIL and "host and port in SMTP_URL" in gone.remedy
    asked = found(tmp_path, smtp_from=SENDER, smtp_url=f"smtp://nora:secret-word@127.0.0.1:{plain.port}")
    assert asked.state is State.FAIL and "secret-word" not in asked.words
    spoken = found(tmp_path, smtp_from=SENDER, smtp_url=f"smtps://127.0.0.1:{plain.port}")
    assert spoken.state is State.FAIL
    with opened(office, tls=Authority().server("localhost", tmp_path)) as locked:
        strange = found(
            tmp_path,
            smtp_from=SENDER,
            smtp_url=f"smtp://nora:secret-word@localhost.localdomain:{locked.port}",
        )
        assert strange.state is State.FAIL and strange.remedy


def test_without_one_it_says_what_to_set(tmp_path: Path) -> None:
    none = found(tmp_path)
    assert none.state is State.OK and "SMTP_URL" in none.remedy
    half = found(tmp_path, smtp_from=SENDER)
    assert half.state is State.FAIL and "SMTP_URL is not set" in half.words


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("smtp_url", "mail.example.com"),
        ("smtp_url", "http://x"),
        ("smtp_from", "Troupe"),
        ("smtp_from", "a@b"),
    ],
)
def test_a_wrong_setting_stops_the_start_with_what_it_should_be(
    name: str, value: str, tmp_path: Path
) -> None:
    with pytest.raises(WrongSetting, match=name.upper()):
        load(troupe_home=tmp_path, **{name: value})


def test_its_password_is_a_secret_as_it_is_written_and_as_it_is(tmp_path: Path) -> None:
    settings = load(troupe_home=tmp_path, smtp_url="smtps://a%40b:p%3Aw%2Fz@mail.example.com")
    assert {"p%3Aw%2Fz", "p:w/z"} <= set(settings.secrets())
    assert "p%3Aw" not in repr(settings)
