"""For root: makes what a command needs reachable for the user it will run as, in a mount namespace of one thread.

TROUPE_HOME is root's alone (0700), and so may be the folder that Python lies in. Whoever is not root cannot walk through them, and
nobody may be let in for good. So the thread that starts the command gets a view of its own, where each folder that is closed is empty but
for the very paths needed, at their own places.
"""

from __future__ import annotations

import ctypes
import os
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from pathlib import Path

from integrations.sandbox.syscalls import call

KEEP = -1
CLONE_NEWNS = 0x20000
MS_NOSUID, MS_NODEV, MS_BIND, MS_REC, MS_PRIVATE = 2, 4, 4096, 16384, 1 << 18


def reveal(paths: Iterable[Path], uid: int) -> None:
    """Lets `uid` reach them, in this thread and in what it starts.

    Call it in a thread that ends soon: it does not come back. Raises OSError where root has no right to mount.
    """
    wanted = list(dict.fromkeys(paths))
    closed = sorted({folder for path in wanted for folder in _closed(path, uid)})
    covers = [folder for folder in closed if not any(other in folder.parents for other in closed)]
    if not covers:
        return
    _check(_libc().unshare(CLONE_NEWNS), "a mount namespace")
    _mount(None, Path("/"), None, MS_REC | MS_PRIVATE)
    for cover in covers:
        _leave_only([path for path in wanted if cover in path.parents], cover)


@contextmanager
def acting_as(uid: int | None) -> Iterator[None]:
    """This thread's effective user, for a moment: it may do to a namespace of that user what root may not everywhere.

    In a container root often lacks CAP_SYS_RESOURCE, and may set no limits on others; whoever made a user namespace may, in it.
    Only the effective id moves, so that the user itself cannot reach this thread meanwhile.
    """
    if uid is None:
        yield
        return
    # Not os.seteuid: libc would move every thread.
    call("setresuid", KEEP, uid, KEEP)
    try:
        yield
    finally:
        call("setresuid", KEEP, 0, KEEP)


def _closed(path: Path, uid: int) -> list[Path]:
    """The folders on the way that `uid` may not walk through."""
    return [folder for folder in path.parents if not _may_pass(folder, uid)]


def _may_pass(folder: Path, uid: int) -> bool:
    status = folder.stat()
    return bool(status.st_mode & (0o100 if status.st_uid == uid else 0o001))


def _leave_only(paths: Sequence[Path], cover: Path) -> None:
    # A path below another of them comes with it.
    outer = [path for path in paths if not any(other in path.parents for other in paths)]
    held = [(path, os.open(path, os.O_PATH | os.O_CLOEXEC)) for path in outer]
    try:
        _mount("tmpfs", cover, "tmpfs", MS_NOSUID | MS_NODEV, b"mode=755,size=1m")
        for path, descriptor in held:
            source = Path(f"/proc/self/fd/{descriptor}")
            _hollow(path, cover, is_folder=source.is_dir())
            _mount(str(source), path, None, MS_BIND | MS_REC)
    finally:
        for _, descriptor in held:
            os.close(descriptor)


def _hollow(path: Path, cover: Path, *, is_folder: bool) -> None:
    """Something empty to mount it on, and folders on the way that anybody may walk through, whatever our umask is."""
    for folder in reversed([parent for parent in path.parents if cover in parent.parents]):
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
    if is_folder:
        path.mkdir()
    else:
        path.touch()


def _mount(source: str | None, target: Path, kind: str | None, flags: int, data: bytes | None = None) -> None:
    words = [None if word is None else os.fsencode(word) for word in (source, target, kind)]
    _check(_libc().mount(*words, ctypes.c_ulong(flags), data), f"to mount at {target}")


def _check(result: int, what: str) -> None:
    if result:
        code = ctypes.get_errno()
        raise OSError(code, f"root has no right to {what}: {os.strerror(code)}")


@cache
def _libc() -> ctypes.CDLL:
    return ctypes.CDLL(None, use_errno=True)
