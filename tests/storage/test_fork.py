"""RQ's forking workers fork with our connections open, while another thread uses them."""

from __future__ import annotations

import os
import warnings

import pytest
from sqlalchemy import text
from structlog.testing import capture_logs

from bot import heart
from storage.unit_of_work import Storage
from tests.storage.cast import LONG_AGO, person


def forked(act: object) -> int:
    """The exit status of a child that does it and goes the way RQ's does: without any last words."""
    with warnings.catch_warnings():
        warnings.simplefilter(
            "ignore", DeprecationWarning
        )  # Python 3.12 and later: about forks beside threads
        child = os.fork()
    if child == 0:
        try:
            act()  # type: ignore[operator]
        except BaseException:
            os._exit(1)
        os._exit(0)
    return os.waitstatus_to_exitcode(os.waitpid(child, 0)[1])


def test_a_child_makes_connections_of_its_own(storage: Storage) -> None:
    with storage.unit_of_work() as work:
        person(work, "Alice")
    with storage.engine.connect() as connection:
        mine = connection.connection.dbapi_connection

    def look() -> None:
        with storage.engine.connect() as own:
            assert own.connection.dbapi_connection is not mine
            assert own.execute(text("select name from people")).scalar() == "Alice"

    assert forked(look) == 0
    with storage.unit_of_work() as work:
        assert work.people.count_active() == 1


def test_a_worker_forks_while_its_heart_beats(storage: Storage, monkeypatch: pytest.MonkeyPatch) -> None:
    """As RQ's forking worker does: parent and child write at the same time, and none waits for the other for ever."""
    monkeypatch.setattr(heart, "EVERY_S", 0.0005)

    def write(name: str) -> None:
        for n in range(5):
            with storage.unit_of_work() as work:
                person(work, f"{name}-{n}")

    with capture_logs() as logged, heart.beating(storage, "writer"):
        assert [forked(lambda n=n: write(f"child-{n}")) for n in range(12)] == [0] * 12
        with storage.reading() as work:
            assert len(work.switches.beats(LONG_AGO)) == 1
    assert logged == []
    with storage.reading() as work:
        assert work.people.count_active() == 60
        assert work.switches.beats(LONG_AGO) == [], "who ends well says goodbye"


@pytest.mark.parametrize("children", [4])
def test_children_that_die_leave_the_parent_its_connections(storage: Storage, children: int) -> None:
    with storage.unit_of_work() as work:
        person(work, "Alice")
    assert [forked(lambda: os._exit(9)) for _ in range(children)] == [9] * children
    with storage.unit_of_work() as work:
        assert work.people.by_name("alice").name == "Alice"
