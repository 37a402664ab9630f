"""From a click on Approve to the card as it then stands in Slack, beside one round trip to Slack and one transaction.

Round trip: slack_sdk's chat.update of such a card, in a process of its own, on the same emulator. Transaction: what the
click itself commits, through our own dispatcher on the same database, so that what is compared is what lies around the two.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Mapping

from bot.outbox.pen import EVERYBODY
from bot.present.draw import draw
from bot.settings import ROOT
from bot.slack import render
from tests.bench.figures import Figure, Options, Sample, at_most, timed_ms
from tests.bench.house import Draft, House
from tests.bench.workspace import Workspace

ROUNDS, IN_A_ROUND = 10, 10
A_SECOND = 1.0
"""Clicks: somebody looks before. Slack allows 50 redraws a minute, and our own wire keeps to that whatever the emulator allows."""
REST_S = 0.1
FACTOR = 2
BUTTON = "Approve"


def channels(rounds: int) -> list[str]:
    """A new one for each round: Slack allows one new message a second in each."""
    return [f"round-{number}" for number in range(rounds)]


def figure(home: House, slack: Workspace, ids: Mapping[str, str], rounds: int, options: Options) -> Figure:
    count = options.count(IN_A_ROUND)
    cards = home.drafts(rounds * count)
    _place(home, slack, {name: ids[name] for name in channels(rounds)}, cards)
    _transaction(home)
    ours: list[float] = []
    both: list[float] = []
    for name in channels(rounds):
        found = slack.load("click", BUTTON, A_SECOND, count / A_SECOND, name)
        ours += found["updates_ms"]
        trips = _trips(home, slack, ids["general"], cards[0], count)
        both += [trip + _transaction(home) for trip in trips]
    bare = Sample.of(both)
    return at_most(
        "slack",
        "click to redrawn message / round trip + transaction",
        ours,
        FACTOR * bare.p99,
        bare=both,
        note=f"Target: {FACTOR} x the 99th percentile of the two together.",
    )


def _place(home: House, slack: Workspace, ids: Mapping[str, str], cards: list[Draft]) -> None:
    """Returns when all of them stand there."""
    rooms = list(ids)
    with home.troupe.storage.unit_of_work() as work:
        places = [work.channels.add("slack", name, work.now, external_id=ids[name]).id for name in rooms]
        for number, draft in enumerate(cards):
            work.place(places[number % len(places)], draft.variant.subject)
    each = len(cards) // len(rooms)
    slack.wait(lambda state: all(state["messages"][name] >= each for name in rooms), within_s=30)


def _trips(home: House, slack: Workspace, channel: str, draft: Draft, count: int) -> list[float]:
    with home.troupe.storage.reading() as work:
        message = render.message(draw(draft.variant.subject, work, EVERYBODY), now=work.now)
    given = {
        "channel": channel,
        "text": message.text,
        "blocks": message.blocks,
        "count": count,
        "rest_s": REST_S,
    }
    file = home.troupe.settings.troupe_home / "trips.json"
    file.write_text(json.dumps(given))
    done = subprocess.run(
        [sys.executable, "-m", "tests.bench.bare_slack", "trips", file],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, **slack.environment},
    )
    taken: list[float] = json.loads(done.stdout)
    return taken


def _transaction(home: House) -> float:
    draft = home.drafts(1)[0]
    time.sleep(REST_S)
    return timed_ms(lambda: home.press(draft.approve))
