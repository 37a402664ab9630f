"""One verb, one transaction: rows, events and what they owe are there together, or not at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property, partial
from typing import Protocol

import structlog
from sqlalchemy import Connection, Engine

from agents.clock import Clock
from agents.events import TROUPE, Event, Subject
from agents.jobs import Job, JobName
from agents.money import MicroUSD
from agents.oncall import escalation
from agents.oncall.alert import Alert, AlertState
from agents.oncall.kinds import AlertKind, Severity
from agents.personas.persona import Persona
from agents.tasks import money
from agents.tasks.task import Task
from storage.access import Access
from storage.accounts import Accounts
from storage.actions import Actions, Questions
from storage.alerts import Alerts
from storage.approvals import Approvals
from storage.artifacts import Artifacts, Notes, Sources
from storage.budgets import Budgets, OpenBudget
from storage.columns import new_id
from storage.contacts import Contacts
from storage.deliveries import Deliveries
from storage.effects import Effects
from storage.escalations import Escalations
from storage.events import Events
from storage.forms import Forms
from storage.guests import Guests
from storage.jobs import Jobs, Owed
from storage.journal import Journal
from storage.messages import Channels, Messages
from storage.pages import Pages
from storage.people import People
from storage.personas import Personas
from storage.pictures import Pictures
from storage.posts import Posts
from storage.purses import Purse, Purses, ask_for_purses, purse_of, purse_of_team
from storage.rotas import Rotas
from storage.secrets import Box
from storage.switches import Switches
from storage.tasks import Tasks, ask_for_revision

log = structlog.get_logger()

_NEWS = {"new": "alert.raised", "again": "alert.came_back", "more": "alert.counted"}
"""The event of each kind of news; what is only counted is left out of the alert's own story."""


@dataclass(frozen=True, slots=True)
class Committed:
    """What a commit brought: which subjects changed, and which jobs are owed at once."""

    subjects: frozenset[Subject]
    owed: tuple[Owed, ...]


class Bell(Protocol):
    """Told after every commit. Its failure loses nothing: the clock and the surfaces look again."""

    def __call__(self, committed: Committed) -> None: ...


class UnitOfWork:
    """The repositories on one open transaction. `now` is taken once, at its beginning."""

    def __init__(self, connection: Connection, box: Box, now: datetime, correlation: str) -> None:
        self.connection = connection
        self.now = now
        self.correlation = correlation
        self._box = box
        self._touched: set[Subject] = set()

    @cached_property
    def access(self) -> Access:
        return Access(self.connection)

    @cached_property
    def accounts(self) -> Accounts:
        return Accounts(self.connection, self._box)

    @cached_property
    def actions(self) -> Actions:
        return Actions(self.connection)

    @cached_property
    def alerts(self) -> Alerts:
        return Alerts(self.connection)

    @cached_property
    def approvals(self) -> Approvals:
        return Approvals(self.connection)

    @cached_property
    def artifacts(self) -> Artifacts:
        return Artifacts(self.connection)

    @cached_property
    def budgets(self) -> Budgets:
        return Budgets(self.connection)

    @cached_property
    def channels(self) -> Channels:
        return Channels(self.connection)

    @cached_property
    def contacts(self) -> Contacts:
        return Contacts(self.connection, self._box)

    @cached_property
    def deliveries(self) -> Deliveries:
        return Deliveries(self.connection)

    @cached_property
    def effects(self) -> Effects:
        return Effects(self.connection)

    @cached_property
    def escalations(self) -> Escalations:
        return Escalations(self.connection)

    @cached_property
    def events(self) -> Events:
        return Events(self.connection)

    @cached_property
    def forms(self) -> Forms:
        return Forms(self.connection)

    @cached_property
    def guests(self) -> Guests:
        return Guests(self.connection)

    @cached_property
    def jobs(self) -> Jobs:
        return Jobs(self.connection)

    @cached_property
    def messages(self) -> Messages:
        return Messages(self.connection)

    @cached_property
    def notes(self) -> Notes:
        return Notes(self.connection)

    @cached_property
    def pages(self) -> Pages:
        return Pages(self.connection)

    @cached_property
    def people(self) -> People:
        return People(self.connection)

    @cached_property
    def personas(self) -> Personas:
        return Personas(self.connection)

    @cached_property
    def pictures(self) -> Pictures:
        return Pictures(self.connection)

    @cached_property
    def posts(self) -> Posts:
        return Posts(self.connection)

    @cached_property
    def questions(self) -> Questions:
        return Questions(self.connection)

    @cached_property
    def rotas(self) -> Rotas:
        return Rotas(self.connection)

    @cached_property
    def sources(self) -> Sources:
        return Sources(self.connection)

    @cached_property
    def switches(self) -> Switches:
        return Switches(self.connection)

    @cached_property
    def tasks(self) -> Tasks:
        return Tasks(self.connection)

    def new_id(self) -> str:
        return new_id()

    def record(self, event: Event) -> None:
        """Notes a fact; its subject's cards are redrawn after the commit."""
        self.events.record(event, self.now, self.correlation)
        self._touched.add(event.subject)

    def touch(self, subject: Subject) -> None:
        """Its cards are redrawn too, though nothing is to be remembered about it."""
        self._touched.add(subject)

    def owe(self, name: JobName, subject: Subject, due_at: datetime | None = None) -> None:
        """A job, now unless `due_at` says when."""
        self.jobs.owe(Job(name, subject, due_at or self.now, self.correlation), self.now)

    def raise_alert(
        self,
        kind: AlertKind,
        subject: Subject,
        what: str,
        *,
        kept: str,
        remedy: str,
        group: Subject | None = None,
        severity: Severity | None = None,
        why: str = "",
        persona_id: str = "",
        link: str = "",
        drill: bool = False,
    ) -> Alert:
        """The one call for everything that fails or is missed.

        group: what is behind it, where many things fail by the same cause (an account, a provider): they are one alert.
        severity: unless it is that of the kind.  why: the likely cause, unless it is that of the kind.
        """
        alert, news = self.alerts.open(
            kind,
            subject,
            what,
            self.now,
            kept=kept,
            remedy=remedy,
            group=group,
            severity=severity,
            why=why,
            persona_id=persona_id,
            link=link,
            drill=drill,
        )
        after = {"kind": kind.value, "count": alert.count, "what": what, "news": news}
        self.record(Event(_NEWS[news], alert.about, TROUPE, after=after))
        if news == "new":
            self._place_alert(alert.about, subject, everywhere=group is not None)
        if news == "again":
            begins = escalation.begins(alert, self.pages.last_at(alert.id), self.now)
            alert = self.alerts.change(alert, stepped_at=begins)
        if news != "more":
            self.page(alert)
        return alert

    def page(self, alert: Alert) -> None:
        """Somebody looks now at whom to ask about it: it is new, or something changed that its timer did not know of."""
        if self.escalations.of(alert.persona_id, alert.severity).steps:
            self.jobs.forget(alert.about, JobName.PAGE)
            self.owe(JobName.PAGE, alert.about)

    def remind(self, alert: Alert) -> None:
        """Whoever acknowledged it is reminded if it is not resolved in time."""
        self.jobs.forget(alert.about, JobName.REMIND_ALERT)
        at = escalation.remind_at(alert, ())
        if at is not None:
            self.owe(JobName.REMIND_ALERT, alert.about, at)

    def resolve_about(self, subject: Subject, by: str) -> None:
        """Acting on the subject counts: alerts of which nothing else suffers are resolved."""
        for alert in self.alerts.open_about(subject):
            if self.alerts.mend(alert, subject, self.now):
                self.touch(alert.about)
                continue
            self.alerts.change(alert, state=AlertState.RESOLVED, handled_by=by, resolved_at=self.now)
            self.record(Event("alert.resolved", alert.about, TROUPE, after={"by": by}))

    def resolve_cause(self, kind: AlertKind, group: Subject, by: str) -> list[Subject]:
        """What was behind many failures is well again. What had suffered from it until now; at most 200 of them."""
        alert = self.alerts.by_cause(f"{kind.value}/{group}")
        if alert is None:
            return []
        suffered = [one.subject for one in self.alerts.about(alert.id, limit=200) if one.mended_at is None]
        self.alerts.mend_all(alert, self.now)
        self.alerts.change(alert, state=AlertState.RESOLVED, handled_by=by, resolved_at=self.now)
        self.record(Event("alert.resolved", alert.about, TROUPE, after={"by": by}))
        return suffered

    def place(self, channel_id: str, card: Subject) -> None:
        """A living card stands in a channel once."""
        if channel_id and self.messages.place(channel_id, card, self.now):
            self.touch(Subject("channel", channel_id))

    def tell(self, person_id: str, card: Subject, *, again: str = "") -> None:
        """Puts the card where that person is reached directly: in the console, and wherever else they are known.

        again: said where the card stands already, because nobody hears of a card that is only drawn anew.
        """
        for surface in self._surfaces(person_id):
            channel = self.channels.direct(person_id, self.now, surface=surface)
            if channel.closed:
                continue
            if not self.messages.place(channel.id, card, self.now):
                if not again:
                    continue
                self.messages.say(channel.id, "", TROUPE, again, self.now)
            self.touch(Subject("channel", channel.id))

    def say_to(self, person_id: str, text: str) -> None:
        """Says something to one person directly, wherever they are known."""
        for surface in self._surfaces(person_id):
            self.write_to(person_id, surface, text)

    def announce(self, text: str) -> None:
        """Says something wherever the team looks for alerts."""
        for channel_id in self._lookouts():
            self.messages.say(channel_id, "", TROUPE, text, self.now)
            self.touch(Subject("channel", channel_id))

    def write_to(self, person_id: str, surface: str, text: str) -> None:
        """Says something to one person directly, in Troupe's name, on one surface alone."""
        channel = self.channels.direct(person_id, self.now, surface=surface)
        self.messages.say(channel.id, "", TROUPE, text, self.now)
        self.touch(Subject("channel", channel.id))

    def show_owners(self, card: Subject) -> None:
        """Puts the card where the team's owners look, and tells each of them directly."""
        for channel_id in self._lookouts():
            self.place(channel_id, card)
        for owner in self.people.owners():
            self.tell(owner.id, card)

    def _place_alert(self, alert: Subject, subject: Subject, *, everywhere: bool) -> None:
        """Where the subject's own cards stand, as far as anything can be said there; else where owners look.

        everywhere: in both, because the next to suffer from it may stand elsewhere.
        """
        cards = {message.channel_id for message in self.messages.cards_of(subject)}
        places = [id for id in sorted(cards) if not self.channels.get(id).closed]
        lookouts = self._lookouts() if everywhere or not places else []
        for channel_id in dict.fromkeys((*places, *lookouts)):
            self.place(channel_id, alert)

    def _surfaces(self, person_id: str) -> list[str]:
        return sorted({"console", *(one.surface for one in self.people.identities(person_id))})

    def _lookouts(self) -> list[str]:
        """Every channel called alerts, on whatever surface; in the console its first where none is called so.

        One of the console is always among them: another surface may be what the alert is about.
        """
        channels = self.channels.of_team()
        named = [c for c in channels if c.name == "alerts"]
        own = [c for c in channels if c.surface == "console"]
        return [c.id for c in named + ([] if set(own) & set(named) else own[:1])]

    def committed(self) -> Committed:
        return Committed(frozenset(self._touched), tuple(self.jobs.to_ring))


class Storage:
    """Hands out units of work. One for a process.  team_budget: for everybody and a month, None without a limit."""

    def __init__(
        self, engine: Engine, box: Box, clock: Clock, bell: Bell, *, team_budget: MicroUSD | None = None
    ) -> None:
        self.engine, self.box, self.clock, self._bell = engine, box, clock, bell
        self._team_budget = team_budget

    @contextmanager
    def unit_of_work(self, *, correlation: str = "") -> Iterator[UnitOfWork]:
        """Commits at the end and rings; rolls everything back if the block raises."""
        with self.engine.begin() as connection:
            work = UnitOfWork(connection, self.box, self.clock(), correlation or new_id())
            yield work
        self._ring(work.committed())

    @contextmanager
    def reading(self) -> Iterator[UnitOfWork]:
        """For looking only: takes no write lock, and what it changes is rolled back."""
        with self.engine.connect().execution_options(reading=True) as connection:
            yield UnitOfWork(connection, self.box, self.clock(), "")

    @contextmanager
    def _hasty(self) -> Iterator[Connection]:
        """A transaction that does not wait for the disk: a power cut may undo it, the death of a process does not."""
        with self.engine.connect().execution_options(hasty=True) as connection, connection.begin():
            yield connection

    def _ring(self, committed: Committed) -> None:
        """It is committed: whoever waits for this must not hear that it failed, whatever the bell says."""
        try:
            self._bell(committed)
        except Exception:
            log.exception("bell.failed", jobs=len(committed.owed))

    def budget(self, persona: Persona, subject: Subject) -> OpenBudget:
        """The persona's own money, and the team's, for one piece of work."""

        def ask(_: Connection, now: datetime) -> Purses:
            return lambda: (purse_of(persona, now), *purse_of_team(self._team_budget, now))

        return OpenBudget(self.journal, self.engine.begin, persona, str(subject), self.clock, ask)

    def journal(self) -> Journal:
        """For one run of an agent."""
        return Journal(self._hasty)

    def task_along(self, journal: Journal, seen: Task) -> Task:
        """As it stands now, when all that waits in the journal is written; `seen` itself if it has not changed."""
        if journal.is_empty:
            with self.reading() as work:
                return work.tasks.get(seen.id)
        with journal.along(self._hasty(), partial(ask_for_revision, seen.id)) as (connection, asked):
            is_same = [*map(tuple, asked.rows)] == [(seen.revision,)]
            return seen if is_same else Tasks(connection).get(seen.id)

    def purses(self, task: Task, work: UnitOfWork) -> Sequence[Purse]:
        """Out of which its calls are paid now. Raises NotFound while it has no persona."""
        return ask_for_purses(task.id, task.persona_id, self._team_budget, work.now, work.connection)()

    def task_budget(self, persona: Persona, task: Task, journal: Journal | None = None) -> OpenBudget:
        """A task's own money, that of each task it is a part of, the persona's and the team's: every call takes from all.

        journal: of the run that makes the calls, if one does. A budget that was raised counts from the next call on. At 50,
        80 and 100 % of each its thread says so, once.
        """

        def ask(connection: Connection, now: datetime) -> Purses:
            return ask_for_purses(task.id, persona.id, self._team_budget, now, connection)

        def tell(purse: Purse, level: int) -> None:
            with self.unit_of_work() as work:
                if work.budgets.note(purse, level):
                    about = work.tasks.get(purse.owner.id if purse.owner.kind == "task" else task.id)
                    money.tell(about, purse.name, level, MicroUSD(purse.limit), work)

        journals = self.journal if journal is None else lambda: journal
        begin, subject = self.engine.begin, str(task.subject)
        return OpenBudget(journals, begin, persona, subject, self.clock, ask, tell, at_once=journal is None)
