"""`python -m bot.web`: the console, until it is told to stop."""

from __future__ import annotations

import gc
import sys

import uvicorn

from bot import logs
from bot.settings import load_or_exit
from bot.supervise import gate
from bot.web.app import make
from bot.wiring import build, use

GRACE_S = 3
"""How long open requests may take when the process is told to stop."""


SWITCH_S = 0.001
"""How long a thread may keep the interpreter while the event loop waits for it. Python's 5 ms, a few threads drawing
cards, and every answer would be late by tens of milliseconds."""


def main() -> None:
    sys.setswitchinterval(SWITCH_S)
    settings = load_or_exit()
    logs.setup(level=settings.log_level, form=settings.log_format, secrets=settings.secrets())
    app = make(use(build(settings)))
    gc.collect()
    gc.freeze()  # what is loaded stays: going through it again at every full collection stops everything for 180 ms
    gate.wait()
    uvicorn.run(
        app,
        host=settings.host,
        port=settings.port,
        log_config=None,
        access_log=False,
        server_header=False,
        ws_per_message_deflate=False,  # costs more time than a loopback or a LAN wins
        timeout_graceful_shutdown=GRACE_S,
    )


if __name__ == "__main__":
    main()
