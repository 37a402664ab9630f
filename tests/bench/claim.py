"""The clock claims 100 due jobs out of a million rows, beside the very same SQL on the bare driver."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, event, text

from tests.bench.figures import Figure, Options, against, in_turns, timed_ms
from tests.bench.house import House, Unrung, house

LIMIT = 1.5
ROWS = 1_000_000
CLAIMED = 100
ROUNDS, WARM_UP = 200, 10
NOW = datetime(2026, 1, 5, 9, 0, tzinfo=UTC)
"""Stands still, so that the statement has the same parameters every time; what is claimed is due 5 s after it."""

_FILL = {
    "sqlite": """
        WITH RECURSIVE numbers(i) AS (SELECT 0 UNION ALL SELECT i + 1 FROM numbers WHERE i + 1 < :rows),
        ranked AS (SELECT i, (i * 7919) % :rows AS r FROM numbers),
        timed AS (SELECT i, r, datetime(:now, (CASE WHEN r BETWEEN :due AND :open THEN r ELSE -r END) || ' seconds')
                  || '.000000' AS at FROM ranked)
        INSERT INTO jobs (id, name, subject, due_at, holder, attempts, correlation, created_at, done_at)
        SELECT printf('%010d', i), 'publish', 'post:' || i, at, '', 0, '', at, CASE WHEN r > :open THEN at END FROM timed
    """,
    "postgresql": """
        WITH ranked AS (SELECT i, (i * 7919) % :rows AS r FROM generate_series(0::bigint, :rows - 1) AS i),
        timed AS (SELECT i, r, CAST(:now AS timestamptz) + make_interval(secs =>
                  CASE WHEN r BETWEEN :due AND :open THEN r ELSE -r END) AS at FROM ranked)
        INSERT INTO jobs (id, name, subject, due_at, holder, attempts, correlation, created_at, done_at)
        SELECT lpad(i::text, 10, '0'), 'publish', 'post:' || i, at, '', 0, '', at, CASE WHEN r > :open THEN at END FROM timed
    """,
}
"""Scattered over the table: the first ranks are due, then come the scheduled ones, the rest is done."""


class Statement(NamedTuple):
    """As the driver got it."""

    sql: str
    parameters: Any


def figures(options: Options) -> Iterator[Figure]:
    rounds = options.count(ROUNDS)
    for database in options.databases:
        with house(database, kind=Unrung) as home:
            due = 2 * CLAIMED * (rounds + WARM_UP + 1)
            rows = options.count(ROWS, 20 * due)
            fill(home, rows, due=due)
            ours, bare = measure(home, rounds)
            what = f"{CLAIMED} due of {rows:,} / bare driver, {database}"
            yield against("claim", what, ours, bare, LIMIT)


def fill(home: House, rows: int, *, due: int) -> None:
    """A tenth is open, of which `due` are due; nine tenths are done."""
    engine = home.troupe.storage.engine
    with engine.begin() as connection:
        values = {"rows": rows, "due": due, "open": rows // 10, "now": NOW.replace(tzinfo=None)}
        connection.execute(text(_FILL[engine.dialect.name]), values)
        connection.execute(text("ANALYZE"))


def measure(home: House, rounds: int) -> list[list[float]]:
    """ms of ours and of the bare driver's, whose connection is set up as ours are."""
    statement = _heard(home)
    with closing(home.troupe.storage.engine.raw_connection()) as checked_out:
        driver: Any = checked_out.driver_connection
        begin = "BEGIN IMMEDIATE" if home.troupe.storage.engine.dialect.name == "sqlite" else "BEGIN"

        def bare() -> None:
            driver.execute(begin)
            rows = driver.execute(statement.sql, statement.parameters).fetchall()
            driver.commit()
            assert len(rows) == CLAIMED

        sides = (lambda: timed_ms(lambda: _claim(home)), lambda: timed_ms(bare))
        in_turns(WARM_UP, *sides)
        return in_turns(rounds, *sides)


def _claim(home: House) -> None:
    with home.troupe.storage.unit_of_work() as work:
        claimed = work.jobs.claim_due(NOW, limit=CLAIMED)
    assert len(claimed) == CLAIMED


def _heard(home: House) -> Statement:
    """The statement that a claim sends."""
    heard: list[Statement] = []

    def listen(_: Connection, __: object, sql: str, parameters: Any, *___: object) -> None:
        heard.append(Statement(sql, parameters))

    event.listen(home.troupe.storage.engine, "before_cursor_execute", listen)
    _claim(home)
    event.remove(home.troupe.storage.engine, "before_cursor_execute", listen)
    return heard[-1]
