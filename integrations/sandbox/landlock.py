"""The second tier, where no namespaces can be had: Landlock for files, seccomp for the rest."""

from __future__ import annotations

import json
import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from integrations.sandbox import cell as cells
from integrations.sandbox import confine, seccomp, syscalls
from integrations.sandbox.cell import WORK, Cell, Mount
from integrations.sandbox.limits import Limits
from integrations.sandbox.tier import Start, Unfit

LAUNCHER = Path(confine.__file__)
OLDEST, SCOPES = 3, 6
"""Landlock's ABI: before 3 (Linux 6.2) whatever can be opened can be cut short; from 6 (Linux 6.12) on it keeps signals in."""
DEVICES = ("/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom")
FACTS = (
    "/proc/cpuinfo",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/version",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/uptime",
)


def why_not() -> str:
    """ "" if this machine has what it takes."""
    abi = confine.landlock_abi()
    if abi < OLDEST:
        return f"Landlock's version here is {abi}, {OLDEST} is needed (Linux 6.2)"
    if not syscalls.is_known():
        return f"its filter of system calls knows {' and '.join(syscalls.MACHINES)} only"
    return ""


@dataclass(frozen=True, slots=True)
class Landlock:
    abi: int

    @property
    def name(self) -> str:
        return "landlock"

    @property
    def words(self) -> str:
        return f"Landlock (version {self.abi}) and a filter of system calls, without namespaces"

    def place(self, mount: Mount) -> str:
        return str(mount.source)

    def needs(self, cell: Cell) -> Sequence[Path]:
        return [
            *(mount.source for mount in cell.mounts),
            *cells.python_folders(),
            cells.interpreter(),
            LAUNCHER,
        ]

    def start(self, cell: Cell, argv: Sequence[str], folder: str, limits: Limits) -> Start:
        reads = [cells.SYSTEM, *cells.unlinked_aliases(), *cells.python_folders(), *cells.system_files(cell)]
        seen = [path for path in cell.hidden if any(read in (path, *path.parents) for read in reads)]
        if seen:
            raise Unfit(f"{seen[0]} lies in what every command can read; Landlock cannot leave it out.")
        work = next(mount for mount in cell.mounts if mount.at == WORK)
        own = cell.owner is not None
        strict = seccomp.Strictness(
            bare=True,
            network=cell.network,
            owns_more=not own and not cell.trusted,
            signals=not own and self.abi < SCOPES,
        )
        asked = {
            "argv": list(argv),
            "folder": str(work.source / folder),
            "environment": cell.environment(self.place),
            "limits": list(limits.of_a_process(in_namespace=False).items()),
            "reads": [
                str(path)
                for path in (*reads, *(m.source for m in cell.mounts if not m.writable), *_there(FACTS))
            ],
            "writes": [str(mount.source) for mount in cell.mounts if mount.writable],
            "devices": [str(path) for path in _there(DEVICES)],
            "network": cell.network,
            "filter": seccomp.program(strict).hex(),
        }
        start = Start([], ExitStack())
        said = start.inherit(start.hold(json.dumps(asked).encode()))
        start.argv = [str(cells.interpreter()), "-I", "-S", str(LAUNCHER), said]
        return start


def _there(paths: Sequence[str]) -> list[Path]:
    return [Path(path) for path in paths if os.path.exists(path)]  # noqa: PTH110
