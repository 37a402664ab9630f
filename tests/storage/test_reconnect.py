"""A connection to PostgreSQL that was cut while nobody used it, as a restart of the server does."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from storage.database import RESTED_S, connect


@pytest.fixture
def engine(postgres_url: str) -> Iterator[Engine]:
    """Whatever its pool holds is dead."""
    made, other = connect(postgres_url), connect(postgres_url)
    pid = ask(made, "select pg_backend_pid()")
    assert ask(other, f"select pg_terminate_backend({pid}, 5000)")
    yield made
    for one in (made, other):
        one.dispose()


def ask(engine: Engine, query: str) -> int:
    with engine.begin() as connection:
        return int(connection.execute(text(query)).scalar_one())


def test_after_a_rest_it_is_replaced_before_anything_is_asked_of_it(engine: Engine) -> None:
    time.sleep(RESTED_S)
    assert ask(engine, "select 1") == 1


def test_cut_within_that_time_one_transaction_fails_and_the_next_does_not(engine: Engine) -> None:
    with pytest.raises(OperationalError):
        ask(engine, "select 1")
    assert ask(engine, "select 1") == 1
