"""`./troupe up` with the project's own processes, in a home that nobody has used unless one is given."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from bot.settings import ROOT
from tests.servers import janitor
from tests.servers.processes import LOOPBACK, ServerError, free_port, scratch, tail

START_S = 90.0
STOP_S = 20.0
LOOK_S = 0.01
KEPT = ("PATH", "HOME", "SSL_CERT_FILE", "LANG")
"""Of our own environment: no key and no token, so that nothing leaves this machine."""


@dataclass(frozen=True)
class Installation:
    """ready_s: from the start of the process to the first 200 of /readyz."""

    home: Path
    port: int
    pid: int
    ready_s: float
    said: str

    @property
    def address(self) -> str:
        return f"http://{LOOPBACK}:{self.port}"


@contextmanager
def up(
    procfile: Callable[[str], str] = lambda text: text,
    *,
    home: Path | None = None,
    settings: Mapping[str, str] | None = None,
) -> Iterator[Installation]:
    """procfile: what to make of the project's own.  home: one that is there already.  settings: more of them."""
    with scratch("up") as folder:
        home, port, log = home or folder / "home", free_port(), folder / "up.log"
        (folder / "Procfile").write_text(procfile((ROOT / "Procfile").read_text()))
        environment = {
            **_kept(),
            **(settings or {}),
            "TROUPE_HOME": str(home),
            "TROUPE_PROCFILE": str(folder / "Procfile"),
            "PORT": str(port),
        }
        with log.open("w") as out:
            begun = time.monotonic()
            process = subprocess.Popen(
                [sys.executable, ROOT / "troupe", "up"],
                env=environment,
                stdout=out,
                stderr=out,
                start_new_session=True,
            )
        janitor.watch("group", process.pid)
        try:
            ready_s = _first(b"/readyz", port, process, log) - begun
            yield Installation(home, port, process.pid, ready_s, log.read_text())
        finally:
            process.terminate()
            with suppress(subprocess.TimeoutExpired):
                process.wait(STOP_S)
            process.kill()
            process.wait()
            janitor.forget("group", process.pid)


@contextmanager
def bare_page() -> Iterator[tuple[str, float]]:
    """A NiceGUI page with nothing behind it: its address, and how many seconds it took to answer."""
    port = free_port()
    with scratch("page") as folder, (folder / "log").open("w") as out:
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-m", "tests.bench.bare_page", str(port)],
            env=_kept() | {"PYTHONPATH": str(ROOT)},
            cwd=folder,
            stdout=out,
            stderr=out,
            start_new_session=True,
        )
        janitor.watch("group", process.pid)
        try:
            yield f"http://{LOOPBACK}:{port}", _first(b"/", port, process, folder / "log") - begun
        finally:
            process.kill()
            process.wait()
            janitor.forget("group", process.pid)


def _kept() -> dict[str, str]:
    return {name: os.environ[name] for name in KEPT if name in os.environ}


def _first(path: bytes, port: int, process: subprocess.Popen[bytes], log: Path) -> float:
    """The moment, on the monotonic clock, at which `path` first answers 200."""
    until = time.monotonic() + START_S
    while time.monotonic() < until and process.poll() is None:
        if _answers(path, port):
            return time.monotonic()
        time.sleep(LOOK_S)
    raise ServerError(f"nothing answered at port {port} within {START_S:g} s:\n{tail(log)}")


def _answers(path: bytes, port: int) -> bool:
    """Whether a GET there is answered with 200. One connection, no client that would take time to import."""
    with suppress(OSError), socket.create_connection((LOOPBACK, port), timeout=5) as plug:
        plug.sendall(b"GET " + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\n\r\n")
        return plug.recv(16).startswith(b"HTTP/1.1 200")
    return False
