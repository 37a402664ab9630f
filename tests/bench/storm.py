"""A storm of failures, as accounts that are out of order make it, while people decide elsewhere."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from agents.events import Subject
from tests.bench.figures import Figure, Options, at_most
from tests.bench.memory import MIB
from tests.bench.surfaces import ELSEWHERE, Scene
from tests.servers.processes import ServerError

FAILURES, CAUSES, STORM_S, LEAST_S = 10_000, 20, 60.0, 3.0
AT_ONCE = 4
"""Failures that are recorded at the same moment, as by so many workers."""
SPARE_S = 1.0
"""For the last of them."""
CLICKS = 20
"""In each chat, each on a card of its own."""
GROWTH_PERCENT = 10
CLICK_MS = 3000
"""Slack and Discord show an error to whoever waits for longer."""
RESPONSES = {"slack": "acks_ms", "discord": "responses_ms"}
"""How each emulator calls the answers that it measured."""
SETTLED_S, LOOK_S = 60.0, 0.5
"""Slack allows fifty redraws a minute, and 20 cards are drawn again and again."""

Weights = Mapping[str, float]
Pressed = Mapping[str, Any]


def furnish(stage: Scene, options: Options) -> None:
    """Cards to approve, away from the alerts. Returns when they stand there."""
    count = options.count(CLICKS)
    cards = iter(stage.home.drafts(count * len(stage.rooms)))
    with stage.home.troupe.storage.unit_of_work() as work:
        for room in stage.rooms.values():
            for _ in range(count):
                work.place(room, next(cards).variant.subject)
    for chat in stage.chats.values():
        chat.wait(lambda state: state["messages"][ELSEWHERE] >= count)


def figures(stage: Scene, options: Options) -> Iterator[Figure]:
    each = options.count(FAILURES // CAUSES)
    seconds = max(LEAST_S, STORM_S * options.scale)
    before = _weights(stage)
    with ThreadPoolExecutor(len(stage.chats)) as pool:
        pressing = {name: pool.submit(_press, stage, name, options, seconds) for name in stage.chats}
        causes, took_s = _blow(stage, each, seconds)
        after_storm = _weights(stage)
        pressed = {name: pressed.result() for name, pressed in pressing.items()}
    settled_s = _settle(stage, causes, each)
    what = f"{each * CAUSES:,} failures of {CAUSES} causes: seconds until all are recorded"
    yield at_most("oncall", what, [took_s], seconds + SPARE_S, of="median", unit="s")
    yield _count("cards missing, doubled or with a wrong count in the end", _wrong(stage, causes, each))
    what = "from the last failure to the last right count"
    yield at_most("oncall", what, [settled_s], None, of="median", unit="s")
    yield from _grown(before, after_storm, _weights(stage))
    yield from _answered(pressed)


def _blow(stage: Scene, each: int, seconds: float) -> tuple[set[str], float]:
    """The ids of the alerts, and how long it took: nobody waits, every failure has its moment."""
    begun, failed = time.monotonic(), []
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for number in range(each * CAUSES):
            due_at = begun + seconds * number / (each * CAUSES)
            time.sleep(max(0.0, due_at - time.monotonic()))
            failed.append(pool.submit(stage.fails, f"storm{number % CAUSES}", number))
        found = {one.result()[0].id for one in failed}
    return found, time.monotonic() - begun


def _press(stage: Scene, chat: str, options: Options, seconds: float) -> Pressed:
    """A button on one card after the other while the storm goes on."""
    rate = options.count(CLICKS) / seconds
    measured: Pressed = stage.chats[chat].load("click", "Approve", rate, seconds, ELSEWHERE)
    return measured


def _settle(stage: Scene, causes: set[str], each: int) -> float:
    begun = time.monotonic()
    while any(_wrong(stage, causes, each).values()) and time.monotonic() - begun < SETTLED_S:
        time.sleep(LOOK_S)
    return time.monotonic() - begun


def _wrong(stage: Scene, causes: set[str], each: int) -> dict[str, int]:
    """By surface. An alert too many counts as often as it is one: there are to be as many as causes."""
    found = {}
    for surface in ("console", *stage.chats):
        cards = _on_console(stage, causes) if surface == "console" else _in_chat(stage, surface, causes)
        right = Counter({(id, each): 1 for id in causes})
        found[surface] = ((cards - right) + (right - cards)).total() + abs(len(causes) - CAUSES)
    return found


def _in_chat(stage: Scene, chat: str, causes: set[str]) -> Counter[tuple[str, int]]:
    """How many cards of each alert there are, and what they count."""
    return Counter((card.alert, card.count) for card in stage.shown(chat) if card.alert in causes)


def _on_console(stage: Scene, causes: set[str]) -> Counter[tuple[str, int]]:
    """The same, of what its page is drawn from."""
    found: Counter[tuple[str, int]] = Counter()
    with stage.home.troupe.storage.reading() as work:
        for id in causes:
            cards = work.messages.cards_of(Subject("alert", id))
            here = [card for card in cards if card.channel_id == stage.console]
            found[id, work.alerts.get(id).count] += len(here)
    return found


def _weights(stage: Scene) -> dict[str, float]:
    """MiB of each chat's process."""
    weights = {}
    for chat in stage.chats:
        process = stage.process(chat)
        if process is None:
            raise ServerError(f"the process {chat} does not run")
        weights[chat] = process.memory_info().rss / MIB
    return weights


def _grown(before: Weights, *after: Weights) -> Iterator[Figure]:
    for chat, mib in before.items():
        most = max(weights[chat] for weights in after)
        grown = (most / mib - 1) * 100
        note = f"{mib:.1f} MiB before, {most:.1f} at most after"
        what = f"memory of the process {chat} after the storm: grown by"
        yield at_most("oncall", what, [grown], GROWTH_PERCENT, of="median", unit="%", note=note)


def _answered(pressed: Mapping[str, Pressed]) -> Iterator[Figure]:
    for chat, measured in pressed.items():
        if not (taken := measured[RESPONSES[chat]]):
            raise ServerError(f"no click was responded to in {chat}")
        yield at_most("oncall", f"Approve elsewhere in the storm, first response in {chat}", taken, CLICK_MS)
    yield _count("clicks without a response", {c: sum(m["failed"].values()) for c, m in pressed.items()})


def _count(what: str, by_surface: Mapping[str, int]) -> Figure:
    note = ", ".join(f"{surface}: {count}" for surface, count in by_surface.items())
    total = sum(by_surface.values())
    return at_most("oncall", what, [total], 0, of="median", unit="", note=note if total else "")
