"""From a failure to its card on every surface: while the process of a chat is dead, one by one, and in a storm.

All processes of `./troupe up` run, on SQLite, with both chats connected to their emulators; our wires keep to what Slack and
Discord allow. Visible in a chat is what the emulator holds; on the console it is what its listener hears.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator, Set
from functools import partial

from tests.bench import storm
from tests.bench.console import Console
from tests.bench.figures import Figure, Options, at_most
from tests.bench.surfaces import Scene, scene, wait
from tests.servers.processes import ServerError

LIMIT_MS, RESTARTED_S = 1000, 5
FAILURES, GAP_S = 40, 1.2
"""One after the other at a pace that a channel of Slack allows, one new message a second."""
KILLS = 3
PATIENCE_S = 60.0


def figures(options: Options) -> Iterator[Figure]:
    with scene() as stage:
        storm.furnish(stage, options)
        killed = [_killed(stage, number) for number in range(options.count(KILLS, 1))]
        what = "Slack's process killed: its restart to the card of a failure meanwhile"
        yield at_most("oncall", what, killed, RESTARTED_S, unit="s")
        yield from _one_by_one(stage, options.count(FAILURES))
        yield from storm.figures(stage, options)


def _one_by_one(stage: Scene, count: int) -> Iterator[Figure]:
    begun: dict[str, float] = {}
    console = Console()
    with console.listening(stage.home.troupe):
        for number in range(count):
            due_at = time.monotonic() + GAP_S
            alert, at = stage.fails(f"single{number}")
            begun[alert.id] = at
            time.sleep(max(0.0, due_at - time.monotonic()))
        wait("cards of all failures", partial(_all_shown, stage, begun.keys()), PATIENCE_S)
    heard = {subject.id: at for subject, at in console.heard.items() if subject.kind == "alert"}
    seen = {"console": heard, **{chat: _at(stage, chat) for chat in stage.chats}}
    if missing := begun.keys() - heard.keys():
        raise ServerError(f"the console did not hear of {len(missing)} of {count} failures")
    for surface, times in seen.items():
        taken = [(times[id] - at) * 1000 for id, at in begun.items()]
        yield at_most("oncall", f"failure to card, {surface}", taken, LIMIT_MS)


def _all_shown(stage: Scene, alerts: Set[str]) -> bool:
    return all(alerts <= _at(stage, chat).keys() for chat in stage.chats)


def _at(stage: Scene, chat: str) -> dict[str, float]:
    return {one.alert: one.at for one in stage.shown(chat)}


def _killed(stage: Scene, number: int) -> float:
    """s from the restart by `up`, seen within LOOK_S, to the card of what failed while the process was dead."""
    before = stage.process("slack")
    if before is None:
        raise ServerError("Slack's process does not run")
    os.kill(before.pid, signal.SIGKILL)
    alert, _ = stage.fails(f"dead{number}")

    def restarted() -> bool:
        now = stage.process("slack")
        return now is not None and now.pid != before.pid

    wait("Slack's process is started again", restarted, PATIENCE_S)
    begun = time.time()
    wait("the card of that failure", lambda: alert.id in _at(stage, "slack"), PATIENCE_S)
    return _at(stage, "slack")[alert.id] - begun
