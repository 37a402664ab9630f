"""`python -m tests.jobs.process worker|writer|clock`: the real process, with short leases and a stage that can be made to stall.

While TROUPE_HOME has a file `stall`, whoever sends a post writes its process id to `sending` and waits.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import cached_property
from pathlib import Path

from agents.jobs import Queue
from agents.publishing.platform import Account, Minted, Publisher, Sent
from agents.writing.content import Content
from bot import wiring
from bot.settings import load_or_exit
from bot.wiring import Troupe
from integrations.stage.publisher import StagePublisher
from tests.bench.noting import noting
from tests.system.process import Loopback

LEASE = timedelta(seconds=1)
STALL, SENDING = "stall", "sending"


class Stalling(StagePublisher):
    home: Path

    def send(self, account: Account, content: Content, plan: Minted, before: Sequence[Sent]) -> Sent:
        (self.home / SENDING).write_text(str(os.getpid()))
        while (self.home / STALL).exists():
            time.sleep(0.01)
        return super().send(account, content, plan, before)


@dataclass(frozen=True)
class Slow(Troupe):
    @cached_property
    def publishers(self) -> Mapping[str, Publisher]:
        publisher = Stalling(self.stage, self.public_url)
        publisher.home = self.settings.troupe_home
        return {"stage": publisher}


def main(kind: str) -> None:
    if kind == "clock":
        from jobs.clock import main as clock

        wiring.use(Slow(load_or_exit(), Loopback()))
        clock()
    else:
        from jobs import run, worker

        wiring.use(Slow(load_or_exit(), Loopback(), dict.fromkeys(Queue, LEASE)))
        run.run = noting(run.run)  # type: ignore[assignment]  # RQ finds it by its name
        worker.main(Queue.NOW if kind == "worker" else Queue.LONG)


if __name__ == "__main__":
    main(*sys.argv[1:])
