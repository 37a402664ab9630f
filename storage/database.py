"""Engines, set up so that SQLite and PostgreSQL keep the same promises."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from sqlalchemy import Engine, create_engine, event, make_url

BUSY_TIMEOUT_MS = 15_000
"""How long a writer waits for another on SQLite before it gives up."""


def connect(url: str) -> Engine:
    """url: sqlite:///PATH or postgresql+psycopg://…. Opens nothing yet.

    SQLite: WAL with full synchronous (what is committed survives a power cut), foreign keys, and our own BEGIN: writers
    begin IMMEDIATE, so that two of them wait for each other instead of failing half-way.
    """
    parsed = make_url(_with_driver(url))
    if parsed.get_backend_name() != "sqlite":
        return create_engine(parsed, pool_pre_ping=True, pool_size=10, max_overflow=20)
    if parsed.database:
        Path(parsed.database).parent.mkdir(parents=True, exist_ok=True)
    engine = create_engine(
        parsed,
        connect_args={"timeout": BUSY_TIMEOUT_MS / 1000, "check_same_thread": False},
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
    for pragma in (
        "journal_mode=WAL",
        "synchronous=FULL",
        "foreign_keys=ON",
        f"busy_timeout={BUSY_TIMEOUT_MS}",
    ):
        connection.execute(f"PRAGMA {pragma}")


def _begin_sqlite(connection: Any) -> None:
    reading = connection.get_execution_options().get("reading", False)
    connection.exec_driver_sql("BEGIN" if reading else "BEGIN IMMEDIATE")
