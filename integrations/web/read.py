"""One page, fetched through the guarded door and made into text that a persona can cite."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path
from urllib.parse import unquote, urlsplit

from agents.tasks.toolbox.web import Page
from agents.tasks.tools import ToolFailed
from integrations.http.door import Door, Fetched
from integrations.http.errors import FetchError
from integrations.links.page import MAX_TITLE, decoded, plain

MAX_BYTES, TIMEOUT_S = 5_000_000, 20.0
EXTRACT_S = 15.0
"""By the clock; the process that extracts limits its processor time and memory itself."""
HTML = ("text/html", "application/xhtml+xml")
TEXT = ("text/*", "application/json", "application/xml", "application/rss+xml", "application/atom+xml")
PDF = "application/pdf"


def read(url: str, door: Door) -> Page:
    """Raises ToolFailed in words: refused by the guard, not reached, no success, or of a kind that nobody can read."""
    try:
        found = door.get(url, max_bytes=MAX_BYTES, timeout_s=TIMEOUT_S, accept=(*HTML, *TEXT, PDF))
    except FetchError as error:
        raise ToolFailed(str(error), remedy=error.remedy) from error
    host = urlsplit(found.url).hostname or found.url
    if not 200 <= found.status < 300:
        raise ToolFailed(
            f"{host} answers {found.status} instead of the page.", remedy="Look for it elsewhere."
        )
    if found.content_type == PDF or found.body.startswith(b"%PDF-"):
        return Page(found.url, _name(found.url), "", PDF, found.body)
    text = decoded(found.body, found.charset)
    if found.content_type in HTML:
        return _extracted(found, text, host)
    return Page(found.url, _name(found.url), text, found.content_type)


def _extracted(found: Fetched, html: str, host: str) -> Page:
    argv = [sys.executable, "-I", str(Path(__file__).with_name("extract.py")), found.url]
    try:
        ended = subprocess.run(  # noqa: S603  our own program; what strangers wrote comes in by its standard input
            argv, input=html.encode(errors="replace"), capture_output=True, env={}, timeout=EXTRACT_S
        )
    except subprocess.TimeoutExpired as error:
        raise ToolFailed(
            f"The page at {host} takes too long to read.", remedy="Use another source."
        ) from error
    if ended.returncode:
        raise ToolFailed(f"The page at {host} cannot be read.", remedy="Use another source.")
    page = json.loads(ended.stdout)
    title = plain(page["title"], MAX_TITLE) or _name(found.url)
    return Page(found.url, title, page["text"], found.content_type)


def _name(url: str) -> str:
    """What to call something that has no title: its file's name, or its host."""
    parts = urlsplit(url)
    return plain(unquote(parts.path.rstrip("/").rpartition("/")[2]), MAX_TITLE) or parts.hostname or url
