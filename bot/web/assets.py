"""Our own style sheet, scripts and drawings. Their address holds a hash of them all, so browsers may keep them for ever."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

FOLDER = Path(__file__).parent / "static"


def _version() -> str:
    digest = sha256()
    for file in sorted(FOLDER.iterdir()):
        digest.update(file.name.encode() + file.read_bytes())
    return digest.hexdigest()[:12]


VERSION = _version()


def url(name: str) -> str:
    """Scripts import one another by relative address, so they come from the same version."""
    return f"/assets/{VERSION}/{name}"


class Assets(StaticFiles):
    """Any version is answered with the present file; only the present version's may be kept."""

    def __init__(self) -> None:
        super().__init__(directory=FOLDER)

    async def get_response(self, path: str, scope: Scope) -> Response:
        version, _, name = path.partition("/")
        answer = await super().get_response(name or version, scope)
        kept = "public, max-age=31536000, immutable" if version == VERSION else "no-cache"
        answer.headers["cache-control"] = kept
        return answer
