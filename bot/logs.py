"""Logs: events with constant names and fields of ids, pretty at a terminal, one JSON object a line elsewhere, to stdout.

Whoever logs through the standard library (uvicorn, RQ, SQLAlchemy, NiceGUI, a warning, an uncaught exception) comes out
the same way. A known secret never does: each is replaced by value, wherever it stands, also in a traceback.
"""

import json
import logging
import re
import sys
import threading
from collections.abc import Iterable
from types import TracebackType
from typing import Any, Literal, TextIO
from urllib.parse import quote, quote_plus

import structlog
from structlog.typing import EventDict, Processor

Form = Literal["auto", "console", "json"]

REDACTED = "[redacted]"
SHORTEST_SECRET = 6  # characters; replacing shorter values would riddle the logs, and they protect nothing

# An access line holds the whole address, tokens of sign-in links included; each door logs what matters itself.
QUIET = {"uvicorn.access": logging.WARNING, "httpx": logging.WARNING, "httpcore": logging.WARNING}
OWN_HANDLERS = (
    "uvicorn",
    "uvicorn.error",
    "uvicorn.access",
    "rq.worker",
    "rq.scheduler",
    "sqlalchemy",
    "nicegui",
)

_known: set[str] = set()
_pattern: re.Pattern[str] | None = None
_growing = threading.Lock()


def redact(value: str) -> None:
    """From now on `value` is shown in no log of this process, as it is or as it looks inside JSON, repr() or a URL."""
    global _pattern
    if len(value) < SHORTEST_SECRET:
        return
    with _growing:
        _known.update(
            (value, repr(value)[1:-1], json.dumps(value)[1:-1], quote(value, safe=""), quote_plus(value))
        )
        _pattern = re.compile("|".join(re.escape(known) for known in sorted(_known, key=len, reverse=True)))


def clean(value: Any) -> Any:
    """`value` without known secrets, at any depth. What is neither text, number nor collection becomes its repr()."""
    match value:
        case None | bool():
            return value
        case int() | float():
            text = _without_secrets(str(value))
            return value if text == str(value) else text
        case str():
            return _without_secrets(value)
        case dict():
            return {
                clean(key) if isinstance(key, str) else clean(repr(key)): clean(item)
                for key, item in value.items()
            }
        case list() | tuple() | set() | frozenset():
            return [clean(item) for item in value]
        case _:
            return _without_secrets(repr(value))


def _without_secrets(text: str) -> str:
    return _pattern.sub(REDACTED, text) if _pattern else text


def setup(
    *, level: str = "INFO", form: Form = "auto", secrets: Iterable[str] = (), stream: TextIO | None = None
) -> None:
    """Set up the logs of this process. Call it once, at the door, before anything logs.

    stream: stdout unless given; stderr for a command whose output is read by programs.
    """
    for secret in secrets:
        redact(secret)
    stream = stream or sys.stdout
    handler = logging.StreamHandler(stream)
    handler.setFormatter(
        structlog.stdlib.ProcessorFormatter(
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _clean_event,
                renderer(form, stream),
            ],
            foreign_pre_chain=_shared(),
        )
    )
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for name in OWN_HANDLERS:
        logging.getLogger(name).handlers.clear()
        logging.getLogger(name).propagate = True
    for name, least in QUIET.items():
        logging.getLogger(name).setLevel(least)
    structlog.configure(
        processors=[*_shared(), structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.make_filtering_bound_logger(level),
        cache_logger_on_first_use=True,
    )
    logging.captureWarnings(True)
    sys.excepthook = _uncaught
    threading.excepthook = lambda args: _uncaught(args.exc_type, args.exc_value, args.exc_traceback)


def renderer(form: Form, stream: TextIO) -> Processor:
    """An event dictionary -> its line on `stream`: coloured for people, or JSON. auto: as the stream is a terminal or not."""
    if form == "console" or (form == "auto" and stream.isatty()):
        return structlog.dev.ConsoleRenderer(exception_formatter=structlog.dev.plain_traceback)
    return structlog.processors.JSONRenderer()


def _shared() -> list[Processor]:
    return [
        structlog.contextvars.merge_contextvars,  # correlation id, person, persona, job: bound once, at the door
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]


def _clean_event(_logger: Any, _method: str, event: EventDict) -> EventDict:
    """The last step before the line is written, so that nothing a later step adds escapes it."""
    cleaned: EventDict = clean(event)
    return cleaned


def _uncaught(kind: type[BaseException], error: BaseException | None, trace: TracebackType | None) -> None:
    if error is None or issubclass(kind, KeyboardInterrupt):
        sys.__excepthook__(kind, error or kind(), trace)
        return
    logging.getLogger("troupe").critical("process.failed", exc_info=(kind, error, trace))
