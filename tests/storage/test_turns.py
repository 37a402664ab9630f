"""Writers on SQLite wait for one another, and not for ever."""

from __future__ import annotations

import threading
import time
from pathlib import Path

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import OperationalError

from storage.database import connect
from storage.turns import begin_writing


@pytest.fixture
def engine(tmp_path: Path) -> Engine:
    return connect(f"sqlite:///{tmp_path}/troupe.db")


def test_a_writer_begins_when_the_other_one_is_done(engine: Engine) -> None:
    done: list[str] = []

    def second() -> None:
        with engine.begin():
            done.append("second")

    with engine.begin():
        waiting = threading.Thread(target=second)
        waiting.start()
        time.sleep(0.1)
        done.append("first")
    waiting.join(10)
    assert done == ["first", "second"]


def test_it_gives_up_after_its_patience(engine: Engine) -> None:
    with engine.connect().execution_options(reading=True) as waiting:
        waiting.execute(text("SELECT 1"))
        waiting.rollback()
        with engine.begin(), pytest.raises(OperationalError, match="locked"):
            begin_writing(waiting, 50)
        begin_writing(waiting, 50)
        waiting.rollback()


def test_nobody_waits_for_a_reader(engine: Engine) -> None:
    with engine.connect().execution_options(reading=True) as reader:
        reader.execute(text("SELECT 1"))
        with engine.begin() as writer:
            writer.execute(text("CREATE TABLE t (a)"))
        with engine.begin() as other:
            assert other.execute(text("SELECT count(*) FROM t")).scalar_one() == 0
