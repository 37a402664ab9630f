"""Many things at once, at a steady rate, and how soon the app acknowledged them: measured here, where they are sent."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Literal

from tests.slack.emulator import payloads, seeing
from tests.slack.emulator.delivery import Delivery
from tests.slack.emulator.errors import Json, NotPossible
from tests.slack.emulator.pace import Latency, Moment, paced, redrawn

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
    sent = [each for each in await paced(sender, load.rate, load.seconds) if each is not None]
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


async def _updates(slack: Emulator, clicks: Sequence[Delivery]) -> list[float]:
    """Seconds from each click to the chat.update of its message."""

    def changes() -> list[Moment]:
        return [(str(call.args["ts"]), call.at) for call in slack.calls("chat.update") if not call.error]

    return await redrawn(
        [(each.payload["container"]["message_ts"], each.sent_at) for each in clicks], changes
    )
