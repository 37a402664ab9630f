"""`python -m tests.bench.clients`: many people at once, each pressing one button after the other through the API.

Reads its plan from stdin as JSON, and presses until it is told to stop; then it prints what each press took.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

import httpx

from bot.settings import ROOT
from tests.bench.figures import Sample
from tests.bench.installation import Installation
from tests.servers.processes import ServerError


@dataclass
class Others:
    """ms of each press that was answered, once they have stopped."""

    ms: list[float] = field(default_factory=list)
    lasted_s: float = 0.0

    @property
    def sample(self) -> Sample:
        return Sample.of(self.ms)

    @property
    def a_second(self) -> float:
        return len(self.ms) / self.lasted_s


@contextmanager
def deciding(
    installation: Installation, keys: Sequence[str], buttons: Sequence[str], pace_s: float
) -> Iterator[Others]:
    """The buttons are dealt out among the keys.  pace_s: mean time between two presses of one person.

    Raises ServerError at the end if a press was refused, or if they had nothing left to press.
    """
    plan = {
        "address": installation.address,
        "pace_s": pace_s,
        "people": [[key, list(buttons[i :: len(keys)])] for i, key in enumerate(keys)],
    }
    others, begun = Others(), time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.bench.clients"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        text=True,
    )
    assert process.stdin is not None
    process.stdin.write(json.dumps(plan))
    process.stdin.close()
    process.stdin = None
    try:
        yield others
    finally:
        process.terminate()
        said, _ = process.communicate(timeout=30)
    told = json.loads(said)
    if told["wrong"]:
        raise ServerError(f"the other people could not go on: {told['wrong'][0]}")
    others.ms, others.lasted_s = told["ms"], time.monotonic() - begun


class People:
    """took: ms of each press.  wrong: what was refused, and who had nothing left to press."""

    def __init__(self) -> None:
        self.took: list[float] = []
        self.wrong: list[str] = []

    async def decide(
        self, client: httpx.AsyncClient, key: str, buttons: Sequence[str], pace_s: float
    ) -> None:
        """At random moments that know nothing of the other people's."""
        headers = {"Authorization": f"Bearer {key}"}
        for button in buttons:
            await asyncio.sleep(random.expovariate(1 / pace_s))
            begun = time.perf_counter()
            answer = await client.post("/api/actions", headers=headers, json={"action": button})
            self.took.append((time.perf_counter() - begun) * 1000)
            if answer.status_code != 200:
                self.wrong.append(f"{answer.status_code} {answer.text[:300]}")
        self.wrong.append(f"all {len(buttons)} buttons of one of them are pressed")


async def main() -> None:
    plan = json.load(sys.stdin)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    people = People()
    limits = httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=plan["address"], timeout=30, limits=limits) as client:
        pressing = [
            asyncio.create_task(people.decide(client, key, buttons, plan["pace_s"]))
            for key, buttons in plan["people"]
        ]
        await stop.wait()
        for task in pressing:
            task.cancel()
        for ended in await asyncio.gather(*pressing, return_exceptions=True):
            if isinstance(ended, Exception):
                people.wrong.append(repr(ended))
    print(json.dumps({"ms": people.took, "wrong": people.wrong}))


if __name__ == "__main__":
    asyncio.run(main())
