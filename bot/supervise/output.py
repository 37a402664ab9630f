"""Where the lines of the processes go: each into a file of its own, and to the terminal what a person should see."""

import json
import logging
import sys
from contextlib import suppress
from logging.handlers import RotatingFileHandler
from pathlib import Path
from typing import Any

from bot.logs import Form, clean, renderer

FILE_BYTES, FILES_KEPT = 5_000_000, 3
GRAVE = ("warning", "error", "critical")


class Output:
    """folder: of the log files, one NAME.log per process.  form: how log lines look at the terminal.

    everything: whether the terminal shows more than what is grave.
    """

    def __init__(self, folder: Path, form: Form, *, everything: bool) -> None:
        self._folder = folder
        self._everything = everything
        self._files: dict[str, RotatingFileHandler] = {}
        self._render = renderer(form, sys.stderr)

    def line(self, name: str, text: str, is_stderr: bool) -> None:
        """One line that process `name` printed. On stderr, what is not a log line is grave: something broke early."""
        text = clean(text)
        self._file(name).emit(logging.makeLogRecord({"msg": text}))
        event = _event(text)
        is_grave = event.get("level") in GRAVE if event else is_stderr
        if is_grave or self._everything:
            shown = self._render(None, event["level"], event) if event else text
            with suppress(OSError):  # the terminal may be gone; unread pipes would stop the processes
                sys.stderr.writelines(f"{name:<9}| {part}\n" for part in str(shown).splitlines())
                sys.stderr.flush()

    def _file(self, name: str) -> RotatingFileHandler:
        if name not in self._files:
            self._folder.mkdir(exist_ok=True)
            path = self._folder / f"{name}.log"
            self._files[name] = RotatingFileHandler(
                path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8"
            )
        return self._files[name]


def _event(text: str) -> dict[str, Any] | None:
    """The log event that a line is, or None if it is something else."""
    try:
        event = json.loads(text) if text.startswith("{") else None
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("level"), str) else None
