"""What a command sees of the machine."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

WORK, ENV, BASE, TMP = "/work", "/env", "/base", "/tmp"  # noqa: S108  names inside, where /tmp is the task's own
SHARED = f"{WORK}/shared"
SYSTEM = Path("/usr")
ALIASES = ("bin", "sbin", "lib", "lib64", "lib32")
"""At the root: links into /usr on most machines, folders on some."""
ETC = ("ld.so.cache", "ld.so.conf", "ld.so.conf.d", "alternatives", "localtime", "mime.types")
ETC_NETWORK = (
    "resolv.conf",
    "hosts",
    "nsswitch.conf",
    "ssl",
    "ca-certificates",
    "pki",
    "crypto-policies",
)


@dataclass(frozen=True, slots=True)
class Mount:
    """A folder of the machine, and where bubblewrap puts it. Landlock leaves it where it is."""

    source: Path
    at: str
    writable: bool = False


@dataclass(frozen=True, slots=True)
class Owner:
    """As whom it runs. Never 0."""

    uid: int
    gid: int


@dataclass(frozen=True, slots=True)
class Cell:
    """mounts: the one at WORK and the one at TMP have to be there.  owner: as whom; None for whoever we are, if that is not root.

    network: only what we bring ourselves may have it.  trusted: what runs is ours, and may change rights and times.
    variables: beside the few of its own.
    hidden: what must not be seen although it lies in what can be seen.
    """

    mounts: tuple[Mount, ...]
    owner: Owner | None = None
    network: bool = False
    trusted: bool = False
    variables: Mapping[str, str] | None = None
    hidden: tuple[Path, ...] = ()

    def environment(self, place: Callable[[Mount], str]) -> dict[str, str]:
        """place: where a mount is found inside."""
        at = {mount.at: place(mount) for mount in self.mounts}
        path = [f"{at[ENV]}/bin"] if ENV in at else []
        return {
            "PATH": ":".join([*path, "/usr/local/bin", "/usr/bin", "/bin"]),
            "HOME": at[TMP],
            "TMPDIR": at[TMP],
            "LANG": "C.UTF-8",
            "TERM": "dumb",
            "PYTHONDONTWRITEBYTECODE": "1",
            "PYTHONUNBUFFERED": "1",
            # The base's own .pth names it where bubblewrap puts it.
            **({"PYTHONPATH": at[BASE]} if at.get(BASE, BASE) != BASE else {}),
            **_GIT,
            **(self.variables or {}),
        }


def _git(settings: Mapping[str, str]) -> dict[str, str]:
    """As variables, which go before any file, also before a repository's own."""
    numbered = enumerate(settings.items())
    pairs = {
        f"GIT_CONFIG_{part}_{n}": said
        for n, pair in numbered
        for part, said in zip(("KEY", "VALUE"), pair, strict=True)
    }
    return {
        "GIT_CONFIG_NOSYSTEM": "1",
        "GIT_TERMINAL_PROMPT": "0",
        "GIT_CONFIG_COUNT": str(len(settings)),
        **pairs,
    }


_GIT = _git(
    {
        "core.hooksPath": "/dev/null",  # what a repository brings does not run when git does
        "core.fsmonitor": "false",
        "safe.directory": "*",
        "user.name": "Troupe",
        "user.email": "troupe@localhost",
    }
)


@cache
def interpreter() -> Path:
    """The Python under our environment, its links followed."""
    return Path(getattr(sys, "_base_executable", sys.executable)).resolve()


@cache
def python_folders() -> tuple[Path, ...]:
    """What an interpreter outside of /usr needs: its programs and its library, and nothing beside them."""
    prefix = Path(sys.base_prefix).resolve()
    if SYSTEM in (prefix, *prefix.parents):
        return ()
    return tuple(folder for folder in (prefix / "bin", prefix / "lib") if folder.is_dir())


def system_files(cell: Cell) -> Iterator[Path]:
    """Below /etc, those that there are."""
    for name in (*ETC, *(ETC_NETWORK if cell.network else ())):
        file = Path("/etc") / name
        if file.exists():
            yield file


def unlinked_aliases() -> Iterator[Path]:
    """Folders at the root that are not links into /usr."""
    for name in ALIASES:
        folder = Path("/") / name
        if folder.is_dir() and not folder.is_symlink():
            yield folder


def is_root() -> bool:
    return os.geteuid() == 0
