"""How long a text is, as each platform counts it."""

from __future__ import annotations

import regex


def graphemes(text: str) -> int:
    """Extended grapheme clusters (UAX #29), as Bluesky counts: a family emoji is one, so is é in two code points."""
    return len(regex.findall(r"\X", text)) if not text.isascii() or "\r" in text else len(text)


def utf8_bytes(text: str) -> int:
    return len(text.encode())


def clip(text: str, limit: int) -> str:
    """At most `limit` graphemes; a clipped text ends in … so that people see it was."""
    clusters: list[str] = regex.findall(r"\X", text)
    return text if len(clusters) <= limit else "".join(clusters[: limit - 1]) + "…"
