"""The processes: which of them give a sign of life, and whether they keep up with what is owed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import Patient
from bot.supervise.processes import JOINS, misses

NEEDED = ("web", "worker", "writer", "agent", "clock")
"""Besides those that join by their settings."""
FRESH = timedelta(seconds=20)
"""Each beats every 5 s (bot/heart.py)."""
LATE, TOO_LATE = timedelta(seconds=10), timedelta(seconds=60)


def processes(patient: Patient) -> Iterator[Finding]:
    with patient.reading() as work:
        beats, now = work.switches.beats(work.now - FRESH), work.now
    joined = [name for name in JOINS if not misses(name, patient.settings)]
    for kind in (*NEEDED, *joined):
        alive = [beat for beat in beats if beat.kind == kind]
        if not alive:
            yield fail(
                kind,
                "None gives a sign of life.",
                f"./troupe up starts everything; ./troupe run {kind} this alone.",
            )
            continue
        age = max((now - beat.at).total_seconds() for beat in alive)
        size = ", ".join(f"{beat.detail.get('rss_mib', '?')} MiB" for beat in alive)
        yield ok(kind, f"{len(alive)} alive, last sign {age:.0f} s ago, {size}")


def owed(patient: Patient) -> Iterator[Finding]:
    """What is due is done at once while a clock and a worker live."""
    with patient.reading() as work:
        lag, halted = work.jobs.lag(work.now), work.switches.halted
    words = f"The most overdue job waits for {lag.total_seconds():.0f} s"
    if lag > TOO_LATE:
        yield fail("owed", f"{words}.", "Look at the processes above, and at their logs in TROUPE_HOME/logs.")
    elif lag > LATE:
        yield warn("owed", f"{words}.", "It may catch up by itself; look again in a minute.")
    else:
        yield ok("owed", "Nothing is overdue")
    if halted:
        yield warn("halted", f"{halted.get('by', 'Somebody')} halted everything.", "/resume lets it go on.")


def alerts(patient: Patient) -> Iterator[Finding]:
    with patient.reading() as work:
        unresolved = work.alerts.unresolved()
    if unresolved:
        yield warn(
            "alerts", f"{len(unresolved)} open; the newest: {unresolved[0].what}", "/status shows them."
        )
    else:
        yield ok("alerts", "None is open")


CHECKS = (processes, owed, alerts)
