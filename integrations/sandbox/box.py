"""The sandbox of this process: the best tier that this machine can have, or none."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from pathlib import Path

from agents.tasks.tools import Ran
from integrations.sandbox.cell import Cell, Mount
from integrations.sandbox.limits import Limits
from integrations.sandbox.probe import Found, look
from integrations.sandbox.run import Command, run
from integrations.sandbox.tier import Tier, Unfit

REMEDY = "`./troupe doctor sandbox` says what is missing. Nothing is ever run without a sandbox."

_found: dict[Path, Found] = {}
_looking = threading.Lock()


class Sandbox:
    """home: a folder of ours; what is found there holds for this process.  tier: this one and no other, for tests."""

    def __init__(self, home: Path, tier: Tier | None = None) -> None:
        self._home = home.resolve()
        if tier:
            _found[self._home] = Found(tier, ())

    @property
    def found(self) -> Found:
        """Looked for once; takes a moment."""
        with _looking:
            if self._home not in _found:
                _found[self._home] = look(self._home)
            return _found[self._home]

    def place(self, mount: Mount) -> str:
        """Where it is inside."""
        return self._tier.place(mount)

    def run(self, cell: Cell, command: Command, limits: Limits) -> Ran:
        """Raises Unfit where there is no sandbox, or it could not be set up: then nothing ran."""
        return run(self._tier, cell, command, limits)

    @property
    def _tier(self) -> Tier:
        if self.found.tier is None:
            missed: Sequence[str] = self.found.missed
            raise Unfit(
                f"This machine has no sandbox, so no command runs ({'; '.join(missed)}).", remedy=REMEDY
            )
        return self.found.tier
