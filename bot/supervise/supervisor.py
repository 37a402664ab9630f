"""Starts processes, starts again what dies, and ends all of them."""

import asyncio
import os
import signal
import time
from asyncio.subprocess import DEVNULL
from collections.abc import AsyncIterator, Callable
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from bot.supervise import family
from bot.supervise.guardian import Guardian

FIRST_DELAY_S, LONGEST_DELAY_S = 0.2, 30.0
SETTLED_S = 3.0  # what dies sooner died while it began; the delays of those before are for that alone
LONGEST_LINE = 1_000_000  # bytes; what is longer is cut into lines of this length


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What all processes of one `up` have in common.

    pass_fds: descriptors they inherit.  hurry: set when what is being ended is to be killed at once.
    line: called with name, text and whether it came on stderr, for each line a process prints.
    note: called with one sentence whenever a process dies or is being ended.
    """

    env: dict[str, str]
    cwd: Path
    guardian: Guardian
    line: Callable[[str, str, bool], None]
    note: Callable[[str], None]
    pass_fds: tuple[int, ...] = ()
    hurry: asyncio.Event = field(default_factory=asyncio.Event)


class Kept:
    """One process that is kept running. deaths: how often it ended unasked. task: ends early only if keeping it fails."""

    def __init__(self, name: str, command: list[str], around: Surroundings) -> None:
        self.name, self.deaths = name, 0
        self._command, self._around = command, around
        self._asked = asyncio.Event()  # to end
        self.task = asyncio.create_task(self._keep(), name=name)

    async def stop(self) -> None:
        """End it with all it started. Raises what went wrong in keeping it."""
        self._around.note(f"stopping {self.name}")
        self._asked.set()
        await self.task

    async def _keep(self) -> None:
        delay_s = FIRST_DELAY_S
        while not self._asked.is_set():
            begun = time.monotonic()
            how = await self._live()
            if self._asked.is_set():
                return
            self.deaths += 1
            if time.monotonic() - begun > SETTLED_S:
                delay_s = FIRST_DELAY_S
            self._around.note(f"{self.name} {how}; starting it again in {delay_s:g} s")
            with suppress(TimeoutError):
                await asyncio.wait_for(self._asked.wait(), delay_s)
            delay_s = min(delay_s * 2, LONGEST_DELAY_S)

    async def _live(self) -> str:
        """One life of the process, until it ends or is asked to. How it ended; whatever it started ended with it."""
        (stdout, out), (stderr, err) = await _pipe(), await _pipe()
        try:
            process = await asyncio.create_subprocess_exec(
                *self._command,
                stdin=DEVNULL,
                stdout=out,
                stderr=err,
                env={**self._around.env, "TROUPE_PROCESS": self.name},
                cwd=self._around.cwd,
                pass_fds=self._around.pass_fds,
                start_new_session=True,
            )
        finally:
            os.close(out)
            os.close(err)
        self._around.guardian.began(process.pid)
        pumps = asyncio.gather(self._pump(stdout, False), self._pump(stderr, True))
        exited, asked = asyncio.create_task(process.wait()), asyncio.create_task(self._asked.wait())
        await asyncio.wait({exited, asked}, return_when=asyncio.FIRST_COMPLETED)
        asked.cancel()
        await family.end(process.pid, hurry=self._around.hurry)
        self._around.guardian.ended(process.pid)
        await pumps  # only now: a grandchild keeps the pipes open until it ends
        code = await exited
        return f"ended with status {code}" if code >= 0 else f"was ended by {signal.Signals(-code).name}"

    async def _pump(self, stream: asyncio.StreamReader, is_stderr: bool) -> None:
        async for text in lines(stream):
            self._around.line(self.name, text, is_stderr)


async def _pipe() -> tuple[asyncio.StreamReader, int]:
    """A pipe: its lines come out of the first, the second is for a process.

    With asyncio's own pipes `process.wait()` returns only when they are closed (Python 3.11), and so would wait for the
    children of a process that is gone.
    """
    out, into = os.pipe()
    reader = asyncio.StreamReader()
    await asyncio.get_running_loop().connect_read_pipe(
        lambda: asyncio.StreamReaderProtocol(reader), os.fdopen(out, "rb", buffering=0)
    )
    return reader, into


async def lines(stream: asyncio.StreamReader) -> AsyncIterator[str]:
    """The lines of a stream, whatever bytes it holds; unlike `readline`, one without an end is no error."""
    rest = b""
    while chunk := await stream.read(65536):
        *whole, rest = (rest + chunk).split(b"\n")
        if len(rest) > LONGEST_LINE:
            whole, rest = [*whole, rest], b""
        for line in whole:
            yield line.decode(errors="backslashreplace").rstrip("\r")
    if rest:
        yield rest.decode(errors="backslashreplace").rstrip("\r")
