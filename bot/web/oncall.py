"""GET /oncall/ROTA.ics: the calendar of a rota, for calendar programs that know nothing but an address."""

from __future__ import annotations

from datetime import timedelta

from fastapi import APIRouter, Request
from starlette.responses import Response

from agents.errors import Forbidden
from agents.oncall.rota import shifts
from agents.people import Role
from bot.web.api.access import admit
from bot.web.sessions import signed_in, troupe_of

router = APIRouter(include_in_schema=False)

AHEAD = timedelta(days=90)


@router.get("/oncall/{name}.ics")
def calendar(name: str, request: Request, key: str = "") -> Response:
    """The next 90 days.  key: an API key, which only opens it if its role is viewer; without one, who is signed in.

    An address is kept by the calendar's server, and shown to whoever it is shared with: nothing more should be done with it.
    """
    _admit(request, key)
    troupe = troupe_of(request)
    with troupe.storage.reading() as work:
        rota = work.rotas.by_name(name)
        found = shifts(rota, work.rotas.overrides(work.now, rota.id), work.now, work.now + AHEAD)
        names = {person.id: person.name for person in work.people.everyone(removed=True)}
        now = work.now
    from integrations import calendars  # only where one is asked for

    return Response(
        calendars.write(rota, found, names, now),
        media_type=calendars.MEDIA_TYPE,
        headers={
            "content-disposition": f'attachment; filename="{rota.name}.ics"',
            "cache-control": "private, no-store",
            "referrer-policy": "no-referrer",
        },
    )


def _admit(request: Request, key: str) -> None:
    """Blocks on the database. Raises NotSignedIn, Forbidden or TooMany."""
    if not key:
        signed_in(request)
    elif admit(request, token=key).key.role is not Role.VIEWER:
        raise Forbidden(
            "Only an API key with the role viewer opens a calendar: its address is kept by others.",
            remedy="./troupe api-key create calendar --role viewer makes one.",
        )
