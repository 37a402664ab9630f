"""A long text in several inputs, where a chat takes only so much in each. What was cut is joined again, to the letter."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from bot.split import room, split

_LONGEST_GLUE = 40
_LETTERS = {"\n": "n", " ": "s"}
_SIGNS = {letter: sign for sign, letter in _LETTERS.items()}
_HEAD, _TAIL = re.compile(r"[ \n]*"), re.compile(r"[ \n]*\Z")
_BLOCK = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(?:~([2-9]|[1-9][0-9])~([ns]{0,40}))?")


@dataclass(frozen=True, slots=True)
class Part:
    """glue: the white space between the part before and this one. It travels in the block's id and stands in no
    input, where it would be at an edge: people and clients trim edges."""

    glue: str
    text: str


def parts_of(text: str, limit: int) -> tuple[Part, ...]:
    """At least one, each fit for an input; cut between paragraphs, lines or words where that is possible."""
    first, *others = split(text, limit) or [""]
    parts = [Part("", first)]
    for piece in others:
        before, after, glue = _loosened(parts[-1].text, piece)
        parts[-1] = replace(parts[-1], text=before)
        parts.append(Part(glue, after))
    return tuple(parts)


def brimful(text: str, limit: int) -> tuple[Part, ...]:
    """The same in as few parts as can be, cut anywhere: for inputs that somebody filled to the brim. White space at its end is left out."""
    parts: list[Part] = []
    glue, rest = "", text
    while rest or not parts:
        end = room(rest, limit)
        parts.append(Part(glue, rest[:end]))
        rest = rest[end:]
        head = _HEAD.match(rest)
        glue = head[0][:_LONGEST_GLUE] if head else ""
        rest = rest[len(glue) :]
    return tuple(parts)


def join(parts: Iterable[Part]) -> str:
    """The one text. An input that was left or made empty counts as none, with its glue."""
    first, *others = [part for part in parts if part.text] or [Part("", "")]
    return first.text + "".join(part.glue + part.text for part in others)


def block_id(name: str, number: int, glue: str) -> str:
    """number: from 1. The first part's is the field's own name, so that its errors find it."""
    return name if number == 1 else f"{name}~{number}~{''.join(_LETTERS[sign] for sign in glue)}"


def place_of(id: str) -> tuple[str, int, str] | None:
    """name, number and glue; None for what `block_id` never made."""
    found = _BLOCK.fullmatch(id)
    if found is None:
        return None
    return found[1], int(found[2] or 1), "".join(_SIGNS[letter] for letter in found[3] or "")


def _loosened(before: str, after: str) -> tuple[str, str, str]:
    """Both without the white space that parts them, and that; as they are where there is nothing else, or too much."""
    head, tail = _HEAD.match(after), _TAIL.search(before)
    if head is None or tail is None:
        return before, after, ""
    glue, left, right = tail[0] + head[0], before[: tail.start()], after[head.end() :]
    return (left, right, glue) if left and right and len(glue) <= _LONGEST_GLUE else (before, after, "")
