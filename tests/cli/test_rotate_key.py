"""rotate-key: every stored credential under a new key, whatever dies on the way."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import sys
import time
from collections.abc import Callable

from cryptography.fernet import Fernet
from sqlalchemy import update

from bot.wiring import Troupe
from storage.secrets import Box
from storage.tables import AccountRow
from tests.cli.desk import ROOT, Desk, Done

Run = Callable[..., Done]


def connected(troupe: Troupe) -> str:
    """The id of an account with something worth keeping."""
    with troupe.storage.unit_of_work() as work:
        persona = work.personas.all()[0]
        return work.accounts.connect(persona.id, "bluesky", "a.test", {"token": "abc"}, work.now).id


def test_the_file_gets_a_new_key_and_everything_is_sealed_with_it(
    run: Run, desk: Desk, troupe: Troupe
) -> None:
    account, file = connected(troupe), desk.home / "secret.keys"
    old = file.read_text().split()[0]
    done = run("rotate-key")
    assert done.returncode == 0, done.stderr
    new = file.read_text().split()[0]
    assert new != old and stat.S_IMODE(file.stat().st_mode) == 0o600
    assert old not in done.stdout + done.stderr and new not in done.stdout + done.stderr
    troupe.storage.box = Box(lambda: [new])
    troupe.__dict__.pop("vault", None)
    assert troupe.vault.read(account) == {"token": "abc"}
    run("rotate-key")
    assert old not in file.read_text()


def test_what_runs_meanwhile_follows(run: Run, troupe: Troupe) -> None:
    account = connected(troupe)
    assert troupe.vault.read(account) == {"token": "abc"}
    run("rotate-key")
    assert troupe.vault.read(account) == {"token": "abc"}
    troupe.vault.write(account, {"token": "def"})
    run("rotate-key")
    run("rotate-key")
    assert troupe.vault.read(account) == {"token": "def"}


def test_killed_at_any_moment_it_loses_nothing(desk: Desk, troupe: Troupe) -> None:
    account = connected(troupe)
    for wait in (0.6, 0.9, 1.1, 1.2, 1.3, 1.4, 1.5, 1.7, 2.0):
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.system.process", "cli", "rotate-key"],
            env={"PATH": os.environ["PATH"], "TROUPE_HOME": str(desk.home)},
            cwd=ROOT,
            stderr=subprocess.DEVNULL,
        )
        time.sleep(wait)
        process.send_signal(signal.SIGKILL)
        process.wait(10)
        assert troupe.vault.read(account) == {"token": "abc"}
    assert desk.run("rotate-key").returncode == 0
    assert troupe.vault.read(account) == {"token": "abc"}


def test_one_that_cannot_be_opened_stops_it_and_every_key_stays(run: Run, desk: Desk, troupe: Troupe) -> None:
    account, file = connected(troupe), desk.home / "secret.keys"
    foreign = Box(lambda: [Fernet.generate_key().decode()]).seal({"token": "lost"})
    with troupe.storage.engine.begin() as connection:
        connection.execute(update(AccountRow).where(AccountRow.id == account).values(credentials=foreign))
    before = file.read_text().split()
    done = run("rotate-key")
    assert done.returncode == 1
    assert "connect the account again" in done.stderr and "Traceback" not in done.stderr
    assert set(before) <= set(file.read_text().split())


def test_a_key_alone_can_be_had_and_nothing_is_changed(run: Run, desk: Desk, troupe: Troupe) -> None:
    before = (desk.home / "secret.keys").read_text() if (desk.home / "secret.keys").exists() else ""
    done = run("rotate-key", "--print")
    Fernet(done.stdout.strip())
    assert ((desk.home / "secret.keys").read_text() if before else "") == before


def test_with_keys_in_the_environment_it_says_what_to_do_and_then_does_its_part(
    run: Run, troupe: Troupe
) -> None:
    old, new = Fernet.generate_key().decode(), Fernet.generate_key().decode()
    with troupe.storage.unit_of_work() as work:
        sealed = Box(lambda: [old]).seal({"token": "abc"})
        work.connection.execute(update(AccountRow).values(credentials=sealed))
        account = work.accounts.of(work.personas.all()[0].id)[0].id
    alone = run("rotate-key", TROUPE_SECRET_KEYS=old)
    assert alone.returncode == 1 and "TROUPE_SECRET_KEYS=NEW,OLD" in alone.stderr
    both = run("rotate-key", TROUPE_SECRET_KEYS=f"{new},{old}")
    assert both.returncode == 0 and "Take the other keys out" in both.stderr
    troupe.storage.box = Box(lambda: [new])
    assert troupe.vault.read(account) == {"token": "abc"}
