"""How a page is made: one reading transaction in a thread, a template, and the frame around it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

from fastapi import APIRouter, Request
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.concurrency import run_in_threadpool
from starlette.responses import Response

from agents.errors import NotSignedIn
from agents.events import Subject
from agents.people import Person
from bot.cards import Author
from bot.times import ago, zone_named
from bot.web import assets, words
from bot.web.drawing import counts, items, live
from bot.web.render import avatar_html, button_html
from bot.web.sessions import HOW_TO_SIGN_IN, NOT_SIGNED_IN, token_of, troupe_of, visitor
from bot.web.shell import THEMES, frame
from bot.web.times import time_html

if TYPE_CHECKING:
    from bot.wiring import Troupe
    from storage.unit_of_work import UnitOfWork

router = APIRouter(include_in_schema=False)

TEMPLATES = Environment(
    loader=FileSystemLoader(Path(__file__).parent / "templates"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
)
TEMPLATES.filters |= {
    "shown": words.shown,
    "prose": words.prose,
    "attribute": words.attribute,
    "button": button_html,
}
TEMPLATES.globals |= {"asset": assets.url, "link": words.link}

MENU = (
    ("/queue", "Review queue"),
    ("/tasks", "Tasks"),
    ("/calendar", "Calendar"),
    ("/personas", "Personas"),
    ("/people", "People"),
    ("/audit", "Audit trail"),
    ("/status", "Status"),
    ("/runbooks", "Runbooks"),
    ("/gallery", "Gallery"),
    ("/stage", "The stage"),
)


@dataclass(frozen=True, slots=True)
class View:
    """What a page is built from."""

    troupe: Troupe
    work: UnitOfWork
    person: Person
    request: Request

    @property
    def zone(self) -> ZoneInfo:
        return zone_named(self.person.zone)

    def asked(self, name: str) -> str:
        """Of the query, "" where it is not given; at most 200 characters are anybody's honest question."""
        return self.request.query_params.get(name, "")[:200]

    def card(self, subject: Subject) -> Markup:
        return live(subject, self.work, self.person)

    def render(self, template: str, **values: Any) -> Markup:
        return render(template, view=self, **values)

    def time(self, moment: Any) -> Markup:
        return time_html(moment, self.zone, self.work.now)

    def ago(self, moment: Any) -> str:
        return ago(moment, self.work.now)

    def avatar(self, name: str, id: str, kind: Any = "persona", picture: str = "") -> Markup:
        return avatar_html(Author(name, kind, id, picture))

    def items(self, messages: Any) -> Markup:
        return items(messages, self.work, self.person)


@dataclass(frozen=True, slots=True)
class Page:
    """title: of the window.  data: told to the page's script, as data-… of its outermost element."""

    title: str
    body: Markup
    data: Mapping[str, str | int] = field(default_factory=dict)
    status: int = 200


Build = Callable[..., Page]


def render(template: str, **values: Any) -> Markup:
    return Markup(TEMPLATES.get_template(template).render(**values))  # noqa: S704  autoescaped


def page(path: str) -> Callable[[Build], Build]:
    """Serves what `build(view, **path parameters)` makes, to people who are signed in."""

    def enter(build: Build) -> Build:
        async def serve(request: Request) -> Response:
            title, body, status = await run_in_threadpool(_make, request, build)
            return frame(request, f"{title} · Troupe", body, _HEAD, status=status)

        router.add_api_route(path, serve, methods=["GET"])
        return build

    return enter


def _make(request: Request, build: Build) -> tuple[str, Markup, int]:
    """Raises TroupeError."""
    troupe = troupe_of(request)
    with troupe.storage.reading() as work:
        mark = work.events.last_id()
        found = visitor(work, token_of(request, troupe.settings))
        if found is None:
            raise NotSignedIn(NOT_SIGNED_IN, remedy=HOW_TO_SIGN_IN)
        view = View(troupe, work, found.person, request)
        made = build(view, **request.path_params)
        body = view.render(
            "frame.html",
            title=made.title,
            body=made.body,
            data={"mark": mark, **dict(made.data)},
            menu=MENU,
            path=request.url.path,
            channels=[c for c in work.channels.on("console") if c.direct_to in ("", found.person.id)],
            **counts(work),
            theme=request.cookies.get("troupe_theme", "")
            if request.cookies.get("troupe_theme") in THEMES
            else "",
        )
    return made.title, body, made.status


_HEAD = Markup('<link rel="stylesheet" href="{}"><script type="module" src="{}"></script>').format(
    assets.url("style.css"), assets.url("console.js")
)
