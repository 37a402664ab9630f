"""What the third-party modules of a process weigh by themselves."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time

import psutil

from tests.bench.census import listed
from tests.bench.figures import Figure, against
from tests.bench.house import House
from tests.bench.memory import MIB
from tests.bench.workspace import Workspace
from tests.servers.processes import ServerError

OWN = {"agents", "bot", "integrations", "jobs", "storage", "tests", "__main__", "__mp_main__"}
PATIENCE_S = 30.0
PROGRAM = """
import importlib, json, sys, contextlib
for name in json.load(sys.stdin):
    with contextlib.suppress(ImportError, AttributeError):
        importlib.import_module(name)
import psutil
print(psutil.Process().memory_info().rss)
"""


LIMIT = 1.25


def weight(chat: Workspace, pid: int) -> Figure:
    """Of the chat's process as it is now, which runs under `census`, beside its libraries."""
    ours, bare = psutil.Process(pid).memory_info().rss / MIB, alone(chat.house, pid)
    what = "memory after all that / its libraries alone"
    return against(chat.chat.name, what, [ours], [bare], LIMIT, unit="MiB")


def alone(home: House, pid: int) -> float:
    """MiB of a Python that imports the same third-party modules as the process, which runs under `census`, and nothing else."""
    names = [
        name for name in _modules(home, pid) if name.partition(".")[0] not in sys.stdlib_module_names | OWN
    ]
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], input=json.dumps(names), capture_output=True, text=True, check=True
    )
    return int(done.stdout) / MIB


def _modules(home: House, pid: int) -> list[str]:
    path = listed(home.troupe.settings.troupe_home, pid)
    os.kill(pid, signal.SIGUSR1)
    until = time.monotonic() + PATIENCE_S
    while not path.exists():
        if time.monotonic() > until:
            raise ServerError(f"process {pid} did not list its modules")
        time.sleep(0.02)
    return path.read_text().splitlines()
