"""What goes into one message of a chat, and what does not: that is attached in whole, and never lost."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple, TypeVar

from bot.cards import Block, Card, Text, plain
from bot.invisible import named
from bot.split import clip

BEGINNING = 300
"""Characters that are shown of a text that is attached in whole."""
P = TypeVar("P")
"""A piece of a message as the chat takes it."""


@dataclass(frozen=True, slots=True)
class Overflow:
    """What did not fit into one message, in whole: a text file."""

    name: str
    text: str


class Room(NamedTuple):
    """What pieces take, or how much they may."""

    pieces: int
    size: int


def fitted(
    body: Sequence[tuple[Block, list[P]]],
    room: Room,
    *,
    measure: Callable[[Sequence[P]], Room],
    remark: list[P],
    draw: Callable[[Block], list[P]],
) -> tuple[list[P], list[Block]]:
    """The pieces to send, and the blocks that are left for a file.

    In order: a part that has no room is left out, a smaller one after it may still have some. Each gap has a remark, for
    which room is kept free from the start.
    """
    every = [piece for _, made in body for piece in made]
    if _holds(room, measure(every)):
        return every, []
    kept: list[P] = []
    left: list[Block] = []
    free = _less(room, measure(remark))
    for block, made in body:
        if _holds(free, measure(made)):
            kept += made
            free = _less(free, measure(made))
            continue
        left.append(block)
        start = _beginning(block, draw)
        if _holds(free, measure(start)):
            kept += start
            free = _less(free, measure(start))
        if kept[-len(remark) :] != remark:
            kept += remark
            free = _less(free, measure(remark))
    return kept, left


def in_whole(card: Card, left: Sequence[Block]) -> str:
    """In words; addresses are named only here, where none of them can be opened."""
    return named(plain(replace(card, blocks=tuple(left), buttons=(), menu=None)))


def file_name(title: str) -> str:
    """ "Ada drafted for Bluesky" -> "ada-drafted-for-bluesky.txt"."""
    return f"{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')[:60] or 'card'}.txt"


def _beginning(block: Block, draw: Callable[[Block], list[P]]) -> list[P]:
    """Of a long text that nobody approves; a part of what is approved would look like the whole."""
    if isinstance(block, Text) and not block.whole:
        return draw(replace(block, text=clip(block.text, BEGINNING)))
    return []


def _holds(room: Room, cost: Room) -> bool:
    return cost.pieces <= room.pieces and cost.size <= room.size


def _less(room: Room, cost: Room) -> Room:
    return Room(room.pieces - cost.pieces, room.size - cost.size)
