"""Engines, set up so that SQLite and PostgreSQL keep the same promises."""

from __future__ import annotations

import os
from functools import partial
from pathlib import Path
from sqlite3 import OperationalError
from time import monotonic, sleep
from typing import Any
from weakref import WeakSet

from sqlalchemy import URL, Engine, create_engine, event, make_url
from sqlalchemy.exc import DisconnectionError
from sqlalchemy.pool import ConnectionPoolEntry

from storage.turns import begin_writing

BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for another on SQLite before it gives up."""
RESTED_S = 2.0
"""How long a connection to PostgreSQL was not used when we look whether it is still there."""
CACHE_KIB = 256
"""Pages that each connection to SQLite keeps. It forgets them all whenever another one has written, so that more (2 MiB unless
told) costs each process up to 2 MiB a thread and saves it no reading: the system has the file in memory."""


def connect(url: str) -> Engine:
    """url: sqlite:///PATH or postgresql+psycopg://…. Opens nothing yet.

    SQLite: WAL with full synchronous (what is committed survives a power cut), foreign keys, and our own BEGIN: writers
    begin IMMEDIATE, so that two of them wait for each other instead of failing half-way. With the execution option `hasty`
    a transaction does not wait for the disk: a power cut may undo it.
    """
    parsed = make_url(_with_driver(url))
    engine = _sqlite(parsed) if parsed.get_backend_name() == "sqlite" else _postgresql(parsed)
    _engines.add(engine)
    return engine


def _postgresql(url: URL) -> Engine:
    engine = create_engine(url, pool_use_lifo=True, pool_size=10, max_overflow=20)
    event.listen(engine, "checkin", _note_use)
    event.listen(engine, "checkout", partial(_look_after_rest, engine))
    return engine


def _note_use(_: object, record: ConnectionPoolEntry) -> None:
    record.info["used_at"] = monotonic()


def _look_after_rest(engine: Engine, connection: Any, record: ConnectionPoolEntry, _: object) -> None:
    """A server that was restarted is noticed before anything is asked of it: the pool tries a new connection then. Asked
    every time, as SQLAlchemy's own `pool_pre_ping` does, that is one more trip to the server for each transaction."""
    if monotonic() - record.info.get("used_at", monotonic()) < RESTED_S:
        return
    try:
        engine.dialect.do_ping(connection)
    except engine.dialect.loaded_dbapi.Error as error:
        raise DisconnectionError("PostgreSQL has closed the connection") from error


def _sqlite(url: URL) -> Engine:
    if url.database:
        Path(url.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        url,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
        pool_use_lifo=True,  # the one whose pages are the freshest
        pool_size=10,
        max_overflow=20,
    )
    event.listen(engine, "connect", _prepare_sqlite)
    event.listen(engine, "begin", _begin_sqlite)
    return engine


def _with_driver(url: str) -> str:
    """postgres:// and postgresql:// as hosts write them, to the driver that we use."""
    for scheme in ("postgres://", "postgresql://"):
        if url.startswith(scheme):
            return f"postgresql+psycopg://{url.removeprefix(scheme)}"
    return url


def _prepare_sqlite(connection: Any, _: object) -> None:
    connection.isolation_level = None  # pysqlite's own implicit BEGIN is a deferred one; ours is below
    pragmas = (
        f"busy_timeout={BUSY_TIMEOUT_MS}",
        f"cache_size=-{CACHE_KIB}",
        "synchronous=FULL",
        "foreign_keys=ON",
    )
    for pragma in pragmas:
        connection.execute(f"PRAGMA {pragma}")
    _write_ahead(connection)


def _write_ahead(connection: Any) -> None:
    """WAL, for good. Of several that turn a new file over at once SQLite refuses all but one, without its own patience."""
    end = monotonic() + BUSY_TIMEOUT_MS / 1000
    while True:
        try:
            connection.execute("PRAGMA journal_mode=WAL")
            return
        except OperationalError:
            if monotonic() > end:
                raise
            sleep(0.01)


def _begin_sqlite(connection: Any) -> None:
    options = connection.get_execution_options()
    if options.get("reading", False):
        connection.exec_driver_sql("BEGIN")
        return
    waits = "NORMAL" if options.get("hasty", False) else "FULL"
    connection.connection.driver_connection.execute(f"PRAGMA synchronous={waits}")
    begin_writing(connection, BUSY_TIMEOUT_MS)


_engines: WeakSet[Engine] = WeakSet()


def _close_idle() -> None:
    """A forked child inherits no connection, so it makes its own: PostgreSQL's socket would be the parent's as well, and
    SQLite forbids it. What is in use by another thread at that moment cannot be closed: see bot/heart.py.
    """
    for engine in list(_engines):
        engine.dispose()


os.register_at_fork(before=_close_idle)
