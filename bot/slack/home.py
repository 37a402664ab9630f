"""The App Home: lists of the product as a view. An entry is two blocks at most, and never cut: what is decided on is whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from bot.addresses import is_web
from bot.cards import Block, Card, Field, Fields, Text, moment, plain
from bot.invisible import visible
from bot.present.home import Section
from bot.slack import blocks, buttons, figures, mrkdwn, render, rich
from bot.slack.limits import view_size
from bot.slack.rich import Json, text
from bot.split import units

_FRAME = 1000
"""Bytes for the view around its blocks."""
_LEFT_OUT = "More stands here than Slack shows. /post queue in a channel shows it."


@dataclass(frozen=True, slots=True)
class _List:
    """A section as blocks, entry by entry."""

    head: list[Json]
    entries: tuple[list[Json], ...]
    tail: list[Json]

    @property
    def blocks(self) -> list[Json]:
        return [*self.head, *(block for entry in self.entries for block in entry), *self.tail]


def view(sections: Sequence[Section], now: datetime) -> Json:
    """The same lists are the same view, whenever it is drawn.  now: as the twins take it; Slack's clients tell times."""
    lists = _fitted([_list(section) for section in sections])
    return {"type": "home", "blocks": [block for one in lists for block in one.blocks]}


def stranger(card: Card) -> Json:
    """For somebody whom nobody here knows.  card: what they are told anywhere else."""
    told, pressed = render.whole(card)
    return {"type": "home", "blocks": [*told, *pressed]}


def _list(section: Section) -> _List:
    shown: Section = visible(section)
    row = Card(shown.title, buttons=shown.buttons)
    entries = tuple(_entry(card) for card in shown.cards)
    tail = blocks.context(shown.more if entries else shown.empty)
    return _List([*blocks.header(shown.title), *buttons.row(row)], entries, tail)


def _fitted(lists: list[_List]) -> list[_List]:
    """Whole entries are left out, the last ones of the longest list first; the list then says so."""
    while any(one.entries for one in lists) and not _fits([b for one in lists for b in one.blocks]):
        longest = max(lists, key=lambda one: view_size(one.blocks))
        shorter = replace(longest, entries=longest.entries[:-1], tail=blocks.context(_LEFT_OUT))
        lists = [shorter if one is longest else one for one in lists]
    return lists


def _fits(made: list[Json]) -> bool:
    return len(made) <= figures.VIEW_BLOCKS and view_size(made) <= figures.VIEW_SIZE - _FRAME


def _entry(card: Card) -> list[Json]:
    """Title, state and what it says in one block, buttons in another; a page to open is the title's own link.

    What is too long for one block, which the lists of `present.home` never are, is a card like any other.
    """
    if units(plain(card)) > figures.TEXT:
        told, pressed = render.whole(card)
        return [*told, *pressed]
    page = card.buttons[0].url if len(card.buttons) == 1 and is_web(card.buttons[0].url) else ""
    name = rich.link(page, card.title, bold=True) if page else text(card.title, bold=True)
    first = _section([name, *rich.words(card.badge and f"  ·  {card.badge}")])
    parts = [first, *(part for block in card.blocks if (part := _part(block))["elements"])]
    return [{"type": "rich_text", "elements": parts}, *([] if page else buttons.row(card))]


def _part(block: Block) -> Json:
    match block:
        case Text(words, "quote"):
            return {"type": "rich_text_quote", "elements": rich.prose(words)}
        case Text(words):
            return _section(rich.prose(words))
        case Fields(fields):
            return _section([element for field in fields for element in _fact(field)])
    raise TypeError(f"no {type(block).__name__} in a list")


def _fact(field: Field) -> list[Json]:
    value = rich.words(field.value) if isinstance(field.value, str) else [_date(field.value)]
    return [text(f"{field.name}: "), *value, text("   ")]


def _section(elements: list[Json]) -> Json:
    return {"type": "rich_text_section", "elements": elements}


def _date(at: datetime) -> Json:
    """In the zone and the habits of whoever reads it."""
    return {
        "type": "date",
        "timestamp": int(at.timestamp()),
        "format": mrkdwn.DATE_FORMAT,
        "fallback": moment(at),
    }
