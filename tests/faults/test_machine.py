"""What the machine does to Troupe: processes killed, Redis and PostgreSQL gone, a full disk, logs that are lost, a clock that jumps."""

from __future__ import annotations

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import libfaketime  # type: ignore[import-untyped]
import pytest

from agents.oncall.kinds import AlertKind
from agents.writing.post import State
from tests.faults.site import site
from tests.servers import postgres as postgres_server
from tests.servers.pds import Pds
from tests.servers.redis_server import Redis


def test_a_worker_killed_in_the_middle_of_publishing(tmp_path: Path, pds: Pds) -> None:
    with site(tmp_path / "home", pds) as here:
        post = here.post()
        pds.relay.slow(1.0)
        here.approve(post)
        here.until(lambda: pds.records(here.at_pds.did), "its first segment")
        here.running.kill("worker")
        pds.relay.calm()
        here.is_out(post)
        told = here.alert(AlertKind.PROCESS_DOWN)
        assert told.what.startswith("worker on ") and "was started again after" in told.what
        here.is_over(told)


def test_redis_gone_for_a_minute_and_wiped(tmp_path: Path, pds: Pds, redis_server: Redis) -> None:
    with site(tmp_path / "home", pds, REDIS_URL=redis_server.url) as here:
        post = here.post()
        redis_server.kill()
        here.approve(post)
        late = here.alert(AlertKind.QUEUE_LATE, within_s=90)
        assert here.state(post) is State.APPROVED and pds.records(here.at_pds.did) == []
        redis_server.start()
        redis_server.flush()
        here.is_out(post)
        here.is_over(late)


def test_postgresql_is_restarted(tmp_path: Path, pds: Pds) -> None:
    with (
        postgres_server.running() as server,
        server.database() as url,
        site(tmp_path / "home", pds, DATABASE_URL=url) as here,
    ):
        post = here.post()
        here.approve(post)
        server.kill()
        time.sleep(5)
        server.start()
        here.is_out(post)
        told = here.alert(AlertKind.DATABASE_AWAY)
        assert "nothing could be written" in told.what
        here.press(here.button(told, "Resolve"))
        here.is_over(told)


def test_a_disk_that_is_full(tmp_path: Path, pds: Pds) -> None:
    with small_disk(tmp_path / "disk") as disk, site(disk / "home", pds) as here:
        post = here.post()
        hog = fill(disk)
        time.sleep(6)
        answer = here.api.post("/api/actions", json={"action": post.approve})
        assert answer.status_code >= 500, "what cannot be written is not approved"
        assert pds.records(here.at_pds.did) == []
        hog.unlink()
        told = here.alert(AlertKind.DATABASE_AWAY)
        assert "full" in told.what
        here.approve(post)
        here.is_out(post)
        here.press(here.button(told, "Resolve"))
        here.is_over(told)


def test_a_log_that_cannot_be_written(tmp_path: Path, pds: Pds) -> None:
    logs = tmp_path / "home" / "logs"
    logs.mkdir(parents=True)
    (logs / "worker.1.log").symlink_to("/dev/full")
    with site(tmp_path / "home", pds) as here:
        post = here.post()
        here.approve(post)
        here.is_out(post)
        told = here.alert(AlertKind.LOG_LOST)
        assert "worker.1.log: No space left on device" in told.what
        (logs / "worker.1.log").unlink()
        here.running.kill("worker")  # what dies and begins anew has something to say
        here.until(lambda: (logs / "worker.1.log").is_file(), "the log")
        here.until(lambda: here.alerts()[0].resolved_at, "the alert is over")


@pytest.mark.parametrize("hours", [1, -1])
def test_a_clock_that_jumps_an_hour(tmp_path: Path, pds: Pds, hours: int) -> None:
    dial = tmp_path / "dial"
    dial.write_text("+0")
    settings = {
        "LD_PRELOAD": faketime(),
        "FAKETIME_TIMESTAMP_FILE": str(dial),
        "FAKETIME_NO_CACHE": "1",
        "FAKETIME_DONT_FAKE_MONOTONIC": "1",
    }
    with site(tmp_path / "home", pds, **settings) as here:
        post = here.post()
        pds.relay.slow(1.0)
        here.approve(post)
        here.until(lambda: pds.records(here.at_pds.did), "its first segment")
        dial.write_text(f"{hours * 3600:+d}")
        pds.relay.calm()
        here.is_out(post)
        told = here.alert(AlertKind.CLOCK_JUMPED)
        assert f"set {'forward' if hours > 0 else 'back'} by 1 h" in told.what
        here.press(here.button(told, "Resolve"))
        here.is_over(told)


def faketime() -> str:
    """The library that lies about the time to whoever loads it."""
    found = next(Path(libfaketime.__file__).parent.rglob("libfaketime.so.1"), None)
    assert found is not None, "libfaketime brought no library for this machine"
    return str(found)


@contextmanager
def small_disk(folder: Path, mib: int = 48) -> Iterator[Path]:
    """A disk of its own, in memory. Mounting takes the rights of root."""
    folder.mkdir()
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={mib}m", "tmpfs", folder], check=True)
    try:
        yield folder
    finally:
        subprocess.run(["umount", "-l", folder], check=True)


def fill(disk: Path) -> Path:
    """To the last byte."""
    hog = disk / "hog"
    with hog.open("wb", buffering=0) as file:
        try:
            while True:
                file.write(os.urandom(65536))
        except OSError:
            pass
    return hog
