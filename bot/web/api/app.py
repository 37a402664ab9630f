"""The HTTP API as an application of its own under /api: its errors, its page and its doors are nobody else's."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException

from agents.errors import TroupeError
from bot.web.api import alerts, asks, docs, pictures, reads, rotas, tasks
from bot.web.api.errors import on_http_error, on_troupe_error, on_wrong_values
from bot.web.api.limits import Limits
from bot.web.api.shapes import ErrorOut
from bot.web.api.trace import Trace

if TYPE_CHECKING:
    from bot.wiring import Troupe

ABOUT = """Whatever can be done by hand can be scripted: `POST /api/commands` runs any command and answers its card,
`POST /api/actions` presses a button of it. `POST /api/tasks` hands over a piece of work. `POST /api/alerts` tells of what
went wrong elsewhere. Everything else here only looks.

Make a key with `./troupe api-key create NAME --role ROLE` and send it as `Authorization: Bearer troupe_…`. A key acts as
the person who made it, never above its own role, and decides about posts only where the persona's policy lets keys.

Every error has one shape, and every answer an `X-Correlation-Id`, under which the log and the audit trail have it."""

ERRORS: dict[int | str, dict[str, Any]] = {
    400: {"model": ErrorOut, "description": "The body cannot be read."},
    401: {"model": ErrorOut, "description": "No good API key."},
    402: {"model": ErrorOut, "description": "It would take the persona over its budget."},
    403: {"model": ErrorOut, "description": "The key's person or role may not; it is in the audit trail."},
    404: {"model": ErrorOut, "description": "Nothing has that name or id; the nearest is offered."},
    409: {
        "model": ErrorOut,
        "description": "Somebody was faster, or the content has changed. Nothing was done twice.",
    },
    413: {"model": ErrorOut, "description": "The body is too large."},
    415: {"model": ErrorOut, "description": "The body is of the wrong type."},
    422: {
        "model": ErrorOut,
        "description": "A value cannot be used; `field` says which, `fields` for a whole form.",
    },
    423: {"model": ErrorOut, "description": "Troupe is halted."},
    429: {"model": ErrorOut, "description": "Too often; `Retry-After` says how long to wait."},
    500: {"model": ErrorOut, "description": "A fault of ours; nothing was changed."},
    502: {"model": ErrorOut, "description": "A platform did not do its part."},
}


def make(troupe: Troupe, limits: Limits) -> FastAPI:
    """To be mounted under /api."""
    api = FastAPI(
        title="Troupe",
        version="1",
        description=ABOUT,
        docs_url=None,
        redoc_url=None,
        redirect_slashes=False,
        separate_input_output_schemas=False,
        responses=ERRORS,
    )
    api.state.troupe, api.state.limits = troupe, limits
    api.add_exception_handler(TroupeError, on_troupe_error)
    api.add_exception_handler(HTTPException, on_http_error)
    api.add_exception_handler(RequestValidationError, on_wrong_values)
    for router in (
        asks.router,
        tasks.router,
        alerts.router,
        rotas.router,
        pictures.router,
        reads.router,
        docs.router,
    ):
        api.include_router(router)
    api.add_middleware(Trace)
    return api
