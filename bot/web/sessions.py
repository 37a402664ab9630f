"""Who is signed in: the session cookie, the sign-in link, signing out."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING, Annotated
from urllib.parse import quote

from fastapi import APIRouter, Depends, Request
from markupsafe import Markup
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, RedirectResponse, Response

from agents.errors import NotFound, NotSignedIn
from agents.events import Event, Subject
from agents.people import Person
from bot.settings import Settings
from bot.web import assets
from bot.web.refusals import refusal
from bot.web.words import attribute
from storage.access import SESSION_LIVES

if TYPE_CHECKING:
    from bot.wiring import Troupe
    from storage.unit_of_work import UnitOfWork

router = APIRouter(include_in_schema=False)

NOT_SIGNED_IN = "You are not signed in."
HOW_TO_SIGN_IN = (
    "Run ./troupe sign-in in Troupe's folder and open the link it prints, or ask Troupe for one in your chat."
)


@dataclass(frozen=True, slots=True)
class Visitor:
    """A signed-in browser.  token: its session's, as in the cookie."""

    person: Person
    token: str


def cookie_name(settings: Settings) -> str:
    """With the port, because a browser shares the cookies of one host between all its ports."""
    return "__Host-troupe" if _secure(settings) else f"troupe_{settings.port}"


def _secure(settings: Settings) -> bool:
    return (settings.public_url or "").startswith("https://")


def token_of(connection: HTTPConnection, settings: Settings) -> str:
    """ "" without a cookie."""
    return connection.cookies.get(cookie_name(settings), "")


def visitor(work: UnitOfWork, token: str) -> Visitor | None:
    """Whose session it is; None once it expired, was ended, or its person was removed."""
    person_id = work.access.session_person(token, work.now) if token else None
    if person_id is None:
        return None
    try:
        person = work.people.get(person_id)
    except NotFound:
        return None
    return Visitor(person, token) if person.removed_at is None else None


def troupe_of(connection: HTTPConnection) -> Troupe:
    troupe: Troupe = connection.app.state.troupe
    return troupe


def signed_in(request: HTTPConnection) -> Visitor:
    """A FastAPI dependency, run in a thread. Raises NotSignedIn."""
    troupe = troupe_of(request)
    with troupe.storage.reading() as work:
        found = visitor(work, token_of(request, troupe.settings))
    if found is None:
        raise NotSignedIn(NOT_SIGNED_IN, remedy=HOW_TO_SIGN_IN)
    return found


SignedIn = Annotated[Visitor, Depends(signed_in)]

_ASK = Markup(
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>Sign in to Troupe</title><link rel="stylesheet" href="{style}">'
    '<script src="{script}" defer></script></head><body class="plain-page"><main>'
    '<img src="{logo}" alt="" width="56" height="56"><h1>Sign in to Troupe</h1>'
    '<p>This link works once.</p><form method="post" action="/sign-in/{code}" id="sign-in">'
    '<button class="button primary" autofocus>Sign in</button></form></main></body></html>'
)


@router.get("/sign-in/{code}")
def ask(code: str) -> HTMLResponse:
    """Only asks: chats and mail programs fetch links to preview them, and must not use this one up."""
    html = _ASK.format(
        code=attribute(quote(code, safe="")),
        style=assets.url("style.css"),
        logo=assets.url("troupe.svg"),
        script=assets.url("sign-in.js"),
    )
    return HTMLResponse(html, headers={"cache-control": "no-store"})


@router.post("/sign-in/{code}")
def sign_in(code: str, request: Request) -> Response:
    troupe = troupe_of(request)
    try:
        with troupe.storage.unit_of_work() as work:
            person = work.people.get(work.access.use_code(code, work.now))
            if person.removed_at is not None:
                raise NotSignedIn(
                    f"{person.name} was removed from this team.", remedy="Ask an owner for an invitation."
                )
            token = work.access.open_session(person.id, work.now)
            work.record(Event("session.opened", Subject("person", person.id), person.actor))
    except (NotSignedIn, NotFound) as error:
        return refusal(request, 403, "not_signed_in", error.what, error.remedy)
    answer = RedirectResponse("/", 303, headers={"cache-control": "no-store"})
    answer.set_cookie(
        cookie_name(troupe.settings),
        token,
        max_age=int(SESSION_LIVES.total_seconds()),
        httponly=True,
        secure=_secure(troupe.settings),
        samesite="lax",
        path="/",
    )
    return answer


@router.post("/sign-out")
def sign_out(request: Request, everywhere: bool = False) -> Response:
    """everywhere: every browser of this person; their open pages stop at once."""
    troupe = troupe_of(request)
    with troupe.storage.unit_of_work() as work:
        found = visitor(work, token_of(request, troupe.settings))
        if found:
            about = Subject("person", found.person.id)
            ended = _end(work, found, everywhere, work.now)
            work.record(Event("session.ended", about, found.person.actor, after={"browsers": ended}))
    more = Markup('<p class="muted">Run ./troupe sign-in, or ask Troupe in your chat, for a new link.</p>')
    answer = refusal(request, 200, "signed_out", "You are signed out.", "", more)
    answer.delete_cookie(
        cookie_name(troupe.settings), path="/", secure=_secure(troupe.settings), httponly=True, samesite="lax"
    )
    return answer


def _end(work: UnitOfWork, found: Visitor, everywhere: bool, now: datetime) -> int:
    if everywhere:
        return work.access.sign_out_everywhere(found.person.id, now)
    work.access.sign_out(found.token, now)
    return 1
