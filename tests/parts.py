"""Parts of Troupe that are processes of their own, as threads of a test: what a chat's process does, and what workers do."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from sqlalchemy import select

from agents.jobs import JobName
from bot.wiring import Troupe
from jobs.run import run
from storage.jobs import RING_GRACE
from storage.tables import JobRow

SOON = [name.value for name in JobName if name not in (JobName.EXPIRE, JobName.ESCALATE, JobName.WORK)]


class Part:
    """A chat's process, in a thread with a loop of its own."""

    def __init__(self, serve: Callable[[Troupe], Coroutine[Any, Any, None]], troupe: Troupe) -> None:
        self._serve, self._troupe = serve, troupe
        self._thread: threading.Thread | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._serving: Any = None

    def start(self) -> None:
        ready = threading.Event()

        def live() -> None:
            async def main() -> None:
                loop = asyncio.get_running_loop()
                loop.set_default_executor(ThreadPoolExecutor(8))
                self._loop, self._serving = loop, asyncio.create_task(self._serve(self._troupe))
                ready.set()
                await asyncio.wait([self._serving])

            asyncio.run(main())

        self._thread = threading.Thread(target=live, daemon=True)
        self._thread.start()
        ready.wait()

    def stop(self) -> None:
        """Raises what it ended with, if it ended before."""
        assert self._loop is not None and self._thread is not None
        if self._thread.is_alive():
            self._loop.call_soon_threadsafe(self._serving.cancel)
        self._thread.join(15)
        assert not self._thread.is_alive(), "the process did not end"
        if not self._serving.cancelled() and self._serving.exception():
            raise self._serving.exception()


class Worker:
    """One thread that drains what is owed, as workers would."""

    def __init__(self, troupe: Troupe) -> None:
        self._troupe, self._stop = troupe, threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stop.set()
        self._thread.join(10)

    def _work(self) -> None:
        """What is due, and what was rung: that is due a little later, for the clock to find if nobody hears the bell."""
        owed = select(JobRow.id, JobRow.due_at, JobRow.created_at).where(
            JobRow.done_at.is_(None), JobRow.holder == "", JobRow.name.in_(SOON)
        )
        while not self._stop.wait(0.02):
            now = self._troupe.clock()
            with self._troupe.storage.engine.connect().execution_options(reading=True) as connection:
                rows = connection.execute(owed).all()
            for row in rows:
                if row.due_at <= now or row.due_at == row.created_at + RING_GRACE:
                    run(row.id)
