"""The process `discord` beside a bare discord.py client, on the same emulator.

How soon something is first responded to is measured in the emulator, from the moment it is sent. The emulator is a process of
its own; ours is the real one (`python -m bot.discord`) with a real Redis and SQLite. One app is connected at a time, in turns.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator, Mapping
from datetime import datetime
from time import monotonic, sleep
from typing import Any

import httpx

from agents.people import Identity
from bot.cards import Card
from bot.discord import render
from tests.bench import libraries, redraws
from tests.bench.figures import Figure, Options, Sample, at_most
from tests.bench.house import House, Unrung, house
from tests.bench.workspace import DISCORD, Workspace, workspace
from tests.servers.processes import ServerError

BUTTON = "Approve"
ASKED: Mapping[str, Mapping[str, Any]] = {
    "command deferred": {"kind": "command", "what": "/help", "options": {"command": "post"}},
    "button deferred": {"kind": "press", "what": BUTTON, "channel": "buttons"},
    "option completed": {"kind": "complete", "what": "/persona show", "options": {"persona": "z"}},
}
"""After the first response all of it is done: a command is read, worked in a transaction, drawn and answered privately; whoever
presses is told that it is approved already, and why that was not done again stands in the audit trail. Completing is the response."""
EVENT = "@zoe what did we say about the release?"
ROUNDS = 3
RATE, PACE_S, WARM_UP_S, REST_S = 100.0, 5.0, 1.0, 1.0
EVENTS_A_SECOND, EVENTS_S = 500.0, 20.0
"""10,000 events."""
FACTOR = 1.5
SETTLED_S, LOOK_S = 30.0, 0.05

Taken = dict[str, dict[str, list[float]]]


def figures(options: Options) -> Iterator[Figure]:
    rounds = options.count(redraws.ROUNDS, 1)
    channels = ["general", "buttons", *redraws.channels(rounds)]
    with (
        house("sqlite", redis=True, kind=Unrung) as home,
        workspace(DISCORD, home, ["alice"], channels) as (discord, ids),
    ):
        with home.troupe.storage.unit_of_work() as work:
            work.people.link(Identity(home.alice.id, "discord", ids["users"]["alice"]), work.now)
        with discord.app(*DISCORD.ours):
            discord.wait(lambda state: state["commands"])
        _show_button(home, discord, ids["channels"]["buttons"])
        yield from _responses(_taken(discord, options))
        with discord.app(*DISCORD.ours) as process:
            yield from _events(discord, options)
            yield libraries.weight(discord, process.pid)
            yield redraws.figure(home, discord, ids["channels"], _rendered, rounds, options)


def _show_button(home: House, discord: Workspace, channel: str) -> None:
    """Of a post that is approved: its card would not have it any more, so that there would be nothing to press again."""
    draft = home.drafts(1)[0]
    home.press(draft.approve)
    button = {"type": 2, "style": 1, "label": BUTTON, "custom_id": draft.approve}
    env = discord.environment
    httpx.post(
        f"{env['DISCORD_API_URL']}/channels/{channel}/messages",
        headers={"Authorization": f"Bot {env['DISCORD_TOKEN']}"},
        json={"content": "A card of yesterday", "components": [{"type": 1, "components": [button]}]},
    ).raise_for_status()


def _taken(discord: Workspace, options: Options) -> Taken:
    """ms, by what was asked and by side. Raises ServerError when anything had no first response within Discord's 3 s."""
    taken: Taken = defaultdict(lambda: defaultdict(list))
    sides = {"ours": DISCORD.ours, "bare": DISCORD.bare("client")}
    for _ in range(options.count(ROUNDS, 1)):
        for name in random.sample(list(sides), len(sides)):
            with discord.app(*sides[name]):
                for what, asked in ASKED.items():
                    discord.load(**asked, rate=RATE, seconds=WARM_UP_S * options.scale)
                    found = discord.load(**asked, rate=RATE, seconds=max(0.2, PACE_S * options.scale))
                    taken[what][name] += found["responses_ms"]
                    if found["failed"]:
                        raise ServerError(f"{name}, {what}: without a first response {found['failed']}")
                    sleep(REST_S)
    return taken


def _responses(taken: Taken) -> Iterator[Figure]:
    for what, sides in taken.items():
        limit = FACTOR * Sample.of(sides["bare"]).p99
        yield at_most("discord", f"{what}, 100/s / bare discord.py", sides["ours"], limit, bare=sides["bare"])


def _events(discord: Workspace, options: Options) -> Iterator[Figure]:
    """Each event is a message in a channel that names a persona: its row is committed, with how it stands in Discord, what is
    known of it, the job to answer it, and an audit line."""
    discord.load("event", EVENT, 20.0, WARM_UP_S)
    sleep(REST_S)
    before = discord.heard()
    found = discord.load("event", EVENT, EVENTS_A_SECOND, max(0.5, EVENTS_S * options.scale))
    begun = monotonic()
    while (missing := before + found["sent"] - discord.heard()) and monotonic() - begun < SETTLED_S:
        sleep(LOOK_S)
    what = f"{found['rate']:.0f} events/s, {found['sent']} in all: those without a row"
    yield at_most("discord", what, [missing], 0, of="median", unit="")
    after_ms = (monotonic() - begun) * 1000
    yield at_most("discord", "from the last event to the last row", [after_ms], None, of="median")


def _rendered(card: Card, now: datetime) -> dict[str, Any]:
    return render.message(card, now=now).payload()
