"""Addresses of the web in what others wrote: which words are one, and which may be opened."""

from __future__ import annotations

import re

from bot.invisible import INVISIBLE
from bot.split import units

URL = re.compile(r"https?://[^\s<>\"“”|]+", re.IGNORECASE)
_AFTER_URL = ".,;:!?'’)]}»…"


def urls(text: str) -> list[tuple[str, bool]]:
    """The text in pieces, each with whether it is an address of the web to open. Joined they are the text."""
    pieces: list[tuple[str, bool]] = []
    end = 0
    for found in URL.finditer(text):
        url = _without_closing(found.group())
        if not is_web(url):
            continue
        pieces += [(text[end : found.start()], False), (url, True)]
        end = found.start() + len(url)
    return [(piece, is_url) for piece, is_url in [*pieces, (text[end:], False)] if piece]


def is_web(url: str, limit: int = 3000) -> bool:
    """Whether a chat may be given it as something to open: http(s), nothing hidden in it (or named there), not too long."""
    hidden = INVISIBLE.search(url) or "[U+" in url
    return URL.fullmatch(url) is not None and units(url) <= limit and not hidden


def _without_closing(url: str) -> str:
    """Without the punctuation after it; a bracket that was opened in it belongs to it."""
    while url and url[-1] in _AFTER_URL and not (url[-1] == ")" and url.count("(") >= url.count(")")):
        url = url[:-1]
    return url
