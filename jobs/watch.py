"""What the clock watches beside the time: the other processes, whether work waits too long or for money that is there again, and
that somebody outside hears.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import structlog

from agents.events import Subject
from agents.oncall.kinds import AlertKind
from bot.times import span
from bot.watch import Watch, looking
from bot.wiring import Troupe
from jobs import money

log = structlog.get_logger()
LATE, IN_TIME = timedelta(seconds=60), timedelta(seconds=10)
"""Of the most overdue job: from when on it is an alert, and under what it is over."""
QUEUE = Subject("queue", "jobs")
OUTSIDE = Subject("heartbeat", "outside")
PING_EVERY = timedelta(seconds=60)
PING_S = 5.0
"""How long the address may take: whoever watches waits for it, and after 15 s would be taken for asleep."""
FAILURES = 5
"""Pings that fail in a row, before somebody is told."""


class Rounds:
    """Of several clocks one makes them."""

    def __init__(self, troupe: Troupe) -> None:
        self._troupe = troupe
        self._watch = Watch(troupe.storage, "watch", lambda kind: kind != "clock")
        self._outside = Outside(troupe)

    def look(self) -> None:
        if self._watch.look():
            now = self._troupe.clock()
            self._look_at_queue(self._watch.is_steady(now))
            self._outside.ping(now)
            money.look(self._troupe)

    def told(self) -> Mapping[str, Any]:
        """What the clock says of itself with each sign of life."""
        return self._outside.told

    def stop(self) -> None:
        self._watch.stop()

    def _look_at_queue(self, steady: bool) -> None:
        """steady: a machine that was asleep until a moment ago is late by itself, and not at fault."""
        with self._troupe.storage.reading() as work:
            lag, is_open = work.jobs.lag(work.now), bool(work.alerts.open_about(QUEUE))
        if lag > LATE and steady and not is_open:
            with self._troupe.storage.unit_of_work() as work:
                work.raise_alert(
                    AlertKind.QUEUE_LATE,
                    QUEUE,
                    f"The most overdue job waits for {span(lag)}.",
                    kept="Everything that is owed is kept, and is done once somebody works.",
                    remedy="Look at /status: whether workers live, and Redis answers. WORKERS=4 ./troupe up starts more of them.",
                )
        elif lag < IN_TIME and is_open:
            with self._troupe.storage.unit_of_work() as work:
                work.resolve_about(QUEUE, "the workers, which have caught up")


class Outside:
    """Asks for HEARTBEAT_URL every PING_EVERY, so that somebody elsewhere notices when this host is dead."""

    def __init__(self, troupe: Troupe) -> None:
        url = troupe.settings.heartbeat_url
        self._troupe, self._url = troupe, url.get_secret_value() if url else ""
        self._last: datetime | None = None
        self._failures = 0
        self.told: Mapping[str, Any] = {}

    def ping(self, now: datetime) -> None:
        if not self._url or (self._last is not None and timedelta() <= now - self._last < PING_EVERY):
            return
        first, self._last = self._last is None, now
        wrong = self._asked()
        self.told = {"pinged_at": now.isoformat(), "ping": wrong or "ok"}
        if not wrong:
            if first or self._failures >= FAILURES:
                self._resolve()
            self._failures = 0
            return
        self._failures += 1
        log.warning("heartbeat.failed", host=self._host, failures=self._failures, why=wrong)
        if self._failures == FAILURES:
            self._raise(wrong)

    @property
    def _host(self) -> str:
        """All that may be told of the address: the rest is a secret."""
        return urlsplit(self._url).hostname or "HEARTBEAT_URL"

    def _asked(self) -> str:
        """What went wrong, "" for nothing."""
        from integrations.http.errors import (
            FetchError,  # with all of httpx: only who has an address pays for it
        )

        try:
            status = self._troupe.any_port_door.status(self._url, timeout_s=PING_S, method="GET")
        except FetchError as error:
            return error.code
        return "" if 200 <= status < 300 else f"HTTP {status}"

    def _raise(self, wrong: str) -> None:
        with self._troupe.storage.unit_of_work() as work:
            work.raise_alert(
                AlertKind.JOB_FAILED,
                OUTSIDE,
                f"{self._host}, which is told every minute that Troupe lives, did not take it {FAILURES} times in a row: {wrong}.",
                kept="Troupe itself works; but whoever watches from there may say that it does not.",
                remedy="Look whether HEARTBEAT_URL is right, and whether this machine reaches it.",
                why="The address is wrong or was removed, its server has trouble, or it lies in a private network.",
            )

    def _resolve(self) -> None:
        with self._troupe.storage.unit_of_work() as work:
            work.resolve_about(OUTSIDE, f"{self._host}, which answers again")


@contextmanager
def watching(troupe: Troupe) -> Iterator[Rounds]:
    """In a thread of its own: the clock's ticks wait for nothing outside."""
    rounds = Rounds(troupe)
    with looking(rounds.look, rounds.stop):
        yield rounds
