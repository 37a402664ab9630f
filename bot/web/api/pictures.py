"""POST /api/pictures: the one thing that cannot be typed."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile

from agents.events import Event, Subject
from agents.people import Role
from bot.ports import Ports
from bot.web.api.access import Asking, troupe_of
from bot.web.api.bodies import UploadRoute
from bot.web.api.shapes import PictureOut

router = APIRouter(route_class=UploadRoute, tags=["Asking"])


@router.post("/pictures", summary="Add a picture", status_code=201)
def add(
    request: Request,
    caller: Asking,
    picture: Annotated[UploadFile, File(description="PNG, JPEG or WebP, at most 8 MB.")],
) -> PictureOut:
    """Its id goes into the `picture` field of a form, such as that of *Add a picture…* under a draft."""
    person, troupe = caller.person, troupe_of(request)
    data, kind, width, height = troupe.images.prepare(picture.file.read())

    def keep(ports: Ports) -> str:
        person.must_be(Role.EDITOR, "add pictures")
        work = ports.work
        kept = work.pictures.add(data, kind, width, height, person.id, work.now)
        about, actor = Subject("picture", kept.id), person.acting(caller.via)
        work.record(Event("picture.added", about, actor, after={"bytes": len(data)}))
        return kept.id

    correlation = request.state.correlation
    id = troupe.dispatcher.act(keep, person, "picture.refused", via=caller.via, correlation=correlation)
    return PictureOut(id=id, width=width, height=height, bytes=len(data), kind=kind)
