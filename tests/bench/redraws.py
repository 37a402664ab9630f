"""From a click on Approve to the card as it then stands in a chat, beside one round trip to it and one transaction.

Round trip: such a card redrawn by the chat's own library, in a process of its own, on the same emulator. Transaction: what
the click itself commits, through our own dispatcher on the same database, so that what is compared is what lies around the two.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from bot.cards import Card
from bot.outbox.pen import EVERYBODY
from bot.present.draw import draw
from bot.settings import ROOT
from tests.bench.figures import Figure, Options, Sample, at_most, timed_ms
from tests.bench.house import Draft, House
from tests.bench.trips import REST_S
from tests.bench.workspace import Workspace

ROUNDS, IN_A_ROUND = 10, 10
A_SECOND = 1.0
"""Clicks: somebody looks before. Our wires keep to what Slack (50 redraws a minute) and Discord (5 in 5 s for each channel) allow,
whatever the emulator does."""
FACTOR = 2
BUTTON = "Approve"

Rendered = Callable[[Card, datetime], Mapping[str, Any]]
"""A card, and now: the message as the chat takes it."""


def channels(rounds: int) -> list[str]:
    """A new one for each round: a chat allows one new message a second in each."""
    return [f"round-{number}" for number in range(rounds)]


def figure(
    home: House, chat: Workspace, ids: Mapping[str, str], rendered: Rendered, rounds: int, options: Options
) -> Figure:
    """ids: of channels, by name."""
    count = options.count(IN_A_ROUND)
    cards = home.drafts(rounds * count)
    _place(home, chat, {name: ids[name] for name in channels(rounds)}, cards)
    with home.troupe.storage.reading() as work:
        message = rendered(draw(cards[0].variant.subject, work, EVERYBODY), work.now)
    _transaction(home)
    ours: list[float] = []
    both: list[float] = []
    for name in channels(rounds):
        ours += chat.load("click", BUTTON, A_SECOND, count / A_SECOND, name)["updates_ms"]
        both += [trip + _transaction(home) for trip in _trips(chat, ids["general"], message, count)]
    bare = Sample.of(both)
    return at_most(
        chat.chat.name,
        "click to redrawn message / round trip + transaction",
        ours,
        FACTOR * bare.p99,
        bare=both,
        note=f"Target: {FACTOR} x the 99th percentile of the two together.",
    )


def _place(home: House, chat: Workspace, ids: Mapping[str, str], cards: list[Draft]) -> None:
    """Returns when all of them stand there."""
    rooms = list(ids)
    with home.troupe.storage.unit_of_work() as work:
        places = [
            work.channels.add(chat.chat.name, name, work.now, external_id=ids[name]).id for name in rooms
        ]
        for number, draft in enumerate(cards):
            work.place(places[number % len(places)], draft.variant.subject)
    each = len(cards) // len(rooms)
    chat.wait(lambda state: all(state["messages"][name] >= each for name in rooms), within_s=30)


def _trips(chat: Workspace, channel: str, message: Mapping[str, Any], count: int) -> list[float]:
    file = chat.house.troupe.settings.troupe_home / "trips.json"
    file.write_text(json.dumps({"channel": channel, "message": message, "count": count}))
    module, *words = chat.chat.bare("trips")
    done = subprocess.run(
        [sys.executable, "-m", module, *words, file],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
        env={**os.environ, **chat.environment},
    )
    taken: list[float] = json.loads(done.stdout)
    return taken


def _transaction(home: House) -> float:
    draft = home.drafts(1)[0]
    time.sleep(REST_S)
    return timed_ms(lambda: home.press(draft.approve))
