"""What each process of an installation weighs, beside the libraries that it cannot do without; and who loads what is heavy."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from functools import partial

import psutil

from bot.settings import load
from bot.wiring import Troupe
from tests.bench.census import listed
from tests.bench.figures import Figure, Options, at_most
from tests.bench.installation import Installation, up
from tests.servers.processes import ServerError

MIB = 2**20
PATIENCE_S = 60.0
NEEDED = {
    "web": "nicegui, redis, sqlalchemy",
    "worker": "rq, sqlalchemy",
    "writer": "rq, sqlalchemy, langchain.agents, langchain_openai",
    "agent": "rq, sqlalchemy, langchain.agents, langchain_openai, langgraph.checkpoint.sqlite",
    "clock": "redis, sqlalchemy",
}
"""Each kind of process, and what it imports at the least."""
HEAVY = {
    "writer agent": ("langchain", "langchain_openai", "openai"),
    "agent": ("langgraph", "trafilatura", "typst", "githubkit", "ddgs"),
    "worker": ("atproto", "tweepy"),
    "web": ("fastapi", "nicegui"),
    "": ("matplotlib", "pandas", "plotly", "scipy"),
}
"""What only these kinds of process may load, or none."""

Processes = dict[str, list[psutil.Process]]
weight = partial(at_most, "memory", limit=None, of="median", unit="MiB")


def figures(options: Options) -> Iterator[Figure]:
    with up(lambda procfile: procfile.replace("python -m ", "python -m tests.bench.census ")) as installation:
        processes = _working(installation)
        for kind, libraries in NEEDED.items():
            ours = [process.memory_info().rss / MIB for process in processes[kind]]
            yield weight(f"{kind} / import {libraries}", ours, bare=[_import(libraries)])
        yield weight("all processes, shared pages once", [_all(installation)])
        strangers = _strangers(installation, processes)
        yield at_most(
            "memory",
            "heavy libraries where they are not used",
            [len(strangers)],
            0,
            of="median",
            unit="",
            note=", ".join(strangers),
        )


def _working(installation: Installation) -> Processes:
    """By their kind, once each kind has given a sign of life."""
    until = time.monotonic() + PATIENCE_S
    with closing(Troupe(load(troupe_home=installation.home))) as troupe:
        while not (found := _beating(troupe)).keys() >= NEEDED.keys():
            if time.monotonic() > until:
                raise ServerError(f"only these came to work within {PATIENCE_S:g} s: {', '.join(found)}")
            time.sleep(0.2)
    return found


def _beating(troupe: Troupe) -> Processes:
    found: Processes = defaultdict(list)
    with troupe.storage.reading() as work:
        for beat in work.switches.beats(work.now - timedelta(seconds=PATIENCE_S)):
            found[beat.kind].append(psutil.Process(beat.detail["pid"]))
    return found


def _import(libraries: str) -> float:
    """MiB of a Python that has imported them."""
    program = f"import {libraries}, psutil; print(psutil.Process().memory_info().rss)"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    return int(done.stdout) / MIB


def _all(installation: Installation) -> float:
    own = psutil.Process(installation.pid)
    return sum(each.memory_full_info().pss for each in (own, *own.children(recursive=True))) / MIB


def _strangers(installation: Installation, processes: Processes) -> list[str]:
    """ "library in kind", for each that is loaded where it is not used."""
    found = []
    for kind, members in processes.items():
        loaded = {name.partition(".")[0] for each in members for name in _modules(installation, each)}
        foreign = {
            library
            for users, libraries in HEAVY.items()
            if kind not in users.split()
            for library in libraries
        }
        found += [f"{library} in {kind}" for library in sorted(loaded & foreign)]
    return found


def _modules(installation: Installation, process: psutil.Process) -> list[str]:
    path = listed(installation.home, process.pid)
    process.send_signal(signal.SIGUSR1)
    until = time.monotonic() + PATIENCE_S
    while not path.exists():
        if time.monotonic() > until:
            raise ServerError(f"process {process.pid} did not list its modules")
        time.sleep(0.02)
    return path.read_text().splitlines()
