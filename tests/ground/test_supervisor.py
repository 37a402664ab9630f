"""Processes that are kept running: real ones, in sessions of their own."""

import asyncio
import os
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.supervise import gate
from bot.supervise.guardian import Guardian
from bot.supervise.start import in_order
from bot.supervise.supervisor import Kept, Surroundings, lines
from tests.ground.conftest import WAIT_S


class Stage:
    """What the supervisor said and what the processes printed."""

    def __init__(self, cwd: Path, guardian: Guardian) -> None:
        self.notes: list[str] = []
        self.printed: list[tuple[str, str, bool]] = []
        self.around = Surroundings(
            dict(os.environ), cwd, guardian, lambda *line: self.printed.append(line), self.notes.append
        )


@contextmanager
def opened(folder: Path) -> Iterator[Stage]:
    with (folder / "lock").open("w") as lock:
        guardian = Guardian(lock.fileno())
        try:
            yield Stage(folder, guardian)
        finally:
            guardian.dismiss()


@pytest.fixture
def stage(tmp_path: Path) -> Iterator[Stage]:
    with opened(tmp_path) as stage:
        yield stage


async def until(true: Callable[[], object]) -> None:
    async with asyncio.timeout(WAIT_S):
        while not true():  # noqa: ASYNC110  what is waited for happens in other processes
            await asyncio.sleep(0.01)


def test_what_dies_is_started_again_each_time_later(stage: Stage) -> None:
    async def story() -> None:
        short = Kept("short", ["sh", "-c", "echo hello; echo trouble >&2; exit 3"], stage.around)
        await until(lambda: short.deaths == 3)
        await short.stop()

    asyncio.run(story())

    assert stage.notes == [
        "short ended with status 3; starting it again in 0.2 s",
        "short ended with status 3; starting it again in 0.4 s",
        "short ended with status 3; starting it again in 0.8 s",
        "stopping short",
    ]
    assert sorted(stage.printed) == [("short", "hello", False)] * 3 + [("short", "trouble", True)] * 3


def test_what_is_asked_to_end_may_finish_its_work_first(stage: Stage, tmp_path: Path) -> None:
    async def story() -> None:
        words = "trap 'sleep 0.5; echo done > finished; exit' TERM; echo ready; while :; do sleep 0.05; done"
        worker = Kept("worker", ["sh", "-c", words], stage.around)
        await until(lambda: stage.printed)
        await worker.stop()

    asyncio.run(story())

    assert (tmp_path / "finished").read_text() == "done\n"
    assert stage.notes == ["stopping worker"]


def test_what_waits_to_be_started_again_can_be_stopped_meanwhile(stage: Stage) -> None:
    async def story() -> None:
        short = Kept("short", ["false"], stage.around)
        await until(lambda: short.deaths == 3)
        async with asyncio.timeout(0.5):  # it would be started again in 0.8 s
            await short.stop()
        assert short.deaths == 3

    asyncio.run(story())


def test_a_command_that_cannot_be_started_is_an_error_and_not_an_endless_loop(stage: Stage) -> None:
    async def story() -> None:
        with pytest.raises(FileNotFoundError):
            await Kept("absent", ["no-such-program"], stage.around).task

    asyncio.run(story())


@given(st.lists(st.binary()))
def test_lines_are_the_bytes_that_were_written_however_they_arrive(chunks: list[bytes]) -> None:
    async def read() -> list[str]:
        stream = asyncio.StreamReader()
        for chunk in chunks:
            stream.feed_data(chunk)
        stream.feed_eof()
        return [line async for line in lines(stream)]

    *whole, rest = b"".join(chunks).split(b"\n")
    written = [*whole, rest] if rest else whole
    assert asyncio.run(read()) == [line.decode(errors="backslashreplace").rstrip("\r") for line in written]


def test_a_gate_holds_until_it_is_opened_and_never_again(stage: Stage) -> None:
    reader, open_gate = gate.make()
    words = [
        sys.executable,
        "-c",
        "from bot.supervise import gate; print('imported'); gate.wait(); print('through')",
    ]

    async def story() -> None:
        env = stage.around.env | {
            gate.VARIABLE: str(reader),
            "PYTHONUNBUFFERED": "1",
            "PYTHONPATH": str(Path.cwd()),
        }
        around = Surroundings(
            env, Path.cwd(), stage.around.guardian, stage.around.line, stage.around.note, (reader,)
        )
        gated = Kept("gated", words, around)
        await until(lambda: stage.printed)
        await asyncio.sleep(0.2)
        assert [text for _, text, _ in stage.printed] == ["imported"]
        open_gate()
        await until(lambda: gated.deaths >= 2)  # through, and through again once it was started anew
        await gated.stop()

    asyncio.run(story())
    os.close(reader)

    assert [text for _, text, _ in stage.printed][:4] == ["imported", "through"] * 2


def test_the_console_starts_first_and_what_it_does_not_need_last() -> None:
    names = ["redis", "web", "worker.1", "worker.2", "worker.3", "writer", "agent", "clock"]

    assert in_order(names) == (
        ["redis", "web"],
        ["worker.1", "clock"],
        ["worker.2", "worker.3", "writer", "agent"],
    )
    assert in_order(["web", "worker", "slack"]) == (["web"], ["worker", "slack"], [])


def test_no_gate_stands_before_a_process_that_up_did_not_start(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv(gate.VARIABLE, raising=False)
    begun = time.monotonic()

    gate.wait()

    assert time.monotonic() - begun < 1
