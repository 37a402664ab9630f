"""Many things at once, at a steady rate, and how soon the app acknowledged them: measured here, where they are sent."""

from __future__ import annotations

import asyncio
import bisect
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from tests.slack.emulator import payloads, seeing
from tests.slack.emulator.delivery import Delivery
from tests.slack.emulator.errors import Json, NotPossible

if TYPE_CHECKING:
    from tests.slack.emulator.emulator import Emulator
    from tests.slack.emulator.hands import Person
    from tests.slack.emulator.room import Room

Sender = Callable[[int], Delivery | None]


@dataclass(frozen=True)
class Load:
    """What to send.  rate: per second, open loop: nobody waits for the answer to the one before.

    what: the line of a command, the words of a message, or the label of the button, which is pressed in turn on every
    message in the channel that has it.
    """

    kind: Literal["command", "event", "click"]
    what: str
    rate: float
    seconds: float
    user: str = "alice"
    channel: str = "general"


@dataclass(frozen=True)
class Latency:
    """In milliseconds; all zero when nothing was measured."""

    count: int
    p50_ms: float
    p90_ms: float
    p99_ms: float
    max_ms: float

    @classmethod
    def of(cls, seconds: Sequence[float]) -> Latency:
        ms = sorted(1000 * each for each in seconds)
        if not ms:
            return cls(0, 0.0, 0.0, 0.0, 0.0)

        def at(share: float) -> float:
            return round(ms[min(len(ms) - 1, int(len(ms) * share))], 3)

        return cls(len(ms), at(0.5), at(0.9), at(0.99), round(ms[-1], 3))


@dataclass(frozen=True)
class Measured:
    """rate: what was really sent per second.  settled_s: from the last one sent until all were settled.

    updates: from a click to the chat.update of its message.  acks_ms, updates_ms: each of them.
    """

    sent: int
    acknowledged: int
    failed: dict[str, int]
    rate: float
    acks: Latency
    updates: Latency
    settled_s: float
    acks_ms: list[float]
    updates_ms: list[float]

    def told(self) -> Json:
        return asdict(self)


async def run(slack: Emulator, load: Load) -> Measured:
    """Sends, waits until Slack is done with all of it (at most its patience), and sums up.  On the emulator's loop."""
    sender = _sender(slack, load)
    begun = time.perf_counter()
    sent = [each for each in await _paced(sender, load) if each is not None]
    took_s = time.perf_counter() - begun
    await slack.world.post.drained(sent)
    settled_s = time.perf_counter() - begun - took_s
    failed: dict[str, int] = {}
    for each in sent:
        if each.error:
            failed[each.error] = failed.get(each.error, 0) + 1
    acks = [each.latency_s for each in sent if each.acknowledged]
    updates = await _updates(slack, sent) if load.kind == "click" else []
    return Measured(
        len(sent),
        len(acks),
        failed,
        round(len(sent) / took_s, 1),
        Latency.of(acks),
        Latency.of(updates),
        settled_s,
        [1000 * each for each in acks],
        [1000 * each for each in updates],
    )


async def _paced(sender: Sender, load: Load) -> list[Delivery | None]:
    begun, sent = time.perf_counter(), []
    for number in range(round(load.rate * load.seconds)):
        wait_s = begun + number / load.rate - time.perf_counter()
        if wait_s > 0 or number % 50 == 0:
            await asyncio.sleep(max(0.0, wait_s))
        sent.append(sender(number))
    return sent


def _sender(slack: Emulator, load: Load) -> Sender:
    person, room = slack.user(load.user), slack.channel(load.channel)
    if load.kind == "command":
        return _commands(slack, load, person, room)
    if load.kind == "event":
        return _events(slack, load, person, room)
    return _clicks(slack, load, person, room)


def _commands(slack: Emulator, load: Load, person: Person, room: Room) -> Sender:
    world, (name, _, text) = slack.world, load.what.partition(" ")

    def send(_: int) -> Delivery:
        payload = payloads.command(world, person.user, room.channel, name, text)
        return world.post.send("slash_commands", payload)

    return send


def _events(slack: Emulator, load: Load, person: Person, room: Room) -> Sender:
    """A message each; the delivery that is measured is the last event of it (app_mention, where the app is named)."""

    def send(_: int) -> Delivery:
        person.say(load.what, room.channel)
        return slack.world.post.sent[-1]

    return send


def _clicks(slack: Emulator, load: Load, person: Person, room: Room) -> Sender:
    targets = [message for message in room.posts if load.what in seeing.buttons(message.blocks)]
    if not targets:
        raise NotPossible(f"no message in #{room.name} has a button {load.what!r}")
    world = slack.world

    def send(number: int) -> Delivery | None:
        message = targets[number % len(targets)]
        if load.what not in seeing.buttons(message.blocks):
            return None
        done = payloads.action(*seeing.button(message.blocks, load.what), None)
        return world.post.send("interactive", payloads.on_message(world, person.user, message, done))

    return send


async def _updates(slack: Emulator, clicks: Sequence[Delivery], patience_s: float = 10.0) -> list[float]:
    """Seconds from each click to the first chat.update of its message after it.  Clicks that changed nothing are left out."""
    deadline = time.monotonic() + patience_s
    found: list[float | None] = [None]
    while None in found and time.monotonic() < deadline:
        await asyncio.sleep(0.05)
        updates: dict[str, list[float]] = {}
        for call in slack.calls("chat.update"):
            if not call.error:
                updates.setdefault(str(call.args["ts"]), []).append(call.at)
        found = [_first_after(updates, click) for click in clicks]
    return [each for each in found if each is not None]


def _first_after(updates: dict[str, list[float]], click: Delivery) -> float | None:
    moments = updates.get(str(click.payload["container"]["message_ts"]), [])
    at = bisect.bisect_left(moments, click.sent_at)
    return moments[at] - click.sent_at if at < len(moments) else None
