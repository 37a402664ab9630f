"""Any night on call: whatever fails, whoever acknowledges, resolves or silences, and however often everything restarts.

Nobody is paged twice for the same, nobody once somebody has it or while it is silent; otherwise everybody by the time that the
policy says. What is expected is computed anew from what was done, without looking at what the product keeps.
"""

from __future__ import annotations

import shutil
import tempfile
from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from agents.oncall.alert import FLAPS, Alert, AlertState
from agents.oncall.kinds import Severity
from agents.oncall.page import PageState
from jobs import run as door
from tests.oncall.ward import Ward, opened_ward
from tests.publishing.desk import Dies

ASKED = {
    Severity.CRITICAL: ((0, {"first"}), (5, {"first", "Cleo"}), (15, {"Mia"}), (30, {"Olga"})),
    Severity.HIGH: ((0, {"first"}), (15, {"Cleo"}), (60, {"Mia"})),
    Severity.MEDIUM: ((0, {"first"}),),
    Severity.LOW: (),
}
"""(minutes, whom), as the documentation has it.  first: whoever is on call in the first layer at that moment."""
REMIND = {Severity.CRITICAL: 1, Severity.HIGH: 4, Severity.MEDIUM: 24}
SLACK = timedelta(seconds=3)
"""How late a thing may be; the clock of these tests moves a little at every look."""
LEASE = timedelta(seconds=40)


def on_call(at: datetime) -> str:
    """In the first layer: week by week in turn, from Sundays at nine."""
    return ("Nora", "Ben")[(at - datetime(2026, 11, 15, 9, 0, tzinfo=UTC)) // timedelta(weeks=1) % 2]


@dataclass
class Expected:
    """One alert as its rules have it."""

    alert: Alert
    severity: Severity
    since: datetime
    """From when on the next step's time counts."""
    state: AlertState = AlertState.OPEN
    step: int = 0
    round: int = 0
    silent_until: datetime | None = None
    at: datetime | None = None
    """When it was acknowledged, or resolved."""
    reminded: list[datetime] = field(default_factory=list)
    pages: list[tuple[datetime, int, int, set[str]]] = field(default_factory=list)
    """(when, round, step, whom)"""

    def passes(self, now: datetime) -> None:
        """All that was to happen until now."""
        while (due := self._next()) is not None and due <= now:
            if self.state is AlertState.OPEN:
                whom = {on_call(due) if one == "first" else one for one in ASKED[self.severity][self.step][1]}
                self.pages.append((due, self.round, self.step + 1, whom))
                self.since, self.step = due, self.step + 1
            elif len(self.reminded) < 2:
                self.reminded.append(due)
            else:
                self.begins(due)

    def begins(self, at: datetime) -> None:
        self.state, self.step, self.round, self.since = AlertState.OPEN, 0, self.round + 1, at
        self.reminded = []

    def last_page(self) -> datetime:
        return max((at for at, *_ in self.pages), default=self.since - timedelta(days=9))

    def _next(self) -> datetime | None:
        steps = ASKED[self.severity]
        if self.state is AlertState.OPEN and self.step < len(steps):
            gap = timedelta(minutes=steps[self.step][0] - (steps[self.step - 1][0] if self.step else 0))
            return max(self.since, self.silent_until or self.since) + gap
        if self.state is AlertState.ACKNOWLEDGED and self.severity in REMIND and self.at:
            last = self.reminded[-1] if self.reminded else self.at
            return max(last, self.silent_until or last) + timedelta(hours=REMIND[self.severity])
        return None


kinds = st.sampled_from(sorted(ASKED))
names = st.sampled_from(["Nora", "Ben", "Cleo", "Mia"])
minutes = st.sampled_from([0, 1, 4, 5, 6, 9, 11, 16, 29, 31, 59, 61, 125, 250, 500])


class AnyNight(RuleBasedStateMachine):
    migrated: Path
    """A database as the migrations make it, to be copied."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        folder = Path(self._stack.enter_context(tempfile.TemporaryDirectory()))
        shutil.copy(self.migrated, folder / "troupe.db")
        enter = door.WORK.__setitem__
        self.ward: Ward = self._stack.enter_context(opened_ward(f"sqlite:///{folder}/troupe.db", enter))
        self.all: dict[str, Expected] = {}

    @initialize(severity=kinds)
    def begins(self, severity: Severity) -> None:
        self.fails("a", severity)

    @rule(cause=st.sampled_from("ab"), severity=kinds)
    def fails(self, cause: str, severity: Severity) -> None:
        alert = self.ward.raises(severity, subject=cause)
        now, known = self.ward.now.moment, self.all.get(cause)
        if known is None or (known.state is AlertState.RESOLVED and known.at and known.at < now - FLAPS):
            self.all[cause] = Expected(alert, severity, now)
        elif known.state is AlertState.RESOLVED:
            known.severity = severity  # it comes back as bad as it is now
            damped = known.last_page() + timedelta(minutes=30)
            mild = known.severity is not Severity.CRITICAL
            known.begins(max(now, damped) if mild else now)
            assert alert.id == known.alert.id
        self.ward.work_off()
        self._pass()

    @precondition(lambda self: self.of(AlertState.OPEN))
    @rule(data=st.data(), name=names)
    def somebody_acknowledges(self, data: st.DataObject, name: str) -> None:
        one = data.draw(st.sampled_from(self.of(AlertState.OPEN)))
        self.ward.acknowledges(name, one.alert)
        one.state, one.at, one.reminded = AlertState.ACKNOWLEDGED, self.ward.now.moment, []

    @precondition(lambda self: self.of(AlertState.OPEN, AlertState.ACKNOWLEDGED))
    @rule(data=st.data(), name=names)
    def somebody_resolves(self, data: st.DataObject, name: str) -> None:
        one = data.draw(st.sampled_from(self.of(AlertState.OPEN, AlertState.ACKNOWLEDGED)))
        self.ward.resolves(name, one.alert)
        one.state, one.at = AlertState.RESOLVED, self.ward.now.moment

    @precondition(lambda self: self.of(AlertState.OPEN, AlertState.ACKNOWLEDGED))
    @rule(data=st.data(), gap=st.sampled_from([3, 20, 60, 400]))
    def somebody_silences(self, data: st.DataObject, gap: int) -> None:
        one = data.draw(st.sampled_from(self.of(AlertState.OPEN, AlertState.ACKNOWLEDGED)))
        one.silent_until = self.ward.silences("Mia", one.alert, timedelta(minutes=gap)).silenced_until

    @rule(gap=minutes)
    def time_passes(self, gap: int) -> None:
        self.ward.later(minutes=gap, seconds=1)
        self._pass()

    @rule()
    def everything_restarts(self) -> None:
        self.ward.restart()

    @precondition(lambda self: not self.of(AlertState.ACKNOWLEDGED))
    @rule(at=st.integers(0, 9), gap=minutes)
    def a_worker_dies(self, at: int, gap: int) -> None:
        """At what is owed next; another one comes when its lease is over. Reminders, which count from each other: elsewhere."""
        with self.ward.looking() as work:
            due = work.jobs.next_due()
        if due is None or due > self.ward.now.moment + timedelta(minutes=gap):
            return
        self.ward.dies = Dies(at)
        self.ward.now.moment = max(due, self.ward.now.moment)
        self.ward.work_off()
        self.ward.dies = Dies()
        self.slack = SLACK + LEASE
        self.ward.later(seconds=LEASE.total_seconds())
        self._pass()

    slack = SLACK

    @invariant()
    def whoever_was_to_be_paged_was_and_nobody_else(self) -> None:
        for one in self.all.values():
            pages = [p for p in self.ward.pages(one.alert) if p.way == "chat"]
            people = {person.id: name for name, person in self.ward.people.items()}
            assert {p.state for p in pages} <= {PageState.OWED, PageState.SENT, PageState.DROPPED}
            made = [(p.round, p.level, people[p.person_id]) for p in pages]
            wanted = [(round, level, name) for _, round, level, whom in one.pages for name in whom]
            assert Counter(made) == Counter(wanted)
            due = {(round, level): at for at, round, level, _ in one.pages}
            for page in pages:
                late = page.created_at - due[page.round, page.level]
                assert -SLACK <= late <= self.slack, f"{late} late"

    @invariant()
    def nothing_is_said_twice(self) -> None:
        if not self.all:
            return
        with self.ward.looking() as work:
            for name, person in self.ward.people.items():
                said = self.ward.heard(name)
                pages = [p for each in self._ever for p in work.pages.of(each) if p.person_id == person.id]
                assert len(said) == len(pages), f"{name} heard {said}"

    @invariant()
    def it_is_in_the_state_that_it_is_to_be_in(self) -> None:
        for one in self.all.values():
            assert self.ward.alert(one.alert).state is one.state

    def of(self, *states: AlertState) -> list[Expected]:
        return [one for one in self.all.values() if one.state in states]

    def teardown(self) -> None:
        self._stack.close()

    @property
    def _ever(self) -> list[str]:
        """Every alert there was."""
        with self.ward.looking() as work:
            alerts = work.alerts.between(
                datetime.min.replace(tzinfo=self.ward.now.moment.tzinfo), self.ward.now()
            )
        return [alert.id for alert in alerts]

    def _pass(self) -> None:
        for one in self.all.values():
            one.passes(self.ward.now.moment)


def test_in_any_night_everybody_is_paged_in_time_and_once(migrated_file: Path) -> None:
    AnyNight.migrated = migrated_file
    before = dict(door.WORK)
    try:
        run_state_machine_as_test(
            AnyNight,
            settings=settings(
                max_examples=12,
                phases=(Phase.explicit, Phase.reuse, Phase.generate),  # to shrink a night takes minutes
                stateful_step_count=20,
                deadline=None,
                suppress_health_check=list(HealthCheck),
            ),
        )
    finally:
        door.WORK.update(before)
