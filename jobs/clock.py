"""`python -m jobs.clock`: rings for what is due and for whatever was left over. Any number may run; one holds the lease."""

from __future__ import annotations

import os
import signal
import socket
import threading
from datetime import datetime, timedelta
from types import FrameType

import structlog

from bot import heart, logs, wiring
from bot.supervise import gate
from bot.wiring import Troupe
from jobs.vitals import kept_under_watch
from jobs.watch import watching

log = structlog.get_logger()

TICK_S = 0.1
"""The longest it does not look: what somebody else makes due earlier than anything it knew of waits for this."""
AGAIN_S = 0.001
"""After it found something, and as the shortest rest; writers on SQLite get their turn in between."""
LEASE = timedelta(seconds=5)
RENEW = timedelta(seconds=2)
SWEEP_EVERY = timedelta(minutes=10)
LOST_AFTER = timedelta(hours=1)
"""Longer than any call of a model takes: whoever reserved money for one so long ago and did not settle it has died."""
AT_ONCE = 100
"""Jobs claimed in one transaction; more follow after AGAIN_S."""


class Clock:
    """Claims due rows and rings the queue for them. What it claims and does not ring is due again after RING_GRACE."""

    def __init__(self, troupe: Troupe) -> None:
        self._troupe = troupe
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._held_until = troupe.clock()
        self._swept = self._held_until - SWEEP_EVERY
        self.rest_s = TICK_S
        """After a tick: how long to wait with the next one. It ends when the next job that is known falls due."""

    def tick(self) -> int:
        """How many jobs were rung; 0 also while another clock holds the lease."""
        self.rest_s = TICK_S
        if not self._leads():
            return 0
        self._sweep()
        with self._troupe.storage.reading() as work:
            due = work.jobs.next_due()
        if due is None or due > work.now:
            self.rest_s = min(TICK_S, max(AGAIN_S, (due - work.now).total_seconds())) if due else TICK_S
            return 0
        with self._troupe.storage.unit_of_work() as work:
            owed = work.jobs.claim_due(work.now, limit=AT_ONCE)
        self._troupe.bell.ring((), ((o.id, o.job.queue) for o in owed))
        self.rest_s = AGAIN_S
        return len(owed)

    def _sweep(self) -> None:
        """Now and then: what nobody comes back for."""
        now = self._troupe.clock()
        if now < self._swept + SWEEP_EVERY:
            return
        self._swept = now
        lost = 0
        while self._closes_lost(now - LOST_AFTER):
            lost += 1
        if lost:
            log.warning("budget.calls_lost", calls=lost)

    def _closes_lost(self, before: datetime) -> bool:
        with self._troupe.storage.unit_of_work() as work:
            return work.budgets.close_lost(before)

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
    with (
        watching(troupe) as rounds,
        kept_under_watch(troupe),
        heart.beating(troupe.storage, "clock", rounds.told),
    ):
        while not stopping.is_set():
            try:
                clock.tick()
            except Exception:
                log.exception("clock.stumbled")
            stopping.wait(clock.rest_s)
    clock.stop()


if __name__ == "__main__":
    main()
