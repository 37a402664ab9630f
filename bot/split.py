"""Texts in pieces of a length, without a lost character and without a torn one."""

from __future__ import annotations

import regex

_GRAPHEME = regex.compile(r"\X")
_SEAMS = ("\n\n", "\n", " ")
"""Where a text may be cut, best first; the seam stays with what is before it."""


def units(text: str) -> int:
    """Length in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def split(text: str, limit: int) -> list[str]:
    """Pieces of at most `limit` UTF-16 units, which joined are the text; [] for none.

    Cut after a paragraph, else a line, else a word, else a grapheme. A single grapheme that is longer than the limit
    (a tower of combining marks) is cut between its code points.  limit: ≥ 2.
    """
    pieces: list[str] = []
    rest = text
    while units(rest) > limit:
        end = _cut(rest, limit)
        pieces.append(rest[:end])
        rest = rest[end:]
    return [*pieces, rest] if rest else pieces


def clip(text: str, limit: int) -> str:
    """At most `limit` UTF-16 units, with … where something is missing."""
    return text if units(text) <= limit else text[: _cut(text, limit - 1)].rstrip() + "…"


def _cut(text: str, limit: int) -> int:
    """The index to cut at: > 0, before it at most `limit` units."""
    most = room(text, limit)
    ends = [found.end() for found in _GRAPHEME.finditer(text, 0, min(len(text), most + 1))]
    fitting = [end for end in ends if end <= most]
    for seam in _SEAMS:
        for end in reversed(fitting):
            if end < most // 2:
                break
            if text.endswith(seam, 0, end):
                return end
    return fitting[-1] if fitting else most


def room(text: str, limit: int) -> int:
    """How many code points fit into `limit` UTF-16 units."""
    used = 0
    for index, sign in enumerate(text):
        used += 2 if sign > "\uffff" else 1
        if used > limit:
            return index
    return len(text)
