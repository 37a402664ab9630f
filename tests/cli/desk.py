"""The real commands in processes of their own, in a home of their own."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from bot import wiring
from bot.seed import seed
from bot.settings import load
from bot.wiring import Troupe
from storage import migrate

ROOT = Path(__file__).resolve().parents[2]
Done = subprocess.CompletedProcess[str]


@dataclass
class Desk:
    """An installation that nobody has started yet."""

    home: Path
    settings: dict[str, str] = field(default_factory=dict)

    def run(self, *words: str, stdin: str = "", **settings: str) -> Done:
        """settings: of this one command, by their variables. Only `connect` may reach servers on loopback."""
        door = ["tests.system.process", "cli"] if words[0] == "connect" else ["bot.cli"]
        return subprocess.run(
            [sys.executable, "-m", *door, *words],
            env={"PATH": os.environ["PATH"], "TROUPE_HOME": str(self.home), **self.settings, **settings},
            cwd=ROOT,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=90,
            check=False,
        )

    def prepare(self) -> Troupe:
        """Its database, with the cast in it, also for the test itself."""
        given = load(_env_file=None, troupe_home=self.home)
        migrate.upgrade(given.database_url)
        seed(given)
        return wiring.build(given)
