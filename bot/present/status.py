"""How Troupe is: its processes, what is late, what waits, what failed, what was spent; and the big switch."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from agents.events import SYSTEM
from agents.money import dollars
from agents.oncall.alert import Alert
from agents.oncall.kinds import KINDS
from agents.people import Person
from agents.personas.persona import PersonaState
from agents.writing.length import clip
from agents.writing.post import State
from bot.cards import Block, Button, Card, Check, Checks, Confirm, Field, Fields, Text, Tone, action
from bot.present.words import count
from bot.times import span
from storage.switches import Beat
from storage.unit_of_work import UnitOfWork

FRESH = timedelta(seconds=60)
"""A process that gave no sign for longer is not counted."""
LATELY = timedelta(minutes=10)
"""For so long a process that stopped without a goodbye is still named."""
LATE = timedelta(seconds=10)
"""Owed work that waits longer than this is worth a remark."""
GONE = timedelta(seconds=20)
"""Without a sign for so long a process is missed (`bot.watch`)."""
SHOWN = 5


@dataclass(frozen=True, slots=True)
class Spending:
    """In micro-dollars, this month."""

    handle: str
    spent: int
    limit: int


@dataclass(frozen=True, slots=True)
class Status:
    """processes: how many of each kind gave a sign lately.  lag: of the most overdue job."""

    now: datetime
    processes: Mapping[str, int]
    lag: timedelta
    halted: Mapping[str, Any] | None
    waiting: int
    scheduled: int
    alerts: Sequence[Alert]
    spending: Sequence[Spending]
    beats: Sequence[Beat] = ()
    """The last sign of each process that lives, or was alive a moment ago."""


def look(work: UnitOfWork) -> Status:
    personas = [p for p in work.personas.all() if p.state is not PersonaState.ARCHIVED]
    beats = work.switches.beats(work.now - LATELY)
    money = [(p.handle, work.budgets.of(p, work.now)) for p in personas]
    return Status(
        now=work.now,
        processes=Counter(beat.kind for beat in beats if beat.at >= work.now - FRESH),
        lag=work.jobs.lag(work.now),
        halted=work.switches.halted,
        waiting=len(work.posts.in_states([State.IN_REVIEW], limit=1000)),
        scheduled=len(work.posts.in_states([State.SCHEDULED], limit=1000)),
        alerts=work.alerts.unresolved(),
        spending=[Spending(handle, of.spent + of.reserved, of.limit) for handle, of in money],
        beats=beats,
    )


def card(status: Status) -> Card:
    """All of it; an answer, for it is true at one moment only."""
    blocks: list[Block] = [Checks(tuple(checks(status))), Fields(tuple(_facts(status)))]
    if status.beats:
        blocks.append(Text("\n".join(process(beat, status.now) for beat in status.beats), "muted"))
    if status.alerts:
        blocks.append(Text("Open alerts", "heading"))
        blocks += [Text(f"{KINDS[a.kind].title}: {clip(a.what, 160)}") for a in status.alerts[:SHOWN]]
        if len(status.alerts) > SHOWN:
            blocks.append(Text(f"And {len(status.alerts) - SHOWN} more.", "muted"))
    bad = any(check.state == "failed" for check in checks(status))
    tone = Tone.BAD if bad else Tone.WAITING if status.halted or status.alerts else Tone.GOOD
    return Card(
        "Status", tuple(blocks), (Button("Look again", action("system.status", SYSTEM.id)),), tone=tone
    )


def checks(status: Status) -> list[Check]:
    """What should be so; a failed one keeps posts from going out."""
    running = ", ".join(f"{kind} × {n}" if n > 1 else kind for kind, n in sorted(status.processes.items()))
    clock = Check("Clock", "passed") if "clock" in status.processes else Check("Clock", "failed", _NO_CLOCK)
    late = f"the most overdue job waits for {_seconds(status.lag)}" if status.lag > LATE else ""
    halted = f"by {status.halted.get('by', 'somebody')}{_why(status.halted)}" if status.halted else ""
    return [
        Check("Processes", "passed", running) if running else Check("Processes", "failed", _NOBODY),
        clock,
        Check("On time", "warned" if late else "passed", late),
        Check("Halted", "warned", halted) if halted else Check("Running", "passed"),
    ]


_NOBODY = "no process gave a sign in the last minute; ./troupe up starts them"
_NO_CLOCK = "nothing scheduled goes out without it; ./troupe up starts it"


def _facts(status: Status) -> list[Field]:
    outside = [_outside(beat, status.now) for beat in status.beats if "pinged_at" in beat.detail]
    facts = [
        *(Field("Heard outside", words) for words in outside[:1]),
        Field("Waiting for approval", count(status.waiting, "post")),
        Field("Scheduled", count(status.scheduled, "post")),
        Field("Open alerts", str(len(status.alerts))),
    ]
    for spent in status.spending:
        share = f" ({100 * spent.spent // spent.limit}%)" if spent.limit else ""
        facts.append(
            Field(f"@{spent.handle}", f"{dollars(spent.spent)} of {dollars(spent.limit)} this month{share}")
        )
    return facts


def process(beat: Beat, now: datetime) -> str:
    """ "worker@host:17, 3 s ago, 74 MiB"."""
    size = f", {beat.detail['rss_mib']} MiB" if "rss_mib" in beat.detail else ""
    gone = ", stopped or stuck" if now - beat.at > GONE else ""
    return f"{beat.process}, {span(max(now - beat.at, timedelta()))} ago{size}{gone}"


def _outside(beat: Beat, now: datetime) -> str:
    """How the last ping of HEARTBEAT_URL went."""
    when = span(max(now - datetime.fromisoformat(beat.detail["pinged_at"]), timedelta()))
    answer = beat.detail["ping"]
    return f"{when} ago" if answer == "ok" else f"not {when} ago: {answer}"


def _seconds(lag: timedelta) -> str:
    seconds = int(lag.total_seconds())
    return count(seconds, "second") if seconds < 120 else count(seconds // 60, "minute")


def _why(halted: Mapping[str, Any]) -> str:
    return f", because: {halted['reason']}" if halted.get("reason") else ""


def draw(id: str, work: UnitOfWork, reader: Person) -> Card:
    """The living card: whether Troupe may act at all."""
    return switch(work.switches.halted)


def switch(halted: Mapping[str, Any] | None) -> Card:
    if halted is None:
        sure = Confirm("Stop every persona and everything that would go out?", "Halt Troupe")
        button = Button("Halt", action("system.halt", SYSTEM.id), "danger", sure)
        what = Text("Personas write, and what was approved goes out.")
        return Card("Troupe is running", (what,), (button,), badge="running", tone=Tone.GOOD, subject=SYSTEM)
    since = datetime.fromisoformat(halted["at"])
    facts = [Field("Halted by", str(halted.get("by", "somebody"))), Field("Since", since)]
    if halted.get("reason"):
        facts.append(Field("Because", str(halted["reason"])))
    what = Text(
        "Nothing is written and nothing goes out. What waits is kept, and goes on from where it stopped."
    )
    button = Button("Let it go on", action("system.resume", SYSTEM.id), "primary")
    return Card(
        "Troupe is halted",
        (what, Fields(tuple(facts))),
        (button,),
        badge="halted",
        tone=Tone.BAD,
        subject=SYSTEM,
    )
