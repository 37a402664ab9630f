"""One `up` per home: a locked file that says who runs, since when and where."""

import fcntl
import json
import os
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

CLEARING_S = 15.0  # how long a killed run's guardian may take, with some room
LOOK_S = 0.1


@dataclass(frozen=True, slots=True)
class Running:
    """An `up` that is running. since: ISO 8601 with its offset. address: the console's."""

    pid: int
    since: str
    address: str


def take(home: Path, address: str, now: datetime) -> int | Running:
    """The descriptor of the lock, held while it is open; or who holds it.

    A run that was killed leaves the lock with its guardian, who ends what it started: that is waited for.
    """
    file = os.open(home / "up.lock", os.O_RDWR | os.O_CREAT, 0o600)
    until = time.monotonic() + CLEARING_S
    while not _lock(file):
        holder = _read(file)
        if holder and (_lives(holder.pid) or time.monotonic() > until):
            os.close(file)
            return holder
        time.sleep(LOOK_S)
    os.ftruncate(file, 0)
    os.pwrite(file, json.dumps(asdict(Running(os.getpid(), now.isoformat(), address))).encode(), 0)
    return file


def _lock(file: int) -> bool:
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _read(file: int) -> Running | None:
    """None for the instant between taking the lock and writing into it."""
    try:
        return Running(**json.loads(os.pread(file, 4096, 0)))
    except (ValueError, TypeError):
        return None


def _lives(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:  # it lives, as somebody else
        return True
    return True
