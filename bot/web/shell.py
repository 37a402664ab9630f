"""The frame around every signed-in page: NiceGUI's document with its socket, and our HTML in its body.

The page is there before any script runs. NiceGUI's inline scripts get a nonce before our HTML, which holds what others
wrote, is put in: so no script in it could ever run, and no evaluation of text as code is allowed at all.
"""

from __future__ import annotations

import secrets

from fastapi import Request
from markupsafe import Markup
from nicegui import Client, ui
from starlette.responses import HTMLResponse

_PLACE = "<!--troupe-->"
_PAGE = ui.page("", dark=None, language="en-US", viewport="width=device-width, initial-scale=1")
THEMES = ("light", "dark")


def frame(request: Request, title: str, body: Markup, head: Markup, *, status: int = 200) -> HTMLResponse:
    """head: our style sheet and scripts, files only."""
    nonce = secrets.token_urlsafe(16)
    with Client(_PAGE, request=request) as client:
        client.title = title
        ui.add_head_html(str(head))
        ui.add_body_html(_PLACE)
    document = bytes(client.build_response(request, status).body).decode()
    document = document.replace("<script", f'<script nonce="{nonce}"').replace("<html", _opening(request), 1)
    return HTMLResponse(
        document.replace(_PLACE, body, 1),
        status_code=status,
        headers={"cache-control": "no-store", "content-security-policy": _policy(nonce)},
    )


def _opening(request: Request) -> str:
    """With the theme that was chosen, so that no page flashes in the other one."""
    theme = request.cookies.get("troupe_theme", "")
    return f'<html data-theme="{theme}"' if theme in THEMES else "<html"


def _policy(nonce: str) -> str:
    """Styles may be inline: Vue and Quasar set them. blob: shows a picture before it is sent."""
    return (
        f"default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'unsafe-inline'; "
        "img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; form-action 'self'; "
        "base-uri 'none'; frame-ancestors 'none'"
    )
