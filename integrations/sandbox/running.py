"""A command while it runs, and how much memory it takes."""

from __future__ import annotations

import os
import signal
import stat
import subprocess
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

PAGE, BLOCK = os.sysconf("SC_PAGE_SIZE"), 512
STATE, PARENT, GROUP, RESIDENT = 0, 1, 2, 21
"""Places in /proc/PID/stat, from after the name on (man proc)."""


class Running:
    """Can be ended from any thread. It leads a process group of its own."""

    def __init__(self, process: subprocess.Popen[bytes]) -> None:
        self.process = process
        self.stopped = ""
        """Why it was ended; the first word stands."""
        self._lock = threading.Lock()
        self._over = False

    def stop(self, why: str) -> None:
        with self._lock:
            if not self._over:
                self.stopped = self.stopped or why
                self._kill()

    def end(self) -> int:
        """Once its first process has ended: the rest of the group ends, too. Its exit code."""
        with self._lock:
            # Before it is waited for: as long as it is there the number of its group can be nobody else's.
            self._kill()
            self._over = True
        return self.process.wait()

    def is_gone(self) -> bool:
        """Whether nobody of its group lives any more, once it has ended. Who is dead but not yet waited for is gone."""
        try:
            os.killpg(self.process.pid, 0)
        except ProcessLookupError:
            return True
        return not any(seen.group == self.process.pid and seen.lives for _, seen in _census())

    def _kill(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def memory(self) -> int:
        """Bytes that it and everything below it or in its group hold: in memory, where what they share counts for each, and in
        files that are open but have no name, which are memory, too (memfd), or disk that no look at the workspace finds."""
        found = dict(_census())
        family, grown = {self.process.pid}, True
        while grown:
            more = {
                pid for pid, seen in found.items() if seen.parent in family or seen.group == self.process.pid
            }
            grown = not more <= family
            family |= more
        nameless: dict[tuple[int, int], int] = {}
        for pid in family:
            nameless.update(_nameless(pid))
        return sum(found[pid].resident for pid in family if pid in found) + sum(nameless.values())


@dataclass(frozen=True, slots=True)
class Seen:
    """A process at a moment.  resident: bytes in memory."""

    parent: int
    group: int
    resident: int
    lives: bool


def _census() -> Iterator[tuple[int, Seen]]:
    """Every process there is, by number."""
    for name in os.listdir("/proc"):  # noqa: PTH208  a third of the time, ten times a second
        if not name.isdigit():
            continue
        try:
            said = Path("/proc", name, "stat").read_bytes().rpartition(b") ")[2].split()
        except OSError:
            continue  # it ended meanwhile
        lives = said[STATE] not in (b"Z", b"X")
        yield int(name), Seen(int(said[PARENT]), int(said[GROUP]), int(said[RESIDENT]) * PAGE, lives)


def _nameless(pid: int) -> Iterator[tuple[tuple[int, int], int]]:
    """Of what it has open, each file without a name, and its bytes."""
    folder = f"/proc/{pid}/fd"
    try:
        for number in os.listdir(folder):  # noqa: PTH208
            status = os.stat(f"{folder}/{number}")  # noqa: PTH116
            if stat.S_ISREG(status.st_mode) and not status.st_nlink:
                yield (status.st_dev, status.st_ino), status.st_blocks * BLOCK
    except OSError:
        return  # it ended meanwhile, or hides what it has open
