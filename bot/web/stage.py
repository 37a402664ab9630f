"""The stage: a public feed of what Troupe published there. Needs no sign-in, runs no script."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import TYPE_CHECKING
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from markupsafe import Markup
from starlette.responses import HTMLResponse, RedirectResponse, Response

from agents.errors import NotFound
from bot.times import ago
from bot.web.media import FOR_EVER, face
from bot.web.sessions import troupe_of
from bot.web.site import render
from bot.web.times import time_html
from bot.web.words import prose

if TYPE_CHECKING:
    from storage.stage import StagePost

router = APIRouter(include_in_schema=False)

PAGE = 30
"""Posts at once, threads' later parts counted in."""
UTC = ZoneInfo("UTC")
"""Nobody knows where a public reader lives; the words beside it say how long ago it was."""


@router.get("/stage")
def feed(request: Request, before: str = "") -> HTMLResponse:
    troupe = troupe_of(request)
    posts = troupe.stage.feed(limit=PAGE, before=_moment(before))
    heads = [post for post in posts if not post.reply_to]
    continued = {post.reply_to for post in posts}
    older = f"/stage?before={posts[-1].created_at:%Y-%m-%dT%H:%M:%S.%fZ}" if len(posts) == PAGE else ""
    return _page(request, "The stage", [[post] for post in heads], continued=continued, older=older)


@router.get("/stage/{key}")
def post(request: Request, key: str) -> HTMLResponse:
    """The post with what it continues and what continues it."""
    stage = troupe_of(request).stage
    found = stage.get(key)
    if found is None:
        raise NotFound("This post is not on the stage.", remedy="It may have been taken down.")
    head = found
    while head.reply_to and (above := stage.get(head.reply_to)):
        head = above
    return _page(request, f"{found.author_name} on the stage", [stage.thread(head.key)], alone=key)


@router.get("/stage/{key}/picture/{id}")
def picture(request: Request, key: str, id: str) -> Response:
    """Public pictures are those of public posts, and no others."""
    troupe = troupe_of(request)
    found = troupe.stage.get(key)
    shown = {p.id for p in found.segment.pictures} if found else set()
    if found and found.segment.card and found.segment.card.thumb:
        shown.add(found.segment.card.thumb.id)
    if id not in shown:
        raise NotFound("There is no such picture on the stage.")
    data, kind = troupe.pictures.with_kind(id)
    return Response(data, media_type=kind, headers=FOR_EVER)


@router.get("/stage/{key}/avatar")
def avatar(request: Request, key: str) -> Response:
    troupe = troupe_of(request)
    found = troupe.stage.get(key)
    if found is None:
        raise NotFound("This post is not on the stage.")
    with troupe.storage.reading() as work:
        own = work.personas.get(found.persona_id).avatar
    if not own:
        return face(found.author_name)
    data, kind = troupe.pictures.with_kind(own)
    return Response(data, media_type=kind, headers=FOR_EVER)


@router.get("/stage/", include_in_schema=False)
def with_slash() -> RedirectResponse:
    return RedirectResponse("/stage")


def _page(
    request: Request,
    title: str,
    threads: list[list[StagePost]],
    *,
    alone: str = "",
    continued: Collection[str] = (),
    older: str = "",
) -> HTMLResponse:
    """alone: the key of the one post that was asked for, "" for the feed.  continued: keys of posts that go on."""
    now = troupe_of(request).clock()

    def when(moment: datetime) -> Markup:
        passed = ago(moment, now)
        words = {"": "", "now": "just now · "}.get(passed, f"{passed} ago · ")
        return Markup("{}{} UTC").format(words, time_html(moment, UTC, now))

    html = render(
        "stage.html",
        title=title,
        threads=threads,
        alone=alone,
        continued=continued,
        older=older,
        when=when,
        prose=prose,
    )
    return HTMLResponse(html)


def _moment(text: str) -> datetime | None:
    """None for anything that is no moment with a zone: then the feed begins at its top."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        return None
    return moment if moment.tzinfo else None
