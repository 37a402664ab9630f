"""A persona at work on its task: one job is one stage, from where it stands to its end, or to where somebody else has to act.

Our rows say how far the task is; LangGraph's checkpoints, how far the stage. Whoever dies in the middle is followed by
another worker, which goes on there.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from zoneinfo import ZoneInfo

import structlog
from rq import get_current_job

from agents.errors import BudgetExhausted, Conflict, NotFound, TroupeError
from agents.events import Actor, Subject
from agents.jobs import LEASES, Later, Queue
from agents.personas.persona import Persona
from agents.tasks import course, moves
from agents.tasks.agent import Agent, Ended
from agents.tasks.gate import Gate
from agents.tasks.prompts import instructions, lacking, opening
from agents.tasks.stopping import Interrupted, ModelFailed
from agents.tasks.task import Stage, State, Task, Wait
from agents.tasks.toolbox import toolbox
from agents.tasks.toolbox.offer import offered
from agents.tasks.tools import Bench
from bot.wiring import Troupe
from integrations.llm.agents import chat_models
from integrations.workspace.workspace import TaskWorkspace
from jobs import handing_over, money, outside, unpacking
from jobs.record import OpenRecord
from jobs.watching import Watch
from storage import checkpoints
from storage.columns import new_id
from storage.journal import Journal

log = structlog.get_logger()

TOLD = {Stage.REVIEW: 1}
TOLD_USUALLY = 3
"""How often an agent that ends its stage too early is told what is missing, before the task goes back or a person is asked."""
LEASE = LEASES[Queue.TASKS]
RENEWED_AFTER = LEASE / 9
TAKEN_PAUSE, HELD_PAUSE = timedelta(seconds=1), timedelta(seconds=10)
"""Until it is tried again: while somebody else is at this task; while calls of others hold the money."""
FILES_LIMIT = 5_000


@dataclass(frozen=True, slots=True)
class Grip:
    """How this worker has hold of the task.  holder: of the task's lease.  hold: renews the job's own; False when it is gone.

    went_on: told, once, when this run came farther than those before it.
    """

    holder: str
    hold: Callable[[], bool]
    went_on: Callable[[], None]


def work(troupe: Troupe, subject: Subject, hold: Callable[[], bool], went_on: Callable[[], None]) -> None:
    """hold: renews the job's own lease; False when another worker has it.  went_on: told when this run came farther.

    Raises Later while somebody else is at this task, or nobody may work; ModelFailed when no model answers.
    """
    with troupe.storage.reading() as looking:
        task = looking.tasks.get(subject.id)
        if task.state is not State.WORKING:
            return
        persona = moves.must_be_free_to_work(task, looking)
    with _leased(troupe, task) as holder:
        try:
            _at_work(troupe, task, persona, Grip(holder, hold, went_on))
        except (Interrupted, moves.Stopped) as stopped:
            log.info("task.stopped_working", task=task.id, why=type(stopped).__name__)
    with troupe.storage.reading() as looking:  # held back by a halt, it is owed again as soon as that is over
        if looking.tasks.get(task.id) == task:
            moves.must_be_free_to_work(task, looking)


def _at_work(troupe: Troupe, task: Task, persona: Persona, grip: Grip) -> None:
    workspace = unpacking.workspace_of(task, troupe)
    wanted = _Wanted(troupe, task, grip)

    def abandon() -> None:
        with troupe.storage.unit_of_work() as work:
            work.switches.release(_lease_of(task), grip.holder)
        os._exit(1)

    in_fork = get_current_job() is not None  # RQ's work-horse: nothing but this job ends with it
    with Watch(wanted, workspace.stop, abandon if in_fork else None) as watch:
        try:
            _Stage(troupe, task, persona, workspace, watch, grip).go()
        except BudgetExhausted as error:
            with troupe.storage.unit_of_work() as work:
                lack = money.lack(task, error, troupe, work)
                if lack is not None and lack.is_only_held:
                    raise Later("Other calls have set the money aside.", work.now + HELD_PAUSE) from error
                course.wait(task, Wait.BUDGET, work, why=error.what, lack=lack)
        except (Conflict, Later, ModelFailed, NotFound):
            raise
        except TroupeError as error:
            with troupe.storage.unit_of_work() as work:
                course.block(task, str(error), work)


class _Stage:
    """One stage of one task, in the hands of this worker."""

    def __init__(
        self,
        troupe: Troupe,
        task: Task,
        persona: Persona,
        workspace: TaskWorkspace,
        watch: Watch,
        grip: Grip,
    ) -> None:
        self._troupe, self._task, self._persona = troupe, task, persona
        self._workspace, self._watch, self._grip = workspace, watch, grip
        self._record = OpenRecord(troupe.storage, task, persona, workspace.note_progress)
        self._outside = outside.adapters(troupe)
        self._went_on = False

    def go(self) -> None:
        """Until the stage is over, or somebody else has to act."""
        task, storage = self._task, self._troupe.storage
        with storage.reading() as work:
            said = course.feedback(task, work)
            plan = work.tasks.plan(task)
        self._workspace.note_progress(task, plan)
        first = opening(task, plan, self._files(), said)
        agent, more = self._agent(said), ""
        for left in range(TOLD.get(task.stage, TOLD_USUALLY), -1, -1):
            ended = agent.run(f"{task.id}/{task.stage}/{task.round}", first, more)
            if ended.waits is not Wait.NOTHING:
                with storage.unit_of_work() as work:
                    course.wait(task, ended.waits, work)
                return
            lacks = self._lacks()
            if not lacks:
                self._forward(ended)
                return
            more = lacking(lacks)
            if left == 0:
                self._give_back(lacks)

    def _agent(self, said: tuple[str, ...]) -> Agent:
        troupe, task, persona = self._troupe, self._task, self._persona
        tools = offered(toolbox(), persona, task.stage, self._outside)
        storage, journal = troupe.storage, troupe.storage.journal()
        gate = Gate(
            task,
            tools,
            storage.unit_of_work,
            storage.reading,
            partial(storage.task_along, journal),
            self._bench,
            self._watch.shielded,
        )
        budget = storage.task_budget(persona, task, journal)
        models = chat_models(troupe.access, persona.profile.models, budget)
        now = troupe.clock().astimezone(ZoneInfo(persona.profile.zone))
        told = instructions(task, persona, now, said)
        saver = troupe.checkpoints.along(journal, self._came_on)
        return Agent(models, tools, gate, saver, partial(self._keep, journal), told, troupe.clock)

    def _keep(self, journal: Journal) -> None:
        """A stop waits for it, or what waits would be gone with the run."""
        with self._watch.shielded():
            journal.flush()

    def _bench(self, task: Task, call_id: str) -> Bench:
        now = self._troupe.clock()
        return Bench(task, self._persona, self._workspace, self._record, now, call_id, self._outside)

    def _came_on(self) -> None:
        """There is a checkpoint that was not there before, so the next run begins farther on than this one did."""
        if not self._went_on:
            self._went_on = True
            self._grip.went_on()

    def _files(self) -> list[str]:
        return [entry.path for entry in self._workspace.list("", FILES_LIMIT) if not entry.is_folder]

    def _lacks(self) -> tuple[str, ...]:
        """What is missing; what is there is handed over while it is made and tested."""
        files = self._workspace.list("", FILES_LIMIT)
        too_much: tuple[str, ...] = ()
        if self._task.stage in (Stage.BUILD, Stage.TEST):
            too_much = handing_over.hand_over(files, self._workspace, self._record, self._outside)
        with self._troupe.storage.reading() as work:
            return course.lacks(self._task, files, work) + too_much

    def _forward(self, ended: Ended) -> None:
        task = self._task
        with self._troupe.storage.unit_of_work() as work:
            if task.stage is Stage.REVIEW:
                author = Actor("persona", self._persona.id, self._persona.name)
                moves.say(task, ended.said, work, author)
            after = course.forward(task, work)
            if not after.is_open:
                checkpoints.forget(work.connection, task.id)
            work.switches.release(
                _lease_of(task), self._grip.holder
            )  # whoever has the next stage may begin at once

    def _give_back(self, lacks: tuple[str, ...]) -> None:
        why = " ".join(lacks)
        with self._troupe.storage.unit_of_work() as work:
            if self._task.stage in (Stage.TEST, Stage.REVIEW):
                course.back(self._task, why, work)
            else:
                course.block(self._task, f"It ended the stage again and again too early. {why}", work)
            work.switches.release(_lease_of(self._task), self._grip.holder)


class _Wanted:
    """Whether the work still is this worker's, and wanted; renews its leases on the way."""

    def __init__(self, troupe: Troupe, task: Task, grip: Grip) -> None:
        self._troupe, self._task, self._grip = troupe, task, grip
        self._renewed: datetime = troupe.clock()

    def __call__(self) -> bool:
        if not self._grip.hold():
            return False
        storage, now = self._troupe.storage, self._troupe.clock()
        if now > self._renewed + RENEWED_AFTER:
            with storage.unit_of_work() as work:
                if not work.switches.lease(_lease_of(self._task), self._grip.holder, work.now, LEASE):
                    return False
            self._renewed = now
        with storage.reading() as work:
            try:
                task = moves.present(self._task, work)
                moves.must_be_free_to_work(task, work)
            except (moves.Stopped, Later):
                return False
        return True


@contextmanager
def _leased(troupe: Troupe, task: Task) -> Iterator[str]:
    """Nobody else works on this task meanwhile. LangGraph alone would let two resumes of one run both run (measured)."""
    name, holder = _lease_of(task), new_id()
    with troupe.storage.unit_of_work() as work:
        if not work.switches.lease(name, holder, work.now, LEASE):
            raise Later("Somebody else is at this task.", work.now + TAKEN_PAUSE)
    try:
        yield holder
    finally:
        with troupe.storage.unit_of_work() as work:
            work.switches.release(name, holder)


def _lease_of(task: Task) -> str:
    return str(task.subject)
