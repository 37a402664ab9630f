"""The whole life of tasks, in any order of events, with workers that may die anywhere and people who press whatever they see.

Whatever happens: no persona has more in hand than it may, nothing leaves that was not approved exactly so, and nothing
twice; what waits costs no worker; and nobody is left without a way on.
"""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from datetime import timedelta
from functools import partial
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, event, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule, run_state_machine_as_test
from sqlalchemy import text

from agents import halt
from agents.approvals.approval import ApprovalState
from agents.approvals.fingerprint import SHOWN
from agents.effects.effect import Effect, EffectKind, EffectState
from agents.errors import TroupeError
from agents.jobs import JobName, Later
from agents.money import MicroUSD, from_dollars
from agents.people import Person
from agents.personas import manage
from agents.personas.persona import Persona, PersonaState
from agents.tasks import course, decide, moves, questions, steer, steps
from agents.tasks import request as asking
from agents.tasks.action import Action, ActionState
from agents.tasks.asking import of_result
from agents.tasks.plan import Check, Tick, Verdict
from agents.tasks.split import split
from agents.tasks.task import State, Task, Wait
from agents.tasks.tools import Part
from jobs.run import run
from storage.jobs import Owed
from storage.unit_of_work import UnitOfWork
from tests.servers.postgres import Postgres
from tests.tasks.office import MAIL, OUTLINE, WISH, Office, open_office

S, A, E = State, ActionState, EffectState
PEOPLE = ("Alice", "Mia", "Max", "Bob", "Bob", "Charlie")
LEASE = timedelta(seconds=60)
GAPS = (
    timedelta(seconds=2),
    timedelta(seconds=20),
    timedelta(minutes=10),
    timedelta(hours=6),
    timedelta(days=4),
)
AT_WORK = ("on", "on", "on", "on", "step", "step", "step", "ask", "split", "block", "money", "fail", "back")
names, gaps = st.sampled_from(PEOPLE), st.sampled_from(GAPS)
PHASES = (Phase.explicit, Phase.reuse, Phase.generate)
"""Not shrunk: an example takes half a second, and what is printed tells the story as it is."""
often, seldom = st.sampled_from([False] * 3 + [True]), st.sampled_from([False] * 11 + [True])


class Died(BaseException):
    """As good as SIGKILL."""


class Life(RuleBasedStateMachine):
    fresh: Callable[[], tuple[str, Callable[[], object]]]
    """A new database's URL, and what ends it."""

    def __init__(self) -> None:
        super().__init__()
        self._stack = ExitStack()
        url, ends = type(self).fresh()
        self._stack.callback(ends)
        self.office: Office = self._stack.enter_context(open_office(url))
        self.office.hires("eve", at_once=2, min_complexity=2, max_complexity=9)
        self.calls = 0
        self.arrived: list[str] = []
        """The key of everything that reached the outside world."""
        self.buttons: list[tuple[str, str]] = []
        """(task or step, fingerprint) of every button that was ever drawn."""
        self.said_yes: set[tuple[str, str]] = set()
        """(step, fingerprint) of every yes that was taken."""
        self.blind: set[str] = set()
        """Steps of which the outside does not tell whether they happened."""

    def teardown(self) -> None:
        self._stack.close()

    # ---- what people do ----

    @initialize()
    def begin(self) -> None:
        self._request("ada", 3, True, 5)

    @rule(
        to=st.sampled_from(["", "", "ada", "eve"]),
        complexity=st.integers(1, 10),
        reviewed=st.booleans(),
        priority=st.integers(1, 10),
    )
    def somebody_asks(self, to: str, complexity: int, reviewed: bool, priority: int) -> None:
        with self.office.looking() as work:
            if len(work.tasks.in_states(tuple(S))) < 6:
                self._request(to, complexity, reviewed, priority)

    @rule(data=st.data())
    def somebody_decides(self, data: st.DataObject) -> None:
        """Whatever is asked, by whoever may: the likely thing."""
        task = self._one(data, (S.WAITING,))
        if task is None:
            return
        by, yes = self.office.people["Alice"], data.draw(st.sampled_from([True, True, False]))
        match task.waits_for:
            case Wait.PLAN:
                self._press(lambda w: self._plan(task, by, self._button(task, w), yes, w))
            case Wait.REVIEW:
                self._press(lambda w: self._result(task, by, self._button(task, w), yes, w))
            case Wait.STEP:
                self._about_a_step(task, yes, data)
            case Wait.ANSWER:
                self._press(lambda w: self._answer(task, by.name, w))
            case Wait.BUDGET:
                more = MicroUSD(task.budget + from_dollars(1))
                self._press(lambda w: steer.raise_budget(task.id, by, more, w))

    @rule(data=st.data(), name=names)
    def somebody_steers(self, data: st.DataObject, name: str) -> None:
        task, by = self._one(data, tuple(S)), self.office.people[name]
        if task is None:
            return
        verbs = (
            lambda w: steer.pause(task.id, by, w),
            lambda w: steer.resume(task.id, by, w),
            lambda w: steer.resume(task.id, by, w),
            lambda w: steer.retry(task.id, by, w),
            lambda w: steer.retry(task.id, by, w),
            lambda w: steer.give(task.id, by, self._anybody(data, w), w),
            lambda w: steer.correct(task.id, by, w, complexity=data.draw(st.integers(1, 10))),
            lambda w: steer.stop(task.id, by, w),
            lambda w: decide.change_result(task.id, by, of_result(task, w), "More.", w),
        )
        self._press(data.draw(st.sampled_from(verbs)))

    @rule(data=st.data(), name=names)
    def an_old_button_is_pressed(self, data: st.DataObject, name: str) -> None:
        if not self.buttons:
            return
        id, seen = data.draw(st.sampled_from(self.buttons))
        by, yes = self.office.people[name], data.draw(st.booleans())
        with self.office.looking() as work:
            known = {
                action.id
                for task in work.tasks.in_states(tuple(S))
                for action in work.actions.of_task(task.id)
            }
        if id in known:
            self._decide_step(id, by.name, seen, yes)
            return
        with self.office.looking() as work:
            task = work.tasks.get(id)
        verb = data.draw(st.sampled_from([self._plan, self._result]))
        self._press(lambda w: verb(task, by, seen, yes, w))

    @rule(data=st.data())
    def the_team_changes(self, data: st.DataObject) -> None:
        """Halted, a persona paused or put away; mostly everything is well again."""
        alice = self.office.people["Alice"]
        if not data.draw(often):
            self._press(lambda w: halt.resume(alice, w))
            for persona in self.office.personas.values():
                for wakes in (manage.resume, manage.restore):
                    self._press(partial(_wakes, wakes, persona.id, alice))
            return
        handle = data.draw(st.sampled_from(["ada", "eve"]))
        id = self.office.personas[handle].id
        verbs = (
            lambda w: halt.halt("", alice, w),
            lambda w: halt.resume(alice, w),
            lambda w: manage.pause(id, alice, w),
            lambda w: manage.resume(id, alice, w),
            lambda w: manage.archive(id, alice, w),
            lambda w: manage.restore(id, alice, w),
        )
        self._press(data.draw(st.sampled_from(verbs)))

    # ---- what happens by itself ----

    @rule(gap=gaps)
    def time_goes_on(self, gap: timedelta) -> None:
        self.office.now.forward(gap)
        self._jobs()

    @rule(data=st.data())
    def a_worker_works(self, data: st.DataObject) -> None:
        self._jobs()
        for owed in self._works():
            self._run(owed, data)

    @rule(data=st.data())
    def an_hour_at_work(self, data: st.DataObject) -> None:
        for _ in range(4):
            self.a_worker_works(data)
            self.somebody_decides(data)

    @rule(data=st.data())
    def another_hour(self, data: st.DataObject) -> None:
        self.an_hour_at_work(data)

    def _jobs(self) -> None:
        """Everything that is due now but WORK: and that stays owed, as a queue would have it."""
        while True:
            rung = [o for c in self.office.bell.rung for o in c.owed if o.job.name is not JobName.WORK]
            self.office.bell.rung.clear()
            with self.office.storage.unit_of_work() as work:
                due = work.jobs.claim_due(work.now)
            queue = [*rung, *(o for o in due if o.job.name is not JobName.WORK)]
            queue = [o for o in queue if o.job.name is not JobName.TIDY]
            if not queue:
                return
            for id in dict.fromkeys(owed.id for owed in queue):
                run(id)

    def _works(self) -> list[Owed]:
        """What a worker may take now."""
        query = "select id from jobs where name = 'work' and done_at is null order by created_at"
        with self.office.storage.unit_of_work() as work:
            ids = [row.id for row in work.connection.execute(text(query))]
            taken = [work.jobs.take(id, "worker", work.now, LEASE) for id in ids]
        return [owed for owed in taken if owed is not None]

    def _run(self, owed: Owed, data: st.DataObject) -> None:
        """One job, as jobs/work.py does it: a stage at most, or as far as somebody else has to act."""
        try:
            self._work_on(owed.job.subject.id, data)
        except Died:
            event("died")
            return
        except Later as later:
            at = later.at
            self.office.does(lambda w: w.jobs.postpone(owed.id, "worker", at, anew=True))
            return
        except moves.Stopped:
            event("stopped")
        self.office.does(lambda w: w.jobs.finish(owed.id, "worker", w.now))

    def _work_on(self, id: str, data: st.DataObject) -> None:
        with self.office.looking() as work:
            task = work.tasks.get(id)
            if task.state is not S.WORKING:
                return
            moves.must_be_free_to_work(task, work)
            begun = work.actions.of_task(id, (A.APPROVED, A.RUNNING))
        for action in begun:
            self._act(task, action, data)
        with self.office.looking() as work:
            asked = work.actions.of_task(id, (A.PROPOSED, A.UNKNOWN))
            open = [q for q in work.questions.of_task(id) if q.answered_at is None]
            parts = [part for part in work.tasks.parts(id) if part.is_open]
        for wait, there in ((Wait.STEP, asked), (Wait.ANSWER, open), (Wait.PARTS, parts)):
            if there:
                with self.office.storage.unit_of_work() as work:
                    course.wait(task, wait, work)
                return
        self._dies(data)
        getattr(self, f"_{data.draw(st.sampled_from(AT_WORK))}")(task, data)

    def _on(self, task: Task, data: st.DataObject) -> None:
        """The stage is done, and ends."""

        def ends(work: UnitOfWork) -> Task:
            now = moves.present(task, work)
            match now.stage.value:
                case "design":
                    approach = f"Plan {self.calls} of {now.plan}."
                    self.calls += 1
                    course.write_plan(now, OUTLINE.model_copy(update={"approach": approach}), work)
                case "build":
                    for number in (1, 2):
                        course.tick(now, number, Tick.DONE, work)
                case "test":
                    work.tasks.add_check(now, Check("true", 0, "", work.now))
                    work.tasks.set_verdict(now, Verdict(1, True, "it"))
            return course.forward(work.tasks.get(task.id), work)

        after = self.office.does(ends)
        event(f"{after.stage.value} {after.state.value} {after.waits_for.value}")
        if after.waits_for in (Wait.PLAN, Wait.REVIEW):
            self.buttons.append((task.id, self.office.button(task)))

    def _step(self, task: Task, data: st.DataObject) -> None:
        """One or two steps at once, as a model's answer may have several calls."""
        for _ in range(data.draw(st.integers(1, 2))):
            self.calls += 1
            call, to = f"call-{self.calls}", {**MAIL, "to": f"max{self.calls}@example.com"}
            with self.office.storage.unit_of_work() as work:
                action = steps.propose(task, "send_email", call, to, WISH, work)
            self.buttons.append((action.id, action.fingerprint[:SHOWN]))
            if data.draw(often):
                self.blind.add(action.id)
        self._meanwhile(task, data)
        self.office.does(lambda w: course.wait(task, Wait.STEP, w))

    def _ask(self, task: Task, data: st.DataObject) -> None:
        self.calls += 1
        call = f"call-{self.calls}"
        self.office.does(lambda w: questions.ask(task, call, "Which?", ("A", "B"), w))
        self.office.does(lambda w: course.wait(task, Wait.ANSWER, w))

    def _split(self, task: Task, data: st.DataObject) -> None:
        self.calls += 1
        parts = [Part("A part", "Do it.", "", MicroUSD(0)) for _ in range(data.draw(st.integers(1, 2)))]
        with suppress(TroupeError):
            self.office.does(lambda w: split(task, f"call-{self.calls}", parts, w))
        self.office.does(lambda w: course.wait(task, Wait.PARTS, w))

    def _block(self, task: Task, data: st.DataObject) -> None:
        self.office.does(lambda w: course.block(task, "No file.", w))

    def _money(self, task: Task, data: st.DataObject) -> None:
        self.office.does(lambda w: course.wait(task, Wait.BUDGET, w, why="Nothing is left."))

    def _fail(self, task: Task, data: st.DataObject) -> None:
        self.office.does(lambda w: course.fail(task, "The page is gone.", w))

    def _back(self, task: Task, data: st.DataObject) -> None:
        if task.stage.value == "design":
            self._on(task, data)
        else:
            self.office.does(lambda w: course.back(task, "Not good.", w))

    def _act(self, task: Task, action: Action, data: st.DataObject) -> None:
        """As the gate does it: claim, act, note; after a death look first."""
        if action.state is A.APPROVED:
            effect = self.office.does(lambda w: steps.claim(action, action.fingerprint, w))
            assert (action.id, action.fingerprint) in self.said_yes, "nobody approved that"
            with self.office.looking() as work:
                assert work.switches.halted is None, "nothing begins while halted"
        else:
            found = self._effect(action)
            assert found is not None
            effect = found
            if action.id in self.blind:
                self.office.does(lambda w: steps.unsure(action, effect, "Nobody can look.", w))
                return
            if effect.id in self.arrived:
                self.office.does(lambda w: steps.done(action, effect, "Found.", w))
                return
        self._dies(data)
        self._meanwhile(task, data)
        end = data.draw(st.sampled_from(["done", "done", "done", "failed", "unsure", "unsure but sent"]))
        if end in ("done", "unsure but sent"):
            assert effect.id not in self.arrived, "it happened twice"
            self.arrived.append(effect.id)
        self._dies(data)
        event(f"step {end}")
        if end == "done":
            self.office.does(lambda w: steps.done(action, effect, "Sent.", w))
        elif end == "failed":
            self.office.does(lambda w: steps.failed(action, effect, "No such address.", w))
        else:
            self.office.does(lambda w: steps.unsure(action, effect, "No answer.", w))

    def _dies(self, data: st.DataObject) -> None:
        if data.draw(seldom):
            raise Died

    def _meanwhile(self, task: Task, data: st.DataObject) -> None:
        """Somebody is faster than the worker."""
        if data.draw(often):
            verb = data.draw(st.sampled_from([steer.pause, steer.stop]))
            self._press(lambda w: verb(task.id, self.office.people["Alice"], w))

    # ---- what must be true at any moment ----

    @invariant()
    def nobody_has_more_in_hand_than_it_may(self) -> None:
        with self.office.looking() as work:
            for id, held in work.tasks.load().items():
                assert held <= work.personas.get(id).profile.tasks.at_once

    @invariant()
    def nothing_left_without_its_approval_or_twice(self) -> None:
        assert len(self.arrived) == len(set(self.arrived))
        with self.office.looking() as work:
            for key in self.arrived:
                effect = work.effects.get(key)
                approval = work.approvals.get(effect.approval_id)
                assert approval.state is ApprovalState.APPROVED
                assert (
                    approval.fingerprint
                    == effect.fingerprint
                    == work.actions.get(effect.subject.id).fingerprint
                )

    @invariant()
    def a_step_and_its_effect_say_the_same(self) -> None:
        fits = {
            A.APPROVED: {E.DUE, E.SENDING},
            A.RUNNING: {E.SENDING},
            A.DONE: {E.DONE},
            A.FAILED: {E.FAILED},
            A.UNKNOWN: {E.UNKNOWN},
        }
        with self.office.looking() as work:
            for task in work.tasks.in_states(tuple(S)):
                for action in work.actions.of_task(task.id):
                    effects = work.effects.about(action.subject)
                    assert len(effects) <= 1
                    if action.state in fits:
                        assert effects[0].state in fits[action.state], (action.state, effects[0].state)
                    if action.state is A.UNKNOWN:
                        assert work.alerts.open_about(action.subject), "in doubt, and nobody is told"
                    if not task.is_open:
                        assert action.state not in (A.PROPOSED, A.APPROVED, A.RUNNING)

    @invariant()
    def what_waits_owes_no_work_and_everything_has_a_way_on(self) -> None:
        with self.office.looking() as work:
            for task in work.tasks.in_states(tuple(S)):
                self._has_a_way_on(task, work)

    def _has_a_way_on(self, task: Task, work: UnitOfWork) -> None:
        query = text("select name, attempts from jobs where subject = :about and done_at is null")
        rows = work.connection.execute(query, {"about": str(task.subject)})
        jobs = [(row.name, row.attempts) for row in rows]
        working = [name for name, _ in jobs if name == "work"]
        if task.state is not S.WORKING:  # what a worker had in hand ends by itself, on the state it finds
            assert ("work", 0) not in jobs, f"{task.state} {task.waits_for} owes work"
        if task.state in (S.WORKING, S.QUEUED):
            assert task.waits_for is Wait.NOTHING
        match task.state:
            case S.WORKING:
                assert working, "nobody comes back for it"
                assert task.persona_id
            case S.QUEUED:
                assert not task.persona_id
                assert ("assign", 0) in jobs or not self._free_for(task, work), "somebody is free"
            case S.WAITING:
                self._is_asked(task, work)
            case S.BLOCKED:
                assert work.alerts.open_about(task.subject), "blocked, and nobody is told"
            case S.FAILED:
                assert task.finished_at and work.alerts.open_about(task.subject)
            case S.COMPLETE | S.CANCELLED:
                assert task.finished_at and ("tidy", 0) in jobs

    def _is_asked(self, task: Task, work: UnitOfWork) -> None:
        """There is something to press, or something that will come."""
        match task.waits_for:
            case Wait.PLAN | Wait.REVIEW:
                approval = work.approvals.get(task.approval_id)
                assert approval.state is ApprovalState.PENDING
                owed = text(
                    "select count(*) from jobs where subject = :about and name = 'expire' and done_at is null"
                )
                about = {"about": f"approval:{approval.id}"}
                assert work.connection.execute(owed, about).scalar_one() == 1
            case Wait.STEP:
                assert work.actions.of_task(task.id, (A.PROPOSED, A.UNKNOWN))
            case Wait.ANSWER:
                assert any(q.answered_at is None for q in work.questions.of_task(task.id))
            case Wait.PARTS:
                assert any(part.is_open for part in work.tasks.parts(task.id))
            case Wait.BUDGET:
                assert work.alerts.open_about(task.subject)
            case Wait.NOTHING:
                raise AssertionError("it waits for nothing")

    def _free_for(self, task: Task, work: UnitOfWork) -> bool:
        """Whether somebody could take it, whom no other task looks for just now: after that the next one looks."""
        load = work.tasks.load()
        free = [
            persona
            for persona in work.personas.all()
            if persona.state is PersonaState.ACTIVE
            and load.get(persona.id, 0) < persona.profile.tasks.at_once
        ]
        looking = [t for t in work.tasks.in_states((S.QUEUED,)) if work.jobs.owes(t.subject, JobName.ASSIGN)]
        return any(
            moves.could_take(persona, task) and not any(moves.could_take(persona, one) for one in looking)
            for persona in free
        )

    # ---- small things ----

    def _request(self, to: str, complexity: int, reviewed: bool, priority: int) -> None:
        named = self.office.personas[to] if to else None
        ask = asking.Request(
            by=self.office.people["Bob"],
            title="A task",
            brief="Do it.",
            origin=self.office.channel,
            asked_for=named,
            complexity=complexity,
            reviewed=reviewed,
            priority=priority,
        )
        self._press(lambda w: asking.request(ask, w))

    def _one(self, data: st.DataObject, states: tuple[State, ...]) -> Task | None:
        found = self.office.in_state(*states)
        return data.draw(st.sampled_from(found)) if found else None

    def _press(self, verb: Callable[[UnitOfWork], object]) -> bool:
        """Whether it was taken. Whatever is refused changed nothing: the transaction is rolled back."""
        try:
            self.office.does(verb)
        except TroupeError:
            return False
        return True

    def _plan(self, task: Task, by: Person, seen: str, yes: bool, work: UnitOfWork) -> object:
        if yes:
            return decide.approve_plan(task.id, by, seen, work)
        return decide.change_plan(task.id, by, seen, "Cheaper.", work)

    def _result(self, task: Task, by: Person, seen: str, yes: bool, work: UnitOfWork) -> object:
        if yes:
            return decide.accept(task.id, by, seen, work)
        return decide.change_result(task.id, by, seen, "More.", work)

    def _button(self, task: Task, work: UnitOfWork) -> str:
        return work.approvals.get(task.approval_id).fingerprint[:SHOWN]

    def _answer(self, task: Task, name: str, work: UnitOfWork) -> None:
        for question in work.questions.of_task(task.id):
            if question.answered_at is None:
                questions.answer(question.id, self.office.people[name], "A", work)

    def _about_a_step(self, task: Task, yes: bool, data: st.DataObject) -> None:
        with self.office.looking() as work:
            asked = work.actions.of_task(task.id, (A.PROPOSED, A.UNKNOWN))
        action = data.draw(st.sampled_from(asked))
        if action.state is A.PROPOSED:
            self._decide_step(action.id, "Alice", action.fingerprint[:SHOWN], yes)
            return
        found = self._effect(action)
        assert found is not None
        verb = steps.happened if found.id in self.arrived else steps.did_not
        self._press(lambda w: verb(action.id, self.office.people["Alice"], w))

    def _decide_step(self, id: str, name: str, seen: str, yes: bool) -> None:
        by = self.office.people[name]
        if not yes:
            self._press(lambda w: steps.refuse(id, by, seen, "No.", w))
        elif self._press(lambda w: steps.approve(id, by, seen, w)):
            with self.office.looking() as work:
                action = work.actions.get(id)
            assert action.fingerprint[:SHOWN] == seen
            self.said_yes.add((id, action.fingerprint))

    def _effect(self, action: Action) -> Effect | None:
        with self.office.looking() as work:
            return work.effects.of_approval(action.approval_id, EffectKind.ACT)

    def _anybody(self, data: st.DataObject, work: UnitOfWork) -> Persona:
        return work.personas.get(self.office.personas[data.draw(st.sampled_from(["ada", "eve"]))].id)


def _wakes(verb: Callable[..., object], id: str, by: Person, work: UnitOfWork) -> object:
    return verb(id, by, work)


@contextmanager
def on_sqlite(migrated: Path) -> Iterator[Callable[[], tuple[str, Callable[[], object]]]]:
    def fresh() -> tuple[str, Callable[[], object]]:
        folder = tempfile.TemporaryDirectory()
        shutil.copy(migrated, Path(folder.name) / "troupe.db")
        return f"sqlite:///{folder.name}/troupe.db", folder.cleanup

    yield fresh


def live(fresh: Callable[[], tuple[str, Callable[[], object]]], examples: int, steps: int) -> int:
    """How many lives were lived, each in a database of its own. What must hold is asserted after each step of each."""
    lived = 0

    def another() -> tuple[str, Callable[[], object]]:
        nonlocal lived
        lived += 1
        return fresh()

    Life.fresh = staticmethod(another)
    ways = settings(
        max_examples=examples,
        stateful_step_count=steps,
        deadline=None,
        suppress_health_check=list(HealthCheck),
        phases=PHASES,
    )
    run_state_machine_as_test(Life, settings=ways)
    return lived


def test_whatever_happens_nothing_is_stuck_doubled_or_done_unasked(migrated_file: Path) -> None:
    with on_sqlite(migrated_file) as fresh:
        assert live(fresh, 40, 30) >= 40


def test_the_same_on_postgresql(request: pytest.FixtureRequest) -> None:
    from storage.migrate import upgrade

    server: Postgres = request.getfixturevalue("postgres")

    def fresh() -> tuple[str, Callable[[], object]]:
        stack = ExitStack()
        url = stack.enter_context(server.database(server.template("migrated", upgrade)))
        return url, stack.close

    assert live(fresh, 5, 30) >= 5
