"""The one small language that every surface renders: a card is a value, a platform is a function from it.

All text is plain: the renderer escapes it, nobody else does. A `datetime` is shown in the reader's own zone.
What is being approved is never clipped; a renderer pages or attaches it (`Text.whole`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Literal

from agents.errors import Invalid
from agents.events import Subject

ACTION_LIMIT = 96
"""Longest `verb:id:fingerprint`: Discord's custom_id is the narrowest door, 100 (message components reference), and a chat
puts up to four marks of its own before it (`bot.discord.ids`)."""


class Tone(StrEnum):
    """What the card's badge says at a glance."""

    NEUTRAL = "neutral"
    WAITING = "waiting"
    BUSY = "busy"
    GOOD = "good"
    BAD = "bad"


@dataclass(frozen=True, slots=True)
class Text:
    """A paragraph.  whole: never clipped, because somebody approves it."""

    text: str
    style: Literal["plain", "muted", "quote", "code", "heading"] = "plain"
    whole: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """A short fact: a name and its value."""

    name: str
    value: str | datetime


@dataclass(frozen=True, slots=True)
class Fields:
    fields: tuple[Field, ...]


@dataclass(frozen=True, slots=True)
class Checks:
    """Rules that were applied, each with the reason when it did not pass."""

    items: tuple[Check, ...]


@dataclass(frozen=True, slots=True)
class Check:
    name: str
    state: str
    """passed, warned, failed, skipped, or pending while somebody still looks."""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Diff:
    """Word by word, against the version before."""

    pieces: tuple[tuple[Literal["same", "added", "removed"], str], ...]
    title: str = ""


@dataclass(frozen=True, slots=True)
class Picture:
    """`source` is a picture id (bytes come from storage) ; alt is its alternative text.

    goes_out: it is a part of a post, so people read its alternative text beside it and approve that, too.
    """

    source: str
    alt: str
    title: str = ""
    goes_out: bool = True


@dataclass(frozen=True, slots=True)
class Chart:
    """`series` maps a name to one value for each label."""

    title: str
    kind: Literal["bar", "line", "pie"]
    labels: tuple[str, ...]
    series: tuple[tuple[str, tuple[float, ...]], ...]


@dataclass(frozen=True, slots=True)
class Progress:
    """`done` of `total` steps; total 0 when nobody can know."""

    label: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True, slots=True)
class Stream:
    """Text that is still being written."""

    text: str
    done: bool = False


@dataclass(frozen=True, slots=True)
class File:
    """A file to download; `source` is its id."""

    source: str
    name: str
    bytes: int


@dataclass(frozen=True, slots=True)
class Link:
    """A preview of a page that a post links to."""

    url: str
    title: str
    description: str = ""
    thumb: str = ""
    """A picture id, or ""."""


Block = Text | Fields | Checks | Diff | Picture | Chart | Progress | Stream | File | Link


@dataclass(frozen=True, slots=True)
class Confirm:
    """Asked before an effect that cannot be undone."""

    question: str
    yes: str = "Yes"
    no: str = "No"


@dataclass(frozen=True, slots=True)
class Button:
    """`action` is "verb:id:fingerprint"; or `url` opens a page. A form button's label ends in …"""

    label: str
    action: str = ""
    style: Literal["plain", "primary", "danger"] = "plain"
    confirm: Confirm | None = None
    url: str = ""

    def __post_init__(self) -> None:
        if bool(self.action) == bool(self.url):
            raise ValueError(f"button {self.label!r} needs an action or an url, and not both")
        if len(self.action) > ACTION_LIMIT:
            raise ValueError(f"action {self.action!r} is longer than {ACTION_LIMIT} characters")


@dataclass(frozen=True, slots=True)
class Menu:
    """Buttons that are not worth a place of their own."""

    label: str
    options: tuple[Button, ...]


@dataclass(frozen=True, slots=True)
class Author:
    """Who speaks.  avatar: a picture id, or "" for one made from the name."""

    name: str
    kind: Literal["persona", "person", "troupe"] = "troupe"
    id: str = ""
    avatar: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One message of the product.

    title: must make sense alone, as a notification does.
    subject: what it shows the present state of; a card with a subject stands in its channel and lives, one
        without is an answer that is shown once.
    badge: one or two words about the state.
    audience: the id of the one person who may see it, "" for everybody in the channel.
    """

    title: str
    blocks: tuple[Block, ...] = ()
    buttons: tuple[Button, ...] = ()
    menu: Menu | None = None
    author: Author = Author("Troupe")
    badge: str = ""
    tone: Tone = Tone.NEUTRAL
    subject: Subject | None = None
    audience: str = ""

    @property
    def all_buttons(self) -> tuple[Button, ...]:
        return self.buttons + (self.menu.options if self.menu else ())


def action(verb: str, id: str, fingerprint: str = "") -> str:
    """The text that a button carries. Raises ValueError if a part holds a colon or the whole is over the limit."""
    if any(":" in part for part in (verb, id, fingerprint)):
        raise ValueError(f"a part of action {verb!r}, {id!r}, {fingerprint!r} holds a colon")
    text = f"{verb}:{id}:{fingerprint}"
    if len(text) > ACTION_LIMIT:
        raise ValueError(f"action {text!r} is longer than {ACTION_LIMIT} characters")
    return text


def parse_action(text: str) -> tuple[str, str, str]:
    """verb, id, fingerprint. Raises Invalid for anything else."""
    parts = text.split(":")
    if len(parts) != 3 or not parts[0] or not parts[1] or len(text) > ACTION_LIMIT:
        raise Invalid(
            f"{text[:40]!r} is not a button of Troupe.",
            remedy="Buttons look like verb:id:fingerprint.",
            field="action",
        )
    return parts[0], parts[1], parts[2]


def plain(card: Card) -> str:
    """The card in words, for notifications, screen readers, terminals and tests."""
    lines = [f"{card.title}{f' [{card.badge}]' if card.badge else ''}"]
    for block in card.blocks:
        lines += _lines(block)
    if card.all_buttons:
        lines.append(" ".join(f"[{button.label}]" for button in card.all_buttons))
    return "\n".join(line for line in lines if line)


def pictures(card: Card) -> tuple[str, ...]:
    """Ids of the pictures that it shows, previews included, each once."""
    ids = [
        b.source if isinstance(b, Picture) else b.thumb for b in card.blocks if isinstance(b, Picture | Link)
    ]
    return tuple(dict.fromkeys(id for id in ids if id))


def files(card: Card) -> tuple[File, ...]:
    """What it hands over, each once."""
    found = {block.source: block for block in card.blocks if isinstance(block, File)}
    return tuple(found.values())


def moment(value: str | datetime) -> str:
    """A field's value in words where there is no reader: times in UTC."""
    return value if isinstance(value, str) else f"{value:%Y-%m-%d %H:%M} UTC"


_MARKS = {"passed": "✓", "warned": "!", "failed": "✗", "skipped": "–", "pending": "…"}


def _lines(block: Block) -> Sequence[str]:
    match block:
        case Text(text):
            return [text]
        case Fields(fields):
            return [f"{field.name}: {moment(field.value)}" for field in fields]
        case Checks(items):
            return [f"{_MARKS[c.state]} {c.name}{f': {c.reason}' if c.reason else ''}" for c in items]
        case Diff(pieces, title):
            marks = {"same": "{}", "added": "[+{}+]", "removed": "[-{}-]"}
            return [title, "".join(marks[kind].format(text) for kind, text in pieces)]
        case Picture(_, alt, title, _):
            return [f"[picture: {': '.join(filter(None, (title, alt)))}]"]
        case Chart(title, _, labels, series):
            return [title] + [
                f"{name}: "
                + ", ".join(f"{label} {value:g}" for label, value in zip(labels, values, strict=True))
                for name, values in series
            ]
        case Progress(label, done, total):
            return [f"{label} ({done} of {total})" if total else f"{label}…"]
        case Stream(text, done):
            return [text if done else f"{text}…"]
        case File(_, name, size):
            return [f"[file: {name}, {size:,} bytes]"]
        case Link(url, title, description):
            return [f"[link: {title} — {url}]", description]
