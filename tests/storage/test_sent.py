"""What comes back from a statement, and what is left of one that somebody was stopped in."""

from __future__ import annotations

import pytest
from sqlalchemy import CursorResult, insert, select

from storage.rows import Sent
from storage.tables import BudgetRow
from storage.unit_of_work import Storage

OPEN = insert(BudgetRow.metadata.tables[BudgetRow.__tablename__]).returning(BudgetRow.owner)
EMPTY = {"month": "", "spent": 0, "reserved": 0, "noticed": 0}


class Stop(KeyboardInterrupt):
    """As a stop interrupts whatever runs."""


def test_who_is_stopped_before_reading_leaves_a_connection_that_can_be_used(
    storage: Storage, monkeypatch: pytest.MonkeyPatch
) -> None:
    """SQLite commits nothing while a statement is only half read, and whoever handles the stop still holds its frames."""

    def stop(_: object) -> None:
        raise Stop

    with pytest.raises(Stop) as held, storage.engine.begin() as connection:
        with monkeypatch.context() as patched:
            patched.setattr(CursorResult, "all", stop)
            assert Sent(connection, OPEN, {**EMPTY, "owner": "a"}).rows
        raise Stop  # PostgreSQL's rows are read from the driver
    with storage.engine.begin() as connection:
        assert len(Sent(connection, OPEN, {**EMPTY, "owner": "b"}).rows) == 1
    with storage.reading() as work:
        assert [*work.connection.execute(select(BudgetRow.owner))] == [("b",)]
    assert held.value.__traceback__
