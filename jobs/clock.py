"""`python -m jobs.clock`: rings for what is due and for whatever was left over. Any number may run; one holds the lease."""

from __future__ import annotations

import os
import signal
import socket
import threading
from datetime import timedelta
from types import FrameType

import structlog

from bot import heart, logs, wiring
from bot.supervise import gate
from bot.wiring import Troupe

log = structlog.get_logger()

TICK_S = 0.1
"""How often it looks. Due time to intent committed is to stay below 250 ms at the 99th percentile."""
LEASE = timedelta(seconds=5)
RENEW = timedelta(seconds=2)
AT_ONCE = 100
"""Jobs claimed in one transaction; more follow at once, so that writers on SQLite get their turn in between."""


class Clock:
    """Claims due rows and rings the queue for them. What it claims and does not ring is due again after RING_GRACE."""

    def __init__(self, troupe: Troupe) -> None:
        self._troupe = troupe
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._held_until = troupe.clock()

    def tick(self) -> int:
        """How many jobs were rung; 0 also while another clock holds the lease."""
        if not self._leads():
            return 0
        with self._troupe.storage.reading() as work:
            due = work.jobs.next_due()
            if due is None or due > work.now:
                return 0
        with self._troupe.storage.unit_of_work() as work:
            owed = work.jobs.claim_due(work.now, limit=AT_ONCE)
        self._troupe.bell.ring((), ((o.id, o.job.queue) for o in owed))
        return len(owed)

    def stop(self) -> None:
        with self._troupe.storage.unit_of_work() as work:
            work.switches.release("clock", self._holder)

    def _leads(self) -> bool:
        now = self._troupe.clock()
        if now < self._held_until - LEASE + RENEW:
            return True
        with self._troupe.storage.unit_of_work() as work:
            leads = work.switches.lease("clock", self._holder, now, LEASE)
        self._held_until = now + LEASE if leads else now
        return leads


def main() -> None:
    """Ticks until it is told to stop. An error is logged and the next tick tries again: nothing else notices time."""
    troupe = wiring.process()
    settings = troupe.settings
    logs.setup(level=settings.log_level, form=settings.log_format, secrets=settings.secrets())
    stopping = threading.Event()

    def stop(_signal: int, _frame: FrameType | None) -> None:
        stopping.set()

    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGINT, stop)
    gate.wait()
    clock = Clock(troupe)
    with heart.beating(troupe.storage, "clock"):
        while not stopping.is_set():
            try:
                full = clock.tick() == AT_ONCE
            except Exception:
                log.exception("clock.stumbled")
                full = False
            stopping.wait(0.001 if full else TICK_S)
    clock.stop()


if __name__ == "__main__":
    main()
