"""One task's workspace: the port that a persona's tools work on."""

from __future__ import annotations

import os
import secrets
import subprocess
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from agents.tasks.plan import Plan
from agents.tasks.task import Task
from agents.tasks.tools import Entry, Ran, ToolFailed
from integrations.sandbox.box import Sandbox
from integrations.sandbox.cell import BASE, ENV, SHARED, TMP, WORK, Cell, Mount, Owner
from integrations.sandbox.limits import Limits
from integrations.sandbox.run import Command
from integrations.sandbox.running import Running
from integrations.sandbox.tier import Unfit
from integrations.workspace import archive, readme
from integrations.workspace.files import SHARED_NAME, Files, Root
from integrations.workspace.installer import Installer
from integrations.workspace.paths import parts_of
from integrations.workspace.tree import Usage, usage

TIMEOUT_S = (1.0, 900.0)
ARGUMENTS, ARGUMENT_BYTES = 1_000, 100_000
RESERVE = 256 * 1024 * 1024
"""On a disk as full as that no command goes on: the database lives on it, too."""
ZIP_LIMIT = 20 * 1024 * 1024
"""As much as one artifact may have (agents/tasks/artifact.py)."""


@dataclass(frozen=True, slots=True)
class Place:
    """Where it lies.  top: ours alone; in it work/ env/ tmp/ trash/, and shared/ at the root of a family.

    lock: of shared/.  base: the packages that all share.
    """

    top: Path
    shared: Path
    lock: Path
    base: Path
    owner: Owner | None

    @property
    def work(self) -> Path:
        return self.top / "work"

    @property
    def env(self) -> Path:
        return self.top / "env"

    @property
    def tmp(self) -> Path:
        return self.top / "tmp"

    @property
    def trash(self) -> Path:
        return self.top / "trash"


class TaskWorkspace:
    """Implements agents.tasks.tools.Workspace. hidden: what commands must not see wherever it lies."""

    def __init__(
        self, place: Place, sandbox: Sandbox, limits: Limits, installer: Installer, hidden: tuple[Path, ...]
    ) -> None:
        self.place = place
        self._sandbox, self._limits, self._installer, self._hidden = sandbox, limits, installer, hidden
        shared = Root(place.shared, place.lock)
        self.files = Files(Root(place.work), shared, place.trash, place.owner, limits.file)
        self._running: set[Running] = set()
        self._stops = 0
        self._lock = threading.Lock()
        self._turn = threading.Lock()

    def read(self, path: str, limit: int = 1_000_000) -> bytes:
        return self.files.read(path, limit)

    def write(self, path: str, data: bytes) -> None:
        self._must_have_room(len(data))
        self.files.write(path, data)

    def list(self, path: str = "", limit: int = 500) -> Sequence[Entry]:
        return self.files.list(path, limit)

    def delete(self, path: str) -> None:
        self.files.delete(path)
        self._empty(self.place.trash)

    def move(self, path: str, to: str) -> None:
        self.files.move(path, to)

    def checksum(self, path: str) -> str:
        return self.files.checksum(path)

    def run(self, argv: Sequence[str], *, folder: str = "", stdin: bytes = b"", timeout_s: float = 60) -> Ran:
        """One at a time; whoever comes second waits."""
        _check(argv)
        parts = parts_of(folder)
        if not self.files.holds_folder(parts):
            raise ToolFailed(f"There is no folder {folder}.", remedy="list_files shows what there is.")
        self._must_have_room(0)
        return self._go(self._cell(), list(argv), "/".join(parts), stdin, timeout_s)

    def may_install(self, packages: Sequence[str]) -> None:
        self._installer.checked(packages)

    def install(self, packages: Sequence[str], timeout_s: float = 120) -> Ran:
        """Not even a part of it runs while it is installed: wheels only."""
        asked = self._installer.checked(packages)
        mounts, variables = self._installer.needs()
        cell = self._cell(env=True, network=self._installer.is_remote, more=mounts, variables=variables)
        with _in_words():
            command = self._installer.command(asked, self._sandbox.place, cell)
        return self._go(cell, command, "", b"", timeout_s)

    def stop(self) -> None:
        with self._lock:
            self._stops += 1
            running = list(self._running)
        for command in running:
            command.stop("asked")

    def note_progress(self, task: Task, plan: Plan | None) -> None:
        """README.md as things stand."""
        self.files.write(readme.NAME, readme.written(task, plan).encode())

    def zip(self, limit: int = ZIP_LIMIT) -> bytes:
        """All plain files; what does not fit is named in it."""
        return archive.packed(self.files, limit)

    def usage(self) -> Usage:
        most = Usage(self._limits.disk, self._limits.files)
        return usage([self.place.work, self.place.shared, self.place.env, self.place.tmp], most)

    def _cell(
        self,
        *,
        env: bool = False,
        network: bool = False,
        more: Sequence[Mount] = (),
        variables: Mapping[str, str] | None = None,
    ) -> Cell:
        """env: its Python environment can be written to, and its files cannot; else the other way round."""
        place = self.place
        mounts = (
            Mount(place.work, WORK, writable=not env),
            Mount(place.shared, SHARED, writable=not env),
            Mount(place.env, ENV, writable=env),
            Mount(place.base, BASE),
            Mount(place.tmp, TMP, writable=True),
            *more,
        )
        return Cell(mounts, place.owner, network, env, variables, self._hidden)

    def _go(self, cell: Cell, argv: Sequence[str], folder: str, stdin: bytes, timeout_s: float) -> Ran:
        least, most = TIMEOUT_S
        with self._lock:
            before = self._stops
        with self._turn, self._noting(before) as begun:
            command = Command(argv, folder, stdin, min(max(timeout_s, least), most), self._too_much, begun)
            try:
                with _in_words():
                    self._link_shared()
                    return self._sandbox.run(cell, command, self._limits)
            finally:
                self._empty(self.place.tmp)

    @contextmanager
    def _noting(self, before: int) -> Iterator[Callable[[Running], None]]:
        """before: how often it had been stopped when this command was asked for: a stop that came meanwhile is meant for it, too."""
        noted: list[Running] = []

        def begun(running: Running) -> None:
            noted.append(running)
            with self._lock:
                self._running.add(running)
                late = self._stops > before
            if late:
                running.stop("asked")

        try:
            yield begun
        finally:
            with self._lock:
                self._running.difference_update(noted)

    def _link_shared(self) -> None:
        """Where nothing can be mounted there, a link stands in the place of shared/. What a command made of it is put right."""
        spot = self.place.work / SHARED_NAME
        leads_to = self._sandbox.place(Mount(self.place.shared, SHARED))
        mounted = leads_to == SHARED
        is_right = (
            spot.is_dir() and (spot.is_symlink() != mounted) and (mounted or str(spot.readlink()) == leads_to)
        )
        if not is_right:
            if os.path.lexists(spot):
                spot.rename(self.place.trash / secrets.token_hex(8))
            spot.mkdir(0o770) if mounted else spot.symlink_to(leads_to)
            if owner := self.place.owner:
                os.chown(spot, owner.uid, owner.gid, follow_symlinks=False)

    def _too_much(self) -> str:
        used = self.usage()
        if used.files > self._limits.files:
            return "files"
        return "disk" if used.bytes > self._limits.disk or self._free() < RESERVE else ""

    def _free(self) -> int:
        """Bytes left on the disk for everybody."""
        left = os.statvfs(self.place.work)
        return left.f_bavail * left.f_frsize

    def _must_have_room(self, more: int) -> None:
        if self._free() < RESERVE + more:
            raise ToolFailed(
                "The disk of this machine is nearly full.", remedy="Somebody has to make room on it."
            )
        used = self.usage()
        if used.files >= self._limits.files:
            raise ToolFailed(
                f"The workspace has more than {self._limits.files:,} files.",
                remedy="Delete some with delete_file.",
            )
        if used.bytes + more > self._limits.disk:
            words = f"The workspace takes {used.bytes // 2**20} MiB of {self._limits.disk // 2**20}"
            raise ToolFailed(
                f"{words}: there is no room for more.", remedy="Delete something with delete_file."
            )

    def _empty(self, folder: Path) -> None:
        """Whatever is in it, however deep and with whatever rights."""
        if not any(folder.iterdir()):
            return
        old = folder.with_name(f".old-{secrets.token_hex(4)}")
        mode, owner = folder.stat().st_mode & 0o777, folder.stat()
        folder.rename(old)
        make_folder(folder, mode, Owner(owner.st_uid, owner.st_gid) if self.place.owner else None)
        obliterate(old)


@contextmanager
def _in_words() -> Iterator[None]:
    """That there is no sandbox is something a persona can go on without."""
    try:
        yield
    except Unfit as error:
        raise ToolFailed(error.what, remedy=error.remedy) from error


def make_folder(folder: Path, mode: int, owner: Owner | None) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    folder.chmod(mode)
    if owner:
        os.chown(folder, owner.uid, owner.gid)


def obliterate(folder: Path) -> None:
    """rm, because it manages a tree of any depth while it is fooled by no link; Python's own does not."""
    remove = ["rm", "-rf", "--one-file-system", "--", str(folder)]
    if subprocess.run(remove, capture_output=True, check=False).returncode:  # noqa: S603  our own path
        # Its user may have taken its own rights away.
        subprocess.run(["chmod", "-R", "u+rwx", "--", str(folder)], capture_output=True, check=False)  # noqa: S603, S607
        subprocess.run(remove, capture_output=True, check=False)  # noqa: S603


def _check(argv: Sequence[str]) -> None:
    if not argv or not argv[0].strip():
        raise ToolFailed("There is no command.", remedy='Give a list: ["python", "src/main.py"].')
    if len(argv) > ARGUMENTS or sum(len(word.encode(errors="replace")) for word in argv) > ARGUMENT_BYTES:
        raise ToolFailed("The command is too long.", remedy="Write it into a file, and run that.")
    if any("\0" in word for word in argv) or any("\ud800" <= c <= "\udfff" for word in argv for c in word):
        raise ToolFailed("The command has characters that no command can have.")
