"""An installation of toys, in a home of its own, started by the real `up`."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from bot.settings import ROOT
from tests.servers.processes import free_port

WAIT_S = 60.0  # two busy cores; it takes two to four seconds


def until(true: Callable[[], object], within_s: float = WAIT_S) -> None:
    """Wait for something to become true."""
    deadline = time.monotonic() + within_s
    while not true():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.02)


def ended(*pids: int) -> bool:
    """Whether none of the processes lives."""
    return not any(
        psutil.pid_exists(pid) and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE for pid in pids
    )


class Up:
    """One `./troupe up`. Its Procfile holds kinds of tests/ground/toy.py."""

    def __init__(self, folder: Path) -> None:
        self.home, self.port = folder / "home", free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.procfile = folder / "Procfile"
        self.out, self.err = folder / "stdout", folder / "stderr"
        self.process: subprocess.Popen[bytes] | None = None

    def env(self, **more: str) -> dict[str, str]:
        own = {
            "TROUPE_HOME": self.home,
            "TROUPE_PROCFILE": self.procfile,
            "PORT": self.port,
            "HOST": "127.0.0.1",
        }
        clean = {
            name: value for name, value in os.environ.items() if name not in ("DATABASE_URL", "REDIS_URL")
        }
        return clean | {name: str(value) for name, value in own.items()} | {"PYTHONPATH": str(ROOT)} | more

    def run(self, **more: str) -> subprocess.CompletedProcess[str]:
        """`up`, until it ends by itself."""
        return subprocess.run(
            COMMAND, env=self.env(**more), cwd=ROOT, capture_output=True, text=True, timeout=WAIT_S
        )

    def start(self, *kinds: str, **more: str) -> None:
        """`up` with a process for each kind, without waiting for anything."""
        self.procfile.write_text("".join(f"{kind}: python tests/ground/toy.py {kind}\n" for kind in kinds))
        with self.out.open("w") as out, self.err.open("w") as err:
            self.process = subprocess.Popen(COMMAND, env=self.env(**more), cwd=ROOT, stdout=out, stderr=err)

    def ready(self, *kinds: str, **more: str) -> None:
        """`up`, until its last line is the address."""
        self.start(*kinds, **more)
        until(lambda: self.lines()[-1:] == [self.address] or self.status() is not None)
        assert self.status() is None, self.err.read_text()

    def lines(self) -> list[str]:
        return self.out.read_text().splitlines()

    def pids(self, kind: str) -> list[int]:
        """The processes of a kind there have been, oldest first."""
        path = self.home / "pids"
        rows = [line.split() for line in path.read_text().splitlines()] if path.exists() else []
        return [int(row[1]) for row in rows if row[0] == kind]

    def status(self) -> int | None:
        assert self.process
        return self.process.poll()

    def everyone(self) -> list[int]:
        """`up` and all that came of it."""
        assert self.process
        return [
            self.process.pid,
            *(each.pid for each in psutil.Process(self.process.pid).children(recursive=True)),
        ]

    def signal(self, number: signal.Signals) -> None:
        assert self.process
        self.process.send_signal(number)

    def wait(self) -> int:
        assert self.process
        return self.process.wait(WAIT_S)


COMMAND = [sys.executable, "-m", "bot.cli", "up"]


@pytest.fixture
def up(tmp_path: Path) -> Iterator[Up]:
    """An `up` to be started, ended with the test."""
    installation = Up(tmp_path)
    yield installation
    if installation.process and installation.status() is None:
        installation.signal(signal.SIGTERM)
        installation.signal(signal.SIGINT)  # the second signal: no grace
        installation.wait()
