"""PUT /api/rotas/{rota}/calendars/{name}: a calendar file becomes the shifts of a rota."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Annotated

from fastapi import APIRouter, Body, Request
from pydantic import BaseModel, Field

from agents.oncall import shifts
from agents.oncall.shifts import Entry
from agents.people import Role
from bot.commands.oncall_rota import reading
from bot.ports import Ports
from bot.web.api.access import Asking, troupe_of
from bot.web.api.bodies import KeyedRoute
from integrations.calendars import MEDIA_TYPE


class CalendarRoute(KeyedRoute):
    kind = MEDIA_TYPE


router = APIRouter(route_class=CalendarRoute, tags=["Asking"])


class ImportedOut(BaseModel):
    rota: str = Field(examples=["primary"])
    calendar: str = Field(examples=["holidays"])
    shifts: int = Field(description="Taken: those of the next year.")


@router.put("/rotas/{rota}/calendars/{name}", summary="Import a calendar into a rota")
def put(
    request: Request,
    caller: Asking,
    rota: str,
    name: str,
    calendar: Annotated[bytes, Body(media_type=MEDIA_TYPE, description="An iCalendar file of at most 1 MB.")],
) -> ImportedOut:
    """Each event is a shift of the person whom its attendee or its title names. All of them are taken, or none; those that
    were imported under that name before are replaced."""
    dispatcher, correlation = troupe_of(request).dispatcher, request.state.correlation
    person, via = caller.person, caller.via

    def look(ports: Ports) -> Callable[[], Sequence[Entry]]:
        person.must_be(Role.MANAGER, "import a calendar")
        return reading(calendar, ports.work.rotas.by_name(rota), ports)

    entries = dispatcher.act(look, person, "rota.import_refused", via=via, correlation=correlation)()

    def keep(ports: Ports) -> str:
        found = ports.work.rotas.by_name(rota)
        return shifts.put_calendar(found.id, name, entries, person, ports.work, via=via).name

    kept = dispatcher.act(keep, person, "rota.import_refused", via=via, correlation=correlation)
    return ImportedOut(rota=kept, calendar=name, shifts=len(entries))
