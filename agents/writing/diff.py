"""What changed between two versions, word by word, in stretches that a person can read."""

from __future__ import annotations

from itertools import groupby
from typing import Literal, NamedTuple

import regex
from rapidfuzz.distance import Indel

Kind = Literal["same", "added", "removed"]

WORD = regex.compile(
    r"https?://\S+"
    r"|\s+"
    r"|[\p{Han}\p{Hiragana}\p{Katakana}\p{Thai}]\p{M}*"  # no spaces between words: each sign for itself
    r"|[\w\p{M}]+(?:['’\-][\w\p{M}]+)*"
    r"|\X",
    regex.IGNORECASE,
)
OUTPUT: dict[str, Kind] = {"equal": "same", "insert": "added", "delete": "removed"}


class Piece(NamedTuple):
    """A stretch of text.  same + removed, in order, is the text before; same + added is the text after."""

    kind: Kind
    text: str


class _Change(NamedTuple):
    """`same` text, then what took the place of what."""

    same: str
    removed: str
    added: str


def diff_words(before: str, after: str) -> tuple[Piece, ...]:
    """The pieces in reading order; where words were replaced, what was removed stands before what was added."""
    pieces = []
    for change in _readable(_changes(WORD.findall(before), WORD.findall(after))):
        pieces += [Piece("same", change.same), Piece("removed", change.removed), Piece("added", change.added)]
    return tuple(piece for piece in pieces if piece.text)


def _changes(old: list[str], new: list[str]) -> list[_Change]:
    """Alternating: the same, then what differs. Every part may be empty."""
    changes: list[_Change] = []
    same = ""
    for is_same, codes in groupby(Indel.opcodes(old, new), key=lambda code: code.tag == "equal"):
        run = list(codes)
        if is_same:
            same = "".join("".join(old[c.src_start : c.src_end]) for c in run)
            continue
        removed = "".join("".join(old[c.src_start : c.src_end]) for c in run)
        added = "".join("".join(new[c.dest_start : c.dest_end]) for c in run)
        changes.append(_Change(same, removed, added))
        same = ""
    return [*changes, _Change(same, "", "")]


def _readable(changes: list[_Change]) -> list[_Change]:
    """Joins changes that only a word or a space parts: two half-sentences read better than a salad of words."""
    joined: list[_Change] = []
    for change in changes:
        if joined and _is_crumb(change.same, joined[-1], change):
            last = joined[-1]
            change = _Change(
                last.same,
                last.removed + change.same + change.removed,
                last.added + change.same + change.added,
            )
            joined[-1] = change
        else:
            joined.append(change)
    return joined


def _is_crumb(same: str, left: _Change, right: _Change) -> bool:
    """True for what stayed by chance: shorter than the changes on both its sides, and not across a paragraph."""
    if not (right.removed or right.added) or "\n\n" in same:
        return False
    sizes = [max(len(c.removed), len(c.added)) for c in (left, right)]
    return not any(map(str.isalnum, same)) or (len(same.strip()) < min(sizes) and len(same.split()) <= 2)
