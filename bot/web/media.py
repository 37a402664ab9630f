"""Pictures in and out: uploads, what was uploaded, and the faces of personas and people."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, File, Request, UploadFile
from starlette.responses import JSONResponse, RedirectResponse, Response

from agents.errors import NotFound
from agents.personas.avatar import avatar_svg
from bot.pictures import UPLOAD_LIMIT
from bot.web import assets
from bot.web.downloads import download
from bot.web.sessions import SignedIn, troupe_of

router = APIRouter(include_in_schema=False)

EXAMPLE = "example"
"""The picture of the gallery's cards."""
FOR_EVER = {"cache-control": "private, max-age=31536000, immutable"}
"""A picture never changes under its id."""
SHORTLY = {"cache-control": "private, max-age=300"}
"""A face may be changed."""
PUBLIC = {"cache-control": "public, max-age=3600"}


@router.get("/picture/{id}")
def picture(id: str, request: Request, _: SignedIn) -> Response:
    if id == EXAMPLE:
        return RedirectResponse(assets.url("example.svg"), headers=SHORTLY)
    data, kind = troupe_of(request).pictures.with_kind(id)
    return Response(data, media_type=kind, headers=FOR_EVER)


@router.get("/file/{id}")
def file(id: str, request: Request, _: SignedIn) -> Response:
    """What a task handed over, to keep: never shown inside of a page of ours, whatever is in it."""
    return download(*troupe_of(request).handed_over(id))


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


@router.get("/face/{persona_id}.png")
def public_face(persona_id: str, request: Request) -> Response:
    """A persona's, for chats that fetch it themselves and so cannot sign in. It is what everybody sees there anyway."""
    troupe = troupe_of(request)
    with troupe.storage.reading() as work:
        persona = work.personas.get(persona_id)
    data = troupe.face(persona)
    return Response(data, media_type="image/png", headers=PUBLIC)


def face(name: str) -> Response:
    return Response(avatar_svg(name), media_type="image/svg+xml", headers=SHORTLY)


@router.post("/upload")
def upload(request: Request, visitor: SignedIn, picture: Annotated[UploadFile, File()]) -> Response:
    """Checks and keeps a picture; a form then carries its id. Raises Invalid for what is none, Forbidden to viewers."""
    data = picture.file.read(UPLOAD_LIMIT + 1)
    id = troupe_of(request).keep_picture(data, visitor.person)
    return JSONResponse({"id": id, "url": f"/picture/{id}"})
