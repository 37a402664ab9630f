"""Many things at once, at a steady rate, and how soon the app first responded: measured here, where they are sent."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from tests.discord.emulator import seeing, typed
from tests.discord.emulator.errors import Json, NotPossible
from tests.discord.emulator.interaction import AUTOCOMPLETE, COMMAND, COMPONENT, Interaction
from tests.discord.emulator.state import BUTTON, Message
from tests.slack.emulator.pace import Latency, Moment, paced, redrawn

if TYPE_CHECKING:
    from tests.discord.emulator.emulator import Emulator
    from tests.discord.emulator.hands import Person
    from tests.discord.emulator.room import Room

Sender = Callable[[int], Interaction | Message | None]
EDITS = ("edit_message", "edit_webhook_message")


@dataclass(frozen=True)
class Load:
    """What to send.  rate: per second, open loop: nobody waits for the answer to the one before.

    what: the line of a command (its options in `options`; the last of them is the one that is completed), the words of
    a message, or the label of the button, which is pressed in turn on every message in the channel that has it: "click"
    where its message is to be redrawn by that, "press" where it stays as it is.
    """

    kind: Literal["command", "complete", "click", "press", "event"]
    what: str
    rate: float
    seconds: float
    user: str = "alice"
    channel: str = "general"
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Measured:
    """rate: what was really sent per second.  responses: from sending an interaction to the arrival of its callback.

    updates: from a click to the edit of its message.  responses_ms, updates_ms: each of them.  Nobody responds to the
    events of messages: of them only `sent` and `rate` are told.
    """

    sent: int
    responded: int
    failed: dict[str, int]
    rate: float
    responses: Latency
    updates: Latency
    responses_ms: list[float]
    updates_ms: list[float]

    def told(self) -> Json:
        return asdict(self)


async def run(discord: Emulator, load: Load) -> Measured:
    """Sends, waits until all are responded to or given up, and sums up.  On the emulator's loop."""
    sender = _sender(discord, load)
    begun = time.perf_counter()
    sent = [each for each in await paced(sender, load.rate, load.seconds) if each is not None]
    took_s = time.perf_counter() - begun
    asked = [each for each in sent if isinstance(each, Interaction)]
    await asyncio.to_thread(lambda: [each.done.wait() for each in asked])
    failed: dict[str, int] = {}
    for each in asked:
        if not each.answered:
            failed[each.error] = failed.get(each.error, 0) + 1
    responses = [each.latency_s for each in asked if each.answered]
    updates = await _updates(discord, asked) if load.kind == "click" else []
    return Measured(
        len(sent),
        len(responses),
        failed,
        round(len(sent) / took_s, 1),
        Latency.of(responses),
        Latency.of(updates),
        [1000 * each for each in responses],
        [1000 * each for each in updates],
    )


def _sender(discord: Emulator, load: Load) -> Sender:
    person, room = discord.user(load.user), discord.channel(load.channel)
    return SENDERS[load.kind](discord, load, person, room)


def _commands(discord: Emulator, load: Load, person: Person, room: Room) -> Sender:
    line = typed.line(person.commands(room), load.what)
    data = line.data(*typed.filled(discord.world, line.options, load.options))
    return lambda _: person.asking(COMMAND, data, None, room.id)


def _completions(discord: Emulator, load: Load, person: Person, room: Room) -> Sender:
    line = typed.line(person.commands(room), load.what)
    (*_, (option, so_far)) = load.options.items()
    data = line.data(typed.partly(line.options, option, so_far, load.options), {})
    return lambda _: person.asking(AUTOCOMPLETE, data, None, room.id)


def _events(discord: Emulator, load: Load, person: Person, room: Room) -> Sender:
    return lambda _: person.say(load.what, room.channel)


def _clicks(discord: Emulator, load: Load, person: Person, room: Room) -> Sender:
    targets = [each for each in room.posts if load.what in seeing.labels(each.components)]
    if not targets:
        raise NotPossible(f"no message in #{room.name} has a button {load.what!r}")

    def send(number: int) -> Interaction | None:
        message = targets[number % len(targets)]
        if load.what not in seeing.labels(message.components):
            return None
        button = seeing.button(message.components, load.what)
        data = {"component_type": BUTTON, "custom_id": button["custom_id"]}
        return person.asking(COMPONENT, data, message, room.id)

    return send


SENDERS: Mapping[str, Callable[[Emulator, Load, Person, Room], Sender]] = {
    "command": _commands,
    "complete": _completions,
    "click": _clicks,
    "press": _clicks,
    "event": _events,
}


async def _updates(discord: Emulator, clicks: Sequence[Interaction]) -> list[float]:
    """Seconds from each click to the edit of its message."""

    def changes() -> list[Moment]:
        edits = [call for call in discord.calls() if call.route in EDITS and not call.error]
        return [(call.path.rpartition("/")[2], call.at) for call in edits]

    pressed = [(each.message.id, each.sent_at) for each in clicks if each.message]
    return await redrawn(pressed, changes)
