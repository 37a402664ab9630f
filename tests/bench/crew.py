"""The process `agent` with work to do: tasks that wait for people, one that is stopped, and what is kept of finished ones.

The real worker, which forks for each stretch of work, with the real client of a model server that follows a script.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

import psutil
from redis import Redis
from rq import Queue
from sqlalchemy import func, select

from agents.jobs import JobName
from agents.jobs import Queue as Urgency
from agents.money import from_dollars
from agents.personas.persona import Delegation, Persona, Profile
from agents.tasks import assign, steer
from agents.tasks.family import Family
from agents.tasks.request import Request, request
from agents.tasks.task import State, Task, Wait
from storage import checkpoints
from storage.columns import new_id
from storage.tables import JobRow
from tests.bench.figures import Figure, Options, at_most
from tests.bench.house import House, house
from tests.bench.processes import REGISTERED, clock, process
from tests.servers import model
from tests.servers.model import Fault, ModelServer, call
from tests.servers.processes import ServerError
from tests.tasks.scripts import BUILD, stages

WAITING, WARM_UP, STOPS, FINISHED = 200, 3, 5, 10
GROWTH_MIB, STOPPED_S, KEPT_KB = 2.0, 2.0, 200.0
AT_ONCE = 10
"""Tasks that one persona may have at most."""
RESTED_S, WATCHED_S = 2.0, 3.0
PATIENCE_S = 180.0
LOOK_S = 0.01
SLEEP = ("sleep", "100")
MIB = 2**20


@dataclass(frozen=True)
class Crew:
    home: House
    agent: psutil.Process
    server: ModelServer
    redis: Redis

    def hires(self) -> Persona:
        rules = Delegation(tools=tuple(Family), at_once=AT_ONCE, plan_approved_from=8, reviewed=False)
        id = new_id()
        profile = Profile(name="Ada", handle=f"ada{id}", tasks=rules, monthly_budget_usd=1000)
        with self.home.troupe.storage.unit_of_work() as work:
            return work.personas.add(profile, work.now)

    def asks(self, persona: Persona, complexity: int) -> Task:
        """The agent has it from here on. From complexity 8 on, its plan waits for approval."""
        home = self.home
        with home.troupe.storage.unit_of_work() as work:
            asked = Request(
                home.alice,
                "Write it up",
                "Write a short report.",
                home.place.channel,
                persona,
                complexity=complexity,
                budget=from_dollars(50),
            )
            task = request(asked, work)
        with home.troupe.storage.unit_of_work() as work:
            return assign.assign(task.id, work)

    def stops(self, task: Task) -> None:
        with self.home.troupe.storage.unit_of_work() as work:
            steer.stop(task.id, self.home.alice, work)

    def comes_to(self, tasks: Sequence[Task], *ends: tuple[State, Wait]) -> None:
        """Waits for all of them. Raises ServerError when one does not come there."""
        for task in tasks:
            self.until(f"task {task.id} is as expected", partial(self._stands, task.id, ends))

    def until(self, what: str, when: Callable[[], bool]) -> None:
        end = time.monotonic() + PATIENCE_S
        while not when():
            if time.monotonic() > end:
                raise ServerError(f"{what}: not within {PATIENCE_S:g} s")
            time.sleep(LOOK_S)

    def at_work(self) -> list[psutil.Process]:
        """What the agent has forked, and what those have started."""
        return self.agent.children(recursive=True)

    def runs(self, *argv: str) -> bool:
        return any(_argv(one) == argv for one in self.at_work())

    def memory(self) -> float:
        """MiB that are the agent's alone, once it has seen that what the clock rang for twice is done already."""
        rested: list[float] = []

        def rests() -> bool:
            if self.at_work() or self.owed():
                rested.clear()
            else:
                rested.append(time.monotonic())
            return bool(rested) and time.monotonic() - rested[0] > RESTED_S

        self.until("the agent rests", rests)
        return self.agent.memory_full_info().uss / MIB

    def owed(self) -> int:
        """Stretches of work in our rows and in the queue."""
        owed = select(func.count()).where(JobRow.name == JobName.WORK.value, JobRow.done_at.is_(None))
        with self.home.troupe.storage.reading() as work:
            return (
                work.connection.execute(owed).scalar_one()
                + Queue(Urgency.TASKS.value, connection=self.redis).count
            )

    def watched(self) -> tuple[list[float], list[float]]:
        """How many processes are at work, and how much work is owed, again and again for a while."""
        seen = []
        end = time.monotonic() + WATCHED_S
        while time.monotonic() < end:
            seen.append((float(len(self.at_work())), float(self.owed())))
            time.sleep(WATCHED_S / 50)
        return [working for working, _ in seen], [owed for _, owed in seen]

    def kept(self, task: Task) -> float:
        """kB in checkpoints."""
        with self.home.troupe.storage.reading() as work:
            return checkpoints.kept(work.connection, task.id) / 1000

    def _stands(self, id: str, ends: Collection[tuple[State, Wait]]) -> bool:
        with self.home.troupe.storage.reading() as work:
            task = work.tasks.get(id)
        return (task.state, task.waits_for) in ends


def _argv(process: psutil.Process) -> tuple[str, ...]:
    try:
        return tuple(process.cmdline())
    except psutil.NoSuchProcess:  # it has ended meanwhile
        return ()


def figures(options: Options) -> Iterator[Figure]:
    with crew() as one:
        yield from _waiting(one, options.count(WAITING))
        yield _finished(one, options.count(FINISHED))
        for where, taken in _stopped(one, options.count(STOPS, 1)).items():
            yield at_most("tasks", f"Stop to the end of its process, in {where}", taken, STOPPED_S, unit="s")


@contextmanager
def crew() -> Iterator[Crew]:
    with house("sqlite", redis=True) as home, model.running() as server:
        server.script = stages()
        keys = {"OPENAI_BASE_URL": server.url, "OPENAI_API_KEY": "k", "OPENAI_MODEL": "gpt-5-mini"}
        with Redis.from_url(home.troupe.redis_url) as redis:

            def ready() -> bool:
                return bool(redis.smembers(REGISTERED))

            agent = process(home, "jobs.worker", Urgency.TASKS.value, ready=ready, env=keys)
            with agent, clock(home):
                yield Crew(home, psutil.Process(agent.pid), server, redis)


def _waiting(one: Crew, count: int) -> Iterator[Figure]:
    """Each brought so far by the agent itself: planned, then put before a person."""
    one.comes_to(_planned(one, WARM_UP), (State.WAITING, Wait.PLAN))
    before = one.memory()
    tasks = _planned(one, count)
    one.comes_to(tasks, (State.WAITING, Wait.PLAN))
    grown = max(0.0, one.memory() - before)
    what = f"{count} tasks that wait for approval"
    working, owed = one.watched()
    yield at_most("tasks", f"{what}: memory that the agent has grown by", [grown], GROWTH_MIB, unit="MiB")
    yield at_most("tasks", f"{what}: processes at work", working, 0, unit="")
    yield at_most("tasks", f"{what}: work owed or queued", owed, 0, unit="")
    kept = [one.kept(task) for task in tasks]
    yield at_most("tasks", "kept of a task that waits", kept, KEPT_KB, unit="kB")


def _planned(one: Crew, count: int) -> list[Task]:
    tasks: list[Task] = []
    while len(tasks) < count:
        persona = one.hires()
        tasks += [one.asks(persona, 8) for _ in range(min(AT_ONCE, count - len(tasks)))]
    return tasks


def _finished(one: Crew, count: int) -> Figure:
    tasks = []
    for _ in range(count):
        tasks.append(one.asks(one.hires(), 3))
        one.comes_to(tasks[-1:], (State.COMPLETE, Wait.NOTHING))
    return at_most("tasks", "kept of a finished task", [one.kept(task) for task in tasks], KEPT_KB, unit="kB")


def _stopped(one: Crew, count: int) -> dict[str, list[float]]:
    """s from the moment of the decision to the moment at which nothing of the task runs any more."""
    sleeps = call("run_command", command=list(SLEEP), timeout_s=120)
    return {
        "a call of its model": [_halts(one, partial(_hangs, one)) for _ in range(count)],
        "a command": [_halts(one, partial(_sleeps, one, sleeps)) for _ in range(count)],
    }


def _halts(one: Crew, deep_in: Callable[[], Task]) -> float:
    task = deep_in()
    begun = time.monotonic()
    one.stops(task)
    one.until("the task's process ends", lambda: not one.at_work())
    taken = time.monotonic() - begun
    one.server.script, one.server.faults = stages(), []
    return taken


def _hangs(one: Crew) -> Task:
    asked = len(one.server.requests)
    one.server.faults = [Fault(hangs_s=60)]
    task = one.asks(one.hires(), 3)
    one.until("the model is asked", lambda: len(one.server.requests) > asked)
    return task


def _sleeps(one: Crew, sleeps: model.Reply) -> Task:
    one.server.script = stages(build=[BUILD[0], sleeps])
    task = one.asks(one.hires(), 3)
    one.until("the command runs", lambda: one.runs(*SLEEP))
    return task
