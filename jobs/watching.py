"""Beside somebody at work: a thread that looks whether the work is still wanted, and ends it at once when it is not.

It is told within a moment whatever the main thread is in the middle of: a model that thinks, a command in the sandbox. A
signal interrupts the main thread, from whose handler `Interrupted` is raised.
"""

from __future__ import annotations

import signal
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any

import structlog

from agents.tasks.stopping import Interrupted

log = structlog.get_logger()

LOOKS_EVERY_S = 0.5
GRACE_S = 1.0
"""How long the main thread has to end by itself. With the look before it that stays below two seconds."""
_SIGNAL = signal.SIGUSR1


class Watch:
    """wanted: looked at every 0.5 s; also renews what the work is held by.  stop: ends what runs beside the main thread.

    abandon: called when the main thread did not end within GRACE_S; None where nothing harder can be done.
    Outside of a process's main thread nobody can be interrupted: then `stop` and the looks between steps have to do.
    """

    def __init__(
        self, wanted: Callable[[], bool], stop: Callable[[], None], abandon: Callable[[], None] | None = None
    ) -> None:
        self._wanted, self._stop, self._abandon = wanted, stop, abandon
        self._in_main = threading.current_thread() is threading.main_thread()
        self._over = threading.Event()
        self._called_off = self._raised = False
        self._shields = 0
        self._thread = threading.Thread(target=self._look, name="watch", daemon=True)
        self._before: Any = None

    def __enter__(self) -> Watch:
        if self._in_main:
            self._before = signal.signal(_SIGNAL, self._hear)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._raised = True  # whatever comes from here on is too late to be of use
        self._over.set()
        self._thread.join()
        if self._in_main:
            signal.signal(_SIGNAL, self._before)

    @contextmanager
    def shielded(self) -> Iterator[None]:
        """What leaves the workspace is not cut off in the middle for as long as GRACE_S lasts, and its outcome is noted."""
        self._shields += 1
        try:
            yield
        finally:
            self._shields -= 1
        self._end()

    def _hear(self, signum: int, frame: FrameType | None) -> None:
        self._end()

    def _end(self) -> None:
        if self._called_off and self._shields == 0 and not self._raised:
            self._raised = True
            raise Interrupted

    def _look(self) -> None:
        while not self._over.wait(LOOKS_EVERY_S):
            if not self._is_wanted():
                self._call_off()
                return

    def _is_wanted(self) -> bool:
        try:
            return self._wanted()
        except (
            Exception
        ):  # a database that is away for a moment; a lease that runs out meanwhile is seen at the next look
            log.exception("watch.could_not_look")
            return True

    def _call_off(self) -> None:
        self._called_off = True
        end = time.monotonic() + GRACE_S
        main = threading.main_thread().ident
        if self._in_main and main is not None:
            signal.pthread_kill(main, _SIGNAL)
        try:
            self._stop()
        except Exception:
            log.exception("watch.could_not_stop")
        if not self._over.wait(max(0.0, end - time.monotonic())) and self._abandon is not None:
            log.warning("watch.abandoned")
            self._abandon()
