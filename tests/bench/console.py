"""What a page of the console hears: the listener of `bot.web`, in a thread of this process."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from agents.events import Subject
from agents.talk.message import Message
from bot.live import Changes
from bot.wiring import Troupe
from tests.bench.surfaces import wait


class Console:
    """A `live.Listener`."""

    def __init__(self) -> None:
        self.heard: dict[Subject, float] = {}
        """When each was heard of first, seconds since 1970."""

    def changed(self, subjects: frozenset[Subject]) -> None:
        at = time.time()
        for subject in subjects:
            self.heard.setdefault(subject, at)

    found = changed

    def said(self, messages: Sequence[Message]) -> None:
        """Its card is in the row of the message; what counts is who hears of the alert."""

    async def looked(self) -> None:
        """Nothing of a page's own is to be looked after."""

    @contextmanager
    def listening(self, troupe: Troupe) -> Iterator[None]:
        """Returns when the bell is heard."""
        changes = Changes(troupe.storage, troupe.redis_url, self)
        loop = asyncio.new_event_loop()
        task = loop.create_task(changes.run())
        thread = threading.Thread(target=self._run, args=(loop, task))
        thread.start()
        try:
            wait("the bell is heard", lambda: changes.hearing, 10)
            yield
        finally:
            loop.call_soon_threadsafe(task.cancel)
            thread.join()

    @staticmethod
    def _run(loop: asyncio.AbstractEventLoop, task: asyncio.Task[None]) -> None:
        asyncio.set_event_loop(loop)
        loop.run_until_complete(asyncio.wait([task]))
        loop.close()
