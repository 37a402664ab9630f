"""A team on call in this very process: real jobs, rung by a real clock on a real database, through a night that a test lets pass.

ward.raises(Severity.CRITICAL)
ward.until("02:20")
assert ward.asked() == [("01:00", "Nora"), …]

Slack is a postman who puts what is owed there, while it is up; addresses outside are a list of letters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from functools import cached_property
from typing import TypeVar

from structlog.testing import capture_logs

from agents.events import Subject
from agents.jobs import JobName
from agents.oncall import care
from agents.oncall.alert import Alert
from agents.oncall.kinds import AlertKind, Severity
from agents.oncall.page import Page, PageState
from agents.oncall.quiet import Quiet
from agents.oncall.rota import Rota
from agents.people import Identity, Person, Role
from agents.talk.delivery import DeliveryState
from agents.talk.message import DIRECT
from bot import wiring
from bot.settings import load
from bot.wiring import Troupe
from jobs import run as door
from jobs.clock import Clock
from storage.database import connect
from storage.secrets import Box
from storage.unit_of_work import Committed, Storage, UnitOfWork
from tests.bench.house import NO_REDIS
from tests.publishing.desk import Dies, Killed
from tests.storage.cast import KEY, Now

T = TypeVar("T")
EVENING = datetime(2026, 11, 21, 22, 0, tzinfo=UTC)
CAST = {
    "Olga": Role.OWNER,
    "Mia": Role.MANAGER,
    "Nora": Role.EDITOR,
    "Ben": Role.EDITOR,
    "Cleo": Role.EDITOR,
}
"""Nora is on call, Ben after her; in the second layer Cleo."""
WEEKLY = "FREQ=WEEKLY;INTERVAL=1"


LIVES = Dies()
"""A worker that does not."""


class Mortal(Storage):
    """Of a worker that dies between any two steps of what it does."""

    dies = LIVES

    @contextmanager
    def unit_of_work(self, *, correlation: str = "") -> Iterator[UnitOfWork]:
        self.dies("before a transaction")
        with super().unit_of_work(correlation=correlation) as work:
            yield work
            self.dies("before a commit")
        self.dies("after a commit")


class Rings:
    """A bell that one worker hears."""

    def __init__(self) -> None:
        self.queue: list[str] = []

    def ring(self, subjects: object, owed: object) -> None:
        self.queue += [id for id, _ in owed]  # type: ignore[attr-defined]  # as the real bell's, of every kind of iterable


@dataclass(frozen=True)
class Awake(Troupe):
    """One run of all processes: what it holds in memory ends with it."""

    now: Now = field(default_factory=Now)

    @cached_property
    def storage(self) -> Mortal:
        return Mortal(connect(self.settings.database_url), Box(lambda: [KEY]), self.now, self._ring)

    @cached_property
    def bell(self) -> Rings:  # type: ignore[override]  # what the clock and commits use of it
        return Rings()

    def clock(self) -> datetime:
        return self.now()

    def _ring(self, committed: Committed) -> None:
        self.storage.dies("before the bell")
        self.bell.ring((), ((owed.id, owed.job.queue) for owed in committed.owed))


@dataclass
class Ward:
    url: str
    now: Now
    troupe: Awake
    clock: Clock
    people: dict[str, Person] = field(default_factory=dict)
    slack_is_up: bool = True
    dies: Dies = LIVES
    """At which step the next worker is killed."""
    letters: list[Page] = field(default_factory=list)
    """What went to addresses outside of chat, in order."""

    @property
    def storage(self) -> Mortal:
        return self.troupe.storage

    def does(self, verb: Callable[[UnitOfWork], T]) -> T:
        with self.storage.unit_of_work() as work:
            return verb(work)

    @contextmanager
    def looking(self) -> Iterator[UnitOfWork]:
        with self.storage.reading() as work:
            yield work

    def raises(self, severity: Severity, what: str = "The feed is silent.", subject: str = "feed") -> Alert:
        return self.does(
            lambda work: work.raise_alert(
                AlertKind.EXTERNAL,
                Subject("system", subject),
                what,
                kept="Nothing is lost.",
                remedy="Look.",
                severity=severity,
            )
        )

    def acknowledges(self, name: str, alert: Alert) -> Alert:
        return self.does(lambda work: care.acknowledge(alert.id, self.people[name], work))

    def resolves(self, name: str, alert: Alert) -> Alert:
        return self.does(lambda work: care.resolve(alert.id, self.people[name], work))

    def silences(self, name: str, alert: Alert, gap: timedelta | None) -> Alert:
        def verb(work: UnitOfWork) -> Alert:
            until = work.now + gap if gap else None
            return care.silence(alert.id, until, self.people[name], work)

        return self.does(verb)

    def alert(self, of: Alert) -> Alert:
        """As it is now."""
        with self.looking() as work:
            return work.alerts.get(of.id)

    def pages(self, of: Alert) -> list[Page]:
        with self.looking() as work:
            return work.pages.of(of.id)

    def asked(self, of: Alert) -> list[tuple[str, str, str]]:
        """(time, whom, how) of everything that was said, oldest first, and what was said at once by name."""
        names = {person.id: name for name, person in self.people.items()}
        said = [p for p in self.pages(of) if p.state not in (PageState.HELD, PageState.DROPPED)]
        said.sort(key=lambda p: (p.created_at, names[p.person_id]))
        return [(f"{p.created_at:%H:%M}", names[p.person_id], p.way) for p in said]

    def heard(self, name: str, surface: str = "slack") -> list[str]:
        """What stands in that person's own channel: cards by their kind, and lines."""
        with self.looking() as work:
            channel = work.channels.known_as(surface, DIRECT + self.people[name].id)
            if channel is None:
                return []
            said = work.messages.in_channel(channel.id, self.people[name].id, limit=500)
            return [m.card.kind if m.card else m.text for m in said]

    def quiet(self, name: str, hours: str, zone: str = "UTC") -> None:
        def verb(work: UnitOfWork) -> None:
            person = work.people.change(work.people.get(self.people[name].id), zone=zone)
            work.contacts.set_quiet(person.id, Quiet.parse(hours) if hours else None)

        self.does(verb)

    def contact(self, name: str, address: str, severity: Severity) -> None:
        def verb(work: UnitOfWork) -> None:
            id = self.people[name].id
            work.contacts.add(id, "email", address, severity, work.now, confirmed=True)

        self.does(verb)

    def until(self, moment: datetime | str) -> None:
        """Time passes, and whatever falls due is done when it does.  moment: "02:20", the next time that it is so."""
        at = self._next(moment) if isinstance(moment, str) else moment
        while True:
            self.work_off()
            with self.looking() as work:
                due = work.jobs.next_due()
            if due is None or due > at:
                break
            self.now.moment = max(self.now.moment, due)
        self.now.moment = max(self.now.moment, at)
        self.work_off()

    def later(self, **units: float) -> None:
        self.until(self.now.moment + timedelta(**units))

    def work_off(self) -> None:
        """Everything that is due: the clock rings it, one worker does it, and Slack shows what it is told."""
        while self.clock.tick() or self.troupe.bell.queue:
            while self.troupe.bell.queue:
                self.storage.dies = self.dies
                with suppress(Killed):
                    door.run(self.troupe.bell.queue.pop(0))
                self.storage.dies = LIVES
        self._post()

    def restart(self) -> None:
        """Every process ends and begins anew: what was rung and in memory is gone."""
        self.troupe.close()
        self._begin()

    def _begin(self) -> None:
        self.troupe = awake(self.url, self.now)
        wiring.use(self.troupe)
        self.clock = Clock(self.troupe)

    def _next(self, time: str) -> datetime:
        hour, minute = map(int, time.split(":"))
        at = self.now.moment.replace(hour=hour, minute=minute, second=0, microsecond=0)
        return at if at > self.now.moment else at + timedelta(days=1)

    def _post(self) -> None:
        if not self.slack_is_up:
            return
        with self.looking() as work:
            if not work.deliveries.owed("slack", work.now):
                return
        with self.storage.unit_of_work() as work:
            for id, _ in work.deliveries.owed("slack", work.now):
                delivery = work.deliveries.get(id)
                assert delivery is not None
                values = {"state": DeliveryState.SENT.value, "external_id": f"{id}.0"}
                assert work.deliveries.move(delivery, **values)

    def reaches(self, task: door.Held) -> None:
        """In the place of the job that speaks to mail servers, which has stories of its own."""
        page = self.does(lambda work: work.pages.get(task.job.subject.id))
        if page.state is PageState.OWED:
            self.does(lambda work: work.pages.move(page, state=PageState.SENT, sent_at=work.now))
            self.letters.append(page)


def awake(url: str, now: Now) -> Awake:
    return Awake(load(troupe_home="/nowhere", database_url=url, redis_url=NO_REDIS), now=now)


@contextmanager
def opened_ward(url: str, enters: Callable[[JobName, Callable[[door.Held], None]], None]) -> Iterator[Ward]:
    """enters: puts a function in the place of a job's, for the length of a test."""
    now = Now()
    now.moment = EVENING
    troupe = awake(url, now)
    before = wiring._process
    wiring.use(troupe)
    ward = Ward(url, now, troupe, Clock(troupe))
    enters(JobName.REACH, ward.reaches)
    try:
        with capture_logs():
            ward.does(lambda work: _furnish(ward, work))
            yield ward
    finally:
        wiring._process = before
        ward.troupe.close()


def _furnish(ward: Ward, work: UnitOfWork) -> None:
    work.channels.add("slack", "alerts", work.now, external_id="C0ALERTS")
    for name, role in CAST.items():
        person = ward.people[name] = work.people.add(name, role, work.now)
        work.people.link(Identity(person.id, "slack", f"U0{name.upper()}"), work.now)
    rota(work, "first", 1, [ward.people["Nora"].id, ward.people["Ben"].id])
    rota(work, "second", 2, [ward.people["Cleo"].id])


def rota(work: UnitOfWork, name: str, layer: int, people: Sequence[str], rule: str = WEEKLY) -> None:
    """In turn, from the Sunday before on, at nine."""
    starts = datetime(2026, 11, 15, 9, 0)  # noqa: DTZ001  local time, as rotas have it
    made = Rota(work.new_id(), name, layer, "UTC", tuple(people), starts, rule, work.now)
    work.rotas.add(made)
