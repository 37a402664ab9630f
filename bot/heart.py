"""Each process's sign of life, and what it weighs."""

from __future__ import annotations

import ctypes
import os
import socket
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import structlog

from storage.unit_of_work import Storage

log = structlog.get_logger()
EVERY_S = 5.0

_beat = threading.Lock()
"""Held while it beats, and while RQ forks: a child that is made in the middle of a transaction would inherit its locks, and
SQLite, which keeps them in memory, would refuse it every write."""
os.register_at_fork(before=_beat.acquire, after_in_parent=_beat.release, after_in_child=_beat.release)


@contextmanager
def beating(
    storage: Storage, kind: str, tell: Callable[[], Mapping[str, Any]] = lambda: {}
) -> Iterator[None]:
    """Beats every EVERY_S seconds, from a thread of its own, until the block ends; then says goodbye. Who is killed does not,
    and is missed (`bot.watch`).

    kind: web, worker, writer, clock, slack.  tell: what else is to be known of it, as JSON values.
    """
    name = f"{kind}@{socket.gethostname()}:{os.getpid()}"
    stopping, since = threading.Event(), storage.clock().isoformat()

    def beat() -> None:
        while True:
            try:
                with _beat, storage.unit_of_work() as work:
                    sign = {"pid": os.getpid(), "rss_mib": rss_mib(), "since": since}
                    work.switches.beat(name, kind, work.now, {**sign, **tell()})
            except Exception:
                log.warning("heart.skipped", exc_info=True)
            _give_back()
            if stopping.wait(EVERY_S):
                return

    thread = threading.Thread(target=beat, name="heart", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(EVERY_S)
        try:
            with _beat, storage.unit_of_work() as work:
                work.switches.leave(name)
        except Exception:
            log.warning("heart.left_without_goodbye", exc_info=True)


def _give_back() -> None:
    """To the system, what a burst took and nobody uses any more: glibc keeps it by itself. It takes less than a millisecond."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).malloc_trim(0)


def rss_mib() -> int:
    """Resident memory of this process, 0 where the system does not tell."""
    try:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
    except OSError:
        return 0
    return pages * os.sysconf("SC_PAGE_SIZE") // 2**20
