"""A process imports while the database is made ready, and waits here, imports done, before it touches it.

Importing is most of a process's start, so `up` starts the console beside the migrations instead of after them.
"""

import os
from collections.abc import Callable

VARIABLE = "TROUPE_GATE"


def wait() -> None:
    """Block until `up` opens the gate (or is gone). Returns at once for a process that `up` did not start."""
    if number := os.environ.pop(VARIABLE, ""):
        with os.fdopen(int(number), "rb") as pipe:
            pipe.read()  # nobody writes: it ends when the other end is closed


def make() -> tuple[int, Callable[[], None]]:
    """The descriptor to hand to processes, and what opens the gate for good, also for those started later."""
    reader, writer = os.pipe()
    return reader, lambda: os.close(writer)
