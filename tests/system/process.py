"""`python -m tests.system.process web|worker|writer|agent|clock|slack|discord|cli WORDS`: the real process, with a resolver that vouches for loopback.

Production has no switch that would do this. `jobs` and `bot` run unchanged; only who may be spoken to is handed in.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence

from bot import wiring
from bot.settings import load_or_exit
from integrations.http.resolve import Resolved, SystemResolver


class Loopback:
    """Vouches for this machine, and leaves every other name to the system."""

    def resolve(self, host: str, port: int) -> Sequence[Resolved]:
        if host in ("localhost", "127.0.0.1") or host.endswith(".test"):
            return (Resolved("127.0.0.1", trusted=True),)
        return SystemResolver().resolve(host, port)


def main(kind: str, *words: str) -> None:
    wiring.use(wiring.build(load_or_exit(), resolver=Loopback()))
    if kind == "web":
        from bot.web.__main__ import main as web

        web()
    elif kind == "clock":
        from jobs.clock import main as clock

        clock()
    elif kind == "slack":
        from bot.slack.__main__ import main as slack

        slack()
    elif kind == "discord":
        from bot.discord.__main__ import main as discord

        discord()
    elif kind == "cli":
        from bot.cli import main as cli

        cli(list(words))
    else:
        from agents.jobs import Queue
        from jobs.worker import main as worker

        worker({"worker": Queue.NOW, "writer": Queue.LONG, "agent": Queue.TASKS}[kind])


if __name__ == "__main__":
    main(*sys.argv[1:])
