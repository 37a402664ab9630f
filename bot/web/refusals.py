"""What a request is told when it cannot be served: words for people, one JSON shape for programs."""

from __future__ import annotations

from markupsafe import Markup
from starlette.requests import HTTPConnection
from starlette.responses import HTMLResponse, Response

from bot.web import assets
from bot.web.api.errors import told
from bot.web.words import shown

_PAGE = Markup(
    '<!doctype html><html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
    '<title>{what}</title><link rel="stylesheet" href="{style}"></head>'
    '<body class="plain-page"><main><img src="{logo}" alt="" width="56" height="56">'
    "<h1>{what}</h1><p>{remedy}</p>{more}</main></body></html>"
)


def wants_json(connection: HTTPConnection) -> bool:
    """Programs: everything under /api, and whoever asks for JSON."""
    accept = connection.headers.get("accept", "")
    return connection.url.path.startswith("/api") or ("json" in accept and "html" not in accept)


def refusal(
    connection: HTTPConnection,
    status: int,
    code: str,
    what: str,
    remedy: str = "",
    more: Markup | None = None,
) -> Response:
    """code: a stable word for programs.  what, remedy: sentences.  more: HTML under them, for people only."""
    if wants_json(connection):
        return told(connection, status, code, what, remedy)
    return HTMLResponse(
        _PAGE.format(
            what=shown(what),
            remedy=shown(remedy),
            more=more or Markup(),
            style=assets.url("style.css"),
            logo=assets.url("troupe.svg"),
        ),
        status_code=status,
    )
