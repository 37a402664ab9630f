"""What a task hands over: the files below output/, with a picture of each that can be shown."""

from __future__ import annotations

import mimetypes
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any

import structlog

from agents.errors import TroupeError
from agents.tasks.artifact import FILE_LIMIT, FILES_LIMIT
from agents.tasks.proof import OUTPUT
from agents.tasks.tools import Entry, Record, Workspace

log = structlog.get_logger()

SHOWN = frozenset({"image/png", "image/jpeg", "image/webp"})
PLAIN = "application/octet-stream"


def hand_over(
    files: Sequence[Entry], workspace: Workspace, record: Record, outside: Mapping[str, Any]
) -> tuple[str, ...]:
    """files: all of the workspace. What cannot be handed over, in sentences; what was handed over before is not again."""
    found = [entry for entry in files if not entry.is_folder and entry.path.startswith(f"{OUTPUT}/")]
    before = {artifact.path: artifact.sha256 for artifact in record.deliverables()}
    lacks = []
    if len(found) > FILES_LIMIT:
        lacks.append(
            f"There are {len(found)} files below {OUTPUT}/; at most {FILES_LIMIT} can be handed over."
        )
    for entry in found[:FILES_LIMIT]:
        if entry.size > FILE_LIMIT:
            lacks.append(f"{entry.path} has {entry.size:,} bytes; at most {FILE_LIMIT:,} can be handed over.")
            continue
        path, data = entry.path.removeprefix(f"{OUTPUT}/"), workspace.read(entry.path, FILE_LIMIT)
        if before.get(path) != sha256(data).hexdigest():
            kind = mimetypes.guess_type(path)[0] or PLAIN
            record.deliver(path, data, kind, _preview(data, kind, outside))
    return tuple(lacks)


def _preview(data: bytes, kind: str, outside: Mapping[str, Any]) -> bytes:
    """A picture of it, b"" where there is none. What cannot be drawn is handed over without."""
    try:
        if kind in SHOWN:
            from integrations.images.prepare import fit

            return fit(data).data
        draw = getattr(outside.get("report"), "first_page", None)
        if kind == "application/pdf" and draw is not None:
            return bytes(draw(data))
    except TroupeError as error:
        log.info("artifact.no_preview", why=error.what)
    return b""
