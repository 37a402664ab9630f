"""The process `slack` beside a bare Bolt app and slack_sdk's raw socket client, on the same emulator.

How soon something is acknowledged is measured in the emulator, from the moment it is sent. The emulator is a process of
its own; ours is the real one (`python -m bot.slack`) with a real Redis and SQLite. One app is connected at a time, in turns.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Iterator
from time import sleep

import psutil
from sqlalchemy import func, select

from agents.people import Identity
from storage.tables import MessageRow
from tests.bench import slack_clicks
from tests.bench.figures import Figure, Options, Sample, against, at_most
from tests.bench.house import House, Unrung, house
from tests.bench.memory import MIB
from tests.bench.slack_memory import alone
from tests.bench.workspace import Workspace, workspace

COMMAND = "/help post"
"""What is acknowledged here is then done: read as a command of ours, worked in a transaction, drawn, and answered privately."""
EVENT = "@zoe what did we say about the release?"
OURS, BOLT, SOCKET = (
    ("tests.bench.census", "bot.slack"),
    ("tests.bench.bare_slack", "bolt"),
    ("tests.bench.bare_slack", "socket"),
)
ROUNDS = 3
PACES = {"one at a time": 20.0, "100/s": 100.0}
"""Commands a second. At 20 each has been worked long before the next one comes."""
PACE_S, WARM_UP_S, REST_S = 5.0, 1.0, 1.0
EVENTS_A_SECOND, EVENTS_S = 500.0, 20.0
"""10,000 events."""
ACK_MS, EVENT_MS, WEIGHT = 3.0, 100.0, 1.25

Taken = dict[str, dict[str, list[float]]]


def figures(options: Options) -> Iterator[Figure]:
    rounds = options.count(slack_clicks.ROUNDS, 1)
    channels = ["general", *slack_clicks.channels(rounds)]
    with (
        house("sqlite", redis=True, kind=Unrung) as home,
        workspace(home, ["alice"], channels) as (slack, ids),
    ):
        with home.troupe.storage.unit_of_work() as work:
            work.people.link(Identity(home.alice.id, "slack", ids["users"]["alice"]), work.now)
        taken = _acknowledged(slack, options)
        yield from _commands(taken)
        with slack.app(*OURS) as process:
            yield from _events(home, slack, taken, options)
            ours, bare = psutil.Process(process.pid).memory_info().rss / MIB, alone(home, process.pid)
            yield against(
                "slack", "memory after all that / its libraries alone", [ours], [bare], WEIGHT, unit="MiB"
            )
            yield slack_clicks.figure(home, slack, ids["channels"], rounds, options)


def _acknowledged(slack: Workspace, options: Options) -> Taken:
    """ms, by pace and side."""
    taken: Taken = defaultdict(lambda: defaultdict(list))
    sides = {"ours": OURS, "bolt": BOLT, "socket": SOCKET}
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


def _events(home: House, slack: Workspace, taken: Taken, options: Options) -> Iterator[Figure]:
    """Each event is a message in a channel that names a persona: before it is acknowledged its row is committed, with how it
    stands in Slack, what is known of it, the job to answer it, and an audit line. Bare Bolt keeps nothing of its events.
    """
    slack.load("event", EVENT, 20.0, WARM_UP_S)
    before = _messages(home)
    seconds = max(0.5, EVENTS_S * options.scale)
    found = slack.load("event", EVENT, EVENTS_A_SECOND, seconds)
    kept = _messages(home) - before
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


def _messages(home: House) -> int:
    with home.troupe.storage.engine.connect().execution_options(reading=True) as connection:
        return connection.execute(select(func.count()).select_from(MessageRow)).scalar_one()
