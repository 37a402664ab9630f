"""Whether everything works: parts, processes, what is owed, what is open."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from redis.exceptions import RedisError

from agents.events import Subject
from bot.times import span
from bot.web.drawing import counts
from bot.web.health import FRESH
from bot.web.site import Page, View, page
from storage.switches import Beat

LATELY = timedelta(minutes=10)
"""For so long a process that ended is still listed."""


@dataclass(frozen=True, slots=True)
class Process:
    process: str
    age: str
    alive: bool
    memory: str


@page("/status")
def status(view: View) -> Page:
    work = view.work
    beats = work.switches.beats(work.now - LATELY)
    alive = {beat.kind for beat in beats if beat.at >= work.now - FRESH}
    lag = work.jobs.lag(work.now)
    waiting = _waiting(view)
    parts = [
        ("Database", True, work.connection.dialect.name),
        (
            "Redis",
            waiting is not None,
            "" if waiting is not None else "does not answer; nothing is lost, everything is slower",
        ),
        *((kind.capitalize(), kind in alive, "") for kind in ("web", "clock", "worker", "writer", "agent")),
        *(_heard_outside(beat, work.now) for beat in beats if "pinged_at" in beat.detail),
        ("On time", lag < timedelta(seconds=10), f"the most overdue job is {lag.total_seconds():.1f} s late"),
    ]
    owed = [(f"In the queue “{name}”", str(count)) for name, count in (waiting or {}).items()]
    body = view.render(
        "status.html",
        halted=counts(work)["halted"],
        parts=parts,
        owed=[*owed, ("Overdue by", f"{lag.total_seconds():.1f} s")],
        beats=[
            Process(
                b.process,
                span(max(work.now - b.at, timedelta())),
                b.at >= work.now - FRESH,
                f"{b.detail['rss_mib']} MiB" if "rss_mib" in b.detail else "–",
            )
            for b in beats
        ],
        alerts=[Subject("alert", alert.id) for alert in work.alerts.unresolved()],
    )
    return Page("Status", body)


def _heard_outside(clock: Beat, now: datetime) -> tuple[str, bool, str]:
    """HEARTBEAT_URL, when it is set: whether the last ping was taken."""
    ago, answer = now - datetime.fromisoformat(clock.detail["pinged_at"]), clock.detail["ping"]
    return "Heard outside", answer == "ok", f"{'' if answer == 'ok' else f'{answer}, '}{span(ago)} ago"


def _waiting(view: View) -> dict[str, int] | None:
    """Jobs in each queue, None while Redis does not answer."""
    try:
        return view.troupe.bell.lengths()
    except (RedisError, OSError):
        return None
