"""A command while it runs, and how much memory it takes."""

from __future__ import annotations

import os
import signal
import subprocess
import threading
from pathlib import Path

PAGE = os.sysconf("SC_PAGE_SIZE")
PARENT, GROUP, RESIDENT = 1, 2, 21
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

    def _kill(self) -> None:
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except (ProcessLookupError, PermissionError):
            return

    def memory(self) -> int:
        """Bytes that it and everything below it or in its group hold in memory; what they share counts for each."""
        found = dict(_census())
        family, grown = {self.process.pid}, True
        while grown:
            more = {
                pid
                for pid, (parent, group, _) in found.items()
                if parent in family or group == self.process.pid
            }
            grown = not more <= family
            family |= more
        return sum(found[pid][2] for pid in family if pid in found)


def _census() -> list[tuple[int, tuple[int, int, int]]]:
    """Each process: its number, and its parent, group and bytes in memory."""
    found = []
    for name in os.listdir("/proc"):  # noqa: PTH208  a third of the time, ten times a second
        if not name.isdigit():
            continue
        try:
            said = Path("/proc", name, "stat").read_bytes().rpartition(b") ")[2].split()
        except OSError:
            continue  # it ended meanwhile
        found.append((int(name), (int(said[PARENT]), int(said[GROUP]), int(said[RESIDENT]) * PAGE)))
    return found
