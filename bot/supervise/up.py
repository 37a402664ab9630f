"""`./troupe up`: everything an installation needs, started, watched over and ended together.

What it tells goes to stdout, and ends with the console's address on a line of its own; what happens later, and what the
processes have to say, goes to stderr.
"""

import asyncio
import os
import signal
import sys
import time
from contextlib import suppress
from datetime import UTC, datetime

from bot import logs
from bot.settings import ROOT, Settings
from bot.supervise import CannotStart, claim, gate, processes, procfile, readiness
from bot.supervise.guardian import Guardian
from bot.supervise.output import Output
from bot.supervise.start import start
from bot.supervise.supervisor import Kept, Surroundings
from integrations import redis_server


async def up(settings: Settings, *, everything: bool) -> int:
    """Start, and stay until asked to stop. The exit status. everything: show every line of the processes, not only grave ones."""
    os.umask(0o077)  # for the processes too: database, keys and logs are nobody else's business
    settings.troupe_home.mkdir(parents=True, exist_ok=True)
    held = claim.take(settings.troupe_home, settings.address, datetime.now(UTC))
    if isinstance(held, claim.Running):
        since = datetime.fromisoformat(held.since).astimezone()
        _say(f"Troupe is running already, since {since:%Y-%m-%d %H:%M}, as process {held.pid}", held.address)
        return 0
    try:
        await _hold(settings, held, everything)
    except (CannotStart, redis_server.RedisFailed) as error:
        _note(f"troupe: {error}")
        return 1
    finally:
        os.close(held)
    return 0


async def _hold(settings: Settings, held: int, everything: bool) -> None:
    """The life of an installation: start it, let it run, end it."""
    begun = time.monotonic()
    for secret in settings.secrets():
        logs.redact(secret)
    commands = procfile.multiplied(processes.of(settings), "worker", settings.workers)
    commands = procfile.multiplied(commands, "agent", settings.agents)
    readiness.check_port(settings.host, settings.port)
    redis_server.stop_leftover(settings.troupe_home)
    reader, open_gate = gate.make()
    around = Surroundings(
        env=processes.environment() | {"LOG_FORMAT": "json", gate.VARIABLE: str(reader)},
        cwd=ROOT,
        guardian=Guardian(held),
        line=Output(settings.troupe_home / "logs", settings.log_format, everything=everything).line,
        note=_note,
        pass_fds=(reader,),
    )
    asked, kept = _asked_to_stop(around.hurry), list[Kept]()

    def tell(text: str) -> None:
        _say(f"[{time.monotonic() - begun:5.1f} s] {text}")

    starting = asyncio.create_task(start(settings, commands, around, kept, open_gate, tell))
    try:
        await asyncio.wait({asked, starting}, return_when=asyncio.FIRST_COMPLETED)
        if starting.done():
            path = starting.result()
            _say(*([f"Sign in once with {settings.link_base}{path}"] if path else []), settings.address)
            await asyncio.wait({asked, *(each.task for each in kept)}, return_when=asyncio.FIRST_COMPLETED)
    finally:
        starting.cancel()
        await asyncio.gather(starting, return_exceptions=True)
        await _stop(kept)
        await asyncio.to_thread(around.guardian.dismiss)


async def _stop(kept: list[Kept]) -> None:
    """End the processes, the first (our Redis) after the others: they say goodbye to it."""
    await asyncio.gather(*(each.stop() for each in kept[1:]))
    await asyncio.gather(*(each.stop() for each in kept[:1]))


def _asked_to_stop(hurry: asyncio.Event) -> asyncio.Task[bool]:
    """Done when a signal asks to stop. A second one sets `hurry`."""
    asked, loop = asyncio.Event(), asyncio.get_running_loop()

    def ask() -> None:
        (hurry if asked.is_set() else asked).set()

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        if number != signal.SIGHUP or signal.getsignal(number) != signal.SIG_IGN:  # nohup wants it ignored
            loop.add_signal_handler(number, ask)
    return asyncio.create_task(asked.wait())


def _say(*lines: str) -> None:
    sys.stdout.write("".join(f"{line}\n" for line in lines))
    sys.stdout.flush()


def _note(text: str) -> None:
    with suppress(OSError):  # the terminal may be gone; stopping goes on
        sys.stderr.write(f"{text}\n")
        sys.stderr.flush()
