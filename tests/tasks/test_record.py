"""The record in the database is one, on SQLite and on PostgreSQL."""

from collections.abc import Iterator

import pytest

from agents.money import from_dollars
from agents.people import Role
from agents.tasks.request import Request, request
from agents.tasks.task import State, Task
from jobs.record import OpenRecord
from storage.unit_of_work import Storage
from tests.storage.cast import opened, person, persona
from tests.tasks.record_contract import RecordContract


@pytest.fixture
def storage(database_url: str) -> Iterator[Storage]:
    made = opened(database_url)
    yield made
    made.engine.dispose()


@pytest.fixture
def task(storage: Storage) -> Task:
    """@ada is at work on what Alice asked for in #general."""
    with storage.unit_of_work() as work:
        channel = work.channels.add("console", "general", work.now)
        ada, alice = persona(work), person(work, "Alice", Role.OWNER)
        asked = request(
            Request(alice, "Compare queues", "Compare three.", channel.id, ada, budget=from_dollars(1)), work
        )
        return work.tasks.swap(asked, "begin it", state=State.WORKING, persona_id=ada.id)


@pytest.fixture
def record(storage: Storage, task: Task) -> OpenRecord:
    with storage.reading() as work:
        return OpenRecord(storage, task, work.personas.get(task.persona_id))


class TestOpenRecord(RecordContract):
    """Everything is in the contract."""


def test_what_is_said_twice_in_a_row_is_heard_once(record: OpenRecord, storage: Storage, task: Task) -> None:
    for text in ("Two are dead.", "Two are dead.", "The third is not.", "Two are dead."):
        record.say(text)
    with storage.reading() as work:
        said = [message.text for message in work.messages.in_thread(task.thread) if message.text]
    assert said == ["Two are dead.", "The third is not.", "Two are dead."]
