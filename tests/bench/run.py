"""Runs the parts that were asked for, one after the other, and reports each figure as soon as it is there."""

from __future__ import annotations

import importlib
import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

from integrations.redis_server import RedisFailed
from tests.bench import machine, report
from tests.bench.figures import Figure, Options
from tests.servers.processes import ServerError

PARTS = (
    "transaction",
    "jobs",
    "claim",
    "due",
    "click",
    "up",
    "memory",
    "slack",
    "discord",
    "oncall",
    "tasks",
)
"""Each a module beside this one, with `figures(options)`."""
KILL_EVERY_S = 3.0
"""Each process lives long enough that `up` does not take it for one that cannot start, and wait ever longer."""


def bench(parts: Sequence[str], options: Options, to: Path | None) -> bool:
    """True if every part could be measured and every figure with a target met it.  to: where the JSON goes."""
    begun, facts = time.monotonic(), machine.facts()
    _say(*(f"{name}: {value}" for name, value in facts.items()), "", report.header())
    figures: list[Figure] = []
    unmeasured: dict[str, str] = {}
    for name in parts:
        try:
            for figure in _measured(name, options):
                figures.append(figure)
                _say(report.row(figure))
        except (ServerError, RedisFailed) as error:
            unmeasured[name] = str(error)
            _say(f"{name} could not be measured: {error}")
    facts |= {"load after": machine.load(), "took": f"{time.monotonic() - begun:.0f} s"}
    missed = [figure for figure in figures if figure.met is False]
    _say("", f"{len(figures)} figures, {len(missed)} missed, in {facts['took']}; load {facts['load after']}")
    if to is not None:
        to.write_text(json.dumps(report.as_json(figures, facts, unmeasured), indent=1) + "\n")
    return not missed and not unmeasured


def _measured(part: str, options: Options) -> Iterator[Figure]:
    figures: Iterator[Figure] = importlib.import_module(f"tests.bench.{part}").figures(options)
    return figures


def chaos(posts: int) -> bool:
    """True if each of them is out once, with everything killed again and again meanwhile."""
    from tests.chaos import driver  # with servers and clients that no figure needs
    from tests.servers import pds
    from tests.servers.processes import scratch

    seed = random.randrange(10_000)
    _say(*(f"{name}: {value}" for name, value in machine.facts().items()), f"seed: {seed}")
    with pds.running() as server, scratch("chaos") as folder:
        outcome = driver.run(
            posts,
            seed=seed,
            kill_every_s=KILL_EVERY_S,
            home=folder / "home",
            pds=server,
            database_url=None,
            progress=_say,
        )
    _say("", str(outcome))
    return outcome.well


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()
