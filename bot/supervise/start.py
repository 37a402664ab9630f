"""The steps from nothing to a console that answers."""

import asyncio
import sys
import time
from asyncio.subprocess import PIPE
from collections.abc import Callable, Mapping

from bot.settings import Settings
from bot.supervise import CannotStart, family, readiness
from bot.supervise.supervisor import Kept, Surroundings
from integrations import redis_server

FIRST = ("redis", "web")
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
    """Start `commands`, entering each in `kept`; returns when the console answers, with the path to sign in by, or "".

    The console is what people wait for. It imports while the database is prepared, held back by the gate until it is;
    the others follow then: all at once, on two cores, would keep the console from answering for twice as long (3.3 s
    became 6.6 s). Raises CannotStart; what is in `kept` runs then, too.
    """
    first = {name: command for name, command in commands.items() if name in FIRST}
    rest = {name: command for name, command in commands.items() if name not in FIRST}
    tell(f"starting {', '.join(first)}; preparing the database")
    kept.extend(Kept(name, command, around) for name, command in first.items())
    if settings.brings_redis:
        while not redis_server.ping(settings.troupe_home):
            _check_deaths(kept, settings)
            await asyncio.sleep(LOOK_S)
    path = await _prepare(around)
    open_gate()
    tell(f"starting {', '.join(rest)}")
    kept.extend(Kept(name, command, around) for name, command in rest.items())
    await _ready(settings, kept, tell)
    return path


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
