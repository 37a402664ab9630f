"""Ends what we started and removes what we wrote, also when we are killed with SIGKILL ourselves.

A tiny process of its own reads our ledger from a pipe. The pipe closes when we die, however we die; what then
still stands in the ledger is killed and deleted. (PR_SET_PDEATHSIG would not do: the kernel clears it when
PostgreSQL's user changes, and it follows the thread that forked, not the process.)
"""

from __future__ import annotations

import atexit
import contextlib
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from typing import IO, TypeAlias

Janitor: TypeAlias = "subprocess.Popen[str]"

_lock = threading.Lock()
_janitor: Janitor | None = None


def watch(kind: str, what: object) -> None:
    """kind: "group" (a process group id, to be killed) or "folder" (a path, to be removed)."""
    _write(f"+{kind} {what}")


def forget(kind: str, what: object) -> None:
    _write(f"-{kind} {what}")


def _write(line: str) -> None:
    global _janitor
    with _lock:
        if _janitor is None:
            _janitor = subprocess.Popen(
                [sys.executable, "-S", "-E", __file__],
                stdin=subprocess.PIPE,
                text=True,
                start_new_session=True,
            )
            atexit.register(_close)
            os.register_at_fork(after_in_child=_close_in_child)
        assert _janitor.stdin is not None
        _janitor.stdin.write(line + "\n")
        _janitor.stdin.flush()


def _close() -> None:
    if _janitor is not None and _janitor.stdin is not None:
        _janitor.stdin.close()
        _janitor.wait(timeout=10)


def _close_in_child() -> None:
    """A fork holds the pipe open as well, and must not keep our servers alive when we are gone."""
    atexit.unregister(_close)
    if _janitor is not None and _janitor.stdin is not None:
        _janitor.stdin.close()


def _serve(ledger: IO[str]) -> None:
    owed: set[tuple[str, str]] = set()
    for line in ledger:
        kind, what = line[1:].rstrip("\n").split(" ", 1)
        (owed.add if line[0] == "+" else owed.discard)((kind, what))
    for kind, what in owed:
        if kind == "group":
            with contextlib.suppress(ProcessLookupError):
                os.killpg(int(what), signal.SIGKILL)
    time.sleep(0.1)  # the killed may still hold files open in the folders
    for kind, what in owed:
        if kind == "folder":
            shutil.rmtree(what, ignore_errors=True)


if __name__ == "__main__":
    _serve(sys.stdin)
