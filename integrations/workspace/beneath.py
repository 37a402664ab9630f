"""Opens what lies below a folder, and nothing else: no link is followed, no `..`, whatever is moved meanwhile.

Linux does it in one call (openat2, 5.6); where that is not to be had, folder by folder.
"""

from __future__ import annotations

import ctypes
import errno
import os
import stat
import struct
from collections.abc import Sequence

from integrations.sandbox.syscalls import call

NO_MAGICLINKS, NO_SYMLINKS, BENEATH = 0x02, 0x04, 0x08
"""RESOLVE_… of include/uapi/linux/openat2.h."""
AT_ONCE = os.O_NOFOLLOW | os.O_CLOEXEC | os.O_NONBLOCK
"""Never follows, never waits: a pipe in its place opens, and is seen to be none."""
FOLDER = os.O_RDONLY | os.O_DIRECTORY
TRIES = 64
"""The kernel asks for another one (EAGAIN) when something was renamed on the way."""

_has_openat2 = True


def open_beneath(root: int, parts: Sequence[str], flags: int, mode: int = 0) -> int:
    """A descriptor.  parts: names, none of them empty, "." or "..".  root itself for none.  Raises OSError: ELOOP for a link."""
    global _has_openat2
    flags |= AT_ONCE
    if _has_openat2:
        for _ in range(TRIES):
            try:
                return _openat2(root, "/".join(parts) or ".", flags, mode)
            except OSError as error:
                if error.errno in (errno.ENOSYS, errno.EPERM):
                    _has_openat2 = False
                    break
                if error.errno != errno.EAGAIN:
                    raise
    return walk_to(root, parts, flags, mode)


def walk_to(root: int, parts: Sequence[str], flags: int, mode: int = 0) -> int:
    """The same without openat2: each folder is held while the next is opened in it."""
    at = os.open(".", FOLDER | AT_ONCE, dir_fd=root)
    try:
        for part in parts[:-1]:
            below = os.open(part, FOLDER | AT_ONCE, dir_fd=at)
            os.close(at)
            at = below
        return os.open(parts[-1] if parts else ".", flags | AT_ONCE, mode, dir_fd=at)
    finally:
        os.close(at)


def regular(descriptor: int) -> os.stat_result | None:
    """None if it is no plain file: a pipe, a device, a folder."""
    status = os.fstat(descriptor)
    return status if stat.S_ISREG(status.st_mode) else None


def _openat2(root: int, path: str, flags: int, mode: int) -> int:
    how = struct.pack("=QQQ", flags, mode, BENEATH | NO_SYMLINKS | NO_MAGICLINKS)
    return call("openat2", ctypes.c_int(root), os.fsencode(path), how, ctypes.c_size_t(len(how)))
