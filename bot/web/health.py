"""Whether this process lives, and whether Troupe as a whole can do its work."""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from fastapi import APIRouter, Request
from sqlalchemy.exc import SQLAlchemyError
from starlette.responses import JSONResponse

from bot.web.sessions import troupe_of

if TYPE_CHECKING:
    from bot.wiring import Troupe

router = APIRouter(include_in_schema=False)

FRESH = timedelta(seconds=15)
"""A process that gave no sign of life for longer is gone; it gives one every 5 s (`bot.heart`)."""
NEEDED = ("worker", "clock")
"""Kinds of process of which one has to live."""


@router.get("/healthz")
def alive() -> JSONResponse:
    return JSONResponse({"alive": True})


@router.get("/readyz")
def ready(request: Request) -> JSONResponse:
    """200 when everything answers, else 503; the supervisor and balancers wait for it."""
    found = checks(troupe_of(request))
    good = all(found.values())
    return JSONResponse({"ready": good, "checks": found}, status_code=200 if good else 503)


def checks(troupe: Troupe) -> dict[str, bool]:
    """database, redis, worker, clock: whether each answers."""
    kinds: set[str] = set()
    database = True
    try:
        with troupe.storage.reading() as work:
            kinds = {beat.kind for beat in work.switches.beats(work.now - FRESH)}
    except SQLAlchemyError:
        database = False
    return {"database": database, "redis": troupe.bell.answers()} | {kind: kind in kinds for kind in NEEDED}
