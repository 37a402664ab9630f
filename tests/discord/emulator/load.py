"""Many interactions at a steady rate, and how soon the app first responded: measured here, where they are sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.discord.emulator import seeing, typed
from tests.discord.emulator.errors import Json, NotPossible
from tests.discord.emulator.interaction import COMMAND, COMPONENT, Interaction
from tests.discord.emulator.state import BUTTON
from tests.slack.emulator.load import Latency

if TYPE_CHECKING:
    from tests.discord.emulator.emulator import Emulator

Sender = Callable[[int], Interaction]


@dataclass(frozen=True)
class Load:
    """What to send.  rate: per second, open loop: nobody waits for the answer to the one before.

    what: the line of a command (its options in `options`), or the label of the button, which is pressed in turn on
    every message in the channel that has it.
    """

    kind: Literal["command", "click"]
    what: str
    rate: float
    seconds: float
    user: str = "alice"
    channel: str = "general"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """rate: what was really sent per second.  responses: from sending an interaction to the arrival of its callback."""

    sent: int
    responded: int
    failed: dict[str, int]
    rate: float
    responses: Latency

    def told(self) -> Json:
        return asdict(self)


async def run(discord: Emulator, load: Load) -> Measured:
    """Sends, waits until all are responded to or given up, and sums up.  On the emulator's loop."""
    sender = _commands(discord, load) if load.kind == "command" else _clicks(discord, load)
    begun, sent = time.perf_counter(), list[Interaction]()
    for number in range(round(load.rate * load.seconds)):
        wait_s = begun + number / load.rate - time.perf_counter()
        if wait_s > 0 or number % 50 == 0:
            await asyncio.sleep(max(0.0, wait_s))
        sent.append(sender(number))
    took_s = time.perf_counter() - begun
    await asyncio.to_thread(lambda: [each.done.wait() for each in sent])
    failed: dict[str, int] = {}
    for each in sent:
        if not each.answered:
            failed[each.error] = failed.get(each.error, 0) + 1
    responses = [each.latency_s for each in sent if each.answered]
    return Measured(len(sent), len(responses), failed, round(len(sent) / took_s, 1), Latency.of(responses))


def _commands(discord: Emulator, load: Load) -> Sender:
    person, room = discord.user(load.user), discord.channel(load.channel)
    line = typed.line(person.commands(room), load.what)
    data = line.data(*typed.filled(discord.world, line.options, load.options))
    return lambda _: person.asking(COMMAND, data, None, room.id)


def _clicks(discord: Emulator, load: Load) -> Sender:
    person, room = discord.user(load.user), discord.channel(load.channel)
    targets = [each for each in room.posts if load.what in seeing.labels(each.components)]
    if not targets:
        raise NotPossible(f"no message in #{room.name} has a button {load.what!r}")

    def send(number: int) -> Interaction:
        message = targets[number % len(targets)]
        button = seeing.button(message.components, load.what)
        data = {"component_type": BUTTON, "custom_id": button["custom_id"]}
        return person.asking(COMPONENT, data, message, room.id)

    return send
