"""A chat's process, from its settings to its end."""

from __future__ import annotations

import asyncio
import ctypes
import gc
import signal
import sys
from collections.abc import Callable, Coroutine
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from typing import Any

from bot import commands, logs
from bot.heart import beating
from bot.settings import load_or_exit
from bot.supervise import gate, processes
from bot.wiring import Troupe, process, use
from integrations.queue import Aside

THREADS = 4
"""For what blocks on the database. More only wait for one another, and each has a connection with its cache."""
M_ARENA_MAX = -8
"""Of glibc's malloc.h."""
SWITCH_S = 0.001
"""How long a thread may keep the interpreter while the event loop waits for it: acknowledgements go first."""

Serve = Callable[[Troupe], Coroutine[Any, Any, None]]


def run(name: str, serve: Serve) -> None:
    """name: slack or discord.  serve: all that the process does, until it is cancelled."""
    sys.setswitchinterval(SWITCH_S)
    _share_memory()
    settings = load_or_exit()
    logs.setup(level=settings.log_level, form=settings.log_format, secrets=settings.secrets())
    if missing := processes.misses(name, settings):
        sys.exit(f"{name.capitalize()} joins when {missing} is set; docs/{name}.md says how to get it.")
    troupe = use(replace(process(), rings_aside=True))
    commands.load()
    gc.collect()
    gc.freeze()  # what is loaded stays: going through it again at every full collection stops everything
    gate.wait()
    asyncio.run(_until_told(name, troupe, serve))


def _share_memory() -> None:
    """One arena for all threads: by itself glibc gives each its own, and keeps in each what a burst once took. They would hardly
    meet there, for the interpreter lets one run at a time."""
    with suppress(OSError, AttributeError):  # another C library
        ctypes.CDLL(None).mallopt(M_ARENA_MAX, 1)


async def _until_told(name: str, troupe: Troupe, serve: Serve) -> None:
    loop = asyncio.get_running_loop()
    loop.set_default_executor(ThreadPoolExecutor(THREADS, "troupe"))
    serving = asyncio.create_task(serve(troupe))
    for told in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(told, serving.cancel)
    with beating(troupe.storage, name), suppress(asyncio.CancelledError):
        await serving
    if isinstance(troupe.bell, Aside):
        await asyncio.to_thread(troupe.bell.close)
