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
TROUBLE = "trouble"
"""In the folder of the logs: which of them cannot be written just now, and why (`jobs.vitals` tells people)."""


class Output:
    """folder: of the log files, one NAME.log per process.  form: how log lines look at the terminal.

    everything: whether the terminal shows more than what is grave.
    """

    def __init__(self, folder: Path, form: Form, *, everything: bool) -> None:
        self._folder = folder
        self._everything = everything
        self._files: dict[str, _File] = {}
        self._trouble: dict[str, str] = {}
        self._render = renderer(form, sys.stderr)

    def line(self, name: str, text: str, is_stderr: bool) -> None:
        """One line that process `name` printed. On stderr, what is not a log line is grave: something broke early."""
        text = clean(text)
        self._note(name, self._written(name, text))
        event = _event(text)
        is_grave = event.get("level") in GRAVE if event else is_stderr
        if is_grave or self._everything:
            shown = self._render(None, event["level"], event) if event else text
            with suppress(OSError):  # the terminal may be gone; unread pipes would stop the processes
                sys.stderr.writelines(f"{name:<9}| {part}\n" for part in str(shown).splitlines())
                sys.stderr.flush()

    def _written(self, name: str, text: str) -> str:
        """What went wrong, "" for nothing. Whatever it is, the process whose line it was goes on."""
        try:
            if name not in self._files:
                self._folder.mkdir(exist_ok=True)
                path = self._folder / f"{name}.log"
                self._files[name] = _File(path, maxBytes=FILE_BYTES, backupCount=FILES_KEPT, encoding="utf-8")
            self._files[name].emit(logging.makeLogRecord({"msg": text}))
        except OSError as error:
            self._files.pop(name, None)  # opened anew for the next line
            return error.strerror or type(error).__name__
        return ""

    def _note(self, name: str, wrong: str) -> None:
        if self._trouble.get(name, "") == wrong:
            return
        self._trouble[name] = wrong
        told = "\n".join(f"{name}.log: {why}" for name, why in sorted(self._trouble.items()) if why)
        with suppress(OSError):
            if told:
                (self._folder / TROUBLE).write_text(told)
            else:
                (self._folder / TROUBLE).unlink(missing_ok=True)


class _File(RotatingFileHandler):
    """Raises OSError for a line that could not be written, where logging would print a traceback."""

    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802  # as logging calls it
        error = sys.exc_info()[1]
        if isinstance(error, OSError):
            raise error
        super().handleError(record)


def _event(text: str) -> dict[str, Any] | None:
    """The log event that a line is, or None if it is something else."""
    try:
        event = json.loads(text) if text.startswith("{") else None
    except ValueError:
        return None
    return event if isinstance(event, dict) and isinstance(event.get("level"), str) else None
