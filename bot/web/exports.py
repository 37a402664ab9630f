"""Tables for people who are signed in; programs get them under /api."""

from __future__ import annotations

from datetime import timedelta
from typing import Annotated

from fastapi import APIRouter, Query, Request
from starlette.responses import Response

from bot.exports import alerts_csv
from bot.web.sessions import SignedIn, troupe_of

router = APIRouter(include_in_schema=False)


@router.get("/alerts.csv")
def alerts(request: Request, _: SignedIn, weeks: Annotated[int, Query(ge=1, le=26)] = 4) -> Response:
    with troupe_of(request).storage.reading() as work:
        text = alerts_csv(work.alerts.between(work.now - timedelta(weeks=weeks), work.now))
    headers = {"content-disposition": "attachment; filename=alerts.csv", "cache-control": "no-store"}
    return Response(text, media_type="text/csv; charset=utf-8", headers=headers)
