"""LangGraph's checkpoints on the product's own database: pruned, forgotten, and read back as data alone."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator
from typing import Annotated, Any, TypedDict

import pytest
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from langgraph.checkpoint.serde.jsonplus import JsonPlusSerializer
from langgraph.graph import END, START, StateGraph
from langgraph.types import interrupt
from sqlalchemy import inspect, text

from agents.tasks.plan import Check
from storage.checkpoints import PRUNED_EVERY, TABLES, Checkpoints, forget, kept, prepare
from storage.columns import Table
from storage.database import connect
from storage.migrations.compared import is_ours
from tests.storage.cast import LONG_AGO
from tests.storage.processes import in_processes


def longer(one: list[str], other: list[str]) -> list[str]:
    return one + other


class State(TypedDict):
    said: Annotated[list[str], longer]


@pytest.fixture
def checkpoints(database_url: str) -> Iterator[Checkpoints]:
    made = Checkpoints(database_url)
    yield made
    made.close()


def graph(checkpoints: Checkpoints, steps: int, stops_at: int = -1) -> Any:
    """Says a word a step; waits once at `stops_at`."""
    built: Any = StateGraph(State)
    waiting = {stops_at}

    def say(state: State) -> dict[str, list[str]]:
        if len(state["said"]) in waiting:
            waiting.clear()
            interrupt("wait")
        return {"said": ["word " * 20]}

    built.add_node("say", say)
    built.add_edge(START, "say")
    built.add_conditional_edges("say", lambda state: "say" if len(state["said"]) < steps else END)
    return built.compile(checkpointer=checkpoints.saver)


def config(thread: str) -> dict[str, Any]:
    return {"configurable": {"thread_id": thread}, "recursion_limit": 1000}


def count(database_url: str, thread: str) -> int:
    engine = connect(database_url)
    with engine.connect() as connection:
        query = text("select count(*) from checkpoints where thread_id = :thread")
        found = int(connection.execute(query, {"thread": thread}).scalar_one())
    engine.dispose()
    return found


def size(database_url: str, task_id: str) -> int:
    engine = connect(database_url)
    with engine.connect() as connection:
        found = kept(connection, task_id)
    engine.dispose()
    return found


def test_old_ones_go_while_it_runs(checkpoints: Checkpoints, database_url: str) -> None:
    made = graph(checkpoints, 100)
    assert len(made.invoke({"said": []}, config("t1/build/1"), durability="sync")["said"]) == 100
    assert count(database_url, "t1/build/1") <= PRUNED_EVERY


def test_what_was_pruned_goes_on_where_it_stood(checkpoints: Checkpoints, database_url: str) -> None:
    made = graph(checkpoints, 60, stops_at=40)
    waiting = made.invoke({"said": []}, config("t1/build/1"), durability="sync")
    assert len(waiting["said"]) == 40
    again = Checkpoints(database_url)
    ended = graph(again, 60).invoke(None, config("t1/build/1"), durability="sync")
    again.close()
    assert len(ended["said"]) == 60


def test_a_task_is_forgotten_with_all_its_threads_and_no_other(
    checkpoints: Checkpoints, database_url: str
) -> None:
    for thread in ("t1/design/1", "t1/build/2", "t10/build/1", "t2/build/1"):
        graph(checkpoints, 3).invoke({"said": []}, config(thread), durability="sync")
    before = size(database_url, "t10"), size(database_url, "t2")
    assert size(database_url, "t1") > 0
    engine = connect(database_url)
    with engine.begin() as connection:
        forget(connection, "t1")
    engine.dispose()
    assert size(database_url, "t1") == 0
    assert (size(database_url, "t10"), size(database_url, "t2")) == before


def test_where_nobody_ever_worked_there_is_nothing_to_forget(database_url: str) -> None:
    engine = connect(database_url)
    with engine.begin() as connection:
        forget(connection, "t1")
        assert kept(connection, "t1") == 0
    engine.dispose()


def test_objects_of_other_kinds_are_not_made_again(checkpoints: Checkpoints) -> None:
    """Whoever can write to the database must not have anybody's classes called by it."""
    careless = JsonPlusSerializer(allowed_msgpack_modules=True)
    packed = careless.dumps_typed({"made": Check("true", 0, "", LONG_AGO)})
    assert isinstance(careless.loads_typed(packed)["made"], Check)
    assert not isinstance(checkpoints.saver.serde.loads_typed(packed)["made"], Check)


def test_migrations_leave_its_tables_alone(database_url: str) -> None:
    prepare(database_url)
    engine = connect(database_url)
    with engine.connect() as connection:
        options = {"compare_type": True, "include_name": is_ours}
        assert compare_metadata(MigrationContext.configure(connection, opts=options), Table.metadata) == []
        there = set(inspect(connection).get_table_names())
    engine.dispose()
    assert there & TABLES, "there was nothing to leave alone"


def test_processes_that_set_it_up_at_once_wait_for_each_other(database_url: str) -> None:
    in_processes(3, prepare, database_url)
    prepare(database_url)
    engine = connect(database_url)
    assert set(inspect(engine).get_table_names()) & TABLES
    engine.dispose()


def test_langgraph_is_loaded_only_where_a_saver_is_asked_for() -> None:
    program = "import sys, storage.checkpoints, bot.wiring; print('langgraph' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"
