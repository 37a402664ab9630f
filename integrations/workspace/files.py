"""The files of a workspace, as the file tools see them. Whatever a command of the persona does meanwhile, nothing outside is touched."""

from __future__ import annotations

import hashlib
import os
import secrets
import stat
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from agents.tasks.tools import Entry, ToolFailed
from integrations.sandbox.cell import Owner
from integrations.workspace.beneath import FOLDER, open_beneath, regular
from integrations.workspace.paths import parts_of
from integrations.workspace.telling import telling
from integrations.workspace.tree import Leaf, walk

CHUNK = 1024 * 1024
LOCK_S = 10.0
NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL
GUARDED = ".git"
"""What lies in it tells git what to run: commands of git may change it, file tools do not, and no archive carries it."""
SHARED_NAME = "shared"


@dataclass(frozen=True, slots=True)
class Root:
    """A folder that files are in.  lock: what whoever changes something in it holds; None where nobody else does."""

    folder: Path
    lock: Path | None = None


@dataclass(frozen=True, slots=True)
class Files:
    """work: the task's own.  shared: found at shared/, one for a task and all its parts.  trash: where what is deleted goes first.

    owner: whose everything is that we make; None for ours.
    """

    work: Root
    shared: Root
    trash: Path
    owner: Owner | None
    largest: int

    def read(self, path: str, limit: int) -> bytes:
        with self._file(path) as (descriptor, status):
            if status.st_size > limit:
                raise ToolFailed(
                    f"{path} has {status.st_size:,} bytes, {limit:,} can be read at once.",
                    remedy="Look at a part of it with a command: head, tail, grep.",
                )
            return b"".join(_chunks(descriptor, limit))

    def checksum(self, path: str) -> str:
        digest = hashlib.sha256()
        with self._file(path) as (descriptor, _):
            for chunk in _chunks(descriptor, self.largest):
                digest.update(chunk)
        return digest.hexdigest()

    def write(self, path: str, data: bytes) -> None:
        if len(data) > self.largest:
            raise ToolFailed(f"{len(data):,} bytes are too much for one file, {self.largest:,} is the most.")
        parts = _changeable(path)
        with self._holding(parts) as (root, below), self._parent(root, below, path, make=True) as folder:
            self._put(folder, below[-1], data, path)

    def list(self, path: str, limit: int) -> Sequence[Entry]:
        parts, found = parts_of(path), []
        with telling(path):
            for leaf in self.walk(parts):
                if leaf.is_folder or leaf.is_file:
                    size = 0 if leaf.is_folder else leaf.status.st_size
                    found.append(Entry("/".join(shown(part) for part in leaf.parts), size, leaf.is_folder))
                if len(found) >= limit:
                    break
        return sorted(found, key=lambda entry: entry.path)

    def walk(self, parts: Sequence[str] = ()) -> Iterator[Leaf]:
        """From the workspace on, with shared/ in its place. Raises OSError."""
        if parts[:1] != (SHARED_NAME,):
            with _opened(self.work.folder) as root:
                yield from (leaf for leaf in walk(root, parts) if parts or leaf.parts[0] != SHARED_NAME)
        if tuple(parts[:1]) in ((), (SHARED_NAME,)):
            with _opened(self.shared.folder) as root:
                if not parts:
                    yield Leaf((SHARED_NAME,), os.fstat(root))
                for leaf in walk(root, parts[1:]):
                    yield Leaf((SHARED_NAME, *leaf.parts), leaf.status)

    def delete(self, path: str) -> None:
        parts = _changeable(path)
        with (
            self._holding(parts) as (root, below),
            self._parent(root, below, path) as folder,
            _opened(self.trash) as trash,
            telling(path),
        ):
            _unlock(folder, below[-1])
            # In one move, so that nobody sees half of it; what is in the trash nobody can reach.
            os.rename(below[-1], secrets.token_hex(8), src_dir_fd=folder, dst_dir_fd=trash)

    def move(self, path: str, to: str) -> None:
        parts, target = _changeable(path), _changeable(to)
        if target[: len(parts)] == parts:
            raise ToolFailed(f"{path} cannot be moved into itself.")
        with (
            self._holding(parts) as (source_root, source),
            self._holding(target) as (target_root, below),
            self._parent(source_root, source, path) as from_folder,
            self._parent(target_root, below, to, make=True) as to_folder,
            telling(path),
        ):
            _refuse_folder(to_folder, below[-1], to)
            os.rename(source[-1], below[-1], src_dir_fd=from_folder, dst_dir_fd=to_folder)

    def holds_folder(self, parts: Sequence[str]) -> bool:
        with self._at(parts) as (root, below):
            try:
                os.close(open_beneath(root, below, FOLDER))
            except OSError:
                return False
        return True

    @contextmanager
    def _at(self, parts: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The folder that it is in, and the names from there."""
        shared = tuple(parts[:1]) == (SHARED_NAME,)
        with _opened((self.shared if shared else self.work).folder) as root:
            yield root, tuple(parts[1:] if shared else parts)

    @contextmanager
    def _holding(self, parts: Sequence[str]) -> Iterator[tuple[int, tuple[str, ...]]]:
        """The same, while nobody else of the family changes something in it."""
        lock = (self.shared if parts[0] == SHARED_NAME else self.work).lock
        if lock is None:
            with self._at(parts) as found:
                yield found
            return
        try:
            with FileLock(lock, timeout=LOCK_S, is_singleton=True), self._at(parts) as found:
                yield found
        except Timeout as error:
            raise ToolFailed(
                "shared/ is being written to by another part of the task.", remedy="Try again in a moment."
            ) from error

    @contextmanager
    def _file(self, path: str) -> Iterator[tuple[int, os.stat_result]]:
        with self._at(parts_of(path)) as (root, below), telling(path):
            descriptor = open_beneath(root, below, os.O_RDONLY)
            try:
                status = regular(descriptor)
                if status is None:
                    raise ToolFailed(
                        f"{path} is no file that can be read.", remedy="list_files shows what there is."
                    )
                if status.st_nlink > 1 and status.st_nlink > self._names_of(status):
                    raise ToolFailed(
                        f"{path} has another name outside of the workspace.",
                        remedy="Copy it with cp, and read the copy.",
                    )
                yield descriptor, status
            finally:
                os.close(descriptor)

    def _names_of(self, status: os.stat_result) -> int:
        """How many names of that file lie in here."""
        same = (status.st_dev, status.st_ino)
        return sum((leaf.status.st_dev, leaf.status.st_ino) == same for leaf in self.walk())

    @contextmanager
    def _parent(self, root: int, parts: Sequence[str], path: str, *, make: bool = False) -> Iterator[int]:
        with telling(path):
            folder = self._make(root, parts[:-1]) if make else open_beneath(root, parts[:-1], FOLDER)
        try:
            yield folder
        finally:
            os.close(folder)

    def _make(self, root: int, parts: Sequence[str]) -> int:
        at = open_beneath(root, (), FOLDER)
        for part in parts:
            try:
                os.mkdir(part, 0o770, dir_fd=at)
                made = True
            except FileExistsError:
                made = False
            except OSError:
                os.close(at)
                raise
            try:
                below = open_beneath(at, (part,), FOLDER)
            finally:
                os.close(at)
            at = below
            if made:
                self._hand_over(at, 0o770)
        return at

    def _put(self, folder: int, name: str, data: bytes, path: str) -> None:
        """Beside it first, then in its place in one move: whoever reads meanwhile sees the old one or the new one."""
        beside = f".troupe-{secrets.token_hex(8)}"
        with telling(path):
            mode = _refuse_folder(folder, name, path)
            descriptor = open_beneath(folder, (beside,), NEW, 0o600)
            try:
                with open(descriptor, "wb") as file:  # noqa: PTH123  a descriptor
                    file.write(data)
                    self._hand_over(file.fileno(), mode | 0o660)
                os.rename(beside, name, src_dir_fd=folder, dst_dir_fd=folder)
            except BaseException:
                os.unlink(beside, dir_fd=folder)
                raise

    def _hand_over(self, descriptor: int, mode: int) -> None:
        os.fchmod(descriptor, mode)
        if self.owner:
            os.fchown(descriptor, self.owner.uid, self.owner.gid)


def _changeable(path: str) -> tuple[str, ...]:
    parts = parts_of(path)
    if not parts or parts == (SHARED_NAME,):
        raise ToolFailed(
            f"{path or 'The workspace'} itself stays as it is.", remedy="Name a file or a folder in it."
        )
    if GUARDED in (part.lower() for part in parts):
        raise ToolFailed("What is in .git is changed by git alone.", remedy='Use run_command: ["git", …].')
    return parts


def _refuse_folder(folder: int, name: str, path: str) -> int:
    """The rights that a file of that name has now, 0 without one. Raises ToolFailed where it is a folder."""
    try:
        mode = os.stat(name, dir_fd=folder, follow_symlinks=False).st_mode
    except FileNotFoundError:
        return 0
    if stat.S_ISDIR(mode):
        raise ToolFailed(f"{path} is a folder.", remedy="Name a file in it.")
    return mode & 0o777 if stat.S_ISREG(mode) else 0


def _unlock(folder: int, name: str) -> None:
    """A folder that its owner may not write to cannot be moved: it is given the rights back, and nothing that is no folder is."""
    descriptor = os.open(name, os.O_PATH | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=folder)
    try:
        if stat.S_ISDIR(os.fstat(descriptor).st_mode):
            os.chmod(f"/proc/self/fd/{descriptor}", 0o700)  # noqa: PTH101  this very folder, whatever has its name now
    finally:
        os.close(descriptor)


@contextmanager
def _opened(folder: Path) -> Iterator[int]:
    try:
        descriptor = os.open(folder, FOLDER | os.O_NOFOLLOW | os.O_CLOEXEC)
    except FileNotFoundError as error:
        raise ToolFailed("The task's workspace is gone: it was removed after its time.") from error
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _chunks(descriptor: int, limit: int) -> Iterator[bytes]:
    """At most `limit` bytes, also of a file that grows meanwhile."""
    while limit > 0 and (chunk := os.read(descriptor, min(CHUNK, limit))):
        limit -= len(chunk)
        yield chunk


def shown(name: str) -> str:
    """A name that is not UTF-8 shows a mark instead of what cannot be shown."""
    return name.encode(errors="surrogateescape").decode(errors="replace")
