"""What lies outside of a sandbox, for attempts to reach: a secret, sockets, a process, an environment."""

from __future__ import annotations

import os
import secrets
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

from agents.tasks.task import Task
from integrations.sandbox import bwrap, confine
from integrations.sandbox.box import Sandbox
from integrations.sandbox.bwrap import Bwrap
from integrations.sandbox.landlock import Landlock
from integrations.sandbox.limits import Limits
from integrations.sandbox.tier import Tier
from integrations.workspace.workspace import TaskWorkspace
from integrations.workspace.workspaces import Workspaces

CANARY = "TROUPE_TEST_CANARY"
WORD = "canary-of-the-suite"


def tiers() -> dict[str, Tier]:
    return {"bubblewrap": Bwrap(next(bwrap.programs())), "landlock": Landlock(confine.landlock_abi())}


@dataclass(slots=True)
class World:
    """outside: a folder that anybody may read and write, in it the file `secret`.  bystander: a process of ours."""

    outside: Path
    bystander: subprocess.Popen[bytes]
    tcp: socket.socket
    udp: socket.socket
    abstract: socket.socket
    named: socket.socket
    datagrams: socket.socket
    names: dict[str, object] = field(default_factory=dict)

    @property
    def secret(self) -> Path:
        return self.outside / "secret"

    def is_untouched(self) -> None:
        status = self.secret.stat()
        assert self.secret.read_text() == WORD
        assert status.st_mode & 0o777 == 0o666
        assert status.st_nlink == 1
        assert int(status.st_mtime) == 1_000_000_000
        assert sorted(path.name for path in self.outside.iterdir()) == ["datagrams", "named", "secret"]
        assert self.bystander.poll() is None
        for listening in (self.tcp, self.udp, self.abstract, self.named, self.datagrams):
            assert not _something(listening), "somebody knocked from inside"


@contextmanager
def world() -> Iterator[World]:
    with ExitStack() as stack:
        outside = Path(tempfile.mkdtemp(prefix="troupe-outside-"))
        stack.callback(shutil.rmtree, outside, ignore_errors=True)
        outside.chmod(0o777)
        (outside / "secret").write_text(WORD)
        (outside / "secret").chmod(0o666)
        os.utime(outside / "secret", (1_000_000_000, 1_000_000_000))
        bystander = subprocess.Popen(["sleep", "600"], env={CANARY: WORD, "PATH": os.environ["PATH"]})
        stack.callback(bystander.wait)
        stack.callback(bystander.kill)
        name = f"\0troupe-{secrets.token_hex(8)}"
        made = World(
            outside,
            bystander,
            _listening(stack, socket.AF_INET, socket.SOCK_STREAM, ("127.0.0.1", 0)),
            _listening(stack, socket.AF_INET, socket.SOCK_DGRAM, ("127.0.0.1", 0)),
            _listening(stack, socket.AF_UNIX, socket.SOCK_STREAM, name),
            _listening(stack, socket.AF_UNIX, socket.SOCK_STREAM, str(outside / "named")),
            _listening(stack, socket.AF_UNIX, socket.SOCK_DGRAM, str(outside / "datagrams")),
        )
        for path in ("named", "datagrams"):
            (outside / path).chmod(0o777)
        made.names = {
            "secret": str(made.secret),
            "outside": str(outside),
            "pid": bystander.pid,
            "us": os.getpid(),
            "tcp": made.tcp.getsockname()[1],
            "udp": made.udp.getsockname()[1],
            "abstract": name,
            "named": str(outside / "named"),
            "datagrams": str(outside / "datagrams"),
            "word": WORD,
        }
        yield made


def workspace(home: Path, tier: Tier, limits: Limits | None = None, task: str = "t1") -> TaskWorkspace:
    home.mkdir(exist_ok=True)
    home.chmod(0o700)  # as an installation has it
    sandbox = Sandbox(home / "tasks", tier)
    return Workspaces(home, limits=limits, sandbox=sandbox).of(a_task(task))


def a_task(id: str = "t1", parent: str = "") -> Task:
    now = datetime(2026, 11, 2, 9, tzinfo=UTC)
    return Task(id, "Compare queues", "Three of them.", "person", "", now, parent_id=parent)


def _listening(stack: ExitStack, family: int, kind: int, address: object) -> socket.socket:
    made = stack.enter_context(socket.socket(family, kind))
    made.bind(address)  # type: ignore[arg-type]  # a name or a pair, as the family has it
    if kind == socket.SOCK_STREAM:
        made.listen()
    made.setblocking(False)
    return made


def _something(listening: socket.socket) -> bool:
    try:
        if listening.type == socket.SOCK_STREAM:
            listening.accept()[0].close()
        else:
            listening.recv(1)
    except BlockingIOError:
        return False
    return True
