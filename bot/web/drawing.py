"""Cards and messages as they stand on a page: drawn from the present, each marked with the subject that it shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from markupsafe import Markup

from agents.events import Subject
from agents.people import Person
from agents.talk.message import Message
from agents.writing.post import State
from bot.cards import Author, Card
from bot.present.draw import draw
from bot.times import zone_named
from bot.web.render import avatar_html, card_html
from bot.web.times import time_html
from bot.web.words import attribute, prose, shown
from storage.unit_of_work import UnitOfWork

_MENTION_CLASS = {"person": "person", "persona": "persona", "system": "troupe"}


def counts(work: UnitOfWork) -> dict[str, Any]:
    """What the menu tells on every page: how much waits behind an address, and whether Troupe is halted."""
    halted = work.switches.halted
    return {
        "counts": {
            "/queue": work.posts.count([State.IN_REVIEW]),
            "/status": len(work.alerts.unresolved()),
        },
        "halted": f"Halted by {halted.get('by', 'somebody')}: nothing goes out." if halted else "",
    }


def live(subject: Subject, work: UnitOfWork, reader: Person) -> Markup:
    """A card that is redrawn where it stands."""
    return living(subject, card_html(draw(subject, work, reader), zone_named(reader.zone), work.now))


def living(subject: Subject, html: Markup) -> Markup:
    return Markup('<div class="live" data-card="{}">{}</div>').format(attribute(str(subject)), html)


def note(card: Card, reader: Person, now: datetime) -> Markup:
    """An answer for one person, shown once. One about a subject lives as long as it is shown."""
    html = card_html(card, zone_named(reader.zone), now)
    return Markup(
        '<div class="note" tabindex="-1">{}<p class="only-you">Only you can see this. '
        '<button type="button" class="link" data-dismiss>Dismiss</button></p></div>'
    ).format(living(card.subject, html) if card.subject else html)


def items(messages: Sequence[Message], work: UnitOfWork, reader: Person, *, threads: bool = True) -> Markup:
    """Messages and cards in order.  threads: whether each offers its thread; inside of one none does."""
    sizes = work.messages.thread_sizes([m.own_thread for m in messages]) if threads else {}
    return Markup().join(item(message, work, reader, sizes if threads else None) for message in messages)


def item(message: Message, work: UnitOfWork, reader: Person, sizes: Mapping[str, int] | None) -> Markup:
    """sizes: how many answers each thread has; None where no thread is offered."""
    zone = zone_named(reader.zone)
    body = live(message.card, work, reader) if message.card else _said(message, zone, work)
    private = Markup('<p class="only-you">Only you can see this.</p>') if message.audience else Markup()
    foot = Markup() if sizes is None else _thread_button(message, sizes.get(message.own_thread, 0))
    return Markup('<li class="item" id="m{id}" data-message="{id}">{body}{private}{foot}</li>').format(
        id=message.id, body=body, private=private, foot=foot
    )


def _said(message: Message, zone: ZoneInfo, work: UnitOfWork) -> Markup:
    by = message.author
    author = Author(by.name, "troupe" if by.kind == "system" else by.kind, by.id)
    return Markup(
        '<article class="said {kind}" aria-label="{name}">{avatar}<div><header><b>{by}</b>{badge} {at}</header>'
        '<p class="text" dir="auto">{text}</p></div></article>'
    ).format(
        kind=_MENTION_CLASS[by.kind],
        name=attribute(by.name),
        avatar=avatar_html(author),
        by=shown(by.name),
        badge=Markup(' <span class="kind">AI</span>') if by.kind == "persona" else Markup(),
        at=time_html(message.at, zone, work.now),
        text=prose(message.text),
    )


def _thread_button(message: Message, size: int) -> Markup:
    words = {0: "Reply in thread", 1: "1 reply"}.get(size, f"{size} replies")
    return Markup('<button type="button" class="link thread-button{}" data-thread="{}">{}</button>').format(
        " has" if size else "", attribute(message.own_thread), words
    )
