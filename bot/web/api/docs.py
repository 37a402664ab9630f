"""/api/docs: the API's page, which asks nobody on the internet for its scripts."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse, HTMLResponse

from agents.errors import NotFound

router = APIRouter(include_in_schema=False)

OURS = Path(__file__).parent / "page"
CSP = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "connect-src 'self'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"
)
"""Styles may be inline: Swagger UI sets them."""


def _packed() -> Path:
    """Swagger UI's own files, out of the package that brings them; only found, never imported."""
    spec = find_spec("fastapi_offline")
    if spec is None or spec.origin is None:
        raise RuntimeError("fastapi-offline is not installed; ./troupe up installs what is locked")
    return Path(spec.origin).parent / "static"


FILES = {
    "start.js": OURS / "start.js",
    "swagger-ui-bundle.js": _packed() / "swagger-ui-bundle.js",
    "swagger-ui.css": _packed() / "swagger-ui.css",
}


@router.get("/docs")
def page() -> HTMLResponse:
    return HTMLResponse((OURS / "index.html").read_text(), headers={"Content-Security-Policy": CSP})


@router.get("/docs/{name}")
def file(name: str) -> FileResponse:
    if name not in FILES:
        raise NotFound("There is no such file.", remedy="/api/docs is the page.")
    return FileResponse(FILES[name], headers={"Cache-Control": "public, max-age=3600"})
