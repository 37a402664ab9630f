"""Runs one command to its end: lets it go under its limits, watches it, keeps what it says."""

from __future__ import annotations

import json
import os
import resource
import select
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from io import FileIO

from agents.tasks.tools import Ran
from integrations.sandbox import cell as cells
from integrations.sandbox import users
from integrations.sandbox.cell import Cell, Owner
from integrations.sandbox.limits import Limits
from integrations.sandbox.output import Output
from integrations.sandbox.running import Running
from integrations.sandbox.stage import acting_as, reveal
from integrations.sandbox.tier import Start, Tier, Unfit

CHUNK = 64 * 1024
SETUP_S, LAST_WORDS_S, DEATH_S = 10.0, 0.5, 5.0
"""For the tier to set itself up; for output that is under way when it ends; for the kernel to end it."""
EVERY_S = 0.1
"""How often memory and disk are looked at."""
SHARE = 10
"""How much longer than it took the next look at the disk is away."""
NOT_FOUND = 127
MARKS = ("bwrap: ", "confine: ", "setpriv: ")
"""How the complaints begin of those who set a tier up."""


@dataclass(frozen=True, slots=True)
class Command:
    """argv: never a shell's line.  folder: below the workspace.  watch: says why it has to end, "" while it may go on.

    begun: told once it runs, from another thread.
    """

    argv: Sequence[str]
    folder: str
    stdin: bytes
    timeout_s: float
    watch: Callable[[], str]
    begun: Callable[[Running], None]


def run(tier: Tier, cell: Cell, command: Command, limits: Limits) -> Ran:
    """Raises Unfit if the tier could not be set up: then nothing ran."""
    if cells.is_root() and cell.owner is None:
        raise Unfit("Nothing is run as root: the workspace has no user of its own.")
    outcome: list[Ran | BaseException] = []
    held: list[Running] = []
    let_go = threading.Event()

    def begun(running: Running) -> None:
        held.append(running)
        command.begun(running)
        if let_go.is_set():
            running.stop("asked")

    def body() -> None:
        try:
            outcome.append(_run(tier, cell, command, limits, begun))
        except BaseException as error:
            outcome.append(error)

    # A thread of its own: as root its view of the file system changes, and what it starts is told to die when it does.
    thread = threading.Thread(target=body, name="sandbox", daemon=True)
    thread.start()
    try:
        thread.join()
    except BaseException:  # whoever interrupts us means the command, too
        let_go.set()
        for running in held:
            running.stop("asked")
        thread.join(DEATH_S)
        raise
    ended = outcome[0]
    if isinstance(ended, Ran):
        return ended
    raise ended


def _run(tier: Tier, cell: Cell, command: Command, limits: Limits, begun: Callable[[Running], None]) -> Ran:
    started = time.monotonic()
    if cell.owner is not None:
        try:
            reveal(tier.needs(cell), cell.owner.uid)
        except OSError as error:
            raise Unfit(f"The workspace cannot be reached by its user: {error.strerror}.") from error
    start = tier.start(cell, command.argv, command.folder, limits)
    with start.open:
        said, saying = start.pipe()
        running = Running(_spawn(start, cell, command.stdin, saying))
        begun(running)
        try:
            inside = _let_go(start, limits, cell.owner)
            output = Output(limits.kept)
            _follow(running, command, limits, said, output, started)
        except BaseException:
            running.stop("asked")
            raise
        finally:
            code = running.end()
        _die_out(running, inside)
        _drain(said, output)
    return _told(running, code, output, time.monotonic() - started)


def _spawn(start: Start, cell: Cell, stdin: bytes, saying: FileIO) -> subprocess.Popen[bytes]:
    passed = [file.fileno() for file in start.inherited]
    becoming, options = users.becoming(cell.owner.uid, cell.owner.gid) if cell.owner else ([], {})
    try:
        process = subprocess.Popen(  # noqa: S603  a list, confined
            [*becoming, *start.argv],
            stdin=start.hold(stdin).fileno(),
            stdout=saying.fileno(),
            stderr=saying.fileno(),
            pass_fds=passed,
            env={},
            cwd="/",
            umask=0o007,
            start_new_session=True,
            **options,
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise Unfit(f"The sandbox could not be started: {error}.") from error
    for file in (*start.inherited, saying):
        file.close()
    return process


def _let_go(start: Start, limits: Limits, owner: Owner | None) -> int | None:
    """Sets the limits while the first process inside waits, and opens the gate. A descriptor of that process, to wait for its end."""
    if start.info is None or start.gate is None:
        return None
    try:
        first = int(json.loads(_info(start.info))["child-pid"])
        inside = os.pidfd_open(first)
        start.open.callback(os.close, inside)
        with acting_as(owner.uid if owner else None):
            for kind, most in limits.of_a_process(in_namespace=True).items():
                resource.prlimit(first, kind, (most, most))
    except (KeyError, ValueError, ProcessLookupError):
        return None  # it has failed already, and says why
    except PermissionError as error:
        raise Unfit("Limits cannot be set on another user's process here.") from error
    start.gate.write(b".")
    return inside


def _info(told: FileIO) -> bytes:
    """All of it: it comes in pieces. Whoever fails before ends it short."""
    said = b""
    while not said.rstrip().endswith(b"}") and select.select([told], [], [], SETUP_S)[0]:
        piece = os.read(told.fileno(), 4096)
        if not piece:
            break
        said += piece
    return said


def _follow(
    running: Running, command: Command, limits: Limits, said: FileIO, output: Output, started: float
) -> None:
    """Until its first process has ended."""
    process = os.pidfd_open(running.process.pid)
    poll = select.poll()
    poll.register(process, select.POLLIN)
    poll.register(said, select.POLLIN)
    lookout = _Lookout(running, limits.memory, command.watch)
    deadline, look, give_up = started + command.timeout_s, started + EVERY_S, float("inf")
    try:
        while True:
            now = time.monotonic()
            if now >= deadline:
                running.stop("time")
            if now >= look:
                if why := lookout.why():
                    running.stop(why)
                look = time.monotonic() + EVERY_S
            if running.stopped:
                give_up = min(give_up, now + DEATH_S)
            if now > give_up:
                raise Unfit("The command was ended, and did not end.")
            ready = dict(poll.poll(max(0.0, min(deadline if now < deadline else look, look) - now) * 1000))
            if said.fileno() in ready:
                data = os.read(said.fileno(), CHUNK)
                if not data:
                    poll.unregister(said)  # it closed its output, and goes on
                output.add(data)
                if output.total > limits.output:
                    running.stop("output")
            if process in ready:
                return
    finally:
        os.close(process)


class _Lookout:
    """Looks at memory each time, and at what is dear to look at (a large workspace) no more than a tenth of the time."""

    def __init__(self, running: Running, memory: int, watch: Callable[[], str]) -> None:
        self._running, self._memory, self._watch = running, memory, watch
        self._next = 0.0

    def why(self) -> str:
        """It has to end, "" if it may go on."""
        if self._running.memory() > self._memory:
            return "memory"
        began = time.monotonic()
        if began < self._next:
            return ""
        why = self._watch()
        self._next = time.monotonic() + SHARE * (time.monotonic() - began)
        return why


def _die_out(running: Running, inside: int | None) -> None:
    """Until nothing of it lives. With namespaces the first process inside ends after all others there."""
    if inside is not None:
        gone = bool(select.select([inside], [], [], DEATH_S)[0])
    else:
        until = time.monotonic() + DEATH_S
        while not (gone := running.is_gone()) and time.monotonic() < until:
            time.sleep(0.01)
    if not gone:
        raise Unfit("What the command left behind did not end.")


def _drain(said: FileIO, output: Output) -> None:
    until = time.monotonic() + LAST_WORDS_S
    while select.select([said], [], [], max(0.0, until - time.monotonic()))[0]:
        data = os.read(said.fileno(), CHUNK)
        if not data:
            return
        output.add(data)


def _told(running: Running, code: int, output: Output, seconds: float) -> Ran:
    text = output.text()
    mark = next((mark for mark in MARKS if text.startswith(mark)), "")
    if mark and code and not running.stopped:
        complaint = text.removeprefix(mark).strip()
        if not complaint.startswith("execvp "):
            raise Unfit(f"The sandbox could not be set up: {complaint[:300]}")
        return Ran(NOT_FOUND, complaint.removeprefix("execvp "), seconds)
    if 128 < code <= 128 + signal.NSIG:
        code = 128 - code  # bubblewrap tells signals as shells do
    return Ran(code, text, seconds, output.cut, running.stopped)
