"""What Slack sends to the app: once, or until it is acknowledged."""

from __future__ import annotations

import asyncio
import threading
import time
from collections import deque
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Literal, Protocol

from tests.slack.emulator.errors import Json, NotPossible

Kind = Literal["events_api", "slash_commands", "interactive"]


@dataclass(frozen=True)
class Reply:
    """How one attempt ended.  body: the payload of the acknowledgement.  reason: Slack's word for what went wrong."""

    ok: bool
    body: Json | None = None
    reason: str = ""
    status: int = 0
    final: bool = False  # x-slack-no-retry: the app asks not to be told again


@dataclass
class Patience:
    """How long Slack waits, in seconds; tests shorten it.

    Acknowledgement: 3 s.  Events come again at once, after 1 min and after 5 min.  A trigger_id lives 3 s.
    docs.slack.dev/apis/events-api and /interactivity/handling-user-interaction.
    """

    ack_s: float = 3.0
    retries_s: tuple[float, ...] = (0.0, 60.0, 300.0)
    trigger_s: float = 3.0


@dataclass
class Delivery:
    """One thing sent.  `wait()` returns when Slack is done with it; `error` is then Slack's word, "" if acknowledged."""

    kind: Kind
    payload: Json
    id: str = ""
    attempts: int = 0
    reply: Reply | None = None
    error: str = ""
    sent_at: float = 0.0
    acked_at: float = 0.0
    headers: dict[str, str] = field(default_factory=dict)  # of the last signed request, for a replay
    raw: bytes = b""
    done: threading.Event = field(default_factory=threading.Event)

    @property
    def acknowledged(self) -> bool:
        return self.reply is not None and self.reply.ok

    @property
    def latency_s(self) -> float:
        """From the first attempt to the acknowledgement, as measured here; endless without one."""
        return self.acked_at - self.sent_at if self.acknowledged else float("inf")

    def wait(self, timeout_s: float = 30.0) -> Delivery:
        if not self.done.wait(timeout_s):
            raise NotPossible(f"{self.kind} was not settled within {timeout_s} s")
        return self


class Transport(Protocol):
    async def send(self, delivery: Delivery, retry: int, reason: str, within_s: float) -> Reply:
        """One attempt.  retry: 0 for the first.  reason: why the one before failed."""


@dataclass
class Post:
    """Sends by whatever transport is set, and keeps what it sent."""

    patience: Patience
    transport: Transport
    sent: deque[Delivery] = field(default_factory=lambda: deque(maxlen=50_000))
    tasks: set[asyncio.Task[None]] = field(default_factory=set)

    def send(self, kind: Kind, payload: Json) -> Delivery:
        """Starts sending; call it on the emulator's thread."""
        delivery = Delivery(kind, payload)
        self.sent.append(delivery)
        task = asyncio.get_running_loop().create_task(self._deliver(delivery))
        self.tasks.add(task)
        task.add_done_callback(self.tasks.discard)
        return delivery

    async def drained(self, some: Iterable[Delivery]) -> None:
        """Waits until all of these are settled."""
        for delivery in some:
            while not delivery.done.is_set():
                await asyncio.wait(self.tasks, return_when=asyncio.FIRST_COMPLETED)

    async def _deliver(self, delivery: Delivery) -> None:
        waits = (0.0, *self.patience.retries_s) if delivery.kind == "events_api" else (0.0,)
        reason = ""
        try:
            for retry, wait_s in enumerate(waits):
                if wait_s:
                    await asyncio.sleep(wait_s)
                delivery.attempts += 1
                if not retry:
                    delivery.sent_at = time.perf_counter()
                reply = await self.transport.send(delivery, retry, reason, self.patience.ack_s)
                delivery.reply, reason = reply, reply.reason
                if reply.ok:
                    delivery.acked_at = time.perf_counter()
                    return
                if reply.final:
                    break
            delivery.error = reason or "failed"
        finally:
            delivery.done.set()
