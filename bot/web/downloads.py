"""A file as an answer that is kept, and never run or shown in the console's own place."""

from __future__ import annotations

from urllib.parse import quote

from starlette.responses import Response

from agents.tasks.artifact import Artifact

HEADERS = {
    "cache-control": "private, no-store",
    "x-content-type-options": "nosniff",
    "content-security-policy": "sandbox",
}


def download(file: Artifact, data: bytes) -> Response:
    """A page that was made by a persona is a file like any other: it is only ever saved."""
    kind = file.kind if "html" not in file.kind and "svg" not in file.kind else "application/octet-stream"
    headers = {**HEADERS, "content-disposition": disposition(file.path)}
    return Response(data, media_type=kind, headers=headers)


def disposition(path: str) -> str:
    """As RFC 6266 wants it: a plain name for old programs, the true one beside it."""
    name = path.rpartition("/")[2] or "file"
    plain = "".join(c if c.isascii() and (c.isalnum() or c in "._- ") else "_" for c in name)
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
