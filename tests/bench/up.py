"""From the start of `./troupe up` in a new home to a console that is ready, beside a NiceGUI page with nothing behind it."""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Iterator

from tests.bench.figures import Figure, Options, at_most, in_turns
from tests.bench.installation import first, up
from tests.servers.processes import free_port, scratch

LIMIT_S = 6.0
ROUNDS = 5
BARE = """
import sys
from nicegui import ui

@ui.page("/")
def hello():
    ui.label("Hello")

ui.run(port=int(sys.argv[1]), host="127.0.0.1", show=False, reload=False, show_welcome_message=False)
"""


def figures(options: Options) -> Iterator[Figure]:
    ours, bare = in_turns(options.count(ROUNDS, 1), _ours, _bare)
    what = "up in a new home to the console ready / a bare NiceGUI page"
    yield at_most("up", what, ours, LIMIT_S, of="median", unit="s", bare=bare)


def _ours() -> float:
    with up() as installation:
        return installation.ready_s


def _bare() -> float:
    port = free_port()
    with scratch("nicegui") as folder, (folder / "log").open("w") as out:
        begun = time.monotonic()
        process = subprocess.Popen(
            [sys.executable, "-c", BARE, str(port)], cwd=folder, stdout=out, stderr=out
        )
        try:
            return first(b"/", port, process, folder / "log") - begun
        finally:
            process.kill()
            process.wait()
