"""Where a persona's work on a task is remembered step by step: LangGraph's own savers, on the product's own database.

What stands in them is read back as data of known kinds alone: whoever can write to the database must not run code by it.
LangGraph is imported when a saver is first made, never before.
"""

from __future__ import annotations

import os
import sqlite3
import time
from abc import ABC, abstractmethod
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from copy import copy
from functools import partial
from threading import local
from typing import TYPE_CHECKING, Any, cast

from sqlalchemy import URL, Connection, inspect, make_url, text

from storage.database import BUSY_TIMEOUT_MS
from storage.journal import Journal

if TYPE_CHECKING:
    from langgraph.checkpoint.base import BaseCheckpointSaver

os.environ["LANGGRAPH_STRICT_MSGPACK"] = "true"  # LangGraph reads it when it is imported

TABLES = frozenset(
    {"checkpoints", "writes", "checkpoint_migrations", "checkpoint_blobs", "checkpoint_writes"}
)
"""LangGraph's own: it makes and changes them itself, so migrations leave them alone."""
PRUNED_EVERY = 16
"""Checkpoints written before older ones of the same thread go. Each holds the whole of a conversation."""
_NODES = "__pregel_tasks"
"""LangGraph's channel of the nodes that run next, where one step starts several."""
_SIGNS = frozenset({"__error__", "__scheduled__", "__interrupt__", "__resume__"})
"""What it writes down of a node beside what that returned."""
_SETTING_UP, _LOOK_S = 727002, 0.05
"""PostgreSQL's name for our lock, and how often a second process looks whether the first is done."""


class Checkpoints:
    """One process's saver and what we do to its tables. Not to be handed over a fork: ask for it afterwards."""

    def __init__(self, url: str) -> None:
        """url: of the product's database. Connects when the saver is first asked for."""
        self._url = make_url(url)
        self._saver: BaseCheckpointSaver[Any] | None = None
        self._close: Callable[[], None] = lambda: None

    @property
    def saver(self) -> BaseCheckpointSaver[Any]:
        """Its tables are there, made if need be."""
        if self._saver is None:
            make = _sqlite if self._url.get_backend_name() == "sqlite" else _postgresql
            self._saver, self._close = make(self._url)
        return self._saver

    def along(self, journal: Journal, went_on: Callable[[], None] = lambda: None) -> BaseCheckpointSaver[Any]:
        """The saver for one run: what it is to keep goes with the journal.  went_on: told of each checkpoint that is there."""
        saver: Any = copy(self.saver)
        saver.journal, saver.went_on = journal, went_on
        return cast("BaseCheckpointSaver[Any]", saver)

    def close(self) -> None:
        self._close()
        self._saver, self._close = None, lambda: None


def prepare(url: str) -> None:
    """Makes LangGraph's tables where they are missing, and lets go of the connection."""
    made = Checkpoints(url)
    made.saver.get_tuple({"configurable": {"thread_id": "none", "checkpoint_ns": ""}})
    made.close()


def forget(connection: Connection, task_id: str) -> None:
    """Everything of a task; its threads are called `task_id/…`. In the caller's transaction, and without LangGraph."""
    for table in _there(connection):
        connection.execute(text(f"DELETE FROM {table} WHERE {_OF_TASK}"), _threads(task_id))  # noqa: S608  our own names


def kept(connection: Connection, task_id: str) -> int:
    """Bytes that a task's checkpoints take."""
    total = 0
    for table, sizes in _there(connection).items():
        size = " + ".join(f"COALESCE({_LENGTH[connection.dialect.name].format(one)}, 0)" for one in sizes)
        query = f"SELECT COALESCE(SUM({size}), 0) FROM {table} WHERE {_OF_TASK}"  # noqa: S608  our own names
        total += int(connection.execute(text(query), _threads(task_id)).scalar_one())
    return total


_OF_TASK = "thread_id >= :first AND thread_id < :beyond"
_LENGTH = {"sqlite": "length({})", "postgresql": "pg_column_size({})"}
_HELD = {
    "sqlite": {"checkpoints": ("checkpoint", "metadata"), "writes": ("value",)},
    "postgresql": {
        "checkpoint_writes": ("blob",),
        "checkpoint_blobs": ("blob",),
        "checkpoints": ("checkpoint", "metadata"),
    },
}


def _there(connection: Connection) -> dict[str, tuple[str, ...]]:
    """Tables with the columns that take room; none before anybody worked on anything."""
    tables = _HELD[connection.dialect.name]
    return tables if inspect(connection).has_table("checkpoints") else {}


def _threads(task_id: str) -> dict[str, str]:
    """From `ID/` to before `ID0`, which is the next character: a range that the primary key finds."""
    return {"first": f"{task_id}/", "beyond": f"{task_id}0"}


def _serializer() -> Any:
    from storage.serializer import Serializer

    return Serializer()


class _Sparing(ABC):
    """A saver's mixin, which writes less.

    With a journal, a checkpoint waits for the next transaction of ours, which comes before anything is done that depends on
    it; never two of them. Older checkpoints of a thread go now and then. And what a node returned is not written by itself where the
    next checkpoint, which holds it too, follows at once: where a step has one node only, as nearly all have. Several tools
    of one step end one after another; their results are kept by themselves, so that one that fails undoes no other. LangGraph
    writes them when the last has ended, in the thread that runs them: whoever is killed before that makes all of them again.
    """

    journal: Journal | None = None
    went_on: Callable[[], None]
    _written, _single, _waits = 0, "", False

    def put(self, config: Any, checkpoint: Any, *rest: Any) -> Any:
        self._single = checkpoint["id"] if len(checkpoint["channel_values"].get(_NODES, ())) <= 1 else ""
        put = {**config["configurable"], "checkpoint_id": checkpoint["id"]}
        if self.journal is None:
            super().put(config, checkpoint, *rest)  # type: ignore[misc]
            self._count(put)
        else:
            if self._waits:
                self.journal.flush()
            self._waits = True
            self.journal.add(partial(self._put, put, (config, checkpoint, *rest)))
        return {"configurable": put}

    def put_writes(self, config: Any, writes: Any, *of: Any) -> None:
        single = config["configurable"]["checkpoint_id"] == self._single
        if not single or any(channel in _SIGNS for channel, _ in writes):
            super().put_writes(config, writes, *of)  # type: ignore[misc]

    def get_tuple(self, config: Any) -> Any:
        if self.journal is not None:
            self.journal.flush()
        return super().get_tuple(config)  # type: ignore[misc]

    def _put(self, put: Mapping[str, Any], given: tuple[Any, ...], ours: Connection) -> Callable[[], None]:
        _here.connection = ours.connection.driver_connection
        try:
            super().put(*given)  # type: ignore[misc]
        finally:
            _here.connection = None
        return partial(self._is_there, put)

    def _is_there(self, put: Mapping[str, Any]) -> None:
        self._waits = False
        self.went_on()
        self._count(put)

    def _count(self, put: Mapping[str, Any]) -> None:
        self._written += 1
        if self._written % PRUNED_EVERY == 0:
            self._prune(put)

    @abstractmethod
    def _prune(self, latest: Mapping[str, Any]) -> None:
        """Whatever is older in its thread goes."""


class _Here(local):
    """connection: the driver's, of the transaction in which this thread is writing a checkpoint."""

    connection: Any = None


_here = _Here()


def _sqlite(url: URL) -> tuple[BaseCheckpointSaver[Any], Callable[[], None]]:
    """A connection of its own. NORMAL: after a power cut the last steps may be missing, and are made again; what left the
    workspace stands in our own tables, which are written in full."""
    from langgraph.checkpoint.sqlite import SqliteSaver

    class Saver(_Sparing, SqliteSaver):
        @contextmanager
        def cursor(self, transaction: bool = True) -> Iterator[sqlite3.Cursor]:
            if _here.connection is None:
                with super().cursor(transaction) as own:
                    yield own
            else:
                with closing(_here.connection.cursor()) as ours:
                    yield ours

        def _prune(self, latest: Mapping[str, Any]) -> None:
            here = (latest["thread_id"], latest["checkpoint_ns"], latest["checkpoint_id"])
            with self.cursor() as cursor:
                for table in ("checkpoints", "writes"):
                    older = "thread_id = ? AND checkpoint_ns = ? AND checkpoint_id < ?"  # ids grow with time
                    cursor.execute(f"DELETE FROM {table} WHERE {older}", here)  # noqa: S608  our own names

    file = url.database or ":memory:"
    connection = sqlite3.connect(file, timeout=BUSY_TIMEOUT_MS / 1000, check_same_thread=False)
    connection.execute("PRAGMA synchronous=NORMAL")
    saver = Saver(connection, serde=_serializer())
    with saver.cursor():
        """Sets the tables up."""
    return saver, connection.close


def _postgresql(url: URL) -> tuple[BaseCheckpointSaver[Any], Callable[[], None]]:
    from langgraph.checkpoint.postgres import PostgresSaver
    from psycopg import Connection
    from psycopg.rows import dict_row

    class Saver(_Sparing, PostgresSaver):
        @contextmanager
        def _cursor(self, *, pipeline: bool = False) -> Iterator[Any]:
            ours = _here.connection
            if ours is None:
                with super()._cursor(pipeline=pipeline) as own:
                    yield own
            else:
                with ours.cursor(binary=True, row_factory=dict_row) as cursor:
                    yield cursor

        def _prune(self, latest: Mapping[str, Any]) -> None:
            self.prune([latest["thread_id"]])

    address = url.set(drivername="postgresql").render_as_string(hide_password=False)
    connection = Connection.connect(address, autocommit=True, prepare_threshold=0, row_factory=dict_row)
    connection.execute("SET synchronous_commit TO off")
    saver = Saver(connection, serde=_serializer())
    _set_up(connection, saver.setup)
    return saver, connection.close


def _set_up(connection: Any, make: Callable[[], None]) -> None:
    """One process at a time. Looked for, not waited for: whoever waits inside PostgreSQL is waited for by the other's
    CREATE INDEX CONCURRENTLY."""
    while not connection.execute("SELECT pg_try_advisory_lock(%s) AS got", (_SETTING_UP,)).fetchone()["got"]:
        time.sleep(_LOOK_S)
    try:
        make()
    finally:
        connection.execute("SELECT pg_advisory_unlock(%s)", (_SETTING_UP,))
