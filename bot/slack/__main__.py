"""`python -m bot.slack`: Troupe in Slack, until it is told to stop."""

from __future__ import annotations

import asyncio
import gc
import signal
import sys
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from bot import commands, logs
from bot.heart import beating
from bot.settings import load_or_exit
from bot.slack.serve import serve
from bot.supervise import gate
from bot.wiring import Troupe, build, use

THREADS = 8
"""For what blocks on the database. More only wait for one another."""
SWITCH_S = 0.001
"""How long a thread may keep the interpreter while the event loop waits for it: acknowledgements go first."""


def main() -> None:
    sys.setswitchinterval(SWITCH_S)
    settings = load_or_exit()
    logs.setup(level=settings.log_level, form=settings.log_format, secrets=settings.secrets())
    if not settings.slack_joins:
        sys.exit(
            "Slack joins when SLACK_BOT_TOKEN and SLACK_APP_TOKEN are set; docs/slack.md says how to get them."
        )
    troupe = use(build(settings))
    commands.load()
    gc.collect()
    gc.freeze()  # what is loaded stays: going through it again at every full collection stops everything
    gate.wait()
    asyncio.run(_until_told(troupe))


async def _until_told(troupe: Troupe) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS, "troupe"))
    serving = asyncio.create_task(serve(troupe))
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, serving.cancel)
    with beating(troupe.storage, "slack"), suppress(asyncio.CancelledError):
        await serving


if __name__ == "__main__":
    main()
