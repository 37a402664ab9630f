"""A persona at work: what a step of its engine costs beside bare LangGraph, what a command in the sandbox, and what 200 tasks that wait."""

from __future__ import annotations

import os
import subprocess
from collections.abc import Iterator
from dataclasses import replace
from functools import partial

from agents.tasks.middleware import USUAL
from agents.tasks.task import Task
from storage import checkpoints
from storage.columns import new_id
from tests.bench import crew, engine
from tests.bench.figures import Figure, Options, against, at_most, in_turns, timed_ms
from tests.bench.house import House, Unrung, house
from tests.servers.processes import ServerError

ROUNDS, RUNS, STEPS = USUAL.model_calls, 6, 2
WARM_UP = 5
STEP_MS, TRUE_MS, MADE_S = 5.0, 20.0, 2.0
COMMANDS, WORKSPACES = 100, 20


def figures(options: Options) -> Iterator[Figure]:
    for database in options.databases:
        with house(database, kind=Unrung) as home:
            yield from _rounds(home, database, options)
    with house("sqlite", kind=Unrung) as home:
        yield from _sandbox(home, options)
    yield from crew.figures(options)


def _rounds(home: House, database: str, options: Options) -> Iterator[Figure]:
    """The two in turns, run by run: each run is one conversation, in which every round has more to keep than the one before."""
    task, rounds = engine.a_task(home), options.count(ROUNDS)
    ours: list[float] = []
    bare: list[float] = []

    def side(run: partial[list[float]], into: list[float]) -> float:
        into.extend(run())
        return 0.0

    for run in (engine.ours, engine.bare):
        run(home, task, WARM_UP)
    in_turns(
        options.count(RUNS, 1),
        partial(side, partial(engine.ours, home, task, rounds), ours),
        partial(side, partial(engine.bare, home, task, rounds), bare),
    )
    yield against("tasks", f"a round / bare LangGraph and a transaction, {database}", ours, bare, 1.0)
    steps = [round / STEPS for round in ours]
    yield at_most("tasks", f"a step, {database}: a round has two", steps, STEP_MS, of="median")
    what = f"kept of a run while it goes on, at most within {rounds} rounds, {database}"
    yield at_most("tasks", what, _kept(home, task, rounds), None, unit="kB")


def _kept(home: House, task: Task, rounds: int) -> list[float]:
    """kB in checkpoints at each round of one run."""
    found: list[float] = []

    def look() -> None:
        with home.troupe.storage.reading() as work:
            found.append(checkpoints.kept(work.connection, task.id) / 1000)

    with home.troupe.storage.unit_of_work() as work:
        checkpoints.forget(work.connection, task.id)
    engine.ours(home, task, rounds, look)
    return found


def _sandbox(home: House, options: Options) -> Iterator[Figure]:
    workspaces, task = home.troupe.workspaces, engine.a_task(home)
    workspaces.prepare()
    if workspaces.sandbox.found.tier is None:
        raise ServerError(f"there is no sandbox here: {'; '.join(workspaces.sandbox.found.missed)}")

    def made() -> float:
        fresh = replace(task, id=new_id())
        taken = timed_ms(lambda: workspaces.of(fresh).run(["python", "-c", ""])) / 1000
        workspaces.remove(fresh.id)
        return taken

    (seconds,) = in_turns(options.count(WORKSPACES), made)
    yield at_most("tasks", "a new workspace, to its first line of Python", seconds, MADE_S, unit="s")
    workspace = workspaces.of(task)
    confined = partial(timed_ms, lambda: workspace.run(["true"]))
    bare = partial(timed_ms, lambda: subprocess.run(["true"], check=True, env=dict(os.environ)))
    in_turns(WARM_UP, confined, bare)
    ours, peer = in_turns(options.count(COMMANDS), confined, bare)
    yield at_most("tasks", "`true` in the sandbox / a bare process", ours, TRUE_MS, of="median", bare=peer)
