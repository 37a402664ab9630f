"""`./troupe up` in a home of its own, for the length of a `with`."""

from __future__ import annotations

import os
import re
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import httpx
import psutil

from tests.servers.processes import free_port

ROOT = Path(__file__).resolve().parents[2]
START_S = 60.0


@dataclass(frozen=True)
class Running:
    """An installation that is up."""

    address: str
    sign_in: str
    """The one-time link that `up` printed."""
    home: Path
    pid: int
    environment: Mapping[str, str]

    def troupe(self, *words: str, stdin: str = "") -> str:
        """Runs `./troupe WORDS` against this installation and returns what it printed."""
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "tests.system.process",
                "cli",
                *words,
            ],  # as ./troupe does, and may reach loopback
            cwd=ROOT,
            env=dict(self.environment),
            input=stdin,
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )
        assert done.returncode == 0, f"troupe {' '.join(words)} said {done.stderr or done.stdout}"
        return done.stdout

    def api(self, role: str = "owner") -> httpx.Client:
        """A program's client, with a fresh key."""
        key = self.troupe("api-key", "create", f"test-{time.monotonic_ns()}", "--role", role).strip()
        return httpx.Client(base_url=self.address, headers={"Authorization": f"Bearer {key}"}, timeout=20)

    def processes(self, kind: str) -> list[psutil.Process]:
        """This installation's own: web, worker, writer, clock or slack."""
        return [
            process
            for process in psutil.Process(self.pid).children(recursive=True)
            if _command(process)[-1:] == [kind]
        ]

    def kill(self, kind: str) -> None:
        """SIGKILL to every process of that kind; `up` starts them again."""
        for process in self.processes(kind):
            process.kill()


def _command(process: psutil.Process) -> list[str]:
    """[] for one that ended meanwhile."""
    try:
        return process.cmdline()
    except psutil.NoSuchProcess:  # a zombie too
        return []


@contextmanager
def up(home: Path, **settings: str) -> Iterator[Running]:
    """settings: environment variables, such as OPENAI_BASE_URL."""
    port = free_port()
    environment = {
        **{name: os.environ[name] for name in ("PATH", "HOME", "SSL_CERT_FILE") if name in os.environ},
        "TROUPE_HOME": str(home),
        "TROUPE_PROCFILE": str(ROOT / "tests/system/Procfile"),
        "PORT": str(port),
        "WORKERS": "1",
        "AGENTS": "1",
        "PYTHONPATH": str(ROOT),
        **settings,
    }
    home.mkdir(parents=True, exist_ok=True)
    with (home / "up.err").open("w") as grave:
        process = subprocess.Popen(
            [ROOT / "troupe", "up"], env=environment, stdout=subprocess.PIPE, stderr=grave, text=True
        )
    lines: list[str] = []
    assert process.stdout is not None
    reader = threading.Thread(target=lines.extend, args=(process.stdout,), daemon=True)
    reader.start()
    try:
        address = f"http://127.0.0.1:{port}"
        _wait(process, lines, address)
        said = "".join(lines)
        sign_in = re.search(r"http://\S+/sign-in/\S+", said)
        assert sign_in, f"`up` printed no sign-in link:\n{said}"
        yield Running(address, sign_in[0], home, process.pid, environment)
    finally:
        process.terminate()
        process.wait(30)
        reader.join(5)
        process.stdout.close()


def _wait(process: subprocess.Popen[str], lines: list[str], address: str) -> None:
    until = time.monotonic() + START_S
    while not (lines and lines[-1].strip() == address):
        said = "".join(lines)
        assert process.poll() is None, f"`up` ended with {process.returncode}:\n{said}"
        assert time.monotonic() < until, f"`up` is not ready after {START_S} s:\n{said}"
        time.sleep(0.05)
