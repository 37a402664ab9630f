"""A card as a message of Slack: the twin of the console's renderer. Pure: no clock, no network.

Head (title, who speaks and how it stands), the blocks, one row of buttons. What does not fit into one message is told where
it would stand, and goes in whole into a file that the wire attaches to the card's thread.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields, is_dataclass, replace
from datetime import datetime
from typing import Any

from bot.cards import Author, Block, Card, Link, Picture, Text, Tone, plain
from bot.invisible import named
from bot.slack import blocks as parts
from bot.slack import buttons, figures
from bot.slack.limits import size
from bot.slack.mrkdwn import escape
from bot.slack.rich import Json
from bot.slack.split import clip, units

NOTIFICATION = 300
"""Characters of a message's text: a telephone shows fewer."""
BEGINNING = 300
"""Characters that are shown of a text that is attached in whole."""
OURSELVES = Author("Troupe")
"""Slack writes the app's name over each of its messages."""
_LIGHTS = {Tone.NEUTRAL: "⚪", Tone.WAITING: "🟡", Tone.BUSY: "🔵", Tone.GOOD: "🟢", Tone.BAD: "🔴"}


@dataclass(frozen=True, slots=True)
class Overflow:
    """What did not fit into one message, in whole: a text file for the card's thread."""

    name: str
    text: str


@dataclass(frozen=True, slots=True)
class Message:
    """text: for notifications and screen readers, escaped; send it with `mrkdwn: false`."""

    text: str
    blocks: list[Json]
    overflow: tuple[Overflow, ...] = ()


def message(card: Card, *, files: Mapping[str, str] = {}, now: datetime) -> Message:
    """The card as it is sent.

    files: picture id -> Slack file id; a picture that is not in it is told in words.
    now: as the twins take it; it changes nothing here, for Slack's clients tell times by themselves.
    """
    shown = visible(card)
    head, body, tail = _laid_out(shown, files)
    kept, left = _fitted(body, head, tail, file_name(shown.title))
    overflow = (Overflow(file_name(shown.title), _in_whole(shown, left)),) if left else ()
    blocks = [*head, *kept, *tail] or parts.context("This card is empty.")
    return Message(_notification(shown), blocks, overflow)


def whole(card: Card, *, files: Mapping[str, str] = {}) -> tuple[list[Json], list[Json]]:
    """For a view, which may be longer: all that the card tells, and what can be pressed."""
    head, body, tail = _laid_out(visible(card), files)
    return [*head, *(each for _, made in body for each in made)], tail


def pictures(card: Card) -> tuple[str, ...]:
    """Ids of the pictures that it shows, each once."""
    ids = [
        b.source if isinstance(b, Picture) else b.thumb for b in card.blocks if isinstance(b, Picture | Link)
    ]
    return tuple(dict.fromkeys(id for id in ids if id))


def file_name(title: str) -> str:
    """ "Ada drafted for Bluesky" -> "ada-drafted-for-bluesky.txt"."""
    return f"{re.sub(r'[^a-z0-9]+', '-', title.lower()).strip('-')[:60] or 'card'}.txt"


def _notification(card: Card) -> str:
    words = " ".join(f"{card.title}{f' [{card.badge}]' if card.badge.strip() else ''}".split())
    return escape(clip(words, NOTIFICATION)) or "Troupe"


def _standing(card: Card) -> str:
    """How the card stands, if it says so; and who speaks, unless it is the app itself or the title begins with the name."""
    said = card.author == OURSELVES or card.title.startswith(card.author.name)
    by = "" if said else card.author.name
    badge = f"{_LIGHTS[card.tone]} {card.badge}" if card.badge.strip() else ""
    return "  ·  ".join(part for part in (badge, by) if part.strip())


def _laid_out(
    card: Card, files: Mapping[str, str]
) -> tuple[list[Json], list[tuple[Block, list[Json]]], list[Json]]:
    """Head, body and buttons, however long."""
    head = [*parts.header(card.title), *parts.context(_standing(card))]
    return head, [(block, parts.of(block, files)) for block in _body(card)], buttons.row(card)


def _body(card: Card) -> list[Block]:
    """The card's blocks, and what head and buttons could not say in full."""
    title = [Text(card.title, "heading")] if units(" ".join(card.title.split())) > figures.HEADER else []
    told = buttons.words(card)
    return [*title, *card.blocks, *([Text(told)] if told else [])]


def _fitted(
    body: list[tuple[Block, list[Json]]], head: list[Json], tail: list[Json], name: str
) -> tuple[list[Json], list[Block]]:
    """The blocks to send, and what is left for the file.

    In order: a part that has no room is left out, a smaller one after it may still have some. Each gap has a remark, for
    which room is kept free from the start.
    """
    blocks = figures.MESSAGE_BLOCKS - len(head) - len(tail)
    room = figures.MESSAGE_SIZE - size(head) - size(tail)
    costs = [size(made) for _, made in body]
    if sum(len(made) for _, made in body) <= blocks and sum(costs) <= room:
        return [each for _, made in body for each in made], []
    remark = parts.context(
        f"📎 What stands here is too long for one message. It is in whole in {name}, in this card's thread."
    )
    kept: list[Json] = []
    left: list[Block] = []
    for (block, made), cost in zip(body, costs, strict=True):
        if len(kept) + len(made) < blocks and cost + size(remark) <= room:
            kept += made
            room -= cost
            continue
        left.append(block)
        start = _beginning(block)
        if len(kept) + len(start) < blocks and size(start) + size(remark) <= room:
            kept += start
            room -= size(start)
        if kept[-1:] != remark:
            kept += remark
            room -= size(remark)
    return kept, left


def _beginning(block: Block) -> list[Json]:
    """Of a long text that nobody approves; a part of what is approved would look like the whole."""
    if isinstance(block, Text) and not block.whole:
        return parts.of(replace(block, text=clip(block.text, BEGINNING)), {})
    return []


def _in_whole(card: Card, left: list[Block]) -> str:
    """In words; addresses are named only here, where none of them can be opened."""
    return named(plain(replace(card, blocks=tuple(left), buttons=(), menu=None)))


_IDS = {"action", "url", "source", "thumb", "avatar", "id", "subject", "audience"}


def visible(value: Any) -> Any:
    """The same with every invisible sign in its words named; ids and addresses are left alone."""
    if isinstance(value, str) and not isinstance(value, Tone):
        return named(value)
    if isinstance(value, tuple):
        return tuple(visible(each) for each in value)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(
            value, **{f.name: visible(getattr(value, f.name)) for f in fields(value) if f.name not in _IDS}
        )
    return value
