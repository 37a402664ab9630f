"""The database: the only truth."""

from __future__ import annotations

import time
from collections.abc import Iterator

from sqlalchemy import make_url, text
from sqlalchemy.exc import DBAPIError

from bot import logs
from bot.doctor.finding import Finding, fail, ok, warn
from bot.doctor.patient import Patient

SLOW_S = 0.5


def answers(patient: Patient) -> Iterator[Finding]:
    place = make_url(patient.settings.database_url)
    where = place.render_as_string(hide_password=True)
    try:
        current, head = patient.standing
    except DBAPIError as error:
        said = logs.clean(str(error.orig)).strip().split("\n")[0]
        yield fail("database", f"{where} does not answer: {said}", "Start it, or look at DATABASE_URL.")
        return
    if current is None:
        yield warn("database", f"There is none at {where} yet.", "./troupe up makes it.")
    elif current != head:
        yield fail(
            "database", f"{where} is at version {current}, this code wants {head}.", "./troupe prepare"
        )
    else:
        yield ok("database", f"{where}, at version {current}")


def writes(patient: Patient) -> Iterator[Finding]:
    """One transaction, begun as writers begin theirs, and taken back."""
    with patient.reading():
        pass
    engine = patient.troupe.storage.engine
    begun = time.perf_counter()
    with engine.connect() as connection, connection.begin() as transaction:
        connection.execute(text("UPDATE switches SET name = name WHERE name = ''"))
        transaction.rollback()
    took = time.perf_counter() - begun
    words = f"A writer gets its turn in {took * 1000:.0f} ms"
    if took > SLOW_S:
        yield warn(
            "writes",
            f"{words}, which is long.",
            "Look what writes so much; PostgreSQL takes many writers at once.",
        )
    else:
        yield ok("writes", words)


def journal(patient: Patient) -> Iterator[Finding]:
    """SQLite: readers do not wait for the writer, and what is committed survives a power cut."""
    with patient.reading() as work:
        if work.connection.dialect.name != "sqlite":
            number = work.connection.execute(text("SHOW server_version")).scalar_one()
            yield ok("server", f"PostgreSQL {number}")
            return
        mode = work.connection.execute(text("PRAGMA journal_mode")).scalar_one()
    if mode != "wal":
        yield fail(
            "journal",
            f"The journal mode is {mode}, not wal.",
            "Keep TROUPE_HOME on a local disk: WAL needs one.",
        )
    else:
        yield ok("journal", "write-ahead, fully synchronous")


CHECKS = (answers, writes, journal)
