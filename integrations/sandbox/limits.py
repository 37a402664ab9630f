"""How much a command may use."""

from __future__ import annotations

import os
import platform
import resource
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache

MIB = 1024 * 1024
COUNTED_ALONE = (5, 14)
"""Since this Linux a user namespace has a count of processes of its own; before it, a user has one for all."""


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes unless said otherwise. Those of one process are the kernel's to keep; the rest is watched while it runs."""

    cpu_s: int = 600
    """Of one process."""
    address_space: int = 4096 * MIB
    """Of one process. Virtual: runtimes reserve far more than they use."""
    memory: int = 1536 * MIB
    """Resident, of all processes together."""
    file: int = 256 * MIB
    """The largest file that can be written."""
    open_files: int = 512
    processes: int = 128
    """Threads count."""
    disk: int = 1024 * MIB
    """Of the workspace, its environment and /tmp together."""
    files: int = 50_000
    """In them."""
    kept: int = 64 * 1024
    """Of the output: its beginning and its end, half each."""
    output: int = 64 * MIB
    """Whoever says more is ended."""

    def of_a_process(self, *, in_namespace: bool) -> Mapping[int, int]:
        """By the number of RLIMIT_….  in_namespace: it runs in a user namespace of its own."""
        alone = os.geteuid() == 0 or (in_namespace and _linux() >= COUNTED_ALONE)
        return {
            resource.RLIMIT_CPU: self.cpu_s,
            resource.RLIMIT_AS: self.address_space,
            resource.RLIMIT_FSIZE: self.file,
            resource.RLIMIT_NOFILE: self.open_files,
            resource.RLIMIT_NPROC: self.processes + (0 if alone else _ours()),
            resource.RLIMIT_CORE: 0,
            resource.RLIMIT_MEMLOCK: MIB,
            resource.RLIMIT_MSGQUEUE: 0,
        }


@cache
def _linux() -> tuple[int, ...]:
    major, minor = platform.release().split(".")[:2]
    return int(major), int("".join(digit for digit in minor if digit.isdigit()))


def _ours() -> int:
    """Threads that this user runs already: they would be counted, too."""
    import psutil

    mine, found = os.getuid(), 0
    for process in psutil.process_iter(["uids", "num_threads"]):
        uids = process.info["uids"]
        if uids and uids.real == mine:
            found += process.info["num_threads"] or 1
    return found
