"""The record in the database is one, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from agents.money import from_dollars
from agents.people import Role
from agents.tasks.request import Request, request
from agents.tasks.task import State
from jobs.record import OpenRecord
from tests.storage.cast import opened, person, persona
from tests.tasks.record_contract import RecordContract


class TestOpenRecord(RecordContract):
    @pytest.fixture
    def record(self, database_url: str) -> Iterator[OpenRecord]:
        """@ada is at work on a task that Alice gave her."""
        storage = opened(database_url)
        with storage.unit_of_work() as work:
            ada, alice = persona(work), person(work, "Alice", Role.OWNER)
            asked = request(
                Request(alice, "Compare queues", "Compare three.", "", ada, budget=from_dollars(1)), work
            )
            task = work.tasks.swap(asked, "begin it", state=State.WORKING, persona_id=ada.id)
        yield OpenRecord(storage, task, ada)
        storage.engine.dispose()
