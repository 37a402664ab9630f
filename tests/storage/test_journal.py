"""What a run has to keep is written with the next transaction, and is never there by half."""

from __future__ import annotations

import operator
from collections.abc import Iterator
from typing import Annotated, Any, TypedDict

import pytest
from langchain_core.runnables import RunnableConfig
from langgraph.graph import END, START, StateGraph
from langgraph.types import Send
from sqlalchemy import text

from storage.checkpoints import Checkpoints
from storage.journal import Journal
from storage.unit_of_work import Storage

THREAD: RunnableConfig = {"configurable": {"thread_id": "t1/build/1"}, "recursion_limit": 1000}


class State(TypedDict):
    said: Annotated[list[str], operator.add]


@pytest.fixture
def checkpoints(database_url: str, storage: Storage) -> Iterator[Checkpoints]:
    """Its tables are there."""
    made = Checkpoints(database_url)
    assert made.saver.get_tuple(THREAD) is None
    yield made
    made.close()


@pytest.fixture
def journal(storage: Storage) -> Journal:
    return storage.journal()


def kept(storage: Storage, table: str = "checkpoints") -> int:
    with storage.reading() as work:
        return int(work.connection.execute(text(f"select count(*) from {table}")).scalar_one())  # noqa: S608


def talking(saver: Any, words: int, look: Any = lambda: None) -> Any:
    """Says a word a step.  look: called within each."""
    built: Any = StateGraph(State)

    def say(state: State) -> dict[str, list[str]]:
        look()
        return {"said": ["word"]}

    built.add_node("say", say)
    built.add_edge(START, "say")
    built.add_conditional_edges("say", lambda state: "say" if len(state["said"]) < words else END)
    return built.compile(checkpointer=saver)


def test_a_checkpoint_goes_with_the_next_transaction(
    storage: Storage, checkpoints: Checkpoints, journal: Journal
) -> None:
    seen = []

    def look() -> None:
        before = kept(storage)
        with journal.along(storage.engine.begin(), lambda _: None):
            """Writes what waits."""
        seen.append(kept(storage) - before)

    talking(checkpoints.along(journal), 5, look).invoke({"said": []}, THREAD, durability="sync")
    assert seen[1:] == [1, 1, 1, 1]
    assert journal.is_empty is False
    journal.flush()
    assert journal.is_empty
    there = talking(checkpoints.saver, 5).get_state(THREAD)
    assert len(there.values["said"]) == 5
    assert not there.next


def test_never_do_two_wait(storage: Storage, checkpoints: Checkpoints, journal: Journal) -> None:
    """Where nothing makes a transaction, each new one sees to it that the one before is there."""
    talking(checkpoints.along(journal), 5).invoke({"said": []}, THREAD, durability="sync")
    without = kept(storage)
    journal.flush()
    assert kept(storage) == without + 1


def test_what_is_rolled_back_waits_on(storage: Storage, checkpoints: Checkpoints, journal: Journal) -> None:
    talking(checkpoints.along(journal), 2).invoke({"said": []}, THREAD, durability="sync")
    before = kept(storage)
    with pytest.raises(ZeroDivisionError), journal.along(storage.engine.begin(), lambda _: None):
        raise ZeroDivisionError
    assert (kept(storage), journal.is_empty) == (before, False)
    journal.flush()
    assert kept(storage) == before + 1


def test_whoever_reads_the_state_finds_what_waited(
    storage: Storage, checkpoints: Checkpoints, journal: Journal
) -> None:
    saver = checkpoints.along(journal)
    made = talking(saver, 3)
    made.invoke({"said": []}, THREAD, durability="sync")
    assert not journal.is_empty
    assert len(made.get_state(THREAD).values["said"]) == 3
    assert journal.is_empty


def test_a_node_by_itself_is_not_written_twice_and_each_of_several_is(
    storage: Storage, checkpoints: Checkpoints, journal: Journal
) -> None:
    """The first of three nodes of one step has ended when the second fails: the next run makes only the others."""
    writes = "writes" if storage.engine.dialect.name == "sqlite" else "checkpoint_writes"
    ran: list[int] = []
    fails = {2}

    def one(number: int) -> dict[str, list[str]]:
        ran.append(number)
        if number in fails:
            raise ZeroDivisionError
        return {"said": [str(number)]}

    built: Any = StateGraph(State)
    built.add_node("begin", lambda state: {"said": ["begin"]})
    built.add_node("one", one)
    built.add_edge(START, "begin")
    built.add_conditional_edges("begin", lambda state: [Send("one", n) for n in (1, 2, 3)])
    made = built.compile(checkpointer=checkpoints.along(journal))
    config: RunnableConfig = {**THREAD, "max_concurrency": 1}
    with pytest.raises(ZeroDivisionError):
        made.invoke({"said": []}, config, durability="sync")
    journal.flush()
    assert kept(storage, writes) > 0
    fails.clear()
    before = list(ran)
    ended = made.invoke(None, config, durability="sync")
    assert 1 in before
    assert 1 not in ran[len(before) :]
    assert sorted(ended["said"]) == ["1", "2", "3", "begin"]


def test_of_a_node_by_itself_only_the_checkpoint_is_written(
    storage: Storage, checkpoints: Checkpoints, journal: Journal
) -> None:
    writes = "writes" if storage.engine.dialect.name == "sqlite" else "checkpoint_writes"
    talking(checkpoints.along(journal), 5).invoke({"said": []}, THREAD, durability="sync")
    journal.flush()
    with storage.reading() as work:
        query = f"select count(*) from {writes} where channel = 'said'"  # noqa: S608
        assert work.connection.execute(text(query)).scalar_one() <= 1  # what came in from outside
    assert kept(storage) >= 5
