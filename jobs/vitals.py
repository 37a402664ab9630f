"""What Troupe stands on: the database, its logs, the machine's clock. The clock's process looks after them.

Whoever cannot write cannot raise an alert either: what was wrong is remembered, and told as soon as that is possible.
"""

from __future__ import annotations

import os
import socket
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from sqlalchemy.exc import SQLAlchemyError

from agents.events import Subject
from agents.oncall.kinds import AlertKind
from bot.supervise.output import TROUBLE
from bot.times import span
from bot.watch import looking
from bot.wiring import Troupe
from storage.unit_of_work import UnitOfWork

log = structlog.get_logger()
EVERY_S = 2.0
JUMP = timedelta(seconds=60)
"""Between two looks a clock that is slewed drifts by far less, and leases of a minute and more are not in doubt."""
LEASE = timedelta(seconds=20)
_SINCE_BOOT = getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC)
"""Goes on while the machine sleeps, so that a nap is no jump."""


class Vitals:
    """One for a host; remembers in its process alone."""

    def __init__(self, troupe: Troupe) -> None:
        self._storage, self._logs = troupe.storage, troupe.settings.troupe_home / "logs"
        self._clock, self._host = troupe.clock, socket.gethostname()
        self._times = self._now()
        self._jumped = timedelta()
        self._away_since: datetime | None = None
        self._why = ""
        self._lost = ""

    def look(self) -> None:
        """To be called every EVERY_S."""
        self._look_at_clock()
        try:
            with self._storage.unit_of_work() as work:
                # A write of its own, for a disk may be full for writers and well for readers.
                holder = f"{self._host}:{os.getpid()}"
                work.switches.lease(f"vitals.{self._host}", holder, work.now, LEASE)
                self._tell(work)
        except (SQLAlchemyError, OSError) as error:
            if self._away_since is None:
                self._away_since = self._clock()
            self._why = str(getattr(error, "orig", None) or error).strip().split("\n")[0]
            log.error("database.away", why=self._why)
            return
        self._jumped, self._away_since = timedelta(), None

    def _now(self) -> tuple[datetime, float]:
        return self._clock(), time.clock_gettime(_SINCE_BOOT)

    def _look_at_clock(self) -> None:
        (told, passed), self._times = self._times, self._now()
        off = (self._times[0] - told) - timedelta(seconds=self._times[1] - passed)
        if abs(off) >= JUMP:
            self._jumped += off
            log.error("clock.jumped", seconds=off.total_seconds())

    def _tell(self, work: UnitOfWork) -> None:
        if self._away_since is not None:
            self._tell_away(max(work.now - self._away_since, timedelta(seconds=EVERY_S)), work)
        if self._jumped:
            self._tell_jump(work)
        self._tell_logs(work)

    def _tell_away(self, length: timedelta, work: UnitOfWork) -> None:
        work.raise_alert(
            AlertKind.DATABASE_AWAY,
            Subject("database", self._host),
            f"For {span(length)} nothing could be written into the database: {self._why}",
            kept="What was committed before is there. What could not be written was refused or waits, and nothing was done "
            "without being noted first.",
            remedy="It works again. Look why, and at /status; press again what was refused meanwhile, then Resolve.",
        )

    def _tell_jump(self, work: UnitOfWork) -> None:
        ahead = self._jumped > timedelta()
        work.raise_alert(
            AlertKind.CLOCK_JUMPED,
            Subject("machine", self._host),
            f"The clock of {self._host} was set {'forward' if ahead else 'back'} by {span(abs(self._jumped))}.",
            kept="Nothing is done twice: what was under way is looked after before anybody else takes it over.",
            remedy="Look whether the time is right now. If it is not, set it, and look at /post queue: "
            + ("what is scheduled may go out early." if ahead else "what is scheduled goes out late."),
        )

    def _tell_logs(self, work: UnitOfWork) -> None:
        subject, trouble = Subject("logs", self._host), _read(self._logs / TROUBLE)
        if trouble and trouble != self._lost:
            work.raise_alert(
                AlertKind.LOG_LOST,
                subject,
                f"Log lines are lost. {trouble.replace(chr(10), '; ')}",
                kept="Troupe works on; who did what stands in the audit trail, not in the log.",
                remedy=f"Make room, or let Troupe write into {self._logs}; it tries again with every line.",
            )
        elif not trouble and (self._lost or work.alerts.open_about(subject)):
            work.resolve_about(subject, "the log, which is written again")
        self._lost = trouble


def _read(file: Path) -> str:
    try:
        return file.read_text().strip()
    except OSError:
        return ""


@contextmanager
def kept_under_watch(troupe: Troupe) -> Iterator[None]:
    with looking(Vitals(troupe).look, lambda: None, EVERY_S):
        yield
