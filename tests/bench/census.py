"""`python -m tests.bench.census MODULE WORDS`: the same as `python -m MODULE WORDS`, and on SIGUSR1 it lists what it has loaded."""

from __future__ import annotations

import os
import runpy
import signal
import sys
from pathlib import Path


def listed(home: Path, pid: int) -> Path:
    """Where the process writes the names of its modules, one a line."""
    return home / f"modules-{pid}"


def _list(_signal: int, _frame: object) -> None:
    path = listed(Path(os.environ["TROUPE_HOME"]), os.getpid())
    fresh = path.with_suffix(".new")
    fresh.write_text("\n".join(sorted(sys.modules)))
    fresh.rename(path)


if __name__ == "__main__":
    signal.signal(signal.SIGUSR1, _list)
    del sys.argv[0]
    runpy.run_module(sys.argv[0], run_name="__main__", alter_sys=True)
