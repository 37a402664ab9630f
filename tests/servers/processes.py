"""Starts, pauses, kills and restarts one server process on a free loopback port."""

from __future__ import annotations

import contextlib
import os
import pwd
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import httpx

from tests.servers import janitor

LOOPBACK = "127.0.0.1"
READY_S = 60.0  # a cold start on two busy cores; a healthy one takes 0.1 to 4 s
STOP_S = 5.0


class ServerError(RuntimeError):
    """A server of the tests could not be found, installed or started. The message says what to do."""


def free_port() -> int:
    """A port nobody listens on.

    Always below the range from which the kernel takes the ports of outgoing connections (32768 at the lowest): a
    server that is killed and comes back would else find its port taken, now and then even by its own client.
    """
    for _ in range(1000):
        port = random.SystemRandom().randrange(12_000, 32_000)
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((LOOPBACK, port))
            return port
    raise ServerError("No free port between 12000 and 32000 on 127.0.0.1.")


@contextlib.contextmanager
def scratch(name: str, *, owner: str | None = None) -> Iterator[Path]:
    """A folder that goes away at the end, also when we are killed. owner: the user it belongs to, None: us."""
    folder = Path(tempfile.mkdtemp(prefix=f"troupe-{name}-"))
    janitor.watch("folder", folder)
    try:
        if owner is not None:
            shutil.chown(folder, owner)
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        janitor.forget("folder", folder)


class Process:
    """One server, in a process group of its own. Output goes to `log`."""

    def __init__(
        self,
        argv: Sequence[object],
        *,
        log: Path,
        ready: Callable[[], bool],
        env: Mapping[str, str] | None = None,
        cwd: Path | None = None,
        user: str | None = None,
        stop_signal: signal.Signals = signal.SIGTERM,
    ) -> None:
        """ready: asked until it says True; may raise OSError or httpx.TransportError while nothing answers yet.

        env: added to ours.  user: who runs it, None: we.
        """
        self._argv, self._log, self._ready, self._cwd = [str(word) for word in argv], log, ready, cwd
        self._env = {**os.environ, **(env or {})}
        self._user, self._stop_signal = user, stop_signal
        self._child: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.stop()

    @property
    def pid(self) -> int:
        """The process id, which is also the id of its group. Raises ServerError when it was not started."""
        if self._child is None:
            raise ServerError(f"{self._argv[0]} is not running.")
        return self._child.pid

    @property
    def running(self) -> bool:
        return self._child is not None and self._child.poll() is None

    def start(self) -> None:
        """Returns when it answers. Raises ServerError with the end of its log when it ends or stays silent."""
        if self.running:
            return
        self._reap()
        with self._log.open("ab") as out:
            self._child = subprocess.Popen(
                self._argv,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                env=self._env,
                cwd=self._cwd,
                start_new_session=True,
                user=self._user,
                group=None if self._user is None else pwd.getpwnam(self._user).pw_gid,
                extra_groups=None if self._user is None else [],
            )
        janitor.watch("group", self._child.pid)
        self._wait_ready(self._child)

    def _wait_ready(self, child: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_S
        while time.monotonic() < deadline:
            if child.poll() is not None:
                break
            with contextlib.suppress(OSError, httpx.TransportError):
                if self._ready():
                    return
            time.sleep(0.02)
        self.kill()
        raise ServerError(f"{self._argv[0]} did not start. The end of its log:\n{tail(self._log)}")

    def stop(self) -> None:
        """Asks it to end, and kills its whole group if it has not after a few seconds."""
        if self._child is not None and self.running:
            self.resume()
            self._child.send_signal(self._stop_signal)
            with contextlib.suppress(subprocess.TimeoutExpired):
                self._child.wait(timeout=STOP_S)
        self._reap()

    def kill(self) -> None:
        """SIGKILL for the whole group: no last words, nothing flushed."""
        self._reap()

    def pause(self) -> None:
        """SIGSTOP: connections are still accepted by the kernel, nothing is answered until `resume`."""
        os.killpg(self.pid, signal.SIGSTOP)

    def resume(self) -> None:
        os.killpg(self.pid, signal.SIGCONT)

    def _reap(self) -> None:
        if self._child is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._child.pid, signal.SIGKILL)
        self._child.wait()
        janitor.forget("group", self._child.pid)
        self._child = None


def tail(log: Path, lines: int = 25) -> str:
    return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
