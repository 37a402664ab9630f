"""Sends what is owed to a surface and redraws what stands there, channel by channel, in order.

Any number of processes may serve a surface; the one that holds its lease sends, so that the surface's allowance is counted
in one place and no older state overtakes a newer one. What is owed are rows: whoever takes the lease over goes on.
"""

from __future__ import annotations

import asyncio
import os
import socket
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from datetime import timedelta
from time import monotonic

import psutil
import structlog

from agents.events import Subject
from agents.talk.delivery import DeliveryState
from agents.talk.message import Message
from bot.outbox import pen
from bot.outbox.wire import Closed, Gone, Later, Letter, Lost, Orphaned, Refused, SignedOut, Wire, WireError
from storage.unit_of_work import Storage

log = structlog.get_logger()

LEASE = timedelta(seconds=10)
RENEW_S = 3.0
AT_ONCE = 8
"""Channels that are written to at the same moment."""
AGAIN_S = 1.0
"""After something of our own failed, such as the database."""
TIDY_S = 3600.0
"""Between two looks at what is kept longer than needed, and at channels that were closed."""
UNWELL_S = 15.0
"""Between two looks at a surface that does not let us in."""

Lane = tuple[str, bool]
"""A channel, and whether its new messages or the changes of those that stand there: neither waits for the other's allowance."""


def holder_name() -> str:
    """This process, as its lease names it."""
    return f"{socket.gethostname()}:{os.getpid()}"


def is_dead(holder: str) -> bool:
    """Whether that was a process of this machine which is no more, so that nobody has to wait for its lease to run out."""
    host, _, pid = holder.rpartition(":")
    return host == socket.gethostname() and pid.isdecimal() and not psutil.pid_exists(int(pid))


class _Overtaken(Exception):
    """Another process sends by now."""


class Outbox:
    """One for a process; a `live.Listener`. Lives on the event loop, reads and writes rows in threads."""

    def __init__(self, storage: Storage, wire: Wire, holder: str) -> None:
        self._storage, self._wire, self._holder = storage, wire, holder
        self._pending: defaultdict[Lane, dict[int, None]] = defaultdict(dict)
        """Messages in order. One that changes again before its turn is there once."""
        self._serving: dict[Lane, asyncio.Task[None]] = {}
        self._changed: set[Subject] = set()
        self._found: set[Subject] = set()
        self._wake = asyncio.Event()
        self._slots = asyncio.Semaphore(AT_ONCE)
        self._welcome = asyncio.Event()
        """Not set while the surface does not let us in."""
        self._welcome.set()
        self._waiting: asyncio.Task[None] | None = None
        self._until = 0.0
        """Until when the lease is ours at least; seconds, monotonic, which go on while a process stands still."""
        self.leading = False
        """Whether this process is the one that sends."""

    async def run(self) -> None:
        """Ends only when it is cancelled, and then gives the lease back."""
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._lead())
                tasks.create_task(self._sort())
                tasks.create_task(self._tidy())
        finally:
            self.leading = False
            tasks_left = [*self._serving.values(), *([self._waiting] if self._waiting else [])]
            for task in tasks_left:
                task.cancel()
            await asyncio.gather(*tasks_left, return_exceptions=True)
            await asyncio.to_thread(self._release)

    # ---- what it hears ----

    def changed(self, subjects: frozenset[Subject]) -> None:
        if self.leading:
            self._changed |= subjects
            self._wake.set()

    def found(self, subjects: frozenset[Subject]) -> None:
        if self.leading:
            self._found |= subjects
            self._wake.set()

    def said(self, messages: Sequence[Message]) -> None:
        if self.leading:
            self._wake.set()

    async def looked(self) -> None:
        """Once a second: what became due meanwhile."""
        if self.leading:
            self._wake.set()

    # ---- who sends ----

    async def _lead(self) -> None:
        while True:
            try:
                leads = await asyncio.to_thread(self._renew)
            except Exception:
                log.exception("outbox.lease_failed", surface=self._wire.surface)
                leads = False
            if leads and not self.leading:
                self.leading = True  # what changes from now on is heard
                self.leading = await self._begin()
                self._wake.set()
            elif not leads:
                self.leading = False
                for pending in self._pending.values():
                    pending.clear()
            await asyncio.sleep(RENEW_S)

    async def _begin(self) -> bool:
        """Takes over what another process left, and looks after all that may have changed meanwhile."""
        try:
            behind = await asyncio.to_thread(pen.take_over, self._storage, self._wire.surface)
        except Exception:
            log.exception("outbox.take_over_failed", surface=self._wire.surface)
            return False
        self._add(behind, new=False)
        return True

    def _renew(self) -> bool:
        until = monotonic() + LEASE.total_seconds()
        with self._storage.unit_of_work() as work:
            leads = work.switches.lease(self._lease, self._holder, work.now, LEASE)
            if not leads and is_dead(holder := work.switches.holder(self._lease)):
                work.switches.release(self._lease, holder)
                leads = work.switches.lease(self._lease, self._holder, work.now, LEASE)
        self._until = until if leads else 0.0
        return leads

    def _release(self) -> None:
        with self._storage.unit_of_work() as work:
            work.switches.release(self._lease, self._holder)

    async def _tidy(self) -> None:
        """When this process begins to send, and every hour: it may be that nobody told us of a channel's opening."""
        due_at = 0.0
        while True:
            if self.leading and monotonic() >= due_at:
                due_at = monotonic() + TIDY_S
                try:
                    for channel in await asyncio.to_thread(pen.tidy, self._storage, self._wire.surface):
                        if await self._wire.is_open(channel):
                            await asyncio.to_thread(pen.reopen, self._storage, channel)
                except WireError as error:
                    log.info("outbox.not_tidied", surface=self._wire.surface, reason=str(error))
                except Exception:
                    log.exception("outbox.tidy_failed", surface=self._wire.surface)
            await asyncio.sleep(RENEW_S)

    @property
    def _lease(self) -> str:
        return f"outbox.{self._wire.surface}"

    # ---- what is to be done ----

    async def _sort(self) -> None:
        """Endless: from what changed to the messages that show it."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            changed, self._changed = self._changed, set()
            found, self._found = self._found - changed, set()
            try:
                owed, showing = await asyncio.to_thread(
                    pen.to_do, self._storage, self._wire.surface, changed, found
                )
            except Exception:
                log.exception("outbox.look_failed", surface=self._wire.surface)
                self._changed |= changed
                self._found |= found
                await asyncio.sleep(1)
                self._wake.set()
                continue
            self._add(owed, new=True)
            self._add(showing, new=False)

    def _add(self, messages: Iterable[tuple[int, str]], *, new: bool) -> None:
        for message, channel in messages:
            lane = (channel, new)
            self._pending[lane].setdefault(message)
            if lane not in self._serving:
                self._serving[lane] = asyncio.create_task(self._serve(lane))

    async def _serve(self, lane: Lane) -> None:
        """One message after the other; ends when there is nothing left to do."""
        channel, new = lane
        pending = self._pending[lane]
        try:
            while self.leading and pending:
                if not self._welcome.is_set():
                    await self._welcome.wait()
                    continue
                message = next(iter(pending))
                await self._wire.turn(channel, new=new)
                if not (self.leading and self._welcome.is_set() and message in pending):
                    self._wire.unused(channel, new=new)
                    continue
                # Only now it is drawn: what changed while it waited for its turn is in it.
                del pending[message]
                await asyncio.sleep(await self._deliver_safely(message, lane))
        finally:
            del self._serving[lane], self._pending[lane]

    async def _deliver_safely(self, message: int, lane: Lane) -> float:
        """How many seconds the lane is to be left alone. What became of a message is noted even if that fails at first."""
        try:
            async with self._slots:
                return await self._deliver(message, lane)
        except Exception:
            log.exception("outbox.channel_failed", surface=self._wire.surface, channel=lane[0])
            self._pending[lane].setdefault(message)
            return AGAIN_S

    async def _deliver(self, message: int, lane: Lane) -> float:
        """How many seconds the lane is to be left alone."""
        channel, new = lane
        letter: Letter | None = None
        try:
            letter = await asyncio.to_thread(pen.write, self._storage, message, new=new)
            if letter is None:
                self._wire.unused(channel, new=new)
            else:
                external_id = await self._send(letter)
                await asyncio.to_thread(pen.sent, self._storage, letter, external_id)
                if new:  # while it was under way nobody was told of its changes
                    self._add([(message, channel)], new=False)
        except _Overtaken:  # what becomes of the row is the other's affair
            self.leading = False
        except Later as error:
            await self._note(pen.not_yet, letter)
            self._first(message, lane)
            return error.after_s
        except Gone:
            await self._note(pen.gone, letter)
            self._wake.set()
        except Orphaned:
            await self._note(pen.anew, letter)
            self._wake.set()
        except Closed as error:
            await self._note(pen.closed, letter, str(error))
            for either in (True, False):
                self._pending[channel, either].clear()
        except Refused as error:
            await self._note(pen.refused, letter, str(error))
        except SignedOut as error:
            await self._note(pen.not_yet, letter)
            self._first(message, lane)
            self.sit_out(str(error))
        except Lost as error:
            log.info("outbox.lost", surface=self._wire.surface, message=message, error=str(error))
            await self._try_later(message, lane, str(error))
        except Exception as error:
            log.exception("outbox.failed", surface=self._wire.surface, message=message)
            await self._try_later(message, lane, type(error).__name__)
        return 0.0

    def _first(self, message: int, lane: Lane) -> None:
        """Before all others of its lane."""
        pending = self._pending[lane]
        others = [*pending]
        pending.clear()
        pending.update(dict.fromkeys([message, *others]))

    async def _send(self, letter: Letter) -> str:
        """Its id on the surface."""
        if monotonic() > self._until:  # this process stood still, and another one sends by now
            raise _Overtaken
        if letter.delivery.state is DeliveryState.SENT:
            await self._wire.update(letter)
            return letter.delivery.external_id
        left = await self._wire.find(letter) if letter.tried else ""
        if left:
            await self._wire.update(replace(letter, delivery=replace(letter.delivery, external_id=left)))
            return left
        return await self._wire.post(letter)

    async def _note(self, what: Callable[..., object], letter: Letter | None, *more: str) -> None:
        if letter is not None:
            await asyncio.to_thread(what, self._storage, letter, *more)

    async def _try_later(self, message: int, lane: Lane, trouble: str) -> None:
        """Again and again, at longer and longer intervals: what was changed there once may be changed again."""
        after_s = await asyncio.to_thread(pen.later, self._storage, message, trouble)
        asyncio.get_running_loop().call_later(after_s, self._once_more, message, lane)

    def _once_more(self, message: int, lane: Lane) -> None:
        if self.leading:
            self._add([(message, lane[0])], new=lane[1])

    # ---- when the surface does not let us in ----

    def sit_out(self, reason: str) -> None:
        """The surface does not let us in: nothing is sent until it does, and people are told."""
        if self._welcome.is_set():
            self._welcome.clear()
            self._waiting = asyncio.create_task(self._wait_outside(reason))

    async def _wait_outside(self, reason: str) -> None:
        surface = self._wire.surface
        log.error("outbox.signed_out", surface=surface, reason=reason)
        told = False
        while not self._welcome.is_set():
            try:
                if not told:
                    await asyncio.to_thread(pen.signed_out, self._storage, surface, reason)
                    told = True
                await asyncio.sleep(UNWELL_S)
                if await self._wire.well():
                    await asyncio.to_thread(pen.signed_in, self._storage, surface)
                    self._welcome.set()
            except Exception:
                log.exception("outbox.look_failed", surface=surface)
                await asyncio.sleep(AGAIN_S)
