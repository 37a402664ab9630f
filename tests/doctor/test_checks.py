"""Each check, on an installation that has what it looks for: real servers, and what is wrong with them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from cryptography.fernet import Fernet
from sqlalchemy import text, update

from agents.events import Subject
from agents.jobs import Job, JobName
from agents.oncall.kinds import AlertKind
from bot import wiring
from bot.doctor import accounts, clocks, console, database, examine, home, machine, models, processes, redis
from bot.doctor.finding import Finding, State
from bot.doctor.patient import Patient
from bot.settings import load
from bot.wiring import Troupe
from storage import migrate
from storage.secrets import Box
from storage.tables import AccountRow
from tests.cli.desk import Desk
from tests.servers.aimock import Aimock
from tests.servers.pds import Pds
from tests.servers.processes import free_port
from tests.servers.redis_server import Redis
from tests.system.process import Loopback

EVERYWHERE = "0.0.0.0"  # noqa: S104  nothing listens there
OK, WARN, FAIL = State.OK, State.WARN, State.FAIL


def patient(desk: Desk, **settings: Any) -> Patient:
    """The prepared installation, with other settings."""
    given = load(_env_file=None, troupe_home=desk.home, **settings)
    return Patient(wiring.build(given, resolver=Loopback()))


def one(found: Iterator[Finding]) -> Finding:
    [finding] = found
    return finding


def states(found: Iterator[Finding]) -> dict[str, State]:
    return {finding.name: finding.state for finding in found}


# --- machine, home --------------------------------------------------------------------------------------------------


def test_a_package_that_is_not_as_locked_is_named() -> None:
    lock = (
        "a-package==1.0 \\\n    --hash=sha256:00\n    # via b\n"
        "b==2.0 ; sys_platform == 'win32' \\\n    --hash=x\nc[extra]==3 ; python_full_version >= '3.8' \\\n    --hash=x\n"
    )
    assert machine.locked(lock) == {"a-package": "1.0", "c": "3"}


def test_little_room_is_told(desk: Desk, troupe: Troupe, monkeypatch: pytest.MonkeyPatch) -> None:
    looked = patient(desk)
    assert one(machine.disk(looked)).state is OK
    for size, state in ((machine.LITTLE_MB - 1, WARN), (machine.ROOM_MB - 1, FAIL)):
        statvfs = os.statvfs_result((1, 10**6, 10**9, size, size, 0, 0, 0, 0, 255))
        monkeypatch.setattr(os, "statvfs", lambda _, known=statvfs: known)
        assert one(machine.disk(looked)).state is state


def test_a_zone_that_nobody_knows_is_named(desk: Desk, troupe: Troupe) -> None:
    assert one(machine.time_zones(patient(desk))).state is OK
    with troupe.storage.engine.begin() as connection:
        connection.execute(text("UPDATE people SET zone = 'Europe/Atlantis'"))
    finding = one(machine.time_zones(patient(desk)))
    assert finding.state is FAIL and "Europe/Atlantis" in finding.words


def test_credentials_under_a_lost_key_are_named(desk: Desk, troupe: Troupe) -> None:
    assert one(home.credentials(patient(desk))).state is OK
    foreign = Box(lambda: [Fernet.generate_key().decode()]).seal({"token": "lost"})
    with troupe.storage.engine.begin() as connection:
        connection.execute(update(AccountRow).values(credentials=foreign))
    finding = one(home.credentials(patient(desk)))
    assert finding.state is FAIL and "on stage" in finding.words


# --- database, redis ------------------------------------------------------------------------------------------------


def test_an_old_database_names_the_command_that_mends_it(desk: Desk, troupe: Troupe) -> None:
    assert one(database.answers(patient(desk))).state is OK
    with troupe.storage.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '0000'"))
    finding = one(database.answers(patient(desk)))
    assert (finding.state, finding.remedy) == (FAIL, "./troupe prepare")


def test_a_writer_that_keeps_others_waiting_is_told(desk: Desk, troupe: Troupe) -> None:
    looked = patient(desk)
    assert one(database.writes(looked)).state is OK
    with troupe.storage.engine.begin():
        waiting: list[Finding] = []
        thread = Thread(target=lambda: waiting.extend(database.writes(looked)))
        thread.start()
        thread.join(database.SLOW_S + 0.4)
        assert thread.is_alive()
    thread.join(10)
    assert [finding.state for finding in waiting] == [WARN]


def test_sqlite_has_its_write_ahead_log(desk: Desk, troupe: Troupe) -> None:
    finding = one(database.journal(patient(desk)))
    assert finding.state is OK and "write-ahead" in finding.words


def test_postgresql_is_looked_at_as_well(tmp_path: Path, postgres_url: str) -> None:
    looked = patient(Desk(tmp_path), database_url=postgres_url)
    assert one(database.answers(looked)).state is WARN
    migrate.upgrade(postgres_url)
    looked = patient(Desk(tmp_path), database_url=postgres_url)
    assert one(database.answers(looked)).state is OK
    assert one(database.writes(looked)).state is OK
    assert "PostgreSQL" in one(database.journal(looked)).words
    assert "the database" in one(clocks.clocks(looked)).words
    looked.troupe.close()


def test_redis_by_its_address(desk: Desk, redis_server: Redis) -> None:
    looked = patient(desk, redis_url=redis_server.url)
    finding = one(redis.answers(looked))
    assert finding.state is OK and "by REDIS_URL" in finding.words
    redis_server.kill()
    finding = one(redis.answers(looked))
    assert finding.state is FAIL and "REDIS_URL" in finding.remedy


# --- processes, console ---------------------------------------------------------------------------------------------


def test_who_gave_a_sign_of_life_lately_is_alive(desk: Desk, troupe: Troupe) -> None:
    with troupe.storage.unit_of_work() as work:
        for kind, ago in (("web", 1), ("worker", 2), ("writer", 3), ("agent", 4), ("clock", 100)):
            work.switches.beat(f"{kind}@h:1", kind, work.now - timedelta(seconds=ago), {"rss_mib": 80})
    found = states(processes.processes(patient(desk)))
    assert found == {"web": OK, "worker": OK, "writer": OK, "agent": OK, "clock": FAIL}


@pytest.mark.parametrize(("late_s", "state"), [(0, OK), (30, WARN), (300, FAIL)])
def test_what_is_overdue_is_told(desk: Desk, troupe: Troupe, late_s: int, state: State) -> None:
    with troupe.storage.unit_of_work() as work:
        due = work.now - timedelta(seconds=late_s + 5)
        work.jobs.owe(Job(JobName.CHECK, Subject("post", "x"), due), due)
    assert states(processes.owed(patient(desk)))["owed"] is state


def test_a_halt_and_open_alerts_are_told(desk: Desk, troupe: Troupe) -> None:
    assert one(processes.alerts(patient(desk))).state is OK
    with troupe.storage.unit_of_work() as work:
        work.switches.set("halted", {"by": "Alice"})
        work.raise_alert(AlertKind.JOB_FAILED, Subject("system", "x"), "It broke", kept="all", remedy="look")
    assert "It broke" in one(processes.alerts(patient(desk))).words
    assert states(processes.owed(patient(desk)))["halted"] is WARN


class Stranger(BaseHTTPRequestHandler):
    """Somebody else's web server, a day ahead."""

    def do_GET(self) -> None:
        self.send_response_only(200)
        self.send_header("Date", "Fri, 01 Jan 2100 00:00:00 GMT")
        self.end_headers()
        self.wfile.write(b"hello")

    do_HEAD = do_GET  # noqa: N815

    def log_message(self, format: str, *args: Any) -> None:
        pass


@pytest.fixture
def stranger() -> Iterator[int]:
    server = HTTPServer(("127.0.0.1", 0), Stranger)
    thread = Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield server.server_port
    server.shutdown()
    server.server_close()


def test_somebody_else_at_our_address_is_not_us(desk: Desk, stranger: int) -> None:
    assert one(console.console(patient(desk, port=stranger))).state is FAIL
    nobody = one(console.console(patient(desk, port=free_port())))
    assert nobody.state is FAIL and "Nobody answers" in nobody.words
    both = states(console.console(patient(desk, port=stranger, public_url=f"http://127.0.0.1:{stranger}")))
    assert both == {"console": FAIL, "public address": FAIL}


@pytest.mark.parametrize(
    ("host", "public", "state"),
    [
        ("127.0.0.1", None, OK),
        (EVERYWHERE, None, WARN),
        (EVERYWHERE, "http://troupe.example.com", WARN),
        (EVERYWHERE, "https://troupe.example.com", OK),
    ],
)
def test_an_open_door_without_https_is_told(desk: Desk, host: str, public: str | None, state: State) -> None:
    assert one(console.openness(patient(desk, host=host, public_url=public))).state is state


# --- what is outside ------------------------------------------------------------------------------------------------


def test_a_model_is_really_asked(desk: Desk, aimock: Aimock) -> None:
    looked = patient(desk, openai_api_key="sk-test-0123456789", openai_base_url=aimock.url)
    aimock.answer("one word", "ready")
    finding = one(models.models(looked))
    assert finding.state is OK and finding.name == "openai gpt-5-mini"
    assert "Answered in" in finding.words
    assert [asked["path"] for asked in aimock.journal()] == ["/v1/chat/completions"]

    aimock.fail_once(401, "Incorrect API key provided")
    finding = one(models.models(looked))
    assert finding.state is FAIL and "OPENAI_MODEL" in finding.remedy


def test_moderation_is_really_asked(desk: Desk, aimock: Aimock) -> None:
    looked = patient(desk, openai_api_key="sk-test-0123456789", openai_base_url=aimock.url)
    assert one(models.moderation(looked)).state in (OK, WARN)
    assert {asked["path"] for asked in aimock.journal()} == {"/v1/moderations"}
    assert one(models.moderation(patient(desk))).state is OK


def test_an_account_is_really_asked(desk: Desk, troupe: Troupe, pds: Pds) -> None:
    looked = patient(desk)
    assert "stage" in one(accounts.accounts(looked)).words
    made = pds.account("ada")
    found = looked.troupe.connect_bluesky(
        {"base_url": pds.url, "handle": made.handle, "app_password": made.app_password}
    )
    with looked.troupe.storage.unit_of_work() as work:
        persona = work.personas.all()[0]
        account = work.accounts.connect(
            persona.id,
            "bluesky",
            found.handle,
            found.credentials,
            work.now,
            base_url=found.base_url,
            external_id=found.external_id,
        )
    finding = one(accounts.accounts(looked))
    assert finding.state is OK and "its session lives" in finding.words

    pds.fails(502)
    finding = one(accounts.accounts(looked))
    assert finding.state is FAIL and pds.url in finding.remedy
    pds.calm()

    looked.troupe.vault.write(account.id, {"access_jwt": "over", "refresh_jwt": "over", "app_password": "x"})
    finding = one(accounts.accounts(looked))
    assert finding.state is FAIL
    assert (
        f"./troupe connect bluesky --persona {persona.handle} --handle {made.handle} --pds {pds.url}"
        == finding.remedy
    )


def test_a_clock_that_is_wrong_is_told(desk: Desk, troupe: Troupe, pds: Pds, stranger: int) -> None:
    assert one(clocks.clocks(patient(desk))).words == "Nobody else is there to compare it with"
    right = patient(desk, openai_api_key="sk-test-0123456789", openai_base_url=pds.url)
    assert one(clocks.clocks(right)).state is OK
    ahead = f"http://127.0.0.1:{stranger}"
    wrong = patient(desk, openai_api_key="sk-test-0123456789", openai_base_url=ahead)
    finding = one(clocks.clocks(wrong))
    assert finding.state is FAIL and "behind" in finding.words


# --- the doctor himself ---------------------------------------------------------------------------------------------


def test_a_check_that_fails_itself_stops_nobody_else(
    desk: Desk, troupe: Troupe, monkeypatch: pytest.MonkeyPatch
) -> None:
    def folder(_: Patient) -> Iterator[Finding]:
        raise RuntimeError("boom")

    monkeypatch.setattr(home, "CHECKS", (folder, home.credentials))
    found = list(examine(patient(desk).troupe, ["home", "slack", "discord"]))
    assert [(area, finding.name, finding.state) for area, finding in found] == [
        ("home", "folder", FAIL),
        ("home", "credentials", OK),
        ("slack", "settings", OK),
        ("discord", "settings", OK),
    ]
    assert "boom" in found[0][1].words
