"""Real processes that do one thing each, at the same moment. Forked from a server that has our modules imported."""

from __future__ import annotations

import multiprocessing
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing.synchronize import Barrier
from typing import Any

_context = multiprocessing.get_context("forkserver")
_context.set_forkserver_preload(["storage.unit_of_work", "storage.migrate", "tests.storage.cast"])


def in_processes(count: int, function: Callable[..., Any], *words: Any) -> list[Any]:
    """What `function(*words)`, let go in `count` processes at the same moment, returned in each. Raises what it raised.

    function: at the top of a module, for it is found by its name.
    """
    barrier = _context.Barrier(count)
    with ProcessPoolExecutor(count, mp_context=_context, initializer=_meet, initargs=(barrier,)) as pool:
        return [waiting.result(60) for waiting in [pool.submit(_run, function, words) for _ in range(count)]]


_barrier: Barrier | None = None


def _meet(barrier: Barrier) -> None:
    global _barrier
    _barrier = barrier


def _run(function: Callable[..., Any], words: tuple[Any, ...]) -> Any:
    assert _barrier is not None
    _barrier.wait(30)
    return function(*words)
