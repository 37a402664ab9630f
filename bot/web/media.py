"""Pictures in and out: uploads, what was uploaded, and the faces of personas and people."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from starlette.responses import JSONResponse, RedirectResponse, Response

from agents.errors import Invalid, NotFound
from agents.events import Event, Subject
from agents.people import Role
from agents.personas.avatar import avatar_svg
from bot.web import assets
from bot.web.sessions import SignedIn, troupe_of

router = APIRouter(include_in_schema=False)

EXAMPLE = "example"
"""The picture of the gallery's cards."""
UPLOAD_LIMIT = 8_000_000
"""Bytes of one picture, as `integrations.images` takes it."""
FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}
"""A picture never changes under its id."""
SHORTLY = {"cache-control": "private, max-age=300"}
"""A face may be changed."""


@router.get("/picture/{id}")
def picture(id: str, request: Request, _: SignedIn) -> Response:
    if id == EXAMPLE:
        return RedirectResponse(assets.url("example.svg"), headers=SHORTLY)
    data, kind = troupe_of(request).pictures.with_kind(id)
    return Response(data, media_type=kind, headers=FOR_EVER)


@router.get("/file/{id}")
def file(id: str, request: Request, _: SignedIn) -> Response:
    """The same bytes, to keep instead of to look at."""
    data, kind = troupe_of(request).pictures.with_kind(id)
    return Response(data, media_type=kind, headers={**FOR_EVER, "content-disposition": "attachment"})


@router.get("/avatar/{id}")
def avatar(id: str, request: Request, _: SignedIn) -> Response:
    """Of a persona (its picture, if it has one), of a person, or of Troupe."""
    if id == "troupe":
        return RedirectResponse(assets.url("troupe.svg"), headers=SHORTLY)
    with troupe_of(request).storage.reading() as work:
        try:
            persona = work.personas.get(id)
        except NotFound:
            return face(work.people.get(id).name)
    return (
        RedirectResponse(f"/picture/{persona.avatar}", headers=SHORTLY)
        if persona.avatar
        else face(persona.name)
    )


def face(name: str) -> Response:
    return Response(avatar_svg(name), media_type="image/svg+xml", headers=SHORTLY)


@router.post("/upload")
def upload(request: Request, visitor: SignedIn, picture: Annotated[UploadFile, File()]) -> Response:
    """Checks and keeps a picture; a form then carries its id. Raises Invalid for what is none, Forbidden to viewers."""
    troupe, person = troupe_of(request), visitor.person
    person.must_be(Role.EDITOR, "add pictures")
    data = picture.file.read(UPLOAD_LIMIT + 1)
    if len(data) > UPLOAD_LIMIT:
        raise Invalid("The picture is larger than 8 MB.", remedy="Choose a smaller one.", field="picture")
    fitted, kind, width, height = troupe.images.prepare(data)
    with troupe.storage.unit_of_work() as work:
        kept = work.pictures.add(fitted, kind, width, height, person.id, work.now)
        work.record(
            Event("picture.added", Subject("picture", kept.id), person.actor, after={"bytes": len(fitted)})
        )
    return JSONResponse({"id": kept.id, "url": f"/picture/{kept.id}"})
