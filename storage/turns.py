"""How SQLite's writers wait for one another."""

from __future__ import annotations

import random
import sqlite3
import time
from typing import Any

LOOK_S = 0.001
"""Between two tries, give or take a half, so that two who wait do not keep step."""


def begin_writing(connection: Any, patience_ms: int) -> None:
    """BEGIN IMMEDIATE on a SQLAlchemy connection, as soon as whoever writes now is done.

    SQLite's own waiting sleeps ever longer, up to 100 ms at a time, while others overtake: with three processes that
    write half of the time, one in a hundred waited 190 to 330 ms; this way it is 40 to 50 (measured).
    Raises OperationalError after `patience_ms`.
    """
    driver: sqlite3.Connection = connection.connection.driver_connection
    give_up = time.monotonic() + patience_ms / 1000
    driver.execute("PRAGMA busy_timeout=0")
    try:
        while _is_busy(driver) and time.monotonic() < give_up:
            time.sleep(LOOK_S * random.uniform(0.5, 1.5))  # noqa: S311  nothing to guess
        if not driver.in_transaction:
            connection.exec_driver_sql(
                "BEGIN IMMEDIATE"
            )  # whatever is in the way is raised as everywhere else
    finally:
        driver.execute(f"PRAGMA busy_timeout={patience_ms}")


def _is_busy(driver: sqlite3.Connection) -> bool:
    """Begins, unless somebody else writes (then True) or something else is wrong."""
    try:
        driver.execute("BEGIN IMMEDIATE")
    except sqlite3.OperationalError as error:
        return error.sqlite_errorcode & 0xFF == sqlite3.SQLITE_BUSY
    return False
