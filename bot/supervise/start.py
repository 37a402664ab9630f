"""The steps from nothing to a console that answers."""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Callable, Iterable, Mapping

from bot.settings import Settings
from bot.supervise import CannotStart, family, readiness
from bot.supervise.supervisor import Kept, Surroundings
from integrations import redis_server

FIRST, LAST = ("redis", "web"), ("writer", "agent")
READY_S = 120.0  # first start on a slow machine, with room
LOOK_S = 0.05
TELL_S = 3.0  # between two lines while waiting
DEATHS = 3  # of one process before the console answers: it will not come

Tell = Callable[[str], None]


async def start(
    settings: Settings,
    commands: Mapping[str, list[str]],
    around: Surroundings,
    kept: list[Kept],
    open_gate: Callable[[], None],
    tell: Tell,
) -> str:
    """Start `commands`, entering each in `kept`; returns when the console is ready, with the path to sign in by, or "".

    Raises CannotStart; what is in `kept` runs then, too.
    """
    first, then, last = in_order(commands)
    tell(f"starting {', '.join(first)}; preparing the database")
    kept.extend(Kept(name, commands[name], around) for name in first)
    if settings.brings_redis:
        while not redis_server.ping(settings.troupe_home):
            _check_deaths(kept, settings)
            await asyncio.sleep(LOOK_S)
    path = await _prepare(around)
    open_gate()
    tell(f"starting {', '.join(then)}")
    kept.extend(Kept(name, commands[name], around) for name in then)
    await _ready(settings, kept, tell)
    tell(f"ready; starting {', '.join(last)}" if last else "ready")
    kept.extend(Kept(name, commands[name], around) for name in last)
    return path


def in_order(names: Iterable[str]) -> tuple[list[str], list[str], list[str]]:
    """Which start first, when the database is prepared, and when the console is ready.

    Starting is importing, and takes each process one to three seconds of a core: all at once, on two cores, the
    console is ready after 7 s instead of 4. What it does not need to be ready (more workers, the writer, the agent) comes last.
    """
    groups: tuple[list[str], list[str], list[str]] = ([], [], [])
    for name in names:
        kind, _, number = name.partition(".")
        groups[0 if kind in FIRST else 2 if kind in LAST or number not in ("", "1") else 1].append(name)
    return groups


async def _prepare(around: Surroundings) -> str:
    """`prepare` in a process of its own: what it needs to import would stay in our memory for as long as we run."""
    command = [sys.executable, "-m", "bot.cli", "prepare"]
    process = await asyncio.create_subprocess_exec(
        *command,
        stdin=asyncio.subprocess.DEVNULL,
        stdout=PIPE,
        env=around.env,
        cwd=around.cwd,
        start_new_session=True,
    )
    around.guardian.began(process.pid)
    try:
        printed, _ = await process.communicate()
    finally:
        await family.end(process.pid, hurry=around.hurry)
        around.guardian.ended(process.pid)
    if process.returncode:
        raise CannotStart(
            "The database could not be prepared; the reason stands above. What was in it is still there"
        )
    return printed.decode().strip()


async def _ready(settings: Settings, kept: list[Kept], tell: Tell) -> None:
    began = told = time.monotonic()
    while (status := await readiness.status(settings.address)) != 200:
        _check_deaths(kept, settings)
        now = time.monotonic()
        if now - began > READY_S:
            raise CannotStart(
                f"The console did not answer within {READY_S:g} s. See {settings.troupe_home}/logs/web.log"
            )
        if now - told > TELL_S:
            told = now
            tell(
                f"waiting for the console ({'it does not answer yet' if status is None else f'it answers {status}'})"
            )
        await asyncio.sleep(LOOK_S)


def _check_deaths(kept: list[Kept], settings: Settings) -> None:
    for each in kept:
        if each.deaths >= DEATHS:
            log = settings.troupe_home / "logs" / f"{each.name}.log"
            raise CannotStart(
                f"{each.name} ended {each.deaths} times while starting. Its last words are in {log}"
            )
