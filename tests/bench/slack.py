"""The process `slack` beside a bare Bolt app and slack_sdk's raw socket client, on the same emulator.

How soon something is acknowledged is measured in the emulator, from the moment it is sent. The emulator is a process of
its own; ours is the real one (`python -m bot.slack`) with a real Redis and SQLite. One app is connected at a time, in turns.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from datetime import datetime
from time import sleep
from typing import Any

from agents.people import Identity
from bot.cards import Card
from bot.slack import render
from tests.bench import libraries, redraws
from tests.bench.figures import Figure, Options, Sample, at_most
from tests.bench.house import Unrung, house
from tests.bench.workspace import SLACK, Workspace, workspace

COMMAND = "/help post"
"""What is acknowledged here is then done: read as a command of ours, worked in a transaction, drawn, and answered privately."""
EVENT = "@zoe what did we say about the release?"
ROUNDS = 3
PACES = {"one at a time": 20.0, "100/s": 100.0}
"""Commands a second. At 20 each has been worked long before the next one comes."""
PACE_S, WARM_UP_S, REST_S = 5.0, 1.0, 1.0
EVENTS_A_SECOND, EVENTS_S = 500.0, 20.0
"""10,000 events."""
ACK_MS, EVENT_MS = 3.0, 100.0

Taken = dict[str, dict[str, list[float]]]


def figures(options: Options) -> Iterator[Figure]:
    rounds = options.count(redraws.ROUNDS, 1)
    channels = ["general", *redraws.channels(rounds)]
    with (
        house("sqlite", redis=True, kind=Unrung) as home,
        workspace(SLACK, home, ["alice"], channels) as (slack, ids),
    ):
        with home.troupe.storage.unit_of_work() as work:
            work.people.link(Identity(home.alice.id, "slack", ids["users"]["alice"]), work.now)
        taken = _acknowledged(slack, options)
        yield from _commands(taken)
        with slack.app(*SLACK.ours) as process:
            yield from _events(slack, taken, options)
            yield libraries.weight(slack, process.pid)
            yield redraws.figure(home, slack, ids["channels"], _rendered, rounds, options)


def _acknowledged(slack: Workspace, options: Options) -> Taken:
    """ms, by pace and side."""
    taken: Taken = defaultdict(lambda: defaultdict(list))
    sides = {"ours": SLACK.ours, "bolt": SLACK.bare("bolt"), "socket": SLACK.bare("socket")}
    for _ in range(options.count(ROUNDS, 1)):
        for name in random.sample(list(sides), len(sides)):
            with slack.app(*sides[name]):
                slack.load("command", COMMAND, PACES["one at a time"], WARM_UP_S)
                for pace, rate in PACES.items():
                    seconds = max(0.2, PACE_S * options.scale)
                    taken[pace][name] += slack.load("command", COMMAND, rate, seconds)["acks_ms"]
                    sleep(REST_S)
                if name == "bolt":
                    events = slack.load("event", "a word", EVENTS_A_SECOND, max(0.2, PACE_S * options.scale))
                    taken["events"][name] += events["acks_ms"]
    return taken


def _commands(taken: Taken) -> Iterator[Figure]:
    one, many = taken["one at a time"], taken["100/s"]
    what = "command acknowledged, {} / {}"
    yield at_most(
        "slack", what.format("one at a time", "bare Bolt"), one["ours"], ACK_MS, of="median", bare=one["bolt"]
    )
    yield at_most("slack", what.format("one at a time", "raw socket"), one["ours"], None, bare=one["socket"])
    limit = Sample.of(many["bolt"]).p99
    yield at_most("slack", what.format("100/s", "bare Bolt"), many["ours"], limit, bare=many["bolt"])
    yield at_most(
        "slack", what.format("100/s", "raw socket"), many["ours"], ACK_MS, of="median", bare=many["socket"]
    )


def _events(slack: Workspace, taken: Taken, options: Options) -> Iterator[Figure]:
    """Each event is a message in a channel that names a persona: before it is acknowledged its row is committed, with how it
    stands in Slack, what is known of it, the job to answer it, and an audit line. Bare Bolt keeps nothing of its events.
    """
    slack.load("event", EVENT, 20.0, WARM_UP_S)
    before = slack.heard()
    seconds = max(0.5, EVENTS_S * options.scale)
    found = slack.load("event", EVENT, EVENTS_A_SECOND, seconds)
    kept = slack.heard() - before
    what = (
        f"{found['rate']:.0f} events/s for {seconds:g} s, rows before they are acknowledged / bare Bolt, none"
    )
    yield at_most("slack", what, found["acks_ms"], EVENT_MS, bare=taken["events"]["bolt"])
    missing = found["sent"] - min(kept, found["acknowledged"])
    refused = ", ".join(f"{count} {error}" for error, count in found["failed"].items())
    yield at_most(
        "slack", "events lost, refused or without a row", [missing], 0, of="median", unit="", note=refused
    )
    after_ms = found["settled_s"] * 1000
    yield at_most("slack", "from the last event to the last row", [after_ms], None, of="median")


def _rendered(card: Card, now: datetime) -> dict[str, Any]:
    message = render.message(card, now=now)
    return {"text": message.text, "blocks": message.blocks}
