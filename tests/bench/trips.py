"""Round trips of a bare client, one after the other: what a redraw takes when nothing is around it."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Awaitable, Callable

REST_S = 0.1
WARM_UP = 3


async def again_and_again(redraw: Callable[[], Awaitable[object]], count: int) -> None:
    """Prints ms of each, as JSON."""
    taken = []
    for _ in range(WARM_UP + count):
        await asyncio.sleep(REST_S)
        begun = time.perf_counter()
        await redraw()
        taken.append((time.perf_counter() - begun) * 1000)
    print(json.dumps(taken[WARM_UP:]))
