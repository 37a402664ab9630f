"""The dead-man's switch: a process that gives no sign of life, and said no goodbye, becomes an alert; coming back resolves it.

`clock` watches all others, `web` watches the clock. What counts is that a sign does not change while the watcher looks on, by
the watcher's own time: a host whose clock is wrong is not dead, and who has just begun to watch, or woke up after a sleep,
gives everybody one period.
"""

from __future__ import annotations

import os
import socket
import threading
from collections import defaultdict
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import structlog

from agents.events import Subject
from agents.oncall.kinds import AlertKind, Severity
from bot.times import span
from storage.switches import Beat
from storage.unit_of_work import Storage, UnitOfWork

log = structlog.get_logger()
EVERY_S = 5.0
MISSED = timedelta(seconds=20)
"""So long without a sign of life; each process gives one every 5 s (`bot.heart`)."""
GAP = timedelta(seconds=15)
"""A watcher that did not look for longer was asleep, stopped, or without its database."""
LEASE = timedelta(seconds=20)
LONG_GONE = timedelta(minutes=10)
"""What had ended so long before somebody began to watch is no news any more."""
_EVER = datetime(2000, 1, 1, tzinfo=UTC)
MARK = "missed"


@dataclass(frozen=True, slots=True)
class _Sign:
    """at: as the process wrote it.  seen: when the watcher saw it change, by its own time."""

    at: datetime
    seen: datetime


class Watch:
    """Remembers in its process alone what it saw; of several with one lease one watches."""

    def __init__(self, storage: Storage, lease: str, watches: Callable[[str], bool]) -> None:
        """watches: whether a kind of process is looked after."""
        self._storage, self._lease, self._watches = storage, lease, watches
        self._holder = f"{socket.gethostname()}:{os.getpid()}"
        self._signs: dict[str, _Sign] = {}
        self._looked: datetime | None = None
        self._steady = _EVER

    def look(self) -> bool:
        """False while another one watches. To be called every EVERY_S."""
        with self._storage.unit_of_work() as work:
            if not work.switches.lease(self._lease, self._holder, work.now, LEASE):
                self._signs, self._looked = {}, None
                return False
            beats = self._noted(work)
            silent = {b.process for b in beats if work.now - self._signs[b.process].seen >= MISSED}
            for place, group in _by_place(beats).items():
                others = [b for b in beats if b.kind == group[0].kind and b.process not in silent]
                _judge(place, group, silent, bool(others), work)
        return True

    def is_steady(self, now: datetime) -> bool:
        """Whether it has looked on for a whole period without a gap."""
        return now - self._steady >= MISSED

    def stop(self) -> None:
        with self._storage.unit_of_work() as work:
            work.switches.release(self._lease, self._holder)

    def _noted(self, work: UnitOfWork) -> list[Beat]:
        now, before = work.now, self._looked
        if before is None or not timedelta() <= now - before <= GAP:
            self._steady = now
            self._signs = {process: _Sign(sign.at, now) for process, sign in self._signs.items()}
        self._looked = now
        beats = [beat for beat in work.switches.beats(_EVER) if self._watches(beat.kind)]
        if before is None:
            old = [beat for beat in beats if beat.at < now - LONG_GONE and MARK not in beat.detail]
            for beat in old:
                work.switches.leave(beat.process)
            beats = [beat for beat in beats if beat not in old]
        known = self._signs
        self._signs = {
            beat.process: known[beat.process]
            if beat.process in known and known[beat.process].at == beat.at
            else _Sign(beat.at, now)
            for beat in beats
        }
        return beats


def _by_place(beats: Sequence[Beat]) -> dict[str, list[Beat]]:
    found = defaultdict(list)
    for beat in beats:
        found[beat.place].append(beat)
    return found


def _judge(place: str, group: Sequence[Beat], silent: set[str], others: bool, work: UnitOfWork) -> None:
    """Processes of one kind on one host.  others: whether any of that kind lives, here or elsewhere."""
    alive = [beat for beat in group if beat.process not in silent]
    subject, away, missing = Subject("process", place), list[timedelta](), 0
    for gone in (beat for beat in group if beat.process in silent):
        back = min((b.since for b in alive if b.since is not None and b.since > gone.at), default=None)
        if back is not None:
            away.append(back - gone.at)
            if MARK not in gone.detail:
                _raise(gone, Severity.LOW, f"and was started again after {span(back - gone.at)}", work)
            work.switches.leave(gone.process)
        elif MARK not in gone.detail:
            missing += 1
            severity = Severity.HIGH if others else Severity.CRITICAL
            _raise(
                gone,
                severity,
                "; others of its kind go on" if others else "and none of its kind is left",
                work,
            )
            work.switches.mark(gone, **{MARK: work.now.isoformat()})
        elif work.alerts.open_about(subject):
            missing += 1
        else:  # a person resolved it: it is gone for good
            work.switches.leave(gone.process)
    if alive and not missing:
        for alert in work.alerts.open_about(subject):
            gone_for = max(away, default=work.now - alert.last_at + MISSED)
            work.resolve_about(subject, f"{place}, which is back after {span(gone_for)}")
            break


def _raise(gone: Beat, severity: Severity, how: str, work: UnitOfWork) -> None:
    kind, _, host = gone.place.partition("@")
    log.warning("process.missed", process=gone.process, severity=severity.value)
    back = severity is Severity.LOW
    work.raise_alert(
        AlertKind.PROCESS_DOWN,
        Subject("process", gone.place),
        f"{kind} on {host} stopped without a goodbye at {gone.at:%H:%M:%S} UTC {how}.".replace(" ;", ";"),
        kept="Nothing is lost: what it had begun, and what is due, is rows in the database that go on when their lease ends.",
        remedy=f"Nothing has to be done now; logs/{kind}*.log has its last words."
        if back
        else f"./troupe up starts again what dies; look whether it runs there, and at logs/{kind}*.log. ./troupe run {kind} starts one. Resolve this if it is not to come back.",
        group=Subject("process", f"{gone.place}-{severity.value}"),
        severity=severity,
    )


@contextmanager
def looking(look: Callable[[], object], stop: Callable[[], None], every_s: float = EVERY_S) -> Iterator[None]:
    """Looks again and again, from a thread of its own, until the block ends. What fails is logged and tried again."""
    stopping = threading.Event()

    def loop() -> None:
        while not stopping.wait(every_s):
            try:
                look()
            except Exception:
                log.warning("watch.stumbled", exc_info=True)

    thread = threading.Thread(target=loop, name="watch", daemon=True)
    thread.start()
    try:
        yield
    finally:
        stopping.set()
        thread.join(every_s)
        try:
            stop()
        except Exception:
            log.warning("watch.not_released", exc_info=True)
