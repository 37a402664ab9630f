"""What both tiers have in common: a way to start a command so that it is confined before its first instruction."""

from __future__ import annotations

import os
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from io import FileIO
from pathlib import Path
from typing import Protocol

from agents.errors import TroupeError
from integrations.sandbox.cell import Cell, Mount
from integrations.sandbox.limits import Limits


class Unfit(TroupeError):
    """The sandbox could not be set up; nothing ran."""

    code = "sandbox_unfit"


@dataclass(slots=True)
class Start:
    """How a command is begun.  inherited: what it is handed of ours; all of it is closed with `open`.

    info, gate: where bubblewrap tells the first process inside, and what that waits for; None where limits are set before.
    """

    argv: list[str]
    open: ExitStack
    inherited: list[FileIO] = field(default_factory=list)
    info: FileIO | None = None
    gate: FileIO | None = None

    def hold(self, data: bytes) -> FileIO:
        """What it reads `data` from."""
        held = self.keep(FileIO(os.memfd_create("troupe", os.MFD_CLOEXEC), "r+"))
        held.write(data)
        held.seek(0)
        return held

    def inherit(self, file: FileIO) -> str:
        """Its number, to be named in `argv`."""
        self.inherited.append(file)
        return str(file.fileno())

    def pipe(self) -> tuple[FileIO, FileIO]:
        """Its reading and its writing end."""
        read, write = os.pipe2(os.O_CLOEXEC)
        return self.keep(FileIO(read, "r")), self.keep(FileIO(write, "w"))

    def keep(self, file: FileIO) -> FileIO:
        return self.open.enter_context(file)


class Tier(Protocol):
    @property
    def name(self) -> str: ...
    @property
    def words(self) -> str:
        """For the doctor."""

    def place(self, mount: Mount) -> str:
        """Where it is inside."""

    def needs(self, cell: Cell) -> Sequence[Path]:
        """What the user that it runs as has to reach."""

    def start(self, cell: Cell, argv: Sequence[str], folder: str, limits: Limits) -> Start:
        """folder: below the workspace.  Raises Unfit."""
