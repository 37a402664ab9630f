"""A process and all that came of it, told by their session.

Each process we start leads a session of its own, and what it forks stays in it whatever group it makes for itself (RQ's
work horses do that) and whatever becomes of its environment (Redis overwrites it with its title).
"""

import asyncio
import os
import signal
import time
from contextlib import suppress

import psutil

GRACE_S = 10.0  # from TERM to KILL
LOOK_S = 0.02


def members(leader: int) -> list[int]:
    """The living processes of the session that `leader` began, itself included while it lives."""
    found = []
    for pid in psutil.pids():
        with suppress(ProcessLookupError, PermissionError, psutil.NoSuchProcess):
            # A zombie has ended; where nothing reaps orphans (a container without init) it stays for ever.
            if os.getsid(pid) == leader and psutil.Process(pid).status() != psutil.STATUS_ZOMBIE:
                found.append(pid)
    return found


async def end(leader: int, *, grace_s: float = GRACE_S, hurry: asyncio.Event | None = None) -> None:
    """TERM to the leader's group; KILL to whatever of the session lives after `grace_s`, or as soon as `hurry` is set.

    Members in other groups belong to the leader, which ends them in its own way (a worker lets its job finish): they
    are told themselves only when the leader is gone. Returns when none is left.
    """
    with suppress(ProcessLookupError, PermissionError):  # macOS says "not permitted" of a group of zombies
        os.killpg(leader, signal.SIGTERM)
    until = time.monotonic() + grace_s
    told = False
    while left := members(leader):
        late = time.monotonic() > until or (hurry is not None and hurry.is_set())
        if late or (leader not in left and not told):
            told = True
            for pid in left:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGKILL if late else signal.SIGTERM)
        await asyncio.sleep(LOOK_S)
